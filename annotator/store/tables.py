"""The tables, as the newest migration leaves them.

Tables are STRICT, so that SQLite refuses text in a number, and every rule stands in a CHECK as well. A
constraint's name ends in its version: whoever changes a rule or an Enum behind one writes a migration
and counts the version up. `reading` repeats the image's place in the worklist (study, patient number,
visit, date) and holds a summary of its annotations, so that a worklist
of 100,000 images is read from indexes.
"""

from __future__ import annotations

import re

from sqlalchemy import (
    REAL,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
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
from annotator.domain.revealing import RevealPolicy
from annotator.store.detection_tables import decision as decision
from annotator.store.detection_tables import model_version as model_version
from annotator.store.detection_tables import proposal as proposal
from annotator.store.detection_tables import proposal_flag as proposal_flag
from annotator.store.detection_tables import reveal as reveal
from annotator.store.detection_tables import run as run
from annotator.store.detection_tables import run_missing as run_missing
from annotator.store.schema import box_condition, flag, metadata, one_of, required, rule, words

REVISION = "0002"
"""The newest migration, which these tables match."""

APPLICATION_ID = 0x4B4E434B
"""Marks a SQLite file as Knuckle's (the letters KNCK)."""

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    words("name"),
    words("key"),
    words("role"),
    UniqueConstraint("key", name="uq_person_key_1"),
    rule("person", "name", "length(name) BETWEEN 1 AND 100"),
    rule("person", "role", one_of("role", Role)),
    sqlite_strict=True,
)

study = Table(
    "study",
    metadata,
    Column("id", Integer, primary_key=True),
    words("name"),
    words("prefix"),
    Column("salt", LargeBinary, nullable=False),
    words("reveal"),
    UniqueConstraint("name", name="uq_study_name_1"),
    rule("study", "name", "length(name) BETWEEN 1 AND 200"),
    rule("study", "prefix", "length(prefix) BETWEEN 1 AND 8"),
    rule("study", "salt", "length(salt) = 32"),
    rule("study", "reveal", one_of("reveal", RevealPolicy)),
    sqlite_strict=True,
)

patient = Table(
    "patient",
    metadata,
    Column("id", Integer, primary_key=True),
    required("study_id", ForeignKey("study.id")),
    required("number"),
    words("code"),
    words("key"),
    Column("withdrawn_at", Text),
    Column("withdrawn_reason", Text),
    UniqueConstraint("study_id", "key", name="uq_patient_key_1"),
    UniqueConstraint("study_id", "number", name="uq_patient_number_1"),
    UniqueConstraint("study_id", "code", name="uq_patient_code_1"),
    rule("patient", "number", "number BETWEEN 1 AND 99999999"),
    rule("patient", "key", "length(key) > 0"),
    rule("patient", "withdrawn", "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)"),
    sqlite_strict=True,
)

