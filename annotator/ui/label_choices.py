"""Which labels are imported: a file or folder, its format, and whose labels of it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QPushButton, QWidget

from annotator.ui.choosing import choose_file, choose_folder
from annotator.ui.label_words import label_form_word
from annotator.workflow.label_jobs import LabelForm, LabelsFound, LabelSource


class LabelChoices(QWidget):
    """changed(at_once): `source` is another one; at_once: it was chosen, not typed. folder: where choosing
    begins."""

    changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = ""
        self._readers: Sequence[str | None] = ()
        self.path, self.form, self.whose = QLineEdit(), QComboBox(), QComboBox()
        self.file_button = QPushButton(self.tr("&File…"))
        self.folder_button = QPushButton(self.tr("F&older…"))
        self.form.addItem(self.tr("as the file tells"))
        self.form.addItems([label_form_word(form) for form in LabelForm])
        self._arrange()
        self.show_readers(None)
        self.path.textChanged.connect(lambda _text: self.changed.emit(False))
        self.form.currentIndexChanged.connect(lambda _index: self.changed.emit(True))
        self.file_button.clicked.connect(self._choose_file)
        self.folder_button.clicked.connect(self._choose_folder)

    @property
    def source(self) -> LabelSource | None:
        """None where no file is named."""
        typed = self.path.text().strip()
        place = self.form.currentIndex()
        form = list(LabelForm)[place - 1] if place else None
        return LabelSource(Path(os.path.abspath(os.path.expanduser(typed))), form) if typed else None

    @property
    def reader(self) -> str | None:
        """Whose labels; None for all there are."""
        return self._readers[self.whose.currentIndex()]

    def show_readers(self, found: LabelsFound | None) -> None:
        """To choose from: each of several, and all of them where no image has labels of two.

        None: not known.
        """
        names: tuple[str | None, ...] = found.readers if found is not None and len(found.readers) > 1 else ()
        self._readers = names if found is not None and found.divided else (None, *names)
        self.whose.clear()
        self.whose.addItems([self._word(reader) for reader in self._readers])
        self.whose.setEnabled(len(self._readers) > 1)

    def _word(self, reader: str | None) -> str:
        return self.tr("all there are") if reader is None else reader or self.tr("without a name")

    def _choose_file(self) -> None:
        self._take(choose_file(self, self.tr("File of labels"), self._start))

    def _choose_folder(self) -> None:
        self._take(choose_folder(self, self.tr("Folder of labels"), self._start))

    @property
    def _start(self) -> str:
        source = self.source
        return str(source.path.parent) if source is not None else self._folder

    def _take(self, chosen: Path | None) -> None:
        if chosen is not None:
            self.path.setText(str(chosen))
            self.changed.emit(True)

    def _arrange(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(8)
        grid.setColumnStretch(1, 1)
        rows = (
            (self.tr("&Path"), self.tr("File or folder of labels"), self.path),
            (self.tr("For&mat"), self.tr("Format of the labels"), self.form),
            (self.tr("&Whose labels"), self.tr("Whose labels"), self.whose),
        )
        for place, (text, name, field) in enumerate(rows):
            label = QLabel(text)
            label.setBuddy(field)
            field.setAccessibleName(name)
            grid.addWidget(label, place, 0)
            grid.addWidget(field, place, 1)
        grid.addWidget(self.file_button, 0, 2)
        grid.addWidget(self.folder_button, 0, 3)
        self.setTabOrder(self.path, self.file_button)
        self.setTabOrder(self.file_button, self.folder_button)
        self.setTabOrder(self.folder_button, self.form)
        self.setTabOrder(self.form, self.whose)
        for button in (self.file_button, self.folder_button):
            button.setAutoDefault(False)
