"""A long table of lines to be read, one chosen at a time, and to be left with Tab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QTableView, QWidget

from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.row_model import RowModel


class LineTable(QTableView):
    """The last column takes what is spare. What a cell cuts is whole in its tool tip."""

    def __init__(
        self, name: str, model: RowModel[Any], widths: Sequence[int], parent: QWidget | None = None
    ) -> None:
        """name: for a screen reader. widths: of the columns, in pixels, but for the last."""
        super().__init__(parent)
        self.setModel(model)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        rows, columns = self.verticalHeader(), self.horizontalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().lineSpacing() + 8)
        columns.setHighlightSections(False)
        for column, width in enumerate(widths):
            self.setColumnWidth(column, width)
        columns.setSectionResizeMode(len(widths), QHeaderView.ResizeMode.Stretch)
        keep_input_method_out(self)


def whole_line() -> QLabel:
    """Where the chosen line is told whole: room for two lines, so that nothing below moves."""
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    label.setMinimumHeight(2 * label.fontMetrics().lineSpacing() + 2)
    return label
