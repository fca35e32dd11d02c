"""Domain values as columns and as the JSON of the audit, and back."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, TypeAlias

from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading
from annotator.domain.decisions import Decision, Outcome
from annotator.domain.edits import Edit
from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.images import ImportedFile
from annotator.domain.joints import Hands, joint_named

if TYPE_CHECKING:
    from sqlalchemy import Row

AnyRow: TypeAlias = "Row[*tuple[Any, ...]]"
"""A row of whatever columns, read by their names."""

Columns = dict[str, Any]
Json = Mapping[str, Any]

FINDING_BITS = {Finding.ANKYLOSIS: 1, Finding.SUBLUXATION: 2, Finding.DISLOCATION: 4}
"""How `reading.findings` says which findings are present."""


def to_json(value: object) -> str:
    """One spelling for one value, since the audit's hashes are made of it."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def path_columns(path: str) -> bytes:
    """A path as the file system spells it, since not every path is Unicode."""
    return os.fsencode(path)


def file_columns(file: ImportedFile) -> Columns:
    """What an import says of the file; without the hands and sides, which a reader may settle later."""
    return {
        "path": path_columns(file.path),
        "size": file.size,
        "modified_ns": file.modified_ns,
        "file_sha256": file.file_sha256,
        "pixels_sha256": file.pixels_sha256,
        "sop_instance_uid": file.sop_instance_uid,
        "rows": file.rows,
        "columns": file.columns,
        "bits_stored": file.bits_stored,
        "view": file.view,
        "study_date": file.study_date and file.study_date.isoformat(),
        "acquisition_date": file.acquisition_date and file.acquisition_date.isoformat(),
    }


def file_of(row: AnyRow, patient_key: str) -> ImportedFile:
    return ImportedFile(
        path=os.fsdecode(row.path),
        size=row.size,
        file_sha256=row.file_sha256,
        pixels_sha256=row.pixels_sha256,
        patient_key=patient_key,
        sop_instance_uid=row.sop_instance_uid,
        rows=row.rows,
        columns=row.columns,
        bits_stored=row.bits_stored,
        view=row.view,
        study_date=day(row.study_date),
        acquisition_date=day(row.acquisition_date),
        facts=ImageFacts(Hands(row.hands), bool(row.right_on_left), bool(row.side_confirmed)),
        modified_ns=row.modified_ns,
    )


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def side_columns(facts: ImageFacts) -> Columns:
    """The facts that an image and a reading both have."""
    return {
        "hands": facts.hands.value,
        "right_on_left": int(facts.right_on_left),
        "side_confirmed": int(facts.side_confirmed),
    }


def facts_columns(facts: ImageFacts) -> Columns:
    return {**side_columns(facts), "excluded": facts.excluded, "comment": facts.comment}


def facts_of(row: AnyRow | Json) -> ImageFacts:
    columns = row if isinstance(row, Mapping) else row._mapping
    return ImageFacts(
        Hands(columns["hands"]),
        bool(columns["right_on_left"]),
        bool(columns["side_confirmed"]),
        columns["excluded"],
        columns["comment"],
    )


def summary_columns(reading: Reading) -> Columns:
    """What the worklist shows and sorts by."""
    done, expected = reading.done, len(reading.expected)
    return {
        "state": reading.state.value,
        "done": done,
        "expected": expected,
        "progress": done / expected if expected else 1.0,
        "findings": bits_of(reading.findings),
    }


def bits_of(findings: Iterable[Finding]) -> int:
    return sum(FINDING_BITS[finding] for finding in findings)


def findings_of(bits: int) -> frozenset[Finding]:
    return frozenset(finding for finding, bit in FINDING_BITS.items() if bits & bit)


