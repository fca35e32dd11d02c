"""Boxes and labels made ready to paint: rectangles of whole screen pixels and small pictures of labels.

While the reader pans or changes the window nothing of this changes, so a frame costs a few calls of Qt and
not one for every line. Positions are screen pixels from the top-left corner of the page.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from annotator.ui.projection import Rect

LINE, LINE_CURRENT, HALO = 2, 3, 1
"""Widget pixels; the halo stands on both sides of a line."""
DASH, BREAK = 9, 6
"""Widget pixels of a dash and of what is left out between two."""
MOST_DASHES = 24
"""On one side of a box; on a longer side the dashes grow, so that a box costs no more however large it is."""
HANDLE = 7
PADDING_X, PADDING_Y = 5, 1
PLATE_ALPHA = 205
LABEL_DASH = 4, 3


@dataclass(frozen=True, slots=True)
class CanvasColours:
    """ "#rrggbb". The canvas is black whatever the theme of the window: a radiograph is read in the dark."""

    background: str = "#000000"
    halo: str = "#05070a"
    plate: str = "#0b0e13"
    text: str = "#d9dee6"
    draft: str = "#ffffff"
    extent: str = "#98a1b0"
    notice: str = "#f2b14f"


@dataclass
class Drawing:
    """What one paint puts on the screen, in this order. lines: by their colour."""

    halo: list[QRect] = field(default_factory=list)
    lines: dict[str, list[QRect]] = field(default_factory=dict)
    dash_halo: list[QRect] = field(default_factory=list)
    dashes: dict[str, list[QRect]] = field(default_factory=dict)
    handles: list[tuple[QRect, str, QRect]] = field(default_factory=list)
    leaders: list[tuple[str, QLineF]] = field(default_factory=list)
    labels: list[tuple[QPointF, QImage]] = field(default_factory=list)

    def add_box(self, rect: Rect, colour: str, line: int, halo: int) -> None:
        """rect: where the middle of the line runs."""
        x0, y0, x1, y1 = (math.floor(v - line / 2 + 0.5) for v in rect)
        outer = QRect(x0, y0, x1 - x0 + line, y1 - y0 + line)
        self.halo += frame(outer.adjusted(-halo, -halo, halo, halo), line + 2 * halo)
        self.lines.setdefault(colour, []).extend(frame(outer, line))

    def add_dashed_box(self, rect: Rect, colour: str, line: int, halo: int, dash: int, gap: int) -> None:
        """rect: as for `add_box`; dash, gap: about so long, since a dash begins and ends each side.

        Between the dashes the picture, or the line of a box in the same place, is seen.
        """
        x0, y0, x1, y1 = (math.floor(v - line / 2 + 0.5) for v in rect)
        outer = QRect(x0, y0, x1 - x0 + line, y1 - y0 + line)
        marks = dashed_frame(outer, line, dash, gap)
        self.dash_halo += [mark.adjusted(-halo, -halo, halo, halo) for mark in marks]
        self.dashes.setdefault(colour, []).extend(marks)

    def add_handle(self, x: float, y: float, side: int, colour: str, halo: int) -> None:
        square = QRect(round(x) - side // 2, round(y) - side // 2, side, side)
        self.handles.append((square.adjusted(-halo, -halo, halo, halo), colour, square))

    def paint(self, painter: QPainter, colours: CanvasColours) -> None:
        """The painter counts screen pixels from the page's corner."""
        painter.setPen(Qt.PenStyle.NoPen)
        # Opaque: Qt hands a translucent fill of 64 rows and more to its threads, 50 us for each thin line.
        for halo, lines in ((self.halo, self.lines), (self.dash_halo, self.dashes)):
            painter.setBrush(QColor(colours.halo))
            painter.drawRects(halo)
            for colour, rects in lines.items():
                painter.setBrush(QColor(colour))
                painter.drawRects(rects)
        for outer, colour, inner in self.handles:
            painter.fillRect(outer, QColor(colours.halo))
            painter.fillRect(inner, QColor(colour))
        for colour, leader in self.leaders:
            for pen in (QPen(QColor(colours.halo), 3.0), QPen(QColor(colour), 1.0)):
                painter.setPen(pen)
                painter.drawLine(leader)
        for at, label in self.labels:
            painter.drawImage(at, label)


