"""Where hands may lie among boxes of which nothing is known: any direction, either hand, any place.

Points, shapes and the order of a hand's ten joints are those of `hand_model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from annotator.workflow.hand_model import (
    DESIGNS,
    FINGERS,
    PLACE,
    PLACES,
    THUMB,
    TURN,
    Floats,
    Points,
    Shapes,
    Thumbs,
    direction,
    fit,
    misfit,
    places,
    strain,
    strays,
)

LOST = 22.0
"""What a box costs that is on no joint; so far from its place a joint may be displaced, 0.6 units or more."""
DIRECTIONS = np.exp(2j * np.pi * np.arange(12) / 12)
ANCHORS = [PLACES.index(place) for place in (*PLACES[1:5:2], *PLACES[6:8])]
"""The joints any of which is put onto every box in turn: MP2, MP4, PIP2 and PIP3."""
REACH = 0.55
"""Units within which a box speaks for a joint that is put down near it."""
ANOTHER = 1.5
"""Units that two hands of one film lie apart, at least."""
ROUNDS, KEPT = 4, 6
SHAKES = np.zeros((7, 4), np.complex128)
SHAKES[1:3, PLACE] = -0.5, 0.5
SHAKES[3:5, FINGERS] = -0.65, 0.65
SHAKES[5:7, THUMB] = -0.5j, 0.5j
"""What is tried with each of the best hands: one finger to the side, with all joints or with the PIP joints
alone, and the thumb by one phalanx."""


@dataclass(frozen=True, eq=False)
class Pose:
    """One or two hands on a film, from left to right as one sees them with the fingers up.

    shapes: complex128 [H, 4]. thumbs: [H], 1 where the thumb lies to the right of the upright hand.
    """

    shapes: Shapes
    thumbs: Thumbs

    @property
    def turn(self) -> complex:
        """Of the film, of modulus 1; 1 with the fingers up."""
        total = complex(direction(self.shapes).sum())
        return total / abs(total) if abs(total) > 1e-6 else 1.0

    @property
    def places(self) -> Points:
        """[H, 10]"""
        return places(self.shapes, self.thumbs)

    @property
    def middles(self) -> Points:
        """[H], the middle of each hand's joints."""
        return np.asarray(self.places.mean(axis=1))

    @property
    def strain(self) -> float:
        """Of all hands, which are expected to lie the same way."""
        return float(strain(self.shapes, np.full(len(self.shapes), self.turn)).sum())

    def beside(self, other: Pose) -> Pose:
        """With the hands of another one, in order."""
        shapes = np.concatenate([self.shapes, other.shapes])
        thumbs = np.concatenate([self.thumbs, other.thumbs])
        both = Pose(shapes, thumbs)
        order = np.argsort((both.middles * np.conj(both.turn)).real, kind="stable")
        return Pose(shapes[order], thumbs[order])


def single_hands(boxes: Points) -> list[Pose]:
    """The hands that fit best among these boxes [N >= 1], the best first."""
    begun, thumbs = _votes(boxes)
    shapes, thumbs = _best(*_drawn_near(begun, thumbs, boxes), boxes)
    shapes = (shapes[:, None] + SHAKES * direction(shapes)[:, None, None]).reshape(-1, 4)
    shapes, thumbs = _best(*_drawn_near(shapes, thumbs.repeat(len(SHAKES)), boxes), boxes)
    return [Pose(shapes[[k]], thumbs[[k]]) for k in range(len(shapes))]


def _drawn_near(shapes: Shapes, thumbs: Thumbs, boxes: Points) -> tuple[Shapes, Thumbs]:
    """Matched to the nearest boxes and fitted in turn."""
    for _ in range(ROUNDS):
        nearest, found, _ = _matched(shapes, thumbs, boxes)
        shapes = fit(shapes, thumbs, boxes[nearest], found.astype(np.float64), None)
    return shapes, thumbs


def _best(shapes: Shapes, thumbs: Thumbs, boxes: Points) -> tuple[Shapes, Thumbs]:
    """Each of another place or direction, the best first."""
    score = _matched(shapes, thumbs, boxes)[2] - strain(shapes)
    kept: list[int] = []
    for k in np.argsort(-score, kind="stable").tolist():
        if len(kept) < KEPT and not any(_alike(shapes, thumbs, k, other) for other in kept):
            kept.append(k)
    return shapes[kept], thumbs[kept]


