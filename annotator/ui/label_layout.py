"""Where the labels of boxes go, so that none lies on another, hides the middle of another joint, or reads as
the name of another box.

Everything is in widget pixels from the top-left corner of the page, so panning leaves the layout as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
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

APART = 5.0
"""A label beside its box is clear where every other box is further away by this much, and one that a line
leads to its box where every other box is this far."""

SAME_PLACE = 0.4
"""Two boxes that share this much of both (intersection over union) are of one joint, an annotation and a
proposal: the label of either is as good beside the other, and colour and dashes tell which it belongs to."""

_FORBIDDEN = 1000.0
_CUT_OFF, _CUT_OFF_SHARE = 12.0, 60.0
_MISLEADS = 8.0  # a label as near to another box as to its own
_CROSSES = 5.0  # a line back to the box that runs over another one, or under another label
_BESIDE = 2.0  # a line along the edge of a box seems to belong to it
_INSET = 0.25
_STAY = 0.6
_CHOICE = 8  # a label is hard to place whose ninth-best place is bad
# Anchors around the box, the best first: (across, down, along, shift), where across and down say on which
# side of the box the label lies (-1, 0, 1), along where on that side (0 start, 0.5 middle, 1 end), and shift
# how far it then hangs over (in widths of the box).
_ANCHORS = (
    (0, -1, 0.0, 0.0), (0, -1, 0.5, 0.0), (0, -1, 1.0, 0.0),
    (0, 1, 0.0, 0.0), (0, 1, 0.5, 0.0), (0, 1, 1.0, 0.0),
    (-1, 0, 0.5, 0.0), (1, 0, 0.5, 0.0),
    (0, -1, 0.0, 0.5), (0, -1, 1.0, -0.5), (0, 1, 0.0, 0.5), (0, 1, 1.0, -0.5),
    (0, -1, 0.0, 0.25), (0, -1, 1.0, -0.25), (0, 1, 0.0, 0.25), (0, 1, 1.0, -0.25),
    (-1, 0, 0.0, 0.0), (1, 0, 0.0, 0.0), (-1, 0, 1.0, 0.0), (1, 0, 1.0, 0.0),
)  # fmt: skip
_RINGS = (0.0, 1.3, 2.6, 3.9)
"""How far out: none, or so many heights of the label, where a line leads back to the box."""
ANCHORS = len(_ANCHORS) * len(_RINGS)


@dataclass(frozen=True, eq=False)
class Layout:
    """anchors: int64 [N], which place each label took, -1 where no place was free. rects: float64 [N, 4].

    led: bool [N], a line must lead from the label to its box: it stands off, or another box is about as near.
    clear: bool [N], the label has a place, is whole, and cannot be taken for that of another box.
    """

    anchors: NDArray[np.int64]
    rects: Rects
    led: NDArray[np.bool_]
    clear: NDArray[np.bool_]

    @property
    def placed(self) -> NDArray[np.bool_]:
        return self.anchors >= 0

    def of(self, labels: Sequence[int]) -> Layout:
        """The layout of these labels, in this order; -1 for one that is new."""
        kept = np.array(labels, np.int64)
        if not self.anchors.size:
            none = np.zeros(kept.size, np.bool_)
            return Layout(np.full_like(kept, -1), np.zeros((kept.size, 4)), none, none)
        anchors = np.where(kept < 0, -1, self.anchors[kept])
        return Layout(anchors, self.rects[kept], self.led[kept], self.clear[kept])


def candidates(boxes: Rects, sizes: NDArray[np.float64]) -> Rects:
    """boxes: [N, 4]; sizes: [N, 2] width and height of each label. Returns [N, ANCHORS, 4]."""
    anchors = np.array(_ANCHORS)
    across, down, along, shift = anchors.T
    width, height = sizes[:, :1], sizes[:, 1:]
    rings = []
    for ring in _RINGS:
        gap = GAP + ring * height
        x0, y0, x1, y1 = (boxes[:, i : i + 1] for i in range(4))
        on_edge_x = x0 + along * (x1 - x0 - width) + shift * (x1 - x0)
        on_edge_y = y0 + along * (y1 - y0 - height)
        x = np.where(across < 0, x0 - gap - width, np.where(across > 0, x1 + gap, on_edge_x))
        y = np.where(down < 0, y0 - gap - height, np.where(down > 0, y1 + gap, on_edge_y))
        rings.append(np.stack([x, y, x + width, y + height], axis=-1))
    return np.concatenate(rings, axis=1)


def place(
    boxes: Rects,
    sizes: NDArray[np.float64],
    order: Sequence[int],
    previous: NDArray[np.int64] | None = None,
    page: tuple[float, float] | None = None,
) -> Layout:
    """Gives each label the place that hides least; one that would hide a label or a joint gets none.

    order: indices of the labels, the most important first. previous: the places they had, which they
    keep unless another is clearly better. page: its width and height; beyond it a label may be cut off.
    """
    if len(boxes) == 0:
        none_at_all = np.empty(0, np.bool_)
        return Layout(np.empty(0, np.int64), np.empty((0, 4)), none_at_all, none_at_all)
    places = candidates(boxes, sizes)
    none = np.full(len(boxes), -1, np.int64)
    known = none if previous is None else previous
    beyond = np.zeros(places.shape[:2]) if page is None else _beyond(places, page)
    return _layout(places, boxes, _chosen(places, boxes, list(order), none, known, beyond), beyond)


def follow(
    boxes: Rects, sizes: NDArray[np.float64], order: Sequence[int], anchors: NDArray[np.int64]
) -> Layout:
    """The same places at another zoom; only labels that had none or would hide something look for another."""
    places = candidates(boxes, sizes)
    own = places[np.arange(len(boxes)), np.maximum(anchors, 0)]
    own[anchors < 0] = 0.0
    clash = _overlaps(_grown(own, SPACE)[:, None], own[None]) > 0
    hides = _overlaps(own[:, None], _middles(boxes)[None]) > 0
    for found in (clash, hides):
        np.fill_diagonal(found, False)
    lost = clash.any(axis=1) | hides.any(axis=1) | (anchors < 0)
    anywhere = np.zeros(places.shape[:2])
    if lost.any():
        kept = np.where(lost, -1, anchors)
        anchors = _chosen(places, boxes, [i for i in order if lost[i]], kept, anchors, anywhere)
    return _layout(places, boxes, anchors, anywhere)


def _beyond(places: Rects, page: tuple[float, float]) -> NDArray[np.float64]:
    """[N, ANCHORS]: the share of each place that lies off the page."""
    area = (places[..., 2] - places[..., 0]) * (places[..., 3] - places[..., 1])
    outside: NDArray[np.float64] = 1.0 - _overlaps(places, np.array([0.0, 0.0, *page])) / area
    return outside


def _chosen(
    places: Rects,
    boxes: Rects,
    moving: list[int],
    fixed: NDArray[np.int64],
    previous: NDArray[np.int64],
    beyond: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Anchors for the moving labels among those that are fixed (-1: not there, hides nothing)."""
    lines = _lines(places, boxes)
    alone = _cost_alone(places[moving], lines[moving], boxes, moving)
    alone += np.where(beyond[moving] > 0, _CUT_OFF + _CUT_OFF_SHARE * beyond[moving], 0.0)
    cost = dict(zip(moving, alone, strict=True))
    for i in moving:
        if previous[i] >= 0:
            cost[i][previous[i]] -= _STAY
    spaced = {i: _grown(places[i], SPACE) for i in moving}
    taken, ruled = (of[np.arange(len(boxes)), np.maximum(fixed, 0)] for of in (places, lines))
    taken[fixed < 0] = ruled[fixed < 0] = 0.0
    chosen = fixed.copy()
    hardest_first = sorted(moving, key=lambda i: -np.sort(cost[i])[_CHOICE])
    for _sweep in range(3):
        before = chosen.copy()
        for i in hardest_first:
            taken[i] = ruled[i] = 0.0
            clash = (_overlaps(spaced[i][:, None], taken[None]) > 0).sum(axis=1)
            struck = (_overlaps(lines[i][:, None], taken[None]) > 0).sum(axis=1)
            struck += (_overlaps(places[i][:, None], ruled[None]) > 0).sum(axis=1)
            chosen[i] = int(np.argmin(cost[i] + _CROSSES * struck + _FORBIDDEN * clash))
            taken[i], ruled[i] = places[i, chosen[i]], lines[i, chosen[i]]
        if np.array_equal(before, chosen):
            break
    # What still hides something is not shown, the least important first to give way.
    taken[moving] = 0.0
    for i in moving:
        at = chosen[i]
        if cost[i][at] > _FORBIDDEN / 2 or (_overlaps(spaced[i][at], taken) > 0).any():
            chosen[i] = -1
        else:
            taken[i] = places[i, at]
    return chosen


