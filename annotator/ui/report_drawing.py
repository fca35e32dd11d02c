"""A report painted on a page: what the preview shows and what the PDF holds, one and the same.

Words are laid out by Qt's documents, drawings by its SVG renderer, both as lines and letters, not as pixels.
A page that does not fit is laid out wider and so becomes smaller: a report has one page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QRectF, QSizeF
from PySide6.QtGui import (
    QColor,
    QFont,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QPen,
    QTextDocument,
    QTextOption,
)
from PySide6.QtSvg import QSvgRenderer

from annotator.workflow.reporting import ReportPage

PAGE_MM = QSizeF(210.0, 297.0)
MARGIN_MM = 12.0
SHARE = (PAGE_MM.height() - 2 * MARGIN_MM) / (PAGE_MM.width() - 2 * MARGIN_MM)
"""Height of what may be painted on, for a width of 1."""
NARROWEST, WIDEST, WIDER = 680.0, 4000.0, 1.03
"""Widths in pixels of letters 13 pixels high that are tried one after another until the height fits."""
GAP = 8.0
DPI = 600
_SHEET = """
p.h1 { font-size: 20px; font-weight: bold; margin: 0; }
p.h2 { font-size: 15px; font-weight: bold; margin-top: 11px; margin-bottom: 3px; }
p { margin-top: 3px; margin-bottom: 0; } p.mark { font-weight: bold; } p.small { font-size: 11px; }
table { border-collapse: collapse; border: 1px solid #9aa2ad; border-style: solid; }
th { background-color: #eceff3; padding: 2px 5px; border: 1px solid #9aa2ad; border-style: solid;
  text-align: left; font-weight: bold; }
td { padding: 2px 5px; border: 1px solid #9aa2ad; border-style: solid; }
"""
_INK, _LINE = QColor("#16191d"), QColor("#9aa2ad")


@dataclass(frozen=True)
class _Drawing:
    caption: QTextDocument
    renderer: QSvgRenderer

    def height(self, width: float) -> float:
        size = self.renderer.defaultSize()
        return self.caption.size().height() + width * size.height() / size.width()


class ReportDrawing:
    """One page, laid out once. Needs a QGuiApplication."""

    def __init__(self, page: ReportPage) -> None:
        self.title = page.title
        self._head, self._tables = _document(page.head), _document(page.tables)
        self._drawings = [
            _Drawing(
                _document(f"<p><b>{_plain(one.caption)}</b></p>"), QSvgRenderer(QByteArray(one.svg.encode()))
            )
            for one in page.figures
        ]

    @cached_property
    def width(self) -> float:
        """In pixels of letters 13 pixels high: the narrowest at which the page is high enough."""
        width = NARROWEST
        while width < WIDEST and self._height(width) > width * SHARE:
            width *= WIDER
        return width

    def paint(self, painter: QPainter, place: QRectF) -> None:
        """place: the whole sheet of paper, in the shape of A4; it is painted white."""
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.fillRect(place, QColor("white"))
        margin = place.width() * MARGIN_MM / PAGE_MM.width()
        self._paint_inside(painter, place.adjusted(margin, margin, -margin, -margin))
        painter.restore()

    def pdf(self) -> bytes:
        """A PDF of one page, A4, with letters that can be searched."""
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(buffer)
        writer.setResolution(DPI)
        writer.setTitle(self.title)
        writer.setCreator("Knuckle")
        size = QPageSize(QPageSize.PageSizeId.A4)
        margins = QMarginsF(MARGIN_MM, MARGIN_MM, MARGIN_MM, MARGIN_MM)
        portrait = QPageLayout.Orientation.Portrait
        writer.setPageLayout(QPageLayout(size, portrait, margins, QPageLayout.Unit.Millimeter))
        painter = QPainter(writer)
        self._paint_inside(painter, QRectF(0, 0, writer.width(), writer.height()))
        painter.end()
        return bytes(buffer.data().data())

    def _paint_inside(self, painter: QPainter, place: QRectF) -> None:
        painter.save()
        painter.translate(place.topLeft())
        scale = place.width() / self.width
        painter.scale(scale, scale)
        self._lay_out(self.width)
        painter.translate(0, _paint(painter, self._head) + GAP)
        for row in self._rows():
            height = max(drawing.height(self._figure_width(self.width)) for drawing in row)
            for place_in_row, drawing in enumerate(row):
                self._paint_drawing(painter, drawing, place_in_row, height)
            painter.translate(0, height + GAP)
        _paint(painter, self._tables)
        painter.restore()

    def _paint_drawing(self, painter: QPainter, drawing: _Drawing, column: int, height: float) -> None:
        width = self._figure_width(self.width)
        painter.save()
        painter.translate(column * (width + GAP), 0)
        painter.setPen(QPen(_LINE, 1))
        painter.drawRect(QRectF(0, 0, width, height))
        over = _paint(painter, drawing.caption)
        painter.setPen(_INK)
        drawing.renderer.render(painter, QRectF(0, over, width, drawing.height(width) - over))
        painter.restore()

    def _rows(self) -> Iterator[list[_Drawing]]:
        columns = self._columns
        for start in range(0, len(self._drawings), columns):
            yield self._drawings[start : start + columns]

    @property
    def _columns(self) -> int:
        count = len(self._drawings)
        return 1 if count == 1 else 2 if count <= 6 else 3

    def _figure_width(self, width: float) -> float:
        """One alone does not take the whole width, or its letters would be larger than all others."""
        columns = self._columns
        return width * 0.78 if columns == 1 else (width - GAP * (columns - 1)) / columns

    def _height(self, width: float) -> float:
        self._lay_out(width)
        figures = self._figure_width(width)
        rows = sum(max(one.height(figures) for one in row) + GAP for row in self._rows())
        return self._head.size().height() + GAP + rows + self._tables.size().height()

    def _lay_out(self, width: float) -> None:
        self._head.setTextWidth(width)
        self._tables.setTextWidth(width)
        for drawing in self._drawings:
            drawing.caption.setTextWidth(self._figure_width(width))


def _document(html: str) -> QTextDocument:
    """Headings become paragraphs: Qt makes the letters of a heading larger than its style says."""
    for tag in ("h1", "h2"):
        html = html.replace(f"<{tag}>", f'<p class="{tag}">').replace(f"</{tag}>", "</p>")
    made = QTextDocument()
    font = QFont(QGuiApplication.font())
    font.setPixelSize(13)
    made.setDefaultFont(font)
    made.setUseDesignMetrics(True)
    made.setDocumentMargin(3)
    made.setDefaultTextOption(QTextOption())
    made.setDefaultStyleSheet(_SHEET)
    made.setHtml(f'<body style="color: {_INK.name()}">{html}</body>')
    return made


def _plain(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _paint(painter: QPainter, document: QTextDocument) -> float:
    """Its height."""
    document.drawContents(painter)
    return document.size().height()
