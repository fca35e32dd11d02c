"""Two small forms: a new study, and where a moved folder is now."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.revealing import RevealPolicy
from annotator.ui.choosing import choose_folder
from annotator.ui.study_policy_dialog import policy_meaning, policy_word


class StudyDialog(QDialog):
    """Asks for the name of a study, the letters of its patient codes, and when proposals are shown.

    may_choose: whether who makes it has a say in the last one.
    """

    def __init__(self, parent: QWidget | None = None, *, may_choose: bool = True) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("New study"))
        self._name, self._prefix = QLineEdit(), QLineEdit("K")
        self._prefix.setMaxLength(8)
        self._name.setMinimumWidth(280)
        form = QFormLayout()
        form.addRow(self.tr("&Name of the study"), self._name)
        form.addRow(self.tr("&Letters of its patient codes"), self._prefix)
        self._example = QLabel()
        self._example.setProperty("tone", "muted")
        form.addRow("", self._example)
        self._policy = QComboBox()
        for place, policy in enumerate(RevealPolicy):
            self._policy.addItem(policy_word(policy), policy)
            self._policy.setItemData(place, policy_meaning(policy), Qt.ItemDataRole.ToolTipRole)
        self._policy.setEnabled(may_choose)
        if not may_choose:
            self._policy.setToolTip(self.tr("An administrator can change it."))
        form.addRow(self.tr("Readers see &proposals"), self._policy)
        self._buttons = _buttons(self, self.tr("Create"))
        for field in (self._name, self._prefix):
            field.textChanged.connect(self._check)
        _lay_out(self, form, self._buttons)
        self._check()

    @property
    def name(self) -> str:
        return self._name.text().strip()

    @property
    def prefix(self) -> str:
        return self._prefix.text().strip().upper()

    @property
    def policy(self) -> RevealPolicy:
        return RevealPolicy(self._policy.currentData())

    def _check(self) -> None:
        good = self.prefix.isascii() and self.prefix.isalpha()
        self._example.setText(
            f"{self.prefix}-001, {self.prefix}-002 …" if good else self.tr("1 to 8 letters")
        )
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(bool(self.name) and good)


class RelocateDialog(QDialog):
    """Asks where files were when they were imported, and where they are now."""

    def __init__(self, old: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Relocate"))
        self._old, self._new = QLineEdit(old), QLineEdit()
        self._new.setMinimumWidth(420)
        browse = QPushButton(self.tr("&Browse…"))
        browse.clicked.connect(self._browse)
        now = QHBoxLayout()
        now.addWidget(self._new, 1)
        now.addWidget(browse)
        form = QFormLayout()
        form.addRow(self.tr("Folder when &imported"), self._old)
        where = QLabel(self.tr("Folder &now"))
        where.setBuddy(self._new)
        form.addRow(where, now)
        note = QLabel(self.tr("Each file is compared with what was imported before anything is changed."))
        note.setProperty("tone", "muted")
        form.addRow("", note)
        self._buttons = _buttons(self, self.tr("Relocate"))
        for field in (self._old, self._new):
            field.textChanged.connect(self._check)
        _lay_out(self, form, self._buttons)
        self._new.setFocus()
        self._check()

    @property
    def old(self) -> Path:
        return Path(self._old.text().strip())

    @property
    def new(self) -> Path:
        return Path(self._new.text().strip())

    def _browse(self) -> None:
        chosen = choose_folder(self, self.tr("Folder now"), self._new.text())
        if chosen is not None:
            self._new.setText(str(chosen))

    def _check(self) -> None:
        usable = bool(self._old.text().strip()) and bool(self._new.text().strip())
        self._buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(usable and self.new.is_dir())


def _buttons(dialog: QDialog, yes: str) -> QDialogButtonBox:
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
    box.button(QDialogButtonBox.StandardButton.Ok).setText(yes)
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box


def _lay_out(dialog: QDialog, form: QFormLayout, buttons: QDialogButtonBox) -> None:
    column = QVBoxLayout(dialog)
    column.addLayout(form)
    column.addWidget(buttons)
