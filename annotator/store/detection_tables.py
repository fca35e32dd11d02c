"""The tables of proposals: versions, runs with what they propose, readers' decisions, and who saw what when.

Runs, proposals and reveals are facts: triggers refuse every change. A decision can be undone; the audit
keeps that it was taken.
"""

from __future__ import annotations

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
    event,
)

from annotator.domain.decisions import Outcome
from annotator.domain.joints import JOINTS, Hands
from annotator.domain.proposals import FlagKind, SeenBy
from annotator.domain.revealing import RevealPolicy
from annotator.store.schema import append_only, box_condition, flag, metadata, one_of, required, rule, words

SCANS = ("windows", "whole")
_NAMES = [joint.name for joint in JOINTS]
_TRIPLES = {
    finding: [f"{finding}_{name}" for name in ("background", "absent", "present")]
    for finding in ("ankylosis", "subluxation")
}


def _real(name: str) -> Column[float]:
    return Column(name, REAL, nullable=False)


def _shares(*columns: str) -> str:
    return " AND ".join(f"{column} BETWEEN 0 AND 1" for column in columns)


def _probabilities(finding: str) -> str:
    triple = _TRIPLES[finding]
    return f"{_shares(*triple)} AND {' + '.join(triple)} BETWEEN 0.99 AND 1.01"


def _not_seen(finding: str) -> str:
    background, absent, present = _TRIPLES[finding]
    return f"({background} = 0 AND {absent} = 1 AND {present} = 0)"


model_version = Table(
    "model_version",
    metadata,
    Column("id", Integer, primary_key=True),
    words("name"),
    words("sha256"),
    Column("folder", LargeBinary, nullable=False),
    words("created"),
    words("figures"),
    required("active"),
    UniqueConstraint("sha256", name="uq_model_version_sha256_1"),
    rule("model_version", "name", "length(name) BETWEEN 1 AND 200"),
    rule("model_version", "sha256", "length(sha256) = 64"),
    rule("model_version", "folder", "length(folder) > 0"),
    rule("model_version", "figures", "figures LIKE '[%]'"),
    flag("model_version", "active"),
    sqlite_strict=True,
)
Index(
    "ix_model_version_active_1", model_version.c.active, unique=True, sqlite_where=model_version.c.active == 1
)

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    required("image_id", ForeignKey("image.id")),
    required("version_id", ForeignKey("model_version.id")),
    words("scan"),
    words("runtime"),
    *(_real(name) for name in ("t_conf", "t_iou1", "t_iou2")),
    required("top_first"),
    required("top_second"),
    words("hands"),
    required("right_on_left"),
    words("at"),
    required("started_by", ForeignKey("person.id")),
    rule("run", "scan", one_of("scan", SCANS)),
    rule("run", "thresholds", _shares("t_conf", "t_iou1", "t_iou2")),
    rule("run", "top", "top_first BETWEEN 0 AND 1000 AND top_second BETWEEN 0 AND 1000"),
    rule("run", "hands", one_of("hands", Hands)),
    flag("run", "right_on_left"),
    sqlite_strict=True,
)
Index("ix_run_image_1", run.c.image_id, run.c.id)
Index("ix_run_version_1", run.c.version_id, run.c.image_id, run.c.scan)

run_missing = Table(
    "run_missing",
    metadata,
    Column("run_id", Integer, ForeignKey("run.id"), primary_key=True),
    Column("joint", Text, primary_key=True),
    words("reason"),
    rule("run_missing", "joint", one_of("joint", _NAMES)),
    sqlite_strict=True,
)

proposal = Table(
    "proposal",
    metadata,
    Column("id", Integer, primary_key=True),
    required("run_id", ForeignKey("run.id")),
    Column("joint", Text),
    *(_real(name) for name in ("x0", "y0", "x1", "y1", "confidence")),
    *(_real(name) for triple in _TRIPLES.values() for name in triple),
    words("seen_by"),
    UniqueConstraint("run_id", "joint", name="uq_proposal_joint_1"),
    rule("proposal", "joint", one_of("joint", _NAMES)),
    rule("proposal", "box", box_condition()),
    rule("proposal", "confidence", _shares("confidence")),
    rule("proposal", "ankylosis", _probabilities("ankylosis")),
    rule("proposal", "subluxation", _probabilities("subluxation")),
    rule("proposal", "seen_by", one_of("seen_by", SeenBy)),
    rule("proposal", "first_only", f"seen_by <> 'first' OR {_not_seen('subluxation')}"),
    rule("proposal", "second_only", f"seen_by <> 'second' OR {_not_seen('ankylosis')}"),
    sqlite_strict=True,
)

proposal_flag = Table(
    "proposal_flag",
    metadata,
    Column("proposal_id", Integer, ForeignKey("proposal.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    words("kind"),
    words("reason"),
    rule("proposal_flag", "place", "place >= 0"),
    rule("proposal_flag", "kind", one_of("kind", FlagKind)),
    sqlite_strict=True,
)

decision = Table(
    "decision",
    metadata,
    Column("proposal_id", Integer, ForeignKey("proposal.id"), primary_key=True),
    Column("reader_id", Integer, ForeignKey("person.id"), primary_key=True),
    words("outcome"),
    Column("became", Text),
    Column("moved_iou", REAL),
    words("at"),
    rule("decision", "outcome", one_of("outcome", Outcome)),
    rule("decision", "became", "became LIKE '{%}'"),
    rule("decision", "rejected", "(outcome = 'rejected') = (became IS NULL)"),
    rule("decision", "whole", "(became IS NULL) = (moved_iou IS NULL)"),
    rule("decision", "moved_iou", "moved_iou BETWEEN 0 AND 1 AND (outcome <> 'accepted' OR moved_iou = 1)"),
    sqlite_strict=True,
)

reveal = Table(
    "reveal",
    metadata,
    Column("image_id", Integer, ForeignKey("image.id"), primary_key=True),
    Column("reader_id", Integer, ForeignKey("person.id"), primary_key=True),
    Column("run_id", Integer, ForeignKey("run.id"), primary_key=True),
    words("policy"),
    words("at"),
    words("before"),
    rule("reveal", "policy", one_of("policy", RevealPolicy)),
    rule("reveal", "before", "before LIKE '{%}'"),
    sqlite_strict=True,
)

TRIGGERS: dict[Table, tuple[str, ...]] = {
    model_version: (
        """CREATE TRIGGER model_version_no_update_1 BEFORE UPDATE OF name, sha256, created, figures
        ON model_version BEGIN SELECT RAISE(ABORT, 'a version is never changed'); END""",
    ),
    **{table: append_only(table) for table in (run, run_missing, proposal, proposal_flag, reveal)},
}


def _create_triggers(table: Table, connection: Connection, **_: object) -> None:
    for trigger in TRIGGERS[table]:
        connection.exec_driver_sql(trigger)


for _table in TRIGGERS:
    event.listen(_table, "after_create", _create_triggers)
