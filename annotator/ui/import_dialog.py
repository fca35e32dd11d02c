"""What an import did, file by file where something was refused."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.count_row import Count, count_row
from annotator.workflow.library import ImportResult


class ImportDialog(QDialog):
    """The counts, and a table of the refused files that can be copied."""

    def __init__(self, result: ImportResult, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Import"))
        self._refused = result.refused
        self.table = QTableWidget(len(self._refused), 2)
        self._fill_table()
        buttons = QDialogButtonBox()
        close = buttons.addButton(self.tr("Close"), QDialogButtonBox.ButtonRole.AcceptRole)
        close.setProperty("strong", True)
        if self._refused:
            copy = buttons.addButton(self.tr("Copy list"), QDialogButtonBox.ButtonRole.ActionRole)
            copy.setAutoDefault(False)
            copy.clicked.connect(self._copy)
        buttons.accepted.connect(self.accept)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 16, 16, 16)
        whole.setSpacing(12)
        whole.addLayout(count_row(self._numbers(result)))
        whole.addWidget(self.table)
        whole.addWidget(buttons)
        close.setDefault(True)
        self.table.setVisible(bool(self._refused))
        self.resize(680 if self._refused else 420, 420 if self._refused else 120)
        close.setFocus()

    def _numbers(self, result: ImportResult) -> tuple[Count, ...]:
        return (
            (result.imported, self.tr("imported"), "ok"),
            (result.known, self.tr("known already"), "text"),
            (result.passed, self.tr("passed over, no radiographs"), "muted"),
            (len(self._refused), self.tr("refused"), "danger" if self._refused else "muted"),
        )

    def _fill_table(self) -> None:
        self.table.setHorizontalHeaderLabels([self.tr("File"), self.tr("Why it was refused")])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setWordWrap(True)
        self.table.setTabKeyNavigation(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        for row, refused in enumerate(self._refused):
            for column, text in enumerate((refused.file, refused.reason)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(row, column, item)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(0, 260)
        self.table.resizeRowsToContents()

    def _copy(self) -> None:
        lines = [f"{refused.file}\t{refused.reason}" for refused in self._refused]
        QGuiApplication.clipboard().setText("\n".join(lines))
