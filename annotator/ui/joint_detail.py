"""The current joint: large, its name in words, the keys for what can be said of it, and its comment."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from annotator.domain.annotations import JointAnnotation
from annotator.domain.findings import Certainty, Finding
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import Joint
from annotator.domain.proposals import Proposal
from annotator.ui.actions import Actions
from annotator.ui.joint_tile import fitting
from annotator.ui.joint_words import finding_word, reason_word
from annotator.ui.key_cap import KeyCap
from annotator.ui.proposal_note import ProposalNote
from annotator.ui.proposal_words import found_signs, standing_lines, sure, told
from annotator.ui.text_field import TextField
from annotator.ui.theme import (
    FINDING_SIGNS,
    NORMAL_SIGN,
    NOT_ASSESSABLE_SIGN,
    Theme,
    finding_colour,
)

GAP = 6
TEXT_WIDTH = 176
"""Least width in pixels of the words beside the picture."""
KEY_ROWS = 3
ORDER = (
    *("ankylosis", "subluxation", "dislocation", "normal", "not_assessable"),
    *("probable", "place_box", "rename", "delete_box"),
)
MOST_KEYS = 6
"""So many of them are shown at once."""
NOTE_LINES, REASON_LINES = 2, 2
"""Room for the probabilities of both findings, and, where there is more, for why a proposal wants a look."""


class Picture(QWidget):
    """A square radiograph crop, or what is to be done where there is none."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self._image: QImage | None = None
        self._hint = ""

    def show_image(self, image: QImage | None, hint: str = "") -> None:
        self._image, self._hint = image, hint
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._image is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.rect(), self._image)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.border), 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(QColor(self.theme.muted))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(self.rect().adjusted(8, 8, -8, -8), flags, self._hint)


