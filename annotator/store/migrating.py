"""Which version a database has, and how it gets to the newest.

A migration is a file `NNNN_title.py` whose revision is NNNN; they follow each other in one line.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from annotator.domain.errors import KnuckleError
from annotator.store.connection import BUSY_TIMEOUT_MS, connect
from annotator.store.failures import failure
from annotator.store.tables import APPLICATION_ID


def revisions(migrations: Path) -> list[str]:
    """The revisions in the migrations folder, oldest first, by their file names alone."""
    return sorted(
        match[1] for path in (migrations / "versions").glob("*.py") if (match := _FILE.fullmatch(path.name))
    )


_FILE = re.compile(r"(\d{4})_\w+\.py")


def stored_revision(connection: Connection) -> str | None:
    """The revision of the database, None when it is empty. Raises KnuckleError when it is not Knuckle's."""
    tables = set(connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars())
    if not tables:
        return None
    mark = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    if mark != APPLICATION_ID or "alembic_version" not in tables:
        raise KnuckleError("The database file is not one of Knuckle's.", "Choose another data folder.")
    return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one())


def refuse_newer(revision: str | None, known: list[str]) -> None:
    """Raises KnuckleError for a revision that this version of Knuckle does not know."""
    if revision is not None and revision not in known:
        raise KnuckleError(
            "The database was made by a newer version of Knuckle.", "Install the newest version of Knuckle."
        )


def migrate(path: Path, migrations: Path, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> None:
    """Bring the file to the newest revision, in one transaction: whole, or not at all.

    On a connection of its own with foreign keys off, since a batch migration copies and drops parents,
    which would delete the children; afterwards they are checked. Raises KnuckleError.
    """
    # Alembic takes 0.3 s to import and is needed once per release.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    engine = connect(path, busy_timeout_ms=busy_timeout_ms, migrating=True)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise _broken("rows would lose what they belong to")
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error) and error.orig.sqlite_errorcode == sqlite3.SQLITE_ERROR:
            raise _broken(str(error.orig)) from error
        raise failure(error, KnuckleError) from error
    except (SQLAlchemyError, CommandError) as error:
        raise _broken(type(error).__name__) from error
    finally:
        engine.dispose()


def _broken(reason: str) -> KnuckleError:
    return KnuckleError(
        f"The database could not be brought to this version of Knuckle: {reason}.",
        "It is as it was; use the version of Knuckle that made it, and report this.",
        reason=reason,
    )
