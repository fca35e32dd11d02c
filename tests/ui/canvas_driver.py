"""Drives a real RadiographView with real mouse events, in image coordinates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from annotator.domain.geometry import Box, Point
from annotator.domain.joints import BOX_SIDE, JOINTS, TEMPLATE, Joint, Side, joint_named
from annotator.imaging.display import DisplayChain, Look, Rescale, Window
from annotator.imaging.radiograph import Facts, Identity, Radiograph
from annotator.ui.joint_box import BoxKey
from annotator.ui.projection import Rect
from annotator.ui.radiograph_view import RadiographView, ShownBox

LOOK = Look(Window(512.0, 1024.0))
LEFT, RIGHT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton
SHIFT = Qt.KeyboardModifier.ShiftModifier
BOX = Box(360.25, 270.5, 440.25, 330.5)
"""In the middle of what `view` shows."""
PIP3, MP2, MP3 = joint_named("R-PIP3"), joint_named("R-MP2"), joint_named("R-MP3")


def grain(height: int = 600, width: int = 800) -> NDArray[np.uint16]:
    """uint16 [H, W] of 10 bit, no two neighbours alike."""
    return np.random.default_rng(7).integers(0, 1024, (height, width)).astype(np.uint16)


def radiograph(values: NDArray[np.uint16], aspect: float = 1.0, inverted: bool = False) -> Radiograph:
    chain = DisplayChain(10, False, 0, Rescale(), (Window(512.0, 1024.0),), (), inverted)
    facts = Facts(
        *values.shape, 10, "2.25.1", "2.25.2", "2.25.3", "MONOCHROME2", "CR", "PA", "B", None, aspect,
        None, None, Identity("", "", ""), "", "", chain,
    )  # fmt: skip
    return Radiograph(facts, values, "", "")


def shown(joint: Joint | None, box: Box, **more: Any) -> ShownBox:
    return ShownBox(joint, box, f"{joint} ✓", "#79d385", **more)


def two_hands(unit: float = 248.0) -> list[ShownBox]:
    """The 20 joints of the template on a page of 2010 x 1670; MP boxes of neighbours overlap."""
    boxes = []
    for joint in JOINTS:
        across, along = TEMPLATE[joint.row, joint.digit]
        outward, wrist = (-1, 500) if joint.side is Side.RIGHT else (1, 1500)
        centre = (wrist + outward * across * unit, 900 - along * unit)
        boxes.append(shown(joint, Box.around(centre, BOX_SIDE * unit, BOX_SIDE * unit)))
    return boxes


def box_of(view: RadiographView, key: BoxKey) -> Box:
    return next(s.box for s in view.box_layer.boxes if s.key == key)


def place(view: RadiographView, point: Point) -> QPoint:
    """The widget pixel at an image point."""
    return view.image_to_widget(point).toPoint()


def press(view: RadiographView, at: QPoint, button: Qt.MouseButton = LEFT, keys: Any = None) -> None:
    QTest.mousePress(view.viewport(), button, keys or Qt.KeyboardModifier.NoModifier, at)


def move(view: RadiographView, at: QPoint) -> None:
    QTest.mouseMove(view.viewport(), at)


def release(view: RadiographView, at: QPoint, button: Qt.MouseButton = LEFT, keys: Any = None) -> None:
    QTest.mouseRelease(view.viewport(), button, keys or Qt.KeyboardModifier.NoModifier, at)


def drag(
    view: RadiographView, start: QPoint, end: QPoint, button: Qt.MouseButton = LEFT, keys: Any = None
) -> None:
    press(view, start, button, keys)
    for step in (0.3, 0.7, 1.0):
        move(view, start + (QPointF(end - start) * step).toPoint())
    release(view, end, button, keys)


def click(view: RadiographView, point: Point, button: Qt.MouseButton = LEFT) -> None:
    QTest.mouseClick(view.viewport(), button, Qt.KeyboardModifier.NoModifier, place(view, point))


def double_click(view: RadiographView, at: QPoint) -> None:
    QTest.mouseDClick(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at)
    release(view, at)


def wheel(view: RadiographView, at: QPoint, notches: int, keys: Any = None) -> None:
    viewport = view.viewport()
    event = QWheelEvent(
        QPointF(at), QPointF(viewport.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, keys or Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def rest(view: RadiographView, point: Point) -> None:
    """The pointer stays on an image point until a tip is due."""
    at = place(view, point)
    QApplication.sendEvent(
        view.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, view.viewport().mapToGlobal(at))
    )


def label_gap(label: Rect, box: Rect) -> float:
    """Widget pixels between the two, 0 where they meet."""
    across, down = (
        max(box[0] - label[2], label[0] - box[2], 0.0),
        max(box[1] - label[3], label[1] - box[3], 0.0),
    )
    return float(np.hypot(across, down))


@contextmanager
def recorded(signal: Any) -> Iterator[list[Any]]:
    """What a signal carried: values of one argument, tuples of more."""
    heard: list[Any] = []

    def hear(*values: Any) -> None:
        heard.append(values[0] if len(values) == 1 else values)

    signal.connect(hear)
    yield heard
    signal.disconnect(hear)


def greys(view: RadiographView) -> NDArray[np.uint8]:
    """uint8 [H, W, 3] of what the viewport shows."""
    picture = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    flat = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
    return flat[:, : 3 * picture.width()].reshape(picture.height(), picture.width(), 3).copy()
