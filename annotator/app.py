"""The only place where objects meet: data folder, log, store, workflow and window."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QLockFile, QObject

from annotator import settings
from annotator.domain.errors import KnuckleError
from annotator.domain.images import Study, WorklistQuery
from annotator.domain.people import Person, Right, Role
from annotator.logs import describe
from annotator.paths import DataPaths, migrations
from annotator.settings import Settings
from annotator.store import audit
from annotator.store.database import Database, backups, restore
from annotator.store.detections import Detections
from annotator.store.model_audit import model_cases
from annotator.store.people import People
from annotator.store.readings import Readings
from annotator.store.studies import Studies
from annotator.store.versions import Versions
from annotator.store.worklist import WorklistStore
from annotator.workflow.administration import Administration
from annotator.workflow.heat_maps import HeatMaps
from annotator.workflow.jobs import JobRunner
from annotator.workflow.library import Library
from annotator.workflow.models import Models
from annotator.workflow.opening import Opener, Picture
from annotator.workflow.proposer import Proposer, Sources
from annotator.workflow.proposing import Proposing
from annotator.workflow.reading import ReadingDesk
from annotator.workflow.reviewing import Review
from annotator.workflow.sitting import DataTools, ModelTools, Sitting, Tools
from annotator.workflow.worklist import Worklist

if TYPE_CHECKING:
    from annotator.workflow.exporting import Exporter
    from annotator.workflow.exporting_jobs import Exporting
    from annotator.workflow.label_import import LabelImporter
    from annotator.workflow.label_jobs import LabelImporting
    from annotator.workflow.queueing import Queueing
    from annotator.workflow.reporting import Reporting
    from annotator.workflow.training_desk import TrainingDesk

T = TypeVar("T")

BUSY_MS = 250
"""How long a gesture waits for another process that writes; after that it is tried again by the desk."""
PATIENT_MS = 5000
"""How long a command waits, which nobody would try again."""


@dataclass(frozen=True)
class House:
    """Everything that is open as long as the program runs.

    preferences: as they were found. complaint: a sentence where some of them could not be used.
    """

    paths: DataPaths
    database: Database
    administration: Administration
    models: Models
    preferences: Settings
    complaint: str | None

    @property
    def jobs(self) -> JobRunner:
        return self.administration.jobs

    def sitting(self, person: Person, study: Study) -> Sitting:
        """A person's place at a study: what the window shows."""
        readings, detections = Readings(self.database), Detections(self.database)
        desk = ReadingDesk(readings, person)
        query = WorklistQuery(study.id, person.id)
        worklist = Worklist(WorklistStore(self.database), self.paths.thumbnails, query)
        administration = self.administration
        opener = Opener(
            self.jobs,
            administration.studies.image,
            lambda image_id: readings.load(image_id, person),
            administration.library.read,
        )
        proposer = self.proposer(person, opener.kept, spare=1)
        model = ModelTools(
            Review(desk, detections, person),
            Proposing(self.jobs, proposer),
            HeatMaps(self.jobs, proposer),
            self.models,
        )
        data = DataTools(
            self.exporting,
            self.label_importing,
            self.reporting,
            self.queueing,
            lambda parent: self.training_desk(person, parent),
            self.paths.trainings,
        )
        return Sitting(person, study, Tools(desk, worklist, opener, administration, model, data))

    def exporter(self) -> Exporter:
        from annotator.store.exports import Exports
        from annotator.workflow.exporting import Exporter

        return Exporter(Exports(self.database), self.administration.library)

    def exporting(self) -> Exporting:
        """The same beside the window."""
        from annotator.workflow.exporting_jobs import Exporting

        return Exporting(self.exporter(), self.jobs)

    def label_importer(self) -> LabelImporter:
        from annotator.workflow.label_import import LabelImporter

        return LabelImporter(Versions(self.database), Detections(self.database))

    def label_importing(self) -> LabelImporting:
        """The same beside the window."""
        from annotator.workflow.label_jobs import LabelImporting

        return LabelImporting(self.label_importer(), self.administration.studies, self.jobs)

    def reporting(self) -> Reporting:
        from annotator.store.reports import readers_of
        from annotator.workflow.reporting import Reporting

        database, studies = self.database, self.administration.studies
        readers = partial(readers_of, database)
        return Reporting(studies, Readings(database), Detections(database), readers, self.jobs)

    def queueing(self) -> Queueing:
        from annotator.store.queue import QueueStore
        from annotator.store.queue_readings import reader_splits
        from annotator.workflow.queueing import Queueing

        return Queueing(QueueStore(self.database), partial(reader_splits, self.database), self.jobs)

    def training_desk(self, person: Person, parent: QObject) -> TrainingDesk:
        """Leaves a core to the window."""
        from annotator.workflow.training_desk import TrainingDesk

        versions, threads = self.models.versions, max(1, cores() - 1)
        return TrainingDesk(self.paths.trainings, self.jobs, versions, person, parent, threads=threads)

    def proposer(
        self, person: Person, kept: Callable[[int], Picture | None] = lambda _image_id: None, *, spare: int
    ) -> Proposer:
        """What runs the detector for somebody. kept: pictures in memory. spare: how many cores to leave."""
        sources = Sources(self.administration.studies.image, self.administration.library.read, kept)
        threads = max(1, cores() - spare)
        return Proposer(Versions(self.database), Detections(self.database), person, sources, threads)


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def open_house(data: Path, *, alone: bool = True) -> Iterator[House]:
    """The data folder with its database, closed (and backed up) at the end.

    alone: nobody else may have it open; KnuckleError where somebody has.
    """
    paths = data_paths(data)
    paths.prepare()
    with only_here(paths) if alone else nullcontext():
        preferences, complaint = settings.load(paths.settings)
        database = _database(paths, preferences.backup_keep, BUSY_MS if alone else PATIENT_MS)
        jobs = JobRunner()
        try:
            studies = Studies(database)
            library = Library(studies, paths.thumbnails)
            administration = Administration(People(database), studies, library, jobs, paths.sample)
            models = Models(Versions(database), jobs, partial(model_cases, database))
            yield House(paths, database, administration, models, preferences, complaint)
        finally:
            jobs.shutdown()
            database.close()


