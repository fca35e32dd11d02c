"""Candidates for the tests of `detector.ensemble`."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from detector.ensemble import Candidates

# few different values, so that ties are common
CHANCES = np.array([0.0, 0.05, 0.5, 0.875, 0.9, 0.9375, 1.0], np.float32)
CENTRES = np.array([[0, 0], [40, 10], [160, 160]])

NONE = Candidates(np.zeros((0, 4), "f4"), np.zeros((0, 3), "f4"))


@st.composite
def candidate_sets(draw: st.DrawFn, most: int = 24) -> Candidates:
    """Boxes in up to three clusters, on quarters of a pixel, so that both ways of writing a box are exact.

    From a number of boxes and a seed: drawing each number by itself would take most of the time.
    """
    count = draw(st.integers(0, most))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    clusters = CENTRES[rng.integers(draw(st.integers(1, 3)), size=count)]
    corner = 4 * clusters + rng.integers(-40, 41, (count, 2))
    boxes = np.hstack([corner, corner + rng.integers(20, 121, (count, 2))]) / 4
    return Candidates(boxes.astype("f4"), rng.choice(CHANCES, (count, 3)))


def of(*rows: tuple[Sequence[float], tuple[float, float, float]]) -> Candidates:
    """Candidates from box and probabilities of each."""
    return Candidates(np.array([box for box, _ in rows], "f4"), np.array([c for _, c in rows], "f4"))


def absent(confidence: float) -> tuple[float, float, float]:
    return (1 - confidence, confidence, 0.0)


def box(x: float, y: float = 0.0, side: float = 20.0) -> list[float]:
    return [x, y, x + side, y + side]


def maximum(c: tuple[float, ...]) -> float:
    """The confidence: background is no candidate."""
    return max(c[1], c[2])
