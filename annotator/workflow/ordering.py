"""The worklist in the order of a queue, which is put together beside the window."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, SignalInstance

from annotator.domain.annotations import ReadingState
from annotator.domain.errors import KnuckleError
from annotator.domain.images import SortBy
from annotator.domain.queue import QueueBy, QueueItem
from annotator.domain.queue_order import QueueOrder
from annotator.workflow.jobs import Job
from annotator.workflow.worklist import Worklist

Build = Callable[[QueueBy, Callable[[tuple[QueueItem, ...]], None], Callable[[KnuckleError], None]], Job]
"""As `Queueing.build`, for one person at one study."""


class Ordering(QObject):
    """Of one sitting. changed(): what is put together, how that ended, or whether the order is outdated.

    An order is put together when it is chosen, and when it is asked for anew, never by itself: the list may
    not change under a reader who is going down it. What is read keeps its line, and what runs meanwhile only
    makes the order `outdated`, which the list says. Until an order is there the list stays as it is.
    """

    changed = Signal()

    def __init__(
        self, worklist: Worklist, build: Build, over: SignalInstance, parent: QObject | None = None
    ) -> None:
        """over: `JobRunner.over`."""
        super().__init__(parent)
        self._worklist, self._build, self._over_signal = worklist, build, over
        self._job: Job | None = None
        self.asked: QueueBy | None = None
        self.error: KnuckleError | None = None
        self.outdated = False
        self.quiet = False
        """The reader wants to see no proposals, and an order would tell of them."""
        self.fresh = False
        """It has come since an image was opened: its first image is the next one to read."""
        over.connect(self._over)
        worklist.row_changed.connect(self._row_changed)

    @property
    def shown(self) -> QueueBy | None:
        """The order that the list has."""
        return self._worklist.order.by if self._worklist.order is not None else None

    @property
    def chosen(self) -> QueueBy | None:
        """The order that the list has, or is about to have."""
        return self.asked or self.shown

    def choose(self, by: QueueBy) -> None:
        """Put the list in this order; where it has it already, in the order as it would be now."""
        self._give_up()
        self.asked, self.error = by, None
        if self.quiet:
            self._fail(quiet_error())
            return
        self._job = self._build(by, lambda items: self._take(by, items), self._fail)
        self.changed.emit()

    def anew(self) -> None:
        if self.chosen is not None:
            self.choose(self.chosen)

    def leave(self, sort: SortBy, descending: bool) -> None:
        """Put the list in an order of its own; what is put together is not waited for any more."""
        self._give_up()
        self.asked, self.error, self.outdated, self.fresh = None, None, False, False
        self._worklist.set_sort(sort, descending)
        self.changed.emit()

    def keep_quiet(self, quiet: bool) -> None:
        """The reader switches proposals off, or on again."""
        self.quiet = quiet
        if quiet and self.chosen is not None:
            self.leave(SortBy.PATIENT, descending=False)

    def policy_changed(self) -> None:
        """It may say what is not to be known any more, so it goes at once, and another one comes later."""
        chosen = self.chosen
        if chosen is not None:
            self.leave(SortBy.PATIENT, descending=False)
            self.choose(chosen)

    def run_stored(self, _image_id: int = 0) -> None:
        """The detector has looked at something since."""
        self._outdate()

    def image_opened(self) -> None:
        self.fresh = False

    def close(self) -> None:
        """The window closes."""
        self._give_up()
        self._over_signal.disconnect(self._over)
        self._worklist.row_changed.disconnect(self._row_changed)

    def _give_up(self) -> None:
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def _take(self, by: QueueBy, items: tuple[QueueItem, ...]) -> None:
        self._job = self.asked = None
        self.outdated, self.fresh = False, True
        self._worklist.set_order(QueueOrder.of(by, items))
        self.changed.emit()

    def _fail(self, error: KnuckleError) -> None:
        self._job = self.asked = None
        self.error = error
        self.changed.emit()

    def _over(self, job: Job) -> None:
        """It was cancelled by somebody else, if its result did not come before."""
        if job is self._job:
            self._job = self.asked = None
            self.changed.emit()

    def _row_changed(self, image_id: int) -> None:
        """Of the readings only finished ones are compared with the model; the other orders are of images that
        wait, and one that is read now loses nothing by its line."""
        finished = (ReadingState.COMPLETE, ReadingState.SIGNED)
        if self.shown is QueueBy.READER and self._worklist.row(image_id).state in finished:
            self._outdate()

    def _outdate(self) -> None:
        if self.shown is not None and not self.outdated:
            self.outdated = True
            self.changed.emit()


def quiet_error() -> KnuckleError:
    return KnuckleError(
        "Proposals are switched off, and what to read next would tell of them.",
        "Switch them on first (Show proposals).",
    )