def data_paths(data: Path) -> DataPaths:
    """The folder as it was typed, a ~ opened and links followed. Raises KnuckleError where it can be none."""
    try:
        return DataPaths(data.expanduser().resolve())
    except (OSError, RuntimeError, ValueError) as error:  # an unknown user's home; links in a circle
        raise KnuckleError(
            f"There can be no data folder {data}.", "Choose another with --data FOLDER."
        ) from error


@contextmanager
def only_here(paths: DataPaths) -> Iterator[None]:
    """Nobody else has the data folder open in a window; KnuckleError where somebody has."""
    lock = QLockFile(str(paths.lock))
    lock.setStaleLockTime(0)
    if not lock.tryLock(100):
        if lock.error() != QLockFile.LockError.LockFailedError:
            raise KnuckleError(
                f"The data folder {paths.root} may not be written.",
                "Allow your user to write to it, or choose another with --data FOLDER.",
            )
        raise KnuckleError(
            f"Knuckle is open on {paths.root} already.",
            "Use that window, or close it first; or give another folder with --data.",
        )
    try:
        yield
    finally:
        lock.unlock()


def has_window(paths: DataPaths) -> bool:
    """Whether somebody has the data folder open in a window, in this process or another."""
    lock = QLockFile(str(paths.lock))
    lock.setStaleLockTime(0)
    free = lock.tryLock(0)
    lock.unlock()
    return not free


def backups_of(paths: DataPaths) -> list[Path]:
    """The backups, newest first. Raises KnuckleError where nobody lets us look."""
    try:
        return backups(paths.backups)
    except OSError as error:
        raise KnuckleError(
            f"The backups in {paths.backups} cannot be listed.", "Allow your user to read the data folder."
        ) from error


def restore_backup(data: Path, name: str, by: str) -> tuple[Path, Path | None]:
    """Put a backup in the place of the database: which one, and where the old one went, if there was one.

    Where the present database can be read and has an administrator, `by` must be one.
    """
    paths = data_paths(data)
    chosen = next((path for path in backups_of(paths) if path.name == name), Path(name))
    if not os.path.isfile(chosen):
        raise KnuckleError("There is no such backup.", "Choose one that `knuckle restore` lists.")
    if not by.strip():
        raise KnuckleError("A name is needed to restore a backup.", "Say who does it with --by NAME.")
    paths.prepare()
    with only_here(paths):
        if paths.database.exists():
            _demand_restorer(paths, by)
        aside = restore(paths.database, paths.backups, chosen)
    with open_house(data) as house:
        person = house.administration.enter(by, Role.READER)
        with house.database.write() as connection:
            audit.append(connection, person, "restore", "database", {"backup": chosen.name})
    return chosen, aside if aside != paths.database else None


def in_words(what: str, work: Callable[[], T], data: Path) -> T:
    """What the work gives; a fault of the program becomes a KnuckleError, and a note in the folder's log."""
    try:
        return work()
    except KnuckleError:
        raise
    except Exception as error:  # whoever types a command is told in words, whatever happened
        note = DataPaths(data).logs / f"{what}.txt"
        told = f"{note} says where; report it."
        try:
            note.write_text(describe(error) + "\n", "utf-8")
        except OSError:
            told = "Report it, with the command that was given."
        raise KnuckleError(f"knuckle {what} stopped at a fault in the program.", told) from error


def _demand_restorer(paths: DataPaths, name: str) -> None:
    """Raises KnuckleError where the database can be read and has other administrators than this one.

    As many backups stay as there are: what is backed up here may not push out the chosen one.
    """
    person, led = None, False
    keep = len(backups(paths.backups)) + 1
    with suppress(KnuckleError), closing(_database(paths, keep, PATIENT_MS)) as database:
        known = People(database)
        person, led = known.find(name), any(one.may(Right.RESTORE) for one in known.all())
    if led and (person is None or not person.may(Right.RESTORE)):
        raise KnuckleError(
            "Only an administrator may restore a backup.",
            "Say who does it with --by and an administrator's name.",
        )


def _database(paths: DataPaths, keep: int, busy_ms: int) -> Database:
    return Database.open(
        paths.database,
        backups=paths.backups,
        migrations=migrations(),
        keep=keep,
        busy_timeout_ms=busy_ms,
    )
