"""Work beside the window: three lanes of one worker each, progress, and cancelling.

The front lane is for what the reader waits for (opening, prefetching), the model lane for the detector, so
that neither queues behind the other, the back lane for everything else (import, sample study). All signals
belong to the JobRunner, which lives as long as the application, and every result arrives on the thread the
JobRunner lives on.
"""

from __future__ import annotations

import logging
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from enum import Enum
from functools import partial
from threading import Event
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

from annotator.domain.errors import KnuckleError
from annotator.workflow.sweeping import Sweeper, unswept

S = TypeVar("S")
T = TypeVar("T")
Progress = Callable[[int, int, str], None]
"""done, total (0 where it is not known), text. Raises Cancelled once the job is cancelled."""

REPORTS_EVERY_S = 0.04
SWITCH_S = 0.001
"""How long Python lets one thread run before another may. A window asks for its turn a hundred times a paint;
with Python's own 5 ms a paint beside two busy lanes takes 0.1 s and more."""
_log = logging.getLogger(__name__)


class Lane(Enum):
    FRONT = "front"
    BACK = "back"
    MODEL = "model"


class Cancelled(Exception):  # noqa: N818 - no error, somebody wanted it
    """Raised by a job's progress once somebody cancelled the job."""


class Job:
    """Handle on submitted work. within: the larger work that it is a part of."""

    def __init__(self, lane: Lane, title: str, within: Job | None = None) -> None:
        self.lane = lane
        self.title = title
        self._within = within
        self._cancelled = Event()

    @property
    def cancelled(self) -> bool:
        """It was, or the larger work was."""
        return self._cancelled.is_set() or (self._within is not None and self._within.cancelled)

    def cancel(self) -> None:
        """The work stops at its next report of progress; a result that is already queued is dropped."""
        self._cancelled.set()


class JobRunner(QObject):
    """Runs jobs one after the other in each lane.

    started(Job), progressed(Job, done, total, text) and ended(Job) tell the window what is going on. Parts of
    a larger work, and work that is submitted as quiet, go without these signals. over(Job): any job has ended
    and its result, if there is one, was handed over.
    """

    started = Signal(object)
    progressed = Signal(object, int, int, str)
    ended = Signal(object)
    over = Signal(object)
    _finished = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pools = {lane: ThreadPoolExecutor(1, f"knuckle-{lane.value}") for lane in Lane}
        self._jobs: set[Job] = set()
        self._quiet: set[Job] = set()
        self._sweeper = Sweeper(self)
        self._closed = False
        sys.setswitchinterval(SWITCH_S)
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def jobs(self) -> frozenset[Job]:
        """The jobs that were submitted and have not ended, but for the quiet ones."""
        return frozenset(self._jobs - self._quiet)

    def begin(self, lane: Lane, title: str) -> Job:
        """A larger work whose parts are submitted one by one with `within`; over when `finish` says so."""
        job = Job(lane, title)
        if self._closed:
            job.cancel()
        else:
            self._jobs.add(job)
            self.started.emit(job)
        return job

    def tell(self, job: Job, done: int, total: int, text: str) -> None:
        """How far a larger work is; of one that is over nothing is told."""
        if job in self._jobs:
            self.progressed.emit(job, done, total, text)

    def finish(self, job: Job) -> None:
        self._deliver(job, None)

    def submit(
        self,
        lane: Lane,
        title: str,
        work: Callable[[Progress], T],
        on_done: Callable[[T], None],
        on_failed: Callable[[KnuckleError], None],
        *,
        within: Job | None = None,
        quiet: bool = False,
    ) -> Job:
        """Queue work; exactly one of on_done and on_failed is called, neither when it is cancelled.

        within: the larger work that this is a part of, cancelled with it. quiet: nobody waits for it, so the
        window is not told. After `shutdown` nothing is done any more: the job comes back cancelled.
        """
        job = Job(lane, title, within)
        if self._closed:
            job.cancel()
            return job
        self._sweeper.start()
        self._jobs.add(job)
        if quiet or within is not None:
            self._quiet.add(job)
        else:
            self.started.emit(job)
        self._pools[lane].submit(self._run, job, work, on_done, on_failed)
        return job

    def shutdown(self) -> None:
        """Cancel everything and wait for what is running; nothing is delivered afterwards."""
        self._closed = True
        for job in self._jobs:
            job.cancel()
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)
        self._sweeper.stop()
        self._jobs.clear()

    def _run(
        self,
        job: Job,
        work: Callable[[Progress], T],
        on_done: Callable[[T], None],
        on_failed: Callable[[KnuckleError], None],
    ) -> None:
        deliver: Callable[[], None] | None = None
        try:
            report = self._reporter(job)
            report(0, 0, "")
            deliver = partial(on_done, work(report))
        except Cancelled:
            _log.info("job cancelled: %s", job.title)
        except KnuckleError as error:
            deliver = partial(on_failed, error)
        except Exception:  # noqa: BLE001 - a fault in a job must end the job, not its lane
            _log.exception("job failed: %s", job.title)
            unexpected = KnuckleError(
                f"{job.title} stopped at a fault in the program.",
                "The log file in the data folder says where.",
            )
            deliver = partial(on_failed, unexpected)
        self._finished.emit(job, deliver)

    def _reporter(self, job: Job) -> Progress:
        last = 0.0

        def report(done: int, total: int, text: str) -> None:
            nonlocal last
            if job.cancelled:
                raise Cancelled
            now = time.monotonic()
            if now - last >= REPORTS_EVERY_S or done == total:
                last = now
                if job not in self._quiet:
                    self.progressed.emit(job, done, total, text)

        return report

    @Slot(object, object)
    def _deliver(self, job: Job, deliver: Callable[[], None] | None) -> None:
        if job not in self._jobs:
            return
        self._jobs.discard(job)
        if job in self._quiet:
            self._quiet.discard(job)
        else:
            self.ended.emit(job)
        try:
            if deliver is not None and not job.cancelled:
                deliver()
        finally:
            self.over.emit(job)


def in_order(workers: int, work: Callable[[S], T], items: Iterable[S]) -> Generator[T, None, None]:
    """What the work makes of each item, in their order, by so many threads at once.

    An item is taken when its turn is near, and no more than `workers` + 1 results wait, so that memory does
    not grow with the items. What the work raises is raised here, in its place. Close the generator to give
    up: what runs is waited for, and nothing else begins.
    """
    with unswept(), ThreadPoolExecutor(workers, "knuckle-in-order") as pool:
        waiting: deque[Future[T]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for begun in waiting:
                begun.cancel()
