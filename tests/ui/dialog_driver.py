"""A dialog in front of its reader."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

Shown = TypeVar("Shown", bound=QDialog)


def in_front(qtbot: QtBot, dialog: Shown) -> Shown:
    """Shown as its owner would, and active."""
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog
