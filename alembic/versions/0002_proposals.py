"""Proposals: versions, runs, what they propose, readers' decisions and who saw what; where annotations come
from; and when a study shows proposals to its readers."""

from alembic import op

revision = "0002"
down_revision = "0001"

NEW = (
    """
    CREATE TABLE model_version (
        id INTEGER NOT NULL,
        name TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        folder BLOB NOT NULL,
        created TEXT NOT NULL,
        figures TEXT NOT NULL,
        active INTEGER NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_model_version_sha256_1 UNIQUE (sha256),
        CONSTRAINT ck_model_version_name_1 CHECK (length(name) BETWEEN 1 AND 200),
        CONSTRAINT ck_model_version_sha256_1 CHECK (length(sha256) = 64),
        CONSTRAINT ck_model_version_folder_1 CHECK (length(folder) > 0),
        CONSTRAINT ck_model_version_figures_1 CHECK (figures LIKE '[%]'),
        CONSTRAINT ck_model_version_active_1 CHECK (active IN (0, 1))
    ) STRICT
    """,
    """
    CREATE UNIQUE INDEX ix_model_version_active_1 ON model_version (active) WHERE active = 1
    """,
    """
    CREATE TABLE run (
        id INTEGER NOT NULL,
        image_id INTEGER NOT NULL,
        version_id INTEGER NOT NULL,
        scan TEXT NOT NULL,
        runtime TEXT NOT NULL,
        t_conf REAL NOT NULL,
        t_iou1 REAL NOT NULL,
        t_iou2 REAL NOT NULL,
        top_first INTEGER NOT NULL,
        top_second INTEGER NOT NULL,
        hands TEXT NOT NULL,
        right_on_left INTEGER NOT NULL,
        at TEXT NOT NULL,
        started_by INTEGER NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT ck_run_scan_1 CHECK (scan IN ('windows', 'whole')),
        CONSTRAINT ck_run_thresholds_1 CHECK (t_conf BETWEEN 0 AND 1 AND t_iou1 BETWEEN 0 AND 1 AND
            t_iou2 BETWEEN 0 AND 1),
        CONSTRAINT ck_run_top_1 CHECK (top_first BETWEEN 0 AND 1000 AND top_second BETWEEN 0 AND
            1000),
        CONSTRAINT ck_run_hands_1 CHECK (hands IN ('both', 'right', 'left')),
        CONSTRAINT ck_run_right_on_left_1 CHECK (right_on_left IN (0, 1)),
        FOREIGN KEY(image_id) REFERENCES image (id),
        FOREIGN KEY(version_id) REFERENCES model_version (id),
        FOREIGN KEY(started_by) REFERENCES person (id)
    ) STRICT
    """,
    """
    CREATE INDEX ix_run_image_1 ON run (image_id, id)
    """,
    """
    CREATE INDEX ix_run_version_1 ON run (version_id, image_id, scan)
    """,
    """
    CREATE TABLE run_missing (
        run_id INTEGER NOT NULL,
        joint TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (run_id, joint),
        CONSTRAINT ck_run_missing_joint_1 CHECK (joint IN ('R-IP1', 'R-PIP2', 'R-PIP3', 'R-PIP4',
            'R-PIP5', 'R-MP1', 'R-MP2', 'R-MP3', 'R-MP4', 'R-MP5', 'L-IP1', 'L-PIP2', 'L-PIP3',
            'L-PIP4', 'L-PIP5', 'L-MP1', 'L-MP2', 'L-MP3', 'L-MP4', 'L-MP5')),
        FOREIGN KEY(run_id) REFERENCES run (id)
    ) STRICT
    """,
    """
    CREATE TABLE proposal (
        id INTEGER NOT NULL,
        run_id INTEGER NOT NULL,
        joint TEXT,
        x0 REAL NOT NULL,
        y0 REAL NOT NULL,
        x1 REAL NOT NULL,
        y1 REAL NOT NULL,
        confidence REAL NOT NULL,
        ankylosis_background REAL NOT NULL,
        ankylosis_absent REAL NOT NULL,
        ankylosis_present REAL NOT NULL,
        subluxation_background REAL NOT NULL,
        subluxation_absent REAL NOT NULL,
        subluxation_present REAL NOT NULL,
        seen_by TEXT NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_proposal_joint_1 UNIQUE (run_id, joint),
        CONSTRAINT ck_proposal_joint_1 CHECK (joint IN ('R-IP1', 'R-PIP2', 'R-PIP3', 'R-PIP4',
            'R-PIP5', 'R-MP1', 'R-MP2', 'R-MP3', 'R-MP4', 'R-MP5', 'L-IP1', 'L-PIP2', 'L-PIP3',
            'L-PIP4', 'L-PIP5', 'L-MP1', 'L-MP2', 'L-MP3', 'L-MP4', 'L-MP5')),
        CONSTRAINT ck_proposal_box_1 CHECK (coalesce(x0 BETWEEN -1000000.0 AND 1000000.0 AND y0
            BETWEEN -1000000.0 AND 1000000.0 AND x1 BETWEEN -1000000.0 AND 1000000.0 AND y1 BETWEEN
            -1000000.0 AND 1000000.0 AND x0 < x1 AND y0 < y1, false)),
        CONSTRAINT ck_proposal_confidence_1 CHECK (confidence BETWEEN 0 AND 1),
        CONSTRAINT ck_proposal_ankylosis_1 CHECK (ankylosis_background BETWEEN 0 AND 1 AND
            ankylosis_absent BETWEEN 0 AND 1 AND ankylosis_present BETWEEN 0 AND 1 AND
            ankylosis_background + ankylosis_absent + ankylosis_present BETWEEN 0.99 AND 1.01),
        CONSTRAINT ck_proposal_subluxation_1 CHECK (subluxation_background BETWEEN 0 AND 1 AND
            subluxation_absent BETWEEN 0 AND 1 AND subluxation_present BETWEEN 0 AND 1 AND
            subluxation_background + subluxation_absent + subluxation_present BETWEEN 0.99 AND
            1.01),
        CONSTRAINT ck_proposal_seen_by_1 CHECK (seen_by IN ('both', 'first', 'second')),
        CONSTRAINT ck_proposal_first_only_1 CHECK (seen_by <> 'first' OR (subluxation_background = 0
            AND subluxation_absent = 1 AND subluxation_present = 0)),
        CONSTRAINT ck_proposal_second_only_1 CHECK (seen_by <> 'second' OR (ankylosis_background = 0
            AND ankylosis_absent = 1 AND ankylosis_present = 0)),
        FOREIGN KEY(run_id) REFERENCES run (id)
    ) STRICT
    """,
    """
    CREATE TABLE proposal_flag (
        proposal_id INTEGER NOT NULL,
        place INTEGER NOT NULL,
        kind TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (proposal_id, place),
        CONSTRAINT ck_proposal_flag_place_1 CHECK (place >= 0),
        CONSTRAINT ck_proposal_flag_kind_1 CHECK (kind IN ('unnamed', 'duplicate', 'resolved',
            'implausible')),
        FOREIGN KEY(proposal_id) REFERENCES proposal (id)
    ) STRICT
    """,
    """
    CREATE TABLE decision (
        proposal_id INTEGER NOT NULL,
        reader_id INTEGER NOT NULL,
        outcome TEXT NOT NULL,
        became TEXT,
        moved_iou REAL,
        at TEXT NOT NULL,
        PRIMARY KEY (proposal_id, reader_id),
        CONSTRAINT ck_decision_outcome_1 CHECK (outcome IN ('accepted', 'moved', 'relabelled',
            'rejected')),
        CONSTRAINT ck_decision_became_1 CHECK (became LIKE '{%}'),
        CONSTRAINT ck_decision_rejected_1 CHECK ((outcome = 'rejected') = (became IS NULL)),
        CONSTRAINT ck_decision_whole_1 CHECK ((became IS NULL) = (moved_iou IS NULL)),
        CONSTRAINT ck_decision_moved_iou_1 CHECK (moved_iou BETWEEN 0 AND 1 AND (outcome <>
            'accepted' OR moved_iou = 1)),
        FOREIGN KEY(proposal_id) REFERENCES proposal (id),
        FOREIGN KEY(reader_id) REFERENCES person (id)
    ) STRICT
    """,
    """
    CREATE TABLE reveal (
        image_id INTEGER NOT NULL,
        reader_id INTEGER NOT NULL,
        run_id INTEGER NOT NULL,
        policy TEXT NOT NULL,
        at TEXT NOT NULL,
        "before" TEXT NOT NULL,
        PRIMARY KEY (image_id, reader_id, run_id),
        CONSTRAINT ck_reveal_policy_1 CHECK (policy IN ('at once', 'after all joints are labelled',
            'after signing')),
        CONSTRAINT ck_reveal_before_1 CHECK (before LIKE '{%}'),
        FOREIGN KEY(image_id) REFERENCES image (id),
        FOREIGN KEY(reader_id) REFERENCES person (id),
        FOREIGN KEY(run_id) REFERENCES run (id)
    ) STRICT
    """,
    """
    CREATE TRIGGER model_version_no_update_1 BEFORE UPDATE OF name, sha256, created, figures
        ON model_version BEGIN SELECT RAISE(ABORT, 'a version is never changed'); END
    """,
)

