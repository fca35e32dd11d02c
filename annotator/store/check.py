"""Whether a database is sound: file, schema, references, audit, and what is derived."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Text, cast, func, literal, or_, select
from sqlalchemy.exc import DBAPIError

from annotator.domain.errors import KnuckleError
from annotator.store import audit, detection_check, importing, tables
from annotator.store.connection import connect
from annotator.store.failures import failure
from annotator.store.migrating import refuse_newer, revisions, stored_revision
from annotator.store.reading_rows import reading_of
from annotator.store.replay import EDITS, replay
from annotator.store.values import summary_columns

_COUNTED = {
    "people": tables.person,
    "studies": tables.study,
    "patients": tables.patient,
    "images": tables.image,
    "readings": tables.reading,
    "annotations": tables.annotation,
    "versions": tables.model_version,
    "runs": tables.run,
    "proposals": tables.proposal,
    "decisions": tables.decision,
    "reveals": tables.reveal,
    "audit": tables.audit,
}


@dataclass(frozen=True)
class CheckReport:
    """problems: a sentence each. counts: rows of people, studies, patients, images (withdrawn ones too),
    readings, annotations, versions, runs, proposals, decisions, reveals and audit; none where they could not
    be counted."""

    sound: bool
    problems: tuple[str, ...]
    counts: dict[str, int]


def check(path: Path, migrations: Path) -> CheckReport:
    """Look at everything and change nothing, but that a database left by a crash is rolled back first."""
    if not path.is_file():
        return CheckReport(False, ("There is no database in this folder.",), {})
    problems: list[str] = []
    counts: dict[str, int] = {}
    engine = connect(path)
    try:
        with engine.execution_options(reading=True).begin() as connection:
            _refuse_unknown(connection, migrations)
            for look in _LOOKS:
                problems.extend(look(connection))
            for name, table in _COUNTED.items():
                counts[name] = connection.scalar(select(func.count()).select_from(table)) or 0
    except DBAPIError as error:
        problems.append(failure(error, KnuckleError).message)
    except KnuckleError as error:
        problems.append(error.message)
    finally:
        engine.dispose()
    return CheckReport(not problems, tuple(problems), counts)


def _refuse_unknown(connection: Connection, migrations: Path) -> None:
    """Raises KnuckleError where the tables cannot be those that this version knows."""
    known, revision = revisions(migrations), stored_revision(connection)
    if revision is None:
        raise KnuckleError("The database is empty.", "Restore a backup.")
    refuse_newer(revision, known)
    if revision != known[-1]:
        raise KnuckleError(
            "The database is of an older version of Knuckle.", "Open it once with this version, then check."
        )


def _integrity(connection: Connection) -> Iterator[str]:
    for line in connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all():
        if line != "ok":
            yield f"SQLite reports: {line}."


def _schema(connection: Connection) -> Iterator[str]:
    found = set(tables.schema_text(connection).strip().split("\n\n"))
    expected = set(tables.expected_schema().strip().split("\n\n"))
    for statement in sorted(expected - found):
        yield f"Missing or changed in the schema: {statement[:60]}"
    for statement in sorted(found - expected):
        yield f"Not of the schema: {statement[:60]}"


def _references(connection: Connection) -> Iterator[str]:
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        yield f"Row {row} of {table} belongs to a {parent} that is not there."


def _places(connection: Connection) -> Iterator[str]:
    """What images and readings repeat of others."""
    image, reading, patient = tables.image.c, tables.reading.c, tables.patient.c
    strays = select(image.id).where(
        image.patient_id == patient.id,
        or_(image.study_id != patient.study_id, image.patient_number != patient.number),
    )
    for (image_id,) in connection.execute(strays):
        yield f"Image {image_id} is listed under another patient than it belongs to."
    for patient_id in connection.scalars(select(patient.id)).all():
        stored = select(image.id, image.visit).where(image.patient_id == patient_id)
        derived = importing.visits(connection, patient_id)
        for image_id, visit in connection.execute(stored):
            if derived[image_id] != visit:
                yield f"Image {image_id} has a wrong number of visit."
    misplaced = select(reading.id).where(
        reading.image_id == image.id,
        or_(
            reading.study_id != image.study_id,
            reading.patient_number != image.patient_number,
            reading.visit != image.visit,
            reading.study_date.is_distinct_from(image.study_date),
            (reading.listed == 1) != image.withdrawn_at.is_(None),
        ),
    )
    for (reading_id,) in connection.execute(misplaced):
        yield f"Reading {reading_id} is listed in another place than its image."


def _readings(connection: Connection) -> Iterator[str]:
    """Every reading has the summary of its annotations, and is what the audit makes of it."""
    for row in connection.execute(select(tables.reading).order_by(tables.reading.c.id)).all():
        try:
            stored = reading_of(connection, row)
            told = replay(connection, row.image_id, row.reader_id).reading
        except (ValueError, KeyError, TypeError) as error:
            yield f"Reading {row.id} cannot be read: {error}."
            continue
        if any(row._mapping[name] != value for name, value in summary_columns(stored).items()):
            yield f"Reading {row.id} has a wrong summary."
        if stored != told:
            yield f"Reading {row.id} is not what the audit tells of it."


def _lost_readings(connection: Connection) -> Iterator[str]:
    log, reading = tables.audit.c, tables.reading.c
    known = select(reading.id).where(
        log.subject == literal("image ") + cast(reading.image_id, Text), log.person_id == reading.reader_id
    )
    lost = select(log.subject, log.person).where(log.action.in_(sorted(EDITS)), ~known.exists()).distinct()
    for subject, person in connection.execute(lost):
        yield f"The audit tells of a reading of {subject} by {person} that is not there."


_LOOKS: tuple[Callable[[Connection], Iterator[str]], ...] = (
    _integrity,
    _schema,
    _references,
    _places,
    audit.problems,
    _readings,
    _lost_readings,
    detection_check.problems,
)
