"""The images on which two versions differ, side by side: each with what one version says of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from annotator.domain.compared_images import ComparedImage, Corners, Mistake, Sight, TrueJoint
from annotator.domain.errors import KnuckleError
from annotator.domain.geometry import Box
from annotator.domain.joints import joint_named
from annotator.domain.version_comparison import Comparison
from annotator.imaging.display import Look
from annotator.ui.dialog_layout import button_row, dialog_column
from annotator.ui.messages import sentences
from annotator.ui.radiograph_view import RadiographView, ShownBox
from annotator.ui.sheet_header import set_tone
from annotator.ui.theme import DARK, FINDING_SIGNS
from annotator.ui.training_words import mistake_words, mistakes_words
from annotator.workflow.release_pictures import ReleasePicture

WRONG_SIGN = "✗"
ZOOM = 1.25
SHARE = 0.25
"""Of the view that a mistake takes once it is gone to."""
_SIGN_OF = {finding.value: sign for finding, sign in FINDING_SIGNS.items()}


class VersionSide(QWidget):
    """One version: its name, what only it gets wrong, and the image with its boxes."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.mistakes = QLabel(title), QLabel()
        self.title.setProperty("weight", "bold")
        self.mistakes.setWordWrap(True)
        self.mistakes.setMinimumHeight(2 * self.mistakes.fontMetrics().lineSpacing())
        self.mistakes.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.view = RadiographView()
        self.view.setAccessibleName(title)
        self.view.set_locked(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.title)
        column.addWidget(self.mistakes)
        column.addWidget(self.view, 1)

    def show_mistakes(self, mistakes: Sequence[Mistake]) -> None:
        """Those that the other version does not make."""
        said = mistakes_words(mistakes)
        self.mistakes.setText(
            f"{WRONG_SIGN} {said}" if said else self.tr("Nothing that the other gets right.")
        )
        set_tone(self.mistakes, "danger" if said else "muted")


