"""What readers made of the proposals, as stacked bars: one bar for each bin of confidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from annotator.ui.model_audit_table import AuditRow
from annotator.ui.sheet_header import set_tone
from annotator.ui.theme import Theme, mixed

BAR_WIDTH = 0.7
SWATCH = 16
HEADROOM = 1.18
"""Of the highest bar, so that its number has room."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("ModelAudit", text)


@dataclass(frozen=True, slots=True)
class Kind:
    """One part of a bar, known by its hatching without its colour."""

    word: str
    colour: str
    pattern: Qt.BrushStyle

    def fill(self, painter: QPainter, place: QRectF, ground: str) -> None:
        """place: in pixels of the painter's device, where a hatching is not stretched."""
        painter.fillRect(place, mixed(self.colour, ground, 0.2))
        painter.fillRect(place, QBrush(QColor(self.colour), self.pattern))
        painter.setPen(QPen(QColor(self.colour), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(place)


def kinds(theme: Theme) -> tuple[Kind, ...]:
    """From the foot of a bar upwards."""
    patterns = Qt.BrushStyle
    return (
        Kind(_tr("accepted"), theme.ok, patterns.SolidPattern),
        Kind(_tr("moved"), theme.accent, patterns.BDiagPattern),
        Kind(_tr("relabelled"), theme.displacement, patterns.DiagCrossPattern),
        Kind(_tr("rejected"), theme.danger, patterns.HorPattern),
        Kind(_tr("undecided"), theme.muted, patterns.NoBrush),
    )


def parts(row: AuditRow) -> tuple[int, ...]:
    """In the order of `kinds`."""
    return row.accepted, row.moved, row.relabelled, row.rejected, row.undecided


class Bars(pg.GraphicsObject):
    """Bar n stands at x = n; y counts proposals."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._kinds = theme, kinds(theme)
        self._stacks: list[tuple[int, ...]] = []

    @property
    def highest(self) -> int:
        return max(map(sum, self._stacks), default=0)

    def show_stacks(self, stacks: Sequence[tuple[int, ...]]) -> None:
        self.prepareGeometryChange()
        self._stacks = list(stacks)
        self.informViewBoundsChanged()
        self.update()

    def boundingRect(self) -> QRectF:
        return QRectF(-0.5, 0, max(len(self._stacks), 1), max(self.highest, 1) * HEADROOM)

    def paint(self, painter: QPainter, *_: object) -> None:
        to_pixels = painter.transform()
        painter.save()
        painter.resetTransform()
        for number, stack in enumerate(self._stacks):
            foot = 0
            for kind, height in zip(self._kinds, stack, strict=True):
                if height:
                    bar = QRectF(number - BAR_WIDTH / 2, foot, BAR_WIDTH, height)
                    kind.fill(painter, to_pixels.mapRect(bar).normalized(), self._theme.panel)
                foot += height
            above = to_pixels.map(QRectF(number, foot, 0, 0).topLeft())
            painter.setPen(QColor(self._theme.text))
            place = QRectF(above.x() - 40, above.y() - 20, 80, 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, str(foot))
        painter.restore()


class AuditPlot(QWidget):
    """A legend above the bars. The pointer changes nothing in it; all of it stands in the table too."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(_tr("Proposals by confidence"))
        self.bars = Bars(theme)
        self.plot = pg.PlotWidget(background=theme.panel)
        self.plot.addItem(self.bars, ignoreBounds=True)
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setMinimumHeight(170)
        self._label_axes()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        whole.addLayout(self._legend())
        whole.addWidget(self.plot, 1)

    def show_rows(self, rows: Sequence[AuditRow]) -> None:
        """One bar for each."""
        self.bars.show_stacks([parts(row) for row in rows])
        self.plot.getAxis("bottom").setTicks([[(place, row.bin) for place, row in enumerate(rows)]])
        self.plot.setXRange(-0.5, max(len(rows), 1) - 0.5, padding=0.02)
        step = _step(self.bars.highest)
        self.plot.getAxis("left").setTickSpacing(step, step)
        self.plot.setYRange(0, max(self.bars.highest, 1) * HEADROOM, padding=0)
        said = [f"{row.bin}: {row.together}" for row in rows]
        self.setAccessibleDescription(", ".join(said))

    def _label_axes(self) -> None:
        for side, text in (("bottom", _tr("confidence of the proposal")), ("left", _tr("proposals"))):
            axis = self.plot.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setPen(self._theme.muted)
            axis.setTextPen(self._theme.text)
            self.plot.setLabel(side, text, color=self._theme.text)

    def _legend(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        for kind in kinds(self._theme):
            swatch, word = QLabel(), QLabel(kind.word)
            swatch.setPixmap(self._swatch(kind))
            set_tone(word, "text")
            row.addWidget(swatch)
            row.addWidget(word)
            row.addSpacing(12)
        row.addStretch(1)
        return row

    def _swatch(self, kind: Kind) -> QPixmap:
        ratio = self.devicePixelRatioF()
        made = QPixmap(round((SWATCH * 2) * ratio), round(SWATCH * ratio))
        made.setDevicePixelRatio(ratio)
        made.fill(QColor(self._theme.panel))
        painter = QPainter(made)
        kind.fill(painter, QRectF(0.5, 0.5, SWATCH * 2 - 1, SWATCH - 1), self._theme.panel)
        painter.end()
        return made


def _step(highest: int) -> int:
    """Between two numbers of the axis; there are no parts of a proposal."""
    power = int(10 ** max(len(str(highest)) - 2, 0))
    return next(power * factor for factor in (1, 2, 5, 10, 20) if power * factor * 6 >= highest)
