"""How to place a box and what each finding means, one page each, with figures."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.joint_names import NameStyle
from annotator.ui.guide_figures import JointPicture, paint_hands, paint_joint
from annotator.ui.guide_pages import Page, pages
from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.theme import Theme

GAP = 12


class Figures(QWidget):
    """The figures of one page side by side, each with its caption beneath."""

    def __init__(self, theme: Theme, style: NameStyle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._style = theme, style
        self._figures: Sequence[tuple[JointPicture, str]] = ()
        self.setMinimumWidth(560)

    def show_page(self, page: Page) -> None:
        self._figures = page.figures
        self.setAccessibleDescription(". ".join(caption for _, caption in page.figures))
        self._fit()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self._figures:
            paint_hands(painter, QRectF(self.rect()), self._style)
            return
        size = self._figure_size()
        for number, (picture, caption) in enumerate(self._figures):
            place = QRectF(QPointF(number * (size.width() + GAP), 0), size)
            paint_joint(painter, place, picture)
            painter.setPen(QColor(self._theme.text))
            beneath = QRectF(place.left(), place.bottom() + 4, place.width(), self._caption_height())
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(beneath, flags, caption)

    def _figure_size(self) -> QSizeF:
        count = max(len(self._figures), 2)
        width = (self.width() - GAP * (count - 1)) / count
        return QSizeF(width, min(width * 1.5, 300))

    def _caption_height(self) -> int:
        return 3 * self.fontMetrics().height()

    def _fit(self) -> None:
        """As high as the figures of the page want it."""
        height = round(self._figure_size().height()) + self._caption_height() if self._figures else 330
        if height != self.height():
            self.setFixedHeight(height)


class GuideDialog(QDialog):
    """Pages on the left, the chosen one on the right. page: title of the one to begin with."""

    def __init__(
        self, theme: Theme, style: NameStyle | None = None, page: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Guide to boxes and findings"))
        self._pages = pages()
        self.pages = QListWidget()
        for written in self._pages:
            item = QListWidgetItem(written.title, self.pages)
            item.setSizeHint(QSize(0, self.fontMetrics().height() + 10))
        self.pages.setFixedWidth(170)
        keep_input_method_out(self.pages)
        self.figures = Figures(theme, style or NameStyle())
        self.title, self.text = QLabel(), QLabel()
        self.title.setProperty("size", "large")
        self.title.setProperty("weight", "bold")
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._arrange()
        self.pages.currentRowChanged.connect(self._show)
        titles = [written.title for written in self._pages]
        self.pages.setCurrentRow(titles.index(page) if page in titles else 0)
        self.resize(820, 600)
        self.pages.setFocus()

    def _show(self, row: int) -> None:
        page = self._pages[row]
        self.title.setText(page.title)
        self.text.setText("\n\n".join(page.paragraphs))
        self.figures.show_page(page)

    def _arrange(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addWidget(self.figures)
        column.addWidget(self.text)
        column.addStretch(1)
        column.addWidget(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 16, 16, 16)
        row.setSpacing(16)
        row.addWidget(self.pages)
        row.addLayout(column, 1)
