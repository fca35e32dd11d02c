"""What is known of one version of the detector, on one page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtGui import QTextCursor, QTextDocument
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLineEdit, QTextBrowser, QVBoxLayout, QWidget

from annotator.domain.versions import ModelVersion, ScanPaper, VersionPaper, VersionUse
from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.number_table import NumberTable
from annotator.ui.proposal_words import scan_word
from annotator.ui.sheet_header import set_tone

ACTIVE_SIGN = "●"
SHORT_HASH = 12


def created_on(created: str) -> str:
    """The day, where a version says a time that can be read as one; else what it says."""
    try:
        return datetime.fromisoformat(created).date().isoformat()
    except ValueError:
        return created or QCoreApplication.translate("Version", "unknown day")


class Card(QTextBrowser):
    """Text from a folder that anybody may have written: it opens, loads and runs nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setOpenLinks(False)
        self.setOpenExternalLinks(False)
        keep_input_method_out(self)

    def loadResource(self, kind: int, name: QUrl | str) -> object:
        """A picture may be any file of this computer."""
        return None

    def show_markdown(self, text: str) -> None:
        features = QTextDocument.MarkdownFeature
        self.document().setMarkdown(text, features.MarkdownDialectGitHub | features.MarkdownNoHTML)
        self.moveCursor(QTextCursor.MoveOperation.Start)


class VersionPage(QWidget):
    """Facts, thresholds, figures and use of a version, and its card."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.hash, self.use = QLabel(), QLabel(), QLabel()
        self.folder = QLineEdit()  # a path has no spaces to break it at, and is wanted for copying
        self.folder.setReadOnly(True)
        self.folder.setAccessibleName(self.tr("Folder"))
        self.name.setProperty("size", "large")
        self.name.setProperty("weight", "bold")
        for label in (self.name, self.hash, self.use):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(True)
        self.hash.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.thresholds = NumberTable(self.tr("Thresholds"))
        self.figures = NumberTable(self.tr("Figures"))
        self.no_figures = QLabel(self.tr("This version says no figures."))
        self.no_figures.setVisible(False)
        self.card = Card()
        self.card.setAccessibleName(self.tr("Card"))
        self._arrange()

    def show_version(self, version: ModelVersion, use: VersionUse) -> None:
        """Without what only the folder says, which `show_paper` and `show_no_paper` add."""
        state = self.tr("{sign} active").format(sign=ACTIVE_SIGN)
        self.name.setText(f"{version.name}   {state}" if version.active else version.name)
        self.hash.setText(f"{version.sha256[:SHORT_HASH]}…")
        self.hash.setToolTip(version.sha256)
        self.folder.setText(version.folder)
        self.folder.setCursorPosition(0)
        self.folder.setToolTip(version.folder)
        self.use.setText(self._use(use))
        rows = [(name, f"{value:.4g}") for name, value in version.figures]
        self.figures.show_rows([self.tr("Figure"), self.tr("Value")], rows)
        self.figures.setVisible(bool(rows))
        self.no_figures.setVisible(not rows)

    def show_paper(self, paper: VersionPaper) -> None:
        headings = [self.tr("Threshold"), *(self._scan(scan) for scan in paper.scans)]
        self.thresholds.show_rows(headings, self._threshold_rows(paper.scans))
        self.thresholds.setVisible(True)
        self.card.show_markdown(paper.card or self.tr("This version has no card."))

    def show_no_paper(self, why: str) -> None:
        """The folder cannot be read."""
        self.thresholds.setVisible(False)
        self.card.document().setPlainText(why)

    def _scan(self, scan: ScanPaper) -> str:
        word = scan_word(scan.name)
        return self.tr("{scan} (default)").format(scan=word) if scan.default else word

    def _threshold_rows(self, scans: Sequence[ScanPaper]) -> list[list[str]]:
        each = [scan.thresholds for scan in scans]
        return [
            [self.tr("least confidence"), *(f"{t.t_conf:g}" for t in each)],
            [self.tr("overlap in one detector"), *(f"{t.t_iou1:g}" for t in each)],
            [self.tr("overlap of both detectors"), *(f"{t.t_iou2:g}" for t in each)],
            [self.tr("most boxes, ankylosis"), *(str(t.top_first) for t in each)],
            [self.tr("most boxes, subluxation"), *(str(t.top_second) for t in each)],
        ]

    def _use(self, use: VersionUse) -> str:
        if not use.runs:
            return self.tr("not used yet")
        return self.tr("images: {images} · runs: {runs} · studies: {studies}").format(
            images=use.images, runs=use.runs, studies=", ".join(use.studies)
        )

    def _arrange(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(4)
        facts: tuple[tuple[str, QWidget], ...] = (
            (self.tr("Hash"), self.hash),
            (self.tr("Folder"), self.folder),
            (self.tr("Used"), self.use),
        )
        for title, fact in facts:
            form.addRow(_muted(title), fact)
        set_tone(self.no_figures, "muted")
        tables = QHBoxLayout()
        tables.setSpacing(12)
        self.thresholds.setMinimumWidth(370)
        self.figures.setMinimumWidth(220)
        tables.addWidget(self.thresholds, 3)
        tables.addWidget(self.figures, 2)
        tables.addWidget(self.no_figures, 2)
        for table in (self.thresholds, self.figures):
            table.setFixedHeight(7 * table.verticalHeader().defaultSectionSize())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.name)
        column.addLayout(form)
        column.addLayout(tables)
        column.addWidget(self.card, 1)


def _muted(text: str) -> QLabel:
    label = QLabel(text)
    set_tone(label, "muted")
    return label
