"""A report as it will be printed, and the way to keep it as a page of HTML or as a PDF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from annotator.domain.errors import KnuckleError
from annotator.ui.choosing import choose_new_file
from annotator.ui.dialog_layout import button_row, dialog_column
from annotator.ui.messages import sentences
from annotator.ui.report_drawing import PAGE_MM, ReportDrawing
from annotator.ui.sheet_header import set_tone
from annotator.ui.writing import put_in_place
from annotator.workflow.reporting import ReportPage

Ask = Callable[[bool, bool], None]
"""whole: of the patient, else of the image. dates: with dates."""


class PagePreview(QWidget):
    """A sheet of paper as wide as there is room: paper is white whatever the theme is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing: ReportDrawing | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(self.tr("Preview of the report"))

    def show_page(self, drawing: ReportDrawing | None) -> None:
        self._drawing = drawing
        self.setAccessibleDescription(drawing.title if drawing else "")
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(width * PAGE_MM.height() / PAGE_MM.width())

    def sizeHint(self) -> QSize:
        return QSize(620, self.heightForWidth(620))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        sheet = QRectF(0, 0, self.width(), self.heightForWidth(self.width()))
        if self._drawing is not None:
            self._drawing.paint(painter, sheet)
        else:
            painter.fillRect(sheet, QColor("white"))


class ReportDialog(QDialog):
    """name: of a new file, without its ending. ask: called for another page when a choice changes, and at the
    beginning; `show_page` or `show_failure` follows, at once or later. folder: where saving begins.
    """

    def __init__(self, name: str, ask: Ask, folder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Report"))
        self._name, self._ask, self._folder = name, ask, folder
        self._page: ReportPage | None = None
        self.whole = QCheckBox(self.tr("All images of the &patient"))
        self.whole.setChecked(True)
        self.dates = QCheckBox(self.tr("With &dates (they can tell who the patient is)"))
        self.preview = PagePreview()
        self.note = QLabel()
        self.html_button = QPushButton(self.tr("Save as &HTML…"))
        self.pdf_button = QPushButton(self.tr("&Save as PDF…"))
        self.close_button = QPushButton(self.tr("C&lose"))
        self.whole.toggled.connect(self._ask_again)
        self.dates.toggled.connect(self._ask_again)
        self.html_button.clicked.connect(self._choose_html)
        self.pdf_button.clicked.connect(self._choose_pdf)
        self.close_button.clicked.connect(self.reject)
        self._arrange()
        self._ask_again()

    def show_page(self, page: ReportPage) -> None:
        self._page = page
        self.preview.show_page(ReportDrawing(page))
        self._allow(True)
        self._say(
            self.tr("Special findings only, not an mTSS. Research use only, not for diagnosis."), "muted"
        )

    def show_failure(self, error: KnuckleError) -> None:
        self._page = None
        self.preview.show_page(None)
        self._allow(False)
        self._say("⚠ " + " ".join(sentences(error)), "danger")

    def save_html(self, path: Path) -> None:
        """The dialog says how it went."""
        if self._page is not None:
            self._save(path, self._page.html.encode("utf-8"))

    def save_pdf(self, path: Path) -> None:
        if self._page is not None:
            self._save(path, ReportDrawing(self._page).pdf())

    def _save(self, path: Path, content: bytes) -> None:
        try:
            put_in_place(path, content, "report")
        except KnuckleError as error:
            self._say("⚠ " + " ".join(sentences(error)), "danger")
            return
        self._say(self.tr("The report is saved as {name}.").format(name=path.name), "ok")

    def _ask_again(self, _on: bool = False) -> None:
        self._allow(False)
        self._say(self.tr("The report is being put together."), "muted")
        self._ask(self.whole.isChecked(), self.dates.isChecked())

    def _allow(self, allowed: bool) -> None:
        self.html_button.setEnabled(allowed)
        self.pdf_button.setEnabled(allowed)

    def _choose_html(self) -> None:
        chosen = self._choose(".html", self.tr("Save as HTML"), self.tr("HTML (*.html)"))
        if chosen is not None:
            self.save_html(chosen)

    def _choose_pdf(self) -> None:
        chosen = self._choose(".pdf", self.tr("Save as PDF"), self.tr("PDF (*.pdf)"))
        if chosen is not None:
            self.save_pdf(chosen)

    def _choose(self, ending: str, title: str, kind: str) -> Path | None:
        return choose_new_file(self, title, str(Path(self._folder) / f"{self._name}{ending}"), kind)

    def _say(self, text: str, tone: str) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)

    def _arrange(self) -> None:
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.preview)
        scroll.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        scroll.setAccessibleName(self.tr("Preview of the report"))
        self.scroller = scroll
        choices = QHBoxLayout()
        choices.addWidget(self.whole)
        choices.addSpacing(16)
        choices.addWidget(self.dates)
        choices.addStretch(1)
        row = button_row(self.html_button, self.pdf_button, self.close_button)
        whole = dialog_column(self)
        whole.addLayout(choices)
        whole.addWidget(scroll, 1)
        whole.addWidget(self.note)
        whole.addLayout(row)
        self.resize(760, 860)
