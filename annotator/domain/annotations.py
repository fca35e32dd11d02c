"""What one reader says about one image: its joints, the image as a whole, and what is complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, Hands, Joint, expected_joints


@dataclass(frozen=True, slots=True)
class JointAnnotation:
    """One joint by one reader. Without marks, confirmed and assessable it is normal.

    origin: id of the proposal that the box comes from, however it was changed since; None where the reader
    drew it. Raises ValueError for findings that the joint does not have, that exclude each other or stand
    twice, for a confirmed joint that has no box and is assessable, and for an origin without a box.
    """

    joint: Joint
    box: Box | None = None
    marks: tuple[Mark, ...] = ()
    not_assessable: NotAssessable | None = None
    confirmed: bool = False
    comment: str = ""
    origin: int | None = None

    def __post_init__(self) -> None:
        found = [mark.finding for mark in self.marks]
        if len(set(found)) < len(found) or any(f.excludes in found for f in found if f.excludes):
            raise ValueError(f"findings that cannot stand together on {self.joint}: {found}")
        if not set(found) <= set(self.joint.findings):
            raise ValueError(f"finding that is not judged on {self.joint}: {found}")
        if found and self.not_assessable:
            raise ValueError(f"findings on {self.joint}, which is not assessable")
        if self.confirmed and self.box is None and self.not_assessable is None:
            raise ValueError(f"{self.joint} is confirmed without a box")
        if self.origin is not None and self.box is None:
            raise ValueError(f"{self.joint} comes from a proposal and has no box")

    @property
    def done(self) -> bool:
        return self.confirmed or self.not_assessable is not None

    @property
    def normal(self) -> bool:
        return self.confirmed and not self.marks and self.not_assessable is None

    @property
    def untouched(self) -> bool:
        """Boxed, and nothing said about it yet."""
        return self.box is not None and not (self.done or self.marks or self.comment)

    def certainty(self, finding: Finding) -> Certainty | None:
        """How certain the finding is, or None where it is absent."""
        return next((mark.certainty for mark in self.marks if mark.finding is finding), None)

    def with_finding(self, finding: Finding, certainty: Certainty) -> JointAnnotation:
        """With this finding present: the one it excludes goes, and the joint is assessable again."""
        kept = [m for m in self.marks if m.finding not in (finding, finding.excludes)]
        return replace(self, marks=tuple(sorted([*kept, Mark(finding, certainty)])), not_assessable=None)

    def without_finding(self, finding: Finding) -> JointAnnotation:
        return replace(self, marks=tuple(m for m in self.marks if m.finding is not finding))


_NOTHING_SAID = {joint: JointAnnotation(joint) for joint in JOINTS}


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """What the reader says about the image as a whole.

    right_on_left: the hand on the left half of the stored image is the right hand (on a one-hand film:
    the names follow `hands` alone). side_confirmed: someone or the file said so, it is not assumed.
    excluded: the reason why the image is not read at all, or "".
    """

    hands: Hands = Hands.BOTH
    right_on_left: bool = True
    side_confirmed: bool = False
    excluded: str = ""
    comment: str = ""


class ReadingState(StrEnum):
    NEW = "new"
    IN_PROGRESS = "in progress"
    COMPLETE = "complete"
    SIGNED = "signed"


@dataclass(frozen=True)
class Reading:
    """One reader's annotations of one image. started: the reader has made a gesture on it."""

    image_id: int
    reader_id: int
    facts: ImageFacts = ImageFacts()
    annotations: Mapping[Joint, JointAnnotation] = field(default_factory=dict)
    signed: bool = False
    started: bool = False

    def __post_init__(self) -> None:
        if any(joint != annotation.joint for joint, annotation in self.annotations.items()):
            raise ValueError("annotation filed under another joint")
        object.__setattr__(self, "annotations", MappingProxyType(dict(self.annotations)))

    @property
    def expected(self) -> tuple[Joint, ...]:
        return () if self.facts.excluded else expected_joints(self.facts.hands)

    @property
    def done(self) -> int:
        """How many of the expected joints are confirmed or not assessable."""
        return sum(1 for joint in self.expected if self.of(joint).done)

    @property
    def missing_boxes(self) -> tuple[Joint, ...]:
        """The expected joints without a box."""
        return tuple(joint for joint in self.expected if self.of(joint).box is None)

    @property
    def missing(self) -> tuple[Joint, ...]:
        """The expected joints with neither a box nor a reason why they are not assessable."""
        return tuple(joint for joint in self.missing_boxes if not self.of(joint).done)

    @property
    def state(self) -> ReadingState:
        if self.signed:
            return ReadingState.SIGNED
        if self.done == len(self.expected):
            return ReadingState.COMPLETE
        return ReadingState.IN_PROGRESS if self.started else ReadingState.NEW

    @property
    def findings(self) -> frozenset[Finding]:
        """The findings that are present on any joint."""
        return frozenset(mark.finding for a in self.annotations.values() for mark in a.marks)

    def of(self, joint: Joint) -> JointAnnotation:
        """The annotation of a joint; an empty one where nothing was said."""
        return self.annotations.get(joint) or _NOTHING_SAID[joint]

    @property
    def boxes(self) -> dict[Joint, Box]:
        return {joint: a.box for joint, a in self.annotations.items() if a.box is not None}
