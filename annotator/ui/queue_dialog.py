"""The images that should be read next, with a reason for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

from annotator.domain.errors import KnuckleError
from annotator.domain.queue import QueueBy, QueueItem
from annotator.domain.words import counted
from annotator.ui.choosing import choose_new_file
from annotator.ui.dialog_layout import button_row, dialog_column
from annotator.ui.line_table import LineTable, whole_line
from annotator.ui.messages import sentences
from annotator.ui.queue_words import all_kept_back, being_made, nothing_queued
from annotator.ui.row_model import RowModel
from annotator.ui.sheet_header import set_tone
from annotator.ui.writing import put_in_place
from annotator.workflow.queueing import csv_of

PLACE, IMAGE, READER, SCORE, WHY = range(5)
NOTHING = "–"


class QueueDialog(QDialog):
    """open_asked(image id). ask: called for another list when another order is chosen, and at the beginning;
    `show_items` or `show_failure` follows, at once or later. study_name: whose list it is. by: the order to
    begin with.
    """

    open_asked = Signal(int)

    def __init__(
        self,
        study_name: str,
        ask: Callable[[QueueBy], None],
        parent: QWidget | None = None,
        by: QueueBy = QueueBy.LEAST_CERTAIN,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("What to read next"))
        self._study, self._ask = study_name, ask
        self.by = QComboBox()
        headings = self.tr("No."), self.tr("Image"), self.tr("Reader"), self.tr("Score"), self.tr("Why")
        self.model = RowModel[QueueItem](headings, self._cells, (PLACE, SCORE), self)
        self.table = LineTable(self.tr("Images to read next"), self.model, (52, 130, 110, 64))
        self.why, self.note = whole_line(), QLabel()
        self.open_button = QPushButton(self.tr("&Open"))
        self.export_button = QPushButton(self.tr("&Export as CSV…"))
        self.close_button = QPushButton(self.tr("C&lose"))
        self._fill()
        self._arrange()
        self.by.setCurrentIndex(self.by.findData(by))
        self.by.currentIndexChanged.connect(self._ask_again)
        self.table.activated.connect(self._open)
        self.table.selectionModel().currentRowChanged.connect(self._show_why)
        self.open_button.clicked.connect(self._open)
        self.export_button.clicked.connect(self._choose_file)
        self.close_button.clicked.connect(self.reject)
        self._ask_again()

    @property
    def chosen(self) -> QueueBy:
        return QueueBy(self.by.currentData())

    def show_items(self, by: QueueBy, items: Sequence[QueueItem]) -> None:
        """A list that was asked for; one that nobody waits for any more is passed over."""
        if by is not self.chosen:
            return
        self.model.set_items(items)
        self.table.setColumnHidden(READER, by is not QueueBy.READER)
        self._allow(bool(items))
        if items:
            self.table.selectRow(0)
        if items and all(item.score is None for item in items):
            self._say(all_kept_back(), "muted")
        elif items:
            text = counted(
                len(items),
                self.tr("{n} image. Research use only, not for diagnosis."),
                self.tr("{n} images, the first to be read first. Research use only, not for diagnosis."),
            )
            self._say(text, "muted")
        else:
            self._say(nothing_queued(by), "muted")

    def show_failure(self, error: KnuckleError) -> None:
        self._clear()
        self._say("⚠ " + " ".join(sentences(error)), "danger")

    def save(self, path: Path) -> None:
        """The list as it is shown; the dialog says how it went."""
        try:
            put_in_place(path, csv_of(self.chosen, self.model.items, QCoreApplication.translate), "table")
        except KnuckleError as error:
            self._say("⚠ " + " ".join(sentences(error)), "danger")
            return
        self._say(self.tr("The list is saved as {name}.").format(name=path.name), "ok")

    def _ask_again(self) -> None:
        self._clear()
        self._say(being_made(), "muted")
        self._ask(self.chosen)

    def _cells(self, row: int, item: QueueItem) -> tuple[str, ...]:
        return (
            str(row + 1),
            self.tr("{code}, visit {visit}").format(code=item.place.patient_code, visit=item.place.visit),
            item.place.reader or NOTHING,
            NOTHING if item.score is None else f"{item.score:.2f}",
            item.why,
        )

    def _show_why(self, current: QModelIndex) -> None:
        """The whole sentence of the chosen image, which the table may cut."""
        self.why.setText(self.model.items[current.row()].why if current.isValid() else "")

    def _open(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            self.open_asked.emit(self.model.items[index.row()].place.image_id)

    def _choose_file(self) -> None:
        start = f"queue-{self.chosen.value}.csv"
        chosen = choose_new_file(self, self.tr("Export as CSV"), start, self.tr("CSV (*.csv)"))
        if chosen is not None:
            self.save(chosen)

    def _clear(self) -> None:
        self.model.set_items(())
        self.why.clear()
        self._allow(False)

    def _allow(self, allowed: bool) -> None:
        self.open_button.setEnabled(allowed)
        self.export_button.setEnabled(allowed)

    def _say(self, text: str, tone: str) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)

    def _fill(self) -> None:
        names = {
            QueueBy.LEAST_CERTAIN: self.tr("the model is least certain of"),
            QueueBy.VERSIONS: self.tr("two versions of the model differ on most"),
            QueueBy.DETECTORS: self.tr("the two detectors differ on most"),
            QueueBy.READER: self.tr("model and reader differ on most"),
        }
        for by, name in names.items():
            self.by.addItem(name, by)
        self.by.setAccessibleName(self.tr("Which images"))

    def _arrange(self) -> None:
        study = QLabel(self.tr("Study {name}").format(name=self._study))
        study.setTextFormat(Qt.TextFormat.PlainText)
        study.setProperty("weight", "bold")
        label = QLabel(self.tr("Images that"))
        label.setBuddy(self.by)
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        head = QHBoxLayout()
        head.addWidget(study)
        head.addStretch(1)
        head.addWidget(label)
        head.addWidget(self.by)
        row = button_row(self.open_button, self.export_button, self.close_button)
        whole = dialog_column(self)
        whole.addLayout(head)
        whole.addWidget(self.table, 1)
        whole.addWidget(self.why)
        whole.addWidget(self.note)
        whole.addLayout(row)
        self.resize(940, 560)
