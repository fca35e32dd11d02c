"""One person signed in at one study: the desk, the worklist, and the way from one to the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Image, Study
from annotator.domain.joints import Joint
from annotator.domain.people import Person, Right
from annotator.workflow.administration import Administration
from annotator.workflow.deciding import Deciding
from annotator.workflow.heat_maps import HeatMaps
from annotator.workflow.jobs import Job, Lane
from annotator.workflow.library import ImportResult, Relocation
from annotator.workflow.models import Models
from annotator.workflow.opening import Opener, OpenImage
from annotator.workflow.ordering import Ordering
from annotator.workflow.proposing import Proposing
from annotator.workflow.reading import ReadingDesk
from annotator.workflow.reviewing import Review
from annotator.workflow.watching import FileWatch
from annotator.workflow.worklist import Worklist

if TYPE_CHECKING:
    from annotator.workflow.exporting_jobs import Exporting
    from annotator.workflow.label_jobs import LabelImporting
    from annotator.workflow.queueing import Queueing
    from annotator.workflow.reporting import Reporting
    from annotator.workflow.training_desk import TrainingDesk

PROPOSED_AHEAD = 2
"""How many of the next images the detector looks at before they are opened."""
PREFETCH_AFTER_MS = 60
"""First the open image is painted, then the next ones are fetched."""


@dataclass(frozen=True)
class ModelTools:
    """What a sitting has of the detector."""

    review: Review
    proposing: Proposing
    heat_maps: HeatMaps
    models: Models


@dataclass(frozen=True)
class DataTools:
    """What is done with readings and models as a whole; each is made when it is first wanted.

    trainings: where those of the data folder lie.
    """

    exporting: Callable[[], Exporting]
    importing: Callable[[], LabelImporting]
    reporting: Callable[[], Reporting]
    queueing: Callable[[], Queueing]
    training: Callable[[QObject], TrainingDesk]
    trainings: Path


@dataclass(frozen=True)
class Tools:
    """What a sitting works with."""

    desk: ReadingDesk
    worklist: Worklist
    opener: Opener
    administration: Administration
    model: ModelTools
    data: DataTools


class Sitting(QObject):
    """Takes images from the worklist to the desk and keeps the two in step, until `leave`.

    refused(KnuckleError): an image could not be opened; what was open stays. last_refused: that image, until
    another one is opened. image_changed(): what is known of the open image is not what it was: its visit,
    or its file (`file_lost`). imported(Study, ImportResult), relocated(Relocation) and failed(KnuckleError):
    how work in the background ended, whoever had begun it; the list is up to date then.
    """

    refused = Signal(object)
    image_changed = Signal()
    imported = Signal(object, object)
    relocated = Signal(object)
    failed = Signal(object)

    def __init__(self, person: Person, study: Study, tools: Tools, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.person, self.study = person, study
        self.desk, self.worklist, self.opener = tools.desk, tools.worklist, tools.opener
        model = tools.model
        self.review, self.proposing = model.review, model.proposing
        self.heat_maps, self.models = model.heat_maps, model.models
        self.data = tools.data
        self.deciding = Deciding(self.desk, self.review)
        jobs = tools.administration.jobs
        self.ordering = Ordering(
            self.worklist,
            lambda by, done, failed: self.data.queueing().build(study, by, person, done, failed),
            jobs.over,
            self,
        )
        ending = (self.desk, self.worklist, self.opener, self.review, self.proposing, self.heat_maps)
        for tool in ending:
            tool.setParent(self)  # they end with the sitting
        self.propose_ahead = False
        self.administration = tools.administration
        self._joint: Joint | None = None
        self.last_refused: Image | None = None
        self._ahead = QTimer(self, singleShot=True, interval=PREFETCH_AFTER_MS)
        self._ahead.timeout.connect(self._prefetch)
        self.file = FileWatch(jobs, self)
        self.file.changed.connect(self._file_changed)
        self.opener.opened.connect(self._opened)
        self.opener.failed.connect(self._failed)
        self.desk.opened.connect(self._watch)  # before the window asks for `file_lost`
        self.desk.opened.connect(self.ordering.image_opened)
        self.desk.changed.connect(self._changed)
        self.proposing.proposed.connect(self.review.arrived)
        self.proposing.proposed.connect(self.ordering.run_stored)
        if person.may(Right.READ):
            self.review.switched.connect(lambda shown: self.ordering.keep_quiet(not shown))
        told = self.administration.outcomes
        self._heard: list[tuple[SignalInstance, Callable[..., object]]] = [
            (jobs.ended, self._job_ended),
            (told.imported, self._imported),
            (told.relocated, self._relocated),
            (told.sampled, self._sampled),
            (told.failed, self._broken_off),
        ]
        for signal, slot in self._heard:
            signal.connect(slot)

    @property
    def file_lost(self) -> bool:
        """The file of the open image has vanished or changed since it was read."""
        return self.file.lost

    def open(self, image_id: int, joint: Joint | None = None) -> None:
        """Show an image; joint: the one to go on with. The one that is open stays, whatever was wanted."""
        if self.desk.image is not None and self.desk.image.id == image_id:
            self.last_refused = None
            self.opener.stay()
        else:
            self._joint = joint
            self.opener.open(image_id)

    def version_changed(self) -> None:
        """Another version of the detector is active, or none."""
        self.heat_maps.give_up()
        self.proposing.look_up()
        if self.desk.image is not None:
            self._look_ahead(self.desk.image.id)
        self.review.load()

    def set_propose_ahead(self, on: bool) -> None:
        """Whether the detector looks at what is opened, and at what comes next, without being asked."""
        self.propose_ahead = on
        if on and self.desk.image is not None:
            self._look_ahead(self.desk.image.id)
        elif not on:
            self.proposing.look_ahead([])

    def step(self, by: int) -> None:
        """The image so many lines further in the worklist; nothing past its ends."""
        here = self._here()
        there = next(iter(self.worklist.ids), None) if here is None else self.worklist.neighbour(here, by)
        if there is not None:
            self.open(there)

    def next_unread(self) -> bool:
        """Open the next image that is not complete; False where all are."""
        there = self.worklist.next_unread(self._here(), from_top=self.ordering.fresh)
        if there is not None:
            self.open(there)
        return there is not None

    def import_paths(self, paths: Sequence[Path]) -> Job:
        """Take files and folders into the study, beside whatever else is going on."""
        return self.administration.import_paths(paths, self.study, self.person)

    def relocate(self, old: Path, new: Path) -> Job:
        """Find the images below one folder in another."""
        return self.administration.relocate(old, new, self.person)

    def renew(self) -> None:
        """The study has more, fewer or other images; an open one that is withdrawn is cleared away."""
        self.worklist.refresh()
        self.opener.renew()
        picture = self.desk.picture
        if picture is None:
            return
        renewed = self.opener.renewed(picture)
        if renewed is None:
            self._clear()
            return
        self.desk.picture = renewed
        self.file.go_on(renewed.image)
        if renewed.image != picture.image:
            self.image_changed.emit()

    def leave(self) -> None:
        """The window closes: nothing is opened, stored or told here any more."""
        self._ahead.stop()
        self.file.end()
        self.opener.close()
        self.proposing.close()
        self.ordering.close()
        self.review.close()
        self.heat_maps.give_up()
        if self.desk.unsaved:
            self.desk.drop_waiting()
        for signal, slot in self._heard:
            signal.disconnect(slot)
        self._heard.clear()

    def _here(self) -> int | None:
        """Where the way through the list goes on: the image that was refused last, else the one shown; None
        where the list has neither."""
        images = (self.last_refused, self.desk.image)
        return next((i.id for i in images if i and self.worklist.place(i.id) is not None), None)

    def _clear(self) -> None:
        try:
            self.desk.put(None)
        except KnuckleError as error:
            self.refused.emit(error)

    def _opened(self, opened: OpenImage) -> None:
        joint, self._joint, self.last_refused = self._joint, None, None
        try:
            self.desk.put(opened, joint)
        except KnuckleError as error:
            self.refused.emit(error)
            return
        self._ahead.start()

    def _prefetch(self) -> None:
        image = self.desk.image
        if image is not None:
            near = (self.worklist.neighbour(image.id, step) for step in (1, 2, -1))
            self.opener.prefetch([image_id for image_id in near if image_id is not None])
            self._look_ahead(image.id)

    def _look_ahead(self, image_id: int) -> None:
        """The detector looks at the open image and at those that are opened next."""
        if self.propose_ahead:
            coming = (self.worklist.neighbour(image_id, step) for step in range(1, PROPOSED_AHEAD + 1))
            self.proposing.look_ahead([image_id, *(i for i in coming if i is not None)])

    def _failed(self, image_id: int, error: KnuckleError) -> None:
        self.last_refused = self.administration.find(image_id)
        self.refused.emit(error)

    def _changed(self, _edit: object) -> None:
        if self.desk.image is not None:
            self.worklist.refresh_row(self.desk.image.id)

    def _watch(self) -> None:
        if self.desk.image is None:
            self.file.end()
        else:
            self.file.begin(self.desk.image)

    def _file_changed(self) -> None:
        """What is shown was read before; the next opening reads the file again, and says what it finds."""
        if self.file_lost and self.desk.image is not None:
            self.opener.forget(self.desk.image.id)
        self.image_changed.emit()

    def _job_ended(self, job: Job) -> None:
        """Nobody is told of a job that was cancelled; an import has brought something all the same."""
        if job.cancelled and job.lane is Lane.BACK:
            self.renew()

    def _imported(self, study: Study, result: ImportResult) -> None:
        self._sampled()
        self.imported.emit(study, result)

    def _sampled(self) -> None:
        self.renew()
        if self.desk.image is None:
            self.next_unread()

    def _relocated(self, result: Relocation) -> None:
        self.renew()
        self.relocated.emit(result)

    def _broken_off(self, error: KnuckleError) -> None:
        """What came in before it broke off is there."""
        self.renew()
        self.failed.emit(error)
