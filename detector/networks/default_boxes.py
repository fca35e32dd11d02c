"""Default boxes, in pixels of what the network is given, and boxes as offsets from them.

A level has cells `stride` pixels apart, the first centred `first` pixels from the edge. The boxes of a cell
have the sizes of Liu et al. 2016 for a 300 window in *pixels*, whatever the size of the input: a joint does
not grow with the picture it is in. Centres follow the strides of the network itself (its last two
convolutions are unpadded), so that a picture and a window cut from it have the same boxes in the same places.

Boxes on the way through the network are x0, y0, x1, y1 or, where it says so, cx, cy, w, h; pixels of the
input (page pixels less the window's corner), origin at the outer corner of the top-left pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from detector.boxes import Floats
from detector.networks.layers import BOXES_A_CELL

VARIANCES = (0.1, 0.2)
"""Of Liu et al. (their published code): offsets of centre and size are divided by these, so that the network
has numbers near 1 to learn (READING.md, Loss)."""

LARGEST_STEP = math.log(1000 / 16)
"""Bound of the size's offset after VARIANCES, as in torchvision: a wild one makes no infinite box."""

WHOLE_LEVELS = 3
"""Levels a joint can use: the smallest box of the fourth (162 px) has an IoU with a 55 px joint of 0.11."""


@dataclass(frozen=True)
class Level:
    """stride, first: pixels from centre to centre, and of the first centre. smallest, following: sides of the
    square boxes are smallest and sqrt(smallest * following); ratios: of the others, each also upright."""

    stride: int
    first: float
    smallest: float
    following: float
    ratios: tuple[float, ...]

    def shapes(self) -> Floats:
        """float32 [B, 2], width and height of the boxes of a cell."""
        between = math.sqrt(self.smallest * self.following)
        sizes = [(self.smallest, self.smallest), (between, between)]
        for ratio in self.ratios:
            long, short = self.smallest * math.sqrt(ratio), self.smallest / math.sqrt(ratio)
            sizes += [(long, short), (short, long)]
        return np.array(sizes, np.float32)


LEVELS = (
    Level(8, 4, 30, 60, (2.0,)),
    Level(16, 8, 60, 111, (2.0, 3.0)),
    Level(32, 16, 111, 162, (2.0, 3.0)),
    Level(64, 32, 162, 213, (2.0, 3.0)),
    Level(64, 96, 213, 264, (2.0,)),
    Level(64, 160, 264, 315, (2.0,)),
)


def cells(height: int, width: int) -> list[tuple[int, int]]:
    """Rows and columns of each level for an input of this size; (38, 38), (19, 19), ... (1, 1) for 300 x 300.

    Raises ValueError for an input below 268 pixels, for which the last level has no cell.
    """
    rows, columns = axis_cells(height), axis_cells(width)
    return list(zip(rows, columns, strict=True))


def axis_cells(length: int) -> list[int]:
    """Cells of each level along a side of this many pixels."""
    eighth = -(-(length // 4) // 2)  # pool3 counts the incomplete last one
    sixteenth = eighth // 2
    eighth_level = [eighth, sixteenth, -(-sixteenth // 2)]
    last = -(-eighth_level[2] // 2)
    if last < 5:
        raise ValueError(f"{length} pixels are fewer than the network can take (268)")
    return [*eighth_level, last, last - 2, last - 4]


def default_boxes(height: int, width: int, levels: int = len(LEVELS)) -> Floats:
    """float32 [A, 4], cx cy w h, of an input of this size: level by level, row by row, cell by cell, box by
    box. levels: only the first so many. ValueError as in `cells`."""
    parts = []
    for level, (rows, columns) in list(zip(LEVELS, cells(height, width), strict=True))[:levels]:
        shapes = level.shapes()
        y = level.first + level.stride * np.arange(rows, dtype=np.float32)
        x = level.first + level.stride * np.arange(columns, dtype=np.float32)
        grid = np.empty((rows, columns, len(shapes), 4), np.float32)
        grid[..., 0], grid[..., 1], grid[..., 2:] = x[None, :, None], y[:, None, None], shapes
        parts.append(grid.reshape(-1, 4))
    return np.concatenate(parts)


def count(height: int, width: int, levels: int = len(LEVELS)) -> int:
    """How many default boxes an input of this size has; 8732 for 300 x 300."""
    numbers = zip(cells(height, width), BOXES_A_CELL, strict=True)
    return sum(rows * columns * boxes for (rows, columns), boxes in list(numbers)[:levels])


def decode(offsets: Floats, defaults: Floats) -> Floats:
    """Boxes float32 [A, 4] (x0 y0 x1 y1) from offsets [A, 4] and default boxes [A, 4]
    (paper, Eqs. 4-5, turned round)."""
    centre = defaults[:, :2] + offsets[:, :2] * defaults[:, 2:] * np.float32(VARIANCES[0])
    step = np.minimum(offsets[:, 2:] * np.float32(VARIANCES[1]), np.float32(LARGEST_STEP))
    half = defaults[:, 2:] * np.exp(step) / 2
    return np.concatenate([centre - half, centre + half], axis=1)
