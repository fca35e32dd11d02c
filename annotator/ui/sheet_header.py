"""Head of the joint sheet: how far the reading is, and which hand is the right one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from annotator.domain.annotations import Reading, ReadingState
from annotator.domain.joints import Hands
from annotator.domain.words import counted
from annotator.ui.actions import Actions
from annotator.ui.joint_words import sides_words
from annotator.ui.key_cap import KeyCap
from annotator.ui.theme import STATE_SIGNS, Theme

GAP = 10


class SheetHeader(QWidget):
    """Two lines. asked: name of an action."""

    asked = Signal(str)

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = QLabel(self.tr("Joints"), self)
        self._count, self._sides = QLabel(self), QLabel(self)
        self._title.setProperty("weight", "bold")
        set_tone(self._count, "muted")
        self.caps = {
            "swap_sides": KeyCap(actions, "swap_sides", self.tr("swap"), theme, self),
            "confirm_sides": KeyCap(actions, "confirm_sides", self.tr("is right"), theme, self),
        }
        for cap in self.caps.values():
            cap.asked.connect(self.asked)
        actions.keys_changed.connect(self._place)

    @property
    def text(self) -> str:
        return f"{self._title.text()} {self._count.text()}"

    @property
    def side_text(self) -> str:
        return self._sides.text()

    def show_reading(
        self, reading: Reading | None, *, mirrored: bool, locked: bool, proposed: int = 0, sides: str = ""
    ) -> None:
        """proposed: how many joints have a proposal that waits. sides: where the right hand is seen, where
        that is more than mirroring can tell."""
        self._count.setText(self._progress(reading, proposed) if reading is not None else "")
        facts = reading.facts if reading is not None else None
        both = facts is not None and facts.hands is Hands.BOTH and not facts.excluded
        assumed = both and facts is not None and not facts.side_confirmed
        self.caps["swap_sides"].setVisible(both and not locked)
        self.caps["confirm_sides"].setVisible(assumed and not locked)
        self._sides.setText("" if facts is None or facts.excluded else sides or sides_words(facts, mirrored))
        set_tone(self._sides, "warning" if assumed else "muted")
        self._place()

    def lines_height(self) -> int:
        """Of one line, or of two where there is something to say of the sides."""
        return self._line() * (2 if self._sides.text() else 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _progress(self, reading: Reading, proposed: int) -> str:
        if reading.facts.excluded:
            return self.tr("Excluded: {reason}").format(reason=reading.facts.excluded)
        found = sum(1 for joint in reading.expected if reading.of(joint).marks)
        words = [self.tr("{done} of {all} read").format(done=reading.done, all=len(reading.expected))]
        if proposed:
            words.append(self.tr("{n} proposed").format(n=proposed))
        if found:
            words.append(counted(found, self.tr("{n} finding"), self.tr("{n} findings")))
        if reading.signed:
            words.append(f"{STATE_SIGNS[ReadingState.SIGNED]} {self.tr('signed')}")
        return " · ".join(words)

    def _line(self) -> int:
        return self.fontMetrics().height() + 6

    def _place(self) -> None:
        line = self._line()
        start = self._title.sizeHint().width()
        self._title.setGeometry(0, 0, start, line)
        self._count.setGeometry(start + GAP // 2, 0, max(self.width() - start - GAP // 2, 0), line)
        left = 0
        for widget in (self._sides, *self.caps.values()):
            if not widget.isHidden():
                width = widget.sizeHint().width()
                widget.setGeometry(left, line, width, line)
                left += width + GAP


def set_tone(label: QLabel, tone: str) -> None:
    """Give a label one of the style sheet's tones, whatever it had before."""
    if label.property("tone") != tone:
        label.setProperty("tone", tone)
        label.style().unpolish(label)
        label.style().polish(label)
