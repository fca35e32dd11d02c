"""A key cap with what the key does beside it; a click does the same."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from annotator.ui.actions import Actions
from annotator.ui.style_sheet import SMALL
from annotator.ui.theme import Theme

GAP, PAD = 6, 5


def scaled_font(font: QFont, share: float) -> QFont:
    made = QFont(font)
    if font.pixelSize() > 0:
        made.setPixelSize(round(font.pixelSize() * share))
    else:
        made.setPointSizeF(font.pointSizeF() * share)
    return made


class KeyCap(QAbstractButton):
    """[A] ankylosis. The cap follows the reader's own keys. asked: name of the action."""

    asked = Signal(str)

    def __init__(
        self, actions: Actions, name: str, text: str, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.name = name
        self.theme = theme
        self._actions = actions
        self._colour = ""
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: self.asked.emit(self.name))
        actions.keys_changed.connect(self._keys_changed)
        self._keys_changed()

    @property
    def cap(self) -> str:
        """What stands on the cap; "" where the action has no key."""
        return self._actions.key_text(self.name)

    def set_present(self, text: str, colour: str) -> None:
        """The text beside the cap, and its colour where what it names is present ("" where it is not)."""
        if (text, colour) != (self.text(), self._colour):
            self._colour = colour
            self.setText(text)
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        width = (
            self._cap_width() + GAP + QFontMetrics(self._text_font(bold=True)).horizontalAdvance(self.text())
        )
        return QSize(width + 2, self.fontMetrics().height() + 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, enabled = self.theme, self.isEnabled()
        painter.setOpacity(1.0 if enabled else 0.5)
        height = self.fontMetrics().height() + 2
        cap = QRectF(0.5, (self.height() - height) // 2 + 0.5, self._cap_width() - 1, height - 1)
        painter.setPen(QPen(QColor(self._colour or (theme.muted if self.underMouse() else theme.border)), 1))
        painter.setBrush(QColor(theme.selected if self.isDown() else theme.raised))
        painter.drawRoundedRect(cap, 3, 3)
        painter.setFont(scaled_font(self.font(), SMALL))
        painter.setPen(QColor(theme.text if enabled else theme.muted))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self.cap)
        painter.setFont(self._text_font(bold=bool(self._colour)))
        painter.setPen(QColor(self._colour or (theme.text if enabled and self.underMouse() else theme.muted)))
        rest = self.rect().adjusted(self._cap_width() + GAP, 0, 0, 0)
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _text_font(self, *, bold: bool) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
        return font

    def _cap_width(self) -> int:
        metrics = QFontMetrics(scaled_font(self.font(), SMALL))
        return max(metrics.horizontalAdvance(self.cap) + 2 * PAD, metrics.height() + 3)

    def _keys_changed(self) -> None:
        self.setToolTip("   ".join(self._actions.key_texts(self.name)))
        self.updateGeometry()
        self.update()
