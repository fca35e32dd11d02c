"""Asks for a comment of several lines."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.sheet_header import set_tone


class CommentDialog(QDialog):
    """`comment` is what was written, without blanks at its ends; it may be empty. Ctrl+Enter keeps it."""

    def __init__(self, title: str, before: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.field = QPlainTextEdit(before)
        self.field.setTabChangesFocus(True)
        self.field.setMinimumSize(420, 140)
        self.field.setAccessibleName(title)
        hint = QLabel(self.tr("Ctrl+Enter keeps it, Esc leaves it as it was."))
        set_tone(hint, "muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.yes = QPushButton(self.tr("Keep"))
        self.yes.setProperty("strong", True)
        buttons.addButton(self.yes, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(10)
        for widget in (self.field, hint, buttons):
            whole.addWidget(widget)
        self.yes.setDefault(True)  # only once it is in the dialog, else Cancel becomes the default
        self.field.selectAll()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def comment(self) -> str:
        return self.field.toPlainText().strip()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The field lets Ctrl+Enter go, which no button takes."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.accept()
            return
        super().keyPressEvent(event)


def ask_comment(parent: QWidget | None, title: str, before: str) -> str | None:
    """What was written, or None where the reader thought better of it."""
    dialog = CommentDialog(title, before, parent)
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return dialog.comment if accepted else None
