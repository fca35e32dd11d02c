"""Where a reader and a run say different things of an image."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from annotator.domain.annotations import JointAnnotation, Reading
from annotator.domain.decisions import Outcome, outcome_of
from annotator.domain.geometry import iou
from annotator.domain.joints import JOINTS, Joint
from annotator.domain.proposals import SAME_JOINT, Proposal

BOX_DIFFERS = 0.7
"""Below this IoU boxes of one joint are shown as different."""


class DifferenceKind(StrEnum):
    """Name: the same box, named differently. Box and finding: of one joint."""

    MODEL_ONLY = "model only"
    READER_ONLY = "reader only"
    NAME = "name"
    BOX = "box"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Difference:
    """joint: as the reader names it, else as the model does, None where neither does. said: the reader's
    annotation. iou: of both boxes, None where one is missing."""

    kind: DifferenceKind
    joint: Joint | None
    said: JointAnnotation | None
    proposal: Proposal | None
    iou: float | None


def differences(
    reading: Reading, proposals: Iterable[Proposal], *, box_differs: float = BOX_DIFFERS
) -> tuple[Difference, ...]:
    """In the order of the joints, unnamed boxes last; a joint can differ in its box and in its finding.

    proposals: of one run, with names as the reader's facts give them. Boxes belong together by joint first,
    then, of what is left, by the largest IoU above 0.45.
    """
    boxed = {joint: said for joint, said in reading.annotations.items() if said.box is not None}
    proposals = tuple(proposals)
    named = {p.joint: p for p in proposals if p.joint is not None and p.joint in boxed}
    rest = [p for p in proposals if p.joint is None or p.joint not in named]
    alone = {joint: said for joint, said in boxed.items() if joint not in named}
    found = [one for joint, p in named.items() for one in _of_joint(boxed[joint], p, box_differs)]
    for said, proposal, shared in _pairs(alone, rest):
        del alone[said.joint]
        rest.remove(proposal)
        found.append(Difference(DifferenceKind.NAME, said.joint, said, proposal, shared))
    found += [Difference(DifferenceKind.READER_ONLY, said.joint, said, None, None) for said in alone.values()]
    found += [Difference(DifferenceKind.MODEL_ONLY, p.joint, None, p, None) for p in rest]
    return tuple(sorted(found, key=lambda one: JOINTS.index(one.joint) if one.joint else len(JOINTS)))


def _of_joint(said: JointAnnotation, proposal: Proposal, box_differs: float) -> list[Difference]:
    shared = _shared(said, proposal)
    found = []
    if shared < box_differs:
        found.append(Difference(DifferenceKind.BOX, said.joint, said, proposal, shared))
    if outcome_of(proposal, said) is Outcome.RELABELLED:
        found.append(Difference(DifferenceKind.FINDING, said.joint, said, proposal, shared))
    return found


def _pairs(
    alone: dict[Joint, JointAnnotation], rest: list[Proposal]
) -> list[tuple[JointAnnotation, Proposal, float]]:
    """Boxes that show the same joint under other names, each at most once, best overlap first."""
    every = [(said, proposal, _shared(said, proposal)) for said in alone.values() for proposal in rest]
    taken: list[tuple[JointAnnotation, Proposal, float]] = []
    for pair in sorted(every, key=lambda pair: -pair[2]):
        if pair[2] > SAME_JOINT and all(pair[0] is not t[0] and pair[1] is not t[1] for t in taken):
            taken.append(pair)
    return taken


def _shared(said: JointAnnotation, proposal: Proposal) -> float:
    return iou(said.box, proposal.box) if said.box is not None else 0.0
