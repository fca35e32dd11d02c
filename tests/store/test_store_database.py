"""The file: made, migrated, refused, backed up, restored."""

import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from store_samples import MIGRATIONS, box_for, desk_on, film, open_database

from annotator.domain import gestures
from annotator.domain.errors import KnuckleError
from annotator.domain.joints import joint_named
from annotator.domain.people import Role
from annotator.store import local_disk, tables
from annotator.store.check import check
from annotator.store.connection import connect
from annotator.store.database import Database, backups, restore
from annotator.store.migrating import revisions

PIP3 = joint_named("R-PIP3")
FROZEN = Path(__file__).with_name(f"schema_{tables.REVISION}.sql")
NEXT = f"{int(tables.REVISION) + 1:04}"


def filled(folder: Path) -> Path:
    """A closed database with one reading."""
    desk = desk_on(open_database(folder))
    image_id, anna = desk.image(film()), desk.person("Anna")
    reading = desk.readings.load(image_id, anna)
    desk.readings.apply(reading, gestures.draw(reading, PIP3, box_for(PIP3)), anna)
    desk.database.close()
    return desk.database.path


def names(folder: Path) -> list[str]:
    database = open_database(folder)
    found = [person.name for person in desk_on(database).people.all()]
    database.close()
    return found


def test_migrations_make_the_schema_that_is_frozen_and_that_the_tables_say(tmp_path: Path) -> None:
    database = open_database(tmp_path)
    with database.read() as connection:
        made = tables.schema_text(connection)
        differences = compare_metadata(MigrationContext.configure(connection), tables.metadata)
    database.close()
    assert made == FROZEN.read_text(encoding="utf-8")
    assert made == tables.expected_schema()
    assert differences == []


def test_the_newest_revision_is_known_without_alembic() -> None:
    script = ScriptDirectory(str(MIGRATIONS))
    assert script.get_heads() == [tables.REVISION] == revisions(MIGRATIONS)[-1:]
    assert [s.revision for s in script.walk_revisions()][::-1] == revisions(MIGRATIONS)


def test_alembic_is_loaded_only_to_migrate(tmp_path: Path) -> None:
    code = (
        "import sys; sys.path[:0] = sys.argv[2:]\n"
        "from pathlib import Path; import store_samples; import annotator.store.check\n"
        "desk = store_samples.desk_on(store_samples.open_database(Path(sys.argv[1])))\n"
        "desk.database.close()\n"
        "print('alembic' in sys.modules, 'pydicom' in sys.modules)\n"
    )
    folders = [str(Path(__file__).parent), str(MIGRATIONS.parent)]
    command = [sys.executable, "-c", code, str(tmp_path), *folders]
    first, second = (subprocess.run(command, capture_output=True, text=True, check=True) for _ in "12")
    assert first.stdout.split() == ["True", "False"]
    assert second.stdout.split() == ["False", "False"]


def test_how_connections_behave(tmp_path: Path) -> None:
    database = open_database(tmp_path, busy_timeout_ms=1234)
    pragmas = {
        "journal_mode": "delete",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 1234,
        "trusted_schema": 0,
    }
    with database.read() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas}
    assert found == pragmas
    assert database.path.stat().st_mode & 0o077 == 0
    database.close()


# Migrations


def with_migration(folder: Path, body: str) -> Path:
    """The migrations with one more, whose upgrade this is."""
    copy = folder / "migrations"
    shutil.copytree(MIGRATIONS, copy)
    revisions = f'revision = "{NEXT}"\ndown_revision = "{tables.REVISION}"'
    text = f"from alembic import op\n\n{revisions}\n\n\ndef upgrade():\n{body}"
    (copy / "versions" / f"{NEXT}_next.py").write_text(text, encoding="utf-8")
    return copy


BATCH = """
    with op.batch_alter_table("image", table_kwargs={"sqlite_strict": True}) as batch:
        batch.alter_column("view", new_column_name="projection")
"""
BROKEN = """
    op.execute("CREATE TABLE half (id INTEGER)")
    op.execute("DELETE FROM annotation")
    op.execute("INSERT INTO nowhere VALUES (1)")
"""
ORPHANS = """
    op.execute("DELETE FROM image")
"""
CRASH = """
    op.execute("DELETE FROM annotation")
    raise RuntimeError("lights out")
"""


def test_a_batch_migration_keeps_the_children_and_makes_a_backup_first(tmp_path: Path) -> None:
    path = filled(tmp_path)
    before = len(backups(tmp_path / "backups"))
    migrations = with_migration(tmp_path, BATCH)
    database = Database.open(path, backups=tmp_path / "backups", migrations=migrations)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(projection) FROM image").scalar() == 1
        assert connection.exec_driver_sql("SELECT count(*) FROM annotation").scalar() == 1
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == NEXT
    newest, *rest = backups(tmp_path / "backups")
    assert len(rest) == before
    assert check(newest, MIGRATIONS).sound
    database.close()