def _cost_alone(places: Rects, lines: Rects, boxes: Rects, own: list[int]) -> NDArray[np.float64]:
    """[N, ANCHORS]: what a place hides besides labels, and how good it is in itself. own: their boxes."""
    area = (places[..., 2] - places[..., 0]) * (places[..., 3] - places[..., 1])
    over_boxes = _overlaps(places[:, :, None], boxes[None, None])
    over_middles = _overlaps(places[:, :, None], _middles(boxes)[None, None]) > 0
    rows = np.arange(len(own))
    same = _same_place(boxes)[own][:, None]
    over_boxes[rows, :, own] = 0.0
    over_middles &= ~same
    preference = np.linspace(0.0, 0.8, len(_ANCHORS))
    alone = np.concatenate([preference + ring for ring in _RINGS])
    far = np.arange(ANCHORS) >= len(_ANCHORS)
    # From none at twice the way that is clear to the full price at no way at all.
    misleads = np.maximum(1.0 - _lead(places, boxes, own, far) / (2.0 * APART), 0.0)
    crossed = (_overlaps(lines[:, :, None], boxes[None, None]) > 0) & ~same
    cost: NDArray[np.float64] = alone + 4.0 * over_boxes.sum(-1) / area
    cost += _MISLEADS * misleads + _CROSSES * crossed.sum(-1) + _FORBIDDEN * over_middles.any(-1)
    return cost


