"""How to place a box and what each finding means, one page each, with figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.joint_names import NameStyle
from annotator.ui.guide_figures import JointPicture, paint_hands, paint_joint
from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.theme import Theme

HERE = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Page:
    """figures: each with its caption; none: the twenty joints are drawn."""

    title: str
    paragraphs: tuple[str, ...]
    figures: tuple[tuple[JointPicture, str], ...] = ()


class Figures(QWidget):
    """The figures of one page side by side, each with its caption beneath."""

    def __init__(self, theme: Theme, style: NameStyle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._style = theme, style
        self._figures: Sequence[tuple[JointPicture, str]] = ()
        self.setMinimumSize(QSize(560, 300))

    def show_page(self, page: Page) -> None:
        self._figures = page.figures
        self.setAccessibleDescription(". ".join(caption for _, caption in page.figures))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if not self._figures:
            paint_hands(painter, QRectF(self.rect()), self._style)
            return
        caption_height, gap = 3 * self.fontMetrics().height(), 12
        side = (self.width() - gap * (len(self._figures) - 1)) / max(len(self._figures), 2)
        height = min(self.height() - caption_height, side * 1.25)
        for number, (picture, caption) in enumerate(self._figures):
            place = QRectF(number * (side + gap), 0, side, height)
            paint_joint(painter, place, picture)
            painter.setPen(QColor(self._theme.text))
            beneath = QRectF(place.left(), place.bottom() + 4, side, caption_height - 4)
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(beneath, flags, caption)


class GuideDialog(QDialog):
    """Pages on the left, the chosen one on the right. page: title of the one to begin with."""

    def __init__(
        self, theme: Theme, style: NameStyle | None = None, page: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Guide to boxes and findings"))
        self._pages = self._written()
        self.pages = QListWidget()
        self.pages.addItems([page.title for page in self._pages])
        self.pages.setFixedWidth(170)
        keep_input_method_out(self.pages)
        self.figures = Figures(theme, style or NameStyle())
        self.title, self.text = QLabel(), QLabel()
        self.title.setProperty("size", "large")
        self.title.setProperty("weight", "bold")
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._arrange()
        self.pages.currentRowChanged.connect(self._show)
        titles = [p.title for p in self._pages]
        self.pages.setCurrentRow(titles.index(page) if page in titles else 0)
        self.resize(820, 600)
        self.pages.setFocus()

    def _show(self, row: int) -> None:
        page = self._pages[row]
        self.title.setText(page.title)
        self.text.setText("\n\n".join(page.paragraphs))
        self.figures.show_page(page)

    def _arrange(self) -> None:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout()
        column.setSpacing(12)
        column.addWidget(self.title)
        column.addWidget(self.figures, 1)
        column.addWidget(self.text)
        column.addWidget(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 16, 16, 16)
        row.setSpacing(16)
        row.addWidget(self.pages)
        row.addLayout(column, 1)

    def _written(self) -> tuple[Page, ...]:
        tr = self.tr
        return (
            Page(
                tr("Placing a box"),
                (
                    tr("A box is square and upright. Its centre lies in the joint space."),
                    tr(
                        "Its side is 0.44 of the distance from MP3 to PIP3 of the same hand, so that the ends of "
                        "both bones lie inside. All boxes of a hand have the same size."
                    ),
                    tr(
                        "Where the joint is displaced, the centre lies half way between the two joint surfaces."
                    ),
                ),
                (
                    (JointPicture(box=HERE), tr("Right: centred on the gap.")),
                    (
                        JointPicture(aside=0.55, over=0.05, box=HERE),
                        tr("Right: half way between the surfaces."),
                    ),
                    (JointPicture(box=(0.3, 0.45), box_good=False), tr("Wrong: beside the gap.")),
                    (JointPicture(box=HERE, box_scale=0.55, box_good=False), tr("Wrong: too small.")),
                ),
            ),
            Page(
                tr("Normal"),
                (
                    tr(
                        "A dark gap separates the bones, and their surfaces face each other over their width."
                    ),
                    tr("Narrowing and erosions without ankylosis or displacement count as normal here."),
                ),
                ((JointPicture(box=HERE), tr("Normal.")),),
            ),
            Page(
                tr("Ankylosis"),
                (
                    tr("The joint space is bridged by bone: there is no gap, and trabeculae run through."),
                    tr("It is judged on all twenty joints and may stand beside a displacement."),
                ),
                (
                    (JointPicture(), tr("Normal.")),
                    (JointPicture(fused=True), tr("Ankylosis: bone from one side to the other.")),
                ),
            ),
            Page(
                tr("Subluxation"),
                (
                    tr("The joint surfaces have lost part of their contact, not all of it."),
                    tr("It is not judged on the IP joints of the thumbs."),
                ),
                (
                    (JointPicture(), tr("Normal.")),
                    (
                        JointPicture(aside=0.45),
                        tr("Subluxation: part of the surfaces still faces the other."),
                    ),
                ),
            ),
            Page(
                tr("Dislocation"),
                (
                    tr("The joint surfaces have lost all of their contact; the bones often overlap."),
                    tr(
                        "A joint is subluxed or dislocated, not both. Not judged on the IP joints of the thumbs."
                    ),
                ),
                (
                    (JointPicture(aside=0.45), tr("Subluxation.")),
                    (JointPicture(aside=0.86, over=0.42), tr("Dislocation: no contact, overlap.")),
                ),
            ),
            Page(
                tr("Not assessable"),
                (
                    tr("The joint cannot be judged: cropped, amputated, implant, overlap or not visible."),
                    tr("It may have a box or none. It counts as done."),
                ),
                (
                    (JointPicture(cropped=True), tr("Cropped by the edge of the film.")),
                    (JointPicture(implant=True), tr("Implant.")),
                ),
            ),
            Page(
                tr("Probable"),
                (
                    tr(
                        "A finding is certain unless you call it probable; it is shown with a question mark then."
                    ),
                    tr(
                        "Say probable where you would not be surprised to see it called normal by somebody else."
                    ),
                ),
                ((JointPicture(aside=0.2), tr("Subluxation? Probable.")),),
            ),
            Page(
                tr("The twenty joints"),
                (tr("Digit 1 is the thumb. The thumb has IP and MP, every other finger PIP and MP."),),
            ),
        )
