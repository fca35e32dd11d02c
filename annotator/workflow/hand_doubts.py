"""What the fitted hands say against the names that they gave: flags of `proposal_doubts`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np

from annotator.domain.geometry import Box
from annotator.domain.joints import Joint, Side
from annotator.workflow.hand_model import LOOSENESS, PLACES
from annotator.workflow.hand_settling import Custom, Settled
from annotator.workflow.naming import Sheet
from annotator.workflow.proposal_doubts import Doubt, Flag, Why

FAR = 9.0
"""Misfit beyond which a place is implausible: at a PIP joint 0.4 units across or 0.25 along its finger."""
OTHER_SIZE = 1.5
"""Times the usual side of a box, or the inverse."""
AS_WELL = 10.0
"""Misfit by which a missing joint must be worse than the one that a box was given."""
FEW = 4
"""Boxes from which on a hand cannot be anywhere else."""
ASIDE = 0.7
"""Share of their distance which two hands must lie beside each other on the stored image, so that there is
no doubt which of them is in its left half."""
IN_THE_MIDDLE = 0.75
"""Units from the middle of the film within which a lone hand may be either."""


@dataclass(frozen=True, eq=False)
class Film:
    """columns: the joint of each column. owners: column -> box, after doubles were left out."""

    sheet: Sheet
    unit: float
    boxes: tuple[Box, ...]
    settled: Settled
    columns: tuple[Joint, ...]
    owners: Mapping[int, int]

    def on(self, side: Side) -> tuple[int, ...]:
        """The columns of this hand that have a box."""
        return tuple(column for column in self.owners if self.columns[column].side is side)

    def missing(self) -> tuple[Flag, ...]:
        free = [joint for column, joint in enumerate(self.columns) if column not in self.owners]
        empty = [side for side in Side if not self.on(side)]
        outside = [joint for joint in free if joint.side not in empty and not self._inside(joint)]
        return missing(sorted(free, key=_in_order), empty, outside)

    def _inside(self, joint: Joint) -> bool:
        place = self.settled.pose.places.reshape(-1)[self.columns.index(joint)] * self.unit
        return bool(abs(place.real) <= self.sheet.width / 2 and abs(place.imag) <= self.sheet.height / 2)


def missing(
    joints: Iterable[Joint], empty: Iterable[Side] = tuple(Side), outside: Iterable[Joint] = ()
) -> tuple[Flag, ...]:
    """empty: hands without any box. outside: joints that lie beyond the edge of the image."""
    hands, beyond = set(empty), set(outside)
    return tuple(
        Flag(
            Doubt.MISSING,
            Why.NO_HAND if joint.side in hands else Why.OFF_IMAGE if joint in beyond else Why.NO_BOX,
            joint,
            joint.side,
        )
        for joint in joints
    )


def doubtful_names(film: Film) -> list[Flag]:
    """Places, sizes and names of single joints."""
    flags = []
    sides = {box: _side_length(film.boxes[box]) for box in film.owners.values()}
    for column, box in sorted(film.owners.items(), key=lambda item: _in_order(film.columns[item[0]])):
        joint = film.columns[column]
        cost = float(film.settled.costs[box, column])
        if cost - LOOSENESS[column % len(PLACES)] > FAR:
            flags.append(Flag(Doubt.PLACE, Why.FAR, joint, joint.side, box))
        if len(sides) > 1:
            usual = median(side for other, side in sides.items() if other != box)
            if not 1 / OTHER_SIZE <= sides[box] / usual <= OTHER_SIZE:
                why = Why.LARGE if sides[box] > usual else Why.SMALL
                flags.append(Flag(Doubt.SIZE, why, joint, joint.side, box))
        if len(film.on(joint.side)) < FEW:
            flags.append(Flag(Doubt.NAME, Why.FEW, joint, joint.side, box))
            continue
        free = [k for k in range(len(film.columns)) if k not in film.owners]
        others = [k for k in free if film.settled.costs[box, k] < cost + AS_WELL]
        if others:
            other = film.columns[min(others, key=lambda k: float(film.settled.costs[box, k]))]
            flags.append(Flag(Doubt.NAME, Why.COULD_BE, joint, joint.side, box, other=other))
    return flags


def doubtful_hands(film: Film, custom: Custom) -> list[Flag]:
    """Which hand is which."""
    pose = film.settled.pose
    seen = [hand for hand, side in enumerate(_sides(film)) if film.on(side)]
    flags = [
        Flag(Doubt.SIDE, Why.THUMB_OUTWARDS, side=_sides(film)[hand])
        for hand in seen
        if pose.thumbs[hand] != custom.thumbs[hand]
    ]
    if len(seen) > 1:
        gap = complex(pose.middles[1] - pose.middles[0])
        if abs(gap.real) < ASIDE * abs(gap):
            flags += [Flag(Doubt.SIDE, Why.ABOVE, side=side) for side in _sides(film)]
    if len(custom.sides) > 1 and len(seen) == 1:
        across = (complex(pose.middles[seen[0]]) / pose.turn).real
        if abs(across) < IN_THE_MIDDLE:
            flags.append(Flag(Doubt.SIDE, Why.ONE_HAND, side=_sides(film)[seen[0]]))
    return flags


def _sides(film: Film) -> list[Side]:
    return [joint.side for joint in film.columns[:: len(PLACES)]]


def _side_length(box: Box) -> float:
    """The side of a square as large, and a size that can be compared for any box."""
    logs = np.log(box.width) / 2 + np.log(box.height) / 2 if box.width < np.inf > box.height else 350.0
    return float(np.exp(np.clip(logs, -350.0, 350.0)))


def _in_order(joint: Joint) -> tuple[str, str, int]:
    """Right hand first, PIP row before MP row, thumb to little finger, as everywhere."""
    return ("01"[joint.side is Side.LEFT], "01"[joint.kind == "MP"], joint.digit)