STUDY = """
    CREATE TABLE study_0002 (
        id INTEGER NOT NULL,
        name TEXT NOT NULL,
        prefix TEXT NOT NULL,
        salt BLOB NOT NULL,
        reveal TEXT NOT NULL,
        PRIMARY KEY (id),
        CONSTRAINT uq_study_name_1 UNIQUE (name),
        CONSTRAINT ck_study_name_1 CHECK (length(name) BETWEEN 1 AND 200),
        CONSTRAINT ck_study_prefix_1 CHECK (length(prefix) BETWEEN 1 AND 8),
        CONSTRAINT ck_study_salt_1 CHECK (length(salt) = 32),
        CONSTRAINT ck_study_reveal_1 CHECK (reveal IN ('at once', 'after all joints are labelled',
            'after signing'))
    ) STRICT
"""

ANNOTATION = """
    CREATE TABLE annotation_0002 (
        reading_id INTEGER NOT NULL,
        joint TEXT NOT NULL,
        x0 REAL,
        y0 REAL,
        x1 REAL,
        y1 REAL,
        ankylosis TEXT,
        displacement TEXT,
        displacement_certainty TEXT,
        not_assessable TEXT,
        confirmed INTEGER NOT NULL,
        comment TEXT NOT NULL,
        proposal_id INTEGER,
        PRIMARY KEY (reading_id, joint),
        CONSTRAINT ck_annotation_joint_1 CHECK (joint IN ('R-IP1', 'R-PIP2', 'R-PIP3', 'R-PIP4',
            'R-PIP5', 'R-MP1', 'R-MP2', 'R-MP3', 'R-MP4', 'R-MP5', 'L-IP1', 'L-PIP2', 'L-PIP3',
            'L-PIP4', 'L-PIP5', 'L-MP1', 'L-MP2', 'L-MP3', 'L-MP4', 'L-MP5')),
        CONSTRAINT ck_annotation_box_1 CHECK ((x0 IS NULL AND y0 IS NULL AND x1 IS NULL AND y1 IS
            NULL) OR (coalesce(x0 BETWEEN -1000000.0 AND 1000000.0 AND y0 BETWEEN -1000000.0 AND
            1000000.0 AND x1 BETWEEN -1000000.0 AND 1000000.0 AND y1 BETWEEN -1000000.0 AND
            1000000.0 AND x0 < x1 AND y0 < y1, false))),
        CONSTRAINT ck_annotation_ankylosis_1 CHECK (ankylosis IN ('certain', 'probable')),
        CONSTRAINT ck_annotation_displacement_1 CHECK (displacement IN ('subluxation',
            'dislocation')),
        CONSTRAINT ck_annotation_displacement_certainty_1 CHECK (displacement_certainty IN
            ('certain', 'probable')),
        CONSTRAINT ck_annotation_displacement_whole_1 CHECK ((displacement IS NULL) =
            (displacement_certainty IS NULL)),
        CONSTRAINT ck_annotation_thumb_ip_1 CHECK (displacement IS NULL OR joint NOT IN ('R-IP1',
            'L-IP1')),
        CONSTRAINT ck_annotation_not_assessable_1 CHECK (not_assessable IN ('cropped', 'amputated',
            'implant', 'overlap', 'not visible')),
        CONSTRAINT ck_annotation_assessed_1 CHECK (not_assessable IS NULL OR (ankylosis IS NULL AND
            displacement IS NULL)),
        CONSTRAINT ck_annotation_confirmed_1 CHECK (confirmed = 0 OR (confirmed = 1 AND (x0 IS NOT
            NULL OR not_assessable IS NOT NULL))),
        CONSTRAINT ck_annotation_origin_1 CHECK (proposal_id IS NULL OR x0 IS NOT NULL),
        FOREIGN KEY(reading_id) REFERENCES reading (id),
        FOREIGN KEY(proposal_id) REFERENCES proposal (id)
    ) STRICT
"""

