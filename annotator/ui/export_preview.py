"""What an export would hold, in numbers, and what it leaves out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.export_policy import DISPLACED
from annotator.domain.findings import Finding
from annotator.domain.selection import LeftOut, Selected
from annotator.domain.words import counted
from annotator.ui.export_words import left_out_because, left_out_image, left_out_line, left_out_part
from annotator.ui.joint_words import finding_word
from annotator.ui.line_table import LineTable, whole_line
from annotator.ui.number_table import NumberTable
from annotator.ui.row_model import RowModel
from annotator.ui.sheet_header import set_tone


def left_out_cells(_row: int, one: LeftOut) -> tuple[str, str, str]:
    return left_out_image(one), left_out_part(one), left_out_because(one.reason)


class ExportPreview(QWidget):
    """Numbers above, what is left out below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.numbers = NumberTable(self.tr("What would be exported"))
        self.numbers.horizontalHeader().hide()
        self.reasons, self.warning = QLabel(), QLabel()
        headings = self.tr("Image"), self.tr("Left out"), self.tr("Why")
        self.model = RowModel(headings, left_out_cells)
        self.left_out = LineTable(self.tr("Left out"), self.model, (158, 148))
        self.whole = whole_line()
        self.left_out.selectionModel().currentRowChanged.connect(self._show_whole)
        self._arrange()
        self.clear()

    def clear(self) -> None:
        self.numbers.show_rows((self.tr("What"), self.tr("Number")), ())
        self.model.set_items(())
        self.reasons.setText("")
        self.whole.setText("")
        self._warn("")

    def show_selected(self, selected: Selected) -> None:
        counts, merged = selected.counts, selected.policy.merged
        rows = [
            (self.tr("Images"), f"{counts.images:,}"),
            (self.tr("Patients"), f"{counts.patients:,}"),
            (self.tr("Joints"), f"{counts.joints:,}"),
        ]
        if counts.ignored:
            rows.append((self.tr("Places ignored, of joints left out"), f"{counts.ignored:,}"))
        if counts.alone:
            rows.append((self.tr("Joints that one reader alone decided"), f"{counts.alone:,}"))
        rows += [(self._positives(finding, merged), f"{n:,}") for finding, n in counts.positives.items()]
        self.numbers.show_rows((self.tr("What"), self.tr("Number")), rows)
        self.numbers.setFixedHeight(self.numbers.rowHeight(0) * len(rows) + 2 * self.numbers.frameWidth())
        self.model.set_items(selected.left_out)
        self.reasons.setText(self._because(selected.left_out))
        self.whole.setText("")
        self._warn(self._partly_marked(selected.partly_marked))

    def _warn(self, text: str) -> None:
        self.warning.setText(f"⚠ {text}" if text else "")
        self.warning.setVisible(bool(text))

    def _partly_marked(self, images: int) -> str:
        if not images:
            return ""
        return counted(
            images,
            self.tr("{n} image has joints without any box; what is not marked is learned as background."),
            self.tr("{n} images have joints without any box; what is not marked is learned as background."),
        )

    def _show_whole(self, current: QModelIndex) -> None:
        """The chosen line, which the table may cut."""
        if current.isValid():
            self.whole.setText(left_out_line(self.model.items[current.row()]))

    def _positives(self, finding: Finding, merged: bool) -> str:
        if merged and finding in DISPLACED:
            return self.tr("With subluxation or dislocation")
        return self.tr("With {finding}").format(finding=finding_word(finding))

    def _because(self, left_out: Sequence[LeftOut]) -> str:
        if not left_out:
            return self.tr("Nothing is left out.")
        often = Counter(one.reason for one in left_out).most_common()
        return ", ".join(f"{left_out_because(reason)}: {times:,}" for reason, times in often)

    def _arrange(self) -> None:
        self.numbers.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.numbers.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.numbers.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        held, without = (
            QLabel(self.tr("What would be exported")),
            QLabel(self.tr("What is left o&ut, and why")),
        )
        without.setBuddy(self.left_out)
        for head in (held, without):
            head.setProperty("weight", "bold")
        for told in (self.reasons, self.warning):
            told.setWordWrap(True)
            told.setTextFormat(Qt.TextFormat.PlainText)
        set_tone(self.reasons, "muted")
        set_tone(self.warning, "warning")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(held)
        column.addWidget(self.numbers)
        column.addWidget(self.warning)
        column.addSpacing(6)
        column.addWidget(without)
        column.addWidget(self.reasons)
        column.addWidget(self.left_out, 1)
        column.addWidget(self.whole)
