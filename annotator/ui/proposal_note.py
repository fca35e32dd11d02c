"""What the detectors say of a proposal, line by line, in as many lines as there is room for."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from annotator.domain.proposals import Proposal
from annotator.ui.joint_tile import fitting
from annotator.ui.key_cap import scaled_font
from annotator.ui.proposal_words import FLAG_SIGN, short_probabilities
from annotator.ui.style_sheet import SMALL
from annotator.ui.theme import Theme

PAD = 2


class ProposalNote(QWidget):
    """The probabilities of each finding, shortened where they must be, then why it wants a look; a reason
    that has no room is announced by its sign, and told by the tool tip."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._proposal: Proposal | None = None
        self.hide()

    def show_proposal(self, proposal: Proposal | None) -> None:
        """Nothing, and no room wanted, without one."""
        self._proposal = proposal
        self.setVisible(proposal is not None)
        self.update()

    @property
    def lines(self) -> list[str]:
        """As they are written now."""
        every = [text for text, _ in self._every(self.width())]
        fit = max((self.height() - 2 * PAD) // self._line(), 1)
        if len(every) <= fit:
            return every
        more = " …" if fit > self._found() else f"  {FLAG_SIGN} …"
        return [*every[: fit - 1], every[fit - 1] + more]

    def height_of(self, lines: int) -> int:
        return lines * self._line() + 2 * PAD

    def wanted_height(self, width: int) -> int:
        lines = len(self._every(width))
        return self.height_of(lines) if lines else 0

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(scaled_font(self.font(), SMALL))
        metrics, line = painter.fontMetrics(), self._line()
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        colours = [colour for _, colour in self._every(self.width())]
        for number, text in enumerate(self.lines):
            painter.setPen(QColor(colours[number]))
            place = self.rect().adjusted(0, PAD + number * line, 0, 0)
            place.setHeight(line)
            painter.drawText(
                place, flags, metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.width())
            )

    def _every(self, width: int) -> list[tuple[str, str]]:
        """Text and colour of each line."""
        proposal, theme = self._proposal, self.theme
        if proposal is None:
            return []
        metrics = self._metrics()
        proposed = {mark.finding for mark in proposal.marks}
        found = [
            (fitting(wordings, metrics, width), theme.proposal if finding in proposed else theme.muted)
            for finding, wordings in zip(proposal.judged, short_probabilities(proposal), strict=True)
        ]
        reasons = [f"{FLAG_SIGN} {flag.reason}" for flag in proposal.flags]
        return found + [(line, theme.warning) for text in reasons for line in wrapped(text, metrics, width)]

    def _found(self) -> int:
        """How many lines the probabilities take."""
        return len(self._proposal.judged) if self._proposal is not None else 0

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(scaled_font(self.font(), SMALL))

    def _line(self) -> int:
        return self._metrics().height()


def wrapped(text: str, metrics: QFontMetrics, width: int) -> list[str]:
    """The text in lines of at most this width, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and metrics.horizontalAdvance(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
