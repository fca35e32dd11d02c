"""One joint of the sheet: its crop, its name and its state."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QMargins, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from annotator.domain.annotations import JointAnnotation
from annotator.domain.joints import Joint
from annotator.domain.proposals import Proposal
from annotator.ui.joint_words import state_colour, state_lines
from annotator.ui.key_cap import scaled_font
from annotator.ui.proposal_words import rejected_lines, tile_lines
from annotator.ui.style_sheet import TINY
from annotator.ui.theme import COMMENT_SIGN, DARK, NORMAL_SIGN, Theme

ROUND = 4.0


@dataclass(frozen=True, slots=True)
class TileState:
    """What a tile shows. name: short, as the reader has it. words: all of it, for the tool tip.

    proposal: what is proposed for a joint without a box, and waits for the reader. rejected: the reader has
    rejected what was proposed, and drawn no box instead.
    """

    name: str
    words: str
    annotation: JointAnnotation
    current: bool
    proposal: Proposal | None = None
    rejected: bool = False

    @property
    def lines(self) -> tuple[str, ...]:
        """The state from long to short."""
        if self.rejected and not self.annotation.done:
            return rejected_lines()
        return tile_lines(self.proposal) if self.proposal else state_lines(self.annotation)

    def colour(self, theme: Theme) -> str:
        return theme.proposal if self.proposal else state_colour(self.annotation, theme)


class JointTile(QWidget):
    """A square crop with the state beneath it. picked: somebody clicked on it."""

    picked = Signal(object)

    def __init__(self, joint: Joint, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.joint = joint
        self.theme = theme
        self._state: TileState | None = None
        self._image: QImage | None = None
        self._take_font()
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    @property
    def state(self) -> TileState | None:
        return self._state

    @property
    def line(self) -> str:
        """The state as it is written at the present width."""
        if self._state is None:
            return ""
        return fitting(self._state.lines, QFontMetrics(self._small), self.width() - 6)

    def line_height(self) -> int:
        return QFontMetrics(self._small).height() + 2

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.FontChange:
            self._take_font()
        super().changeEvent(event)

    def set_state(self, state: TileState) -> None:
        if state == self._state:
            return
        self._state = state
        self.setAccessibleName(state.words)
        comment = state.annotation.comment
        self.setToolTip(f"{state.words}\n{comment}" if comment else state.words)
        self.update()

    def set_image(self, image: QImage | None) -> None:
        if image is not self._image:
            self._image = image
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.picked.emit(self.joint)
        super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._state is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        upper = QRect(2, 2, self.width() - 4, self.height() - self.line_height() - 2)
        if self._image is not None:
            side = min(upper.width(), upper.height())
            crop = QRect(0, 0, side, side)
            crop.moveCenter(upper.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(crop, self._image)
        self._paint_words(painter, upper)

    def _paint_ground(self, painter: QPainter) -> None:
        assert self._state is not None
        state, theme = self._state, self.theme
        annotation, proposed = state.annotation, state.proposal is not None
        missing = annotation.box is None and annotation.not_assessable is None and not proposed
        told = annotation.marks or annotation.not_assessable or proposed
        colour = state.colour(theme) if told else theme.border
        pen = QPen(QColor(theme.muted if missing else colour), 1)
        if state.current:
            pen = QPen(QColor(theme.accent), 2)
        if missing or proposed:
            pen.setStyle(Qt.PenStyle.DashLine)
        inset = pen.widthF() / 2
        painter.setPen(pen)
        painter.setBrush(QColor(theme.selected if state.current else theme.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), ROUND, ROUND)

    def _paint_words(self, painter: QPainter, picture: QRect) -> None:
        assert self._state is not None
        annotation, theme = self._state.annotation, self.theme
        on_film = self._image is not None
        painter.setFont(self._bold)
        if on_film:
            plate = QRect(picture.topLeft(), QFontMetrics(self._bold).size(0, self._state.name)).adjusted(
                0, 0, 5, 1
            )
            painter.fillRect(plate, QColor(0, 0, 0, 150))
        painter.setPen(QColor(DARK.text if on_film else theme.text))
        inner = picture.adjusted(2, 0, -3, 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, self._state.name)
        if annotation.confirmed and annotation.marks:
            painter.setPen(QColor(DARK.normal if on_film else theme.normal))
            painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, NORMAL_SIGN)
        if annotation.comment:
            self._paint_comment_sign(painter, inner)
        painter.setFont(self._small)
        painter.setPen(QColor(self._state.colour(theme)))
        line = QRect(3, picture.bottom() + 1, self.width() - 6, self.height() - picture.bottom() - 2)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.line)

    def _paint_comment_sign(self, painter: QPainter, inner: QRect) -> None:
        """In the lower right corner of the crop, on a plate of its own: the name may need the upper row."""
        room = QFontMetrics(self._bold).size(0, COMMENT_SIGN).grownBy(QMargins(2, 0, 2, 0))
        plate = QRect(QPoint(inner.right() - room.width(), inner.bottom() - room.height()), room)
        painter.fillRect(plate, QColor(0, 0, 0, 150))
        painter.setPen(QColor(DARK.warning))
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, COMMENT_SIGN)

    def _take_font(self) -> None:
        self._small = scaled_font(self.font(), TINY)
        self._bold = QFont(self._small)
        self._bold.setWeight(QFont.Weight.DemiBold)


def fitting(lines: tuple[str, ...], metrics: QFontMetrics, width: int) -> str:
    """The first wording that fits into the width, else the last."""
    return next((line for line in lines if metrics.horizontalAdvance(line) <= width), lines[-1])