def leaders(labels: Rects, boxes: Rects) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Start (at the label) and end (at its box) of the lines that lead back, [..., 2] each.

    A line ends on the side of the box that faces the label, away from its corners, where the next box meets.
    """
    inset = (boxes[..., 2:] - boxes[..., :2]) * _INSET
    middle = (labels[..., :2] + labels[..., 2:]) / 2
    end = np.clip(middle, boxes[..., :2] + inset, boxes[..., 2:] - inset)
    beside = (labels[..., 1] < boxes[..., 3]) & (labels[..., 3] > boxes[..., 1])
    facing = np.clip(middle, boxes[..., :2], boxes[..., 2:])
    end = np.where(np.stack([beside, ~beside], axis=-1), facing, end)
    start = np.clip(end, labels[..., :2], labels[..., 2:])
    return start, end


def _lead(places: Rects, boxes: Rects, own: Sequence[int], far: NDArray[np.bool_]) -> NDArray[np.float64]:
    """[N, A]: by how much the nearest other box is further away than the own one.

    far: bool [A], the places where a line leads to the own box, which then counts as touched.
    """
    away = _distances(places[:, :, None], boxes[None, None])
    rows = np.arange(len(own))
    to_own = np.where(far, 0.0, away[rows, :, own])
    away = np.where(_same_place(boxes)[own][:, None], np.inf, away)
    lead: NDArray[np.float64] = away.min(-1) - to_own
    return lead


def _lines(places: Rects, boxes: Rects) -> Rects:
    """[N, A, 4]: the room that the line from each place to its box takes; none where it needs no line."""
    start, end = leaders(places, boxes[:, None])
    room = _grown(np.concatenate([np.minimum(start, end), np.maximum(start, end)], axis=-1), _BESIDE)
    room[:, : len(_ANCHORS)] = 0.0
    return room


def _layout(places: Rects, boxes: Rects, anchors: NDArray[np.int64], beyond: NDArray[np.float64]) -> Layout:
    rows, own = np.arange(len(anchors)), range(len(anchors))
    at = np.maximum(anchors, 0)
    rects, far = places[rows, at], anchors >= len(_ANCHORS)
    apart = _lead(rects[:, None], boxes, own, far[:, None])[:, 0] >= APART
    lines = _lines(places, boxes)[rows, at]
    lines[anchors < 0] = 0.0
    struck = (_overlaps(lines[:, None], boxes) > 0) & ~_same_place(boxes)
    under = _overlaps(lines[:, None], rects) > 0
    np.fill_diagonal(under, False)
    struck |= under
    clear = (anchors >= 0) & apart & ~struck.any(axis=1) & (beyond[rows, at] == 0)
    return Layout(anchors, rects, far | ~apart, clear)


def _same_place(boxes: Rects) -> NDArray[np.bool_]:
    """[N, N]: which boxes lie where another does; each lies where it does itself."""
    shared = _overlaps(boxes[:, None], boxes[None])
    area = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    same: NDArray[np.bool_] = shared > SAME_PLACE * (area[:, None] + area[None] - shared)
    np.fill_diagonal(same, True)
    return same


def _middles(boxes: Rects) -> Rects:
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    reach = (boxes[:, 2:] - boxes[:, :2]) * CENTRE_SHARE
    return np.concatenate([centre - reach, centre + reach], axis=1)


def _grown(rects: Rects, by: float) -> Rects:
    grown: Rects = rects + np.array([-by, -by, by, by])
    return grown


def _distances(a: Rects, b: Rects) -> NDArray[np.float64]:
    """The gap between rectangles, 0 where they meet, broadcast over all but the last axis."""
    across = np.maximum(np.maximum(b[..., 0] - a[..., 2], a[..., 0] - b[..., 2]), 0.0)
    down = np.maximum(np.maximum(b[..., 1] - a[..., 3], a[..., 1] - b[..., 3]), 0.0)
    gap: NDArray[np.float64] = np.hypot(across, down)
    return gap


def _overlaps(a: Rects, b: Rects) -> NDArray[np.float64]:
    """Area shared by rectangles, broadcast over all but the last axis."""
    width = np.minimum(a[..., 2], b[..., 2]) - np.maximum(a[..., 0], b[..., 0])
    height = np.minimum(a[..., 3], b[..., 3]) - np.maximum(a[..., 1], b[..., 1])
    shared: NDArray[np.float64] = np.maximum(width, 0.0) * np.maximum(height, 0.0)
    return shared
