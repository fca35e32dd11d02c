"""The hand template as a shape that can be turned any way, drift, and move its thumb.

Points are complex, x + iy, in units (multiples of the MP3-PIP3 distance that the boxes suggest) from the
middle of the image, y down. A hand is four complex numbers: turn and scale of the template, a shift of its
PIP joints 2 to 5 (ulnar drift across, flexion along), a shift of its thumb, and the place of MP3. All are
linear, so that a fit is one small solve; what lies far out weighs little in it (Student's t), and a
dislocated joint does not pull its neighbours along.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotator.domain.joints import TEMPLATE, Row

Floats = NDArray[np.float64]
Points = NDArray[np.complex128]
Shapes = NDArray[np.complex128]
"""complex128 [..., 4]: turn and scale, shift of the fingers' PIP joints, shift of the thumb, place of MP3."""
Thumbs = NDArray[np.intp]
"""[...]: 1 where the thumb lies to the right of the hand with its fingers up, else 0."""

PLACES: tuple[tuple[Row, int], ...] = tuple(TEMPLATE)
"""Row and digit of the ten joints of a hand, in the order of every axis of ten."""
TURN, FINGERS, THUMB, PLACE = range(4)

SPREAD_SHAPE = np.array([0.15, 0.15, 0.15, 30.0])
"""How far the four of a hand stray from an undeformed one (scale 1, no shifts, anywhere): over the films of
the template's source 0.09, 0.10 and 0.12, with no ulnar drift among them."""
ACROSS, ALONG = (
    np.array([thumb if digit == 1 else pip if row is Row.PIP else mp for row, digit in PLACES])
    for thumb, pip, mp in ((0.09, 0.11, 0.055), (0.09, 0.065, 0.05))
)
"""Standard deviations of a box about its joint's place in the fitted hand, across and along the hand:
findings, pose and the detector's own inaccuracy together. A finger bends sideways rather than grows."""
FREEDOM = 4.0
"""Degrees of freedom of Student's t: how common far strays are."""
LOOSENESS = 2 * np.log(ACROSS * ALONG / 0.06**2)


def design(thumb_to_right: bool) -> Points:
    """complex128 [10, 4]: places of the joints, fingers up, as a linear function of the four of a hand."""
    rows = []
    for (row, digit), (across, along) in TEMPLATE.items():
        point = complex(-across if thumb_to_right else across, -along)
        rows.append([point, row is Row.PIP and digit > 1, digit == 1, 1])
    return np.array(rows, np.complex128)


DESIGNS: Points = np.stack([design(False), design(True)])


def places(shapes: Shapes, thumbs: Thumbs) -> Points:
    """[..., 10]: where the joints of these hands lie."""
    return np.asarray((DESIGNS[thumbs] @ shapes[..., None])[..., 0])


def strays(shapes: Shapes, away: Points) -> Floats:
    """[..., 10]: squared distance in standard deviations of what lies `away` [..., 10] from its joints."""
    own = away * np.conj(direction(shapes))[..., None]
    return np.asarray((own.real / ACROSS) ** 2 + (own.imag / ALONG) ** 2)


def misfit(strayed: Floats, widen: float = 1.0) -> Floats:
    """-2 log probability, less a constant, of boxes that strayed so far [..., 10].

    widen: the standard deviations are so many times as large.
    """
    return np.asarray((FREEDOM + 2) * np.log1p(strayed / (FREEDOM * widen**2)) + LOOSENESS)


def fit(
    shapes: Shapes, thumbs: Thumbs, boxes: Points, found: Floats, turns: Points | None, widen: float = 1.0
) -> Shapes:
    """One step of the robust fit of hands [K, 4] to the boxes of their joints [K, 10].

    found: 1 where there is a box, 0 where not. turns: complex128 [K] of modulus 1, where a hand's direction
    is expected; None: where it is. widen: as in `misfit`.
    """
    strayed = strays(shapes, boxes - places(shapes, thumbs))
    weights = found * (FREEDOM + 2) / ((FREEDOM * widen**2 + strayed) * ACROSS * ALONG)
    expected = np.zeros_like(shapes)
    expected[:, TURN] = direction(shapes) if turns is None else turns
    expected[:, PLACE] = shapes[:, PLACE]
    matrix = DESIGNS[thumbs]
    weighted = np.conj(np.swapaxes(matrix, 1, 2)) * weights[:, None, :]
    left = weighted @ matrix + np.diag(1 / SPREAD_SHAPE**2)
    right = (weighted @ boxes[..., None])[..., 0] + expected / SPREAD_SHAPE**2
    return np.asarray(np.linalg.solve(left, right[..., None])[..., 0])


def direction(shapes: Shapes) -> Points:
    """[...]: which way each hand is turned, of modulus 1; 1 with the fingers up."""
    turn = shapes[..., TURN]
    size = np.abs(turn)
    return np.asarray(np.where(size > 1e-9, turn / np.maximum(size, 1e-9), 1.0))


def strain(shapes: Shapes, turns: Points | None = None) -> Floats:
    """[...]: -2 log probability, less a constant, of the hands themselves: scale, direction, drift, thumb."""
    expected = direction(shapes) if turns is None else turns
    parts = np.abs(shapes[..., :PLACE]) ** 2
    parts[..., TURN] = np.abs(shapes[..., TURN] - expected) ** 2
    return np.asarray((parts / SPREAD_SHAPE[:PLACE] ** 2).sum(axis=-1))
