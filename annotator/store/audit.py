"""The audit: who did what to what, appended in the transaction of the change itself.

Triggers refuse every change of a row. Each row holds a SHA-256 over its own content and the hash of the
row before, so that a change made behind the triggers' back breaks the chain. Details hold patient codes,
never identities, and no file names, since those may name a patient.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from annotator.domain.people import Person
from annotator.store.tables import audit
from annotator.store.values import Json, to_json

START = "0" * 64
"""What the first row has for the hash of the row before."""

_LAST = select(audit.c.sequence, audit.c.hash).order_by(audit.c.sequence.desc()).limit(1)
_APPEND = insert(audit)


def append(connection: Connection, by: Person, action: str, subject: str, detail: Json) -> datetime:
    """Add a row inside a write transaction; returns its time (UTC, aware).

    subject: what was changed, such as "image 12", "patient 3", "study 1", "person 2".
    """
    last = connection.execute(_LAST).first()
    at = datetime.now(UTC)
    row = {
        "sequence": last.sequence + 1 if last else 1,
        "at": at.isoformat(timespec="microseconds"),
        "person_id": by.id,
        "person": by.name,
        "action": action,
        "subject": subject,
        "detail": to_json(detail),
        "previous": last.hash if last else START,
    }
    connection.execute(_APPEND, {**row, "hash": _hash(row)})
    return at


def problems(connection: Connection) -> Iterator[str]:
    """A sentence for each place where the chain does not hold."""
    previous, expected = START, 1
    for row in connection.execute(select(audit).order_by(audit.c.sequence).execution_options(yield_per=1000)):
        if row.sequence != expected:
            yield f"The audit has no row {expected}."
        if row.previous != previous or row.hash != _hash(row._asdict()):
            yield f"Row {row.sequence} of the audit was changed."
        previous, expected = row.hash, row.sequence + 1


def _hash(row: Json) -> str:
    names = ("previous", "sequence", "at", "person_id", "person", "action", "subject", "detail")
    return hashlib.sha256(to_json([row[name] for name in names]).encode()).hexdigest()
