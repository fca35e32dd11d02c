"""The three ways on from the joint sheet: confirm, call the rest normal, sign."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QWidget

from annotator.domain.annotations import Reading, ReadingState
from annotator.domain.joints import Joint
from annotator.ui.actions import Actions

NAMES = ("confirm", "rest_normal", "sign")
GAP = 6


class SheetButtons(QWidget):
    """Each says its key where there is room for it. asked: name of an action."""

    asked = Signal(str)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.buttons = {name: QPushButton(self) for name in NAMES}
        self.buttons["confirm"].setProperty("strong", True)
        for name, button in self.buttons.items():
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.clicked.connect(lambda _=False, which=name: self.asked.emit(which))
        actions.keys_changed.connect(self._place)
        self._place()

    def show_reading(self, reading: Reading | None, current: Joint | None, *, locked: bool) -> None:
        """Only what can be done is enabled."""
        free = reading is not None and not locked
        boxed = reading is not None and current is not None and reading.of(current).box is not None
        rest = reading is not None and any(reading.of(joint).untouched for joint in reading.expected)
        complete = reading is not None and reading.state is ReadingState.COMPLETE
        for name, possible in (("confirm", boxed), ("rest_normal", rest), ("sign", complete)):
            self.buttons[name].setEnabled(free and possible)

    def sizeHint(self) -> QSize:
        return QSize(300, self.buttons["confirm"].sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        with_keys = set(NAMES)
        self._name(with_keys)
        for name in reversed(NAMES):
            if sum(b.sizeHint().width() + GAP for b in self.buttons.values()) - GAP > self.width():
                with_keys.discard(name)
                self._name(with_keys)
        left = 0
        for button in self.buttons.values():
            size = button.sizeHint()
            button.setGeometry(left, 0, size.width(), size.height())
            left += size.width() + GAP

    def _name(self, with_keys: set[str]) -> None:
        texts = (self.tr("Confirm, next"), self.tr("Rest is normal"), self.tr("Sign"))
        for (name, button), text in zip(self.buttons.items(), texts, strict=True):
            key = self._actions.key_text(name)
            button.setText(f"{text}  {key if name in with_keys else ''}".rstrip())
            button.setToolTip(key)
