"""Readings: loaded, changed by one edit in one transaction, signed and reopened."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select

from annotator.domain.annotations import Reading, ReadingState
from annotator.domain.edits import Edit
from annotator.domain.errors import KnuckleError, LockedError, StaleError
from annotator.domain.people import Person, Right
from annotator.store import audit, decisions
from annotator.store.database import Database
from annotator.store.people import require
from annotator.store.reading_rows import Stored, fetch, insert_new, settle_sides, unchanged, write
from annotator.store.tables import reading as rows
from annotator.store.values import edit_json, facts_json

Way = Literal["do", "undo", "redo"]


class Readings:
    """The readings of a database. A reader gets and changes none but their own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self, image_id: int, reader: Person) -> Reading:
        """The reader's own reading; a new one, with the facts that the image has, where none is stored.

        Raises KnuckleError where there is no such image, or it is withdrawn.
        """
        with self._database.read() as connection:
            return _listed(connection, image_id, reader).reading

    def saved_at(self, image_id: int, reader: Person) -> datetime | None:
        """When the reader's own reading was last written (UTC, aware); None where there is none yet."""
        wanted = (rows.c.image_id == image_id) & (rows.c.reader_id == reader.id)
        with self._database.read() as connection:
            text = connection.execute(select(rows.c.saved_at).where(wanted)).scalar_one_or_none()
        return datetime.fromisoformat(text) if text else None

    def apply(self, reading: Reading, edit: Edit, by: Person, *, way: Way = "do") -> tuple[Reading, datetime]:
        """Save one gesture with its audit row; returns the new reading and when it was saved (UTC, aware).

        Raises LockedError where the reading is signed or not their own, the image withdrawn, or their role
        does not read; StaleError where it is not in memory as it is stored; ReplacedError where it decides on
        proposals of which there are newer ones; SaveError where it could not be written. Nothing has changed
        then.
        """
        with self._database.write() as connection:
            stored = _own(connection, reading, by)
            if stored.reading.signed:
                raise LockedError("This reading is signed.", "Reopen it, with a reason, to change it.")
            try:
                after = edit.apply(reading)
            except ValueError as error:
                raise _elsewhere() from error
            decisions.refuse_wrong(connection, reading, edit, new=way == "do")
            detail = edit_json(edit, way)
            if not stored.version:
                detail["start"] = facts_json(reading.facts)
                stored = insert_new(connection, stored, reading)
            at = audit.append(connection, by, edit.action.value, f"image {reading.image_id}", detail)
            write(connection, stored, after, at)
            decisions.write(connection, edit, by.id, at)
            if edit.facts:
                settle_sides(connection, reading.image_id, edit.facts)
        return after, at

    def sign(self, reading: Reading, by: Person) -> Reading:
        """Lock a complete reading. Raises KnuckleError where joints are missing, else as `apply`."""
        with self._database.write() as connection:
            stored = _own(connection, reading, by)
            if stored.reading.signed:
                raise LockedError("This reading is signed already.", "Nothing needs to be done.")
            if not stored.version or reading.state is not ReadingState.COMPLETE:
                raise KnuckleError("This reading is not complete.", "Confirm every joint before you sign.")
            after = replace(reading, signed=True)
            at = audit.append(connection, by, "sign", f"image {reading.image_id}", {})
            write(connection, stored, after, at)
        return after

    def reopen(self, reading: Reading, reason: str, by: Person) -> Reading:
        """Unlock a signed reading. Raises KnuckleError without a reason, or where it is not signed."""
        reason = reason.strip()
        if not reason:
            raise KnuckleError("Reopening needs a reason.", "Type why the reading is to be changed.")
        with self._database.write() as connection:
            stored = _own(connection, reading, by)
            if not stored.reading.signed:
                raise KnuckleError("This reading is not signed.", "It can be changed as it is.")
            after = replace(reading, signed=False)
            at = audit.append(connection, by, "reopen", f"image {reading.image_id}", {"reason": reason})
            write(connection, stored, after, at)
        return after


def _listed(connection: Connection, image_id: int, reader: Person) -> Stored:
    stored = fetch(connection, image_id, reader.id)
    if stored is None:
        raise LockedError("This image is not in the study any more.", "Choose another one.")
    return stored


def _own(connection: Connection, reading: Reading, by: Person) -> Stored:
    """What is stored of a reading that this person may change, and has in memory as it is stored."""
    if reading.reader_id != by.id:
        raise LockedError("This is another reader's reading.", "Make one of your own.")
    require(connection, by, Right.READ)
    stored = _listed(connection, reading.image_id, by)
    if not unchanged(stored, reading):
        raise LockedError(*_SIGNED_ELSEWHERE) if stored.reading.signed else _elsewhere()
    return stored


_SIGNED_ELSEWHERE = ("This reading was signed in another window.", "Open the image again.")


def _elsewhere() -> StaleError:
    return StaleError("This reading was changed in another window.", "Open the image again to go on.")
