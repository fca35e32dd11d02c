"""The database file: opened or made, migrated, written in whole transactions, backed up when closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from annotator.domain.errors import KnuckleError, SaveError
from annotator.store import local_disk
from annotator.store.backups import backups as backups
from annotator.store.backups import changed_since, write_backup
from annotator.store.backups import restore as restore
from annotator.store.connection import BUSY_TIMEOUT_MS, connect
from annotator.store.failures import failure
from annotator.store.migrating import migrate, refuse_newer, revisions, stored_revision
from annotator.store.tables import APPLICATION_ID


class Database:
    """An open database. May be used from several threads; every transaction takes a connection of its own."""

    def __init__(self, engine: Engine, path: Path, folder: Path, keep: int) -> None:
        self._engine = engine
        self._reader = engine.execution_options(reading=True)
        self._folder = folder
        self._keep = keep
        self.path = path

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        backups: Path,
        migrations: Path,
        keep: int = 10,
        busy_timeout_ms: int = BUSY_TIMEOUT_MS,
        mounts: Path = local_disk.MOUNTS,
    ) -> Database:
        """Open the file, make it where there is none, migrate it (after a backup) where it is older.

        backups: folder of the newest `keep` backups. migrations: Alembic's folder. Raises KnuckleError for
        a network share, a folder or file that may not be written, a file that is not Knuckle's or was made by
        a newer version, a locked database, a full disk, and a lost or emptied file of which backups exist.
        """
        _refuse_place(path, backups, mounts)
        known = revisions(migrations)
        engine = connect(path, busy_timeout_ms=busy_timeout_ms)
        database = cls(engine, path, backups, keep)
        try:
            revision = database._revision()
            refuse_newer(revision, known)
            if revision != known[-1]:
                if revision is not None:
                    database.backup()
                migrate(path, migrations, busy_timeout_ms=busy_timeout_ms)
                path.chmod(0o600)
            database._refuse_read_only()
        except BaseException:
            engine.dispose()
            raise
        return database

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction. Raises KnuckleError where the file cannot be read."""
        try:
            with self._reader.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise failure(error, KnuckleError) from error

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction of a single writer. Raises SaveError where it cannot be kept; nothing changed."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except (DBAPIError, UnicodeEncodeError, OverflowError) as error:
            raise failure(error, SaveError) from error

    def backup(self) -> Path:
        """A new backup; the oldest beyond `keep` go. Raises KnuckleError where it cannot be made."""
        return write_backup(self.path, self._folder, self._keep)

    def close(self) -> None:
        """Close, and back up unless nothing was audited since the newest backup. Raises as `backup`."""
        self._engine.dispose()
        newest = backups(self._folder)[:1]
        if not newest or changed_since(self.path, newest[0]):
            self.backup()

    def _revision(self) -> str | None:
        with self.read() as connection:
            return stored_revision(connection)

    def _refuse_read_only(self) -> None:
        """Write something and take it back: the only answer that also knows of full and read-only folders."""
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID + 1}")
                connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION_ID}")
                connection.rollback()
        except DBAPIError as error:
            raise failure(error, KnuckleError) from error


def _refuse_place(path: Path, folder: Path, mounts: Path) -> None:
    if not path.parent.is_dir():
        raise KnuckleError(
            f"The data folder {path.parent} does not exist.",
            "Make it, or choose another.",
            folder=str(path.parent),
        )
    if local_disk.on_network_share(path.parent, mounts):
        raise KnuckleError(
            f"The data folder {path.parent} is on a network share, where a database can be damaged.",
            "Choose a folder on a disk of this computer, with --data FOLDER.",
            folder=str(path.parent),
        )
    # Never read the file here: closing it would drop the locks of every connection of this process.
    if (not path.exists() or path.stat().st_size == 0) and backups(folder):
        raise KnuckleError(
            "The database is missing or empty, and there are backups of it.",
            "Restore one with: knuckle restore; or move the backups away to begin anew.",
        )
