"""What two versions say of the same image, box by box, and where only one of them is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from annotator.domain.geometry import Box, iou
from annotator.domain.proposals import SAME_JOINT

Corners = tuple[float, float, float, float]
"""x0, y0, x1, y1 in pixels of the full image, origin at the outer corner of the top-left one."""

Mistake = tuple[str, str]
"""The joint, "" where there is none, and what is wrong there in the detector's words."""

MISSED, FALSE_BOX = "missed joint", "false box"


@dataclass(frozen=True, slots=True)
class TrueJoint:
    """A joint as the release has it. present: the detectors' findings that are there."""

    joint: str
    box: Corners
    present: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SaidBox:
    """A box of a version. joint: the one that it found, None where there is none. called: the findings that
    it is said to show. wrong: what is wrong with it, in the detector's words; nothing is wrong with a box on
    an ignored place, which is no joint's."""

    box: Corners
    confidence: float
    joint: str | None
    called: tuple[str, ...]
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """All that a version says of an image. missed: joints that it has no box of."""

    found: tuple[SaidBox, ...] = ()
    missed: tuple[str, ...] = ()

    @property
    def false_boxes(self) -> tuple[SaidBox, ...]:
        return tuple(one for one in self.found if FALSE_BOX in one.wrong)

    @property
    def mistakes(self) -> frozenset[Mistake]:
        """About joints; `false_boxes` are about none."""
        told = {(one.joint, kind) for one in self.found if one.joint for kind in one.wrong}
        return frozenset(told | {(joint, MISSED) for joint in self.missed})

    def false_boxes_apart(self, other: Sight) -> tuple[SaidBox, ...]:
        """False boxes that lie where the other version has none: each of the other's takes one away."""
        left = list(other.false_boxes)
        apart = []
        for one in self.false_boxes:
            same = next((far for far in left if iou(Box(*one.box), Box(*far.box)) > SAME_JOINT), None)
            if same is None:
                apart.append(one)
            else:
                left.remove(same)
        return tuple(apart)


@dataclass(frozen=True, slots=True)
class ComparedImage:
    """file: in the release."""

    file: str
    truth: tuple[TrueJoint, ...]
    new: Sight
    active: Sight

    @property
    def only_new(self) -> tuple[Mistake, ...]:
        """Mistakes of the new version that the active one does not make."""
        return _only(self.new, self.active)

    @property
    def only_active(self) -> tuple[Mistake, ...]:
        return _only(self.active, self.new)

    @property
    def together(self) -> int:
        """How many mistakes both make."""
        shared = len(self.new.false_boxes) - len(self.new.false_boxes_apart(self.active))
        return len(self.new.mistakes & self.active.mistakes) + shared

    @property
    def differing(self) -> int:
        return len(self.only_new) + len(self.only_active)

    @classmethod
    def from_object(cls, said: Mapping[str, Any]) -> ComparedImage:
        """Of `dataclasses.asdict`. Raises KeyError or TypeError for anything else."""
        return cls(said["file"], truth_of(said["truth"]), sight_of(said["new"]), sight_of(said["active"]))


def truth_of(said: Iterable[Mapping[str, Any]]) -> tuple[TrueJoint, ...]:
    return tuple(TrueJoint(one["joint"], _corners(one["box"]), tuple(one["present"])) for one in said)


def sight_of(said: Mapping[str, Any]) -> Sight:
    found = (
        SaidBox(
            _corners(one["box"]), one["confidence"], one["joint"], tuple(one["called"]), tuple(one["wrong"])
        )
        for one in said["found"]
    )
    return Sight(tuple(found), tuple(said["missed"]))


def _corners(said: Iterable[float]) -> Corners:
    x0, y0, x1, y1 = said
    return x0, y0, x1, y1


def _only(one: Sight, other: Sight) -> tuple[Mistake, ...]:
    false = [("", FALSE_BOX)] * len(one.false_boxes_apart(other))
    return (*false, *sorted(one.mistakes - other.mistakes))