FACTS = {
    "run": ("id",),
    "run_missing": ("run_id", "joint"),
    "proposal": ("id",),
    "proposal_flag": ("proposal_id", "place"),
    "reveal": ("image_id", "reader_id", "run_id"),
}
"""Tables whose rows are only added, with their primary keys."""


def upgrade() -> None:
    for statement in NEW:
        op.get_bind().exec_driver_sql(statement)
    for table, key in FACTS.items():
        _append_only(table, key)
    _rebuild("study", STUDY, "id, name, prefix, salt, 'at once'")
    _rebuild("annotation", ANNOTATION, "*, NULL")


def _append_only(table: str, key: tuple[str, ...]) -> None:
    there = " AND ".join(f"{column} = NEW.{column}" for column in key)
    for name, event, refusal in (
        ("update", "UPDATE", "never changed"),
        ("delete", "DELETE", "never deleted"),
        ("replace", "INSERT", "only added"),
    ):
        when = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {there}) " if event == "INSERT" else ""
        op.get_bind().exec_driver_sql(
            f"CREATE TRIGGER {table}_no_{name}_1 BEFORE {event} ON {table} {when}"
            f"BEGIN SELECT RAISE(ABORT, '{table} rows are {refusal}'); END"
        )


def _rebuild(table: str, new: str, columns: str) -> None:
    """SQLite adds no CHECK to a table that is there: the rows go into a new one, which takes its name."""
    for statement in (
        new,
        f"INSERT INTO {table}_0002 SELECT {columns} FROM {table}",
        f"DROP TABLE {table}",
        f"ALTER TABLE {table}_0002 RENAME TO {table}",
    ):
        op.get_bind().exec_driver_sql(statement)
