"""The worklist: search, filters, order, and the images of the study as the reader has read them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from annotator.domain.annotations import ReadingState
from annotator.domain.findings import Finding
from annotator.domain.images import SortBy, Study
from annotator.ui.actions import Actions
from annotator.ui.joint_words import finding_word
from annotator.ui.state_chips import StateChips
from annotator.ui.text_field import TextField
from annotator.ui.theme import FINDING_SIGNS, Theme
from annotator.ui.worklist_model import WorklistModel
from annotator.ui.worklist_view import WorklistView
from annotator.workflow.worklist import Worklist

SEARCH_AFTER_MS = 150


class WorklistPanel(QWidget):
    """open_asked(image id); next_unread_asked(); study_asked(study id). Filters go straight to the list."""

    open_asked = Signal(int)
    next_unread_asked = Signal()
    study_asked = Signal(int)

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._worklist: Worklist | None = None
        self._open: int | None = None
        self.model = WorklistModel(self)
        self.list = WorklistView(self.model, theme)
        self.list.setAccessibleName(self.tr("Worklist"))
        self.search = TextField()
        self.search.setClearButtonEnabled(True)
        self.chips = StateChips()
        self.finding, self.sort, self.study = QComboBox(), QComboBox(), QComboBox()
        self.direction = QToolButton()
        self.next_unread = QPushButton()
        self._count = QLabel()
        self._later = QTimer(self, singleShot=True, interval=SEARCH_AFTER_MS)
        self._fill()
        self._arrange()
        self._connect()
        self.set_worklist(None)

    def set_worklist(self, worklist: Worklist | None) -> None:
        """Show this worklist; its query is taken over into the filters."""
        if self._worklist is not None:
            self._worklist.changed.disconnect(self._changed)
            self._worklist.row_changed.disconnect(self._show_counts)
        self._worklist = worklist
        self.model.set_worklist(worklist)
        if worklist is not None:
            worklist.changed.connect(self._changed)
            worklist.row_changed.connect(self._show_counts)
            self._show_query()
        self._changed()

    def set_open(self, image_id: int | None) -> None:
        """Mark the image that is open, and bring its line into view."""
        self._open = self.list.rows.open_image = image_id
        self._choose(image_id)
        self.list.viewport().update()

    def set_studies(self, studies: Sequence[Study], current: int | None) -> None:
        """The choice of a study is shown where there is one to make."""
        self.study.clear()
        for study in studies:
            self.study.addItem(study.name, study.id)
        self.study.setCurrentIndex(self.study.findData(current))
        self.study.setVisible(len(studies) > 1)

    def set_theme(self, theme: Theme) -> None:
        self.list.rows.theme = theme
        self.list.viewport().update()

    def focus_list(self) -> None:
        if not self.list.currentIndex().isValid() and self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0, 0))
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def clear_filters(self) -> None:
        """Every image again, in the order that is chosen."""
        self.search.clear()
        self.chips.set_picked(None)
        self.finding.setCurrentIndex(0)
        if self._worklist is not None:
            self._apply_text()
            self._worklist.set_state(None)
            self._worklist.set_finding(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear_filters()
            return
        super().keyPressEvent(event)

    def _changed(self) -> None:
        self._show_counts()
        self._show_hint()
        self._choose(self._open)

    def _choose(self, image_id: int | None) -> None:
        index = self.model.index_of(image_id)
        if index.isValid():
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def _show_counts(self, _image_id: int = 0) -> None:
        worklist = self._worklist
        self.chips.set_counts(worklist.counts if worklist is not None else {})
        shown, total = self.model.rowCount(), worklist.total if worklist is not None else 0
        text = self.tr("{all} images") if shown == total else self.tr("{n} of {all} images")
        self._count.setText(text.format(n=f"{shown:,}", all=f"{total:,}"))

    def _show_hint(self) -> None:
        if self._worklist is not None and self._worklist.total:
            self.list.hint = self.tr("No radiograph matches.\nEsc shows them all again.")
        else:
            key = self._actions.key_text("open_files")
            self.list.hint = self.tr("No radiographs yet:\ndrop a folder here or press {key}.").format(
                key=key
            )
        self.next_unread.setEnabled(self.model.rowCount() > 0)
        self.list.viewport().update()

    def _show_keys(self) -> None:
        self.next_unread.setText(
            f"{self.tr('Next unread')}  {self._actions.key_text('next_unread')}".rstrip()
        )
        key = self._actions.key_text("search")
        self.search.setPlaceholderText(f"{self.tr('Search code, visit, finding')}   {key}".rstrip())
        self._show_hint()

    def _show_query(self) -> None:
        assert self._worklist is not None
        query = self._worklist.query
        self.search.setText(query.text)
        self._later.stop()
        self.chips.set_picked(query.state)
        self.finding.setCurrentIndex(self.finding.findData(query.finding))
        self.sort.setCurrentIndex(self.sort.findData(query.sort))
        self.direction.setChecked(query.descending)
        self._show_direction()

    def _show_direction(self) -> None:
        down = self.direction.isChecked()
        self.direction.setText("↓" if down else "↑")
        self.direction.setToolTip(self.tr("Falling") if down else self.tr("Rising"))

    def _apply_text(self) -> None:
        self._later.stop()
        if self._worklist is not None:
            self._worklist.set_text(self.search.text())

    def _apply_finding(self) -> None:
        chosen = self.finding.currentData()  # a plain str: Qt does not keep the enumeration
        if self._worklist is not None:
            self._worklist.set_finding(Finding(chosen) if chosen else None)

    def _apply_state(self, state: ReadingState | None) -> None:
        if self._worklist is not None:
            self._worklist.set_state(state)

    def _apply_sort(self) -> None:
        self._show_direction()
        if self._worklist is not None:
            self._worklist.set_sort(SortBy(self.sort.currentData()), self.direction.isChecked())

    def _search_done(self) -> None:
        self._apply_text()
        self.focus_list()

    def _leave_search(self) -> None:
        if self.search.text():
            self.search.clear()
            self._apply_text()
        else:
            self.focus_list()

    def _fill(self) -> None:
        self.finding.addItem(self.tr("any finding"), None)
        for finding in Finding:
            self.finding.addItem(f"{FINDING_SIGNS[finding]} {finding_word(finding)}", finding)
        names = (self.tr("by patient"), self.tr("by date"), self.tr("by state"), self.tr("by progress"))
        for sort, name in zip(SortBy, names, strict=True):
            self.sort.addItem(name, sort)
        self.finding.setAccessibleName(self.tr("Filter by finding"))
        self.sort.setAccessibleName(self.tr("Order"))
        self.study.setAccessibleName(self.tr("Study"))
        self.direction.setCheckable(True)
        self.direction.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.study.hide()

    def _arrange(self) -> None:
        self.setAutoFillBackground(True)
        self._count.setProperty("weight", "bold")
        header, order = QHBoxLayout(), QHBoxLayout()
        header.addWidget(self._count)
        header.addStretch(1)
        header.addWidget(self.next_unread)
        order.setSpacing(4)
        order.addWidget(self.finding, 1)
        order.addWidget(self.sort, 1)
        order.addWidget(self.direction)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.setSpacing(6)
        whole.addLayout(header)
        whole.addWidget(self.study)
        whole.addWidget(self.search)
        whole.addWidget(self.chips)
        whole.addLayout(order)
        whole.addWidget(self.list, 1)

    def _connect(self) -> None:
        self.list.open_asked.connect(self.open_asked)
        self.next_unread.clicked.connect(self.next_unread_asked)
        self.chips.picked.connect(self._apply_state)
        self.finding.activated.connect(self._apply_finding)
        self.sort.activated.connect(self._apply_sort)
        self.direction.clicked.connect(self._apply_sort)
        self.study.activated.connect(lambda place: self.study_asked.emit(self.study.itemData(place)))
        self.search.textEdited.connect(lambda _text: self._later.start())
        self.search.returnPressed.connect(self._search_done)
        self.search.left.connect(self._leave_search)
        self._later.timeout.connect(self._apply_text)
        self._actions.keys_changed.connect(self._show_keys)
        self._show_keys()
