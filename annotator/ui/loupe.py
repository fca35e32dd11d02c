"""A round magnifier at the pointer: the stored resolution with the window of the picture, without boxes."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from annotator.imaging.resample import Pyramid
from annotator.ui.projection import Projection, ViewState

DIAMETER = 240
"""Widget pixels."""
MAGNIFICATION = 3.0
"""Screen pixels per image pixel at first; twice the picture's own where that is more."""


class Loupe(pg.GraphicsObject):
    """Follows the pointer while it is on. `hidden` takes it away during a drag."""

    def __init__(self) -> None:
        super().__init__()
        self._pyramid: Pyramid | None = None
        self._table: NDArray[np.uint8] = np.zeros(1, np.uint8)
        self._seen: Projection | None = None
        self._least = self._magnification = MAGNIFICATION
        self._state = ViewState(1.0, (0.0, 0.0))
        self._grey: NDArray[np.uint8] = np.empty((0, 0), np.uint8)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.setVisible(False)

    def look_at(self, pyramid: Pyramid | None, state: ViewState, seen: Projection) -> None:
        self._pyramid, self._state, self._seen = pyramid, state, seen
        self._magnification = max(self._least, 2.0 * state.zoom)
        self.update()

    def set_magnification(self, least: float) -> None:
        """least: screen pixels per image pixel, wherever the picture itself is not half as large already."""
        self._least = least
        self._magnification = max(least, 2.0 * self._state.zoom)
        self.update()

    def set_table(self, table: NDArray[np.uint8]) -> None:
        self._table = table
        self.update()

    def follow(self, at: QPointF) -> None:
        """at: widget position of the pointer."""
        self.setPos(round(at.x()), round(at.y()))
        self.update()

    def boundingRect(self) -> QRectF:
        half = DIAMETER / 2 + 3.0
        return QRectF(-half, -half, 2 * half, 2 * half)

    def paint(self, painter: QPainter, *_unused: object) -> None:
        if self._pyramid is None or self._seen is None:
            return
        half = DIAMETER / 2
        circle = QPainterPath()
        circle.addEllipse(QPointF(0, 0), half, half)
        painter.save()
        painter.setClipPath(circle)
        painter.fillRect(self.boundingRect(), QColor("#000000"))
        painter.drawImage(
            QRectF(-half, -half, DIAMETER, DIAMETER), self._magnified(self._pyramid, self._seen)
        )
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in (("#05070a", 5.0), ("#d9dee6", 1.5)):
            painter.setPen(QPen(QColor(colour), width))
            painter.drawEllipse(QPointF(0, 0), half, half)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

    def _magnified(self, pyramid: Pyramid, seen: Projection) -> QImage:
        side = round(DIAMETER * seen.ratio)
        reach = side / 2 * self._state.zoom / self._magnification
        u, v = self.pos().x() * seen.ratio, self.pos().y() * seen.ratio
        source = seen.rect_from_screen(u - reach, v - reach, u + reach, v + reach)
        levels = pyramid.render(source, side, side, self._state.quarter_turns, self._state.mirrored)
        self._grey = self._table[levels]
        self._blacken_outside(source, (pyramid.width, pyramid.height))
        return QImage(self._grey.data, side, side, side, QImage.Format.Format_Grayscale8)

    def _blacken_outside(self, source: tuple[float, float, float, float], size: tuple[int, int]) -> None:
        """Beyond the image there is nothing, where resampling would go on with its border."""
        side = self._grey.shape[0]
        inside = [
            (low + (np.arange(side) + 0.5) * (high - low) / side >= 0)
            & (low + (np.arange(side) + 0.5) * (high - low) / side < limit)
            for low, high, limit in ((source[0], source[2], size[0]), (source[1], source[3], size[1]))
        ]
        if self._state.mirrored:
            inside[0] = inside[0][::-1]
        mask = np.rot90(inside[1][:, None] & inside[0][None, :], -self._state.quarter_turns)
        self._grey[~mask] = 0
