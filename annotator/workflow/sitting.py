"""One person signed in at one study: the desk, the worklist, and the way from one to the other."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Image, Study
from annotator.domain.joints import Joint
from annotator.domain.people import Person, Right
from annotator.workflow.administration import Administration
from annotator.workflow.jobs import Job, Lane
from annotator.workflow.opening import Opener, OpenImage, unchanged
from annotator.workflow.reading import ReadingDesk
from annotator.workflow.worklist import Worklist

PREFETCH_AFTER_MS = 60
"""First the open image is painted, then the next ones are fetched."""


@dataclass(frozen=True)
class Tools:
    """What a sitting works with."""

    desk: ReadingDesk
    worklist: Worklist
    opener: Opener
    administration: Administration


class Sitting(QObject):
    """Takes images from the worklist to the desk and keeps the two in step.

    refused(KnuckleError): an image could not be opened; what was open stays. file_changed(): the file of
    the open image is not what it was, `file_lost` says so. last_refused: the image that could not be opened.
    """

    refused = Signal(object)
    file_changed = Signal()

    def __init__(self, person: Person, study: Study, tools: Tools, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.person, self.study = person, study
        self.desk, self.worklist, self.opener = tools.desk, tools.worklist, tools.opener
        self.administration = tools.administration
        self._joint: Joint | None = None
        self.file_lost = False
        self.last_refused: Image | None = None
        self._ahead = QTimer(self, singleShot=True, interval=PREFETCH_AFTER_MS)
        self._ahead.timeout.connect(self._prefetch)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.fileChanged.connect(self._check_file)
        self.opener.opened.connect(self._opened)
        self.opener.failed.connect(self._failed)
        self.desk.changed.connect(self._changed)
        self.administration.jobs.ended.connect(self._job_ended)

    @property
    def reads(self) -> bool:
        """The person's role allows readings of their own."""
        return self.person.may(Right.READ)

    def open(self, image_id: int, joint: Joint | None = None) -> None:
        """Show an image; joint: the one to go on with. The one that is open stays, whatever was wanted."""
        if self.desk.image is not None and self.desk.image.id == image_id:
            self.opener.stay()
        else:
            self._joint = joint
            self.opener.open(image_id)

    def step(self, by: int) -> None:
        """The image so many lines further in the worklist; nothing past its ends."""
        here = self.desk.image
        ids = self.worklist.ids
        if not ids:
            return
        known = here is not None and self.worklist.place(here.id) is not None
        there = self.worklist.neighbour(here.id, by) if here and known else ids[0]
        if there is not None:
            self.open(there)

    def next_unread(self) -> bool:
        """Open the next image that is not complete; False where all are."""
        here = self.desk.image
        there = self.worklist.next_unread(here.id if here else None)
        if there is not None:
            self.open(there)
        return there is not None

    def leave(self) -> None:
        """The window closes: nothing more is fetched ahead."""
        self._ahead.stop()
        if self._watcher.files():
            self._watcher.removePaths(self._watcher.files())

    def renew(self) -> None:
        """The study has more or fewer images; an open one that is withdrawn is cleared away."""
        self.worklist.refresh()
        image = self.desk.image
        if image is not None and self.administration.find(image.id) is None:
            try:
                self.desk.put(None)
            except KnuckleError as error:
                self.refused.emit(error)

    def _opened(self, opened: OpenImage) -> None:
        self.file_lost = False
        try:
            self.desk.put(opened, self._joint)
        except KnuckleError as error:
            self.refused.emit(error)
            return
        finally:
            self._joint = None
        self._watch(opened.image)
        self._ahead.start()

    def _prefetch(self) -> None:
        image = self.desk.image
        if image is not None:
            near = (self.worklist.neighbour(image.id, step) for step in (1, 2, -1))
            self.opener.prefetch([image_id for image_id in near if image_id is not None])

    def _failed(self, image_id: int, error: KnuckleError) -> None:
        self.last_refused = self.administration.find(image_id)
        self.refused.emit(error)

    def _changed(self, _edit: object) -> None:
        if self.desk.image is not None:
            self.worklist.refresh_row(self.desk.image.id)

    def _job_ended(self, job: Job) -> None:
        """Nobody is told of a job that was cancelled; an import has brought something all the same."""
        if job.cancelled and job.lane is Lane.BACK:
            self.renew()

    def _watch(self, image: Image) -> None:
        if self._watcher.files():
            self._watcher.removePaths(self._watcher.files())
        self._watcher.addPath(image.file.path)

    def _check_file(self, _path: str) -> None:
        """What is shown was read before; the next opening reads the file again, and says what it finds."""
        image = self.desk.image
        if image is not None and not unchanged(image):
            self.opener.forget(image.id)
            self.file_lost = True
            self.file_changed.emit()