@pytest.mark.parametrize("body", [BROKEN, ORPHANS])
def test_a_migration_that_fails_half_way_leaves_the_old_database_working(tmp_path: Path, body: str) -> None:
    path = filled(tmp_path)
    with pytest.raises(KnuckleError, match="brought to this version"):
        Database.open(path, backups=tmp_path / "backups", migrations=with_migration(tmp_path, body))
    assert check(path, MIGRATIONS).problems == ()
    assert names(tmp_path) == ["Admin", "Anna"]


def test_a_migration_that_crashes_leaves_the_old_database_working(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with pytest.raises(RuntimeError):
        Database.open(path, backups=tmp_path / "backups", migrations=with_migration(tmp_path, CRASH))
    assert check(path, MIGRATIONS).problems == ()


def test_migrations_found_under_a_path_with_a_percent_sign(tmp_path: Path) -> None:
    odd = tmp_path / "50 % ü"
    odd.mkdir()
    shutil.copytree(MIGRATIONS, odd / "alembic")
    path = odd / "knuckle.sqlite"
    Database.open(path, backups=odd / "backups", migrations=odd / "alembic").close()
    assert check(path, MIGRATIONS).problems == ()


# Refusals


def test_a_newer_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE alembic_version SET version_num = '0099'")
        database.commit()
    content = path.read_bytes()
    with pytest.raises(KnuckleError, match="newer version"):
        open_database(tmp_path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"no database " * 1000, b"SQLite format 3\x00" + b"\x01" * 5000])
def test_what_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "knuckle.sqlite"
    path.write_bytes(content)
    with pytest.raises(KnuckleError, match="not a database"):
        open_database(tmp_path)
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "knuckle.sqlite")) as other:
        other.execute("CREATE TABLE person (id INTEGER)")
    with pytest.raises(KnuckleError, match="not one of Knuckle's"):
        open_database(tmp_path)


def test_a_missing_folder_and_a_folder_for_a_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KnuckleError, match="does not exist"):
        open_database(tmp_path / "nowhere")
    (tmp_path / "knuckle.sqlite").mkdir()
    with pytest.raises(KnuckleError, match="cannot be opened"):
        open_database(tmp_path)


def test_an_empty_file_is_a_new_database_unless_there_are_backups(tmp_path: Path) -> None:
    path = tmp_path / "knuckle.sqlite"
    path.touch()
    assert names(tmp_path) == ["Admin"]
    path.write_bytes(b"")
    with pytest.raises(KnuckleError, match="missing or empty"):
        open_database(tmp_path)
    path.unlink()
    with pytest.raises(KnuckleError, match="missing or empty"):
        open_database(tmp_path)
    assert not path.exists()


def test_a_network_share_is_refused(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/films {tmp_path} nfs4 rw 0 0\n")
    with pytest.raises(KnuckleError, match="network share"):
        Database.open(
            tmp_path / "knuckle.sqlite", backups=tmp_path / "b", migrations=MIGRATIONS, mounts=mounts
        )
    assert not (tmp_path / "knuckle.sqlite").exists()


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        ("nfs", True),
        ("cifs", True),
        ("smb3", True),
        ("fuse.sshfs", True),
        ("ext4", False),
        ("overlay", False),
        ("tmpfs", False),
        ("9p", False),
        ("fuse", False),
        ("fuseblk", False),
    ],
)
def test_kinds_of_file_systems(tmp_path: Path, kind: str, share: bool) -> None:
    folder = tmp_path / "my films"
    folder.mkdir()
    mounts = tmp_path / "mounts"
    escaped = str(folder).replace(" ", r"\040")
    mounts.write_text(f"x / overlay rw 0 0\nbroken\nx {escaped} {kind} rw 0 0\n")
    assert local_disk.on_network_share(folder, mounts) is share
    assert not local_disk.on_network_share(tmp_path, mounts)
    assert not local_disk.on_network_share(folder, tmp_path / "no mounts")


# Backups


def test_closing_makes_a_backup_when_something_has_changed(tmp_path: Path) -> None:
    path, folder = filled(tmp_path), tmp_path / "backups"
    assert len(backups(folder)) == 1
    names(tmp_path)
    assert len(backups(folder)) == 1
    desk = desk_on(open_database(tmp_path))
    desk.person("Ben")
    desk.database.close()
    assert len(backups(folder)) == 2
    assert check(backups(folder)[0], MIGRATIONS).counts == check(path, MIGRATIONS).counts


