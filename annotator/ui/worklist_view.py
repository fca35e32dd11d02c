"""How a line of the worklist looks, and the list that shows them."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from annotator.domain.annotations import ReadingState
from annotator.domain.findings import Finding
from annotator.domain.images import WorklistRow
from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.key_cap import scaled_font
from annotator.ui.style_sheet import SMALL
from annotator.ui.theme import FINDING_SIGNS, Theme, finding_colour
from annotator.ui.worklist_model import (
    ID_ROLE,
    ROW_ROLE,
    THUMBNAIL_HEIGHT,
    THUMBNAIL_ROLE,
    THUMBNAIL_WIDTH,
    WHY_ROLE,
    Index,
    WorklistModel,
    state_text,
    visit_text,
)

PAD = 6
REASON = 16
"""Height of the line that says why an image stands where it stands."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class WorklistDelegate(QStyledItemDelegate):
    """Thumbnail; code and visit; state, findings and how many joints are read; where a queue is the order,
    why."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.open_image: int | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(160, THUMBNAIL_HEIGHT + 2 * PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: WorklistRow = index.data(ROW_ROLE)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, rect, state, is_open=row.image_id == self.open_image)
        place = QRect(rect.left() + PAD + 2, rect.top() + PAD, THUMBNAIL_WIDTH, THUMBNAIL_HEIGHT)
        self._paint_thumbnail(painter, place, index.data(THUMBNAIL_ROLE))
        words = QRect(place.right() + PAD + 4, rect.top() + PAD, 0, THUMBNAIL_HEIGHT // 2)
        words.setRight(rect.right() - PAD - 2)
        self._paint_name(painter, words, row)
        words.translate(0, THUMBNAIL_HEIGHT // 2)
        self._paint_state(painter, words, row)
        words.translate(0, THUMBNAIL_HEIGHT // 2)
        self._paint_reason(painter, words, index.data(WHY_ROLE))
        painter.restore()

    def _paint_ground(
        self, painter: QPainter, rect: QRect, state: QStyle.StateFlag, *, is_open: bool
    ) -> None:
        theme, inner = self.theme, rect.adjusted(1, 1, -1, -1)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        ground = theme.selected if is_open else theme.raised if hovered else theme.panel
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QColor(theme.accent if focused else ground))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(inner, 4, 4)

    def _paint_thumbnail(self, painter: QPainter, place: QRect, pixmap: QPixmap | None) -> None:
        painter.fillRect(place, QColor("black"))
        if pixmap is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = pixmap.size().scaled(place.size(), Qt.AspectRatioMode.KeepAspectRatio)
        target = QRect(place.topLeft(), size)
        target.moveCenter(place.center())
        painter.drawPixmap(target, pixmap)

    def _paint_name(self, painter: QPainter, words: QRect, row: WorklistRow) -> None:
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.text))
        code = painter.fontMetrics().elidedText(row.patient_code, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, _LEFT, code)
        rest = words.adjusted(painter.fontMetrics().horizontalAdvance(code) + PAD, 0, 0, 0)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(QColor(self.theme.muted))
        visit = painter.fontMetrics().elidedText(visit_text(row), Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, _LEFT, visit)

    def _paint_state(self, painter: QPainter, words: QRect, row: WorklistRow) -> None:
        theme = self.theme
        painter.setFont(scaled_font(painter.font(), SMALL))
        metrics: QFontMetrics = painter.fontMetrics()
        painter.setPen(QColor(theme.muted))
        painter.drawText(words, _RIGHT, f"{row.done}/{row.expected}")
        done = row.state in (ReadingState.COMPLETE, ReadingState.SIGNED)
        painter.setPen(QColor(theme.ok if done else theme.muted))
        text = state_text(row)
        painter.drawText(words, _LEFT, text)
        words = words.adjusted(metrics.horizontalAdvance(text) + 2 * PAD, 0, 0, 0)
        for finding in Finding:
            if finding in row.findings:
                painter.setPen(QColor(finding_colour(finding, theme)))
                painter.drawText(words, _LEFT, FINDING_SIGNS[finding])
                words = words.adjusted(metrics.horizontalAdvance(FINDING_SIGNS[finding]) + 3, 0, 0, 0)

    def _paint_reason(self, painter: QPainter, words: QRect, reason: str) -> None:
        """In the letters of the line above."""
        place = QRect(words.left(), words.top(), words.width(), REASON)
        painter.setPen(QColor(self.theme.text))
        text = painter.fontMetrics().elidedText(reason, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, _LEFT, text)


class WorklistView(QTableView):
    """open_asked(image id): by a click or Enter. An empty list shows its hint instead.

    A table of one column: QListView asks the model about each of 100,000 lines before it shows one.
    """

    open_asked = Signal(int)

    def __init__(self, model: WorklistModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hint = ""
        self.setProperty("plain", True)
        self.rows = WorklistDelegate(theme, self)
        self.setModel(model)
        self.setItemDelegate(self.rows)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QTableView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.horizontalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(THUMBNAIL_HEIGHT + 2 * PAD)
        self.verticalScrollBar().setSingleStep(THUMBNAIL_HEIGHT)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        keep_input_method_out(self)
        self.clicked.connect(self._ask)

    def set_reasons(self, shown: bool) -> None:
        """Make room for why each image stands where it stands, or take it back."""
        height = THUMBNAIL_HEIGHT + 2 * PAD + (REASON if shown else 0)
        if height != self.verticalHeader().defaultSectionSize():
            self.verticalHeader().setDefaultSectionSize(height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._ask(self.currentIndex())
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are Knuckle's keys; looking through 100,000 lines is what the search field is for."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.model().rowCount() or not self.hint:
            return
        painter = QPainter(self.viewport())
        painter.setPen(QColor(self.rows.theme.muted))
        place = self.viewport().rect().adjusted(12, 24, -12, -12)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(place, flags, self.hint)

    def _ask(self, index: QModelIndex) -> None:
        self.open_asked.emit(index.data(ID_ROLE))
