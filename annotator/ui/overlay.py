"""Texts over the picture: in its upper corners, and one calm line at the bottom."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QMouseEvent, QPainter
from PySide6.QtWidgets import QGraphicsItem

from annotator.ui.box_drawing import CanvasColours

EDGE, PADDING = 10.0, 6.0
PLATE_ALPHA = 150
NEAR = 24.0
"""Widget pixels around the text of a corner within which the pointer makes it give way."""


class Overlay(pg.GraphicsObject):
    """Drawn on dark plates, so that white bone or a bright border behind leaves them readable.

    The marker of a side often lies in a corner of the film: the text there goes while the pointer is near.
    What lies over the top of the view, such as a message, pushes the corners down, and covers none of them.
    """

    def __init__(self, font: QFont, colours: CanvasColours) -> None:
        super().__init__()
        self.colours = colours
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._extent = QRectF()
        self._covered = 0
        self._corners: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self.banner: str | None = None
        self._pointer: QPointF | None = None

    def itemChange(self, change: QGraphicsItem.GraphicsItemChange, value: object) -> object:
        """Follows the pointer over the view it is added to; the view's own gestures take its hover events."""
        kept: object = super().itemChange(change, value)
        scene = self.scene()
        if change == QGraphicsItem.GraphicsItemChange.ItemSceneHasChanged and scene is not None:
            for view in scene.views():
                view.viewport().installEventFilter(self)
        return kept

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            self._pointer_at(event.position())
        elif event.type() == QEvent.Type.Leave:
            self._pointer_at(None)
        return False

    def set_extent(self, extent: QRectF) -> None:
        if extent != self._extent:
            self.prepareGeometryChange()
            self._extent = extent

    def set_covered(self, height: int) -> None:
        """height: of what lies over the top of the view, 0 where nothing does."""
        if height != self._covered:
            self._covered = height
            self.update()

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
        hidden = self._hidden(self._pointer)
        for lines, right in zip(self._corners, (False, True), strict=True):
            if lines and not hidden[right]:
                self._draw_corner(painter, lines, right)
        if self.banner:
            self._draw_banner(painter, self.banner)

    def _pointer_at(self, at: QPointF | None) -> None:
        before, self._pointer = self._hidden(self._pointer), at
        if self._hidden(at) != before:
            self.update()

    def _hidden(self, pointer: QPointF | None) -> tuple[bool, bool]:
        """Whether the left and the right corner give way to a pointer there."""
        left, right = (
            pointer is not None
            and bool(lines)
            and self._room(lines, at_right).adjusted(-NEAR, -NEAR, NEAR, NEAR).contains(pointer)
            for lines, at_right in zip(self._corners, (False, True), strict=True)
        )
        return left, right

    def _room(self, lines: Sequence[str], right: bool) -> QRectF:
        width = max(self._metrics.horizontalAdvance(line) for line in lines) + 2 * PADDING
        left = self._extent.right() - EDGE - width if right else EDGE
        return QRectF(
            round(left), self._covered + EDGE, width, self._metrics.lineSpacing() * len(lines) + PADDING
        )

    def _draw_corner(self, painter: QPainter, lines: Sequence[str], right: bool) -> None:
        spacing, room = self._metrics.lineSpacing(), self._room(lines, right)
        left, width = room.left(), room.width() - 2 * PADDING
        self._plate(painter, room)
        painter.setPen(QColor(self.colours.text))
        for i, line in enumerate(lines):
            shift = width - self._metrics.horizontalAdvance(line) if right else 0.0
            y = room.top() + PADDING / 2 + i * spacing + self._metrics.ascent()
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
