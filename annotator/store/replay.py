"""A reading as the audit tells it: what check holds against what is stored."""

from __future__ import annotations

import json
from dataclasses import replace

from sqlalchemy import Connection, select

from annotator.domain.annotations import Reading
from annotator.domain.edits import Action
from annotator.domain.joints import joint_named
from annotator.store.tables import audit
from annotator.store.values import Json, annotation_from_json, facts_of

EDITS = frozenset(action.value for action in Action)


def replay(connection: Connection, image_id: int, reader_id: int) -> Reading | None:
    """The reading that the audit's rows make, None where it has none.

    Raises ValueError, KeyError or TypeError where a row is not what `Readings` writes.
    """
    rows = connection.execute(
        select(audit.c.action, audit.c.detail)
        .where(audit.c.subject == f"image {image_id}", audit.c.person_id == reader_id)
        .order_by(audit.c.sequence)
    )
    reading: Reading | None = None
    for action, detail in rows:
        said = json.loads(detail)
        if action in EDITS:
            start = reading or Reading(image_id, reader_id, facts_of(said["start"]), started=True)
            reading = _after(start, said)
        elif reading is not None and action in ("sign", "reopen"):
            reading = replace(reading, signed=action == "sign")
    return reading


def _after(reading: Reading, said: Json) -> Reading:
    """The reading after one edit. Raises ValueError where it was not as the edit found it."""
    annotations = dict(reading.annotations)
    for name, (before, after) in said.get("joints", {}).items():
        joint = joint_named(name)
        if annotations.pop(joint, None) != annotation_from_json(before):
            raise ValueError(f"{name} was not as the edit found it")
        now = annotation_from_json(after)
        if now is not None:
            annotations[joint] = now
    facts = facts_of(said["facts"][1]) if "facts" in said else reading.facts
    return replace(reading, annotations=annotations, facts=facts)
