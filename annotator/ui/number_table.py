"""Small tables to be read, not written in, and to be left with Tab."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHeaderView, QTableWidget, QTableWidgetItem, QWidget

FEW = 3
"""Up to so many columns, the names of the rows take what is spare."""


class NumberTable(QTableWidget):
    """Names of the rows in the first column, to the left; everything else to the right, as numbers are."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """name: for a screen reader."""
        super().__init__(parent)
        self.setAccessibleName(name)
        self.verticalHeader().hide()
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)

    def show_rows(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        tips: Sequence[str] = (),
        bold: Collection[int] = (),
    ) -> None:
        """Every row is as long as the headings. tips: what each heading means. bold: numbers of rows.

        A name that is longer than its column is cut, and whole in its tool tip.
        """
        self.clear()
        self.setRowCount(len(rows))
        self.setColumnCount(len(headings))
        for column, text in enumerate(headings):
            heading = QTableWidgetItem(text)
            heading.setTextAlignment(_side(column))
            heading.setToolTip(tips[column] if tips else "")
            self.setHorizontalHeaderItem(column, heading)
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setTextAlignment(_side(column))
                item.setToolTip("" if column else text)
                item.setFont(self._font(bold=row in bold))
                self.setItem(row, column, item)
        self._share_width()
        self.resizeRowsToContents()

    def _share_width(self) -> None:
        """What is spare goes to the names where there is one number each, else to the numbers."""
        header, columns = self.horizontalHeader(), range(self.columnCount())
        few = len(columns) <= FEW
        narrowest = [max(header.sectionSizeHint(c), self.sizeHintForColumn(c)) for c in columns]
        header.setMinimumSectionSize(0 if few else max(narrowest[1:], default=0))
        fixed, elastic = QHeaderView.ResizeMode.ResizeToContents, QHeaderView.ResizeMode.Stretch
        for column in columns:
            header.setSectionResizeMode(column, elastic if (column == 0) == few else fixed)

    def _font(self, *, bold: bool) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font


def _side(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
