"""A heat map over the radiograph: where in the picture something was found that speaks for a finding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from annotator.domain.geometry import Box, Point
from annotator.ui.box_drawing import HALO, CanvasColours, frame
from annotator.ui.projection import Projection

OUTLINE = 1
"""Widget pixels; its halo stands on both sides."""
_ANCHORS = (
    (0, 0, 4), (22, 11, 57), (66, 10, 104), (106, 23, 110), (147, 38, 103), (188, 55, 84),
    (221, 81, 58), (243, 120, 25), (252, 165, 10), (246, 215, 70),
)  # fmt: skip
"""Matplotlib's inferno at every tenth, without its end: pale yellow would be lost on white bone. Each is
brighter than the one before, so that the order stays in a grey print and for every kind of colour vision."""


@dataclass(frozen=True, eq=False)
class Heat:
    """values: float32 [h, w], 0 to 1, one for each image pixel; what is beyond is cut off, NaN counts as 0.

    corner: image pixels, where the top-left pixel of values begins (its outer corner). opacity: 0 to 1, of
    the map where values is 1; in proportion less elsewhere.
    """

    values: NDArray[np.float32]
    corner: Point
    opacity: float = 0.5

    @property
    def box(self) -> Box:
        """What the map covers. Raises ValueError for values without a pixel."""
        height, width = self.values.shape
        x, y = self.corner
        return Box(x, y, x + width, y + height)


class HeatItem(pg.GraphicsObject):
    """Paints one heat map in the coordinates of the viewport, with a thin line around what it covers.

    The map becomes a picture once; zoom, turn, mirroring and opacity are left to the painter.
    """

    def __init__(self, colours: CanvasColours, seen: Projection) -> None:
        super().__init__()
        self.heat: Heat | None = None
        self._colours = colours
        self._seen = seen
        self._extent = QRectF()
        self._picture: QImage | None = None

    def set_heat(self, heat: Heat | None) -> None:
        """None: no heat map is shown."""
        before, self.heat = self.heat, heat
        if heat is None:
            self._picture = None
        elif before is None or before.values is not heat.values:
            self._picture = _painted(heat.values)
        self.update()

    def look_at(self, seen: Projection, extent: QRectF) -> None:
        if extent != self._extent:
            self.prepareGeometryChange()
            self._extent = extent
        self._seen = seen
        self.update()

    def boundingRect(self) -> QRectF:
        return self._extent

    def paint(self, painter: QPainter, *_unused: object) -> None:
        if self.heat is None or self._picture is None or self.heat.opacity <= 0.0:
            return
        seen = self._seen
        x0, y0, x1, y1 = seen.page
        painter.save()
        painter.scale(1.0 / seen.ratio, 1.0 / seen.ratio)
        painter.setClipRect(QRect(x0, y0, x1 - x0, y1 - y0))
        painter.save()
        painter.setTransform(QTransform(seen.xx, seen.yx, seen.xy, seen.yy, seen.left, seen.top), True)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(min(self.heat.opacity, 1.0))
        painter.drawImage(QPointF(*self.heat.corner), self._picture)
        painter.restore()
        self._paint_outline(painter, self.heat.box)
        painter.restore()

    def _paint_outline(self, painter: QPainter, box: Box) -> None:
        """Inside the map and the page, so that a map of the whole image has one too."""
        seen = self._seen
        line, halo = (max(1, round(v * seen.ratio)) for v in (OUTLINE, HALO))
        left, top, right, bottom = (round(v * seen.ratio) for v in seen.rect_to_widget(box))
        page = QRect(seen.page[0], seen.page[1], seen.page[2] - seen.page[0], seen.page[3] - seen.page[1])
        outer = QRect(left, top, right - left, bottom - top) & page
        for rect, width, colour in (
            (outer, line + 2 * halo, self._colours.halo),
            (outer.adjusted(halo, halo, -halo, -halo), line, self._colours.extent),
        ):
            for side in frame(rect, width):
                painter.fillRect(side, QColor(colour))


def colours() -> NDArray[np.uint8]:
    """uint8 [256, 3]: red, green and blue of the values from 0 to 1."""
    anchors = np.array(_ANCHORS, np.float64)
    at, levels = np.linspace(0.0, 1.0, len(anchors)), np.linspace(0.0, 1.0, 256)
    table: NDArray[np.uint8] = np.stack(
        [np.rint(np.interp(levels, at, channel)).astype(np.uint8) for channel in anchors.T], axis=1
    )
    return table


def _painted(values: NDArray[np.float32]) -> QImage:
    """Each pixel in its colour, the more opaque the higher."""
    level = np.arange(256, dtype=np.uint32)
    red, green, blue = (colours().T.astype(np.uint32) * level + 127) // 255
    table = level << 24 | red << 16 | green << 8 | blue
    whole = np.clip(np.nan_to_num(values, nan=0.0), 0.0, 1.0) * np.float32(255)
    pixels = table[np.rint(whole).astype(np.uint8)]
    height, width = pixels.shape
    picture = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    return picture.copy()