def frame(outer: QRect, width: int) -> list[QRect]:
    """The four sides of a rectangle, none covering another."""
    x, y, w, h = outer.x(), outer.y(), outer.width(), outer.height()
    inner = max(h - 2 * width, 0)
    return [
        QRect(x, y, w, width),
        QRect(x, y + h - width, w, width),
        QRect(x, y + width, width, inner),
        QRect(x + w - width, y + width, width, inner),
    ]


def dashed_frame(outer: QRect, width: int, dash: int, gap: int) -> list[QRect]:
    """Dashes along the four sides of a rectangle, with a whole corner at each end of a side."""
    x, y, w, h = outer.x(), outer.y(), outer.width(), outer.height()
    marks = []
    for start, length in _dashes(w, dash, gap):
        marks += [QRect(x + start, top, length, width) for top in (y, y + h - width)]
    for start, length in _dashes(h, dash, gap):
        marks += [QRect(left, y + start, width, length) for left in (x, x + w - width)]
    return marks


def _dashes(side: int, dash: int, gap: int) -> list[tuple[int, int]]:
    """Where dashes start along a side and how long they are, the first and the last at its ends."""
    if side < 2 * gap:
        return [(0, side)]
    count = min(max(round((side + gap) / (dash + gap)), 2), MOST_DASHES)
    # On a side of another length than they fill evenly the dashes give way, and the breaks keep their share.
    period = (side + side * gap / (dash + gap) / count) / count
    length = min(max(round(period * dash / (dash + gap)), 1), side)
    step = (side - length) / (count - 1)
    return [(round(i * step), length) for i in range(count)]


class LabelPictures:
    """Labels on their plates, painted once each."""

    def __init__(self, font: QFont, colours: CanvasColours) -> None:
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._colours = colours
        self._widths: dict[str, int] = {}
        self._pictures: dict[tuple[str, str, bool, bool, float], QImage] = {}
        self.height = math.ceil(self._metrics.height()) + 2 * PADDING_Y

    def width(self, text: str) -> int:
        """Widget pixels."""
        if text not in self._widths:
            self._widths[text] = math.ceil(self._metrics.horizontalAdvance(text)) + 2 * PADDING_X
        return self._widths[text]

    def picture(self, text: str, colour: str, current: bool, dashed: bool, ratio: float) -> QImage:
        """In screen pixels, so of ratio times the size. current: dark on its colour, not the reverse.

        dashed: with dashes around the plate, as around the box it names.
        """
        key = (text, colour, current, dashed, ratio)
        if key not in self._pictures:
            self._pictures[key] = self._painted(*key)
        return self._pictures[key]

    def _painted(self, text: str, colour: str, current: bool, dashed: bool, ratio: float) -> QImage:
        width, height = self.width(text), self.height
        picture = QImage(
            round(width * ratio), round(height * ratio), QImage.Format.Format_ARGB32_Premultiplied
        )
        picture.fill(Qt.GlobalColor.transparent)
        plate, ink = QColor(self._colours.plate), QColor(colour)
        if current:
            plate, ink = ink, plate
        else:
            plate.setAlpha(PLATE_ALPHA)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(ratio, ratio)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(plate)
        painter.drawRoundedRect(QRectF(0, 0, width, height), 3.0, 3.0)
        painter.setPen(ink)
        painter.setFont(self._font)
        painter.drawText(QPointF(PADDING_X, PADDING_Y + self._metrics.ascent()), text)
        if dashed:
            painter.resetTransform()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            line, dash, gap = (max(1, round(v * ratio)) for v in (1, *LABEL_DASH))
            for mark in dashed_frame(picture.rect(), line, dash, gap):
                painter.fillRect(mark, ink)
        painter.end()
        return picture
