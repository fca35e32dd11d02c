"""What narrows and orders the worklist: state, finding, order; by pointer, or by a key from anywhere."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from annotator.domain.annotations import ReadingState
from annotator.domain.findings import Finding
from annotator.domain.images import SortBy
from annotator.ui.actions import Actions
from annotator.ui.joint_words import finding_word
from annotator.ui.state_chips import StateChips
from annotator.ui.theme import FINDING_SIGNS
from annotator.workflow.worklist import Worklist


class WorklistFilters(QWidget):
    """Whatever is chosen goes straight to the worklist."""

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._worklist: Worklist | None = None
        self.chips = StateChips()
        self.finding, self.sort = QComboBox(), QComboBox()
        self.direction = QToolButton()
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
            }
        )

    def set_worklist(self, worklist: Worklist | None) -> None:
        """Show the query of this worklist, and change it from now on."""
        self._worklist = worklist
        if worklist is not None:
            query = worklist.query
            self.chips.set_picked(query.state)
            self.finding.setCurrentIndex(self.finding.findData(query.finding))
            self.sort.setCurrentIndex(self.sort.findData(query.sort))
            self.direction.setChecked(query.descending)
            self._show_direction()

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
        self.sort.setCurrentIndex((self.sort.currentIndex() + 1) % self.sort.count())
        self._apply_sort()

    def _apply_state(self, state: ReadingState | None) -> None:
        if self._worklist is not None:
            self._worklist.set_state(state)

    def _apply_finding(self) -> None:
        chosen = self.finding.currentData()  # a plain str: Qt does not keep the enumeration
        if self._worklist is not None:
            self._worklist.set_finding(Finding(chosen) if chosen else None)

    def _apply_sort(self) -> None:
        self._show_direction()
        if self._worklist is not None:
            self._worklist.set_sort(SortBy(self.sort.currentData()), self.direction.isChecked())

    def _show_direction(self) -> None:
        down = self.direction.isChecked()
        self.direction.setText("↓" if down else "↑")
        self.direction.setToolTip(self.tr("Falling") if down else self.tr("Rising"))

    def _fill(self) -> None:
        self.finding.addItem(self.tr("any finding"), None)
        for finding in Finding:
            self.finding.addItem(f"{FINDING_SIGNS[finding]} {finding_word(finding)}", finding)
        names = (self.tr("by patient"), self.tr("by date"), self.tr("by state"), self.tr("by progress"))
        for sort, name in zip(SortBy, names, strict=True):
            self.sort.addItem(name, sort)
        self.finding.setAccessibleName(self.tr("Filter by finding"))
        self.sort.setAccessibleName(self.tr("Order"))
        self.direction.setCheckable(True)
        self.direction.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _arrange(self) -> None:
        order = QHBoxLayout()
        order.setSpacing(4)
        order.addWidget(self.finding, 1)
        order.addWidget(self.sort, 1)
        order.addWidget(self.direction)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addWidget(self.chips)
        whole.addLayout(order)
