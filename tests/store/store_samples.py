"""A database with people and a study, and made-up files to import into it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select

from annotator.domain.annotations import ImageFacts
from annotator.domain.geometry import Box
from annotator.domain.images import ImportedFile, Study
from annotator.domain.joints import JOINTS, Joint
from annotator.domain.people import Person, Role
from annotator.store.database import Database
from annotator.store.people import People
from annotator.store.readings import Readings
from annotator.store.studies import Studies
from annotator.store.tables import audit
from annotator.store.values import AnyRow
from annotator.store.worklist import WorklistStore

MIGRATIONS = Path(__file__).resolve().parents[2] / "alembic"


@dataclass(frozen=True)
class Desk:
    """Everything of one open database."""

    database: Database
    people: People
    studies: Studies
    readings: Readings
    worklist: WorklistStore
    admin: Person
    study: Study

    def person(self, name: str, role: Role = Role.READER) -> Person:
        return self.people.find(name) or self.people.add(name, role, self.admin)

    def image(self, file: ImportedFile) -> int:
        return self.studies.add_image(self.study.id, file, self.admin).image_id


def open_database(
    folder: Path, *, keep: int = 10, busy_timeout_ms: int = 5000, migrations: Path = MIGRATIONS
) -> Database:
    return Database.open(
        folder / "knuckle.sqlite",
        backups=folder / "backups",
        migrations=migrations,
        keep=keep,
        busy_timeout_ms=busy_timeout_ms,
    )


def desk_on(database: Database) -> Desk:
    people, studies = People(database), Studies(database)
    admin = people.find("Admin") or people.add("Admin", Role.ADMINISTRATOR, None)
    study = next(iter(studies.all()), None) or studies.create("Hands", "K", admin)
    return Desk(database, people, studies, Readings(database), WorklistStore(database), admin, study)


def film(
    number: int = 1,
    *,
    patient: str = "patient 1",
    day: date | None = date(2015, 3, 1),
    facts: ImageFacts | None = None,
    path: str | None = None,
) -> ImportedFile:
    """The file of a made-up radiograph; another number is another picture."""
    digest = hashlib.sha256(f"film {number}".encode()).hexdigest()
    return ImportedFile(
        path=path or f"/films/{number}.dcm",
        size=6_713_400,
        file_sha256=digest,
        pixels_sha256=hashlib.sha256(digest.encode()).hexdigest(),
        patient_key=hashlib.sha256(patient.encode()).hexdigest(),
        sop_instance_uid=f"1.2.3.{number}",
        rows=1670,
        columns=2010,
        bits_stored=10,
        view="PA",
        study_date=day,
        acquisition_date=day,
        facts=facts or ImageFacts(),
        modified_ns=1_426_000_000_000_000_000,
    )


def box_for(joint: Joint) -> Box:
    """Somewhere on the film, for each joint elsewhere."""
    index = JOINTS.index(joint)
    return Box.around((100.5 + 90 * index, 400.25 + 30 * index), 55.0, 55.0)


def audit_rows(database: Database, *, subject: str | None = None) -> list[AnyRow]:
    """What the audit holds, of everything or of one subject, in the order in which it was written."""
    wanted = select(audit).order_by(audit.c.sequence)
    with database.read() as connection:
        return list(
            connection.execute(wanted if subject is None else wanted.where(audit.c.subject == subject))
        )
