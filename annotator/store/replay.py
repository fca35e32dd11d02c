"""Readings and decisions as the audit tells them: what check holds against what is stored."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection, select

from annotator.domain.annotations import Reading
from annotator.domain.decisions import Decision
from annotator.domain.edits import Action
from annotator.domain.joints import joint_named
from annotator.store.tables import audit
from annotator.store.values import Json, annotation_from_json, decision_from_json, facts_of

EDITS = frozenset(action.value for action in Action)


@dataclass
class Told:
    """What the audit's rows make of a reader at an image. before: the reading, where there was one, when each
    run was revealed, by the run's id."""

    reading: Reading | None = None
    decisions: dict[int, Decision] = field(default_factory=dict)
    before: dict[int, Reading | None] = field(default_factory=dict)


def replay(connection: Connection, image_id: int, reader_id: int) -> Told:
    """Raises ValueError, KeyError or TypeError where a row is not what `Readings` writes."""
    rows = connection.execute(
        select(audit.c.action, audit.c.detail)
        .where(audit.c.subject == f"image {image_id}", audit.c.person_id == reader_id)
        .order_by(audit.c.sequence)
    )
    told = Told()
    for action, detail in rows:
        said = json.loads(detail)
        if action in EDITS:
            start = told.reading or Reading(image_id, reader_id, facts_of(said["start"]), started=True)
            told.reading = _after(start, said)
            _decide(told.decisions, said)
        elif told.reading is not None and action in ("sign", "reopen"):
            told.reading = replace(told.reading, signed=action == "sign")
        elif action == "reveal":
            told.before[said["run"]] = told.reading
    return told


def _decide(decisions: dict[int, Decision], said: Json) -> None:
    """Raises ValueError where a decision was not as the edit found it."""
    for key, (before, after) in said.get("decisions", {}).items():
        if decisions.pop(int(key), None) != decision_from_json(int(key), before):
            raise ValueError(f"the decision on proposal {key} was not as the edit found it")
        now = decision_from_json(int(key), after)
        if now is not None:
            decisions[int(key)] = now


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
