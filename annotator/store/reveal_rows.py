"""The rows that say which reader was shown which run, inside a transaction."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from annotator.domain.revealing import Reveal, RevealPolicy
from annotator.store.tables import reveal
from annotator.store.values import AnyRow, reading_from_json, reading_json, to_json

_OF_IMAGE = (
    select(reveal)
    .where(reveal.c.image_id == bindparam("image"), reveal.c.reader_id == bindparam("reader"))
    .order_by(reveal.c.run_id)
)


def reveals_of(connection: Connection, image_id: int, reader_id: int) -> list[Reveal]:
    """The first one first: an older run is never shown after a newer one."""
    rows = connection.execute(_OF_IMAGE, {"image": image_id, "reader": reader_id})
    return [_reveal(row) for row in rows]


def insert_reveal(connection: Connection, new: Reveal) -> None:
    row = {
        "image_id": new.before.image_id,
        "reader_id": new.before.reader_id,
        "run_id": new.run_id,
        "policy": new.policy.value,
        "at": new.at.isoformat(),
        "before": to_json(reading_json(new.before)),
    }
    connection.execute(insert(reveal), row)


def _reveal(row: AnyRow) -> Reveal:
    before = reading_from_json(row.image_id, row.reader_id, json.loads(row.before))
    return Reveal(row.run_id, RevealPolicy(row.policy), datetime.fromisoformat(row.at), before)
