"""SQLite's errors in sentences."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

from annotator.domain.errors import KnuckleError

_DISK = "Make room on the disk or check it, then try again; nothing was lost."
_RESTORE = "Close Knuckle and restore a backup with: knuckle restore."

_SENTENCES = {
    sqlite3.SQLITE_BUSY: (
        "The database is in use by another program.",
        "Close the other program that uses it, or wait, then try again.",
    ),
    sqlite3.SQLITE_LOCKED: ("The database is in use.", "Wait a moment, then try again."),
    sqlite3.SQLITE_FULL: ("The disk is full.", "Make room on the disk, then try again; nothing was lost."),
    sqlite3.SQLITE_IOERR: ("The disk could not be read or written.", _DISK),
    sqlite3.SQLITE_READONLY: (
        "The database or its folder may not be written.",
        "Allow your user to write to the data folder and the files in it.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "The database cannot be opened or written in its folder.",
        "Allow your user to read and write the data folder and the files in it.",
    ),
    sqlite3.SQLITE_PERM: (
        "The database may not be opened.",
        "Allow your user to read and write the data folder and the files in it.",
    ),
    sqlite3.SQLITE_CORRUPT: ("The database file is damaged.", _RESTORE),
    sqlite3.SQLITE_NOTADB: ("The database file is not a database.", _RESTORE),
    sqlite3.SQLITE_CONSTRAINT: (
        "The change breaks a rule of the database and was not saved.",
        "Open the image again; if it happens once more, report it.",
    ),
    sqlite3.SQLITE_TOOBIG: ("The text is too long to be saved.", "Shorten it."),
}


def failure(
    error: DBAPIError | sqlite3.Error | ValueError | OverflowError, kind: type[KnuckleError]
) -> KnuckleError:
    """The sentence for an error of the driver, or for a value it cannot store, as an error of this kind."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, sqlite3.Error):
        return kind("A value cannot be stored.", "Take unusual characters out of the text, then try again.")
    code = getattr(cause, "sqlite_errorcode", None) or 0
    message, advice = _SENTENCES.get(
        code & 0xFF, ("The database answered with an error.", "Try again; if it stays, run: knuckle check.")
    )
    return kind(message, advice, code=getattr(cause, "sqlite_errorname", ""))
