"""What two versions say of the same image, box by box, and where only one of them is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

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
    def mistakes(self) -> Counter[Mistake]:
        told = [(one.joint or "", kind) for one in self.found for kind in one.wrong]
        return Counter([*told, *((joint, MISSED) for joint in self.missed)])


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
        return _sorted((self.new.mistakes - self.active.mistakes).elements())

    @property
    def only_active(self) -> tuple[Mistake, ...]:
        return _sorted((self.active.mistakes - self.new.mistakes).elements())

    @property
    def together(self) -> int:
        """How many mistakes both make."""
        return (self.new.mistakes & self.active.mistakes).total()

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


def _sorted(mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    return tuple(sorted(mistakes))
