"""A reader's hands on the dialogs that the window opens."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QPushButton

from tests.journeys.review_driver import open_dialog
from tests.journeys.window_driver import PATIENCE_MS, Reader, in_turn, press_key

LEFT = Qt.MouseButton.LeftButton
D = TypeVar("D", bound=QDialog)


def asked(reader: Reader, keys: str, kind: type[D]) -> D:
    """The dialog that opens upon a key."""
    reader.key(keys)
    reader.qtbot.waitUntil(lambda: isinstance(open_dialog(), kind), timeout=PATIENCE_MS)
    dialog = open_dialog()
    assert isinstance(dialog, kind)
    return dialog


def click(button: QPushButton) -> None:
    assert button.isVisible()
    assert button.isEnabled(), button.text()
    QTest.mouseClick(button, LEFT, pos=button.rect().center())


def choose(button: QPushButton, path: Path) -> None:
    """Type a file or folder into Qt's own chooser, which the button opens."""

    def typed() -> bool:
        chooser = open_dialog()
        if not isinstance(chooser, QFileDialog):
            return False
        if not chooser.isActiveWindow():  # until then Enter goes to the window behind it
            chooser.activateWindow()
            return False
        name = chooser.findChild(QLineEdit, "fileNameEdit")
        assert name is not None
        name.setText(str(path))
        press_key(name, "Return")
        return True

    with in_turn(typed) as turns:
        click(button)
    assert not turns


def close(reader: Reader, dialog: QDialog, button: QPushButton) -> None:
    with reader.qtbot.waitSignal(dialog.finished, timeout=PATIENCE_MS):
        click(button)
    reader.window.activateWindow()  # which a screen does when a dialog closes
    reader.qtbot.waitUntil(reader.window.isActiveWindow, timeout=PATIENCE_MS)
