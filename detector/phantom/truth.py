"""What a phantom is and what is known about it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class TrueJoint:
    """One joint as it was drawn.

    name: side and joint, such as "R-PIP3", "L-MP1" or "R-IP1".
    box: x0, y0, x1, y1 in pixels of the full image, origin at the outer corner of the top-left pixel; square,
        side 0.44 x the MP3-PIP3 distance of its hand as projected, centred on the joint space (half way
        between the two joint surfaces where they are displaced).
    findings: a subset of FINDINGS; never a subluxation or dislocation at an IP1.
    """

    name: str
    box: Box
    findings: tuple[str, ...]


@dataclass(frozen=True)
class Phantom:
    """A drawn radiograph of two hands: pixels uint16 [H, W], bone bright, 0 to 1023; joints: all twenty."""

    pixels: NDArray[np.uint16]
    spacing_mm: float
    right_on_left: bool
    joints: tuple[TrueJoint, ...]
