"""Between image pixels and the screen: what part of a radiograph is seen, how large, turned or mirrored."""

from __future__ import annotations

import math
from dataclasses import dataclass

from annotator.domain.geometry import Box, Point

Rect = tuple[float, float, float, float]
"""x0, y0, x1, y1."""

_TURNS = ((1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0))
"""Clockwise quarter turns as xx, xy, yx, yy, y down."""


@dataclass(frozen=True, slots=True)
class ViewState:
    """What a reader has made of the view; kept from image to image and restored at the next start.

    zoom: screen pixels (of the display, not of Qt's scaling) per image column. centre: the image point in
    the middle of the view. The image is mirrored left to right first, then turned clockwise. fitted: the
    whole image is shown, whatever the size of the window; zoom and centre follow from it.
    Raises ValueError for a zoom that is not above 0, a centre that is no place, or turns beyond 0 to 3.
    """

    zoom: float
    centre: Point
    quarter_turns: int = 0
    mirrored: bool = False
    fitted: bool = False

    def __post_init__(self) -> None:
        if not (all(map(math.isfinite, (self.zoom, *self.centre))) and self.zoom > 0):
            raise ValueError(f"no view: zoom {self.zoom}, centre {self.centre}")
        if self.quarter_turns not in range(4):
            raise ValueError(f"no number of quarter turns: {self.quarter_turns}")

    @property
    def swapped(self) -> bool:
        """Left and right are seen changed, by mirroring or by half a turn."""
        return self.mirrored != (self.quarter_turns == 2)


@dataclass(frozen=True, slots=True)
class Page:
    """Size of an image in its pixels; aspect: height of a pixel through its width."""

    width: int
    height: int
    aspect: float = 1.0


@dataclass(frozen=True, slots=True)
class Viewport:
    """Size of the view in screen pixels; ratio: screen pixels per widget pixel."""

    width: int
    height: int
    ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class Projection:
    """An affine map: screen = (xx x + xy y + left, yx x + yy y + top), in screen pixels.

    page: the rectangle of the whole image on the screen. Its top-left corner lies on whole screen
    pixels, so that panning moves the picture without resampling it, and 1:1 is sharp; boxes and pointer
    go by the same map.
    """

    xx: float
    xy: float
    yx: float
    yy: float
    left: float
    top: float
    page: tuple[int, int, int, int]
    ratio: float

    def to_screen(self, x: float, y: float) -> Point:
        """Image pixels to screen pixels."""
        return self.xx * x + self.xy * y + self.left, self.yx * x + self.yy * y + self.top

    def to_widget(self, point: Point) -> Point:
        """Image pixels to widget pixels."""
        u, v = self.to_screen(*point)
        return u / self.ratio, v / self.ratio

    def from_screen(self, u: float, v: float) -> Point:
        """Screen pixels to image pixels."""
        return self._unscaled(u - self.left, v - self.top)

    def to_image(self, x: float, y: float) -> Point:
        """Widget pixels to image pixels."""
        return self.from_screen(x * self.ratio, y * self.ratio)

    def vector_to_image(self, dx: float, dy: float) -> Point:
        """A way on the widget, as a way on the image."""
        return self._unscaled(dx * self.ratio, dy * self.ratio)

    def rect_to_widget(self, box: Box) -> Rect:
        (ax, ay), (bx, by) = self.to_widget((box.x0, box.y0)), self.to_widget((box.x1, box.y1))
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

    def rect_from_screen(self, u0: float, v0: float, u1: float, v1: float) -> Rect:
        (ax, ay), (bx, by) = self.from_screen(u0, v0), self.from_screen(u1, v1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

    def screen_direction(self, hx: int, hy: int) -> tuple[int, int]:
        """A direction of the image (-1, 0, 1 each way), as it points on the screen."""
        return _sign(self.xx * hx + self.xy * hy), _sign(self.yx * hx + self.yy * hy)

    def image_direction(self, sx: int, sy: int) -> tuple[int, int]:
        """The inverse of `screen_direction`."""
        return _sign(self.xx * sx + self.yx * sy), _sign(self.xy * sx + self.yy * sy)

    def _unscaled(self, u: float, v: float) -> Point:
        if self.xy == 0.0:
            return u / self.xx, v / self.yy
        return v / self.yx, u / self.xy


def projection(page: Page, viewport: Viewport, state: ViewState) -> Projection:
    xx, xy, yx, yy = _scaled(page, state)
    corners = [(xx * x + xy * y, yx * x + yy * y) for x in (0, page.width) for y in (0, page.height)]
    low_u, low_v = min(c[0] for c in corners), min(c[1] for c in corners)
    size = (max(c[0] for c in corners) - low_u, max(c[1] for c in corners) - low_v)
    cx, cy = state.centre
    left = math.floor(viewport.width / 2 - (xx * cx + xy * cy) + low_u + 0.5)
    top = math.floor(viewport.height / 2 - (yx * cx + yy * cy) + low_v + 0.5)
    # A last row or column that is covered only in part is left out.
    whole = tuple(max(1, math.floor(side + 1e-6)) for side in size)
    rect = (left, top, left + whole[0], top + whole[1])
    return Projection(xx, xy, yx, yy, left - low_u, top - low_v, rect, viewport.ratio)


def unsnapped(page: Page, viewport: Viewport, state: ViewState, u: float, v: float) -> Point:
    """The image point at a place on the screen if nothing were moved to whole pixels.

    Zooming at a point goes by it, so that steps do not add up their roundings.
    """
    xx, xy, yx, yy = _scaled(page, state)
    cx, cy = state.centre
    du, dv = u - viewport.width / 2, v - viewport.height / 2
    return (cx + du / xx, cy + dv / yy) if xy == 0.0 else (cx + dv / yx, cy + du / xy)


def _scaled(page: Page, state: ViewState) -> tuple[float, float, float, float]:
    xx, xy, yx, yy = _TURNS[state.quarter_turns % 4]
    across = -state.zoom if state.mirrored else state.zoom
    down = state.zoom * page.aspect
    return xx * across, xy * down, yx * across, yy * down


def _sign(value: float) -> int:
    return (value > 1e-12) - (value < -1e-12)
