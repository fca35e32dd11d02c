"""The three ways on from the joint sheet: confirm or accept, call the rest normal or accept it, sign."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from annotator.domain.annotations import Reading, ReadingState
from annotator.domain.joints import Joint
from annotator.domain.proposals import Proposal
from annotator.ui.actions import Actions

GAP = 6


class SheetButtons(QWidget):
    """Each says its key where there is room for it. asked: name of an action."""

    asked = Signal(str)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._texts = self._wording(proposed=False, rest=0)
        self._three = tuple(QPushButton(self) for _ in self._texts)
        self._three[0].setProperty("strong", True)
        for button in self._three:
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _=False, which=button: self.asked.emit(self._name_of(which)))
        actions.keys_changed.connect(self._place)
        self._place()

    @property
    def buttons(self) -> dict[str, QPushButton]:
        """By the action that each asks for now."""
        return dict(zip(self._texts, self._three, strict=True))

    def show_reading(
        self,
        reading: Reading | None,
        current: Joint | None,
        *,
        locked: bool,
        proposal: Proposal | None = None,
        rest: int = 0,
    ) -> None:
        """Only what can be done is enabled. proposal: the current one; without a joint it cannot be accepted.
        rest: how many proposals "accept the rest" would take."""
        texts = self._wording(proposed=proposal is not None, rest=rest)
        if texts != self._texts:
            self._texts = texts
            self._place()
        free = reading is not None and not locked
        boxed = reading is not None and current is not None and reading.of(current).box is not None
        normal = reading is not None and any(reading.of(joint).untouched for joint in reading.expected)
        complete = reading is not None and reading.state is ReadingState.COMPLETE
        named = proposal is not None and proposal.joint is not None
        possible = (named if proposal else boxed, rest > 0 or normal, complete)
        for button, can_be in zip(self._three, possible, strict=True):
            button.setEnabled(free and can_be)

    def sizeHint(self) -> QSize:
        return QSize(300, self._three[0].sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        with_keys = set(self._texts)
        self._name(with_keys)
        for name in reversed(self._texts):
            if sum(b.sizeHint().width() + GAP for b in self._three) - GAP > self.width():
                with_keys.discard(name)
                self._name(with_keys)
        left = 0
        for button in self._three:
            size = button.sizeHint()
            button.setGeometry(left, 0, min(size.width(), max(self.width() - left, 0)), size.height())
            left += size.width() + GAP

    def _name(self, with_keys: set[str]) -> None:
        for (name, text), button in zip(self._texts.items(), self._three, strict=True):
            key = self._actions.key_text(name)
            button.setText(f"{text}  {key if name in with_keys else ''}".rstrip())
            button.setToolTip(key)

    def _name_of(self, button: QPushButton) -> str:
        return next(name for name, one in self.buttons.items() if one is button)

    def _wording(self, *, proposed: bool, rest: int) -> dict[str, str]:
        """Action and text of each button."""
        confirm = self.tr("Accept, next") if proposed else self.tr("Confirm, next")
        if rest:
            others = {"accept_rest": self.tr("Accept the rest ({n})").format(n=rest)}
        else:
            others = {"rest_normal": self.tr("Rest is normal")}
        return {"confirm": confirm, **others, "sign": self.tr("Sign")}
