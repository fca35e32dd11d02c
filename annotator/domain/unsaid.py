"""What nothing is said of on an image whose labels leave: places to be ignored, and joints without a place.

A joint whose label stays is on the film all the same. Where a reading that counts has a box for it, its place
is known, and whoever learns from the labels is to ignore it: to take it for background would be wrong. Where
none has, nobody can tell, and who exports is warned.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from annotator.domain.annotations import Reading
from annotator.domain.findings import NotAssessable
from annotator.domain.geometry import Box, iou, median_box
from annotator.domain.joints import JOINTS, Joint
from annotator.domain.proposals import SAME_JOINT

NOT_ON_THE_FILM = {NotAssessable.CROPPED, NotAssessable.AMPUTATED}


@dataclass(frozen=True, slots=True)
class Unsaid:
    """ignored: places of joints whose labels stay, in the order of JOINTS. unmarked: the expected joints that
    have neither a box that leaves nor such a place; not those that a reader says are not on the film."""

    ignored: tuple[Box, ...] = ()
    unmarked: tuple[Joint, ...] = ()


Marked = Collection[tuple[Joint, Box]]


def unsaid(readings: Sequence[Reading], marked: Marked, width: int, height: int) -> Unsaid:
    """Of an image of this size. readings: those that count. marked: the boxes that leave, of every reader.

    A place is the median of the boxes that these readings have for a joint; where they do not lie on one
    another, each is a place of its own, since nobody can tell which of them is that joint. One that shows a
    joint whose box leaves is that joint's and none; another name was given to it.
    """
    places: dict[Joint, list[Box]] = {}
    gone: set[Joint] = set()
    leaving = {joint for joint, _box in marked}
    expected = {joint for reading in readings for joint in reading.expected}
    for joint in (joint for joint in JOINTS if joint in expected - leaving):
        said = [reading.of(joint) for reading in readings if joint in reading.expected]
        boxes = [box for one in said if one.box and (box := one.box.clipped(width, height))]
        own = [box for box in together(boxes) if all(iou(box, one) <= SAME_JOINT for _, one in marked)]
        if own:
            places[joint] = own
        elif not boxes and any(one.not_assessable in NOT_ON_THE_FILM for one in said):
            gone.add(joint)
    known = {*leaving, *places, *gone}
    return Unsaid(
        tuple(box for boxes in places.values() for box in boxes),
        tuple(joint for joint in JOINTS if joint in expected - known),
    )


def together(boxes: Sequence[Box]) -> list[Box]:
    """The median of boxes that all lie on it; else each, of those that lie on one another the left one."""
    middle = median_box(boxes)
    if middle is not None and all(iou(middle, box) > SAME_JOINT for box in boxes):
        return [middle]
    apart: list[Box] = []
    for box in sorted(boxes, key=lambda one: one.corners):
        if all(iou(box, one) <= SAME_JOINT for one in apart):
            apart.append(box)
    return apart
