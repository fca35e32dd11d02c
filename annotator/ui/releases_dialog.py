"""What two releases differ in."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QWidget,
)

from annotator.domain.errors import KnuckleError
from annotator.ui.choosing import choose_folder
from annotator.ui.dialog_layout import dialog_column
from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.messages import sentences
from annotator.ui.sheet_header import set_tone


class ReleasesDialog(QDialog):
    """compare_asked(before, after): `show_lines` or `show_failure` follows, at once or later. folder: where
    choosing one begins. What is shown after the dialog was left is passed over."""

    compare_asked = Signal(object, object)

    def __init__(self, folder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Compare releases"))
        self._folder, self._left, self._comparing = folder, False, False
        self.before, self.after = QLineEdit(), QLineEdit()
        self.before_button = QPushButton(self.tr("&Browse…"))
        self.after_button = QPushButton(self.tr("B&rowse…"))
        self.compare_button = QPushButton(self.tr("&Compare"))
        self.close_button = QPushButton(self.tr("C&lose"))
        self.note, self.list, self.model = QLabel(), QListView(), QStringListModel(self)
        self._arrange()
        for field, button in ((self.before, self.before_button), (self.after, self.after_button)):
            field.textChanged.connect(self._forget)
            button.clicked.connect(partial(self._browse, field))
        self.compare_button.clicked.connect(self._compare)
        self.close_button.clicked.connect(self.reject)
        self._forget()

    def show_lines(self, lines: Sequence[str], *, same: bool) -> None:
        """What was asked for: the first line counts, each other names one difference.

        same: images, labels and folds are; where they come from may differ.
        """
        if not self._answered():
            return
        self.model.setStringList(list(lines))
        if same:
            self._say(self.tr("Both releases have the same images, labels and folds."), "ok")
        else:
            self._say(self.tr("The releases differ. Lines: {n}.").format(n=f"{len(lines):,}"), "muted")
        self.list.setCurrentIndex(self.model.index(0))
        self.list.setFocus()

    def show_failure(self, error: KnuckleError) -> None:
        if self._answered():
            self._say("⚠ " + " ".join(sentences(error)), "danger")

    def done(self, result: int) -> None:
        self._left = True
        super().done(result)

    def _answered(self) -> bool:
        """Whether somebody still waits for the answer."""
        waited, self._comparing = self._comparing and not self._left, False
        if waited:
            self.compare_button.setEnabled(True)
        return waited

    def _forget(self, _text: str = "") -> None:
        """What is shown is not of these folders."""
        self._comparing = False
        self.model.setStringList([])
        self.compare_button.setEnabled(all(field.text().strip() for field in (self.before, self.after)))
        self._say(self.tr("Choose the folders of two releases."), "muted")

    def _compare(self) -> None:
        before, after = (Path(field.text().strip()).expanduser() for field in (self.before, self.after))
        self.model.setStringList([])
        self.compare_button.setEnabled(False)
        self._comparing = True
        self._say(self.tr("Comparing…"), "muted")
        self.compare_asked.emit(before, after)

    def _browse(self, field: QLineEdit, _checked: bool = False) -> None:
        chosen = choose_folder(self, self.tr("Folder of a release"), field.text().strip() or self._folder)
        if chosen is not None:
            self._folder = str(chosen.parent)
            field.setText(str(chosen))
            field.setFocus()

    def _say(self, text: str, tone: str) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(8)
        rows = (
            (self.tr("B&efore"), self.before, self.before_button),
            (self.tr("&After"), self.after, self.after_button),
        )
        for place, (text, field, button) in enumerate(rows):
            label, name = QLabel(text), text.replace("&", "")
            label.setBuddy(field)
            field.setAccessibleName(self.tr("Folder of the release, {name}").format(name=name.lower()))
            button.setAccessibleName(self.tr("Browse, {name}").format(name=name.lower()))
            field.returnPressed.connect(self.compare_button.click)
            for column, widget in enumerate((label, field, button)):
                grid.addWidget(widget, place, column)
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.list.setModel(self.model)
        self.list.setAccessibleName(self.tr("Differences"))
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.setWordWrap(True)
        self.list.setLayoutMode(QListView.LayoutMode.Batched)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        keep_input_method_out(self.list)
        differences = QLabel(self.tr("&Differences"))
        differences.setProperty("weight", "bold")
        differences.setBuddy(self.list)
        notice = QLabel(self.tr("Research use only, not for diagnosis."))
        set_tone(notice, "muted")
        self.compare_button.setProperty("strong", True)
        row = QHBoxLayout()
        row.addWidget(self.compare_button)
        row.addStretch(1)
        row.addWidget(notice)
        row.addWidget(self.close_button)
        for button in (self.before_button, self.after_button, self.compare_button, self.close_button):
            button.setAutoDefault(False)
        whole = dialog_column(self)
        whole.addLayout(grid)
        whole.addWidget(self.note)
        whole.addWidget(differences)
        whole.addWidget(self.list, 1)
        whole.addLayout(row)
        self.resize(720, 480)
