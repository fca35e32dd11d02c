"""The panel of proposals: what ran, what waits for the reader, and from which confidence on it is shown."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QVBoxLayout, QWidget

from annotator.domain.joint_names import NameStyle
from annotator.ui.actions import Actions
from annotator.ui.proposal_buttons import ProposalButtons
from annotator.ui.proposal_list import ProposalList
from annotator.ui.proposal_rows import PanelRow, PanelState, rows_of
from annotator.ui.proposal_words import sure
from annotator.ui.theme import Theme

__all__ = ["PanelState", "ProposalPanel"]


class ElidedLabel(QLabel):
    """Lines, each cut where there is no more room; the tool tip has it all."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""

    def show_text(self, text: str) -> None:
        self._whole = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(40, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        metrics, room, right = self.fontMetrics(), max(self.width(), 40), Qt.TextElideMode.ElideRight
        self.setText("\n".join(metrics.elidedText(line, right, room) for line in self._whole.split("\n")))


class ThresholdSlider(QSlider):
    """It can be seen that it has the focus."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(self.palette().color(QPalette.ColorRole.Accent))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


class ProposalPanel(QWidget):
    """Shows what it is given and says what was asked; it changes nothing itself.

    threshold_changed(0 to 1); proposal_picked(id); joint_picked(Joint): of a line without a proposal;
    action_asked(name of an action).
    """

    threshold_changed = Signal(float)
    proposal_picked = Signal(int)
    joint_picked = Signal(object)
    action_asked = Signal(str)

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._state = PanelState()
        self.status, self.detail = QLabel(), ElidedLabel()
        self.value, self.below = QLabel(), QLabel()
        self.slider = ThresholdSlider(Qt.Orientation.Horizontal)
        self.list = ProposalList(actions, theme)
        self.buttons = ProposalButtons(actions)
        self._arrange()
        self.slider.valueChanged.connect(self._slid)
        self.list.row_picked.connect(self._picked)
        self.list.action_asked.connect(self.action_asked)
        self.buttons.asked.connect(self.action_asked)
        actions.keys_changed.connect(self._show_keys)
        self.show_state(PanelState(), NameStyle())

    def show_state(self, state: PanelState, style: NameStyle) -> None:
        self._state = state
        self.status.setText(state.status)
        self.status.setVisible(bool(state.status))
        self.detail.show_text(state.detail)
        self.detail.setVisible(bool(state.detail))
        with QSignalBlocker(self.slider):
            self.slider.setRange(_hundredths(state.lowest), 100)
            self.slider.setValue(_hundredths(state.threshold))
        for widget in (self.value, self.slider):
            widget.setVisible(bool(state.lowest or state.below or state.proposals))
        self._show_value()
        self.below.setText(self.tr("{n} below the threshold").format(n=state.below))
        self.below.setVisible(state.below > 0)
        self.list.show_rows(rows_of(state, style), state.current)
        self.buttons.show_state(state)
        self._show_keys()

    def set_theme(self, theme: Theme) -> None:
        self.list.delegate.theme = theme
        self.list.viewport().update()

    def focus_list(self) -> None:
        """Give the keyboard to the list, and choose a line of it."""
        if not self.list.currentIndex().isValid() and self.list.rows:
            self.list.setCurrentIndex(self.list.model().index(0, 0))
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @property
    def _threshold(self) -> float:
        """Where the slider stands; at its lower end what the run was done with, to the last digit."""
        at_end = self.slider.value() == self.slider.minimum()
        return self._state.lowest if at_end else self.slider.value() / 100

    def _slid(self) -> None:
        self._show_value()
        self.threshold_changed.emit(self._threshold)

    def _show_value(self) -> None:
        self.value.setText(self.tr("at least {confidence}").format(confidence=sure(self._threshold)))

    def _picked(self, row: PanelRow) -> None:
        if row.proposal_id is not None:
            self.proposal_picked.emit(row.proposal_id)
        elif row.joint is not None:
            self.joint_picked.emit(row.joint)

    def _show_keys(self) -> None:
        higher, lower = (self._actions.key_text(f"{way}_threshold") for way in ("higher", "lower"))
        self.slider.setToolTip(self.tr("Least confidence that is shown") + f"   {lower}   {higher}")
        self.list.hint = self._hint()
        self.list.viewport().update()

    def _hint(self) -> str:
        """What an empty list says."""
        state = self._state
        if state.differences is not None:
            return self.tr("You and the model say the same.")
        if state.below:
            return self.tr("No proposal reaches the threshold.")
        if state.lowest:
            return self.tr("Every proposal is decided, or you have a box there.")
        key = self._actions.key_text("propose")
        return self.tr("{key} proposes the joints of this image.").format(key=key) if state.can_run else ""

    def _arrange(self) -> None:
        self.setAutoFillBackground(True)
        self.status.setWordWrap(True)
        for label in (self.detail, self.below):
            label.setProperty("tone", "muted")
            label.setProperty("size", "small")
        self.slider.setAccessibleName(self.tr("Least confidence that is shown"))
        self.list.setAccessibleName(self.tr("Proposals"))
        self.value.setMinimumWidth(self.value.fontMetrics().horizontalAdvance(self.tr("at least .00")) + 4)
        self.slider.setMinimumWidth(60)
        threshold = QHBoxLayout()
        threshold.setSpacing(8)
        threshold.addWidget(self.value)
        threshold.addWidget(self.slider, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 8, 8, 8)
        whole.setSpacing(5)
        whole.addWidget(self.status)
        whole.addWidget(self.detail)
        whole.addLayout(threshold)
        whole.addWidget(self.below)
        whole.addWidget(self.list, 1)
        whole.addWidget(self.buttons)


def _hundredths(share: float) -> int:
    """Rounded down, but for what is a hundredth less only in floating point."""
    return int(round(share * 100, 6))
