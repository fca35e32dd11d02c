"""Crops of pages to train on: where they are cut, and what is done to them (paper, Fig. 2b and Fig. 4).

Every crop holds at least one whole joint. All numbers are in page pixels (half the image's), origin at the
outer corner of the top-left pixel. One warp a crop does all that moves pixels, so they are resampled once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.boxes import Doubles, Floats
from detector.config import Augmentation
from detector.windows import model_input

LEAST_SHARE = 0.75
"""A box of which less than this lies inside the crop is no joint there: it is background, as every joint is
whole in one of the overlapping windows. The rest is cut at the crop's edge."""


def no_boxes() -> Floats:
    return np.zeros((0, 4), np.float32)


@dataclass(frozen=True, eq=False)
class LabelledPage:
    """A page uint16 [h, w] and its joints: boxes float32 [J, 4] in page pixels, labels int8 [J], of the one
    finding that is trained: 1 present, 0 absent, -1 nobody could tell. ignored: float32 [I, 4], places that
    are neither background nor a joint to be learned, and no crop is made of."""

    page: NDArray[np.uint16]
    boxes: Floats
    labels: NDArray[np.int8]
    ignored: Floats = field(default_factory=no_boxes)


@dataclass(frozen=True, eq=False)
class Crop:
    """values: float32 [1, s, s], 0 to 1; boxes float32 [K, 4], pixels of the crop; labels int8 [K].

    ignored: float32 [I, 4], those of which anything is inside. They are not cut at the crop's edge: what is
    left of such a place is no less hidden.
    """

    values: Floats
    boxes: Floats
    labels: NDArray[np.int8]
    ignored: Floats = field(default_factory=no_boxes)


def crop(
    source: LabelledPage, joint: int, side: int, changes: Augmentation, rng: np.random.Generator
) -> Crop:
    """One crop of side x side pixels that holds this joint of the page, changed at random.

    A flip does not change what joints are called, since detectors do not name them. Boxes are upright squares
    around a joint whichever way it points, so a turn moves a box's centre and leaves its sides as they are.
    """
    matrix = movement(source.boxes[joint], side, changes, rng)
    # OpenCV counts from the centre of the first pixel
    shifted = np.column_stack([matrix[:, :2], matrix @ (0.5, 0.5, 1) - 0.5])
    cut = cv2.warpAffine(source.page, shifted, (side, side), flags=cv2.INTER_LINEAR)
    boxes, kept = moved(source.boxes, matrix, side)
    return Crop(
        coloured(model_input(np.asarray(cut, np.uint16)), changes, rng),
        boxes,
        source.labels[kept],
        reaching(source.ignored, matrix, side),
    )


def movement(box: Floats, side: int, changes: Augmentation, rng: np.random.Generator) -> Doubles:
    """A matrix [2, 3] from page to crop pixels under which this box comes to lie anywhere in the crop, whole
    if it is smaller than the crop."""
    chosen, amounts, where = rng.random(3) < changes.chance, rng.uniform(-1, 1, 2), rng.random(2)
    angle = np.radians(changes.turn * amounts[0]) if chosen[0] else 0.0
    factor = changes.grow ** amounts[1] if chosen[1] else 1.0
    linear = factor * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if chosen[2]:
        linear = linear @ np.diag([-1.0, 1.0])
    centre, size = (box[:2] + box[2:]) / 2, (box[2:] - box[:2]) * factor
    room = np.maximum(side - size, 0)
    place = (side - room) / 2 + room * where
    return np.column_stack([linear, place - linear @ centre])


def moved(boxes: Floats, matrix: Doubles, side: int) -> tuple[Floats, NDArray[np.intp]]:
    """The boxes [J, 4] where the matrix takes them, cut at the crop's edge, float32 [K, 4]; and which they
    are. Those of which less than LEAST_SHARE is inside are left out."""
    whole = carried(boxes, matrix)
    inside = np.clip(whole, 0, side)
    share = np.prod(inside[:, 2:] - inside[:, :2], axis=1) / np.prod(whole[:, 2:] - whole[:, :2], axis=1)
    kept = np.flatnonzero(share >= LEAST_SHARE)
    return inside[kept].astype(np.float32), kept


def reaching(boxes: Floats, matrix: Doubles, side: int) -> Floats:
    """The boxes [I, 4] where the matrix takes them, whole, float32; without those that lie outside."""
    whole = carried(boxes, matrix)
    inside = (whole[:, :2] < side).all(axis=1) & (whole[:, 2:] > 0).all(axis=1)
    return whole[inside].astype(np.float32)


def carried(boxes: Floats, matrix: Doubles) -> Doubles:
    """Upright boxes [N, 4] around the same centres, as much larger as the matrix makes everything."""
    centres = ((boxes[:, :2] + boxes[:, 2:]) / 2) @ matrix[:, :2].T + matrix[:, 2]
    halves = (boxes[:, 2:] - boxes[:, :2]) / 2 * np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    return np.concatenate([centres - halves, centres + halves], axis=1)


def coloured(values: Floats, changes: Augmentation, rng: np.random.Generator) -> Floats:
    """Another exposure: brightness, contrast and gamma. What lies beyond the page stays 0, as in a window."""
    chosen, amounts = rng.random() < changes.chance, rng.uniform(-1, 1, 3)
    if not chosen:
        return values
    spread = (values - 0.5) * changes.contrast ** amounts[0] + 0.5 + changes.brightness * amounts[1]
    other = np.clip(spread, 0, 1) ** (changes.gamma ** amounts[2])
    return np.where(values > 0, other, 0).astype(np.float32)


def places(pages: Sequence[LabelledPage]) -> NDArray[np.int64]:
    """int64 [P, 2]: page and joint of every crop of an epoch, every joint once (paper, Fig. 2b)."""
    return np.array([(i, j) for i, page in enumerate(pages) for j in range(len(page.boxes))], np.int64)
