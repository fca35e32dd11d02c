"""What can be done with proposals: buttons that say their keys, in as many rows as they need."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from annotator.ui.actions import Actions
from annotator.ui.proposal_rows import PanelState
from annotator.ui.theme import NORMAL_SIGN

GAP = 4
DOES = ("propose", "accept_rest")
SHOWS = ("differences", "least_certain")


class ProposalButtons(QWidget):
    """asked: name of an action; the buttons show what the panel was told, not what was asked for."""

    asked = Signal(str)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._state = PanelState()
        self.buttons = {name: QPushButton(self) for name in (*DOES, *SHOWS)}
        for name, button in self.buttons.items():
            button.setProperty("chip", True)
            button.setCheckable(name in SHOWS)
            button.clicked.connect(lambda _=False, which=name: self._ask(which))
        for name in SHOWS:
            actions.action(name).changed.connect(self._show)
        actions.keys_changed.connect(self._show)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._show()

    def show_state(self, state: PanelState) -> None:
        self._state = state
        self._show()

    def sizeHint(self) -> QSize:
        return QSize(200, self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _ask(self, name: str) -> None:
        self._show()
        self.asked.emit(name)

    def _show(self) -> None:
        state = self._state
        rest = self.tr("Accept the rest ({n})") if state.rest else self.tr("Accept the rest")
        texts = {
            "propose": self.tr("Propose now"),
            "accept_rest": rest.format(n=state.rest),
            "differences": self.tr("Differences"),
            "least_certain": self.tr("Least certain first"),
        }
        on = {"differences": state.differences is not None, "least_certain": state.uncertain_first}
        usable = {"propose": state.can_run, "accept_rest": state.can_decide and state.rest > 0}
        for name, button in self.buttons.items():
            sign = f"{NORMAL_SIGN} " if on.get(name) else ""
            button.setText(f"{sign}{texts[name]}  {self._actions.key_text(name)}".rstrip())
            button.setAccessibleName(texts[name])
            button.setToolTip("   ".join(self._actions.key_texts(name)))
            button.setChecked(on.get(name, False))
            button.setEnabled(usable.get(name, self._actions.action(name).isEnabled()))
        self._place()

    def _place(self) -> None:
        left = top = 0
        height = self.buttons["propose"].sizeHint().height()
        for button in self.buttons.values():
            width = button.sizeHint().width()
            if left and left + width > self.width():
                left, top = 0, top + height + GAP
            button.setGeometry(left, top, min(width, self.width()), height)
            left += width + GAP
        if self.minimumHeight() != top + height:
            self.setFixedHeight(top + height)