def annotation_columns(annotation: JointAnnotation) -> Columns:
    corners = map(float, annotation.box.corners) if annotation.box else (None,) * 4
    displaced = next((m for m in annotation.marks if m.finding is not Finding.ANKYLOSIS), None)
    return {
        "joint": annotation.joint.name,
        **dict(zip(("x0", "y0", "x1", "y1"), corners, strict=True)),
        "ankylosis": annotation.certainty(Finding.ANKYLOSIS),
        "displacement": displaced and displaced.finding.value,
        "displacement_certainty": displaced and displaced.certainty.value,
        "not_assessable": annotation.not_assessable and annotation.not_assessable.value,
        "confirmed": int(annotation.confirmed),
        "comment": annotation.comment,
        "proposal_id": annotation.origin,
    }


def annotation_of(row: AnyRow) -> JointAnnotation:
    marks = []
    if row.ankylosis:
        marks.append(Mark(Finding.ANKYLOSIS, Certainty(row.ankylosis)))
    if row.displacement:
        marks.append(Mark(Finding(row.displacement), Certainty(row.displacement_certainty)))
    return JointAnnotation(
        joint_named(row.joint),
        None if row.x0 is None else Box(row.x0, row.y0, row.x1, row.y1),
        tuple(marks),
        NotAssessable(row.not_assessable) if row.not_assessable else None,
        bool(row.confirmed),
        row.comment,
        row.proposal_id,
    )


def annotation_json(annotation: JointAnnotation | None) -> Columns | None:
    if annotation is None:
        return None
    return {
        "joint": annotation.joint.name,
        "box": [float(v) for v in annotation.box.corners] if annotation.box else None,
        "marks": {mark.finding.value: mark.certainty.value for mark in annotation.marks},
        "not_assessable": annotation.not_assessable and annotation.not_assessable.value,
        "confirmed": annotation.confirmed,
        "comment": annotation.comment,
        "origin": annotation.origin,
    }


def annotation_from_json(said: Json | None) -> JointAnnotation | None:
    if said is None:
        return None
    marks = sorted(Mark(Finding(f), Certainty(c)) for f, c in said["marks"].items())
    return JointAnnotation(
        joint_named(said["joint"]),
        Box(*said["box"]) if said["box"] else None,
        tuple(marks),
        NotAssessable(said["not_assessable"]) if said["not_assessable"] else None,
        said["confirmed"],
        said["comment"],
        said.get("origin"),  # rows of before there were proposals have none
    )


def edit_json(edit: Edit, way: str) -> Columns:
    """Before and after of what an edit changes. way: do, undo or redo."""
    said: Columns = {"way": way}
    if edit.joints:
        said["joints"] = {
            change.joint.name: [annotation_json(change.before), annotation_json(change.after)]
            for change in edit.joints
        }
    if edit.facts:
        said["facts"] = [facts_json(edit.facts.before), facts_json(edit.facts.after)]
    if edit.decisions:
        said["decisions"] = {
            str(change.proposal_id): [decision_json(change.before), decision_json(change.after)]
            for change in edit.decisions
        }
    return said


def decision_json(decision: Decision | None) -> Columns | None:
    if decision is None:
        return None
    return {
        "outcome": decision.outcome.value,
        "became": annotation_json(decision.became),
        "moved_iou": decision.moved_iou,
    }


def decision_from_json(proposal_id: int, said: Json | None) -> Decision | None:
    if said is None:
        return None
    became = annotation_from_json(said["became"])
    return Decision(proposal_id, Outcome(said["outcome"]), became, said["moved_iou"])


def reading_json(reading: Reading) -> Columns:
    """All of a reading but whose it is."""
    return {
        "facts": facts_json(reading.facts),
        "joints": {joint.name: annotation_json(said) for joint, said in reading.annotations.items()},
        "signed": reading.signed,
        "started": reading.started,
    }


def reading_from_json(image_id: int, reader_id: int, said: Json) -> Reading:
    found = [annotation_from_json(joint) for joint in said["joints"].values()]
    annotations = {one.joint: one for one in found if one is not None}
    facts = facts_of(said["facts"])
    return Reading(image_id, reader_id, facts, annotations, said["signed"], said["started"])


def facts_json(facts: ImageFacts) -> Columns:
    columns = facts_columns(facts)
    return {**columns, "right_on_left": facts.right_on_left, "side_confirmed": facts.side_confirmed}
