"""Backups of the database file: made by SQLite's backup interface, never by copying the file."""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from annotator.domain.errors import KnuckleError
from annotator.store.connection import BUSY_TIMEOUT_MS
from annotator.store.failures import failure
from annotator.store.tables import APPLICATION_ID, REVISION

_NAME = re.compile(r"knuckle-\d{8}T\d{12}Z\.sqlite")
_HEAD = """
    SELECT sequence, hash, (SELECT version_num FROM alembic_version)
    FROM audit ORDER BY sequence DESC LIMIT 1
"""


def backups(folder: Path) -> list[Path]:
    """The backups in a folder, newest first; none where there is no such folder."""
    found = [path for path in folder.glob("*.sqlite") if _NAME.fullmatch(path.name)]
    return sorted(found, key=lambda path: path.name, reverse=True)


def write_backup(path: Path, folder: Path, keep: int) -> Path:
    """A sound copy of the database under a new name; all but the newest `keep` backups go.

    Raises KnuckleError where the database cannot be read or is damaged, or the folder not written; the
    backups that were there stay then.
    """
    target = folder / f"knuckle-{_stamp()}.sqlite"
    unfinished = target.with_suffix(".part")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _copy(path, unfinished)
        os.replace(unfinished, target)
        for old in backups(folder)[keep:]:
            old.unlink(missing_ok=True)
    except sqlite3.Error as error:
        unfinished.unlink(missing_ok=True)
        raise failure(error, KnuckleError) from error
    except OSError as error:
        raise KnuckleError(
            f"The backup folder {folder} cannot be written.",
            "Allow your user to write to it, or make room on its disk.",
            folder=str(folder),
        ) from error
    return target


def changed_since(path: Path, backup: Path) -> bool:
    """Whether the audit went on since the backup was made; True where either cannot be read."""
    try:
        return _audit_head(path) != _audit_head(backup)
    except sqlite3.Error:
        return True


def restore(path: Path, backups: Path, chosen: Path) -> Path:
    """Put a backup in the place of the database, which must not be open; returns where the present file went.

    The chosen file is copied and verified first. The present file is set aside in the backups folder,
    where no rotation touches it; where there is none, `path` is returned. Raises KnuckleError, and the
    present file is then still in its place.
    """
    incoming = path.with_name(path.name + ".restoring")
    aside = backups / f"set-aside-{_stamp()}.sqlite"
    if not chosen.is_file():
        raise KnuckleError("There is no such backup.", "Choose one that exists.", backup=chosen.name)
    try:
        _copy(chosen, incoming)
        _verify(incoming)
        if not path.exists():
            os.replace(incoming, path)
            return path
        _refuse_open(path)
        backups.mkdir(mode=0o700, parents=True, exist_ok=True)
        _set_aside(path, aside)
        os.replace(incoming, path)
    except sqlite3.Error as error:
        raise failure(error, KnuckleError) from error
    except OSError as error:
        raise KnuckleError(
            "The backup could not be put in place.", "Allow your user to write to the data folder."
        ) from error
    finally:
        incoming.unlink(missing_ok=True)
    return aside


def _copy(source: Path, target: Path) -> None:
    """Copy a database; raises sqlite3.DatabaseError where the copy is not sound."""
    target.unlink(missing_ok=True)
    with closing(_read_only(source)) as here, closing(sqlite3.connect(target)) as there:
        # The lock of a read transaction, taken before: without it a busy source would be tried forever.
        here.execute("BEGIN")
        here.execute("SELECT count(*) FROM sqlite_master").fetchone()
        here.backup(there)
        if there.execute("PRAGMA quick_check").fetchone() != ("ok",):
            damaged = sqlite3.DatabaseError("quick_check failed")
            damaged.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damaged
    target.chmod(0o600)


def _verify(copy: Path) -> None:
    """Raises KnuckleError where a sound database is not one of Knuckle's, or of a newer version."""
    with closing(_read_only(copy)) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        (mark,) = database.execute("PRAGMA application_id").fetchone()
        if mark != APPLICATION_ID or "alembic_version" not in tables:
            raise KnuckleError("The chosen file is not a database of Knuckle's.", "Choose another backup.")
        (revision,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
        if revision > REVISION:
            raise KnuckleError(
                "The chosen backup was made by a newer version of Knuckle.",
                "Install the newest version, or choose another backup.",
            )


def _refuse_open(path: Path) -> None:
    """Raises KnuckleError where another connection is in a transaction; damage is no hindrance."""
    try:
        with closing(sqlite3.connect(path, timeout=1.0, isolation_level=None)) as present:
            present.execute("BEGIN EXCLUSIVE")
            present.execute("ROLLBACK")
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
            raise failure(error, KnuckleError) from error


def _set_aside(path: Path, aside: Path) -> None:
    """Move a database with its journal, which would otherwise be rolled back into the file that follows."""
    journal = path.with_name(path.name + "-journal")
    if journal.exists():
        os.replace(journal, aside.with_name(aside.name + "-journal"))
    os.replace(path, aside)


def _audit_head(path: Path) -> tuple[object, ...] | None:
    with closing(_read_only(path)) as database:
        row: tuple[object, ...] | None = database.execute(_HEAD).fetchone()
        return row


def _read_only(path: Path) -> sqlite3.Connection:
    """For reading only by intent: a database left by a crash is rolled back first, which is a write."""
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None
    )


def _stamp() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z"
