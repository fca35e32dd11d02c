"""Which joint each of the detector's boxes is, and what is doubtful about it.

Unlike a reader's boxes (`naming`), a detector's may lie on no joint or twice on one, on hands turned any way.
Which hand is the right one is what the image's facts say of its left half, whatever way the film is
turned; where the hands lie above each other, of what is its left half with the fingers up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from annotator.domain.geometry import Box
from annotator.domain.joints import Joint, Side, expected_joints
from annotator.workflow.hand_doubts import Film, doubtful_hands, doubtful_names, missing
from annotator.workflow.hand_model import PLACES, Floats, Points
from annotator.workflow.hand_settling import NEAR, Custom, Settled, settle
from annotator.workflow.naming import Sheet, unit_of
from annotator.workflow.proposal_doubts import Doubt, Flag, HandFound, Named, Why

UNIT_LEAST, UNIT_MOST = 0.03, 0.4
"""Of the image's longer side, whatever the boxes say."""
FARTHEST = 100.0
"""Units; what lies farther out lies there."""
ABOVE = 0.5
"""Hands lie above each other where they are no more than this share of their distance beside each other."""
CLEARLY_NEARER = 8.0
"""Misfit by which the nearer one of two boxes on a joint is kept, whatever the detectors say of them."""


def name_proposals(
    boxes: Sequence[Box], confidences: Sequence[float], seen_by: Sequence[str], sheet: Sheet
) -> Named:
    """A joint of its own, or none, for every box; what is missing, double, surplus or implausible.

    confidences: 0 to 1. seen_by: "both", "first" or "second" detector. sheet: size and facts of the image,
    and where its hands were seen (only used where fingers point up). The order of the boxes does not matter.
    Raises ValueError where there are not as many confidences or seen_by as boxes.
    """
    if not len(boxes) == len(confidences) == len(seen_by):
        raise ValueError(f"{len(boxes)} boxes, {len(confidences)} confidences, {len(seen_by)} seen_by")
    if not boxes:
        return Named((), missing(expected_joints(sheet.facts.hands)))
    order = sorted(range(len(boxes)), key=lambda k: (-confidences[k], seen_by[k], boxes[k].corners))
    found = _named(
        [boxes[k] for k in order], [confidences[k] for k in order], [seen_by[k] for k in order], sheet
    )
    joints: list[Joint | None] = [None] * len(boxes)
    for place, joint in zip(order, found.joints, strict=True):
        joints[place] = joint
    flags = tuple(
        replace(
            flag,
            box=None if flag.box is None else order[flag.box],
            kept=None if flag.kept is None else order[flag.kept],
        )
        for flag in found.flags
    )
    return replace(found, joints=tuple(joints), flags=flags)


def _named(boxes: Sequence[Box], confidences: Sequence[float], seen_by: Sequence[str], sheet: Sheet) -> Named:
    longest = max(sheet.width, sheet.height)
    with np.errstate(over="ignore", invalid="ignore"):
        usual = float(np.nan_to_num(unit_of(boxes, sheet), nan=longest, posinf=longest))
    unit = min(max(usual, UNIT_LEAST * longest), UNIT_MOST * longest)
    points = _points(boxes, unit, sheet)
    custom = Custom.of(sheet, unit)
    settled = settle(points, custom)
    sides = _sides(settled, custom)
    columns = [Joint(side, row, digit) for side in sides for row, digit in PLACES]
    owners, doubles = _without_doubles(settled, points, confidences, seen_by, columns)
    film = Film(sheet, unit, tuple(boxes), settled, tuple(columns), owners)
    joints: list[Joint | None] = [None] * len(boxes)
    for column, box in owners.items():
        joints[box] = columns[column]
    out = {flag.box for flag in doubles}
    surplus = [
        Flag(Doubt.SURPLUS, Why.NO_JOINT, box=box)
        for box, joint in enumerate(joints)
        if joint is None and box not in out
    ]
    flags = [*film.missing(), *doubles, *surplus, *doubtful_names(film), *doubtful_hands(film, custom)]
    return Named(tuple(joints), tuple(flags), _hands(film, custom, sides))


def _points(boxes: Sequence[Box], unit: float, sheet: Sheet) -> Points:
    """[N] centres in units from the middle of the image, however far out and large they are."""
    corners: Floats = np.array([box.corners for box in boxes]) / (2 * unit)
    x = corners[:, 0] + corners[:, 2] - sheet.width / (2 * unit)
    y = corners[:, 1] + corners[:, 3] - sheet.height / (2 * unit)
    return np.asarray(np.clip(x, -FARTHEST, FARTHEST) + 1j * np.clip(y, -FARTHEST, FARTHEST))


def _sides(settled: Settled, custom: Custom) -> tuple[Side, ...]:
    if len(custom.sides) == 1:
        return custom.sides
    first, second = settled.pose.middles.tolist()
    gap = second - first
    return custom.sides[::-1] if gap.real < -ABOVE * abs(gap) else custom.sides


def _without_doubles(
    settled: Settled,
    points: Points,
    confidences: Sequence[float],
    seen_by: Sequence[str],
    columns: Sequence[Joint],
) -> tuple[dict[int, int], list[Flag]]:
    """Column -> box, the best one of those on the joint; and a flag for every other one."""
    owners = dict(settled.joints)
    column_of = {box: column for column, box in owners.items()}
    rivals: dict[int, list[int]] = {}
    for box in range(len(points)):
        if box not in column_of and column_of:
            near = min(column_of, key=lambda other: (abs(points[other] - points[box]), other))
            if abs(points[near] - points[box]) < NEAR:
                rivals.setdefault(column_of[near], []).append(box)
    flags = []
    for column, others in rivals.items():
        group = [owners[column], *others]
        least = min(settled.costs[box, column] for box in group)
        merits = {
            box: (
                bool(settled.costs[box, column] > least + CLEARLY_NEARER),
                seen_by[box] != "both",
                -round(confidences[box], 3),
                float(settled.costs[box, column]),
                box,
            )
            for box in group
        }
        kept = owners[column] = min(group, key=merits.__getitem__)
        reasons = (Why.NEARER, Why.SEEN_BY_BOTH, Why.MORE_CONFIDENT, Why.NEARER, Why.NEARER)
        for box in group:
            if box != kept:
                differs = [a != b for a, b in zip(merits[box], merits[kept], strict=True)].index(True)
                joint = columns[column]
                flags.append(Flag(Doubt.DOUBLE, reasons[differs], joint, joint.side, box, kept))
    return owners, flags


def _hands(film: Film, custom: Custom, sides: Sequence[Side]) -> tuple[HandFound, ...]:
    pose = film.settled.pose
    turns = np.degrees(np.angle(pose.shapes[:, 0])).tolist()
    mirrored = (pose.thumbs != custom.thumbs).tolist()
    return tuple(
        HandFound(side, turn, odd, len(film.on(side)))
        for side, turn, odd in zip(sides, turns, mirrored, strict=True)
        if film.on(side)
    )
