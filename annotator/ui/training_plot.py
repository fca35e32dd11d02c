"""Learning curves: loss step by step, and on the held-out images epoch by epoch. A line per detector."""

from __future__ import annotations

from collections.abc import Sequence

import pyqtgraph as pg
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QWidget

from annotator.domain.training import Curve, Points
from annotator.domain.versions import DETECTORS
from annotator.ui.theme import Theme
from annotator.ui.training_words import detector_word


def _tr(text: str) -> str:
    return QCoreApplication.translate("Training", text)


class LearningCurves(QWidget):
    """The first detector's line is whole, the second's is dashed. The pointer changes nothing."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName(_tr("Learning curves"))
        self.losses = self._plot(_tr("step"), _tr("loss in training"))
        self.validation = self._plot(_tr("epoch"), _tr("loss on held-out images"))
        self._losses = self._lines_in(self.losses, marked=False)
        self._validation = self._lines_in(self.validation, marked=True)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(12)
        whole.addWidget(self.losses, 1)
        whole.addWidget(self.validation, 1)

    def show_curves(self, curves: Sequence[Curve]) -> None:
        known = {curve.finding: curve for curve in curves}
        for finding in DETECTORS:
            curve = known.get(finding, Curve(finding))
            _draw(self._losses[finding], curve.losses)
            _draw(self._validation[finding], curve.validation)
        ends = [
            f"{detector_word(curve.finding)}: {curve.losses[-1][1]:.3f}" for curve in curves if curve.losses
        ]
        self.setAccessibleDescription(", ".join(ends))

    def _plot(self, across: str, up: str) -> pg.PlotWidget:
        plot = pg.PlotWidget(background=self._theme.panel)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.setMouseEnabled(x=False, y=False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setMinimumHeight(200)
        plot.setLogMode(x=False, y=True)
        plot.addLegend(offset=(-8, 8), labelTextColor=self._theme.text)
        for side, text in (("bottom", across), ("left", up)):
            axis = plot.getAxis(side)
            axis.enableAutoSIPrefix(False)
            axis.setPen(self._theme.muted)
            axis.setTextPen(self._theme.text)
            plot.setLabel(side, text, color=self._theme.text)
        return plot

    def _lines_in(self, plot: pg.PlotWidget, *, marked: bool) -> dict[str, pg.PlotDataItem]:
        looks = (
            (self._theme.accent, Qt.PenStyle.SolidLine, "o"),
            (self._theme.displacement, Qt.PenStyle.DashLine, "t"),
        )
        lines = {}
        for finding, (colour, style, symbol) in zip(DETECTORS, looks, strict=True):
            marks = {"symbol": symbol, "symbolSize": 7, "symbolBrush": colour, "symbolPen": colour}
            pen = pg.mkPen(QColor(colour), width=1.5, style=style)
            lines[finding] = plot.plot(pen=pen, name=detector_word(finding), **(marks if marked else {}))
        return lines


def _draw(line: pg.PlotDataItem, points: Points) -> None:
    line.setData([at for at, _ in points], [value for _, value in points])
