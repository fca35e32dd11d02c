"""check: a sound database, and every kind of damage told."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from store_samples import MIGRATIONS, audit_rows, box_for, desk_on, film, open_database

from annotator.domain import gestures
from annotator.domain.findings import Finding
from annotator.domain.joints import joint_named
from annotator.store.check import check

PIP3 = joint_named("R-PIP3")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed database with two readings of two films, both signed, one of them withdrawn since."""
    desk = desk_on(open_database(tmp_path))
    for number, name in ((1, "Anna"), (2, "Ben")):
        image_id, by = desk.image(film(number)), desk.person(name)
        reading = desk.readings.load(image_id, by)
        for step in (
            lambda r: gestures.draw(r, PIP3, box_for(PIP3)),
            lambda r: gestures.toggle_finding(r, PIP3, Finding.ANKYLOSIS),
            lambda r: gestures.exclude(r, "seen enough"),
        ):
            reading, _ = desk.readings.apply(reading, step(reading), by)
        desk.readings.sign(reading, by)
    desk.studies.withdraw_image(image_id, "wrong patient", desk.admin)
    desk.database.close()
    return desk.database.path


def damage(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        for name in ("audit_no_update_1", "audit_no_delete_1"):
            (trigger,) = database.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
            database.execute(f"DROP TRIGGER {name}")
            statements += (trigger,)
        database.execute("PRAGMA ignore_check_constraints=ON")
        for statement in statements:
            database.execute(statement)
        database.commit()


def test_a_sound_database(path: Path) -> None:
    report = check(path, MIGRATIONS)
    assert report.problems == ()
    assert report.sound
    assert report.counts == {
        "people": 3,
        "studies": 1,
        "patients": 1,
        "images": 2,
        "readings": 2,
        "annotations": 2,
        "versions": 0,
        "runs": 0,
        "proposals": 0,
        "decisions": 0,
        "reveals": 0,
        "audit": 15,
    }


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE audit SET detail = '{}' WHERE sequence = 5", "Row 5 of the audit was changed"),
        ("DELETE FROM audit WHERE sequence = 5", "no row 5"),
        ("DELETE FROM audit WHERE sequence > 11", "not what the audit tells"),
        ("UPDATE annotation SET x0 = x0 - 1", "not what the audit tells"),
        ("DELETE FROM annotation WHERE reading_id = 1", "wrong summary"),
        ("UPDATE reading SET done = 0, findings = 7", "wrong summary"),
        ("UPDATE annotation SET joint = 'R-IP9'", "cannot be read"),
        ("UPDATE annotation SET x1 = x0", "CHECK constraint failed"),
        ("UPDATE reading SET listed = 1", "another place"),
        ("UPDATE image SET visit = 5", "wrong number of visit"),
        ("UPDATE image SET patient_number = 5", "another patient"),
        ("UPDATE image SET patient_id = 77", "belongs to a patient that is not there"),
        ("DELETE FROM reading WHERE id = 1", "that is not there"),
        ("DROP INDEX ix_image_patient_1", "Missing or changed in the schema"),
        ("CREATE TABLE more (id INTEGER)", "Not of the schema"),
        ("UPDATE alembic_version SET version_num = '9999'", "newer version"),
        ("UPDATE alembic_version SET version_num = ''", "newer version"),
        ("PRAGMA application_id = 5", "not one of Knuckle's"),
    ],
)
def test_damage_is_told(path: Path, statement: str, told: str) -> None:
    damage(path, statement)
    report = check(path, MIGRATIONS)
    assert not report.sound
    assert any(told in problem for problem in report.problems), report.problems


def test_a_damaged_file_is_told(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 20] = b"\xa5" * (4096 * 17)
    path.write_bytes(content)
    assert not check(path, MIGRATIONS).sound


@pytest.mark.parametrize("content", [b"", b"no database " * 1000, b"SQLite format 3\x00" + b"\x00" * 5000])
def test_what_is_no_database_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.sqlite"
    path.write_bytes(content)
    report = check(path, MIGRATIONS)
    assert not report.sound
    assert len(report.problems) == 1


def test_a_missing_database_is_told_and_not_made(tmp_path: Path) -> None:
    assert not check(tmp_path / "none.sqlite", MIGRATIONS).sound
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET at = 'never'",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE sequence = 1",
        "INSERT INTO audit SELECT 0, at, person_id, person, action, subject, detail, '', '' FROM audit",
    ],
)
def test_the_audit_refuses_every_change(path: Path, statement: str) -> None:
    database = open_database(path.parent)
    before = audit_rows(database)
    with closing(sqlite3.connect(path)) as rival, pytest.raises(sqlite3.IntegrityError):
        rival.execute(statement)
    assert audit_rows(database) == before
    database.close()
    assert check(path, MIGRATIONS).problems == ()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("annotation.x0", "9e999"),
        ("annotation.x0", "-9e999"),
        ("annotation.x0", "'abc'"),
        ("annotation.x0", "NULL"),
        ("annotation.x0", "x1"),
        ("annotation.x0", "1e7"),
        ("annotation.ankylosis", "'perhaps'"),
        ("annotation.displacement", "'subluxation'"),
        ("annotation.not_assessable", "'cropped'"),
        ("annotation.confirmed", "2"),
        ("annotation.joint", "'R-IP2'"),
        ("reading.done", "'abc'"),
        ("reading.done", "21"),
        ("reading.state", "'new'"),
        ("reading.signed_at", "NULL"),
        ("reading.progress", "9e999"),
        ("reading.hands", "'none'"),
        ("reading.reader_id", "99"),
        ("image.rows", "'abc'"),
        ("image.rows", "1.5"),
        ("image.rows", "0"),
        ("image.pixels_sha256", "'short'"),
        ("image.study_date", "'yesterday'"),
        ("image.withdrawn_at", "'2015-01-01'"),
        ("person.role", "'king'"),
        ("person.name", "''"),
        ("study.salt", "x'00'"),
        ("patient.number", "0"),
    ],
)
def test_values_that_make_no_sense_are_refused(path: Path, column: str, value: str) -> None:
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA foreign_keys=ON")
        table, name = column.split(".")
        row = f"rowid = (SELECT min(rowid) FROM {table} WHERE {name} IS NOT NULL OR {value} IS NOT NULL)"
        with pytest.raises(sqlite3.IntegrityError):
            database.execute(f"UPDATE {table} SET {name} = {value} WHERE {row}")
