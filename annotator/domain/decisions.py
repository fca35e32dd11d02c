"""What a reader decides on proposals, which are still open, and which go with "accept the rest"."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from annotator.domain.annotations import JointAnnotation, Reading
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box
from annotator.domain.joints import Joint
from annotator.domain.proposals import Proposal, Run, SeenBy


class Outcome(StrEnum):
    """Relabelled: another joint, another finding, or not assessable; the box may have moved as well."""

    ACCEPTED = "accepted"
    MOVED = "moved"
    RELABELLED = "relabelled"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Decision:
    """One reader's decision on one stored proposal.

    became: the annotation as it was made then; None where rejected. moved_iou: of the proposed box and that
    of `became`, 1 where it was not moved. Raises ValueError where outcome and annotation disagree.
    """

    proposal_id: int
    outcome: Outcome
    became: JointAnnotation | None = None
    moved_iou: float | None = None

    def __post_init__(self) -> None:
        rejected = self.outcome is Outcome.REJECTED
        if self.proposal_id < 1:
            raise ValueError("decision on a proposal that is not stored")
        if rejected != (self.became is None) or rejected != (self.moved_iou is None):
            raise ValueError(f"{self.outcome} with an annotation, or the lack of one, that it cannot have")
        if self.became is not None and (self.became.box is None or self.became.origin != self.proposal_id):
            raise ValueError("decision whose annotation does not come from its proposal")
        if self.moved_iou is not None and not 0 <= self.moved_iou <= 1:
            raise ValueError(f"no overlap: {self.moved_iou}")


@dataclass(frozen=True, slots=True)
class RejectedBox:
    """A box that a reader does not want again from this version. joint: as the reader's facts name it."""

    version_id: int
    joint: Joint | None
    box: Box


@dataclass(frozen=True, slots=True)
class DecisionChange:
    """The decision on one proposal before and after; None where there is none."""

    proposal_id: int
    before: Decision | None
    after: Decision | None

    def __post_init__(self) -> None:
        said = [decision for decision in (self.before, self.after) if decision is not None]
        if any(decision.proposal_id != self.proposal_id for decision in said):
            raise ValueError("change of a decision on another proposal")

    @property
    def inverse(self) -> DecisionChange:
        return DecisionChange(self.proposal_id, self.after, self.before)


def outcome_of(proposal: Proposal, said: JointAnnotation) -> Outcome:
    """What an annotation that comes from a proposal makes of it, now.

    Compared is what the detectors assessed: a finding that they could not assess is no correction of theirs,
    and neither are certainty and dislocation for subluxation, which are one label to them.
    """
    present = {mark.finding for mark in said.marks}
    displaced = bool(present & {Finding.SUBLUXATION, Finding.DISLOCATION})
    found = {Finding.ANKYLOSIS: Finding.ANKYLOSIS in present, Finding.SUBLUXATION: displaced}
    proposed = {mark.finding for mark in proposal.marks}
    differs = any(found[finding] != (finding in proposed) for finding in proposal.assessed)
    if differs or said.joint != proposal.joint or said.not_assessable is not None:
        return Outcome.RELABELLED
    return Outcome.ACCEPTED if said.box == proposal.box else Outcome.MOVED


def decide(proposal: Proposal, became: JointAnnotation | None) -> Decision:
    """The decision that an annotation made of a proposal stands for; None rejects it."""
    if became is None or became.box is None:
        return Decision(proposal.id, Outcome.REJECTED)
    return Decision(proposal.id, outcome_of(proposal, became), became, proposal.shared(became.box))


def comes_back(proposal: Proposal, version_id: int, rejected: Iterable[RejectedBox]) -> bool:
    """Whether the reader has rejected this box of this version before.

    The same box is one with an IoU above 0.45 whatever it is called, or from 0.15 on under the same name; the
    same version is one with the same hash, in whatever scan it ran.
    """
    return any(box.version_id == version_id and proposal.same_joint(box.joint, box.box) for box in rejected)


def undecided(
    run: Run, reading: Reading, decided: Collection[int], rejected: Iterable[RejectedBox] = ()
) -> tuple[Proposal, ...]:
    """The proposals of a run that wait for this reader, in their order.

    run: with names as the reader's facts give them. decided: ids of proposals. Not among them is a proposal
    whose joint has a box already, or is done: no run touches what a reader said.
    """
    rejected = tuple(rejected)
    return tuple(
        proposal
        for proposal in run.proposals
        if proposal.id not in decided
        and not comes_back(proposal, run.version_id, rejected)
        and (proposal.joint is None or _free(reading, proposal.joint))
    )


def the_rest(proposals: Iterable[Proposal], reading: Reading, threshold: float) -> tuple[Proposal, ...]:
    """Of the undecided proposals those that "accept the rest" takes: at or above the threshold, named, not
    flagged, and with every finding of the joint assessed: seen by both, the thumb IP by the first."""
    return tuple(
        proposal
        for proposal in proposals
        if proposal.joint is not None
        and proposal.joint in reading.expected
        and _free(reading, proposal.joint)
        and proposal.confidence >= threshold
        and proposal.seen_by in (SeenBy.BOTH, *_enough(proposal.joint))
        and not proposal.flags
    )


def least_certain_first(proposals: Iterable[Proposal]) -> tuple[Proposal, ...]:
    """Least certain first; equally certain ones stay in their order."""
    return tuple(sorted(proposals, key=lambda proposal: proposal.confidence))


def annotations_from(annotations: Iterable[JointAnnotation]) -> Mapping[int, JointAnnotation]:
    """The annotations that come from a proposal, by its id."""
    return {said.origin: said for said in annotations if said.origin is not None}


def _enough(joint: Joint) -> tuple[SeenBy, ...]:
    return (SeenBy.FIRST,) if Finding.SUBLUXATION not in joint.findings else ()


def _free(reading: Reading, joint: Joint) -> bool:
    said = reading.of(joint)
    return said.box is None and not said.done
