"""Training a new version: what is wanted, how far it is, and how it compares with the active one."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from annotator.domain.errors import KnuckleError
from annotator.domain.version_comparison import Comparison
from annotator.domain.versions import DETECTORS

PRESETS = ("small", "paper")
"""small: some hours on two cores. paper: as published, days without a GPU."""

MOST_POINTS = 1000
"""Of a curve; of a longer one every second, fourth, ... point is kept."""


class Standing(StrEnum):
    RUNNING = "running"
    PAUSED = "paused"
    DUE = "due"
    """A step has ended well, and nobody has begun the next one yet."""
    FINISHED = "finished"
    FAILED = "failed"
    KILLED = "killed"
    CANCELLED = "cancelled"

    @property
    def can_go_on(self) -> bool:
        return self not in (Standing.RUNNING, Standing.FINISHED)


class Stage(StrEnum):
    STARTING = "starting"
    ANKYLOSIS = "ankylosis"
    SUBLUXATION = "subluxation"
    THRESHOLDS = "thresholds"
    VERIFYING = "verifying"
    COMPARING = "measuring both versions"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What a release says of itself. sha256: of its manifest, which names the hashes of all its files.

    folds: how many; 0 where it was not divided. test: it keeps patients out of every fold. after_proposals:
    labels whose reader had seen proposals of the image; 0 where nothing is said of it.
    """

    folder: str
    sha256: str
    images: int
    patients: int
    folds: int
    test: bool
    after_proposals: int = 0


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What is not as the preset has it; None leaves it. threads: cores, None means all."""

    epochs: int | None = None
    steps: int | None = None
    batch: int | None = None
    width: float | None = None
    checkpoint_every: int | None = None
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """What a training does, as it is written down when it begins.

    release, start, active: absolute folders. start: the version whose weights are begun with, "" for random
    ones. fold: held out to be measured on, counted from 1. watched: the fold for thresholds and curves, 0
    where that is `fold` too. active: the version that proposed then, "" where none did. after_proposals: as
    the release says it. Raises KnuckleError for what makes no sense.
    """

    name: str
    release: str
    release_sha256: str
    preset: str
    fold: int
    test: bool = False
    start: str = ""
    start_name: str = ""
    active: str = ""
    active_name: str = ""
    options: TrainingOptions = TrainingOptions()
    after_proposals: int = 0
    watched: int = 0

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}", self.name) or self.name.endswith("."):
            raise KnuckleError(
                "This cannot be the name of a version.",
                "Take up to 60 letters A to Z, digits, dots, dashes and underscores.",
            )
        if self.preset not in PRESETS:
            raise KnuckleError(f"There is no preset {self.preset}.", f"Take {' or '.join(PRESETS)}.")
        counts = (self.options.epochs, self.options.steps, self.options.batch, self.options.checkpoint_every)
        if any(count is not None and count < 1 for count in counts):
            raise KnuckleError(
                "Epochs, steps, crops a step and steps between checkpoints are at least 1.",
                "Give another number, or leave it to the preset.",
            )
        if self.start and self.options.width is not None:
            raise KnuckleError(
                "The width of the network is that of the version that is begun with.",
                "Leave the width out, or begin with random weights.",
            )

    @property
    def part(self) -> str:
        """The images both versions are measured on: the release's test patients, by which nothing is chosen,
        else the fold that was held out."""
        return "test" if self.test else str(self.fold)

    @property
    def chosen_there(self) -> bool:
        """The thresholds of the new version come from the images that it is measured on."""
        return not self.test and not self.watched

    @classmethod
    def from_json(cls, text: str) -> TrainingPlan:
        """Raises ValueError, TypeError or KnuckleError for what is no plan."""
        said = json.loads(text)
        return cls(**{**said, "options": TrainingOptions(**said["options"])})

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=1)


Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """The training of one detector. losses: step and loss; validation: epoch and loss on the held-out images.
    stride: one step of so many is kept."""

    finding: str
    losses: Points = ()
    validation: Points = ()
    stride: int = 1

    def with_step(self, step: int, epoch: float, loss: float, validation: float | None) -> Curve:
        """A step that was there already was done again, and so were all behind it."""
        losses = self.losses if not self.losses or self.losses[-1][0] < step else _before(self.losses, step)
        watched, stride = _before(self.validation, epoch), self.stride
        if step % stride == 0 or not losses:
            losses = (*losses, (step, loss))
        if len(losses) > MOST_POINTS:
            stride *= 2
            losses = tuple(point for point in losses if point[0] % stride == 0)
        if validation is not None:
            watched = (*watched, (epoch, validation))
        return Curve(self.finding, losses, watched, stride)


def _before(points: Points, place: float) -> Points:
    return (
        tuple(point for point in points if point[0] < place) if points and points[-1][0] >= place else points
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is, by its log. step: 0 before the first. seconds_left: of this detector.

    doing: the last words of the detector. sha256: of the version, once it is written. measured: images that
    a version was measured on, of how many, and which version that is. rest: the beginning of a line whose end
    is not written yet.
    """

    finding: str = ""
    step: int = 0
    steps: int = 0
    epoch: float = 0.0
    loss: float | None = None
    learning_rate: float | None = None
    validation: float | None = None
    seconds_left: float | None = None
    curves: tuple[Curve, ...] = ()
    doing: str = ""
    sha256: str = ""
    measured: tuple[int, int, str] = (0, 0, "")
    rest: bytes = b""

    def after(self, data: bytes) -> Progress:
        """With what was written since. A line that is cut off, or none of the detector's, is passed over."""
        *lines, rest = (self.rest + data).split(b"\n")
        progress = self
        for line in lines:
            try:
                said = json.loads(line)
                progress = progress._told(said) if isinstance(said, dict) else progress
            except (ValueError, KeyError, TypeError):
                continue
        return dataclasses.replace(progress, rest=rest)

    @property
    def seconds_in_all(self) -> float | None:
        """Both detectors are trained in turn, and take about the same time."""
        if self.seconds_left is None or self.finding == DETECTORS[-1]:
            return self.seconds_left
        open_steps = self.steps - self.step
        return self.seconds_left * (1 + self.steps / open_steps) if open_steps > 0 else None

    def _told(self, said: Mapping[str, Any]) -> Progress:
        if "version" in said:
            return dataclasses.replace(self, sha256=str(said["sha256"]), seconds_left=None)
        if "measured" in said:
            done = (int(said["measured"]), int(said["of"]), str(said["version_name"]))
            return dataclasses.replace(self, measured=done)
        if "doing" in said:
            return dataclasses.replace(self, doing=str(said["doing"]), seconds_left=None)
        finding, step, epoch = str(said["finding"]), int(said["step"]), float(said["epoch"])
        loss, validation = float(said["loss"]), said.get("validation")
        known = {curve.finding: curve for curve in self.curves}
        known[finding] = known.get(finding, Curve(finding)).with_step(step, epoch, loss, validation)
        kept = self.validation if finding == self.finding else None
        return dataclasses.replace(
            self,
            finding=finding,
            step=step,
            steps=int(said["steps"]),
            epoch=epoch,
            loss=loss,
            learning_rate=float(said["learning_rate"]),
            validation=kept if validation is None else float(validation),
            seconds_left=float(said["seconds_left"]),
            curves=tuple(known.values()),
            doing="",
        )


@dataclass(frozen=True, slots=True)
class TrainingState:
    """A training as it is found. message: why it failed. version: folder of the new version, "" before."""

    plan: TrainingPlan
    standing: Standing
    stage: Stage
    progress: Progress = Progress()
    message: str = ""
    comparison: Comparison | None = None
    version: str = ""
