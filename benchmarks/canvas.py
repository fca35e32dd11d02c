"""The canvas: window and level, pan and zoom, beside a plain pyqtgraph ImageItem in the same run.

2010 x 1670 stored values of 10 bit in a 1600 x 1000 viewport with 20 labelled boxes. A frame is one
change and one full repaint of the viewport; both candidates are repainted in the same way, turn about.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable
from datetime import date

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from annotator.domain.geometry import Box
from annotator.domain.joints import BOX_SIDE, JOINTS, TEMPLATE, Joint, Side
from annotator.imaging.display import DisplayChain, Look, Rescale, Window
from annotator.imaging.radiograph import Facts, Identity, Radiograph
from annotator.ui.radiograph_view import RadiographView, ShownBox
from benchmarks.table import Row

WIDTH, HEIGHT, BITS = 2010, 1670, 10
VIEW = (1600, 1000)
FRAMES, WARM_UP = 240, 20


def measure() -> list[Row]:
    """Needs no QApplication, and uses one that is there."""
    app = QApplication.instance() or QApplication([])
    ours, plain = _our_view(), _PlainView()
    app.processEvents()
    level, plain_level = _interleaved(_our_levels(ours), plain.level)
    ours.fit()
    pan, plain_pan = _interleaved(_our_pans(ours), plain.pan)
    ours.fit()
    zoom, plain_zoom = _interleaved(_our_zooms(ours), plain.zoom)
    rows = [
        Row("window/level drag, p95", level, "ms", 8.0, f"pyqtgraph {plain_level:.1f} ms"),
        Row("window/level drag, share of pyqtgraph's", level / plain_level, "", 0.65),
        Row("pan step, p95", pan, "ms", 6.0, f"pyqtgraph {plain_pan:.1f} ms, unfiltered"),
        Row("zoom step, p95", zoom, "ms", 6.0, f"pyqtgraph {plain_zoom:.1f} ms, unfiltered"),
    ]
    ours.close()
    plain.view.close()
    return rows


def _interleaved(*candidates: Callable[[int], None]) -> list[float]:
    """p95 in milliseconds of each candidate's frames."""
    times: list[list[float]] = [[] for _ in candidates]
    for i in range(FRAMES + WARM_UP):
        for candidate, spent in zip(candidates, times, strict=True):
            start = time.perf_counter()
            candidate(i)
            spent.append((time.perf_counter() - start) * 1e3)
    return [float(np.percentile(spent[WARM_UP:], 95)) for spent in times]


def _our_levels(view: RadiographView) -> Callable[[int], None]:
    def step(i: int) -> None:
        view.set_look(Look(Window(500 + 200 * math.sin(i / 20), 700 + 200 * math.cos(i / 15))))
        view.viewport().repaint()

    return step


def _our_pans(view: RadiographView) -> Callable[[int], None]:
    """In circles over the image at 1:1, where the viewport is full of it."""
    view.one_to_one()

    def step(i: int) -> None:
        view.pan_by(round(12 * math.sin(i / 25)), round(9 * math.cos(i / 25)))
        view.viewport().repaint()

    return step


def _our_zooms(view: RadiographView) -> Callable[[int], None]:
    """In and out between the fitted image and twice 1:1, at a pointer beside the middle."""

    def step(i: int) -> None:
        view.zoom_by(1.05 if i // 24 % 2 == 0 else 1 / 1.05, QPointF(700, 450))
        view.viewport().repaint()

    return step


def _our_view() -> RadiographView:
    view = RadiographView()
    view.resize(*VIEW)
    view.show()
    view.show_radiograph(_radiograph(), Look(Window(500, 800)), keep_view=False)
    view.set_boxes([ShownBox(joint, box, f"{joint} ✓", "#79d385") for joint, box in _boxes().items()])
    view.set_corner_texts(["K-015 · visit 1 · 2015-03", "PA · 2010 × 1670 · 10 bit"], ["zoom 59 %"])
    return view


class _PlainView:
    """What pyqtgraph gives: ImageItem, RectROI and TextItem in a ViewBox; nearest neighbour, not filtered."""

    def __init__(self) -> None:
        self.view = pg.GraphicsView(background="#000000")
        self.view.resize(*VIEW)
        self._box = pg.ViewBox(lockAspect=True, invertY=True, enableMenu=False)
        self.view.setCentralItem(self._box)
        self._image = pg.ImageItem(_values(), axisOrder="row-major", levels=(100, 900))
        self._box.addItem(self._image)
        for joint, box in _boxes().items():
            self._box.addItem(pg.RectROI((box.x0, box.y0), (box.width, box.height), pen="#79d385"))
            text = pg.TextItem(f"{joint} ✓", color="#79d385", anchor=(0, 1))
            text.setPos(box.x0, box.y0)
            self._box.addItem(text)
        self.view.show()
        self._box.setRange(xRange=(0, WIDTH), yRange=(0, HEIGHT), padding=0.01)

    def level(self, i: int) -> None:
        centre, width = 500 + 200 * math.sin(i / 20), 700 + 200 * math.cos(i / 15)
        self._image.setLevels((centre - width / 2, centre + width / 2))
        self.view.viewport().repaint()

    def pan(self, i: int) -> None:
        self._box.translateBy(x=12 * math.sin(i / 25), y=9 * math.cos(i / 25))
        self.view.viewport().repaint()

    def zoom(self, i: int) -> None:
        step = 1 / 1.05 if i // 24 % 2 == 0 else 1.05
        self._box.scaleBy((step, step), center=(900, 750))
        self.view.viewport().repaint()


def _values() -> NDArray[np.uint16]:
    """uint16 [HEIGHT, WIDTH]: grain over a slow pattern, so that no shortcut of equal pixels helps."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    slow = 450 + 300 * np.sin(x / 180) * np.cos(y / 150)
    grain = np.random.default_rng(1).normal(0.0, 25.0, (HEIGHT, WIDTH))
    values: NDArray[np.uint16] = np.clip(slow + grain, 0, 2**BITS - 1).astype(np.uint16)
    return values


def _radiograph() -> Radiograph:
    chain = DisplayChain(BITS, False, 0, Rescale(), (Window(512, 1024),), (), inverted=False)
    facts = Facts(
        rows=HEIGHT,
        columns=WIDTH,
        bits_stored=BITS,
        sop_instance_uid="2.25.1",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.1",
        transfer_syntax="1.2.840.10008.1.2.1",
        photometric="MONOCHROME2",
        modality="CR",
        view="PA",
        laterality="B",
        spacing=None,
        pixel_aspect=1.0,
        study_date=date(2015, 3, 1),
        acquisition_date=None,
        identity=Identity("", "", ""),
        manufacturer="",
        model="",
        chain=chain,
    )
    return Radiograph(facts, _values(), "", "")


def _boxes() -> dict[Joint, Box]:
    """Two hands as the template has them, so the MP boxes of neighbours overlap as in life."""
    unit, boxes = 248.0, {}
    for joint in JOINTS:
        across, along = TEMPLATE[joint.row, joint.digit]
        outward, wrist = (-1, 500) if joint.side is Side.RIGHT else (1, 1500)
        centre = (wrist + outward * across * unit, 900 - along * unit)
        boxes[joint] = Box.around(centre, BOX_SIDE * unit, BOX_SIDE * unit)
    return boxes


if __name__ == "__main__":
    for row in measure():
        print(f"{row.what:42} {row.value:6.2f} {row.unit:3} target {row.target}  {row.baseline}")
