"""Texts over the picture: in its upper corners, and one calm line between them."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from annotator.ui.box_drawing import CanvasColours

EDGE, PADDING = 10.0, 6.0
PLATE_ALPHA = 150


class Overlay(pg.GraphicsObject):
    """Drawn on dark plates, so that white bone or a bright border behind leaves them readable."""

    def __init__(self, font: QFont, colours: CanvasColours) -> None:
        super().__init__()
        self.colours = colours
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._extent = QRectF()
        self._corners: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self.banner: str | None = None

    def set_extent(self, extent: QRectF) -> None:
        if extent != self._extent:
            self.prepareGeometryChange()
            self._extent = extent

    def set_corner_texts(self, top_left: Sequence[str], top_right: Sequence[str]) -> None:
        corners = (tuple(top_left), tuple(top_right))
        if corners != self._corners:
            self._corners = corners
            self.update()

    def set_banner(self, text: str | None) -> None:
        if text != self.banner:
            self.banner = text
            self.update()

    def boundingRect(self) -> QRectF:
        return self._extent

    def paint(self, painter: QPainter, *_unused: object) -> None:
        painter.setFont(self._font)
        for lines, right in zip(self._corners, (False, True), strict=True):
            if lines:
                self._draw_corner(painter, lines, right)
        if self.banner:
            self._draw_banner(painter, self.banner)

    def _draw_corner(self, painter: QPainter, lines: Sequence[str], right: bool) -> None:
        spacing = self._metrics.lineSpacing()
        width = max(self._metrics.horizontalAdvance(line) for line in lines)
        size = (width + 2 * PADDING, spacing * len(lines) + PADDING)
        left = self._extent.right() - EDGE - size[0] if right else EDGE
        self._plate(painter, QRectF(round(left), EDGE, *size))
        painter.setPen(QColor(self.colours.text))
        for i, line in enumerate(lines):
            shift = width - self._metrics.horizontalAdvance(line) if right else 0.0
            y = EDGE + PADDING / 2 + i * spacing + self._metrics.ascent()
            painter.drawText(QPointF(round(left + PADDING + shift), round(y)), line)

    def _draw_banner(self, painter: QPainter, text: str) -> None:
        room = max(self._extent.width() - 4 * EDGE, 1.0)
        text = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        width = self._metrics.horizontalAdvance(text) + 4 * PADDING
        height = self._metrics.height() + 2 * PADDING
        # At the bottom: the corners have the top, and on a narrow view they would meet there.
        top = self._extent.bottom() - 2 * EDGE - height
        rect = QRectF(round((self._extent.width() - width) / 2), round(top), width, height)
        self._plate(painter, rect, 225)
        painter.setPen(QColor(self.colours.notice))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _plate(self, painter: QPainter, rect: QRectF, alpha: int = PLATE_ALPHA) -> None:
        colour = QColor(self.colours.plate)
        colour.setAlpha(alpha)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(rect, 4.0, 4.0)
