"""Which joint a box is, and where a missing joint lies: a hand template fitted to the boxes there are.

Each hand is the template of `domain.joints` turned, scaled and shifted: image point = design @ pose with
four numbers, linear, so a prior (an upright hand in its part of the image) and any number of boxes
make one least squares fit. Names are dealt out by assignment, so that no two boxes get the same one, in turn
with the fit until neither changes. Points are in image pixels; spreads in units, multiples of the hand's
MP3-PIP3 distance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotations import ImageFacts, Reading
from annotator.domain.geometry import Box
from annotator.domain.joints import BOX_SIDE, TEMPLATE, Joint, Side, expected_joints
from annotator.imaging.hands import HandSeen
from annotator.workflow.assignment import assign

Floats = NDArray[np.float64]
Pose = NDArray[np.float64]
"""float64 [4]: a, b, tx, ty; a template point (x, y) lies at (a x - b y + tx, b x + a y + ty)."""

UNIT_SHARE = 0.115
"""MP3-PIP3 distance in parts of the image's longer side, where no box tells it (two hands on one film)."""
MIDDLE_FINGER = (0.5, 0.45)
"""Where MP3 lies in its hand's part of the image, across and down."""
SPREAD_FINGER, SPREAD_THUMB = 0.12, 0.25
"""Standard deviation of a joint about the template (of its source, and of boxes drawn by hand)."""
SPREAD_SCALE, SPREAD_TURN = 0.12, 0.22
"""Of the prior's scale and sine of turn."""
SPREAD_PLACE, SPREAD_PLACE_SEEN = (0.35, 0.6), (0.15, 0.15)
"""Of the prior's place across and down, for a hand that is only supposed to be there, and for one seen."""
TIP_TO_MP = 2.05
"""From the fingertips down to MP3."""
ROUNDS = 8
STARTS_ACROSS, STARTS_DOWN = (-0.5, 0.0, 0.5), (-0.9, 0.0, 0.9)
"""Where else to begin, in units, while nothing tells where the hands are."""


@dataclass(frozen=True)
class Sheet:
    """The image the hands lie on: size in pixels, what is known of hands and sides, and what was seen of
    the hands in each part of the image from left to right (one part on a one-hand film)."""

    width: int
    height: int
    facts: ImageFacts
    seen: tuple[HandSeen | None, ...] = ()

    def part(self, side: Side) -> int:
        """0 for the left part of the image or the whole of a one-hand film, 1 for the right part."""
        one = len(self.facts.hands.sides) == 1
        return 0 if one or self.thumb_to_right(side) else 1

    def thumb_to_right(self, side: Side) -> bool:
        """Thumbs lie towards the middle of the image."""
        return (side is Side.RIGHT) == self.facts.right_on_left


def name_boxes(boxes: Sequence[Box], settled: Mapping[Joint, Box], sheet: Sheet) -> tuple[Joint, ...]:
    """A joint for every box, in their order, all different and none of the settled ones.

    Raises ValueError where there are more boxes than expected joints left.
    """
    free = [joint for joint in expected_joints(sheet.facts.hands) if joint not in settled]
    if len(boxes) > len(free):
        raise ValueError(f"{len(boxes)} boxes for {len(free)} joints")
    unit = unit_of([*settled.values(), *boxes], sheet)
    best: tuple[float, tuple[Joint, ...]] = (np.inf, ())
    guessed = not settled and not all(_seen(side, sheet) for side in sheet.facts.hands.sides)
    for across, down in product(STARTS_ACROSS, STARTS_DOWN) if guessed else ((0.0, 0.0),):
        start = {side: prior_pose(side, unit, sheet) for side in sheet.facts.hands.sides}
        if settled:
            start = _poses(settled, unit, sheet)
        for pose in start.values():
            pose[2:] += np.array([across, down]) * unit
        best = min(best, _settle(boxes, free, settled, unit, sheet, start), key=lambda found: found[0])
    return best[1]


def expected_box(joint: Joint, reading: Reading, sheet: Sheet) -> Box:
    """Where a joint would lie by the other boxes of its hand, as a square kept inside the image."""
    unit = unit_of(reading.boxes.values(), sheet)
    pose = _poses(reading.boxes, unit, sheet)[joint.side]
    side = BOX_SIDE * float(np.hypot(pose[0], pose[1]))
    x, y = (_design(joint, sheet) @ pose).tolist()
    return Box.around((x, y), side, side).kept_inside(sheet.width, sheet.height)


