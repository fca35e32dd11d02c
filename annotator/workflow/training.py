"""Training a new version in a process of its own, which goes on without this program.

Everything that is known of it lies in its folder (`training_folder`), so whoever looks there, a window or a
command, finds it as it is. When the detector is trained, somebody who looks has to begin what comes next:
`advance`.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import signal
import sys
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from PySide6.QtCore import QProcess

from annotator.domain.errors import KnuckleError
from annotator.domain.training import (
    PRESETS,
    Progress,
    Stage,
    Standing,
    TrainingOptions,
    TrainingPlan,
    TrainingState,
)
from annotator.domain.version_comparison import Comparison
from annotator.domain.versions import ModelVersion
from annotator.workflow import detection
from annotator.workflow.process_facts import is_stopped, mark_of, wait_until_stopped
from annotator.workflow.training_folder import Phase, ProcessNote, TrainingFolder, told

ROOT = Path(__file__).resolve().parents[2]
CAN_PAUSE = os.name == "posix"
AT_ONCE = 128 * 1024
"""Bytes of the log that are read in one look: some milliseconds."""


class Training:
    """One training, by its folder. Looking is quick; begin, go_on and advance read the release or verify the
    version, which takes a second. All but `look` raise KnuckleError where they cannot be done."""

    def __init__(self, folder: Path) -> None:
        self.folder = TrainingFolder(folder)
        self._plan: TrainingPlan | None = None
        self._progress, self._read = Progress(), 0
        self._comparison: Comparison | None = None

    @property
    def plan(self) -> TrainingPlan:
        if self._plan is None:
            self._plan = self.folder.plan()
        return self._plan

    def begin(self, plan: TrainingPlan) -> None:
        """Writes the plan down and starts the detector. Raises KnuckleError for a name that is taken, a
        release that is no longer what was planned with, and where torch is missing."""
        demand_torch()
        refuse_changed(plan)
        self.folder.make(plan)
        with self.folder.held():
            self._start(Phase.TRAIN)

    def look(self) -> TrainingState:
        """How it stands now; of a long log a part more at each look, `behind` until all is read."""
        note, standing = self.folder.note(), self._standing()
        self._read_on()
        phase = note.phase if note else Phase.TRAIN
        message = ""
        if standing is Standing.FAILED:
            message = (note.failed if note else "") or self.folder.complaint(phase)
        written = standing is Standing.FINISHED or bool(self.folder.verified())
        return TrainingState(
            self.plan,
            standing,
            self._stage(phase, standing),
            self._progress,
            message,
            self._comparison,
            str(self.folder.version) if written else "",
        )

    @property
    def behind(self) -> bool:
        """More of the log is there than was read."""
        return self._read < _size(self.folder.log)

    def pause(self) -> None:
        """The process stops where it is, and keeps its memory."""
        if not CAN_PAUSE:
            raise KnuckleError(
                "A training cannot be paused on this system.", "Cancel it; it goes on from there later."
            )
        with self.folder.held():
            note = self._running()
            os.kill(note.pid, signal.SIGSTOP)
            wait_until_stopped(note.pid, stopped=True)
            self.folder.keep_note(dataclasses.replace(note, paused=True))

    def go_on(self) -> None:
        """After a pause, a cancellation, a failure or a kill: from the last checkpoint of the detector."""
        standing = self._standing()
        if standing is Standing.DUE:
            self.advance()
        elif standing is Standing.PAUSED:
            with self.folder.held():
                note = self._running()
                os.kill(note.pid, signal.SIGCONT)
                wait_until_stopped(note.pid, stopped=False)
                self.folder.keep_note(dataclasses.replace(note, paused=False))
        elif standing.can_go_on:
            demand_torch()
            refuse_changed(self.plan)
            with self.folder.held():
                before = self.folder.note()
                self._start(before.phase if before else Phase.TRAIN)
        else:
            raise KnuckleError(
                f"The training {self.plan.name} is {standing}.", "There is nothing to go on with."
            )

    def cancel(self, *, at_once: bool = False) -> None:
        """The process is told to end; what it has put down stays. at_once: without a word to it."""
        with self.folder.held():
            note = self._running()
            self.folder.keep_note(dataclasses.replace(note, cancelled=True))
            os.kill(note.pid, _KILL if at_once else signal.SIGTERM)
            if CAN_PAUSE:
                os.kill(note.pid, signal.SIGCONT)  # what is stopped hears nothing

    def advance(self) -> None:
        """Begin what comes next, where a step has ended well: verify the version, measure it and the active
        one on the same images, compare. Nothing where nothing is due."""
        with self.folder.held():
            note = self.folder.note()
            if note is None or self._standing() is not Standing.DUE:
                return
            try:
                self._advance(note)
            except KnuckleError as error:
                self.folder.keep_note(dataclasses.replace(note, failed=str(error)))
                raise

    def _advance(self, note: ProcessNote) -> None:
        if not self.folder.verified():
            self.folder.keep_verified(detection.offered(self.folder.version).sha256)
        if note.phase is Phase.TRAIN:
            self._start(Phase.COMPARE)
        else:
            try:
                comparison = Comparison.of(
                    self.folder.what_was_measured() or {},
                    after_proposals=self.plan.after_proposals,
                    chosen_there=self.plan.chosen_there,
                )
            except (KeyError, TypeError, ValueError) as error:
                raise KnuckleError(
                    "What was measured of the versions cannot be compared.", "Begin another training."
                ) from error
            self.folder.keep_comparison(comparison)

    def _standing(self) -> Standing:
        if self._comparison is None:
            self._comparison = self.folder.comparison()
        if self._comparison is not None:
            return Standing.FINISHED
        note = self.folder.note()
        if note is None:
            return Standing.KILLED
        if is_alive(note):
            stopped = is_stopped(note.pid)
            return Standing.PAUSED if (note.paused if stopped is None else stopped) else Standing.RUNNING
        if note.failed:
            return Standing.FAILED
        if self._done(note.phase):
            return Standing.DUE
        if note.cancelled:
            return Standing.CANCELLED
        return Standing.FAILED if self.folder.complaint(note.phase) else Standing.KILLED

    def _done(self, phase: Phase) -> bool:
        if phase is Phase.TRAIN:
            return (self.folder.version / "version.json").exists()
        return self.folder.what_was_measured() is not None

    def _stage(self, phase: Phase, standing: Standing) -> Stage:
        if standing is Standing.FINISHED:
            return Stage.DONE
        if phase is not Phase.TRAIN:
            return Stage.COMPARING
        if standing is Standing.DUE:
            return Stage.VERIFYING
        if self._progress.doing:
            return Stage.THRESHOLDS
        return Stage(self._progress.finding) if self._progress.finding else Stage.STARTING

    def _read_on(self) -> None:
        try:
            with self.folder.log.open("rb") as file:
                file.seek(self._read)
                data = file.read(AT_ONCE)
        except OSError:
            return
        self._read += len(data)
        self._progress = self._progress.after(data)

    def _running(self) -> ProcessNote:
        note = self.folder.note()
        if note is None or not is_alive(note):
            raise KnuckleError(f"The training {self.plan.name} is not running.", "Look how it stands.")
        return note

    def _start(self, phase: Phase) -> None:
        """Raises KnuckleError where there is no room for one more process, or its folder is no good."""
        note = self.folder.note()
        if note is not None and is_alive(note):
            raise KnuckleError(f"The training {self.plan.name} is running already.", "Look how it stands.")
        with told():
            self.folder.errors.write_bytes(b"")
            if phase is Phase.COMPARE:
                self.folder.measured.unlink(missing_ok=True)
        self.folder.open_log()
        command = ("-m", "annotator.workflow.detector_apart", str(self.folder.log), str(self.folder.errors))
        words = (*command, *arguments(self.plan, phase, self.folder))
        # detached: in a session of its own, which neither this program's end nor Ctrl+C reaches
        started, pid = _detached(QProcess.startDetached(sys.executable, list(words), str(ROOT)))
        if not started:
            raise KnuckleError("No process could be started.", "Close other programs, then go on.")
        self.folder.keep_note(ProcessNote(phase, pid, mark_of(pid), words))


RATE_FROM_A_VERSION = {"paper": "0.0001", "small": "0.0002"}
"""A tenth of what the preset has for random weights, which spoils a version that has learned already: on six
composed films its boxes' mean IoU fell from 1.00 to 0.82, with a tenth of the rate to 0.96."""


