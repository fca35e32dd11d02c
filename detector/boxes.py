"""Overlap of boxes: float [N, 4], x0 y0 x1 y1, pixels, x right and y down."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


def overlaps(a: NDArray[np.floating], b: NDArray[np.floating]) -> Doubles:
    """Intersection over union of each box of a [N, 4] with each of b [M, 4]: float64 [N, M], 0 to 1.

    Lines 9 to 11 of Algorithm 1, dx and dy clamped at zero before they are multiplied. Reckoned in double
    precision, so that boxes on whole pixels which overlap by exactly a threshold compare equal to it. A box
    of no area, with reversed corners or with a corner that is not finite overlaps nothing, itself included.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    ax0, ay0, ax1, ay1 = (a[:, None, i] for i in range(4))
    bx0, by0, bx1, by1 = (b[None, :, i] for i in range(4))
    with np.errstate(invalid="ignore"):  # infinity less infinity: no number, and so no overlap
        dx = np.maximum(np.minimum(ax1, bx1) - np.maximum(ax0, bx0), 0.0)
        dy = np.maximum(np.minimum(ay1, by1) - np.maximum(ay0, by0), 0.0)
        shared = dx * dy
        union = (ax1 - ax0) * (ay1 - ay0) + (bx1 - bx0) * (by1 - by0) - shared
    result: Doubles = np.zeros((len(a), len(b)))
    np.divide(shared, union, out=result, where=(shared > 0) & (union > 0))
    return result


def usable(boxes: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Which of the boxes [N, 4] have finite corners in the right order and an area: bool [N]."""
    ordered = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
    return np.asarray(ordered & np.isfinite(boxes).all(axis=1))
