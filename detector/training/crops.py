"""Crops of pages to train on: where they are cut, and what is done to them (paper, Fig. 2b and Fig. 4).

Every crop holds at least one whole joint. All numbers are in page pixels (half the image's), origin at the
outer corner of the top-left pixel. One warp a crop does all that moves pixels, so they are resampled once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.boxes import Doubles, Floats
from detector.config import Augmentation
from detector.windows import model_input

LEAST_SHARE = 0.75
"""A box of which less than this lies inside the crop is no joint there: it is background, as every joint is
whole in one of the overlapping windows. The rest is cut at the crop's edge."""


@dataclass(frozen=True, eq=False)
class LabelledPage:
    """A page uint16 [h, w] and its joints: boxes float32 [J, 4] in page pixels, labels int8 [J], of the one
    finding that is trained: 1 present, 0 absent, -1 nobody could tell."""

    page: NDArray[np.uint16]
    boxes: Floats
    labels: NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Crop:
    """values: float32 [1, s, s], 0 to 1; boxes float32 [K, 4], pixels of the crop; labels int8 [K]."""

    values: Floats
    boxes: Floats
    labels: NDArray[np.int8]


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
    return Crop(coloured(model_input(np.asarray(cut, np.uint16)), changes, rng), boxes, source.labels[kept])


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
    centres = ((boxes[:, :2] + boxes[:, 2:]) / 2) @ matrix[:, :2].T + matrix[:, 2]
    halves = (boxes[:, 2:] - boxes[:, :2]) / 2 * np.sqrt(abs(np.linalg.det(matrix[:, :2])))
    whole = np.concatenate([centres - halves, centres + halves], axis=1)
    inside = np.clip(whole, 0, side)
    share = np.prod(inside[:, 2:] - inside[:, :2], axis=1) / np.prod(whole[:, 2:] - whole[:, :2], axis=1)
    kept = np.flatnonzero(share >= LEAST_SHARE)
    return inside[kept].astype(np.float32), kept


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
