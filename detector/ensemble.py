"""From what the two detectors say of every default box to one list of joints (paper, Ensemble mechanism).
 Pure functions on numpy arrays. Boxes are float32 [N, 4], x0 y0 x1 y1, in pixels of the full image, x right
and y down, origin at the outer corner of the top-left pixel. Probabilities are float32 [N, 3] in the order
background, absent, present. No array that is handed in is changed, and none that is handed out shares memory
with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detector.boxes import Floats, overlaps, usable
from detector.classes import ABSENT, NOT_SEEN, PRESENT, T_CONF, T_IOU1, T_IOU2, TOP


@dataclass(frozen=True, eq=False)
class Candidates:
    """Boxes of one detector and what it says of each.

    boxes: float32 [N, 4]. probabilities: float32 [N, 3]. Other numbers are converted to float32 (what is too
    large becomes an infinity); empty sequences make an empty set. Raises ValueError for other shapes.
    """

    boxes: Floats
    probabilities: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "boxes", rows(self.boxes, 4))
        object.__setattr__(self, "probabilities", rows(self.probabilities, 3))
        if len(self.boxes) != len(self.probabilities):
            raise ValueError(f"{len(self.boxes)} boxes with {len(self.probabilities)} rows of probabilities")

    def __len__(self) -> int:
        return len(self.boxes)

    @property
    def confidence(self) -> Floats:
        """float32 [N], the larger of the two foreground probabilities; not a number where either is none."""
        with np.errstate(invalid="ignore"):
            return np.maximum(self.probabilities[:, ABSENT], self.probabilities[:, PRESENT])

    def taken(self, index: NDArray[np.intp]) -> Candidates:
        """The candidates at these places, in this order."""
        return Candidates(self.boxes[index], self.probabilities[index])


@dataclass(frozen=True, eq=False)
class Detections:
    """What the two detectors say together, most confident first.

    boxes: float32 [K, 4]. first, second: float32 [K, 3], the probabilities of the ankylosis and of the
    subluxation detector, (0, 1, 0) from one that did not see the box. confidence: float32 [K]. seen_by: str
    [K], "both", "first" or "second"; "first" is to say that the second detector did *not assess* the joint,
    other than a measured absent.
    """

    boxes: Floats
    first: Floats
    second: Floats
    confidence: Floats
    seen_by: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.boxes)


def rows(values: ArrayLike, width: int) -> Floats:
    """The values as float32 [N, width]; raises ValueError where they have another shape."""
    with np.errstate(over="ignore"):
        array = np.asarray(values, dtype=np.float32)
    if array.shape == (0,):
        return np.zeros((0, width), np.float32)
    if array.ndim != 2 or array.shape[1] != width:
        raise ValueError(f"expected [N, {width}] numbers, not {list(array.shape)}")
    return array


def select(candidates: Candidates, *, t_conf: float = T_CONF, t_iou: float = T_IOU1, top: int) -> Candidates:
    """The boxes of one detector on a whole image, most confident first (paper, Individual SSD predictions,
    Fig. 3c).

    Boxes with a confidence at or above t_conf are kept; of two that overlap by an IoU at or above t_iou the
    less confident is removed, whichever class each stands for, since both name the same joint; the `top` (M)
    most confident of the rest remain. A removed box removes no other.

    Ties: of equally confident boxes the one that comes first in `candidates` counts as the more confident.
    Left out before anything is compared: rows with NaN or an infinity in any of their seven numbers, and
    boxes of no area or with reversed corners (which no decoding makes; they are not mended). t_conf is
    compared in float32, so that a probability of 0.9 is at 0.9. Empty in, empty out. Raises ValueError for a
    negative top.
    """
    if top < 0:
        raise ValueError(f"top is {top}, and must not be negative")
    confidence = candidates.confidence
    index = np.flatnonzero(confidence >= np.float32(t_conf))
    index = index[sound(candidates.taken(index))]
    index = index[descending(confidence[index])]
    return candidates.taken(index[suppressed(candidates.boxes[index], t_iou, top)])


def combine(
    first: Candidates, second: Candidates, *, t_iou: float = T_IOU2, top: int = TOP["ankylosis"]
) -> Detections:
    """What the ankylosis detector (first) and the subluxation detector (second) say together (paper,
    Algorithm 1).

    Both come from `select`: their order, most confident first, is the order of i and j, and is taken as it
    is.

    - Lines 5 to 8 and 17 to 18: each box of the first detector takes the first box of the second which no
      earlier one took and which it overlaps by an IoU *above* t_iou. Lines 17 and 18 close both branches of
      line 13.
    - Line 11: dx and dy are clamped at zero before they are multiplied (`boxes.overlaps`).
    - Lines 13 to 16: a pair gets the box of the detector whose confidence is larger, the second's where they
      are equal (line 13 asks for `>`), never a mean of both; and that larger confidence. Each detector's
      probabilities stay its own. Line 13's max(c) is the confidence, so background does not count in it.
    - Lines 19 to 23: what only one detector saw goes to B' with its own confidence, and with c_neg = (0, 1,
      0) for the other. (Line 19 as printed would send later pairs there too; meant is "no box of the second
      matched".)
    - Lines 24 to 29: where there are more than `top` (M1) boxes, the top - n(B) most confident of B' join the
      pairs, otherwise all. Pairs are never cut: no more than `top` come back if `first` holds no more than
      that, as it does from `select`.

    Algorithm 1 makes a set; it is returned by confidence. Ties, there and in line 26: pairs come before B',
    in B' the first detector's boxes before the second's, each in the order in which they came. Rows that
    `select` leaves out (not finite, no area) are left out here too. Raises ValueError for a negative top.
    """
    if top < 0:
        raise ValueError(f"top is {top}, and must not be negative")
    first, second = (each.taken(np.flatnonzero(sound(each))) for each in (first, second))
    mine, theirs = pairs(overlaps(first.boxes, second.boxes) > t_iou)
    alone = np.setdiff1d(np.arange(len(first)), mine)
    unseen = np.setdiff1d(np.arange(len(second)), theirs)
    # B, then B'; a detector that did not see the box is at -1, the row that `with_unseen` adds
    boxes1, ones, confidence1 = with_unseen(first, [*mine, *alone, *[-1] * len(unseen)])
    boxes2, twos, confidence2 = with_unseen(second, [*theirs, *[-1] * len(alone), *unseen])
    boxes = np.where((confidence1 > confidence2)[:, None], boxes1, boxes2)
    confidence = np.maximum(confidence1, confidence2)
    seen_by = np.repeat(np.array(["both", "first", "second"]), [len(mine), len(alone), len(unseen)])
    others = len(mine) + descending(confidence[len(mine) :])
    kept = np.concatenate([np.arange(len(mine)), others[: max(0, top - len(mine))]])
    kept = kept[descending(confidence[kept])]
    return Detections(boxes[kept], ones[kept], twos[kept], confidence[kept], seen_by[kept])


def with_unseen(candidates: Candidates, places: list[int]) -> tuple[Floats, Floats, Floats]:
    """Boxes, probabilities and confidence at these places; -1 gives c_neg, less confident than anything."""
    boxes = np.vstack([candidates.boxes, np.zeros((1, 4), np.float32)])
    probabilities = np.vstack([candidates.probabilities, np.array([NOT_SEEN], np.float32)])
    confidence = np.append(candidates.confidence, np.float32(-np.inf))
    return boxes[places], probabilities[places], confidence[places]


def descending(values: NDArray[np.floating]) -> NDArray[np.intp]:
    """Places of the values, largest first; equal ones stay in their order."""
    return np.argsort(-values, kind="stable")


def sound(candidates: Candidates) -> NDArray[np.bool_]:
    """Which rows hold finite numbers and a box with an area: bool [N]."""
    return usable(candidates.boxes) & np.isfinite(candidates.probabilities).all(axis=1)


def suppressed(boxes: Floats, t_iou: float, top: int) -> NDArray[np.intp]:
    """Greedy NMS over boxes in order of confidence: the places of the first `top` that remain.

    No step is done for a box that is not returned, and a step reckons overlaps only with boxes that touch its
    own.
    """
    if t_iou <= 0:  # reached by boxes that do not touch, too
        return np.arange(min(1, top, len(boxes)))
    x0, y0, x1, y1 = np.ascontiguousarray(boxes.T)
    alive = np.ones(len(boxes), dtype=bool)
    chosen: list[int] = []
    while len(chosen) < top and alive.any():
        best = int(alive.argmax())
        chosen.append(best)
        alive[best] = False
        left, upper, right, lower = boxes[best]
        near = np.flatnonzero(alive & (x0 < right) & (x1 > left) & (y0 < lower) & (y1 > upper))
        alive[near[overlaps(boxes[[best]], boxes[near])[0] >= t_iou]] = False
    return np.array(chosen, dtype=np.intp)


def pairs(same: NDArray[np.bool_]) -> tuple[list[int], list[int]]:
    """Which box of the first goes with which of the second, lines 5 to 18; same: bool [N, M]."""
    free = np.ones(same.shape[1], dtype=bool)
    mine, theirs = [], []
    for i, row in enumerate(same):
        fitting = np.flatnonzero(row & free)
        if fitting.size:
            mine.append(i)
            theirs.append(int(fitting[0]))
            free[fitting[0]] = False
    return mine, theirs
