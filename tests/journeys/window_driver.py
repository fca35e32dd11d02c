"""A reader's hands on the real window: mouse events in image coordinates, and keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from annotator.domain.annotations import Reading
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box, Point
from annotator.domain.joints import Joint, joint_named
from annotator.domain.people import Role
from annotator.settings import Settings
from annotator.ui.main_window import MainWindow
from annotator.ui.messages import Recorder
from tests.study_fixtures import sit_down

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@dataclass(frozen=True)
class Reader:
    """Somebody in front of the window."""

    window: MainWindow
    said: Recorder
    qtbot: QtBot

    @property
    def reading(self) -> Reading:
        reading = self.window.sitting.desk.reading
        assert reading is not None
        return reading

    @property
    def current(self) -> Joint | None:
        return self.window.sitting.desk.current

    def at(self, point: Point) -> QPoint:
        """Where a point of the image lies on the view, to the pixel."""
        return self.window.view.image_to_widget(point).toPoint()

    def drag(self, start: Point, end: Point, keys: Qt.KeyboardModifier = NONE) -> None:
        """The left mouse button from one point of the image to another."""
        view, left = self.window.view.viewport(), Qt.MouseButton.LeftButton
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        QTest.mouseMove(view, self.at(start))
        QTest.mousePress(view, left, keys, self.at(start))
        for point in (middle, end):
            QTest.mouseMove(view, self.at(point))
        QTest.mouseRelease(view, left, keys, self.at(end))

    def box(self, box: Box) -> None:
        """Draw a box; with Shift, since it may begin on another one."""
        self.drag((box.x0, box.y0), (box.x1, box.y1), SHIFT)

    def click(self, point: Point) -> None:
        QTest.mouseClick(self.window.view.viewport(), Qt.MouseButton.LeftButton, NONE, self.at(point))

    def key(self, text: str, widget: QWidget | None = None) -> None:
        """A key such as "A", "Shift+Return" or "Ctrl+Z", to the radiograph or to another widget."""
        target = widget or self.window.view
        target.setFocus()
        press_key(target, text)

    def open(self, image_id: int) -> None:
        with self.qtbot.waitSignal(self.window.sitting.desk.opened):
            self.window.sitting.open(image_id)

    def truth(self) -> dict[Joint, tuple[Box, tuple[Finding, ...]]]:
        """What is drawn on the open radiograph."""
        image = self.window.sitting.desk.image
        assert image is not None
        written = json.loads(Path(image.file.path).with_suffix(".json").read_text())
        return {
            joint_named(joint["name"]): (Box(*joint["box"]), tuple(map(Finding, joint["findings"])))
            for joint in written["joints"]
        }


def press_key(target: QWidget, text: str) -> None:
    """A key press and release, as QKeySequence writes it."""
    combination = QKeySequence(text)[0]
    QTest.keyClick(target, combination.key(), combination.keyboardModifiers())


@contextmanager
def reader_at(
    data: Path, qtbot: QtBot, name: str = "Dr. A", settings: Settings | None = None
) -> Iterator[Reader]:
    """Start on a data folder, sign in, and wait for the first image; the window is closed at the end."""
    with sit_down(data, name, Role.READER) as desk:
        window = MainWindow(desk.sitting, desk.house.jobs, settings or Settings(), data / "window.ini")
        said = Recorder().listen(window.messages)
        window.resize(1500, 950)
        with qtbot.waitSignals([desk.sitting.desk.opened]), qtbot.waitExposed(window):
            window.show()
        yield Reader(window, said, qtbot)
        window.close()
        window.deleteLater()