def arguments(plan: TrainingPlan, phase: Phase, folder: TrainingFolder) -> tuple[str, ...]:
    """Of `python -m detector`."""
    threads = () if plan.options.threads is None else ("--threads", str(plan.options.threads))
    if phase is Phase.COMPARE:
        against = ("--against", plan.active) if plan.active else ()
        where = ("--part", plan.part, "--out", str(folder.measured))
        return (
            "compare",
            plan.release,
            "--version",
            str(folder.version),
            *against,
            *where,
            "--json",
            *threads,
        )
    given = dataclasses.asdict(dataclasses.replace(plan.options, threads=None))
    words = [
        ("--" + name.replace("_", "-"), str(value)) for name, value in given.items() if value is not None
    ]
    folds = ("--fold", str(plan.watched or plan.fold), *(("--keep", str(plan.fold)) if plan.watched else ()))
    start = ("--start", plan.start, "--learning-rate", RATE_FROM_A_VERSION[plan.preset]) if plan.start else ()
    return (
        *("train", plan.release, "--out", str(folder.run), "--name", plan.name, "--json"),
        *("--preset", plan.preset, *folds),
        *(*start, *threads),
        *(word for pair in words for word in pair),
    )


@dataclass(frozen=True, slots=True)
class Trainings:
    """The trainings of a data folder. root: DATA/training, which may not be there yet."""

    root: Path

    def names(self) -> list[str]:
        """The newest last."""
        try:
            found = [path.parent for path in self.root.glob("*/plan.json")]
            return [
                folder.name for folder in sorted(found, key=lambda one: (one / "plan.json").stat().st_mtime)
            ]
        except OSError:
            return []

    def training(self, name: str) -> Training:
        """Raises KnuckleError where there is none."""
        training = Training(self.root / Path(name).name)
        if training.plan.name != name:
            raise KnuckleError(f"There is no training {name}.", "See which there are with: knuckle training.")
        return training

    def begin(self, plan: TrainingPlan) -> Training:
        """Raises as `Training.begin`, and where another one is running: they would share the cores."""
        for name in self.names():
            if self.training(name).look().standing is Standing.RUNNING:
                raise KnuckleError(
                    f"The training {name} is running.", "Wait until it is through, or cancel it first."
                )
        training = Training(self.root / plan.name)
        training.begin(plan)
        return training

    def free_name(self, stem: str = "trained") -> str:
        taken = set(self.names())
        return next(name for number in count(1) if (name := f"{stem}-{number}") not in taken)


