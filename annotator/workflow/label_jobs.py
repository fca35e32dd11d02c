"""Labels out of a file, looked at and brought in beside the window."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Study
from annotator.domain.people import Person
from annotator.exchange.label_files import LabelForm as LabelForm
from annotator.exchange.label_files import form_of, read_labels
from annotator.exchange.whole import unreadable
from annotator.store.studies import Studies
from annotator.workflow.jobs import Job, JobRunner, Lane, Progress
from annotator.workflow.label_import import Finder, Imported, LabelImporter

Failed = Callable[[KnuckleError], None]


@dataclass(frozen=True, slots=True)
class LabelSource:
    """A file or folder of labels. form: None where it is to be told from the file."""

    path: Path
    form: LabelForm | None = None


@dataclass(frozen=True, slots=True)
class LabelsFound:
    """What a source holds. images: of the file, and there: those of them that are in the study. readers: by
    name, "" where the file names none. divided: an image has labels of several, so one is to be chosen."""

    source: LabelSource
    form: LabelForm
    images: int
    there: int
    boxes: int
    readers: tuple[str, ...]
    divided: bool


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """reader: whose labels, None for all there are."""

    path: Path
    form: LabelForm
    reader: str | None = None


@dataclass(frozen=True)
class LabelImporting:
    """Everything in the back lane. What was brought in before a cancel stays; the same file goes on."""

    importer: LabelImporter
    studies: Studies
    jobs: JobRunner

    def look(
        self, source: LabelSource, study: Study, done: Callable[[LabelsFound], None], failed: Failed
    ) -> Job:
        """Into the file; nothing is brought in."""

        def work(_progress: Progress) -> LabelsFound:
            return look_into(source, Finder(self.studies.images(study.id)))

        title = QCoreApplication.translate("Job", "Looking into labels")
        return self.jobs.submit(Lane.BACK, title, work, done, failed, quiet=True)

    def add(
        self, order: LabelOrder, study: Study, by: Person, done: Callable[[Imported], None], failed: Failed
    ) -> Job:
        def work(progress: Progress) -> Imported:
            images = self.studies.images(study.id)
            return self.importer.add(order.path, order.form, study, images, by, progress, order.reader)

        title = QCoreApplication.translate("Job", "Import of labels")
        return self.jobs.submit(Lane.BACK, title, work, done, failed)


def look_into(source: LabelSource, finder: Finder) -> LabelsFound:
    """Raises KnuckleError for what cannot be read or told."""
    if not os.path.lexists(source.path):
        raise unreadable(source.path, os.strerror(errno.ENOENT))
    form = source.form or form_of(source.path)
    if form is None:
        name = source.path.name
        raise KnuckleError(
            f"It cannot be told which format of labels {name} has.",
            "Choose the format, or another file or folder.",
            name=name,
        )
    offered = read_labels(source.path, form, finder.sizes)
    readers = sorted({name for labels in offered for name in labels.readers})
    return LabelsFound(
        source,
        form,
        len(offered),
        sum(not isinstance(finder.find(labels), str) for labels in offered),
        sum(label.box is not None for labels in offered for label in labels.joints),
        tuple(readers),
        any(len(labels.readers) > 1 for labels in offered),
    )
