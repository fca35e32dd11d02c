"""The picture: resampled to screen pixels once per zoom, the window's table over those, drawn 1:1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from annotator.imaging.display import shade
from annotator.imaging.resample import Pyramid
from annotator.ui.projection import Projection, Viewport, ViewState

Region = tuple[int, int, int, int]
"""u0, v0, u1, v1 in whole screen pixels from the top-left corner of the page."""


Number = TypeVar("Number", np.uint8, np.uint16)


@dataclass(frozen=True, slots=True)
class _Grid:
    """What the resampled pixels depend on, besides the region: while it stays, panning only moves them."""

    pyramid: Pyramid
    zoom: float
    quarter_turns: int
    mirrored: bool
    smooth: bool


class PictureItem(pg.GraphicsObject):
    """The visible part of one radiograph, in the coordinates of the viewport.

    Keeps the levels of the screen pixels it shows. A change of the table costs one pass over them, a pan
    renders only the strips that come into view, a zoom renders all of them.
    """

    def __init__(self, seen: Projection, background: str) -> None:
        super().__init__()
        self._background = QColor(background)
        self._projection = seen
        self._viewport = Viewport(1, 1)
        self._wanted: _Grid | None = None
        self._grid: _Grid | None = None
        self._region: Region = (0, 0, 0, 0)
        self._levels: NDArray[np.uint16] = np.empty((0, 0), np.uint16)
        self._spare: NDArray[np.uint16] = np.empty((0, 0), np.uint16)
        self._grey: NDArray[np.uint8] = np.empty((0, 0), np.uint8)
        self._table: NDArray[np.uint8] = np.zeros(1, np.uint8)
        self._image: QImage | None = None

    def set_table(self, table: NDArray[np.uint8]) -> None:
        """table: uint8 [2**bits_stored], see `imaging.display.lookup_table`."""
        self._table = table
        self._image = None
        self.update()

    def look_at(
        self, pyramid: Pyramid | None, smooth: bool, state: ViewState, seen: Projection, viewport: Viewport
    ) -> None:
        """The next paint shows this radiograph (None: nothing) in this projection."""
        if viewport != self._viewport:
            self.prepareGeometryChange()
        self._viewport, self._projection = viewport, seen
        if pyramid is None:
            self._wanted = self._grid = None
        else:
            self._wanted = _Grid(pyramid, state.zoom, state.quarter_turns, state.mirrored, smooth)
        self.update()

    def boundingRect(self) -> QRectF:
        ratio = self._viewport.ratio
        return QRectF(0, 0, self._viewport.width / ratio, self._viewport.height / ratio)

    def paint(self, painter: QPainter, *_unused: object) -> None:
        painter.save()
        painter.scale(1.0 / self._viewport.ratio, 1.0 / self._viewport.ratio)
        covered: Region = (0, 0, 0, 0)
        if self._wanted is not None:
            self._resample(self._wanted)
            covered = self._paint_picture(painter)
        # The view has no background of its own: most of it would be painted over.
        for u0, v0, u1, v1 in _around((0, 0, self._viewport.width, self._viewport.height), covered):
            painter.fillRect(QRect(u0, v0, u1 - u0, v1 - v0), self._background)
        painter.restore()

    def _paint_picture(self, painter: QPainter) -> Region:
        height, width = self._levels.shape
        left, top = self._projection.page[0] + self._region[0], self._projection.page[1] + self._region[1]
        if not self._levels.size:
            return 0, 0, 0, 0
        if self._image is None:
            shade(self._levels, self._table, self._grey)
            self._image = QImage(self._grey.data, width, height, width, QImage.Format.Format_Grayscale8)
        painter.drawImage(left, top, self._image)
        return left, top, left + width, top + height

    def _resample(self, grid: _Grid) -> None:
        left, top, right, bottom = self._projection.page
        region = (
            max(0, -left),
            max(0, -top),
            min(right, self._viewport.width) - left,
            min(bottom, self._viewport.height) - top,
        )
        if grid == self._grid and region == self._region:
            return
        shape = (max(0, region[3] - region[1]), max(0, region[2] - region[0]))
        kept = _shared(region, self._region) if grid == self._grid else None
        if not (shape[0] and shape[1]):
            self._levels = np.empty(shape, np.uint16)
        elif kept is None:
            self._levels = self._rendered(grid, region, _of_shape(self._levels, shape))
        else:
            self._scroll(grid, region, kept)
        self._grey = _of_shape(self._grey, shape)
        self._grid, self._region, self._image = grid, region, None

    def _scroll(self, grid: _Grid, region: Region, kept: Region) -> None:
        """Keeps the levels of the shared part and renders the rest."""
        levels = _of_shape(self._spare, (region[3] - region[1], region[2] - region[0]))
        _part(levels, region, kept)[...] = _part(self._levels, self._region, kept)
        for strip in _around(region, kept):
            _part(levels, region, strip)[...] = self._rendered(grid, strip)
        self._levels, self._spare = levels, self._levels

    def _rendered(
        self, grid: _Grid, part: Region, out: NDArray[np.uint16] | None = None
    ) -> NDArray[np.uint16]:
        left, top = self._projection.page[:2]
        u0, v0, u1, v1 = part
        source = self._projection.rect_from_screen(left + u0, top + v0, left + u1, top + v1)
        return grid.pyramid.render(
            source, u1 - u0, v1 - v0, grid.quarter_turns, grid.mirrored, smooth=grid.smooth, out=out
        )


def _shared(a: Region, b: Region) -> Region | None:
    u0, v0, u1, v1 = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return (u0, v0, u1, v1) if u1 > u0 and v1 > v0 else None


def _around(whole: Region, kept: Region) -> list[Region]:
    """The part of a region beside another that lies in it, as up to four rectangles."""
    u0, v0, u1, v1 = whole
    a0, b0, a1, b1 = kept
    strips = [(u0, v0, u1, b0), (u0, b1, u1, v1), (u0, b0, a0, b1), (a1, b0, u1, b1)]
    return [s for s in strips if s[2] > s[0] and s[3] > s[1]]


def _part(levels: NDArray[np.uint16], region: Region, part: Region) -> NDArray[np.uint16]:
    u0, v0 = region[:2]
    return levels[part[1] - v0 : part[3] - v0, part[0] - u0 : part[2] - u0]


def _of_shape(buffer: NDArray[Number], shape: tuple[int, int]) -> NDArray[Number]:
    """An array of this shape in the memory of a buffer where it is large enough: fresh memory is slow."""
    size = shape[0] * shape[1]
    whole = buffer.base if isinstance(buffer.base, np.ndarray) else buffer
    if whole.size < size:
        whole = np.empty(size, buffer.dtype)
    return whole.reshape(-1)[:size].reshape(shape)
