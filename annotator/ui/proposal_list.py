"""The lines of the panel of proposals: columns that stand beneath each other, at any width."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from annotator.ui.actions import Actions
from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.proposal_rows import PanelRow
from annotator.ui.theme import NORMAL_SIGN, Theme

PAD, BETWEEN = 6, 12
SHORT = 12
"""Letters that have room at any width of the panel: names and cells."""
KEYS = ("confirm", "delete_box")
"""What the keys of these actions do on the radiograph they do in the list as well."""
ROW_ROLE = Qt.ItemDataRole.UserRole + 1

Index = QModelIndex | QPersistentModelIndex


class RowsModel(QAbstractListModel):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[PanelRow, ...] = ()

    def set_rows(self, rows: tuple[PanelRow, ...]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.line
        wants_tip = role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
        return row.tip if wants_tip else None


class RowDelegate(QStyledItemDelegate):
    """Name, then the cells of the line, each beneath that of the line before."""

    def __init__(self, model: RowsModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._model = model
        self._measured: tuple[object, int, list[int]] | None = None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        metrics: QFontMetrics = option.fontMetrics
        return QSize(120, metrics.height() + PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: PanelRow = index.data(ROW_ROLE)
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        self._paint_ground(painter, rect, state)
        bold = QFont(painter.font())
        bold.setWeight(QFont.Weight.DemiBold)
        normal = painter.font()
        words = rect.adjusted(PAD, 0, -PAD, 0)
        unnamed = row.joint is None or row.cells is None
        painter.setFont(normal if unnamed else bold)
        self._draw(painter, words, row.name, self.theme.muted if row.text and not row.joint else "")
        painter.setFont(normal)
        name_width, widths = self.widest(QFontMetrics(bold), QFontMetrics(normal))
        words.setLeft(words.left() + name_width + BETWEEN)
        if row.cells is None:
            self._draw(painter, words, row.text, self.theme.muted)
        else:
            self._paint_cells(painter, words, row.cells, widths)
        painter.restore()

    def _paint_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        theme, flags = self.theme, QStyle.StateFlag
        chosen, hovered = bool(state & flags.State_Selected), bool(state & flags.State_MouseOver)
        ground = theme.selected if chosen else theme.raised if hovered else theme.panel
        focused = chosen and bool(state & flags.State_HasFocus)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.accent if focused else ground))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(rect.adjusted(1, 0, -1, -1), 3, 3)

    def _paint_cells(
        self, painter: QPainter, words: QRect, cells: tuple[str, str, str, str], widths: list[int]
    ) -> None:
        theme = self.theme
        found = theme.muted if cells[0] == NORMAL_SIGN else theme.proposal
        for cell, width, colour in zip(cells, widths, (found, "", theme.muted, theme.warning), strict=True):
            self._draw(painter, words, cell, colour)
            words.setLeft(words.left() + width + BETWEEN)

    def _draw(self, painter: QPainter, place: QRect, text: str, colour: str) -> None:
        if not text:
            return
        painter.setPen(QColor(colour or self.theme.text))
        if len(text) > SHORT:
            text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def widest(self, bold: QFontMetrics, normal: QFontMetrics) -> tuple[int, list[int]]:
        """Of the names and of each cell, measured once for the lines that there are."""
        rows = self._model.rows
        if self._measured is None or self._measured[0] is not rows:
            names = max((bold.horizontalAdvance(row.name) for row in rows), default=0)
            columns = zip(*(row.cells for row in rows if row.cells is not None), strict=True)
            cells = [max(normal.horizontalAdvance(cell) for cell in column) for column in columns]
            self._measured = rows, names, cells
        return self._measured[1], self._measured[2]


class ProposalList(QListView):
    """row_picked(PanelRow): by the pointer or the arrows. action_asked: confirm or delete_box, by its key.

    An empty list shows its hint instead.
    """

    row_picked = Signal(object)
    action_asked = Signal(str)

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hint = ""
        self._actions = actions
        self._showing = False
        self._current: int | None = None
        self._rows = RowsModel(self)
        self.delegate = RowDelegate(self._rows, theme, self)
        self.setModel(self._rows)
        self.setItemDelegate(self.delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        keep_input_method_out(self)
        self.selectionModel().currentChanged.connect(self._chosen)

    @property
    def rows(self) -> tuple[PanelRow, ...]:
        return self._rows.rows

    @property
    def row(self) -> PanelRow | None:
        """The one that is chosen."""
        index = self.currentIndex()
        return self.rows[index.row()] if index.isValid() else None

    def show_rows(self, rows: tuple[PanelRow, ...], current: int | None) -> None:
        """Choose the line of this proposal, telling nobody. Without one a line about a joint stays chosen."""
        before = self.row
        kept = before if current is None and before is not None and before.proposal_id is None else None
        wanted = (
            number
            for number, row in enumerate(rows)
            if (row == kept if current is None else row.proposal_id == current)
        )
        self._showing, self._current = True, current
        if rows != self.rows:
            top = self.verticalScrollBar().value()
            self._rows.set_rows(rows)
            self.verticalScrollBar().setValue(top)
        index = self._rows.index(next(wanted, -1), 0)
        self.setCurrentIndex(index)
        if index.isValid():
            self.scrollTo(index)
        else:
            self.clearSelection()
        self._showing = False
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        pressed = QKeySequence(event.key() | modifiers.value)
        for name in KEYS:
            if pressed in self._actions.sequences(name):
                if (
                    self._current is not None
                    and self.row is not None
                    and self.row.proposal_id == self._current
                ):
                    self.action_asked.emit(name)
                return  # on any other line it would decide on a joint that the line is not about
        super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Letters are Knuckle's keys."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.rows or not self.hint:
            return
        painter = QPainter(self.viewport())
        painter.setPen(QColor(self.delegate.theme.muted))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(self.viewport().rect().adjusted(12, 16, -12, -4), flags, self.hint)

    def _chosen(self, index: QModelIndex) -> None:
        if index.isValid() and not self._showing:
            self.row_picked.emit(self.rows[index.row()])