class ComparedImagesDialog(QDialog):
    """image_asked(str): the picture of this file of the release is wanted, see `show_picture`."""

    image_asked = Signal(str)

    def __init__(self, comparison: Comparison, parent: QWidget | None = None) -> None:
        """comparison: with at least one image on which the versions differ."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Where the versions differ"))
        self._images, self._at = comparison.images, -1
        self._stops: tuple[Corners, ...] = ()
        self._stop = -1
        self._follows = False
        self.title, self.note = QLabel(), QLabel()
        self.title.setProperty("size", "large")
        self.note.setWordWrap(True)
        self.new = VersionSide(self.tr("{name} (new)").format(name=comparison.new_name))
        self.active = VersionSide(self.tr("{name} (active)").format(name=comparison.active_name))
        self.previous_button, self.next_button = (
            QPushButton(self.tr("&Previous image")),
            QPushButton(self.tr("&Next image")),
        )
        self.mistake_button, self.fit_button = (
            QPushButton(self.tr("Next &mistake")),
            QPushButton(self.tr("&Fit")),
        )
        self.in_button, self.out_button = QPushButton(self.tr("Zoom &in")), QPushButton(self.tr("Zoom &out"))
        self.close_button = QPushButton(self.tr("&Close"))
        self._arrange()
        self._connect()

    @property
    def file(self) -> str:
        """Of the release, of the image that is shown or waited for."""
        return self._images[self._at].file

    def go_to(self, file: str) -> None:
        """Show the image of this file, one of those in the comparison."""
        self._at = [image.file for image in self._images].index(file)
        self._stop = -1
        image = self._images[self._at]
        name = PurePosixPath(file).name
        place = self.tr("{number} of {count}").format(number=self._at + 1, count=len(self._images))
        self.title.setText(f"{name} – {place}")
        self.new.show_mistakes(image.only_new)
        self.active.show_mistakes(image.only_active)
        self._stops = tuple(_places(image))
        for side in (self.new, self.active):
            side.view.show_radiograph(None, Look(), False)  # not one image under the name of another
        self.previous_button.setEnabled(self._at > 0)
        self.next_button.setEnabled(self._at + 1 < len(self._images))
        self._show_legend()
        self.image_asked.emit(file)

    def show_picture(self, picture: ReleasePicture) -> None:
        """Of a file that was asked for; one that is no longer waited for is passed over."""
        if picture.file != self.file:
            return
        image = self._images[self._at]
        for side, sight in ((self.new, image.new), (self.active, image.active)):
            side.view.show_radiograph(picture.radiograph, picture.look, False, picture.pyramid)
            side.view.set_boxes(shown_boxes(sight, image.truth))
            side.view.fit()

    def show_refusal(self, file: str, error: KnuckleError) -> None:
        """Of a file that was asked for; one that is no longer waited for is passed over."""
        if file != self.file:
            return
        self._say("⚠ " + " ".join(sentences(error)), "danger")

    def go_to_mistake(self) -> None:
        """The next place where only one of them is wrong, in both pictures."""
        if self._stops and self.new.view.radiograph is not None:
            self._stop = (self._stop + 1) % len(self._stops)
            self.new.view.centre_on(Box(*self._stops[self._stop]), SHARE)

    def _show_legend(self) -> None:
        self._say(
            self.tr(
                "Dashed: what the version says, with ◆ ankylosis and ▲ subluxation or dislocation. {sign}: "
                "it is wrong there; a solid box is a joint that it did not find."
            ).format(sign=WRONG_SIGN),
            "muted",
        )

    def _say(self, text: str, tone: str) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)

    def _step(self, by: int) -> None:
        if 0 <= self._at + by < len(self._images):
            self.go_to(self._images[self._at + by].file)

    def _follow(self, leader: RadiographView, other: RadiographView) -> None:
        """Both look at the same place. What the other says of it leads nobody: views of other sizes would
        never agree on how a fitted image is zoomed."""
        if self._follows or leader.radiograph is None or other.radiograph is None:
            return
        self._follows = True
        other.set_view_state(leader.view_state)
        self._follows = False

    def _connect(self) -> None:
        new, active = self.new.view, self.active.view
        new.view_changed.connect(lambda _state: self._follow(new, active))
        active.view_changed.connect(lambda _state: self._follow(active, new))
        self.previous_button.clicked.connect(lambda: self._step(-1))
        self.next_button.clicked.connect(lambda: self._step(1))
        self.mistake_button.clicked.connect(self.go_to_mistake)
        self.fit_button.clicked.connect(new.fit)
        self.in_button.clicked.connect(lambda: new.zoom_by(ZOOM))
        self.out_button.clicked.connect(lambda: new.zoom_by(1 / ZOOM))
        self.close_button.clicked.connect(self.reject)

    def _arrange(self) -> None:
        sides = QHBoxLayout()
        sides.setSpacing(12)
        sides.addWidget(self.new, 1)
        sides.addWidget(self.active, 1)
        whole = dialog_column(self)
        whole.addWidget(self.title)
        whole.addLayout(sides, 1)
        whole.addWidget(self.note)
        whole.addLayout(
            button_row(
                self.previous_button,
                self.next_button,
                self.mistake_button,
                self.fit_button,
                self.in_button,
                self.out_button,
                self.close_button,
            )
        )
        self.resize(1280, 780)


def shown_boxes(sight: Sight, truth: Sequence[TrueJoint]) -> list[ShownBox]:
    """What a version says, dashed, and the joints that it did not find. On the canvas, which is dark."""
    boxes = [
        ShownBox(
            None if said.joint is None else joint_named(said.joint),
            Box(*said.box),
            _label(said.joint or "", said.called, said.wrong),
            DARK.danger if said.wrong else DARK.proposal,
            editable=False,
            proposal=number,
            dashed=True,
        )
        for number, said in enumerate(sight.found)
    ]
    missed = {joint: mistake_words(joint, kind) for joint, kind in sight.mistakes if joint in sight.missed}
    boxes += [
        ShownBox(
            joint_named(one.joint),
            Box(*one.box),
            f"{WRONG_SIGN} {missed[one.joint]}",
            DARK.danger,
            editable=False,
        )
        for one in truth
        if one.joint in missed
    ]
    return boxes


def _label(joint: str, called: Sequence[str], wrong: Sequence[str]) -> str:
    """Short, since of a bad version there are many."""
    if joint and wrong:
        return f"{WRONG_SIGN} {joint} {', '.join(mistake_words('', kind) for kind in wrong)}"
    if wrong:
        return f"{WRONG_SIGN} {_tr('no joint')}"
    signs = " ".join(_SIGN_OF[finding] for finding in called)
    return f"{joint or _tr('not counted')} {signs}".strip()


def _tr(text: str) -> str:
    return QCoreApplication.translate("ComparedImagesDialog", text)


def _places(image: ComparedImage) -> list[Corners]:
    """Boxes of the mistakes that only one version makes, each joint once."""
    joints = {joint for joint, _ in (*image.only_new, *image.only_active) if joint}
    false = (*image.new.false_boxes_apart(image.active), *image.active.false_boxes_apart(image.new))
    return [one.box for one in image.truth if one.joint in joints] + [one.box for one in false]
