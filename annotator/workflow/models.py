"""Versions of the detector brought into the data folder: the one that comes with Knuckle, and others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Study
from annotator.domain.model_audit import Case, Tally, tallies
from annotator.domain.people import Person, Right
from annotator.domain.versions import ModelVersion, VersionPaper
from annotator.store.versions import Versions
from annotator.workflow import detection
from annotator.workflow.jobs import Job, JobRunner, Lane, Progress


@dataclass(frozen=True)
class Models:
    """What people do with versions. Verifying one takes a second, so that importing is a job."""

    versions: Versions
    jobs: JobRunner
    cases: Callable[[int], list[Case]]
    """What readers made of the proposals of a study, by its id."""

    def bring(self, folder: Path, by: Person) -> ModelVersion:
        """Verify a version and bring it in. Raises KnuckleError for a damaged or foreign one, and where it is
        not the person's to do."""
        return self.versions.register(detection.offered(folder), by)

    def bring_shipped(self, by: Person) -> bool:
        """Bring in the version that comes with Knuckle, where it is not known yet; the first version of all
        is active from then on. False where there was nothing to do. Raises as `bring`."""
        folder, known = detection.shipped_folder(), self.versions.all()
        if folder is None or not by.may(Right.MODELS):
            return False
        if detection.sha256_of(folder) in {version.sha256 for version in known}:
            return False
        version = self.bring(folder, by)
        if all(version.is_import for version in known):
            self.versions.activate(version.id, by)
        return True

    def import_folder(
        self,
        folder: Path,
        by: Person,
        done: Callable[[ModelVersion], None],
        failed: Callable[[KnuckleError], None],
    ) -> Job:
        def work(_progress: Progress) -> ModelVersion:
            return self.bring(folder, by)

        title = QCoreApplication.translate("Job", "Verifying a version")
        return self.jobs.submit(Lane.MODEL, title, work, done, failed)

    def complete_shipped(
        self, by: Person, done: Callable[[bool], None], failed: Callable[[KnuckleError], None]
    ) -> Job:
        """`bring_shipped` beside the window."""

        def work(_progress: Progress) -> bool:
            return self.bring_shipped(by)

        title = QCoreApplication.translate("Job", "Verifying a version")
        return self.jobs.submit(Lane.MODEL, title, work, done, failed, quiet=True)

    def audit(
        self,
        study: Study,
        done: Callable[[tuple[Tally, ...]], None],
        failed: Callable[[KnuckleError], None],
    ) -> Job:
        """What readers of a study made of each version's proposals, counted beside the window."""

        def work(_progress: Progress) -> tuple[Tally, ...]:
            return tallies(self.cases(study.id))

        title = QCoreApplication.translate("Job", "Audit of the model")
        return self.jobs.submit(Lane.BACK, title, work, done, failed)

    def about(
        self,
        version: ModelVersion,
        done: Callable[[VersionPaper], None],
        failed: Callable[[KnuckleError], None],
    ) -> Job:
        """Card and thresholds, read beside the window; failed where its folder is not as it was imported, and
        for imported labels, which have none."""

        def work(_progress: Progress) -> VersionPaper:
            if version.is_import:
                raise KnuckleError(
                    QCoreApplication.translate("Models", "These are imported labels, not a detector."),
                    QCoreApplication.translate("Models", "There is no card and nothing to activate."),
                )
            return detection.paper_of(version)

        title = QCoreApplication.translate("Job", "Reading a version")
        return self.jobs.submit(Lane.BACK, title, work, done, failed, quiet=True)