ENOUGH_FOLDS = 3
"""One to measure on, one to choose thresholds on, and one at least to train on."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants trained. name: "" for one that is free. from_active: begin with the weights of the
    active version, else with random ones."""

    release: Path
    preset: str = PRESETS[0]
    from_active: bool = True
    name: str = ""
    fold: int = 1
    options: TrainingOptions = field(default_factory=TrainingOptions)


def planned(wish: Wish, active: ModelVersion | None, trainings: Trainings) -> TrainingPlan:
    """Raises KnuckleError for what is no release or has no such fold, and where the active version is to be
    begun with and there is none, or its folder is no good."""
    release = detection.released(wish.release)
    if not 1 <= wish.fold <= release.folds:
        raise KnuckleError(
            f"The release {wish.release.name} has no fold {wish.fold} to hold out.",
            f"Choose one of its {release.folds} folds."
            if release.folds
            else "Divide it: python -m detector split RELEASE.",
        )
    if wish.from_active and active is None:
        raise KnuckleError(
            "No version is active whose weights could be begun with.", "Begin with random weights."
        )
    folder = "" if active is None else str(detection.folder_of(active))
    begun = wish.from_active and active is not None
    return TrainingPlan(
        name=wish.name or trainings.free_name(),
        release=release.folder,
        release_sha256=release.sha256,
        preset=wish.preset,
        fold=wish.fold,
        test=release.test,
        start=folder if begun else "",
        start_name=active.name if begun and active is not None else "",
        active=folder,
        active_name="" if active is None else active.name,
        options=wish.options,
        after_proposals=release.after_proposals,
        watched=0 if release.test or release.folds < ENOUGH_FOLDS else wish.fold % release.folds + 1,
    )


def demand_torch() -> None:
    """Raises KnuckleError where torch is not installed."""
    if importlib.util.find_spec("torch") is None:
        raise KnuckleError(
            "Training needs torch, which is not installed.", "Install it: pip install 'knuckle[train]'."
        )


def refuse_changed(plan: TrainingPlan) -> None:
    """Raises KnuckleError where the release is gone, damaged, or not the one that was planned with."""
    if detection.released(Path(plan.release)).sha256 != plan.release_sha256:
        raise KnuckleError(
            f"The release {Path(plan.release).name} was changed since the training began.",
            "Put it back as it was, or begin another training.",
        )


def is_alive(note: ProcessNote) -> bool:
    return bool(note.mark) and mark_of(note.pid) == note.mark


def _detached(answer: object) -> tuple[bool, int]:
    """PySide gives both where its type says that it gives one."""
    started, pid = answer if isinstance(answer, tuple) else (bool(answer), 0)
    return bool(started), int(pid)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


_KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
