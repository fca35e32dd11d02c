"""The worklist: search, filters, order, and the images of the study as the reader has read them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from annotator.domain.images import Study
from annotator.domain.words import counted
from annotator.ui.actions import Actions
from annotator.ui.text_field import TextField
from annotator.ui.theme import Theme
from annotator.ui.worklist_filters import WorklistFilters
from annotator.ui.worklist_model import ID_ROLE, WorklistModel
from annotator.ui.worklist_view import WorklistView
from annotator.workflow.ordering import Ordering
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
        self._walked: int | None = None
        self.model = WorklistModel(self)
        self.list = WorklistView(self.model, theme)
        self.list.setAccessibleName(self.tr("Worklist"))
        self.search = TextField()
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(self.tr("Search the worklist"))
        self.filters = WorklistFilters(actions)
        self.study = QComboBox()
        self.next_unread = QPushButton()
        self._count = QLabel()
        self._later = QTimer(self, singleShot=True, interval=SEARCH_AFTER_MS)
        self._arrange()
        self._connect()
        self.set_worklist(None)

    def set_worklist(self, worklist: Worklist | None, ordering: Ordering | None = None) -> None:
        """Show this worklist; its query is taken over into the filters. ordering: see `WorklistFilters`."""
        if self._worklist is not None:
            self._worklist.changed.disconnect(self._changed)
            self._worklist.row_changed.disconnect(self._show_counts)
        self._worklist = worklist
        self.model.set_worklist(worklist)
        if worklist is not None:
            worklist.changed.connect(self._changed)
            worklist.row_changed.connect(self._show_counts)
            self.search.setText(worklist.query.text)
            self._later.stop()
        self.filters.set_worklist(worklist, ordering)
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
        self._actions.action("choose_study").setEnabled(len(studies) > 1)

    def set_theme(self, theme: Theme) -> None:
        self.list.rows.theme = theme
        self.list.viewport().update()

    def focus_list(self) -> None:
        if not self.list.currentIndex().isValid() and self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(0, 0))
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def choose_study(self) -> None:
        """Open the list of studies: the arrows walk through it, Enter chooses."""
        self.study.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.study.showPopup()

    def clear_filters(self) -> None:
        """Every image again, in the order that is chosen."""
        self.search.clear()
        self._apply_text()
        self.filters.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.clear_filters()
            return
        super().keyPressEvent(event)

    def _changed(self) -> None:
        """Other images, or another order, which may come while somebody walks through the list by key."""
        self._show_counts()
        self._show_hint()
        order = self._worklist.order if self._worklist is not None else None
        self.list.set_reasons(order is not None and order.placed > 0)
        walked = self._walked if self.list.hasFocus() else None
        self._choose(walked if self.model.index_of(walked).isValid() else self._open)

    def _walk(self, current: QModelIndex) -> None:
        if current.isValid():
            self._walked = current.data(ID_ROLE)

    def _choose(self, image_id: int | None) -> None:
        index = self.model.index_of(image_id)
        if index.isValid():
            self.list.setCurrentIndex(index)
            self.list.scrollTo(index)

    def _show_counts(self, _image_id: int = 0) -> None:
        worklist = self._worklist
        self.filters.show_counts()
        shown, total = self.model.rowCount(), worklist.total if worklist is not None else 0
        text = counted(total, self.tr("{n} image"), self.tr("{n} images"))
        self._count.setText(
            text if shown == total else self.tr("{n} of {all}").format(n=f"{shown:,}", all=text)
        )

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

    def _apply_text(self) -> None:
        self._later.stop()
        if self._worklist is not None:
            self._worklist.set_text(self.search.text())

    def _search_done(self) -> None:
        self._apply_text()
        self.focus_list()

    def _leave_search(self) -> None:
        if self.search.text():
            self.search.clear()
            self._apply_text()
        else:
            self.focus_list()

    def _arrange(self) -> None:
        self.setAutoFillBackground(True)
        self._count.setProperty("weight", "bold")
        self.study.setAccessibleName(self.tr("Study"))
        self.study.hide()
        self._actions.action("choose_study").setEnabled(False)
        header = QHBoxLayout()
        header.addWidget(self._count)
        header.addStretch(1)
        header.addWidget(self.next_unread)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.setSpacing(6)
        whole.addLayout(header)
        whole.addWidget(self.study)
        whole.addWidget(self.search)
        whole.addWidget(self.filters)
        whole.addWidget(self.list, 1)

    def _connect(self) -> None:
        self.list.open_asked.connect(self.open_asked)
        self.list.selectionModel().currentRowChanged.connect(lambda current, _before: self._walk(current))
        self.next_unread.clicked.connect(self.next_unread_asked)
        self.study.activated.connect(lambda place: self.study_asked.emit(self.study.itemData(place)))
        self.search.textEdited.connect(lambda _text: self._later.start())
        self.search.returnPressed.connect(self._search_done)
        self.search.left.connect(self._leave_search)
        self._later.timeout.connect(self._apply_text)
        self._actions.action("choose_study").triggered.connect(lambda _=False: self.choose_study())
        self._actions.keys_changed.connect(self._show_keys)
        self._show_keys()
