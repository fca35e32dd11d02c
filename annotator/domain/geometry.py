"""Boxes in image pixels.

Coordinates are x to the right and y down, in pixels of the full image, with the origin at the outer
corner of the top-left pixel: pixel (0, 0) covers [0, 1) x [0, 1), and a whole image of W x H pixels
is the box (0, 0, W, H).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle of positive area; raises ValueError for anything else."""

    x0: float
    y0: float
    x1: float
    y1: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(v) for v in self.corners):
            raise ValueError(f"box with a corner that is no number: {self.corners}")
        if self.x1 <= self.x0 or self.y1 <= self.y0:
            raise ValueError(f"box without area: {self.corners}")

    @classmethod
    def around(cls, centre: Point, width: float, height: float) -> Box:
        """The box of this size around a centre."""
        x, y = centre
        return cls(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    @classmethod
    def spanning(cls, a: Point, b: Point) -> Box:
        """The box between two opposite corners, in whatever order a drag gives them."""
        return cls(min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))

    @property
    def corners(self) -> tuple[float, float, float, float]:
        return self.x0, self.y0, self.x1, self.y1

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def area(self) -> float:
        return self.width * self.height

    @property
    def centre(self) -> Point:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    def moved(self, dx: float, dy: float) -> Box:
        return Box(self.x0 + dx, self.y0 + dy, self.x1 + dx, self.y1 + dy)

    def kept_inside(self, width: float, height: float) -> Box:
        """Shifted to lie inside an image of this size; shrunk only where it is larger than the image."""
        w, h = min(self.width, width), min(self.height, height)
        x = min(max(self.x0, 0.0), width - w)
        y = min(max(self.y0, 0.0), height - h)
        return Box(x, y, x + w, y + h)

    def clipped(self, width: float, height: float) -> Box | None:
        """The part inside an image of this size, or None where there is none."""
        x0, y0 = max(self.x0, 0.0), max(self.y0, 0.0)
        x1, y1 = min(self.x1, width), min(self.y1, height)
        return Box(x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None

    def mirrored(self, width: float) -> Box:
        """Mirrored at the vertical middle line of an image of this width."""
        return Box(width - self.x1, self.y0, width - self.x0, self.y1)


def median_box(boxes: Sequence[Box]) -> Box | None:
    """The median edge by edge; None of no boxes."""
    if not boxes:
        return None
    x0, y0, x1, y1 = (median(edge) for edge in zip(*(box.corners for box in boxes), strict=True))
    return Box(x0, y0, x1, y1)


def iou(a: Box, b: Box) -> float:
    """Intersection over union, 0 to 1 (Izumi et al. 2024, Evaluation)."""
    dx = max(0.0, min(a.x1, b.x1) - max(a.x0, b.x0))
    dy = max(0.0, min(a.y1, b.y1) - max(a.y0, b.y0))
    shared = dx * dy
    return shared / (a.area + b.area - shared)