def test_the_newest_ten_backups_are_kept(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "backups" / "my own.sqlite").write_bytes(b"mine")
    database = open_database(tmp_path)
    made = [database.backup() for _ in range(12)]
    assert backups(tmp_path / "backups") == made[:-11:-1]
    assert (tmp_path / "backups" / "my own.sqlite").exists()
    database.close()


def test_a_damaged_database_does_not_push_good_backups_out(tmp_path: Path) -> None:
    path = filled(tmp_path)
    database = open_database(tmp_path, keep=1)
    good = backups(tmp_path / "backups")
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 12] = b"\xa5" * (4096 * 9)
    path.write_bytes(content)
    with pytest.raises(KnuckleError, match="damaged"):
        database.backup()
    with pytest.raises(KnuckleError):
        database.close()
    assert backups(tmp_path / "backups") == good
    assert [p.name for p in (tmp_path / "backups").iterdir()] == [good[0].name]


def test_a_backup_waits_for_a_writer_no_longer_than_it_must(tmp_path: Path) -> None:
    path = filled(tmp_path)
    database = open_database(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as rival:
        rival.execute("BEGIN IMMEDIATE")
        assert check(database.backup(), MIGRATIONS).sound
        rival.execute("ROLLBACK")
    database.close()


def test_a_backup_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "backups").write_bytes(b"a file")
    database = open_database(tmp_path)
    desk_on(database)
    with pytest.raises(KnuckleError, match="backup folder"):
        database.close()
    # It is closed all the same: nobody holds the file any more.
    with closing(sqlite3.connect(database.path, timeout=0, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")


# Restoring


def test_restore_brings_the_old_state_and_keeps_the_present_one(tmp_path: Path) -> None:
    path, folder = filled(tmp_path), tmp_path / "backups"
    old = backups(folder)[0]
    desk = desk_on(open_database(tmp_path))
    desk.people.add("Ben", Role.READER, desk.admin)
    desk.database.close()
    aside = restore(path, folder, old)
    assert names(tmp_path) == ["Admin", "Anna"]
    assert check(aside, MIGRATIONS).counts["people"] == 3
    assert aside not in backups(folder)
    assert old.exists()


def test_restore_takes_the_journal_of_a_crash_aside(tmp_path: Path) -> None:
    path, folder = filled(tmp_path), tmp_path / "backups"
    journal = path.with_name(path.name + "-journal")
    journal.write_bytes(b"\xd9\xd5\x05\xf9 \xa1c\xd7" + b"\x00" * 600)
    path.write_bytes(b"damaged " * 1000)
    aside = restore(path, folder, backups(folder)[0])
    assert not journal.exists()
    assert aside.read_bytes() == b"damaged " * 1000
    assert names(tmp_path) == ["Admin", "Anna"]


def test_restore_where_the_database_is_gone(tmp_path: Path) -> None:
    path, folder = filled(tmp_path), tmp_path / "backups"
    path.unlink()
    assert restore(path, folder, backups(folder)[0]) == path
    assert names(tmp_path) == ["Admin", "Anna"]


@pytest.mark.parametrize("content", [b"", b"no database " * 1000, b"SQLite format 3\x00" + b"\x01" * 5000])
def test_what_is_no_backup_is_not_restored(tmp_path: Path, content: bytes) -> None:
    path = filled(tmp_path)
    present = path.read_bytes()
    bad = tmp_path / "bad.sqlite"
    bad.write_bytes(content)
    for chosen in (bad, tmp_path / "missing.sqlite"):
        with pytest.raises(KnuckleError):
            restore(path, tmp_path / "backups", chosen)
    assert path.read_bytes() == present
    assert {p.name for p in tmp_path.iterdir()} == {path.name, "backups", "bad.sqlite"}


def test_a_newer_backup_and_an_open_database_are_not_restored(tmp_path: Path) -> None:
    path, folder = filled(tmp_path), tmp_path / "backups"
    newer = tmp_path / "newer.sqlite"
    shutil.copy(backups(folder)[0], newer)
    with closing(sqlite3.connect(newer)) as database:
        database.execute("UPDATE alembic_version SET version_num = '0099'")
        database.commit()
    with pytest.raises(KnuckleError, match="newer version"):
        restore(path, folder, newer)
    engine = connect(path)
    with engine.begin(), pytest.raises(KnuckleError, match="in use"):
        restore(path, folder, backups(folder)[0])
    engine.dispose()
    assert names(tmp_path) == ["Admin", "Anna"]
