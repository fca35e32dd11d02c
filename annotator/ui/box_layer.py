"""The boxes and their labels, drawn over the picture in the coordinates of the viewport."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QStaticText

from annotator.domain.geometry import Box
from annotator.domain.joints import Joint
from annotator.ui.joint_box import ShownBox, handle_places, on_whole_pixels
from annotator.ui.label_layout import Layout, Rects, candidates, place, still_good
from annotator.ui.projection import Projection, Rect

LINE, LINE_CURRENT, HALO = 2, 3, 1
"""Screen pixels; the halo stands on both sides of a line."""
HANDLE = 7.0
PADDING_X, PADDING_Y = 5.0, 1.0
RELAYOUT = 1.3
"""A change of zoom by this factor lays the labels out again; below it they move only where they must."""


@dataclass(frozen=True, slots=True)
class CanvasColours:
    """ "#rrggbb". The canvas is black whatever the theme of the window: a radiograph is read in the dark."""

    background: str = "#000000"
    halo: str = "#05070a"
    plate: str = "#0b0e13"
    text: str = "#d9dee6"
    draft: str = "#ffffff"
    notice: str = "#f2b14f"


class BoxLayer(pg.GraphicsObject):
    """Draws `ShownBox`es; while one is dragged, at the place that `preview` gives it."""

    def __init__(self, font: QFont, colours: CanvasColours, seen: Projection) -> None:
        super().__init__()
        self.boxes: list[ShownBox] = []
        self.colours = colours
        self._font = font
        self._metrics = QFontMetricsF(font)
        self._seen = seen
        self._extent = QRectF()
        self._hovered: Joint | None = None
        self._preview: tuple[Joint, Box] | None = None
        self._draft: Box | None = None
        self._texts: dict[str, tuple[QStaticText, float]] = {}
        self._layout: Layout | None = None
        self._layout_scale = 0.0

    def set_boxes(self, boxes: Sequence[ShownBox]) -> None:
        known = {shown.joint: i for i, shown in enumerate(self.boxes)}
        old = self._layout
        self.boxes = list(boxes)
        previous = [
            int(old.anchors[known[s.joint]]) if old is not None and s.joint in known else -1 for s in boxes
        ]
        if self._preview and self._preview[0] not in {shown.joint for shown in boxes}:
            self._preview = None
        self._lay_out(np.array(previous, np.int64))

    def look_at(self, seen: Projection, extent: QRectF) -> None:
        if extent != self._extent:
            self.prepareGeometryChange()
            self._extent = extent
        before, self._seen = self._seen, seen
        if (before.xx, before.xy, before.yx, before.yy) != (seen.xx, seen.xy, seen.yx, seen.yy):
            self._follow_zoom()
        self.update()

    def preview(self, joint: Joint, box: Box) -> None:
        """Shows a box somewhere else, until `settle`."""
        self._preview = (joint, box)
        self.update()

    def settle(self, keep: bool) -> None:
        """Ends a preview: the box stays where it was shown, or goes back."""
        if self._preview is None:
            return
        joint, box = self._preview
        self._preview = None
        if keep:
            self.set_boxes([replace(s, box=box) if s.joint == joint else s for s in self.boxes])
        self.update()

    def draft(self, box: Box | None) -> None:
        """A box that is being drawn and has no name yet."""
        self._draft = box
        self.update()

    def hover(self, joint: Joint | None) -> None:
        if joint != self._hovered:
            self._hovered = joint
            self.update()

    @property
    def label_rects(self) -> dict[Joint, Rect]:
        """Widget pixels; labels that found no place are missing."""
        if self._layout is None:
            return {}
        dx, dy = self._page_corner()
        return {
            shown.joint: (r[0] + dx, r[1] + dy, r[2] + dx, r[3] + dy)
            for shown, r, placed in zip(
                self.boxes, self._layout.rects.tolist(), self._layout.placed.tolist(), strict=True
            )
            if placed
        }

    def boundingRect(self) -> QRectF:
        return self._extent

    def paint(self, painter: QPainter, *_unused: object) -> None:
        painter.setFont(self._font)
        places = self.label_rects
        shown = [self._as_dragged(s) for s in self.boxes]
        # The current box lies on top of its neighbours.
        for one in sorted(shown, key=lambda s: s.current):
            self._draw_box(painter, one.box, QColor(one.colour), one.current, one.dashed)
            if one.editable and (one.current or one.joint == self._hovered):
                self._draw_handles(painter, one)
        for i, one in enumerate(shown):
            if one.joint in places:
                self._draw_label(painter, one, self._label_rect(i, one, places[one.joint]))
        if self._draft is not None:
            self._draw_box(painter, self._draft, QColor(self.colours.draft), current=False, dashed=False)

    def _as_dragged(self, shown: ShownBox) -> ShownBox:
        if self._preview and self._preview[0] == shown.joint:
            return replace(shown, box=self._preview[1])
        return shown

    def _draw_box(self, painter: QPainter, box: Box, colour: QColor, current: bool, dashed: bool) -> None:
        line = LINE_CURRENT if current else LINE
        ratio = self._seen.ratio
        x0, y0, x1, y1 = on_whole_pixels(self._seen.rect_to_widget(box), ratio, line)
        rect = QRectF(x0, y0, x1 - x0, y1 - y0)
        halo = QColor(self.colours.halo)
        halo.setAlpha(170)
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for paint, width in ((halo, line + 2 * HALO), (colour, line)):
            pen = QPen(paint, width / ratio)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            if width == line:
                pen.setStyle(style)
            painter.setPen(pen)
            painter.drawRect(rect)

    def _draw_handles(self, painter: QPainter, shown: ShownBox) -> None:
        painter.setPen(QPen(QColor(self.colours.halo), 1.0))
        painter.setBrush(QColor(shown.colour))
        for x, y in handle_places(shown.box, self._seen).values():
            painter.drawRect(QRectF(round(x) - HANDLE / 2, round(y) - HANDLE / 2, HANDLE, HANDLE))

    def _draw_label(self, painter: QPainter, shown: ShownBox, rect: QRectF) -> None:
        colour, plate = QColor(shown.colour), QColor(self.colours.plate)
        if self._away(rect, shown.box):
            painter.setPen(QPen(colour, 1.0))
            painter.drawLine(self._leader(rect, shown.box))
        if not shown.current:
            plate.setAlpha(205)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour if shown.current else plate)
        painter.drawRoundedRect(rect, 3.0, 3.0)
        painter.setPen(plate if shown.current else colour)
        text, _width = self._text(shown.label)
        painter.drawStaticText(QPointF(rect.x() + PADDING_X, rect.y() + PADDING_Y), text)

    def _away(self, rect: QRectF, box: Box) -> bool:
        x0, y0, x1, y1 = self._seen.rect_to_widget(box)
        near = QRectF(x0, y0, x1 - x0, y1 - y0).adjusted(-6.0, -6.0, 6.0, 6.0)
        return not near.intersects(rect)

    def _leader(self, rect: QRectF, box: Box) -> QLineF:
        """From a label to the nearest point of its box."""
        x0, y0, x1, y1 = self._seen.rect_to_widget(box)
        middle = rect.center()
        to = QPointF(min(max(middle.x(), x0), x1), min(max(middle.y(), y0), y1))
        start = QPointF(
            min(max(to.x(), rect.left()), rect.right()), min(max(to.y(), rect.top()), rect.bottom())
        )
        return QLineF(start, to)

    def _label_rect(self, i: int, shown: ShownBox, rect: Rect) -> QRectF:
        if self._layout is not None and shown.box != self.boxes[i].box:
            # A dragged box takes its label along; where it goes in the end is settled with the box.
            at = np.array([self._seen.rect_to_widget(shown.box)])
            rect = tuple(candidates(at, self._sizes([shown]))[0, self._layout.anchors[i]].tolist())
        ratio = self._seen.ratio
        x0, y0 = round(rect[0] * ratio) / ratio, round(rect[1] * ratio) / ratio
        return QRectF(x0, y0, rect[2] - rect[0], rect[3] - rect[1])

    def _text(self, label: str) -> tuple[QStaticText, float]:
        if label not in self._texts:
            text = QStaticText(label)
            text.setTextFormat(Qt.TextFormat.PlainText)
            self._texts[label] = (text, math.ceil(self._metrics.horizontalAdvance(label)))
        return self._texts[label]

    def _sizes(self, shown: Sequence[ShownBox]) -> Rects:
        height = math.ceil(self._metrics.height()) + 2 * PADDING_Y
        return np.array([(self._text(s.label)[1] + 2 * PADDING_X, height) for s in shown]).reshape(-1, 2)

    def _page_corner(self) -> tuple[float, float]:
        return self._seen.page[0] / self._seen.ratio, self._seen.page[1] / self._seen.ratio

    def _rects(self) -> Rects:
        rects = np.array([self._seen.rect_to_widget(s.box) for s in self.boxes]).reshape(-1, 4)
        shifted: Rects = rects - np.array(self._page_corner() * 2)
        return shifted

    def _scale(self) -> float:
        return math.hypot(self._seen.xx, self._seen.xy) / self._seen.ratio

    def _follow_zoom(self) -> None:
        layout = self._layout
        if layout is None:
            return
        scale, then = self._scale(), self._layout_scale
        if then and 1 / RELAYOUT < scale / then < RELAYOUT:
            kept = still_good(self._rects(), self._sizes(self.boxes), layout.anchors)
            if kept is not None:
                self._layout = kept
                return
        self._lay_out(layout.anchors)

    def _lay_out(self, previous: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        order = sorted(range(len(self.boxes)), key=lambda i: not self.boxes[i].current)
        rects = self._rects()
        self._layout = place(rects, self._sizes(self.boxes), np.array(order, np.int64), previous)
        self._layout_scale = self._scale()
        self.update()
