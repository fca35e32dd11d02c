"""Crops of joints, all at one scale: cut out once for a box, greyed again when the look changes."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from annotator.domain.geometry import Box, Point
from annotator.imaging.display import Look, lookup_table
from annotator.imaging.radiograph import Radiograph
from annotator.imaging.resample import Pyramid

MARGIN = 1.12
"""Side of a crop in units of the usual box."""
WIDEST = 2.0
"""A box beyond this many usual ones is cut rather than making every other crop small."""

_Key = tuple[Point, float, int, bool]
_GREY = QImage.Format.Format_Grayscale8


def span_of(boxes: Iterable[Box]) -> float:
    """Side in image pixels of the square that every crop shows: a little more than the usual box."""
    sides = [max(box.width, box.height) for box in boxes]
    if not sides:
        return 1.0
    usual = median(sides)
    return max(usual * MARGIN, min(max(sides), usual * WIDEST))


class Crops:
    """The crops of one radiograph, by the centre of the box, the span and the size on the screen.

    pyramid: of the radiograph's values, where there is one already; it makes cutting out faster.
    """

    def __init__(self, radiograph: Radiograph, pyramid: Pyramid | None = None) -> None:
        self.radiograph = radiograph
        self._pyramid = pyramid
        self._cut: dict[_Key, NDArray[np.uint16]] = {}
        self._images: dict[_Key, QImage] = {}
        self._look: Look | None = None
        self._table: NDArray[np.uint8] = np.zeros(1, np.uint8)

    def set_look(self, look: Look) -> None:
        if look != self._look:
            self._look = look
            self._table = lookup_table(self.radiograph.facts.chain, look)
            self._images.clear()

    def image(self, box: Box, span: float, pixels: int, mirrored: bool) -> QImage:
        """Grey, pixels x pixels: the square of this span around the centre of the box.

        The same QImage as before, as long as nothing of it has changed.
        """
        key = (box.centre, span, pixels, mirrored)
        if key not in self._images:
            grey = self._table[self._values(key)]
            self._images[key] = QImage(grey.data, pixels, pixels, pixels, _GREY).copy()
        return self._images[key]

    def forget_old(self, kept: int = 128) -> None:
        """Forget the oldest crops beyond this many."""
        for key in list(self._cut)[: max(0, len(self._cut) - kept)]:
            del self._cut[key]
            self._images.pop(key, None)

    def _values(self, key: _Key) -> NDArray[np.uint16]:
        if key not in self._cut:
            (x, y), span, pixels, mirrored = key
            if self._pyramid is None:
                self._cut[key] = _cut_out(self.radiograph.values, *key)
            else:
                square = (x - span / 2, y - span / 2, x + span / 2, y + span / 2)
                self._cut[key] = self._pyramid.render(square, pixels, pixels, mirrored=mirrored)
        return self._cut[key]


def _cut_out(
    values: NDArray[np.uint16], centre: Point, span: float, pixels: int, mirrored: bool
) -> NDArray[np.uint16]:
    """uint16 [pixels, pixels]. Only the neighbourhood goes into the pyramid, so a crop costs microseconds."""
    height, width = values.shape
    left, top = centre[0] - span / 2, centre[1] - span / 2
    x0, y0 = (min(max(int(v) - 2, 0), end - 1) for v, end in ((left, width), (top, height)))
    x1, y1 = (
        min(max(int(v + span) + 3, start + 1), end)
        for v, start, end in ((left, x0, width), (top, y0, height))
    )
    near = Pyramid(values[y0:y1, x0:x1])
    return near.render(
        (left - x0, top - y0, left - x0 + span, top - y0 + span), pixels, pixels, mirrored=mirrored
    )
