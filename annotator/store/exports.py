"""All readings of a study for those who export it, and the note that somebody did."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import Connection, Text, cast, func, literal, select

from annotator.domain.annotations import Reading
from annotator.domain.people import Person, Right
from annotator.domain.revealing import Reveal
from annotator.domain.selection import ImageReadings, ReadBy
from annotator.store import audit
from annotator.store.database import Database
from annotator.store.people import require
from annotator.store.reading_rows import reading_of
from annotator.store.reveal_rows import reveals_of
from annotator.store.studies import listed_images
from annotator.store.tables import audit as audit_rows
from annotator.store.tables import image, person, reading, reveal
from annotator.store.values import Json, day

_CHANGE_NO_LABEL = ("propose", "find again", "withdraw")
"""What is noted of an image and changes nothing that a reader has said of it."""


class Exports:
    """What a study has to give, and what was given."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def readings(self, study_id: int, by: Person) -> list[ImageReadings]:
        """Every image of a study that is not withdrawn, by patient and visit, with all its readings by
        reader, as they were at one moment. Raises LockedError for who may not export."""
        with self._database.read() as connection:
            require(connection, by, Right.EXPORT)
            days = _days(connection, study_id)
            known = _readings(connection, study_id)
            return [
                ImageReadings(one, tuple(known.get(one.id, ())), days[one.id])
                for one in listed_images(connection, study_id)
            ]

    def note(self, study_id: int, detail: Json, by: Person) -> None:
        """Say in the audit that a study was exported. Raises LockedError for who may not, SaveError where it
        cannot be written."""
        with self._database.write() as connection:
            require(connection, by, Right.EXPORT)
            audit.append(connection, by, "export", f"study {study_id}", detail)


def _days(connection: Connection, study_id: int) -> dict[int, int | None]:
    """Days of each image since its patient's first one. Withdrawn images count, as they do for visits."""
    first = func.min(image.c.study_date).over(partition_by=image.c.patient_id)
    rows = select(image.c.id, image.c.study_date, first.label("first")).where(image.c.study_id == study_id)
    return {row.id: _between(day(row.first), day(row.study_date)) for row in connection.execute(rows)}


def _between(first: date | None, then: date | None) -> int | None:
    return None if first is None or then is None else (then - first).days


def _readings(connection: Connection, study_id: int) -> dict[int, list[ReadBy]]:
    """By image. Who said nothing yet has no reading."""
    changes, shown = _changes(connection, study_id), _shown(connection, study_id)
    wanted = (
        select(reading, person.c.name.label("reader"))
        .join(person, person.c.id == reading.c.reader_id)
        .where(reading.c.study_id == study_id, reading.c.listed == 1)
        .order_by(reading.c.image_id, person.c.key)
    )
    found: dict[int, list[ReadBy]] = {}
    for row in connection.execute(wanted).all():
        key = row.image_id, row.reader_id
        position, at = changes.get(key, (0, None))
        said: Reading = reading_of(connection, row)
        first: Reveal | None = reveals_of(connection, *key)[0] if key in shown else None
        found.setdefault(row.image_id, []).append(ReadBy(said, row.reader, first, position, at))
    return found


def _shown(connection: Connection, study_id: int) -> set[tuple[int, int]]:
    """The images and readers where a reader was shown a run."""
    rows = (
        select(reveal.c.image_id, reveal.c.reader_id)
        .join(image, image.c.id == reveal.c.image_id)
        .where(image.c.study_id == study_id)
    )
    return {(row.image_id, row.reader_id) for row in connection.execute(rows)}


def _changes(connection: Connection, study_id: int) -> Mapping[tuple[int, int], tuple[int, datetime]]:
    """Image and reader -> place and time of the last audit row that changed the reading or who saw what."""
    rows = (
        select(image.c.id, audit_rows.c.person_id, audit_rows.c.sequence, audit_rows.c.at)
        .join(audit_rows, audit_rows.c.subject == literal("image ") + cast(image.c.id, Text))
        .where(image.c.study_id == study_id, audit_rows.c.action.not_in(_CHANGE_NO_LABEL))
        .order_by(audit_rows.c.sequence)
    )
    return {
        (row.id, row.person_id): (row.sequence, datetime.fromisoformat(row.at))
        for row in connection.execute(rows)
    }