def mirrored_box(joint: Joint, reading: Reading, sheet: Sheet) -> Box:
    """A joint's box mirrored to the other hand: as that hand's other boxes lie, else at the image's middle.

    Raises KeyError where the joint has no box.
    """
    boxes = reading.boxes
    flipped = boxes[joint].mirrored(sheet.width)
    pairs = [(boxes[j].mirrored(sheet.width), boxes[j.mirrored]) for j in boxes if j.mirrored in boxes]
    if pairs:
        shift = np.mean([np.subtract(other.centre, own.centre) for own, other in pairs], axis=0)
        flipped = flipped.moved(*shift.tolist())
    return flipped.kept_inside(sheet.width, sheet.height)


def _settle(
    boxes: Sequence[Box],
    free: Sequence[Joint],
    settled: Mapping[Joint, Box],
    unit: float,
    sheet: Sheet,
    poses: Mapping[Side, Pose],
) -> tuple[float, tuple[Joint, ...]]:
    """Assignment and fit in turn from these poses: the misfit reached, and the names."""
    names: tuple[Joint, ...] = ()
    for _ in range(ROUNDS):
        places = np.array([_design(joint, sheet) @ poses[joint.side] for joint in free])
        spreads = np.array([_spread(joint) for joint in free])
        centres = np.array([box.centre for box in boxes])
        distance = np.linalg.norm(centres[:, None] - places[None], axis=-1) / unit
        costs: Floats = (distance / spreads) ** 2 + 4 * np.log(spreads)
        chosen = assign(costs.tolist())
        found = tuple(free[k] for k in chosen)
        if found == names:
            break
        names = found
        poses = _poses({**settled, **dict(zip(names, boxes, strict=True))}, unit, sheet)
    named = {**settled, **dict(zip(names, boxes, strict=True))}
    return _misfit(named, poses, unit, sheet), names


def unit_of(boxes: Iterable[Box], sheet: Sheet) -> float:
    """MP3-PIP3 distance in pixels, from the usual size of these boxes."""
    sides = [(box.width + box.height) / 2 for box in boxes]
    return float(np.median(sides)) / BOX_SIDE if sides else UNIT_SHARE * max(sheet.width, sheet.height)


def _spread(joint: Joint) -> float:
    return SPREAD_THUMB if joint.digit == 1 else SPREAD_FINGER


def _design(joint: Joint, sheet: Sheet) -> Floats:
    """[2, 4]: image x, y of a joint as a linear function of the pose."""
    across, along = TEMPLATE[joint.row, joint.digit]
    x, y = -across if sheet.thumb_to_right(joint.side) else across, -along
    return np.array([[x, -y, 1.0, 0.0], [y, x, 0.0, 1.0]])


def _seen(side: Side, sheet: Sheet) -> HandSeen | None:
    part = sheet.part(side)
    return sheet.seen[part] if part < len(sheet.seen) else None


def prior_pose(side: Side, unit: float, sheet: Sheet) -> Pose:
    """An upright hand where it was seen, else where it usually lies in its part of the image."""
    seen = _seen(side, sheet)
    if seen:
        return np.array([unit, 0.0, seen.x, seen.top + TIP_TO_MP * unit])
    across, down = MIDDLE_FINGER
    place = (across + sheet.part(side)) * sheet.width / len(sheet.facts.hands.sides)
    return np.array([unit, 0.0, place, down * sheet.height])


def _equations(boxes: Mapping[Joint, Box], side: Side, unit: float, sheet: Sheet) -> tuple[Floats, Floats]:
    """[N, 4] and [N]: the prior and the boxes of one hand, each row divided by its spread in pixels."""
    place = SPREAD_PLACE_SEEN if _seen(side, sheet) else SPREAD_PLACE
    spread = np.array([SPREAD_SCALE, SPREAD_TURN, *place]) * unit
    rows, wanted = [np.diag(1 / spread)], [prior_pose(side, unit, sheet) / spread]
    for joint, box in boxes.items():
        if joint.side is side:
            rows.append(_design(joint, sheet) / (unit * _spread(joint)))
            wanted.append(np.array(box.centre) / (unit * _spread(joint)))
    return np.concatenate(rows), np.concatenate(wanted)


def _poses(boxes: Mapping[Joint, Box], unit: float, sheet: Sheet) -> dict[Side, Pose]:
    """The most probable pose of each hand."""
    poses = {}
    for side in sheet.facts.hands.sides:
        matrix, wanted = _equations(boxes, side, unit, sheet)
        poses[side] = np.asarray(np.linalg.solve(matrix.T @ matrix, matrix.T @ wanted), np.float64)
    return poses


def _misfit(boxes: Mapping[Joint, Box], poses: Mapping[Side, Pose], unit: float, sheet: Sheet) -> float:
    """-2 log probability of poses and boxes, less a constant."""
    misfit = sum(4 * float(np.log(_spread(joint))) for joint in boxes)
    for side, pose in poses.items():
        matrix, wanted = _equations(boxes, side, unit, sheet)
        misfit += float(np.sum((matrix @ pose - wanted) ** 2))
    return misfit
