"""Where the labels of boxes go, so that none lies on another or hides the middle of another joint.

Everything is in widget pixels from the top-left corner of the page, so panning leaves the layout as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Rects = NDArray[np.float64]
"""float64 [..., 4]: x0, y0, x1, y1."""

GAP = 3.0
"""Between a box and its label."""
SPACE = 2.0
"""At least this much between two labels."""
CENTRE_SHARE = 0.3
"""The middle of a joint that no other label may hide: this share of its box each way from the centre."""

_FORBIDDEN = 1000.0
_STAY = 0.6
# Anchors around the box, the best first: (across, down, along), where across and down say on which side of
# the box the label lies (-1, 0, 1) and along where on that side (0 start, 0.5 middle, 1 end).
_ANCHORS = (
    (0, -1, 0.0), (0, -1, 0.5), (0, -1, 1.0), (0, 1, 0.0), (0, 1, 0.5), (0, 1, 1.0),
    (-1, 0, 0.5), (1, 0, 0.5), (-1, 0, 0.0), (1, 0, 0.0), (-1, 0, 1.0), (1, 0, 1.0),
)  # fmt: skip
_RINGS = (0.0, 1.3, 2.8)
"""How far out: none, or so many heights of the label, where a line leads back to the box."""
ANCHORS = len(_ANCHORS) * len(_RINGS)


@dataclass(frozen=True, eq=False)
class Layout:
    """anchors: int64 [N], which place each label took, -1 where no place was free. rects: float64 [N, 4].

    far: bool [N], the label stands off its box.
    """

    anchors: NDArray[np.int64]
    rects: Rects
    far: NDArray[np.bool_]

    @property
    def placed(self) -> NDArray[np.bool_]:
        return self.anchors >= 0


def candidates(boxes: Rects, sizes: NDArray[np.float64]) -> Rects:
    """boxes: [N, 4]; sizes: [N, 2] width and height of each label. Returns [N, ANCHORS, 4]."""
    anchors = np.array(_ANCHORS)
    across, down, along = anchors[:, 0], anchors[:, 1], anchors[:, 2]
    width, height = sizes[:, :1], sizes[:, 1:]
    rings = []
    for ring in _RINGS:
        gap = GAP + ring * height
        x0, y0, x1, y1 = (boxes[:, i : i + 1] for i in range(4))
        on_edge_x = x0 + along * (x1 - x0 - width)
        on_edge_y = y0 + along * (y1 - y0 - height)
        x = np.where(across < 0, x0 - gap - width, np.where(across > 0, x1 + gap, on_edge_x))
        y = np.where(down < 0, y0 - gap - height, np.where(down > 0, y1 + gap, on_edge_y))
        rings.append(np.stack([x, y, x + width, y + height], axis=-1))
    return np.concatenate(rings, axis=1)


def place(
    boxes: Rects,
    sizes: NDArray[np.float64],
    order: NDArray[np.int64],
    previous: NDArray[np.int64] | None = None,
) -> Layout:
    """Gives each label the place that hides least; one that would hide a label or a joint gets none.

    order: indices of the labels, the most important first. previous: the places they had, which they
    keep unless another is clearly better.
    """
    if len(boxes) == 0:
        return Layout(np.empty(0, np.int64), np.empty((0, 4)), np.empty(0, np.bool_))
    places = candidates(boxes, sizes)
    cost = _cost_alone(places, boxes)
    if previous is not None:
        kept = np.flatnonzero(previous >= 0)
        cost[kept, previous[kept]] -= _STAY
    spaced = _grown(places, SPACE)
    chosen = np.full(len(boxes), -1, np.int64)
    taken = np.zeros_like(boxes)  # a rectangle without area hides nothing
    for _sweep in range(3):
        before = chosen.copy()
        for i in order:
            taken[i] = 0.0
            clash = (_overlaps(spaced[i][:, None], taken[None]) > 0).sum(axis=1)
            chosen[i] = int(np.argmin(cost[i] + _FORBIDDEN * clash))
            taken[i] = places[i, chosen[i]]
        if np.array_equal(before, chosen):
            break
    return _layout(places, _allowed(cost, spaced, places, chosen, order))


def still_good(boxes: Rects, sizes: NDArray[np.float64], anchors: NDArray[np.int64]) -> Layout | None:
    """The same places at another zoom, or None where that would hide something or a label had no place."""
    if len(anchors) != len(boxes) or (anchors < 0).any():
        return None
    places = candidates(boxes, sizes)
    own = places[np.arange(len(boxes)), anchors]
    clash = _overlaps(_grown(own, SPACE)[:, None], own[None]) > 0
    hidden = _overlaps(own[:, None], _middles(boxes)[None]) > 0
    for found in (clash, hidden):
        np.fill_diagonal(found, False)
    return None if clash.any() or hidden.any() else _layout(places, anchors)


def _cost_alone(places: Rects, boxes: Rects) -> NDArray[np.float64]:
    """[N, ANCHORS]: what a place hides besides labels, and how good it is in itself."""
    area = (places[..., 2] - places[..., 0]) * (places[..., 3] - places[..., 1])
    over_boxes = _overlaps(places[:, :, None], boxes[None, None])
    over_middles = _overlaps(places[:, :, None], _middles(boxes)[None, None]) > 0
    own = np.arange(len(boxes))
    over_boxes[own, :, own] = 0.0
    over_middles[own, :, own] = False
    preference = np.linspace(0.0, 0.8, len(_ANCHORS))
    alone = np.concatenate([preference + ring for ring in _RINGS])
    cost: NDArray[np.float64] = alone + 6.0 * over_boxes.sum(-1) / area + _FORBIDDEN * over_middles.any(-1)
    return cost


def _allowed(
    cost: NDArray[np.float64],
    spaced: Rects,
    places: Rects,
    chosen: NDArray[np.int64],
    order: NDArray[np.int64],
) -> NDArray[np.int64]:
    """The chosen places without those that still hide something, the least important giving way."""
    kept = np.full_like(chosen, -1)
    taken = np.zeros((len(chosen), 4))
    for i in order:
        clash = (_overlaps(spaced[i, chosen[i]], taken) > 0).any()
        if not clash and cost[i, chosen[i]] < _FORBIDDEN / 2:
            kept[i] = chosen[i]
            taken[i] = places[i, chosen[i]]
    return kept


def _layout(places: Rects, anchors: NDArray[np.int64]) -> Layout:
    rects = places[np.arange(len(anchors)), np.maximum(anchors, 0)]
    return Layout(anchors, rects, anchors >= len(_ANCHORS))


def _middles(boxes: Rects) -> Rects:
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    reach = (boxes[:, 2:] - boxes[:, :2]) * CENTRE_SHARE
    return np.concatenate([centre - reach, centre + reach], axis=1)


def _grown(rects: Rects, by: float) -> Rects:
    grown: Rects = rects + np.array([-by, -by, by, by])
    return grown


def _overlaps(a: Rects, b: Rects) -> NDArray[np.float64]:
    """Area shared by rectangles, broadcast over all but the last axis."""
    width = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    height = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    shared: NDArray[np.float64] = np.maximum(width, 0.0) * np.maximum(height, 0.0)
    return shared