class JointDetail(QFrame):
    """What is said of the joint, or what is proposed for it.

    action_asked: name of an action. comment_changed: joint and its new comment.
    """

    action_asked = Signal(str)
    comment_changed = Signal(object, str)

    def __init__(self, actions: Actions, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.theme = theme
        self._annotation: JointAnnotation | None = None
        self._states: tuple[str, ...] = ("",)
        self.picture = Picture(theme)
        self._title, self._state = QLabel(), QLabel()
        self._title.setProperty("weight", "bold")
        self._state.setProperty("tone", "muted")
        self.caps = {
            name: KeyCap(actions, name, text, theme)
            for name, text in (
                *((finding.value, finding_word(finding)) for finding in Finding),
                ("normal", self.tr("normal")),
                ("not_assessable", self.tr("not assessable…")),
                ("probable", self.tr("probable")),
                ("comment", self.tr("comment")),
                ("place_box", self.tr("place a box")),
                ("rename", self.tr("name the joint…")),
                ("delete_box", self.tr("reject")),
            )
        }
        self.comment = TextField(self.tr("Comment on this joint"))
        self.note = ProposalNote(theme)
        for widget in (self.picture, self._title, self._state, self.note, *self.caps.values(), self.comment):
            widget.setParent(self)
        for cap in self.caps.values():
            cap.asked.connect(self._asked)
        self.comment.editingFinished.connect(self._hand_over)
        self.comment.left.connect(self.drop_comment)
        self.comment.hide()
        self.show_joint(None, None, NameStyle(), locked=True)

    @property
    def title(self) -> str:
        return self._title.text()

    @property
    def state_text(self) -> str:
        return self._state.text()

    def show_joint(
        self,
        joint: Joint | None,
        annotation: JointAnnotation | None,
        style: NameStyle,
        *,
        locked: bool,
        proposal: Proposal | None = None,
    ) -> None:
        """Without a joint nothing but a word of what to do. proposal: shown instead of the annotation, with a
        joint or without."""
        if joint != (self._annotation.joint if self._annotation else None):
            self._hand_over()
        self._annotation = annotation if joint is not None else None
        self.note.show_proposal(proposal)
        for widget in (self.picture, self.note):
            widget.setToolTip(told(proposal, style) if proposal is not None else "")
        for cap in self.caps.values():
            cap.setVisible(self._annotation is not None)
        if proposal is not None:
            self._show_proposal(proposal, locked=locked)
        elif joint is not None and annotation is not None:
            self._states = (self._standing(annotation),)
            self._show_findings(annotation, locked=locked)
        else:
            self._states = ("",)
            self.picture.show_image(None, self.tr("No joint is chosen"))
        self._title.setText(self._headline(joint, proposal, style))
        self._place()
        self.picture.setAccessibleName(self.picture.toolTip() or self._title.text())

    def edit_comment(self) -> None:
        """Open the field for the comment on the current joint."""
        if self._annotation is not None:
            self.comment.setText(self._annotation.comment)
            self.comment.show()
            self.comment.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_theme(self, theme: Theme) -> None:
        self.theme = self.picture.theme = self.note.theme = theme
        for cap in self.caps.values():
            cap.theme = theme

    def smallest_height(self, *, noted: bool) -> int:
        """Room for the name, the rows of keys and the comment; noted: and for what is told of a proposal."""
        note = self.note.height_of(NOTE_LINES) if noted else 0
        return (MOST_KEYS + 2) * self._row() + 2 * GAP + note

    def readable_height(self, *, noted: bool) -> int:
        """The same, and why a proposal wants a look."""
        reasons = self.note.height_of(NOTE_LINES + REASON_LINES) - self.note.height_of(NOTE_LINES)
        return self.smallest_height(noted=noted) + (reasons if noted else 0)

    def _headline(self, joint: Joint | None, proposal: Proposal | None, style: NameStyle) -> str:
        named = proposal.joint if proposal is not None else joint
        if named is not None:
            return f"{style.full(named)} · {style.spoken(named)}"
        return self.tr("Proposal without a joint") if proposal is not None else ""

    def _standing(self, annotation: JointAnnotation) -> str:
        if annotation.done:
            return self.tr("confirmed") if annotation.confirmed else self.tr("not assessable")
        if annotation.box is None:
            return self.tr("no box yet")
        return self.tr("not confirmed yet") if annotation.marks else self.tr("not yet read")

    def _show_findings(self, annotation: JointAnnotation, *, locked: bool) -> None:
        theme, judged, boxed = self.theme, annotation.joint.findings, annotation.box is not None
        for finding in Finding:
            certainty = annotation.certainty(finding)
            doubt = "?" if certainty is Certainty.PROBABLE else ""
            text = f"{FINDING_SIGNS[finding]} {finding_word(finding)}{doubt}"
            cap = self.caps[finding.value]
            cap.set_present(text, finding_colour(finding, theme) if certainty else "")
            cap.setVisible(finding in judged)
            cap.setEnabled(boxed and not locked)
        self.caps["normal"].set_present(
            f"{NORMAL_SIGN} {self.tr('normal')}", theme.normal if annotation.normal else ""
        )
        reason = annotation.not_assessable
        said = f"{self.tr('not assessable')}: {reason_word(reason)}" if reason else self.tr("not assessable…")
        self.caps["not_assessable"].set_present(
            f"{NOT_ASSESSABLE_SIGN} {said}", theme.not_assessable if reason else ""
        )
        doubted = [mark.finding for mark in annotation.marks if mark.certainty is Certainty.PROBABLE]
        self.caps["probable"].set_present(
            self.tr("probable"), finding_colour(doubted[-1], theme) if doubted else ""
        )
        self.caps["comment"].set_present(annotation.comment or self.tr("comment"), "")
        self.caps["place_box"].setVisible(not boxed)
        for name in ("rename", "delete_box"):
            self.caps[name].hide()
        self.caps["probable"].setVisible(boxed)
        for name, usable in (
            ("normal", boxed),
            ("probable", bool(annotation.marks)),
            ("not_assessable", True),
        ):
            self.caps[name].setEnabled(usable and not locked)
        for name in ("comment", "place_box"):
            self.caps[name].setEnabled(not locked)

    def _show_proposal(self, proposal: Proposal, *, locked: bool) -> None:
        """What is proposed, and what can be made of it. Without a joint it wants a name first."""
        self._states = standing_lines(proposal)
        named, colour = proposal.joint is not None, self.theme.proposal
        judged = proposal.joint.findings if proposal.joint is not None else proposal.judged
        proposed = {mark.finding for mark in proposal.marks}
        for finding in Finding:
            text = f"{FINDING_SIGNS[finding]} {finding_word(finding)}"
            if finding in proposed:
                text += f" {sure(proposal.of(finding).present)}"
            self.caps[finding.value].set_present(text, colour if finding in proposed else "")
            self.caps[finding.value].setVisible(finding in judged)
        normal = found_signs(proposal) == NORMAL_SIGN
        self.caps["normal"].set_present(f"{NORMAL_SIGN} {self.tr('normal')}", colour if normal else "")
        self.caps["not_assessable"].set_present(f"{NOT_ASSESSABLE_SIGN} {self.tr('not assessable…')}", "")
        comment = self._annotation.comment if self._annotation else ""
        self.caps["comment"].set_present(comment or self.tr("comment"), "")
        for name, shown in (
            *((name, named) for name in ("normal", "not_assessable")),
            *((name, False) for name in ("probable", "place_box")),
            ("rename", not named),
            ("delete_box", True),
        ):
            self.caps[name].setVisible(shown)
        anyway = ("rename", "delete_box")
        for name, cap in self.caps.items():
            cap.setEnabled(not locked and (named or name in anyway))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._place()

    def _place(self) -> None:
        """The name on top, the picture and its keys beside or beneath it, then the comment."""
        row, width = self._row(), self.width()
        self._title.setGeometry(0, 0, self._title.sizeHint().width(), row)
        start = self._title.width() + GAP
        self._state.setGeometry(start, 0, max(width - start, 0), row)
        self._state.setText(fitting(self._states, self._state.fontMetrics(), width - start))
        caps = [self.caps[name] for name in ORDER if not self.caps[name].isHidden()]
        note = self._note_height()
        room = self.height() - 2 * row - 2 * GAP - note
        beside = min(room, width - 2 * GAP - TEXT_WIDTH)
        above = min(room - KEY_ROWS * row - GAP, width)
        if above > beside:
            self.picture.setGeometry((width - above) // 2, row, above, above)
            self._place_caps(caps, (0, row + above + GAP), _first_column(caps, width), KEY_ROWS)
            bottom = row + above + GAP + KEY_ROWS * row
        else:
            side = max(beside, 16)
            self.picture.setGeometry(0, row, side, side)
            self._place_caps(caps, (side + 2 * GAP, row), width - side - 2 * GAP, len(caps))
            bottom = row + max(side, len(caps) * row) + GAP // 2
        self.note.setGeometry(0, bottom, width, note)
        bottom += note
        self.caps["comment"].setGeometry(0, bottom, width, row)
        self.comment.setGeometry(0, bottom - 2, width, row + 6)

    def _note_height(self) -> int:
        """Reasons beyond the usual have room only where the picture needs it no more."""
        height, width = self.height(), self.width()
        least, readable = (rule(noted=True) for rule in (self.smallest_height, self.readable_height))
        spare = min(max(height - least, 0), readable - least)
        spare += max(height - self.wanted_height(width) - self.note.height_of(NOTE_LINES + REASON_LINES), 0)
        return min(self.note.wanted_height(width), self.note.height_of(NOTE_LINES) + spare)

    def _place_caps(self, caps: list[KeyCap], corner: tuple[int, int], width: int, rows: int) -> None:
        for number, cap in enumerate(caps):
            column, line = divmod(number, rows)
            left = corner[0] + column * width
            room = width - GAP if column == 0 else self.width() - left
            cap.setGeometry(left, corner[1] + line * self._row(), room, self._row())

    def wanted_height(self, width: int) -> int:
        """With a picture as wide as that."""
        return width + (2 + KEY_ROWS) * self._row() + 2 * GAP

    def _row(self) -> int:
        return self.fontMetrics().height() + 4

    def _asked(self, name: str) -> None:
        self.action_asked.emit(name)

    def _hand_over(self) -> None:
        if self.comment.isHidden() or self._annotation is None:
            return
        text, annotation = self.comment.text().strip(), self._annotation
        self._close_comment()
        if text != annotation.comment:
            self.comment_changed.emit(annotation.joint, text)

    def drop_comment(self) -> None:
        """Leave the comment as it was."""
        if self._annotation is not None:
            self.comment.setText(self._annotation.comment)
        self._close_comment()

    def _close_comment(self) -> None:
        had_focus, above = self.comment.hasFocus(), self.parentWidget()
        self.comment.hide()
        if had_focus and above is not None:
            above.setFocus(Qt.FocusReason.OtherFocusReason)


def _first_column(caps: list[KeyCap], width: int) -> int:
    """Of two columns of keys: a little less than half, more where its words need it and the others do not."""
    first, second = caps[:KEY_ROWS], caps[KEY_ROWS:]
    needed, others = (max((cap.sizeHint().width() for cap in some), default=0) for some in (first, second))
    return max(round(width * 0.45), min(needed + GAP, width - others))
