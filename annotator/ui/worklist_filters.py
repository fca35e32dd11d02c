"""What narrows and orders the worklist: state, finding, order; by pointer, or by a key from anywhere."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from annotator.domain.annotations import ReadingState
from annotator.domain.findings import Finding
from annotator.domain.images import SortBy
from annotator.domain.queue import QueueBy
from annotator.ui.actions import Actions
from annotator.ui.joint_words import finding_word
from annotator.ui.order_note import OrderNote
from annotator.ui.queue_words import order_word
from annotator.ui.state_chips import StateChips
from annotator.ui.theme import FINDING_SIGNS
from annotator.workflow.ordering import Ordering
from annotator.workflow.worklist import Worklist

POPUP_AIR = 12
"""Pixels on either side of the widest order, which the closed box may cut."""


class WorklistFilters(QWidget):
    """Whatever is chosen goes straight to the worklist, or to its ordering where a queue is the order."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._worklist: Worklist | None = None
        self._ordering: Ordering | None = None
        self.chips = StateChips()
        self.finding, self.sort = QComboBox(), QComboBox()
        self.direction = QToolButton()
        self.note = OrderNote(actions)
        self._fill()
        self._arrange()
        self.chips.picked.connect(self._apply_state)
        self.finding.activated.connect(self._apply_finding)
        self.sort.activated.connect(self._apply_sort)
        self.direction.clicked.connect(self._apply_sort)
        actions.connect_all(
            {
                "next_state": lambda _=False: self.chips.step(1),
                "previous_state": lambda _=False: self.chips.step(-1),
                "next_filter": lambda _=False: self._step_finding(1),
                "previous_filter": lambda _=False: self._step_finding(-1),
                "next_order": lambda _=False: self._step_sort(),
                "turn_order": lambda _=False: self.direction.click(),
                "order_anew": lambda _=False: self._order_anew(),
            }
        )

    def set_worklist(self, worklist: Worklist | None, ordering: Ordering | None = None) -> None:
        """Show the query of this worklist, and change it from now on. ordering: of this worklist; without
        one it has no orders but its own."""
        if self._ordering is not None:
            self._ordering.changed.disconnect(self._show_order)
        self._worklist, self._ordering = worklist, ordering
        self._offer_queues(offered=ordering is not None)
        if ordering is not None:
            ordering.changed.connect(self._show_order)
        if worklist is not None:
            query = worklist.query
            self.chips.set_picked(query.state)
            self.finding.setCurrentIndex(self.finding.findData(query.finding))
            self.direction.setChecked(query.descending)
        self._show_order()

    def show_counts(self) -> None:
        self.chips.set_counts(self._worklist.counts if self._worklist is not None else {})

    def clear(self) -> None:
        """Every state and every finding, in the order that is chosen."""
        self.chips.set_picked(None)
        self.finding.setCurrentIndex(0)
        if self._worklist is not None:
            self._worklist.set_state(None)
            self._worklist.set_finding(None)

    def _step_finding(self, by: int) -> None:
        self.finding.setCurrentIndex((self.finding.currentIndex() + by) % self.finding.count())
        self._apply_finding()

    def _step_sort(self) -> None:
        orders = [place for place in range(self.sort.count()) if self.sort.itemData(place) is not None]
        here = orders.index(self.sort.currentIndex())
        self.sort.setCurrentIndex(orders[(here + 1) % len(orders)])
        self._apply_sort()

    def _apply_state(self, state: ReadingState | None) -> None:
        if self._worklist is not None:
            self._worklist.set_state(state)

    def _apply_finding(self) -> None:
        chosen = self.finding.currentData()  # a plain str: Qt does not keep the enumeration
        if self._worklist is not None:
            self._worklist.set_finding(Finding(chosen) if chosen else None)

    def _apply_sort(self) -> None:
        chosen, down = self.sort.currentData(), self.direction.isChecked()
        self._show_direction()
        if self._ordering is not None and chosen in list(QueueBy):
            self._ordering.choose(QueueBy(chosen))
        elif self._ordering is not None:
            self._ordering.leave(SortBy(chosen), down)
        elif self._worklist is not None:
            self._worklist.set_sort(SortBy(chosen), down)

    def _order_anew(self) -> None:
        if self._ordering is not None:
            self._ordering.anew()

    def _show_order(self) -> None:
        """The order that is chosen; again the one of the list where that came to nothing."""
        if self._worklist is not None:
            queue = self._ordering.chosen if self._ordering is not None else None
            self.sort.setCurrentIndex(self.sort.findData(queue or self._worklist.query.sort))
            self.sort.setToolTip(self.sort.currentText())
            self.direction.setVisible(queue is None)  # there is no least first
            self._actions.action("turn_order").setEnabled(queue is None)
        self._show_direction()
        if self._ordering is not None and self._worklist is not None:
            self.note.show_state(self._ordering, self._worklist.order)
        else:
            self._actions.action("order_anew").setEnabled(False)
            self.note.hide()

    def _show_direction(self) -> None:
        down = self.direction.isChecked()
        self.direction.setText("↓" if down else "↑")
        self.direction.setToolTip(self.tr("Falling") if down else self.tr("Rising"))

    def _offer_queues(self, *, offered: bool) -> None:
        while self.sort.count() > len(SortBy):
            self.sort.removeItem(self.sort.count() - 1)
        if offered:
            self.sort.insertSeparator(self.sort.count())
            for by in QueueBy:
                self.sort.addItem(order_word(by), by)
        self.sort.view().setMinimumWidth(self.sort.view().sizeHintForColumn(0) + 2 * POPUP_AIR)

    def _fill(self) -> None:
        self.finding.addItem(self.tr("any finding"), None)
        for finding in Finding:
            self.finding.addItem(f"{FINDING_SIGNS[finding]} {finding_word(finding)}", finding)
        names = (self.tr("by patient"), self.tr("by date"), self.tr("by state"), self.tr("by progress"))
        for sort, name in zip(SortBy, names, strict=True):
            self.sort.addItem(name, sort)
        self.sort.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.sort.setMinimumContentsLength(len(names[-1]))
        self.finding.setAccessibleName(self.tr("Filter by finding"))
        self.sort.setAccessibleName(self.tr("Order"))
        self.direction.setCheckable(True)
        self.direction.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _arrange(self) -> None:
        order = QHBoxLayout()
        order.setSpacing(4)
        order.addWidget(self.finding, 2)
        order.addWidget(self.sort, 3)
        order.addWidget(self.direction)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addWidget(self.chips)
        whole.addLayout(order)
        whole.addWidget(self.note)
