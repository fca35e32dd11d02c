"""Dialogs that are open while what they asked for goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtWidgets import QDialog

T = TypeVar("T")


def while_open(dialog: QDialog, told: Callable[[T], object]) -> Callable[[T], None]:
    """Tells a dialog what came of its question, unless it was closed meanwhile."""
    closed: list[int] = []
    dialog.finished.connect(closed.append)

    def tell(answer: T) -> None:
        if not closed:
            told(answer)

    return tell


def show_beside(dialog: QDialog) -> None:
    """No second event loop: it may come while another one is answered. It is gone once it is closed."""
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
