"""Radiograph -> model input, and boxes there and back: the one way for training, proposing and explaining.

A radiograph (uint16 [H, W], bone bright, any bit depth) becomes a *page*: clipped between its own percentiles
0.5 and 99.5, halved, and kept as uint16 [ceil(H / 2), ceil(W / 2)] with 0 at the lower and 65535 at the upper
percentile. Pages are small enough to be held for a whole release. Windows of 300 x 300 are cut from the page
every 150 pixels until its far edges are covered, zero beyond them (Izumi et al. 2024, Methods, Fig. 3a).

Every number on the way is a whole one but for one rounded product, so a page is the same on every machine.

Boxes are x0, y0, x1, y1. One page pixel is exactly two image pixels, also where an odd edge was repeated.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

WINDOW = 300  # page pixels
STEP = 150
FULL = 65535  # what the upper percentile becomes on a page
LARGEST = 10_000  # rows or columns of a radiograph
TAILS = (5, 995)  # thousandths of the pixels that lie at or below the two ends of the scale
BAND = 512  # rows worked on at a time, so that memory does not grow with the radiograph

Boxes = TypeVar("Boxes", np.float32, np.float64)


@dataclass(frozen=True, eq=False)
class Batch:
    """Some windows of a page.

    origins: int64 [N, 2], x and y of each window's top-left corner in page pixels. values: float32
    [N, 1, 300, 300], 0 to 1.
    """

    origins: NDArray[np.int64]
    values: NDArray[np.float32]


def half_page(pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
    """The page of a radiograph: uint16 [H, W] -> uint16 [ceil(H / 2), ceil(W / 2)].

    Where both percentiles are the same value, the smallest and the largest pixel take their place; a constant
    radiograph becomes a page of zeros. Raises ValueError for another dtype or shape, an empty array, or more
    than 10 000 rows or columns.
    """
    check(pixels)
    height, width = pixels.shape
    page = np.zeros(((height + 1) // 2, (width + 1) // 2), np.uint16)
    low, high = limits(pixels)
    if low == high:
        return page
    scale = np.float32(FULL / (high - low))
    for top in range(0, height, BAND):
        band = np.clip(pixels[top : top + BAND], low, high) - np.uint16(low)
        page[top // 2 : (top + BAND) // 2] = np.rint(halved(band) * scale)
    return page


def check(pixels: NDArray[np.uint16]) -> None:
    """Raises ValueError with a sentence for what is no radiograph: see `half_page`."""
    kind: object = getattr(pixels, "dtype", type(pixels).__name__)
    if kind != np.uint16:
        raise ValueError(f"A radiograph must be an array of uint16, not {kind}.")
    if pixels.ndim != 2 or pixels.size == 0:
        raise ValueError(f"A radiograph must have rows and columns alone, not the shape {pixels.shape}.")
    if max(pixels.shape) > LARGEST:
        rows, columns = pixels.shape
        raise ValueError(f"{columns} x {rows} pixels are too many: {LARGEST} each way is the limit.")


def limits(pixels: NDArray[np.uint16]) -> tuple[int, int]:
    """Percentiles 0.5 and 99.5 as pixels that are there (no interpolation), or smallest and largest pixel
    where these are the same."""
    counts = np.zeros(FULL + 1, np.int64)
    for top in range(0, len(pixels), BAND):
        # its counts are float32, and those of one band are small enough to be exact
        band = np.ascontiguousarray(pixels[top : top + BAND])
        counts += cv2.calcHist([band], [0], None, [FULL + 1], [0, FULL + 1]).reshape(-1).astype(np.int64)
    reached = np.cumsum(counts) * 1000
    low, high = (int(np.searchsorted(reached, tail * pixels.size)) for tail in TAILS)
    return (low, high) if low < high else (int(pixels.min()), int(pixels.max()))


def halved(band: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Means of 2 x 2 pixels, exact; the last row and column of an odd number are repeated."""
    rows, columns = band.shape
    if rows % 2 or columns % 2:
        band = np.pad(band, ((0, rows % 2), (0, columns % 2)), mode="edge")
    size = ((columns + 1) // 2, (rows + 1) // 2)
    means = cv2.resize(band.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    return np.asarray(means, np.float32)


def model_input(page: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Page pixels as the network takes them: uint16 [..., h, w] -> float32 [..., 1, h, w], 0 to 1.

    One channel, since the three of VGG16 would be equal: the network widens it inside (`model.SSD300`, and
    "Expand" in its ONNX file), so that a third of the numbers travels.
    """
    return np.divide(page[..., np.newaxis, :, :], np.float32(FULL), dtype=np.float32)


def starts(length: int) -> range:
    """Where windows start along a side of this many page pixels: 0, 150, ... up to the first that reaches the
    far edge. 1005 gives six, 835 five."""
    beyond = max(0, length - WINDOW)
    return range(0, STEP * -(-beyond // STEP) + 1, STEP)


def origins(shape: tuple[int, int]) -> NDArray[np.int64]:
    """int64 [N, 2]: x and y of all windows of a page of this height and width, row by row."""
    rows, columns = (starts(length) for length in shape)
    return np.array([(x, y) for y in rows for x in columns], np.int64)


def batches(page: NDArray[np.uint16], size: int = 1) -> Iterator[Batch]:
    """All windows of a page, at most `size` at a time: no more than these are ever in memory."""
    height, width = page.shape
    below, right = (starts(length)[-1] + WINDOW - length for length in (height, width))
    padded = np.pad(page, ((0, below), (0, right)))
    views = sliding_window_view(padded, (WINDOW, WINDOW))
    corners = origins((height, width))
    for first in range(0, len(corners), size):
        chosen = corners[first : first + size]
        yield Batch(chosen, model_input(views[chosen[:, 1], chosen[:, 0]]))


def corner_around(shape: tuple[int, int], box: NDArray[Boxes]) -> NDArray[np.int64]:
    """int64 [2]: where the window starts that has a box ([4], image pixels) in its middle, or as near to it
    as a page of this height and width allows without showing what lies beyond."""
    x0, y0, x1, y1 = to_window(box[np.newaxis].astype(np.float64), np.zeros(2, np.int64))[0]
    height, width = shape
    last = max(0, width - WINDOW), max(0, height - WINDOW)
    middle = np.rint(((x0 + x1 - WINDOW) / 2, (y0 + y1 - WINDOW) / 2))
    return np.clip(middle, 0, last).astype(np.int64)


def window_at(page: NDArray[np.uint16], corner: NDArray[np.int64]) -> Batch:
    """The window that starts at this x and y ([2], page pixels, not negative), zero beyond the page."""
    x, y = corner
    seen = page[y : y + WINDOW, x : x + WINDOW]
    padded = np.pad(seen, [(0, WINDOW - length) for length in seen.shape])
    return Batch(corner[np.newaxis], model_input(padded[np.newaxis]))


def to_window(boxes: NDArray[Boxes], corners: NDArray[np.int64]) -> NDArray[Boxes]:
    """Boxes [N, 4] in image pixels -> pixels of the window at this corner ([2], or [N, 2] with one for each
    box; page pixels). Exact as long as the numbers have room; a page's own pixels are at corner (0, 0)."""
    return boxes / boxes.dtype.type(2) - twice(corners, boxes)


def to_image(boxes: NDArray[Boxes], corners: NDArray[np.int64]) -> NDArray[Boxes]:
    """Boxes [N, 4] in pixels of a window -> image pixels; the reverse of `to_window`."""
    return (boxes + twice(corners, boxes)) * boxes.dtype.type(2)


def twice(corners: NDArray[np.int64], boxes: NDArray[Boxes]) -> NDArray[Boxes]:
    """Corners for both ends of boxes, in the type of the boxes."""
    return np.concatenate([corners, corners], axis=-1).astype(boxes.dtype)
