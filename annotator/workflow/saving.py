"""One change at a time on its way to the disk: stored, refused, or kept waiting and tried again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from annotator.domain.annotations import Reading
from annotator.domain.errors import KnuckleError, SaveError, StaleError

RETRY_EVERY_MS = 3000


@dataclass(frozen=True)
class Change:
    """store: writes it and gives the reading after it, and when it was saved. then: memory takes it over.

    droppable: the reader may give it up by undoing it, since nothing but wishing for it has happened.
    """

    store: Callable[[], tuple[Reading, datetime]]
    then: Callable[[Reading], None]
    droppable: bool


class Saver(QObject):
    """saved(datetime): a change is on the disk. failed(KnuckleError): it waits; told once. settled(): nothing
    waits any more. refused(KnuckleError): it cannot be done. stale(StaleError): another reading is stored."""

    saved = Signal(object)
    failed = Signal(object)
    settled = Signal()
    refused = Signal(object)
    stale = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: Change | None = None
        self._again = QTimer(self, interval=RETRY_EVERY_MS)
        self._again.timeout.connect(self.retry)

    @property
    def waiting(self) -> Change | None:
        """The change that could not be stored yet."""
        return self._waiting

    def save(self, change: Change) -> bool:
        """Store a change. False where it waits or was refused; nothing in memory has changed then.

        Only while nothing waits: a change is made on what is stored.
        """
        try:
            reading, at = change.store()
        except SaveError as error:
            self._wait(change, error)
            return False
        except StaleError as error:
            self.drop()
            self.stale.emit(error)
            return False
        except KnuckleError as error:
            self.drop()
            self.refused.emit(error)
            return False
        change.then(reading)
        self.saved.emit(at)
        self.drop()
        return True

    def retry(self) -> bool:
        """Try what waits again; True where nothing waits any more because it is stored, or nothing did."""
        return self._waiting is None or self.save(self._waiting)

    def drop(self) -> None:
        """Nothing waits any more."""
        self._again.stop()
        if self._waiting is not None:
            self._waiting = None
            self.settled.emit()

    def _wait(self, change: Change, error: SaveError) -> None:
        first = self._waiting is None
        self._waiting = change
        self._again.start()
        if first:
            self.failed.emit(error)
