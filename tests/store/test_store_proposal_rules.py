"""What the database itself refuses of proposals, what check tells, and databases of before."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from detection_samples import OTHER, review_on
from store_samples import MIGRATIONS, audit_rows, desk_on, open_database
from test_store_check import damage

from annotator.domain import deciding
from annotator.domain.annotations import ReadingState
from annotator.domain.findings import Finding
from annotator.domain.joints import JOINTS, joint_named
from annotator.domain.proposals import Flag, FlagKind
from annotator.domain.revealing import RevealPolicy
from annotator.store.check import check
from annotator.store.versions import Versions
from tests.proposal_samples import proposed

PIP3 = joint_named("R-PIP3")
FROZEN = Path(__file__).with_name("frozen_0001.sql")
FACTS = ("run", "run_missing", "proposal", "proposal_flag", "reveal")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed database with two versions, two runs, and decisions of every kind."""
    desk = desk_on(open_database(tmp_path))
    review = review_on(desk, run=False)
    flagged = Flag(FlagKind.IMPLAUSIBLE, "It lies far away.")
    few = tuple(proposed(joint, flags=(flagged,)) for joint in JOINTS[:4])
    run = review.run(few)
    for edit in (
        deciding.accept(review.reading, run.proposals[0]),
        deciding.reject(review.reading, run.proposals[1]),
    ):
        review.do(edit)
    review.run(few, Versions(desk.database).register(OTHER, desk.admin))
    Versions(desk.database).activate(1, desk.admin)
    with desk.database.write() as connection:
        connection.exec_driver_sql("INSERT INTO run_missing VALUES (1, 'L-MP5', 'No box is near.')")
    desk.database.close()
    return desk.database.path


def test_what_is_sound_is_counted(path: Path) -> None:
    report = check(path, MIGRATIONS)
    assert report.problems == ()
    wanted = {"versions": 2, "runs": 2, "proposals": 8, "decisions": 2, "reveals": 2}
    assert wanted.items() <= report.counts.items()


