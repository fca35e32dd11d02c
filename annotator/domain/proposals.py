"""What the detector proposes: named boxes with probabilities, and the run they come from.

Proposals belong to an image, decisions to a reader, annotations to a reading (docs/decisions/0011).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from annotator.domain.annotations import ImageFacts
from annotator.domain.findings import Finding, Mark
from annotator.domain.geometry import Box, iou
from annotator.domain.joints import Hands, Joint, expected_joints

SAME_JOINT = 0.45
"""Boxes with a larger IoU show the same joint, whatever it is called (Izumi et al. 2024, T_IOU2)."""

SAME_NAMED_JOINT = 0.15
"""Boxes that bear the same name show the same joint from this IoU on (same paper, T_IOU1)."""


class SeenBy(StrEnum):
    """Which detector saw a box: the first judges ankylosis, the second subluxation."""

    BOTH = "both"
    FIRST = "first"
    SECOND = "second"


class FlagKind(StrEnum):
    """Why a proposal wants a look. Resolved: of several boxes on one joint the template took this one."""

    UNNAMED = "unnamed"
    DUPLICATE = "duplicate"
    RESOLVED = "resolved"
    IMPLAUSIBLE = "implausible"


@dataclass(frozen=True, slots=True)
class Flag:
    """reason: an English sentence."""

    kind: FlagKind
    reason: str


@dataclass(frozen=True, slots=True)
class Probabilities:
    """Of one detector for one box, each 0 to 1, together 1 (within 0.01); raises ValueError otherwise."""

    background: float
    absent: float
    present: float

    def __post_init__(self) -> None:
        if not all(0 <= value <= 1 for value in self.values) or not math.isclose(
            sum(self.values), 1, abs_tol=0.01
        ):
            raise ValueError(f"no probabilities: {self.values}")

    @property
    def values(self) -> tuple[float, float, float]:
        return self.background, self.absent, self.present


NOT_SEEN = Probabilities(0.0, 1.0, 0.0)
"""What stands for a detector that did not see the box (paper, Algorithm 1, line 20); no measured absence."""

UNSAID = Probabilities(1.0, 0.0, 0.0)
"""Nothing is known of the finding: what stands in the place of a detector for labels that are boxes alone."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One box of a run. id: 0 until it is stored. joint: None where no name fits. confidence: 0 to 1.

    Raises ValueError for a confidence out of range, and where probabilities and `seen_by` disagree.
    """

    joint: Joint | None
    box: Box
    confidence: float
    ankylosis: Probabilities
    subluxation: Probabilities
    seen_by: SeenBy
    flags: tuple[Flag, ...] = ()
    id: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"no confidence: {self.confidence}")
        unseen = {SeenBy.FIRST: self.subluxation, SeenBy.SECOND: self.ankylosis}.get(self.seen_by, NOT_SEEN)
        if unseen != NOT_SEEN:
            raise ValueError("probabilities of a detector that did not see the box")

    @property
    def judged(self) -> tuple[Finding, ...]:
        """What the detectors can find here: no subluxation on the thumb IP."""
        both = (Finding.ANKYLOSIS, Finding.SUBLUXATION)
        return both if self.joint is None else tuple(f for f in both if f in self.joint.findings)

    @property
    def not_assessed(self) -> tuple[Finding, ...]:
        """What is judged on this joint, by a detector that did not see it or says nothing: unknown."""
        missed = {SeenBy.FIRST: Finding.SUBLUXATION, SeenBy.SECOND: Finding.ANKYLOSIS}.get(self.seen_by)
        return tuple(f for f in self.judged if f is missed or self.of(f) == UNSAID)

    @property
    def assessed(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.judged if finding not in self.not_assessed)

    def of(self, finding: Finding) -> Probabilities:
        """Of the detector for this finding; dislocation and subluxation are one label to it."""
        return self.ankylosis if finding is Finding.ANKYLOSIS else self.subluxation

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The findings as proposed: those whose presence is more probable than their absence."""
        return tuple(Mark(f) for f in self.assessed if self.of(f).present > self.of(f).absent)

    def shared(self, box: Box) -> float:
        """IoU with a box, at most 1 also where rounding makes it a little more."""
        return min(1.0, iou(self.box, box))

    def same_joint(self, joint: Joint | None, box: Box) -> bool:
        """Whether a box shows what this one shows: IoU above 0.45, or from 0.15 on under the same name."""
        shared = self.shared(box)
        named_alike = self.joint is not None and self.joint == joint
        return shared > SAME_JOINT or (named_alike and shared >= SAME_NAMED_JOINT)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a run was done with (paper, Ensemble mechanism). Raises ValueError for what cannot be.

    t_conf: least confidence. t_iou1: overlap that makes two boxes of one detector one. t_iou2: overlap of the
    same joint for both. top_first, top_second: how many boxes each detector looks for at most.
    """

    t_conf: float
    t_iou1: float
    t_iou2: float
    top_first: int = 20
    top_second: int = 18

    def __post_init__(self) -> None:
        if not all(0 <= value <= 1 for value in (self.t_conf, self.t_iou1, self.t_iou2)):
            raise ValueError("thresholds lie between 0 and 1")
        if min(self.top_first, self.top_second) < 0:
            raise ValueError("a number of boxes cannot be negative")


@dataclass(frozen=True, slots=True)
class Run:
    """The detector over one image. id: 0 until it is stored; at and started_by: None until then.

    version_id, version_sha256: the version as it was when it ran. scan: "windows" or "whole". runtime: what
    ran the networks, such as "onnxruntime 1.24 cpu f32". hands, right_on_left: what was known of the image
    when the boxes were named. started_by: a person's id. missing: expected joints without a box, and why.
    Raises ValueError where two proposals or a missing joint bear the same name.
    """

    image_id: int
    version_id: int
    version_sha256: str
    scan: str
    runtime: str
    thresholds: Thresholds
    proposals: tuple[Proposal, ...]
    missing: tuple[tuple[Joint, str], ...] = ()
    hands: Hands = Hands.BOTH
    right_on_left: bool = True
    id: int = 0
    at: datetime | None = None
    started_by: int | None = None

    def __post_init__(self) -> None:
        named = [p.joint for p in self.proposals if p.joint is not None]
        named += [joint for joint, _ in self.missing]
        if len(set(named)) < len(named):
            raise ValueError("a joint is named twice in a run")

    def named_for(self, facts: ImageFacts) -> Run:
        """The run with the names that the reader's own facts give: right and left may have changed since.

        As with a reader's own boxes (`gestures.set_hands`), names that all are of a hand that is not shown
        become those of the other. Else a box of such a hand has no name any more, and says so.
        """
        if (self.hands, self.right_on_left) == (facts.hands, facts.right_on_left):
            return self
        expected = expected_joints(facts.hands)
        if self.hands is facts.hands is Hands.BOTH:
            mirrored = True
        else:
            named = [*(p.joint for p in self.proposals if p.joint), *(joint for joint, _ in self.missing)]
            mirrored = not any(joint in expected for joint in named)
        proposals = tuple(_renamed(proposal, mirrored, expected) for proposal in self.proposals)
        missing = tuple(
            (name, reason)
            for joint, reason in self.missing
            if (name := joint.mirrored if mirrored else joint) in expected
        )
        return replace(
            self, proposals=proposals, missing=missing, hands=facts.hands, right_on_left=facts.right_on_left
        )


def _renamed(proposal: Proposal, mirrored: bool, expected: tuple[Joint, ...]) -> Proposal:
    joint = proposal.joint.mirrored if proposal.joint is not None and mirrored else proposal.joint
    if joint is None or joint in expected:
        return replace(proposal, joint=joint)
    flag = Flag(FlagKind.UNNAMED, f"{joint} is not on this image, as you say which hands it shows.")
    return replace(proposal, joint=None, flags=(*proposal.flags, flag))
