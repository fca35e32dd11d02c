"""A training on disk: what is wanted, which process is at it, what it says, and what came of it.

plan.json         the TrainingPlan
process.json      the process that is at it, or was last
progress.log      JSON lines of `python -m detector train` and `compare`, of every time it was gone on with
errors.txt        what the last process complained of
run/              checkpoints, and run/version once it is written
verified.json     the version was verified
measured.json     what `python -m detector compare` wrote of the new version and the active one
comparison.json   the Comparison
"""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile

from annotator.domain.errors import KnuckleError
from annotator.domain.training import TrainingPlan
from annotator.domain.version_comparison import Comparison

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
PATIENCE_MS = 10_000
"""How long to wait for another program that is at the same training."""


class Phase(StrEnum):
    """What a process is started for."""

    TRAIN = "train"
    COMPARE = "compare"


_FORMER = {"new", "active"}
"""Knuckle once measured the two versions by a process each: what they left is trained, and measured anew."""


@dataclass(frozen=True, slots=True)
class ProcessNote:
    """Which process is at a training. mark: as in `process_facts.mark_of`. paused: it was told to stop for a
    while. cancelled: somebody ended it. failed: why what it left cannot be used."""

    phase: Phase
    pid: int
    mark: str
    command: tuple[str, ...] = ()
    paused: bool = False
    cancelled: bool = False
    failed: str = ""


@dataclass(frozen=True, slots=True)
class TrainingFolder:
    """Where a training is kept. What cannot be written raises KnuckleError."""

    path: Path

    @property
    def log(self) -> Path:
        return self.path / "progress.log"

    @property
    def errors(self) -> Path:
        return self.path / "errors.txt"

    @property
    def run(self) -> Path:
        return self.path / "run"

    @property
    def version(self) -> Path:
        return self.run / "version"

    @property
    def measured(self) -> Path:
        return self.path / "measured.json"

    def make(self, plan: TrainingPlan) -> None:
        """Raises KnuckleError where there is one of this name."""
        with told():
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                self.path.mkdir(mode=0o700)
            except FileExistsError as error:
                raise KnuckleError(
                    f"There is a training {plan.name} already.", "Give another name, or go on with that one."
                ) from error
        self._write("plan.json", plan.to_json())

    def plan(self) -> TrainingPlan:
        """Raises KnuckleError where there is none."""
        try:
            return TrainingPlan.from_json((self.path / "plan.json").read_text("utf-8"))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise KnuckleError(
                f"There is no training {self.path.name}.", "See which there are with: knuckle training."
            ) from error

    def note(self) -> ProcessNote | None:
        """None before the first process."""
        said = self._json("process.json")
        try:
            phase = Phase.TRAIN if said["phase"] in _FORMER else Phase(said["phase"])
            known = {**said, "phase": phase, "command": tuple(said["command"])}
            return ProcessNote(**known)
        except (KeyError, TypeError, ValueError):
            return None

    def keep_note(self, note: ProcessNote) -> None:
        self._write("process.json", json.dumps(dataclasses.asdict(note), indent=1))

    def open_log(self) -> None:
        """The next line begins on a line of its own, also where the last process was killed over one."""
        with told(), self.log.open("ab+") as file:
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    file.write(b"\n")

    def complaint(self, phase: Phase) -> str:
        """The sentence with which the last process gave up, "" where it said none."""
        try:
            lines = self.errors.read_text("utf-8", "replace").strip().splitlines()
        except OSError:
            return ""
        said = [line.removeprefix(f"{phase}: ") for line in lines if line.startswith(f"{phase}: ")]
        if said:
            return said[-1]
        faulty = any(line.startswith(("Traceback", "Fatal Python error")) for line in lines)
        return f"It stopped at a fault in the program ({lines[-1].strip()})." if faulty else ""

    def what_was_measured(self) -> Mapping[str, Any] | None:
        """None where it is not there whole."""
        return self._json(self.measured.name) or None

    def verified(self) -> str:
        """The hash of the version that was verified, "" before."""
        return str(self._json("verified.json").get("sha256", ""))

    def keep_verified(self, sha256: str) -> None:
        self._write("verified.json", json.dumps({"sha256": sha256}))

    def comparison(self) -> Comparison | None:
        try:
            return Comparison.from_json((self.path / "comparison.json").read_text("utf-8"))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def keep_comparison(self, comparison: Comparison) -> None:
        self._write("comparison.json", comparison.to_json())

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else begins or ends a process here meanwhile. Raises KnuckleError where somebody does."""
        lock = QLockFile(str(self.path / "lock"))
        if not lock.tryLock(PATIENCE_MS):
            raise KnuckleError(
                f"Another program is at the training {self.path.name}, or its folder may not be written.",
                "Try again, and see that you may write to the data folder.",
            )
        try:
            yield
        finally:
            lock.unlock()

    def _json(self, name: str) -> dict[str, Any]:
        try:
            said = json.loads((self.path / name).read_bytes())
        except (OSError, ValueError):
            return {}
        return said if isinstance(said, dict) else {}

    def _write(self, name: str, text: str) -> None:
        """Whole, or not at all."""
        part = self.path / f".{name}.{secrets.token_hex(4)}.part"
        with told():
            try:
                part.write_text(text + "\n", "utf-8")
                part.replace(self.path / name)
            except OSError:
                part.unlink(missing_ok=True)
                raise


@contextmanager
def told() -> Iterator[None]:
    """What the disk refuses, in words."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise KnuckleError("The disk is full.", "Make room, then go on with the training.") from error
        raise KnuckleError(
            "The folder of the training cannot be written.",
            "Allow your user to write to the data folder.",
        ) from error
