"""What the readers of a study made of the proposals of a version of the detector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QWidget,
)

from annotator.domain.errors import KnuckleError
from annotator.domain.model_audit import Tally
from annotator.ui.choosing import choose_new_file
from annotator.ui.dialog_layout import button_row, dialog_column
from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.messages import sentences
from annotator.ui.model_audit_plot import AuditPlot
from annotator.ui.model_audit_table import (
    as_csv,
    as_tabs,
    bin_rows,
    heading_tips,
    headings,
    table_rows,
)
from annotator.ui.number_table import NumberTable
from annotator.ui.sheet_header import set_tone
from annotator.ui.theme import Theme
from annotator.ui.writing import put_in_place


class ModelAuditDialog(QDialog):
    """tallies: of the whole study. names: of the versions, by their ids."""

    def __init__(
        self,
        study_name: str,
        tallies: Sequence[Tally],
        names: Mapping[int, str],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Audit of the model"))
        self._study, self._tallies = study_name, tallies
        self.versions = QComboBox()
        ids = sorted({tally.version_id for tally in tallies})
        if len(ids) > 1:
            self.versions.addItem(self.tr("all versions"), None)
        for version_id in ids:
            unnamed = self.tr("version {number}").format(number=version_id)
            self.versions.addItem(names.get(version_id, unnamed), version_id)
        self.table = NumberTable(self.tr("Proposals by confidence"))
        keep_input_method_out(self.table)
        self.plot = AuditPlot(theme)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.empty = QLabel(
            self.tr("No reader of this study has seen a proposal yet. What they make of them is shown here.")
        )
        self.copy_button = QPushButton(self.tr("&Copy table"))
        self.save_button = QPushButton(self.tr("&Save table as CSV…"))
        self.close_button = QPushButton(self.tr("C&lose"))
        self.versions.currentIndexChanged.connect(self._show)
        self.copy_button.clicked.connect(self._copy)
        self.save_button.clicked.connect(self._choose_file)
        self.close_button.clicked.connect(self.reject)
        self._arrange()
        self._show()

    @property
    def shown(self) -> list[Tally]:
        """Of the chosen version, or of all."""
        version_id = self.versions.currentData()
        return [tally for tally in self._tallies if version_id in (None, tally.version_id)]

    def save(self, path: Path) -> None:
        """The table as it is shown; the dialog says how it went."""
        text = as_csv(self._study, self.versions.currentText(), self.shown)
        try:
            put_in_place(path, text.encode("utf-8"), "table")
        except KnuckleError as error:
            self._say("⚠ " + " ".join(sentences(error)), "danger")
            return
        self._say(self.tr("The table is saved as {name}.").format(name=path.name), "ok")

    def _show(self) -> None:
        rows = table_rows(self.shown)
        self.table.show_rows(headings(), rows, tips=heading_tips(), bold=[len(rows) - 2])
        self.plot.show_rows(bin_rows(self.shown))
        self._say(self.tr("Each proposal counts once for every reader who saw it."), "muted")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(as_tabs(table_rows(self.shown)))
        self._say(self.tr("The table is copied."), "ok")

    def _choose_file(self) -> None:
        chosen = choose_new_file(
            self, self.tr("Save table as CSV"), "model-audit.csv", self.tr("CSV (*.csv)")
        )
        if chosen is not None:
            self.save(chosen)

    def _say(self, text: str, tone: str) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)

    def _arrange(self) -> None:
        study = QLabel(self.tr("Study {name}").format(name=self._study))
        study.setTextFormat(Qt.TextFormat.PlainText)
        study.setProperty("weight", "bold")
        label = QLabel(self.tr("&Version"))
        label.setBuddy(self.versions)
        self.versions.setMinimumWidth(180)
        head = QHBoxLayout()
        head.addWidget(study)
        head.addStretch(1)
        head.addWidget(label)
        head.addWidget(self.versions)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        set_tone(self.empty, "muted")
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(12)
        halves.addWidget(self.table)
        halves.addWidget(self.plot)
        halves.setSizes([290, 300])
        row = button_row(self.copy_button, self.save_button, self.close_button)
        whole = dialog_column(self)
        whole.addLayout(head)
        whole.addWidget(halves, 1)
        whole.addWidget(self.empty, 1)
        whole.addWidget(self.note)
        whole.addLayout(row)
        there = bool(self._tallies)
        for widget in (halves, label, self.versions, self.note, self.copy_button, self.save_button):
            widget.setVisible(there)
        self.empty.setVisible(not there)
        self.resize(*((960, 680) if there else (460, 200)))
