"""The picture: resampled to screen pixels once per zoom, the window's table over those, drawn 1:1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from annotator.imaging.resample import Pyramid
from annotator.ui.projection import Projection, Viewport, ViewState

Region = tuple[int, int, int, int]
"""u0, v0, u1, v1 in whole screen pixels from the top-left corner of the page."""


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

    def __init__(self, seen: Projection) -> None:
        super().__init__()
        self._projection = seen
        self._viewport = Viewport(1, 1)
        self._wanted: _Grid | None = None
        self._grid: _Grid | None = None
        self._region: Region = (0, 0, 0, 0)
        self._levels: NDArray[np.uint16] = np.empty((0, 0), np.uint16)
        # The same as intp: np.take converts any other index at every call.
        self._index: NDArray[np.intp] = np.empty((0, 0), np.intp)
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
        if self._wanted is None:
            return
        self._resample(self._wanted)
        if self._levels.size == 0:
            return
        if self._image is None:
            np.take(self._table, self._index, out=self._grey, mode="clip")
            height, width = self._grey.shape
            self._image = QImage(self._grey.data, width, height, width, QImage.Format.Format_Grayscale8)
        left, top = self._projection.page[:2]
        painter.save()
        painter.scale(1.0 / self._projection.ratio, 1.0 / self._projection.ratio)
        painter.drawImage(left + self._region[0], top + self._region[1], self._image)
        painter.restore()

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
        levels = np.empty(shape, np.uint16)
        if levels.size:
            kept = _shared(region, self._region) if grid == self._grid else None
            for part in _around(region, kept):
                _part(levels, region, part)[...] = self._rendered(grid, part)
            if kept is not None:
                _part(levels, region, kept)[...] = _part(self._levels, self._region, kept)
        if shape != self._index.shape:
            self._index, self._grey = np.empty(shape, np.intp), np.empty(shape, np.uint8)
        np.copyto(self._index, levels)
        self._grid, self._region, self._levels, self._image = grid, region, levels, None

    def _rendered(self, grid: _Grid, part: Region) -> NDArray[np.uint16]:
        left, top = self._projection.page[:2]
        u0, v0, u1, v1 = part
        source = self._projection.rect_from_screen(left + u0, top + v0, left + u1, top + v1)
        return grid.pyramid.render(
            source, u1 - u0, v1 - v0, grid.quarter_turns, grid.mirrored, smooth=grid.smooth
        )


def _shared(a: Region, b: Region) -> Region | None:
    u0, v0, u1, v1 = max(a[0], b[0]), max(a[1], b[1]), min(a[2], b[2]), min(a[3], b[3])
    return (u0, v0, u1, v1) if u1 > u0 and v1 > v0 else None


def _around(whole: Region, kept: Region | None) -> list[Region]:
    """The part of a region beside another that lies in it, as up to four rectangles."""
    if kept is None:
        return [whole]
    u0, v0, u1, v1 = whole
    a0, b0, a1, b1 = kept
    strips = [(u0, v0, u1, b0), (u0, b1, u1, v1), (u0, b0, a0, b1), (a1, b0, u1, b1)]
    return [s for s in strips if s[2] > s[0] and s[3] > s[1]]


def _part(levels: NDArray[np.uint16], region: Region, part: Region) -> NDArray[np.uint16]:
    u0, v0 = region[:2]
    return levels[part[1] - v0 : part[3] - v0, part[0] - u0 : part[2] - u0]
