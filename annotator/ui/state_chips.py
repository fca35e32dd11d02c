"""Buttons that filter by state, each with its count, in as many rows as they need."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from annotator.domain.annotations import ReadingState
from annotator.ui.theme import STATE_SIGNS
from annotator.ui.worklist_model import state_word

GAP = 4


class StateChips(QWidget):
    """picked: a ReadingState, or None for all."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips: dict[ReadingState | None, QPushButton] = {}
        self._group = QButtonGroup(self)
        for state in (None, *ReadingState):
            chip = QPushButton(self)
            chip.setCheckable(True)
            chip.setProperty("chip", True)
            chip.clicked.connect(lambda _=False, asked=state: self.picked.emit(asked))
            self._group.addButton(chip)
            self.chips[state] = chip
        self.chips[None].setChecked(True)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)
        self.set_counts({})

    def set_counts(self, counts: Mapping[ReadingState, int]) -> None:
        for state, chip in self.chips.items():
            count = sum(counts.values()) if state is None else counts.get(state, 0)
            word = self.tr("all") if state is None else f"{STATE_SIGNS[state]} {state_word(state)}"
            chip.setText(f"{word} {count:,}")
        self._place()

    def set_picked(self, state: ReadingState | None) -> None:
        self.chips[state].setChecked(True)

    def step(self, by: int) -> None:
        """Pick the next chip, round the end."""
        states = list(self.chips)
        now = next(place for place, chip in enumerate(self.chips.values()) if chip.isChecked())
        chosen = states[(now + by) % len(states)]
        self.set_picked(chosen)
        self.picked.emit(chosen)

    def sizeHint(self) -> QSize:
        return QSize(200, 2 * (self.chips[None].sizeHint().height() + GAP) - GAP)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        x = y = 0
        row = self.chips[None].sizeHint().height()
        for chip in self.chips.values():
            width = chip.sizeHint().width()
            if x and x + width > self.width():
                x, y = 0, y + row + GAP
            chip.setGeometry(x, y, min(width, self.width()), row)
            x += width + GAP
        if self.minimumHeight() != y + row:
            self.setFixedHeight(y + row)
