"""When the detector runs over which image: at once, ahead of the reader, or over the whole worklist.

One image at a time in the model lane; what is asked for goes first, then what the reader opens next, then the
worklist. Each run is stored as soon as it is done, so that nothing is lost whenever it stops.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, QObject, Signal

from annotator.domain.errors import KnuckleError, ModelError, SaveError
from annotator.domain.images import Image
from annotator.domain.people import Right
from annotator.domain.proposals import Run
from annotator.domain.versions import ModelVersion
from annotator.workflow.jobs import Job, JobRunner, Lane, Progress
from annotator.workflow.proposer import Proposer

NO_IMAGE = 0
RATE_OVER = 20
"""The rate is that of so many last images."""
UNSAVED = 3
"""After so many runs in a row that could not be stored the worklist is given up: the disk is full, say."""


@dataclass(frozen=True)
class Missed:
    """An image of the worklist that could not be proposed for, and why."""

    image: Image | None
    reason: str


@dataclass(frozen=True)
class Looking:
    """What the detector is at. asked: somebody waits for it."""

    image_id: int
    job: Job
    asked: bool = False


@dataclass
class ListRun:
    """The detector over the worklist of a study. job: what the bar shows and cancels. waiting: images without
    a run of the active version; None until they were looked for. done: how many have one since. unsaved: so
    many of the last ones ran and could not be stored."""

    study_id: int
    job: Job
    waiting: deque[int] | None = None
    total: int = 0
    done: int = 0
    unsaved: int = 0
    missed: list[Missed] = field(default_factory=list)
    ended_at: deque[float] = field(default_factory=lambda: deque(maxlen=RATE_OVER))


class Proposing(QObject):
    """Of one person.

    proposed(int image): a run over it was stored. refused(int image, KnuckleError): one that was asked for
    could not be done. changed(): what runs is something else. list_ended(ListRun): the worklist is done, or
    was cancelled.
    """

    proposed = Signal(int)
    refused = Signal(int, object)
    changed = Signal()
    list_ended = Signal(object)

    def __init__(self, jobs: JobRunner, proposer: Proposer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._proposer = jobs, proposer
        self._asked: list[int] = []
        self._ahead: list[int] = []
        self._running: Looking | None = None
        self.list_run: ListRun | None = None
        self._problem: tuple[int, KnuckleError] | None = None
        self._version: ModelVersion | None = None
        self._looked_up = False
        self._closed = False
        jobs.over.connect(self._over)

    @property
    def version(self) -> ModelVersion | None:
        """The one that proposes, as it was when the last image was opened."""
        if not self._looked_up:
            try:
                self._version, self._looked_up = self._proposer.versions.active(), True
            except KnuckleError as error:  # asked for by what is drawn; the next time will tell
                self._problem = NO_IMAGE, error
        return self._version

    def look_up(self) -> None:
        """Another version may be active: what the worklist still lacks is another question then."""
        self._looked_up = False
        if self.list_run is not None:
            self.list_run.waiting = None
        self.changed.emit()

    @property
    def allowed(self) -> bool:
        """Whether this person may have the detector run."""
        person = self._proposer.person
        return person.may(Right.READ) or person.may(Right.MODELS)

    def runs_on(self, image_id: int) -> bool:
        """Whether it runs over this image, or is about to."""
        return self._looks_at(image_id) or image_id in self._asked or image_id in self._ahead

    def problem(self, image_id: int) -> KnuckleError | None:
        """Why this image could not be looked at when nobody asked for it, or the version not be found."""
        image, error = self._problem or (NO_IMAGE, None)
        return error if image in (image_id, NO_IMAGE) else None

    def asked_for(self, image_id: int) -> bool:
        """Whether somebody waits for a run over this image."""
        running = self._running
        asked = running is not None and running.asked and self._looks_at(image_id)
        return asked or image_id in self._asked

    def ask(self, image_id: int) -> None:
        """A new run over this image, before anything else. One that is under way already is that one, if it
        comes to something."""
        if not self.asked_for(image_id):
            self._asked.append(image_id)
        self._next()
        self.changed.emit()

    def look_ahead(self, image_ids: Sequence[int]) -> None:
        """These images are next, in this order; those that the active version has seen are left alone."""
        self._looked_up = False
        self._ahead = list(image_ids) if self.allowed and self.version is not None else []
        self._next()

    def begin_list(self, study_id: int) -> None:
        """Run over all images of a study that the active version has not seen, in the background."""
        if self.list_run is not None and self.list_run.job.cancelled:
            self._end_list()
        if self.list_run is None and not self._closed:
            job = self._jobs.begin(Lane.MODEL, QCoreApplication.translate("Job", "Proposing"))
            self.list_run = ListRun(study_id, job)
            self._next()
            self.changed.emit()

    def cancel_list(self) -> None:
        if self.list_run is not None:
            self.list_run.job.cancel()
            self._end_list()
            self._next()

    def close(self) -> None:
        """The window closes: what runs is given up, nothing is delivered any more."""
        self._closed = True
        self._asked, self._ahead = [], []
        if self._running is not None:
            self._running.job.cancel()
        if self.list_run is not None:
            self.list_run.job.cancel()
            self._jobs.finish(self.list_run.job)
            self.list_run = None
        self._jobs.over.disconnect(self._over)

    def _looks_at(self, image_id: int) -> bool:
        running = self._running
        return running is not None and running.image_id == image_id and not running.job.cancelled

    def _next(self) -> None:
        """Start what is due, unless something runs."""
        if self._closed or (self._running is not None and not self._running.job.cancelled):
            return
        if self.list_run is not None and self.list_run.job.cancelled:
            self._end_list()
        run = self.list_run
        if self._asked:
            image_id = self._asked.pop(0)
            self._submit(image_id, again=True, within=None, quiet=False)
        elif self._ahead:
            self._submit(self._ahead.pop(0), again=False, within=None, quiet=True)
        elif run is not None and run.waiting is None:
            self._look_for_unproposed(run)
        elif run is not None and run.waiting:
            self._submit(run.waiting.popleft(), again=False, within=run.job, quiet=False)
        else:
            self._running = None
            if run is not None:
                self._end_list()
        self.changed.emit()

    def _look_for_unproposed(self, run: ListRun) -> None:
        def work(_progress: Progress) -> list[int]:
            return self._proposer.unproposed(run.study_id)

        def found(image_ids: list[int]) -> None:
            run.waiting = deque(image_ids)
            run.total = run.done + len(run.missed) + len(image_ids)
            self._tell()

        def failed(error: KnuckleError) -> None:
            run.waiting = deque()
            run.missed.append(Missed(None, str(error)))

        title = QCoreApplication.translate("Job", "Proposing")
        job = self._jobs.submit(Lane.MODEL, title, work, found, failed, within=run.job)
        self._running = Looking(NO_IMAGE, job)

    def _submit(self, image_id: int, *, again: bool, within: Job | None, quiet: bool) -> None:
        def work(progress: Progress) -> Run | None:
            if quiet and self._proposer.detections.is_imported(image_id):
                return None  # nobody asked for another look, and imported labels are there to be read
            return self._proposer.propose(image_id, progress, again=again)

        job = self._jobs.submit(
            Lane.MODEL,
            QCoreApplication.translate("Job", "Proposing"),
            work,
            lambda run: self._arrived(image_id, run, within),
            lambda error: self._failed(image_id, error, within, quiet=quiet),
            within=within,
            quiet=quiet,
        )
        self._running = Looking(image_id, job, asked=within is None and not quiet)

    def _arrived(self, image_id: int, run: Run | None, within: Job | None) -> None:
        if self._closed:
            return
        self._problem = None
        if within is not None:
            self._count(None)
        if run is not None:
            if image_id in self._asked:  # since it began
                self._asked.remove(image_id)
            self.proposed.emit(image_id)

    def _failed(self, image_id: int, error: KnuckleError, within: Job | None, *, quiet: bool) -> None:
        if self._closed:
            return
        image = self._proposer.find(image_id)
        if quiet:
            of = NO_IMAGE if isinstance(error, ModelError) else image_id
            self._problem = (of, error) if image is not None else None
        elif within is None:
            self.refused.emit(image_id, error)
        elif image is None:
            self._count(None)  # it was withdrawn meanwhile: nobody misses it
        else:
            self._count(Missed(image, str(error)))
            self._give_up_list(error)

    def _give_up_list(self, error: KnuckleError) -> None:
        """Where no image will fare better than the last one."""
        run = self.list_run
        if run is not None:
            run.unsaved = run.unsaved + 1 if isinstance(error, SaveError) else 0
            if run.unsaved == UNSAVED or isinstance(error, ModelError):
                run.waiting = deque()

    def _count(self, missed: Missed | None) -> None:
        run = self.list_run
        if run is None:
            return
        run.ended_at.append(time.monotonic())
        if missed is None:
            run.done += 1
            run.unsaved = 0
        else:
            run.missed.append(missed)
        self._tell()

    def _tell(self) -> None:
        run = self.list_run
        if run is not None:
            done = run.done + len(run.missed)
            self._jobs.tell(run.job, done, run.total, pace(run.ended_at, run.total - done))

    def _over(self, job: Job) -> None:
        if self._running is not None and self._running.job is job:
            self._running = None
            self._next()

    def _end_list(self) -> None:
        run, self.list_run = self.list_run, None
        if run is not None:
            self._jobs.finish(run.job)
            self.list_ended.emit(run)


def pace(ended_at: Sequence[float], left: int) -> str:
    """Rate and time left in words, once there is something to say; ended_at: seconds."""
    title = QCoreApplication.translate("Job", "Proposing")
    if len(ended_at) < 2 or ended_at[-1] <= ended_at[0]:
        return title
    rate = (len(ended_at) - 1) / (ended_at[-1] - ended_at[0])
    seconds = round(left / rate)
    text = QCoreApplication.translate("Job", "{rate:.1f} a second, {minutes}:{seconds:02d} left")
    if rate < 0.2:
        text = QCoreApplication.translate("Job", "{per_minute:.1f} a minute, {minutes}:{seconds:02d} left")
    words = text.format(rate=rate, per_minute=60 * rate, minutes=seconds // 60, seconds=seconds % 60)
    return f"{title} · {words}"