image = Table(
    "image",
    metadata,
    Column("id", Integer, primary_key=True),
    required("study_id", ForeignKey("study.id")),
    required("patient_id", ForeignKey("patient.id")),
    required("patient_number"),
    required("visit"),
    Column("path", LargeBinary, nullable=False),
    required("size"),
    required("modified_ns"),
    words("file_sha256"),
    words("pixels_sha256"),
    words("sop_instance_uid"),
    required("rows"),
    required("columns"),
    required("bits_stored"),
    words("view"),
    Column("study_date", Text),
    Column("acquisition_date", Text),
    words("hands"),
    required("right_on_left"),
    required("side_confirmed"),
    Column("withdrawn_at", Text),
    Column("withdrawn_reason", Text),
    UniqueConstraint("study_id", "pixels_sha256", name="uq_image_pixels_1"),
    rule("image", "visit", "visit BETWEEN 1 AND 99999999"),
    rule("image", "path", "length(path) > 0"),
    rule("image", "file", "size BETWEEN 0 AND 1000000000000000"),
    rule("image", "sha256", "length(file_sha256) = 64 AND length(pixels_sha256) = 64"),
    rule("image", "shape", '"rows" BETWEEN 1 AND 100000 AND "columns" BETWEEN 1 AND 100000'),
    rule("image", "bits_stored", "bits_stored BETWEEN 1 AND 32"),
    rule("image", "study_date", "study_date LIKE '____-__-__'"),
    rule("image", "acquisition_date", "acquisition_date LIKE '____-__-__'"),
    rule("image", "hands", one_of("hands", Hands)),
    flag("image", "right_on_left"),
    flag("image", "side_confirmed"),
    rule("image", "withdrawn", "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)"),
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
    required("image_id", ForeignKey("image.id")),
    required("reader_id", ForeignKey("person.id")),
    required("version"),
    words("hands"),
    required("right_on_left"),
    required("side_confirmed"),
    words("excluded"),
    words("comment"),
    Column("signed_at", Text),
    words("saved_at"),
    words("state"),
    required("done"),
    required("expected"),
    Column("progress", REAL, nullable=False),
    required("findings"),
    required("study_id"),
    required("patient_number"),
    required("visit"),
    Column("study_date", Text),
    required("listed"),
    UniqueConstraint("image_id", "reader_id", name="uq_reading_1"),
    rule("reading", "version", "version >= 1"),
    rule("reading", "hands", one_of("hands", Hands)),
    flag("reading", "right_on_left"),
    flag("reading", "side_confirmed"),
    flag("reading", "listed"),
    rule("reading", "state", one_of("state", [s for s in ReadingState if s is not ReadingState.NEW])),
    rule("reading", "signed", "(state = 'signed') = (signed_at IS NOT NULL)"),
    rule("reading", "done", "expected IN (0, 10, 20) AND done BETWEEN 0 AND expected"),
    rule("reading", "progress", "progress BETWEEN 0 AND 1"),
    rule("reading", "findings", "findings BETWEEN 0 AND 7"),
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
    required("confirmed"),
    words("comment"),
    Column("proposal_id", Integer, ForeignKey("proposal.id")),
    rule("annotation", "joint", one_of("joint", [joint.name for joint in JOINTS])),
    rule(
        "annotation",
        "box",
        f"(x0 IS NULL AND y0 IS NULL AND x1 IS NULL AND y1 IS NULL) OR ({box_condition()})",
    ),
    rule("annotation", "ankylosis", one_of("ankylosis", Certainty)),
    rule("annotation", "displacement", one_of("displacement", (Finding.SUBLUXATION, Finding.DISLOCATION))),
    rule("annotation", "displacement_certainty", one_of("displacement_certainty", Certainty)),
    rule("annotation", "displacement_whole", "(displacement IS NULL) = (displacement_certainty IS NULL)"),
    rule("annotation", "thumb_ip", "displacement IS NULL OR joint NOT IN ('R-IP1', 'L-IP1')"),
    rule("annotation", "not_assessable", one_of("not_assessable", NotAssessable)),
    rule(
        "annotation",
        "assessed",
        "not_assessable IS NULL OR (ankylosis IS NULL AND displacement IS NULL)",
    ),
    rule(
        "annotation",
        "confirmed",
        "confirmed = 0 OR (confirmed = 1 AND (x0 IS NOT NULL OR not_assessable IS NOT NULL))",
    ),
    rule("annotation", "origin", "proposal_id IS NULL OR x0 IS NOT NULL"),
    sqlite_strict=True,
)

audit = Table(
    "audit",
    metadata,
    Column("sequence", Integer, primary_key=True),
    words("at"),
    required("person_id", ForeignKey("person.id")),
    words("person"),
    words("action"),
    words("subject"),
    words("detail"),
    words("previous"),
    words("hash"),
    rule("audit", "sequence", "sequence >= 1"),
    rule("audit", "hash", "length(previous) = 64 AND length(hash) = 64"),
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
