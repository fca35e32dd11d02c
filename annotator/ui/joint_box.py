"""Boxes of joints as the view shows them, where the pointer meets them, and what a drag makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from annotator.domain.geometry import Box
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import Joint
from annotator.ui.projection import Projection
from annotator.ui.theme import NORMAL_SIGN, UNTOUCHED_SIGN

SMALLEST_BOX = 16.0
"""Image pixels; no drag makes a box smaller."""
HANDLE_REACH = 7.0
"""Widget pixels around a handle where it is grasped, inside its box."""
OUTSIDE_REACH = 2.5
"""Widget pixels beyond the box: little, so that the next box can be drawn close to this one."""
SIDES_FROM, CORNERS_FROM = 44.0, 20.0
"""Shorter side of a box in widget pixels from which handles stand on its sides and at its corners."""

WORDINGS = 4
"""How many wordings a label has, from long to short."""

Handle = tuple[int, int]
"""Which edges a handle moves, in the image: -1 left or top, 1 right or bottom, 0 neither."""
HANDLES: tuple[Handle, ...] = tuple((hx, hy) for hx, hy in product((-1, 0, 1), (-1, 0, 1)) if hx or hy)


BoxKey = Joint | int
"""Whose box it is: the annotation of a joint, or a proposal, by its id."""


@dataclass(frozen=True, slots=True)
class ShownBox:
    """A box with its label (worded, with its sign) and colour. editable: it can be moved and resized.

    joint: None for a proposal without a name. proposal: the id of the proposal whose box it is, None for an
    annotation. dashed: frame and label are drawn so that it can be told from the others without its colour.
    tip: what the pointer is told that rests on it, several lines.
    """

    joint: Joint | None
    box: Box
    label: str
    colour: str
    current: bool = False
    editable: bool = True
    proposal: int | None = None
    dashed: bool = False
    tip: str = ""

    @property
    def key(self) -> BoxKey:
        """Raises ValueError for a box that is neither a proposal's nor a joint's."""
        if self.proposal is not None:
            return self.proposal
        if self.joint is None:
            raise ValueError("a box belongs to a joint or to a proposal")
        return self.joint

    def wording(self, length: int) -> str:
        """The label: whole (0), without the side (1, 2), without the sign of what is ordinary as well (3)."""
        label = self.label
        for side in _written_sides(self.joint) if length and self.joint else ():
            label = label.removeprefix(side)
        for sign in (NORMAL_SIGN, UNTOUCHED_SIGN) if length == WORDINGS - 1 else ():
            label = label.replace(f" {sign}", "")
        return label


@dataclass(frozen=True, slots=True)
class Hit:
    """What the pointer is on: a box, and one of its handles or (None) its inside."""

    shown: ShownBox
    handle: Handle | None


def _written_sides(joint: Joint) -> list[str]:
    """The side as it stands before the name of a joint, in either language."""
    styles = NameStyle(), NameStyle(japanese=True)
    return [style.full(joint).removesuffix(style.short(joint)) for style in styles]


def moved(box: Box, dx: float, dy: float, width: float, height: float) -> Box:
    """Moved by image pixels, no further than the image's edge; a box beyond it may move back only."""
    dx = min(max(dx, min(0.0, -box.x0)), max(0.0, width - box.x1))
    dy = min(max(dy, min(0.0, -box.y0)), max(0.0, height - box.y1))
    return box.moved(dx, dy)


def resized(box: Box, handle: Handle, dx: float, dy: float, width: float, height: float) -> Box:
    """The edges of the handle moved by image pixels, inside the image and never under the smallest size."""
    x0, x1 = _edges(box.x0, box.x1, handle[0], dx, width)
    y0, y1 = _edges(box.y0, box.y1, handle[1], dy, height)
    return Box(x0, y0, x1, y1)


def drawn(a: tuple[float, float], b: tuple[float, float], width: float, height: float) -> Box | None:
    """The box between two image points, clipped to the image, or None where nothing is left of it.

    One that is smaller than the smallest size grows from `a` in the direction of the drag.
    """
    ends = [_far_enough(start, end) for start, end in zip(a, b, strict=True)]
    box = Box.spanning(a, (ends[0], ends[1])).clipped(width, height)
    return box.kept_inside(width, height) if box else None


def box_at(boxes: Iterable[ShownBox], x: float, y: float) -> ShownBox | None:
    """The box at an image point; of several the current one, else the one with the nearest centre."""
    under = [s for s in boxes if s.box.x0 <= x <= s.box.x1 and s.box.y0 <= y <= s.box.y1]
    return min(under, key=lambda s: (not s.current, _distance(s.box, x, y)), default=None)


def hit(boxes: Iterable[ShownBox], seen: Projection, x: float, y: float) -> Hit | None:
    """What lies at widget position x, y; handles of the current box go before everything."""
    shown = list(boxes)
    for candidate in sorted(shown, key=lambda s: (not s.current, _distance(s.box, *seen.to_image(x, y)))):
        handle = handle_at(candidate, seen, x, y) if candidate.editable else None
        if handle is None:
            continue
        inside = box_at(shown, *seen.to_image(x, y))
        # A handle of another box that lies inside this one would be in the way of moving this one.
        if candidate.current or inside is None or inside is candidate:
            return Hit(candidate, handle)
    found = box_at(shown, *seen.to_image(x, y))
    return Hit(found, None) if found else None


def handle_at(shown: ShownBox, seen: Projection, x: float, y: float) -> Handle | None:
    rect = seen.rect_to_widget(shown.box)
    outside = max(rect[0] - x, x - rect[2], rect[1] - y, y - rect[3])
    if outside > OUTSIDE_REACH:
        return None
    reach = min(HANDLE_REACH, min(rect[2] - rect[0], rect[3] - rect[1]) / 4)
    for handle, (hx, hy) in handle_places(shown.box, seen).items():
        if abs(x - hx) <= reach and abs(y - hy) <= reach:
            return handle
    return None


def handle_places(box: Box, seen: Projection) -> dict[Handle, tuple[float, float]]:
    """Where the handles stand on the widget; few or none on a box that is small there."""
    x0, y0, x1, y1 = seen.rect_to_widget(box)
    side = min(x1 - x0, y1 - y0)
    if side < CORNERS_FROM:
        return {}
    places = {}
    for handle in HANDLES:
        if side < SIDES_FROM and 0 in handle:
            continue
        sx, sy = seen.screen_direction(*handle)
        places[handle] = ((x0 + x1 + sx * (x1 - x0)) / 2, (y0 + y1 + sy * (y1 - y0)) / 2)
    return places


def _edges(low: float, high: float, which: int, by: float, limit: float) -> tuple[float, float]:
    if which < 0:
        low = max(min(low + by, high - SMALLEST_BOX), min(0.0, low))
    elif which > 0:
        high = min(max(high + by, low + SMALLEST_BOX), max(limit, high))
    return low, high


def _far_enough(start: float, end: float) -> float:
    if abs(end - start) >= SMALLEST_BOX:
        return end
    return start + (SMALLEST_BOX if end >= start else -SMALLEST_BOX)


def _distance(box: Box, x: float, y: float) -> float:
    cx, cy = box.centre
    return (cx - x) ** 2 + (cy - y) ** 2
