"""Whether the file of the open image still is the one that was read."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Image
from annotator.workflow.jobs import Job, JobRunner, Lane, Progress
from annotator.workflow.library import is_the_file

LOOK_EVERY_MS = 3000
FileState = tuple[str, int, int]
"""Path, size in bytes, time of change in ns."""


class FileWatch(QObject):
    """Looks every few seconds; a folder that was moved away notifies nobody.

    changed(): `lost` is another. A file that is there with another time of change is compared with what was
    imported, beside everything else, before it counts as lost.
    """

    changed = Signal()

    def __init__(self, jobs: JobRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._image: Image | None = None
        self._judged: FileState | None = None
        self._comparing: Job | None = None
        self.lost = False
        self._timer = QTimer(self, interval=LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def begin(self, image: Image) -> None:
        """Another image, which has just been read: size and time of change are those of its file then."""
        self.end()
        self._image = image
        self._judged = image.file.path, image.file.size, image.file.modified_ns
        self._timer.start()

    def go_on(self, image: Image) -> None:
        """The same image, whose file may be somewhere else now."""
        self._image = image
        self.look()

    def end(self) -> None:
        self._timer.stop()
        self._image, self.lost = None, False
        if self._comparing is not None:
            self._comparing.cancel()
            self._comparing = None

    def look(self) -> None:
        """Compare now, where there is something to compare."""
        if self._image is None or (self._comparing is not None and not self._comparing.cancelled):
            return
        now = _state(self._image.file.path)
        if now is None:
            self._judge(None, same=False)
        elif now != self._judged:
            self._compare(self._image, now)

    def _compare(self, image: Image, now: FileState) -> None:
        def work(_progress: Progress) -> bool:
            return is_the_file(Path(image.file.path), image.file.file_sha256)

        title, done = self.tr("Comparing file"), partial(self._compared, now)
        self._comparing = self._jobs.submit(Lane.BACK, title, work, done, self._failed)

    def _compared(self, now: FileState, same: bool) -> None:
        self._comparing = None
        self._judge(now, same=same)

    def _failed(self, _error: KnuckleError) -> None:
        self._comparing = None  # it is tried again at the next look

    def _judge(self, now: FileState | None, *, same: bool) -> None:
        self._judged = now
        if self.lost == same:
            self.lost = not same
            self.changed.emit()


def _state(path: str) -> FileState | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return path, found.st_size, found.st_mtime_ns
