"""A reader's hands on the real window: mouse events in image coordinates, and keys."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QPoint, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
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

PATIENCE_MS = 30_000
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
        """Click the image's line of the worklist, and wait for it."""
        with self.qtbot.waitSignal(self.window.sitting.desk.opened):
            click_line(self.window, image_id)

    def truth(self) -> dict[Joint, tuple[Box, tuple[Finding, ...]]]:
        """What is drawn on the open radiograph."""
        image = self.window.sitting.desk.image
        assert image is not None
        written = json.loads(Path(image.file.path).with_suffix(".json").read_text())
        return {
            joint_named(joint["name"]): (Box(*joint["box"]), tuple(map(Finding, joint["findings"])))
            for joint in written["joints"]
        }


def click_line(window: MainWindow, image_id: int) -> None:
    lines = window.worklist.list
    index = window.worklist.model.index_of(image_id)
    lines.scrollTo(index)
    left = Qt.MouseButton.LeftButton
    QTest.mouseClick(lines.viewport(), left, NONE, lines.visualRect(index).center())


def press_key(target: QWidget, text: str) -> None:
    """A key press and release, as QKeySequence writes it."""
    combination = QKeySequence(text)[0]
    QTest.keyClick(target, combination.key(), combination.keyboardModifiers())


@contextmanager
def in_turn(*steps: Callable[[], bool]) -> Iterator[deque[Callable[[], bool]]]:
    """Steps made one after the other while Qt's event loop runs, each as soon as it can be: until then it
    returns False. When one fails or does not come about, everything is closed, so that the loop ends."""
    turns, patience = deque(steps), QElapsedTimer()

    def next_step() -> None:
        timer.start()  # anew: Qt lets no timer fire inside its own slot, where a dialog may be waiting
        if patience.hasExpired(PATIENCE_MS):
            timer.stop()
            QApplication.closeAllWindows()
            QApplication.quit()
        elif turns:
            step = turns.popleft()  # before it is made: it may open a dialog, in which the next one is made
            if step():
                patience.restart()
            else:
                turns.appendleft(step)

    timer = QTimer(interval=20)
    timer.timeout.connect(next_step)
    patience.start()
    timer.start()
    yield turns
    timer.stop()


@contextmanager
def reader_at(
    data: Path, qtbot: QtBot, name: str = "Dr. A", settings: Settings | None = None
) -> Iterator[Reader]:
    """Start on a data folder, sign in, and wait for the first image; the window is closed at the end."""
    with sit_down(data, name, Role.READER) as desk:
        window = MainWindow(desk.sitting, desk.house.jobs, settings or Settings(), data / "window.ini")
        said = Recorder().listen(window.messages)
        window.resize(1500, 950)
        try:
            with (
                qtbot.waitSignals([desk.sitting.desk.opened], timeout=PATIENCE_MS),
                qtbot.waitExposed(window, timeout=PATIENCE_MS),
            ):
                window.show()
            yield Reader(window, said, qtbot)
        finally:  # a window that stays open takes the keys of every test after this one
            window.close()
            window.deleteLater()
