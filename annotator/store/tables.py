"""The tables, as the newest migration leaves them.

Tables are STRICT, so that SQLite refuses text in a number, and every rule stands in a CHECK as well. A
constraint's name ends in its version: whoever changes a rule or an Enum behind one writes a migration
and counts the version up. `reading` repeats the image's place in the worklist (study, patient number,
visit, date) and holds a summary of its annotations, so that a worklist
of 100,000 images is read from indexes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from sqlalchemy import (
    REAL,
    CheckConstraint,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
)

from annotator.domain.annotations import ReadingState
from annotator.domain.findings import Certainty, Finding, NotAssessable
from annotator.domain.joints import JOINTS, Hands
from annotator.domain.people import Role

REVISION = "0001"
"""The newest migration, which these tables match."""

APPLICATION_ID = 0x4B4E434B
"""Marks a SQLite file as Knuckle's (the letters KNCK)."""

metadata = MetaData()


def _rule(table: str, name: str, condition: str, version: int = 1) -> CheckConstraint:
    return CheckConstraint(condition, name=f"ck_{table}_{name}_{version}")


def _one_of(column: str, values: Iterable[str]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


def _flag(table: str, column: str) -> CheckConstraint:
    return _rule(table, column, f"{column} IN (0, 1)")


def _required(name: str, *arguments: ForeignKey) -> Column[int]:
    return Column(name, Integer, *arguments, nullable=False)


def _words(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    _words("name"),
    _words("key"),
    _words("role"),
    UniqueConstraint("key", name="uq_person_key_1"),
    _rule("person", "name", "length(name) BETWEEN 1 AND 100"),
    _rule("person", "role", _one_of("role", Role)),
    sqlite_strict=True,
)

study = Table(
    "study",
    metadata,
    Column("id", Integer, primary_key=True),
    _words("name"),
    _words("prefix"),
    Column("salt", LargeBinary, nullable=False),
    UniqueConstraint("name", name="uq_study_name_1"),
    _rule("study", "name", "length(name) BETWEEN 1 AND 200"),
    _rule("study", "prefix", "length(prefix) BETWEEN 1 AND 8"),
    _rule("study", "salt", "length(salt) = 32"),
    sqlite_strict=True,
)

patient = Table(
    "patient",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("study_id", ForeignKey("study.id")),
    _required("number"),
    _words("code"),
    _words("key"),
    Column("withdrawn_at", Text),
    Column("withdrawn_reason", Text),
    UniqueConstraint("study_id", "key", name="uq_patient_key_1"),
    UniqueConstraint("study_id", "number", name="uq_patient_number_1"),
    UniqueConstraint("study_id", "code", name="uq_patient_code_1"),
    _rule("patient", "number", "number BETWEEN 1 AND 99999999"),
    _rule("patient", "key", "length(key) > 0"),
    _rule("patient", "withdrawn", "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)"),
    sqlite_strict=True,
)

image = Table(
    "image",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("study_id", ForeignKey("study.id")),
    _required("patient_id", ForeignKey("patient.id")),
    _required("patient_number"),
    _required("visit"),
    Column("path", LargeBinary, nullable=False),
    _required("size"),
    _required("modified_ns"),
    _words("file_sha256"),
    _words("pixels_sha256"),
    _words("sop_instance_uid"),
    _required("rows"),
    _required("columns"),
    _required("bits_stored"),
    _words("view"),
    Column("study_date", Text),
    Column("acquisition_date", Text),
    _words("hands"),
    _required("right_on_left"),
    _required("side_confirmed"),
    Column("withdrawn_at", Text),
    Column("withdrawn_reason", Text),
    UniqueConstraint("study_id", "pixels_sha256", name="uq_image_pixels_1"),
    _rule("image", "visit", "visit BETWEEN 1 AND 99999999"),
    _rule("image", "path", "length(path) > 0"),
    _rule("image", "file", "size BETWEEN 0 AND 1000000000000000"),
    _rule("image", "sha256", "length(file_sha256) = 64 AND length(pixels_sha256) = 64"),
    _rule("image", "shape", '"rows" BETWEEN 1 AND 100000 AND "columns" BETWEEN 1 AND 100000'),
    _rule("image", "bits_stored", "bits_stored BETWEEN 1 AND 32"),
    _rule("image", "study_date", "study_date LIKE '____-__-__'"),
    _rule("image", "acquisition_date", "acquisition_date LIKE '____-__-__'"),
    _rule("image", "hands", _one_of("hands", Hands)),
    _flag("image", "right_on_left"),
    _flag("image", "side_confirmed"),
    _rule("image", "withdrawn", "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)"),
    sqlite_strict=True,
)
_LISTED = (image.c.study_id, image.c.withdrawn_at)
_BY_PATIENT = (image.c.patient_number, image.c.visit, image.c.id)
Index("ix_image_patient_1", image.c.patient_id)
Index("ix_image_by_patient_1", *_LISTED, *_BY_PATIENT, image.c.study_date)
Index("ix_image_by_date_1", *_LISTED, image.c.study_date, *_BY_PATIENT)

reading = Table(
    "reading",
    metadata,
    Column("id", Integer, primary_key=True),
    _required("image_id", ForeignKey("image.id")),
    _required("reader_id", ForeignKey("person.id")),
    _required("version"),
    _words("hands"),
    _required("right_on_left"),
    _required("side_confirmed"),
    _words("excluded"),
    _words("comment"),
    Column("signed_at", Text),
    _words("saved_at"),
    _words("state"),
    _required("done"),
    _required("expected"),
    Column("progress", REAL, nullable=False),
    _required("findings"),
    _required("study_id"),
    _required("patient_number"),
    _required("visit"),
    Column("study_date", Text),
    _required("listed"),
    UniqueConstraint("image_id", "reader_id", name="uq_reading_1"),
    _rule("reading", "version", "version >= 1"),
    _rule("reading", "hands", _one_of("hands", Hands)),
    _flag("reading", "right_on_left"),
    _flag("reading", "side_confirmed"),
    _flag("reading", "listed"),
    _rule("reading", "state", _one_of("state", [s for s in ReadingState if s is not ReadingState.NEW])),
    _rule("reading", "signed", "(state = 'signed') = (signed_at IS NOT NULL)"),
    _rule("reading", "done", "expected IN (0, 10, 20) AND done BETWEEN 0 AND expected"),
    _rule("reading", "progress", "progress BETWEEN 0 AND 1"),
    _rule("reading", "findings", "findings BETWEEN 0 AND 7"),
    sqlite_strict=True,
)
_PLACE = (reading.c.patient_number, reading.c.visit, reading.c.image_id)
_OF_READER = (reading.c.reader_id, reading.c.study_id, reading.c.listed)
Index("ix_reading_by_state_1", *_OF_READER, reading.c.state, *_PLACE, reading.c.findings)
Index("ix_reading_by_progress_1", *_OF_READER, reading.c.progress, *_PLACE)

annotation = Table(
    "annotation",
    metadata,
    Column("reading_id", Integer, ForeignKey("reading.id"), primary_key=True),
    Column("joint", Text, primary_key=True),
    *(Column(name, REAL) for name in ("x0", "y0", "x1", "y1")),
    Column("ankylosis", Text),
    Column("displacement", Text),
    Column("displacement_certainty", Text),
    Column("not_assessable", Text),
    _required("confirmed"),
    _words("comment"),
    _rule("annotation", "joint", _one_of("joint", [joint.name for joint in JOINTS])),
    _rule(
        "annotation",
        "box",
        "(x0 IS NULL AND y0 IS NULL AND x1 IS NULL AND y1 IS NULL) OR ("
        "coalesce(x0 BETWEEN -1000000.0 AND 1000000.0 AND y0 BETWEEN -1000000.0 AND 1000000.0 AND "
        "x1 BETWEEN -1000000.0 AND 1000000.0 AND y1 BETWEEN -1000000.0 AND 1000000.0 AND "
        "x0 < x1 AND y0 < y1, false))",
    ),
    _rule("annotation", "ankylosis", _one_of("ankylosis", Certainty)),
    _rule("annotation", "displacement", _one_of("displacement", (Finding.SUBLUXATION, Finding.DISLOCATION))),
    _rule("annotation", "displacement_certainty", _one_of("displacement_certainty", Certainty)),
    _rule("annotation", "displacement_whole", "(displacement IS NULL) = (displacement_certainty IS NULL)"),
    _rule("annotation", "thumb_ip", "displacement IS NULL OR joint NOT IN ('R-IP1', 'L-IP1')"),
    _rule("annotation", "not_assessable", _one_of("not_assessable", NotAssessable)),
    _rule(
        "annotation",
        "assessed",
        "not_assessable IS NULL OR (ankylosis IS NULL AND displacement IS NULL)",
    ),
    _rule(
        "annotation",
        "confirmed",
        "confirmed = 0 OR (confirmed = 1 AND (x0 IS NOT NULL OR not_assessable IS NOT NULL))",
    ),
    sqlite_strict=True,
)

audit = Table(
    "audit",
    metadata,
    Column("sequence", Integer, primary_key=True),
    _words("at"),
    _required("person_id", ForeignKey("person.id")),
    _words("person"),
    _words("action"),
    _words("subject"),
    _words("detail"),
    _words("previous"),
    _words("hash"),
    _rule("audit", "sequence", "sequence >= 1"),
    _rule("audit", "hash", "length(previous) = 64 AND length(hash) = 64"),
    sqlite_strict=True,
)
Index("ix_audit_subject_1", audit.c.subject, audit.c.sequence)

TRIGGERS = (
    """CREATE TRIGGER audit_no_update_1 BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END""",
    """CREATE TRIGGER audit_no_delete_1 BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END""",
    """CREATE TRIGGER audit_only_append_1 BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE sequence >= NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'audit rows are only appended'); END""",
)


@event.listens_for(audit, "after_create")
def _create_triggers(_table: Table, connection: Connection, **_: object) -> None:
    for trigger in TRIGGERS:
        connection.exec_driver_sql(trigger)


def schema_text(connection: Connection) -> str:
    """The schema of an open database: sorted statements, a paragraph each, spaces and quotes evened out."""
    statements = connection.exec_driver_sql(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name <> 'alembic_version'"
    ).scalars()
    return "\n\n".join(sorted(_even(statement) for statement in statements)) + "\n"


def expected_schema() -> str:
    """The schema text of these tables, made in memory."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        metadata.create_all(connection)
        schema = schema_text(connection)
    engine.dispose()
    return schema


def _even(statement: str) -> str:
    return re.sub(r"\s*([(),])\s*", r"\1", re.sub(r"\s+", " ", statement.replace('"', ""))).strip()
