"""Asks for the reason of something that must not happen without one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.text_field import TextField


class ReasonDialog(QDialog):
    """`reason` is what was written, without blanks at its ends; it cannot be accepted empty.

    suggestions: reasons that are one click, or one letter with Alt, away.
    """

    def __init__(
        self,
        title: str,
        question: str,
        yes_label: str = "",
        suggestions: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        label = QLabel(question)
        label.setWordWrap(True)
        self.field = TextField(self.tr("Reason"))
        self.field.setMinimumWidth(360)
        self.field.setAccessibleName(self.tr("Reason"))
        label.setBuddy(self.field)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.yes = QPushButton(yes_label or title)
        self.yes.setProperty("strong", True)
        self.yes.setEnabled(False)
        buttons.addButton(self.yes, QDialogButtonBox.ButtonRole.AcceptRole)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(10)
        whole.addWidget(label)
        whole.addWidget(self.field)
        if suggestions:
            whole.addLayout(self._suggestions(suggestions))
        whole.addWidget(buttons)
        self.yes.setDefault(True)  # only once it is in the dialog, else Cancel becomes the default
        self.field.textChanged.connect(lambda _text: self.yes.setEnabled(bool(self.reason)))
        self.field.left.connect(self.reject)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def reason(self) -> str:
        return self.field.text().strip()

    def accept(self) -> None:
        if self.reason:
            super().accept()

    def _suggestions(self, suggestions: Sequence[str]) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        for text in suggestions:
            chip = QPushButton(text)
            chip.setProperty("chip", True)
            chip.setAutoDefault(False)
            chip.clicked.connect(lambda _=False, chosen=text: self.field.setText(chosen.replace("&", "")))
            row.addWidget(chip)
        row.addStretch(1)
        return row


def ask_reason(
    parent: QWidget | None, title: str, question: str, yes_label: str = "", suggestions: Sequence[str] = ()
) -> str:
    """The reason, or "" where the reader thought better of it."""
    dialog = ReasonDialog(title, question, yes_label, suggestions, parent)
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return dialog.reason if accepted else ""
