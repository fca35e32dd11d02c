"""Reports of a patient or an image: gathered from what is stored, for whoever may have them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QCoreApplication

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Image
from annotator.domain.people import Person, Right, demand
from annotator.domain.report import Look, Report, report_of
from annotator.exchange.report_page import ReportPage as ReportPage
from annotator.exchange.report_page import page_of
from annotator.store.detections import Detections
from annotator.store.readings import Readings
from annotator.store.studies import Studies
from annotator.workflow.jobs import Job, JobRunner, Lane, Progress


@dataclass(frozen=True)
class Reporting:
    """readers: who has begun to read any of these images, by name."""

    studies: Studies
    readings: Readings
    detections: Detections
    readers: Callable[[Collection[int]], list[Person]]
    jobs: JobRunner

    def of_patient(self, image: Image, reader: Person, by: Person, *, dates: bool = False) -> Report:
        """All images of the patient of this one as a reader read them. Raises LockedError where it is
        somebody else's reading and the person may not export, KnuckleError without anything to report."""
        return self._report(self.images_of(image), image, reader, by, dates=dates, whole=True)

    def of_image(self, image: Image, reader: Person, by: Person, *, dates: bool = False) -> Report:
        """As `of_patient`, of one image alone."""
        return self._report([image], image, reader, by, dates=dates, whole=False)

    def images_of(self, image: Image) -> list[Image]:
        """All images of the patient of this one, by visit."""
        every = self.studies.images(image.study_id)
        return [one for one in every if one.patient_code == image.patient_code]

    def page(
        self,
        image: Image,
        reader: Person,
        by: Person,
        done: Callable[[ReportPage], None],
        failed: Callable[[KnuckleError], None],
        *,
        whole: bool = True,
        dates: bool = False,
    ) -> Job:
        """Beside the window, in its language. whole: of the patient, else of the image alone."""
        gather = self.of_patient if whole else self.of_image

        def work(_progress: Progress) -> ReportPage:
            return page_of(gather(image, reader, by, dates=dates), QCoreApplication.translate)

        title = QCoreApplication.translate("Job", "Report")
        return self.jobs.submit(Lane.FRONT, title, work, done, failed, quiet=True)

    def _report(
        self, images: list[Image], image: Image, reader: Person, by: Person, *, dates: bool, whole: bool
    ) -> Report:
        if reader.id != by.id:
            demand(by, Right.EXPORT, "have a report of another reader's readings")
        begun = {person.id for person in self.readers([one.id for one in images])}
        if reader.id not in begun:
            what = f"Patient {image.patient_code}" if whole else "This image"
            raise KnuckleError(
                f"{what} was not read by {reader.name}.", "Read it first, or choose another reader."
            )
        looks = [self._look(one, reader) for one in images]
        return report_of(reader.name, looks, first=self._first(image), dates=dates, whole=whole)

    def _look(self, image: Image, reader: Person) -> Look:
        shown = self.detections.reveals(image.id, reader)
        return Look(image, self.readings.load(image.id, reader), shown[0] if shown else None)

    def _first(self, image: Image) -> date | None:
        """The date of the patient's first visit, where the first one has a date."""
        dates = [one.file.study_date for one in self.images_of(image)]
        known = [one for one in dates if one is not None]
        return min(known, default=None)
