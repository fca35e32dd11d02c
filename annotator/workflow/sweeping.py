"""Python's garbage, swept on the thread of the window alone.

Python looks for cyclic garbage in whatever thread happens to allocate. A QObject in such a cycle (a sitting
with its file watcher, a closed window) would be destroyed by a worker, which Qt does not survive: its event
loop spins on a file that is closed, or the program crashes. So nothing is collected by itself while there
are workers; a timer does it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from PySide6.QtCore import QObject, QTimer

SWEEP_EVERY_MS = 250
OLDEST = 2
GROWTH = 1.25
"""The oldest generation is swept when it has grown by so much, as Python itself does: it takes 0.1 s."""


class _Collector:
    """Python's own sweeping, off from the first hold to the last release, in whatever order they come."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._holds = 0
        self._was_on = False

    def hold(self) -> None:
        with self._lock:
            if self._holds == 0:
                self._was_on = gc.isenabled()
                gc.disable()
            self._holds += 1

    def release(self) -> None:
        with self._lock:
            self._holds -= 1
            if self._holds == 0 and self._was_on:
                gc.enable()


_collector = _Collector()


@contextmanager
def unswept() -> Iterator[None]:
    """While this lasts no thread collects garbage by itself."""
    _collector.hold()
    try:
        yield
    finally:
        _collector.release()


class Sweeper(QObject):
    """Sweeps from `start` to `stop` on the thread that it lives on; before and after, Python does, unless
    somebody else holds it. There is one collector in a process, so what holds it is one for all as well."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._old = 0
        self._timer = QTimer(self, interval=SWEEP_EVERY_MS)
        self._timer.timeout.connect(self.sweep)

    def start(self) -> None:
        if not self._timer.isActive():
            _collector.hold()
            self._timer.start()

    def stop(self) -> None:
        if self._timer.isActive():
            self._timer.stop()
            _collector.release()

    def sweep(self) -> None:
        """Collect the oldest generation that is due, and all younger ones."""
        full = zip(gc.get_count(), gc.get_threshold(), strict=True)
        due = [generation for generation, (count, limit) in enumerate(full) if count > limit]
        if not due:
            return
        if due[-1] < OLDEST:
            gc.collect(due[-1])
        elif len(gc.get_objects(OLDEST)) > GROWTH * self._old:
            gc.collect()
            self._old = len(gc.get_objects(OLDEST))
        else:
            gc.collect(OLDEST - 1)