@pytest.mark.parametrize("table", FACTS)
@pytest.mark.parametrize("change", ["DELETE FROM {}", "UPDATE {} SET rowid = rowid + 100", "REPLACE"])
def test_facts_are_never_changed(path: Path, table: str, change: str) -> None:
    statement = change.format(table)
    if change == "REPLACE":
        statement = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    with (
        closing(sqlite3.connect(path)) as rival,
        pytest.raises(sqlite3.IntegrityError, match=f"{table} rows"),
    ):
        rival.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE model_version SET name = 'better'",
        "UPDATE model_version SET sha256 = 'ef'",
        "UPDATE model_version SET active = 1",
        "UPDATE model_version SET active = 2 WHERE id = 1",
        "UPDATE decision SET outcome = 'perhaps'",
        "UPDATE decision SET outcome = 'rejected'",
        "UPDATE decision SET moved_iou = 0.5 WHERE outcome = 'accepted'",
        "UPDATE decision SET moved_iou = NULL WHERE outcome = 'accepted'",
        "UPDATE decision SET became = 'R-PIP3' WHERE outcome = 'accepted'",
        "UPDATE decision SET proposal_id = 999 WHERE outcome = 'accepted'",
        "UPDATE annotation SET proposal_id = 999",
        "UPDATE annotation SET x0 = NULL, y0 = NULL, x1 = NULL, y1 = NULL, confirmed = 0",
        "UPDATE study SET reveal = 'never'",
        "INSERT INTO proposal_flag VALUES (1, 7, 'odd', 'It is odd.')",
        "INSERT INTO reveal VALUES (1, 1, 1, 'sometimes', '', '{}')",
    ],
)
def test_values_that_make_no_sense_are_refused(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA foreign_keys=ON")
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(statement)


@pytest.mark.parametrize(
    ("table", "changed"),
    [
        ("run", {"image_id": 77}),
        ("run", {"version_id": 77}),
        ("run", {"started_by": 77}),
        ("run", {"scan": "half"}),
        ("run", {"t_conf": 1.5}),
        ("run", {"top_first": -1}),
        ("run", {"hands": "none"}),
        ("proposal", {"run_id": 77}),
        ("proposal", {"joint": "R-PIP2"}),  # named twice in its run
        ("proposal", {"joint": "R-PIP9"}),
        ("proposal", {"x1": -5.0}),
        ("proposal", {"x1": float("inf")}),
        ("proposal", {"x1": float("nan")}),
        ("proposal", {"confidence": 1.1}),
        ("proposal", {"ankylosis_present": 0.5}),
        ("proposal", {"ankylosis_present": -0.02, "ankylosis_absent": 1.02}),
        ("proposal", {"seen_by": "nobody"}),
        ("proposal", {"seen_by": "first"}),  # with probabilities of the second detector
    ],
)
def test_facts_that_make_no_sense_are_never_added(path: Path, table: str, changed: dict[str, object]) -> None:
    """Added is a row like the third, but for what changed; without a change it may be."""
    fits: dict[str, object] = {"joint": None} if table == "proposal" else {}
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA foreign_keys=ON")
        database.row_factory = sqlite3.Row
        last = f"SELECT * FROM {table} WHERE id = (SELECT max(id) FROM {table} WHERE id <= 3)"
        row = {**dict(database.execute(last).fetchone()), **fits}
        del row["id"]
        add = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
        database.execute(add, list(row.values()))
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(add, list({**row, **changed}.values()))


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM decision WHERE outcome = 'rejected'", "not what the audit tells"),
        ("UPDATE decision SET became = '{}' WHERE outcome = 'accepted'", "cannot be read"),
        ("UPDATE decision SET proposal_id = 3 WHERE outcome = 'rejected'", "not what the audit tells"),
        ("UPDATE annotation SET proposal_id = 2", "not what the audit tells"),
        ("UPDATE annotation SET proposal_id = NULL", "not what the audit tells"),
        (
            "INSERT INTO reveal VALUES (1, 1, 1, 'at once', '2026-11-23T10:00:00+00:00', '{}')",
            "cannot be read",
        ),
    ],
)
def test_damage_is_told(path: Path, statement: str, told: str) -> None:
    damage(path, statement)
    report = check(path, MIGRATIONS)
    assert any(told in problem for problem in report.problems), report.problems


def test_a_reveal_that_was_taken_out_is_told(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        (trigger,) = database.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'reveal_no_delete_1'"
        ).fetchone()
        for statement in (
            "DROP TRIGGER reveal_no_delete_1",
            "DELETE FROM decision",
            "DELETE FROM reveal",
            trigger,
        ):
            database.execute(statement)
        database.commit()
    problems = check(path, MIGRATIONS).problems
    assert any("was shown" in problem for problem in problems), problems


def test_a_database_of_the_release_before_proposals_goes_on(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "knuckle.sqlite")) as database:
        database.executescript(FROZEN.read_text(encoding="utf-8"))
    old = tmp_path / "knuckle.sqlite"
    rows = {}
    for table in ("annotation", "study", "reading", "audit", "image"):
        with closing(sqlite3.connect(old)) as database:
            rows[table] = database.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
    desk = desk_on(open_database(tmp_path))
    assert check(old, MIGRATIONS).problems == ()
    with closing(sqlite3.connect(old)) as database:
        for table, before in rows.items():
            after = database.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            added = {"annotation": (None,), "study": ("at once",)}.get(table, ())
            assert after == [(*row, *added) for row in before]
    anna = desk.person("Anna")
    reading = desk.readings.load(3, anna)
    assert reading.state is ReadingState.IN_PROGRESS
    assert reading.findings == {Finding.ANKYLOSIS, Finding.DISLOCATION}
    assert desk.studies.reveal_policy(desk.study.id) is RevealPolicy.AT_ONCE
    review = review_on(desk, "Anna", number=3)
    review.do(deciding.accept_rest(reading, review.standing.rest(reading, 0.9)))
    assert review.agrees()
    desk.database.close()
    assert check(old, MIGRATIONS).problems == ()
    assert len(list((tmp_path / "backups").iterdir())) == 2
    assert audit_rows(desk.database)[-1].action == "accept the rest"
