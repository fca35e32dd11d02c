"""The boxes and their labels, drawn over the picture in the coordinates of the viewport."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLineF, QPointF, QRectF, QTimer
from PySide6.QtGui import QFont, QFontInfo, QPainter

from annotator.domain.geometry import Box
from annotator.ui.box_drawing import (
    BREAK,
    DASH,
    HALO,
    HANDLE,
    LINE,
    LINE_CURRENT,
    CanvasColours,
    Drawing,
    LabelPictures,
)
from annotator.ui.joint_box import WORDINGS, BoxKey, ShownBox, handle_places
from annotator.ui.label_layout import Layout, Rects, candidates, follow, leaders, place
from annotator.ui.projection import Projection, Rect

SETTLED_MS = 200
"""After so long without a change of zoom all labels look for the best place again."""
SMALL_LABELS = 0.85
"""Size of the letters where labels are tight."""


class BoxLayer(pg.GraphicsObject):
    """Draws `ShownBox`es; while one is dragged, at the place that `preview` gives it."""

    def __init__(self, font: QFont, colours: CanvasColours, seen: Projection) -> None:
        super().__init__()
        self.boxes: list[ShownBox] = []
        self._colours = colours
        small = QFont(font)
        small.setPixelSize(round(QFontInfo(font).pixelSize() * SMALL_LABELS))
        whole, less = LabelPictures(font, colours), LabelPictures(small, colours)
        self._letters = (whole, whole, less, less)
        self._wording = 0
        self._worded: list[Rect] = []
        self._seen = seen
        self._extent = QRectF()
        self._hovered: BoxKey | None = None
        self._preview: tuple[BoxKey, Box] | None = None
        self._draft: Box | None = None
        self._layout: Layout | None = None
        self._rects: list[Rect] = []
        self._handles_shown = True
        self._drawing: Drawing | None = None
        self._settled = QTimer(self, singleShot=True, interval=SETTLED_MS)
        self._settled.timeout.connect(lambda: self.lay_out(anew=True))

    def set_boxes(self, boxes: Sequence[ShownBox]) -> None:
        known = {shown.key: i for i, shown in enumerate(self.boxes)}
        self.boxes = list(boxes)
        if self._layout is not None:
            kept = [known.get(shown.key, -1) for shown in boxes]
            self._layout = self._layout.of(kept)
        if self._preview and self._preview[0] not in {shown.key for shown in boxes}:
            self._preview = None
        self.lay_out()

    def look_at(self, seen: Projection, extent: QRectF) -> None:
        if extent != self._extent:
            self.prepareGeometryChange()
            self._extent = extent
        before, self._seen = self._seen, seen
        if _turn(before) != _turn(seen):
            self.lay_out()
        elif _scale(before) != _scale(seen):
            self._follow_zoom()
        self.update()

    def lay_out(self, *, anew: bool = False) -> None:
        """Looks for the best places of all labels; they keep theirs unless another is clearly better.

        All take the longest wording in which each label is whole and clearly that of its box; where there
        is none, the shortest of those in which the most are. anew: also where no box has moved; for longer
        words they leave their places.
        """
        previous = self._layout.anchors if self._layout is not None else None
        x0, y0, x1, y1 = self._seen.page
        page = (x1 - x0) / self._seen.ratio, (y1 - y0) / self._seen.ratio
        boxes, best = self._measured(), -1
        # While no box moves the wording stays, and labels that are clear stay where they are.
        unmoved = not anew and sorted(self._rects) == self._worded
        if unmoved and self.boxes and self._layout is not None:
            stayed = follow(
                boxes, self._sizes(self.boxes, self._wording), self._order(), self._layout.anchors
            )
            if stayed.clear.all():
                self._layout = stayed
                if self._wording:
                    self._settled.start()  # shorter words may leave room for longer names
                self._redraw()
                return
        first, before = self._wording if unmoved else 0, self._wording
        self._worded = sorted(self._rects)
        for wording in range(first, WORDINGS):
            sizes = self._sizes(self.boxes, wording)
            found = place(boxes, sizes, self._order(), previous, page)
            if anew and wording < before and not found.clear.all():
                fresh = place(boxes, sizes, self._order(), None, page)
                found = fresh if fresh.clear.all() else found
            clear = int(found.clear.sum())
            if clear >= best:
                best, self._wording, self._layout = clear, wording, found
            if clear == len(self.boxes):
                break
        self._redraw()

    def preview(self, key: BoxKey, box: Box) -> None:
        """Shows a box somewhere else, until `settle`."""
        self._preview = (key, box)
        self._redraw()

    def settle(self, keep: bool) -> None:
        """Ends a preview: the box stays where it was shown, or goes back."""
        if self._preview is None:
            return
        key, box = self._preview
        self._preview = None
        if keep:
            self.set_boxes([replace(s, box=box) if s.key == key else s for s in self.boxes])
        self._redraw()

    def draft(self, box: Box | None) -> None:
        """A box that is being drawn and has no name yet."""
        self._draft = box
        self._redraw()

    def hover(self, key: BoxKey | None) -> None:
        if key != self._hovered:
            self._hovered = key
            self._redraw()

    def show_handles(self, shown: bool) -> None:
        self._handles_shown, self._hovered = shown, None
        self._redraw()

    @property
    def label_rects(self) -> dict[BoxKey, Rect]:
        """Widget pixels; labels that found no place are missing."""
        ratio = self._seen.ratio
        left, top = self._seen.page[0] / ratio, self._seen.page[1] / ratio
        placed = {}
        for i in range(len(self.boxes)):
            shown = self._shown(i)
            if self._layout is not None and self._layout.placed[i]:
                x0, y0, x1, y1 = self._label_rect(i, shown)
                placed[shown.key] = (x0 + left, y0 + top, x1 + left, y1 + top)
        return placed

    def boundingRect(self) -> QRectF:
        return self._extent

    def paint(self, painter: QPainter, *_unused: object) -> None:
        if self._drawing is None:
            self._drawing = self._drawn()
        painter.save()
        painter.scale(1.0 / self._seen.ratio, 1.0 / self._seen.ratio)
        painter.translate(self._seen.page[0], self._seen.page[1])
        self._drawing.paint(painter, self._colours)
        painter.restore()

    def _redraw(self) -> None:
        self._drawing = None
        self.update()

    def _drawn(self) -> Drawing:
        drawing = Drawing()
        placed = self._layout.placed.tolist() if self._layout else [False] * len(self.boxes)
        for i in reversed(self._order()):  # the current box lies on top of its neighbours
            shown = self._shown(i)
            rect = self._rects[i] if shown is self.boxes[i] else self._rect(shown.box)
            line = LINE_CURRENT if shown.current else LINE
            self._add_frame(drawing, rect, shown.colour, line, shown.dashed)
            if self._handles_shown and shown.editable and (shown.current or shown.key == self._hovered):
                self._add_handles(drawing, shown)
            if placed[i]:
                self._add_label(drawing, i, shown, rect)
        if self._draft is not None:
            self._add_frame(drawing, self._rect(self._draft), self._colours.draft, LINE, dashed=False)
        return drawing

    def _shown(self, i: int) -> ShownBox:
        shown = self.boxes[i]
        if self._preview and self._preview[0] == shown.key:
            return replace(shown, box=self._preview[1])
        return shown

    def _rect(self, box: Box) -> Rect:
        """Widget pixels from the page's corner."""
        x0, y0, x1, y1 = _on_page(np.array([box.corners]), self._seen)[0].tolist()
        return x0, y0, x1, y1

    def _add_handles(self, drawing: Drawing, shown: ShownBox) -> None:
        ratio, (left, top) = self._seen.ratio, self._seen.page[:2]
        for x, y in handle_places(shown.box, self._seen).values():
            at = (x * ratio - left, y * ratio - top)
            drawing.add_handle(*at, self._whole(HANDLE), shown.colour, self._whole(HALO))

    def _add_frame(self, drawing: Drawing, rect: Rect, colour: str, line: int, dashed: bool) -> None:
        ratio = self._seen.ratio
        on_screen = (rect[0] * ratio, rect[1] * ratio, rect[2] * ratio, rect[3] * ratio)
        width, halo = self._whole(line), self._whole(HALO)
        if dashed:
            drawing.add_dashed_box(on_screen, colour, width, halo, self._whole(DASH), self._whole(BREAK))
        else:
            drawing.add_box(on_screen, colour, width, halo)

    def _add_label(self, drawing: Drawing, i: int, shown: ShownBox, box: Rect) -> None:
        rect, ratio = self._label_rect(i, shown), self._seen.ratio
        if self._layout is not None and self._layout.led[i]:
            start, end = leaders(np.array(rect) * ratio, np.array(box) * ratio)
            drawing.leaders.append((shown.colour, QLineF(*start, *end)))
        at = QPointF(round(rect[0] * ratio), round(rect[1] * ratio))
        text, letters = shown.wording(self._wording), self._letters[self._wording]
        drawing.labels.append((at, letters.picture(text, shown.colour, shown.current, shown.dashed, ratio)))

    def _label_rect(self, i: int, shown: ShownBox) -> Rect:
        """Widget pixels from the page's corner. A dragged box takes its label along."""
        if self._layout is None or shown is self.boxes[i]:
            rects: Rects = self._layout.rects[i] if self._layout else np.zeros(4)
        else:
            at = np.array([self._rect(shown.box)])
            rects = candidates(at, self._sizes([shown], self._wording))[0, self._layout.anchors[i]]
        x0, y0, x1, y1 = rects.tolist()
        return x0, y0, x1, y1

    def _sizes(self, shown: Sequence[ShownBox], wording: int) -> Rects:
        letters = self._letters[wording]
        sizes = [(letters.width(s.wording(wording)), letters.height) for s in shown]
        return np.array(sizes, np.float64).reshape(-1, 2)

    def _whole(self, widget_pixels: int) -> int:
        return max(1, round(widget_pixels * self._seen.ratio))

    def _follow_zoom(self) -> None:
        """While the zoom changes labels stay at their places, but for those that would hide something."""
        if self._layout is not None and self.boxes:
            sizes, anchors = self._sizes(self.boxes, self._wording), self._layout.anchors
            self._layout = follow(self._measured(), sizes, self._order(), anchors)
            self._settled.start()
        self._redraw()

    def _measured(self) -> Rects:
        """Where the boxes lie now: widget pixels from the page's corner."""
        corners = np.array([shown.box.corners for shown in self.boxes], np.float64).reshape(-1, 4)
        rects = _on_page(corners, self._seen)
        self._rects = [(x0, y0, x1, y1) for x0, y0, x1, y1 in rects.tolist()]
        return rects

    def _order(self) -> list[int]:
        return sorted(range(len(self.boxes)), key=lambda i: not self.boxes[i].current)


def _turn(seen: Projection) -> tuple[tuple[int, int], tuple[int, int]]:
    return seen.screen_direction(1, 0), seen.screen_direction(0, 1)


def _scale(seen: Projection) -> tuple[float, ...]:
    return seen.xx, seen.xy, seen.yx, seen.yy, seen.ratio


def _on_page(corners: Rects, seen: Projection) -> Rects:
    """Image pixels [N, 4] to widget pixels from the page's corner [N, 4]."""
    x, y = corners[:, 0::2], corners[:, 1::2]
    u = (seen.xx * x + seen.xy * y + seen.left - seen.page[0]) / seen.ratio
    v = (seen.yx * x + seen.yy * y + seen.top - seen.page[1]) / seen.ratio
    return np.stack([u.min(axis=1), v.min(axis=1), u.max(axis=1), v.max(axis=1)], axis=1)
