"""Which box is which joint of the hands on a film: assignment and fit in turn, from every promising start.

Points are those of `hand_model`; columns count the joints of all hands, ten for each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from annotator.domain.joints import Side
from annotator.workflow.assignment import assign
from annotator.workflow.hand_model import PLACE, PLACES, TURN, Floats, Points, Thumbs, fit, misfit, strays
from annotator.workflow.hand_search import LOST, Pose, promise, single_hands, two_hands
from annotator.workflow.naming import Sheet, prior_pose

DOUBLED, NEAR = 16.0, 0.42
"""What a box costs that is on no joint of its own, with another box so near, in units."""
WIDENED = (3.0, 2.0)
"""Times the usual deviations in the first rounds, so that every box takes part before any is given up."""
EARLY = 25.0
"""What a box costs in those rounds that is on no joint."""
ROUNDS, MOST = 10, 60
"""How often assignment and fit follow each other; how many boxes the search looks at."""
TRIED, HOPELESS = 4, 50.0
"""How many starts are followed up, and how much worse than the best one promises."""
THUMB_OUTWARDS, THUMB_ALONE = 6.0, 2.0
"""What it costs that a thumb does not lie towards the middle of the film; on a film of one hand."""
PLACE_SPREAD, PLACE_MOST = 0.7, 6.0
TURN_SPREAD, TURN_MOST = 0.5, 9.0


@dataclass(frozen=True, eq=False)
class Custom:
    """How hands usually lie on this sheet. sides: from left to right; thumbs: [H]; places: complex128 [4, H],
    MP3 of each on the film turned clockwise by so many quarters."""

    sides: tuple[Side, ...]
    thumbs: Thumbs
    places: Points

    @classmethod
    def of(cls, sheet: Sheet, unit: float) -> Custom:
        """Raises ValueError for no sides. unit: pixels."""
        sides = tuple(sorted(sheet.facts.hands.sides, key=sheet.part))
        thumbs = np.array([sheet.thumb_to_right(side) for side in sides], np.intp)
        lying = replace(sheet, width=sheet.height, height=sheet.width, seen=())
        upright = [_mp3(sides, unit, one) for one in (sheet, lying, replace(sheet, seen=()), lying)]
        return cls(sides, thumbs, np.stack([row * 1j**quarter for quarter, row in enumerate(upright)]))

    def start(self) -> Pose:
        """Undeformed hands, fingers up."""
        shapes = np.zeros((len(self.sides), 4), np.complex128)
        shapes[:, TURN], shapes[:, PLACE] = 1, self.places[0]
        return Pose(shapes, self.thumbs)

    def oddity(self, pose: Pose) -> float:
        """What speaks against hands that lie like this, whatever the boxes are: -2 log probability."""
        wrong = int((pose.thumbs != self.thumbs).sum())
        angle = float(np.angle(pose.turn))
        usual = self.places[round(angle / (np.pi / 2)) % 4]
        away = np.abs(pose.shapes[:, PLACE] - usual) / PLACE_SPREAD
        return (
            wrong * (THUMB_OUTWARDS if len(self.sides) > 1 else THUMB_ALONE)
            + min((angle / TURN_SPREAD) ** 2, TURN_MOST)
            + float(np.minimum(away**2, PLACE_MOST).sum())
        )


@dataclass(frozen=True, eq=False)
class Settled:
    """joints: column -> box. costs: [N, columns] what it costs that a box is that joint. cost: of all."""

    pose: Pose
    joints: Mapping[int, int]
    costs: Floats
    cost: float


def settle(boxes: Points, custom: Custom) -> Settled:
    """The hands that explain the boxes [N >= 1] best, of those that may be on the film."""
    singles = single_hands(boxes[:MOST])
    poses = singles if len(custom.sides) == 1 else two_hands(singles)
    poses.append(custom.start())
    doubts = [custom.oddity(pose) - promise(pose, boxes) for pose in poses]
    order = np.argsort(doubts, kind="stable")[:TRIED].tolist()
    tried = (poses[k] for k in order if doubts[k] <= doubts[order[0]] + HOPELESS)
    return min((_settled(pose, boxes, custom) for pose in tried), key=lambda found: found.cost)


def _settled(pose: Pose, boxes: Points, custom: Custom) -> Settled:
    near = np.abs(boxes[:, None] - boxes) < NEAR
    lost = np.where(near.sum(axis=1) > 1, DOUBLED, LOST)[:, None]
    joints: dict[int, int] = {}
    costs = np.zeros((len(boxes), 0))
    for turn in range(ROUNDS):
        widen = WIDENED[turn] if turn < len(WIDENED) else 1.0
        strayed = strays(pose.shapes, boxes[:, None, None] - pose.places)
        costs = misfit(strayed, widen).reshape(len(boxes), -1)
        found = _assigned(costs - (EARLY if widen > 1 else lost))
        if found == joints and widen == 1:
            break
        joints = found
        pose = _fitted(pose, boxes, joints, widen)
    gained = sum(costs[box, column] - lost[box, 0] for column, box in joints.items())
    return Settled(pose, joints, costs, float(gained) + pose.strain + custom.oddity(pose))


def _assigned(costs: Floats) -> dict[int, int]:
    """Column -> row, for the least costs in all; a row without a column, and the other way round, costs 0."""
    costs = np.minimum(costs, 0)
    best = costs.argmin(axis=1)
    wanted = np.flatnonzero(costs[np.arange(len(costs)), best] < 0)
    columns = best[wanted].tolist()
    if len(set(columns)) == len(columns):  # nobody is in another's way
        return dict(sorted(zip(columns, wanted.tolist(), strict=True)))
    if len(costs) <= costs.shape[1]:
        pairs = zip(assign(costs.tolist()), range(len(costs)), strict=True)
    else:
        pairs = zip(range(costs.shape[1]), assign(costs.T.tolist()), strict=True)
    return dict(sorted((column, row) for column, row in pairs if costs[row, column] < 0))


def _fitted(pose: Pose, boxes: Points, joints: Mapping[int, int], widen: float) -> Pose:
    size = len(pose.shapes) * len(PLACES)
    found, at = np.zeros(size), np.zeros(size, np.complex128)
    columns = list(joints)
    found[columns], at[columns] = 1, boxes[list(joints.values())]
    shape = (-1, len(PLACES))
    for _ in range(2):
        turns = np.full(len(pose.shapes), pose.turn)
        shapes = fit(pose.shapes, pose.thumbs, at.reshape(shape), found.reshape(shape), turns, widen)
        pose = Pose(shapes, pose.thumbs)
    return pose


def _mp3(sides: tuple[Side, ...], unit: float, sheet: Sheet) -> Points:
    """[H]"""
    poses = [prior_pose(side, unit, sheet) for side in sides]
    middle = complex(sheet.width, sheet.height) / 2
    return np.array([(complex(pose[2], pose[3]) - middle) / unit for pose in poses])
