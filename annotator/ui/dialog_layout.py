"""How the larger dialogs are laid out: a column with air around it, and a row of buttons at its foot."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout

MARGIN, SPACING = 16, 12


def dialog_column(dialog: QDialog) -> QVBoxLayout:
    """The layout of the whole dialog."""
    column = QVBoxLayout(dialog)
    column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
    column.setSpacing(SPACING)
    return column


def button_row(*buttons: QPushButton) -> QHBoxLayout:
    """The last one, which closes, stands apart on the right. Enter presses none that has not the focus."""
    row = QHBoxLayout()
    for button in buttons:
        button.setAutoDefault(False)
        row.addWidget(button)
    row.insertStretch(len(buttons) - 1, 1)
    return row
