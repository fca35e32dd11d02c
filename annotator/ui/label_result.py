"""What came of an import of labels: how many images, and each of them by name."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QLabel,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.count_row import count_row
from annotator.ui.label_words import ResultRow, result_rows
from annotator.ui.line_table import LineTable, whole_line
from annotator.ui.row_model import RowModel
from annotator.workflow.label_import import Imported


class LabelResult(QWidget):
    """Hidden until there is something to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        headings = self.tr("Image in the file"), self.tr("Outcome"), self.tr("What or why")
        self.model = RowModel[ResultRow](headings, lambda _row, one: (one.image, one.outcome, one.about))
        self.table = LineTable(self.tr("Result of the import"), self.model, (220, 120))
        self.whole = whole_line()
        self.table.selectionModel().currentRowChanged.connect(self._show_whole)
        self._counts = QWidget()
        self._arrange()
        self.hide()

    def show_imported(self, done: Imported) -> None:
        boxes = sum(one.boxes for one in done.taken)
        refused = len(done.refused)
        counts = (
            (len(done.taken), self.tr("images with new proposals"), "ok" if done.taken else "muted"),
            (boxes, self.tr("boxes proposed"), "ok" if boxes else "muted"),
            (len(done.known), self.tr("known already"), "text"),
            (len(done.without), self.tr("without boxes"), "muted"),
            (refused, self.tr("refused"), "danger" if refused else "muted"),
        )
        self._show_counts(counts)
        self.whole.clear()
        self.model.set_items(result_rows(done))
        self.table.selectRow(0)
        self.show()

    def copy(self) -> None:
        """All lines, to be pasted into a message or a table."""
        lines = [f"{one.image}\t{one.outcome}\t{one.about}" for one in self.model.items]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _show_counts(self, counts: Sequence[tuple[int, str, str]]) -> None:
        before, self._counts = self._counts, QWidget()
        row = count_row(counts)
        row.setContentsMargins(0, 0, 0, 0)
        self._counts.setLayout(row)
        self._column.replaceWidget(before, self._counts)
        before.deleteLater()

    def _show_whole(self, current: QModelIndex) -> None:
        """The chosen line, which the table may cut."""
        if current.isValid():
            one = self.model.items[current.row()]
            self.whole.setText(f"{one.image}, {one.outcome}: {one.about}")

    def _arrange(self) -> None:
        self.table.setMinimumHeight(6 * self.table.fontMetrics().lineSpacing())
        head = QLabel(self.tr("&Result"))
        head.setProperty("weight", "bold")
        head.setBuddy(self.table)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addWidget(head)
        self._column.addWidget(self._counts)
        self._column.addWidget(self.table, 1)
        self._column.addWidget(self.whole)
