"""The only place where objects meet: data folder, log, store, workflow and window."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile

from annotator import settings
from annotator.domain.errors import KnuckleError
from annotator.domain.images import Study, WorklistQuery
from annotator.domain.people import Person, Right, Role
from annotator.paths import DataPaths, migrations
from annotator.store import audit
from annotator.store.database import Database, backups, restore
from annotator.store.people import People
from annotator.store.readings import Readings
from annotator.store.studies import Studies
from annotator.store.worklist import WorklistStore
from annotator.workflow.administration import Administration
from annotator.workflow.jobs import JobRunner
from annotator.workflow.library import Library
from annotator.workflow.opening import Opener
from annotator.workflow.reading import ReadingDesk
from annotator.workflow.sitting import Sitting, Tools
from annotator.workflow.worklist import Worklist

BUSY_MS = 250
"""How long a gesture waits for another process that writes; after that it is tried again by the desk."""


@dataclass(frozen=True)
class House:
    """Everything that is open as long as the program runs."""

    paths: DataPaths
    database: Database
    administration: Administration

    @property
    def jobs(self) -> JobRunner:
        return self.administration.jobs

    def sitting(self, person: Person, study: Study) -> Sitting:
        """A person's place at a study: what the window shows."""
        readings = Readings(self.database)
        desk = ReadingDesk(readings, person)
        query = WorklistQuery(study.id, person.id)
        worklist = Worklist(WorklistStore(self.database), self.paths.thumbnails, query)
        opener = Opener(
            self.jobs,
            self.administration.studies.image,
            lambda image_id: readings.load(image_id, person),
            self.administration.library.read,
        )
        return Sitting(person, study, Tools(desk, worklist, opener, self.administration))


@contextmanager
def open_house(data: Path, *, alone: bool = True) -> Iterator[House]:
    """The data folder with its database and log, closed (and backed up) at the end.

    alone: nobody else may have it open; KnuckleError where somebody has.
    """
    paths = DataPaths(data.expanduser().resolve())
    paths.prepare()
    with only_here(paths) if alone else nullcontext():
        database = _database(paths)
        jobs = JobRunner()
        try:
            studies = Studies(database)
            library = Library(studies, paths.thumbnails)
            yield House(
                paths, database, Administration(People(database), studies, library, jobs, paths.sample)
            )
        finally:
            jobs.shutdown()
            database.close()


@contextmanager
def only_here(paths: DataPaths) -> Iterator[None]:
    """Nobody else has the data folder open in a window; KnuckleError where somebody has."""
    lock = QLockFile(str(paths.lock))
    lock.setStaleLockTime(0)
    if not lock.tryLock(100):
        raise KnuckleError(
            f"Knuckle is open on {paths.root} already.",
            "Use that window, or close it first; or give another folder with --data.",
        )
    try:
        yield
    finally:
        lock.unlock()


def restore_backup(data: Path, name: str, by: str) -> tuple[Path, Path]:
    """Put a backup in the place of the database: which one, and where the old one went.

    Where the present database can be read, `by` must be the name of an administrator in it.
    """
    paths = DataPaths(data.expanduser().resolve())
    chosen = next((path for path in backups(paths.backups) if path.name == name), Path(name))
    with only_here(paths):
        _demand_restorer(paths, by)
        aside = restore(paths.database, paths.backups, chosen)
    with open_house(data) as house:
        person = house.administration.enter(by, Role.READER)
        with house.database.write() as connection:
            audit.append(connection, person, "restore", "database", {"backup": chosen.name})
    return chosen, aside


def _demand_restorer(paths: DataPaths, name: str) -> None:
    """Raises KnuckleError where the database can be read and the name is no administrator's in it."""
    try:
        with closing(_database(paths)) as database:
            person = People(database).find(name)
    except KnuckleError:
        return
    if person is None or not person.may(Right.RESTORE):
        raise KnuckleError(
            "Only an administrator may restore a backup.",
            "Say who does it with --by and an administrator's name.",
        )


def _database(paths: DataPaths) -> Database:
    keep = settings.load(paths.settings)[0].backup_keep
    return Database.open(
        paths.database,
        backups=paths.backups,
        migrations=migrations(),
        keep=keep,
        busy_timeout_ms=BUSY_MS,
    )
