"""Trainings beside the window: begun, watched and ended without anybody waiting for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from annotator.domain.errors import KnuckleError
from annotator.domain.people import Person, Right, demand
from annotator.domain.training import Standing, TrainingState
from annotator.domain.versions import ModelVersion
from annotator.store.versions import Versions
from annotator.workflow import detection
from annotator.workflow.jobs import Job, JobRunner, Lane, Progress
from annotator.workflow.release_pictures import picture
from annotator.workflow.training import Training, Trainings, Wish, demand_torch, is_alive, planned

LOOK_MS = 300
GRACE_MS = 10_000
"""How long a cancelled process has to end by itself."""


class TrainingDesk(QObject):
    """One training is watched at a time. Looking at it costs some milliseconds; all that takes longer is done
    in the back lane.

    changed(TrainingState): how it stands, at each look. refused(KnuckleError): what was asked for, or came
    next, could not be done. brought(ModelVersion): the new version was brought in, and activated if that was
    asked for. inspected(ReleaseFacts): of the folder that was asked about. pictured(ReleasePicture),
    not_pictured(str, KnuckleError): of the file that was asked for last. busy(bool): something of this is
    being done. It goes on looking when no dialog is open, so that what comes next is begun.
    """

    changed = Signal(object)
    refused = Signal(object)
    brought = Signal(object)
    inspected = Signal(object)
    pictured = Signal(object)
    not_pictured = Signal(str, object)
    busy = Signal(bool)

    def __init__(
        self,
        root: Path,
        jobs: JobRunner,
        versions: Versions,
        by: Person,
        parent: QObject | None = None,
        *,
        threads: int | None = None,
    ) -> None:
        """root: where the trainings of the data folder lie. by: who sits here. threads: cores that a training
        may use where nothing else is wished, None means all."""
        super().__init__(parent)
        self.trainings = Trainings(root)
        self._jobs, self._versions, self._by = jobs, versions, by
        self._threads = threads
        self._watched: Training | None = None
        self._picturing: Job | None = None
        self._doing = 0
        self._halted = False
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.look)

    def find(self) -> str:
        """The newest training, watched from now on; "" where there is none."""
        names = self.trainings.names()
        if names:
            self.watch(names[-1])
        return names[-1] if names else ""

    def watch(self, name: str) -> None:
        """Raises KnuckleError where there is none of this name."""
        self._take(self.trainings.training(name))

    def leave(self) -> None:
        """Nobody looks any more; the training goes on."""
        self._give_picture_up()
        self._timer.stop()
        self._watched = None

    def look(self) -> None:
        """Tell how the training stands, and begin what comes next where something is due."""
        training = self._watched
        if training is None:
            self._timer.stop()
            return
        try:
            state = training.look()
        except KnuckleError as error:
            self.leave()
            self.refused.emit(error)
            return
        self.changed.emit(state)
        if self._watched is not training:  # whoever was told has left
            return
        self._timer.setInterval(0 if training.behind else LOOK_MS)
        if state.standing is Standing.DUE and not self._doing and not self._halted:
            title = QCoreApplication.translate("Job", "Measuring the new version")
            self._act(Training.advance, title, halting=True)
        elif state.standing in (Standing.FINISHED, Standing.FAILED) and not training.behind:
            self._timer.stop()

    def inspect(self, release: Path) -> None:
        """What the release in a folder says of itself."""
        title = QCoreApplication.translate("Job", "Reading a release")
        self._do(title, lambda: detection.released(release), self.inspected.emit)

    def picture(self, release: Path, file: str) -> None:
        """An image of a release, to be looked at, read where the reader does not wait behind anything; what
        was asked for before is not waited for any more."""
        self._give_picture_up()
        self._picturing = self._jobs.submit(
            Lane.FRONT,
            QCoreApplication.translate("Job", "Opening an image of a release"),
            lambda _progress: picture(release, file),
            self.pictured.emit,
            lambda error: self.not_pictured.emit(file, error),
            quiet=True,
        )

    def begin(self, wish: Wish) -> None:
        """Watched from now on, once it is begun."""

        def work() -> Training:
            demand(self._by, Right.MODELS, "train a version of the detector")
            demand_torch()
            given = replace(wish.options, threads=wish.options.threads or self._threads)
            return self.trainings.begin(
                planned(replace(wish, options=given), self._versions.active(), self.trainings)
            )

        self._do(QCoreApplication.translate("Job", "Beginning a training"), work, self._take)

    def pause(self) -> None:
        self._act(Training.pause)

    def go_on(self) -> None:
        self._halted = False
        self._act(Training.go_on)

    def cancel(self) -> None:
        """The process has some seconds to end by itself."""
        self._act(Training.cancel)
        training = self._watched
        if training is not None:
            QTimer.singleShot(GRACE_MS, self, lambda: self._insist(training))

    def bring(self, state: TrainingState, *, activate: bool) -> None:
        """Bring the new version in, and have it propose from now on where that is asked for."""

        def work() -> ModelVersion:
            version = self._versions.register(detection.offered(Path(state.version)), self._by)
            if activate:
                self._versions.activate(version.id, self._by)
            return version

        self._do(QCoreApplication.translate("Job", "Verifying a version"), work, self.brought.emit)

    def _act(self, what: Callable[[Training], None], title: str = "", *, halting: bool = False) -> None:
        """In the back lane, with an eye of its own on the folder. halting: where it fails, it is not tried
        again until somebody asks for it."""
        if self._watched is not None:
            name, words = self._watched.plan.name, title or QCoreApplication.translate("Job", "Training")
            self._do(words, lambda: what(self.trainings.training(name)), self._done, halting=halting)

    def _give_picture_up(self) -> None:
        if self._picturing is not None:
            self._picturing.cancel()

    def _insist(self, training: Training) -> None:
        note = training.folder.note()
        if training is self._watched and note is not None and note.cancelled and is_alive(note):
            self._act(lambda own: own.cancel(at_once=True))

    def _take(self, training: Training) -> None:
        self._watched, self._halted = training, False
        self._done(None)

    def _done(self, _result: object) -> None:
        self._timer.start(0)

    def _do(
        self,
        title: str,
        work: Callable[[], object],
        done: Callable[..., object],
        *,
        halting: bool = False,
    ) -> None:
        def ended(result: object) -> None:
            self._ended()
            done(result)

        def failed(error: KnuckleError) -> None:
            self._ended()
            self._halted = self._halted or halting
            self.refused.emit(error)
            self._done(None)

        def in_back(_progress: Progress) -> object:
            return work()

        self._doing += 1
        self.busy.emit(True)
        self._jobs.submit(Lane.BACK, title, in_back, ended, failed, quiet=True)

    def _ended(self) -> None:
        self._doing -= 1
        self.busy.emit(bool(self._doing))