def two_hands(singles: list[Pose]) -> list[Pose]:
    """Every two of these that can lie on one film, and each of the best with a partner that was not found."""
    found = [
        a.beside(b)
        for a, b in combinations(singles, 2)
        if abs(complex(a.middles[0] - b.middles[0])) > ANOTHER
    ]
    return found + [one.beside(partner) for one in singles[:3] for partner in _partners(one)]


def promise(pose: Pose, boxes: Points) -> float:
    """How well hands fit to boxes, by a quick look: more is better."""
    strayed = strays(pose.shapes, boxes[:, None, None] - pose.places)
    gain = LOST - misfit(strayed).reshape(len(boxes), -1).T
    joints = np.arange(len(gain))
    nearest = gain.argmax(axis=1)
    mutual = gain.argmax(axis=0)[nearest] == joints
    return float(np.clip(gain[joints, nearest], 0, None)[mutual].sum()) - pose.strain


def _votes(boxes: Points) -> tuple[Shapes, Thumbs]:
    """Undeformed hands to begin with: for each direction and either hand the two best places."""
    pattern = (DIRECTIONS[:, None, None] * DESIGNS[None, :, :, TURN]).reshape(-1, len(PLACES))
    at = (boxes[None, :, None] - pattern[:, None, ANCHORS]).reshape(len(pattern), -1)
    squares = _to_nearest(at[..., None] + pattern[:, None, :], boxes)
    votes = np.clip(1 - squares / REACH**2, 0, None).sum(axis=-1)
    rows = np.arange(len(pattern))
    first = votes.argmax(axis=1)
    second = np.where(np.abs(at - at[rows, first][:, None]) < ANOTHER, -1, votes).argmax(axis=1)
    shapes = np.zeros((2, len(pattern), 4), np.complex128)
    shapes[..., TURN] = np.repeat(DIRECTIONS, 2)
    shapes[..., PLACE] = at[rows, first], at[rows, second]
    return shapes.reshape(-1, 4), np.tile([0, 1], 2 * len(DIRECTIONS)).astype(np.intp)


def _to_nearest(points: Points, boxes: Points) -> NDArray[np.float32]:
    """Squared distance to the nearest box; box by box in halves, as one large table is ten times slower."""
    x, y = points.real.astype(np.float32), points.imag.astype(np.float32)
    least = np.full(points.shape, np.inf, np.float32)
    for box in boxes.astype(np.complex64):
        across, down = x - box.real, y - box.imag
        across *= across
        down *= down
        across += down
        np.minimum(least, across, out=least)
    return least


def _matched(
    shapes: Shapes, thumbs: Thumbs, boxes: Points
) -> tuple[NDArray[np.intp], NDArray[np.bool_], Floats]:
    """[K, 10] the box nearest to each joint; [K, 10] whether that joint is the nearest to it, too; [K] what
    the hand explains."""
    strayed = strays(shapes, boxes[:, None, None] - places(shapes, thumbs))
    nearest = strayed.argmin(axis=0)
    theirs = strayed.argmin(axis=2).T[np.arange(len(shapes))[:, None], nearest]
    gain = LOST - misfit(np.take_along_axis(strayed, nearest[None], axis=0)[0])
    found = (theirs == np.arange(len(PLACES))) & (gain > 0)
    return nearest, found, np.where(found, gain, 0).sum(axis=-1)


def _alike(shapes: Shapes, thumbs: Thumbs, one: int, other: int) -> bool:
    apart = np.abs(shapes[one] - shapes[other])
    return bool(thumbs[one] == thumbs[other] and apart[PLACE] < 0.4 and apart[TURN] < 0.4)


def _partners(hand: Pose) -> list[Pose]:
    """Where the other hand may be, of which there is no box: the mirror image about the middle of the film,
    or either side of a hand that itself lies near the middle."""
    turn = hand.turn
    across = (complex(hand.middles[0]) / turn).real
    gaps = [-2 * across] if abs(across) > ANOTHER / 2 else [-1.5 * ANOTHER, 1.5 * ANOTHER]
    found = []
    for gap in gaps:
        shapes = np.zeros((1, 4), np.complex128)
        shapes[:, TURN] = turn
        partner = Pose(shapes, 1 - hand.thumbs)
        level = 1j * (complex(hand.middles[0]) / turn).imag
        shapes[:, PLACE] = turn * (across + gap + level) - partner.middles[0]
        found.append(partner)
    return found
