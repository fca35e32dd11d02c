"""What is doubtful about named proposals, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from annotator.domain.joints import Joint, Side


class Doubt(StrEnum):
    """missing: a joint without a box. double: a box on a joint that has a better one. surplus: a box on no
    joint. place, size: a box that is far from where it should be, or of another size than the rest. name: a
    box that may be another joint. side: a hand that may be the other one."""

    MISSING = "missing"
    DOUBLE = "double"
    SURPLUS = "surplus"
    PLACE = "place"
    SIZE = "size"
    NAME = "name"
    SIDE = "side"


class Why(StrEnum):
    """Reasons in English, to be translated before they are filled in: {joint} and {other} are names of
    joints, {side} is right or left."""

    NO_BOX = "No box lies where {joint} is expected."
    NO_HAND = "No box lies on the {side} hand, so {joint} has none."
    OFF_IMAGE = "{joint} is expected outside the image."
    NEARER = "Two boxes lie on {joint}; the one that is kept is nearer to where the hand template expects it."
    SEEN_BY_BOTH = "Two boxes lie on {joint}; the one that is kept was seen by both detectors."
    MORE_CONFIDENT = "Two boxes lie on {joint}; the one that is kept is the more confident."
    NO_JOINT = "This box lies on no joint of the hands that the boxes show."
    FAR = "The box of {joint} lies far from where the other boxes of its hand let it be expected."
    LARGE = "The box of {joint} is much larger than the other boxes."
    SMALL = "The box of {joint} is much smaller than the other boxes."
    COULD_BE = "The box of {joint} could also be {other}, which has none."
    FEW = "Too few boxes lie on the {side} hand to be sure that this one is {joint}."
    THUMB_OUTWARDS = "The thumb of the {side} hand lies on its outer side, so right and left may be wrong."
    ABOVE = "The hands lie above each other, so the {side} one may be the other."
    ONE_HAND = "Only one hand is found, near the middle of the image, so it may not be the {side} one."


_SIDES = {Side.RIGHT: "right", Side.LEFT: "left"}


@dataclass(frozen=True, slots=True)
class Flag:
    """One doubt. joint: the joint that it concerns (none: a surplus box, or a whole hand). side: the hand
    that it concerns. box: its place among the boxes (none: a joint that is missing, or a whole hand). kept:
    the box that was kept instead of a double. other: the joint that it could be as well."""

    doubt: Doubt
    why: Why
    joint: Joint | None = None
    side: Side | None = None
    box: int | None = None
    kept: int | None = None
    other: Joint | None = None

    @property
    def reason(self) -> str:
        """In one English sentence."""
        side = _SIDES[self.side] if self.side else ""
        return self.why.value.format(joint=self.joint, other=self.other, side=side)


@dataclass(frozen=True, slots=True)
class HandFound:
    """One hand. turn: degrees clockwise from fingers up. mirrored: its thumb does not lie where it should.
    boxes: how many of its joints have one."""

    side: Side
    turn: float
    mirrored: bool
    boxes: int


@dataclass(frozen=True)
class Named:
    """joints: the name of each box, in the order in which they were given; no name twice, None for a box that
    is not to be shown as a joint's. hands: from left to right with the fingers up."""

    joints: tuple[Joint | None, ...]
    flags: tuple[Flag, ...]
    hands: tuple[HandFound, ...] = ()

    @property
    def boxes(self) -> Mapping[Joint, int]:
        """Joint -> the place of its box."""
        return {joint: place for place, joint in enumerate(self.joints) if joint is not None}

    @property
    def missing(self) -> tuple[Joint, ...]:
        return tuple(flag.joint for flag in self.flags if flag.doubt is Doubt.MISSING and flag.joint)

    @property
    def resolved(self) -> tuple[Flag, ...]:
        """Why the template left boxes out."""
        return tuple(flag for flag in self.flags if flag.doubt in (Doubt.DOUBLE, Doubt.SURPLUS))

    def doubts(self, joint: Joint) -> tuple[Flag, ...]:
        """What speaks against taking this joint unseen, doubts about its hand and its doubles included."""
        return tuple(
            flag
            for flag in self.flags
            if flag.joint == joint or (flag.joint is None and flag.side is joint.side)
        )
