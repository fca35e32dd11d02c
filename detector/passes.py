"""What a network is shown of a page.

The paper's scan is by windows (Scanning the radiograph, Fig. 3a-c). The other is fully convolutional: the
whole page in one pass, or a few with the page moved by some pixels, so that joints lie elsewhere among the
default boxes. A page too large for the memory of one pass is done in tiles that see as far beyond their core
as the network can look, so that they say what one pass would have said.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector import windows
from detector.boxes import Floats
from detector.networks.default_boxes import LEVELS, WHOLE_LEVELS
from detector.version.values import ScanSettings

Page = NDArray[np.uint16]

LARGEST_PASS = 1_600_000
"""Page pixels of one pass: at full width two layers of 64 channels take 0.8 GB."""

TILE = 1216
"""Side of a tile; like MARGIN a multiple of 32, the stride of the third level, so that cells coincide."""

MARGIN = 288
"""What a tile sees beyond its core: a box of the third level depends on 274 pixels around its centre."""


@dataclass(frozen=True, eq=False)
class Pass:
    """What a network is shown at once.

    corners: int64 [N, 2], x and y of the top-left corner of each of the N inputs in page pixels. values:
    float32 [N, 1, h, w]. levels: how many levels of default boxes count. core: x0, y0, x1, y1 in page pixels;
    boxes whose default box is centred elsewhere are left to another pass.
    """

    corners: NDArray[np.int64]
    values: Floats
    levels: int
    core: tuple[float, float, float, float] = (-math.inf, -math.inf, math.inf, math.inf)


def passes(page: Page, scan: str, settings: ScanSettings, batch: int = 1) -> Iterator[Pass]:
    """Everything a network is shown of a page, one at a time; batch: windows at once."""
    if scan == "windows":
        for some in windows.batches(page, batch):
            yield Pass(some.origins, some.values, len(LEVELS))
        return
    for shift in settings.shifts:
        yield from whole(page, shift)


def passes_count(page: Page, scan: str, settings: ScanSettings, batch: int = 1) -> int:
    if scan == "windows":
        return -(-len(windows.origins(page.shape)) // batch)
    return sum(len(tiles(*moved_shape(page, shift))) for shift in settings.shifts)


def whole(page: Page, shift: tuple[int, int]) -> Iterator[Pass]:
    """The page in one pass or in tiles, moved right and down by these pixels, black beyond its edges."""
    height, width = moved_shape(page, shift)
    right, down = shift
    below, beside = height - down - page.shape[0], width - right - page.shape[1]
    moved = np.pad(page, ((down, below), (right, beside)))
    for x0, y0, x1, y1, core in tiles(height, width):
        values = windows.model_input(moved[y0:y1, x0:x1])[None]
        left, upper, after, under = core
        yield Pass(
            np.array([[x0 - right, y0 - down]]),
            values,
            WHOLE_LEVELS,
            (left - right, upper - down, after - right, under - down),
        )


def moved_shape(page: Page, shift: tuple[int, int]) -> tuple[int, int]:
    """Height and width of a moved page, at least those of a window."""
    height, width = page.shape
    return max(height + shift[1], windows.WINDOW), max(width + shift[0], windows.WINDOW)


Tile = tuple[int, int, int, int, tuple[float, float, float, float]]


def tiles(height: int, width: int) -> list[Tile]:
    """x0, y0, x1, y1 of each tile and of its core; one alone where the page is small enough."""
    if height * width <= LARGEST_PASS:
        return [(0, 0, width, height, (-math.inf, -math.inf, math.inf, math.inf))]
    return [
        (x0, y0, x1, y1, (left, upper, right, lower))
        for y0, y1, upper, lower in strips(height)
        for x0, x1, left, right in strips(width)
    ]


def strips(length: int) -> list[tuple[int, int, float, float]]:
    """First and last pixel of each tile along a side, and those of its core; cores touch and cover all."""
    core = TILE - 2 * MARGIN
    last = length <= TILE
    found: list[tuple[int, int, float, float]] = []
    first, begin = 0, -math.inf
    while not last:
        last = first + TILE >= length
        end = math.inf if last else first + TILE - MARGIN
        found.append((first, min(first + TILE, length), begin, end))
        first, begin = first + core, end
    return found or [(0, length, -math.inf, math.inf)]
