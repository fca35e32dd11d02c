"""Python's garbage, swept on the thread of the window alone.

Python looks for cyclic garbage in whatever thread happens to allocate. A QObject in such a cycle (a sitting
with its file watcher, a closed window) would be destroyed by a worker, which Qt does not survive: its event
loop spins on a file that is closed, or the program crashes. So nothing is collected by itself while there
are workers; a timer does it.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

SWEEP_EVERY_MS = 250
OLDEST = 2
GROWTH = 1.25
"""The oldest generation is swept when it has grown by so much, as Python itself does: it takes 0.1 s."""


class Sweeper(QObject):
    """Sweeps from `start` to `stop` on the thread that it lives on; before and after, Python does."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._old = 0
        self._took_over = False
        self._timer = QTimer(self, interval=SWEEP_EVERY_MS)
        self._timer.timeout.connect(self.sweep)

    def start(self) -> None:
        if not self._timer.isActive():
            self._took_over = gc.isenabled()
            gc.disable()
            self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        if self._took_over:
            gc.enable()

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
