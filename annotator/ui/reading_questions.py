"""Gestures on the whole reading that want a word first: a confirmation, a reason, a comment."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from annotator.domain import gestures
from annotator.domain.annotations import Reading
from annotator.domain.errors import KnuckleError
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import Side
from annotator.domain.words import counted
from annotator.ui.comment_dialog import ask_comment
from annotator.ui.messages import Messages
from annotator.ui.reason_dialog import ask_reason
from annotator.workflow.reading import ReadingDesk

NAMED = 5
"""So many joints are named; more would fill the line."""


class ReadingQuestions(QObject):
    """Asks, and does what was answered."""

    def __init__(
        self, desk: ReadingDesk, window: QWidget, messages: Messages, style: NameStyle, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._desk, self._view, self._messages, self.style = desk, window, messages, style
        self.waiting: Callable[[], int] = int
        """How many proposals nobody has decided on."""

    def rest_normal(self) -> None:
        reading = self._desk.reading
        joints = gestures.rest_normal_joints(reading) if reading else ()
        question = counted(
            len(joints),
            self.tr("{n} boxed joint that nothing was said about becomes normal:"),
            self.tr("{n} boxed joints that nothing was said about become normal:"),
        )
        for side, hand in ((Side.RIGHT, self.tr("Right hand")), (Side.LEFT, self.tr("Left hand"))):
            names = ", ".join(self.style.short(joint) for joint in joints if joint.side is side)
            question += f"\n{hand}: {names}" if names else ""
        if not joints or self._messages.ask(self.tr("Rest is normal"), question, self.tr("Set to normal")):
            self._desk.perform(gestures.rest_normal)

    def sign(self) -> None:
        reading = self._desk.reading
        if reading is None:
            return
        waiting = self.waiting()
        if reading.done < len(reading.expected):
            self._desk.refused.emit(self._unfinished(reading, waiting))
            return
        text = self.tr("Signing locks this reading. Reopening it will need a reason.")
        if waiting:
            undecided = (
                self.tr("{n} proposal is not decided on."),
                self.tr("{n} proposals are not decided on."),
            )
            text += "\n\n" + counted(waiting, *undecided)
        if not reading.facts.side_confirmed and not reading.facts.excluded:
            left = self.tr("left") if reading.facts.right_on_left else self.tr("right")
            text += "\n\n" + self.tr(
                "That the right hand is on the {side} of the image is assumed; nobody has confirmed it."
            ).format(side=left)
        if self._messages.ask(self.tr("Sign"), text, self.tr("Sign")):
            self._desk.sign()

    def _unfinished(self, reading: Reading, waiting: int) -> KnuckleError:
        """Which joints are not read, and what is to be done about them."""
        left = [joint for joint in reading.expected if not reading.of(joint).done]
        names = ", ".join(map(self.style.full, left[:NAMED])) + (" …" if len(left) > NAMED else "")
        advice = counted(
            len(left),
            self.tr("Confirm it, draw its box, or say why it is not assessable."),
            self.tr("Confirm them, draw what has no box, or say why it is not assessable."),
        )
        if waiting:
            decide = counted(
                waiting,
                self.tr("Accept or reject the {n} proposal that waits."),
                self.tr("Accept or reject the {n} proposals that wait."),
            )
            advice = f"{decide} {advice}"
        unread = self.tr("{n} joint is not read: {names}."), self.tr("{n} joints are not read: {names}.")
        return KnuckleError(counted(len(left), *unread, names=names), advice)

    def reopen(self) -> None:
        reason = ask_reason(self._view, self.tr("Reopen"), self.tr("Why is this reading opened again?"))
        if reason:
            self._desk.reopen(reason)

    def exclude(self) -> None:
        reading = self._desk.reading
        if reading is None:
            return
        if reading.facts.excluded:
            self._desk.perform(lambda r: gestures.exclude(r, ""))
            return
        reason = ask_reason(
            self._view, self.tr("Exclude image"), self.tr("Why is this image not to be read?")
        )
        if reason:
            self._desk.perform(lambda r: gestures.exclude(r, reason))

    def image_comment(self) -> None:
        reading = self._desk.reading
        if reading is None:
            return
        text = ask_comment(self._view, self.tr("Comment on the image"), reading.facts.comment)
        if text is not None:
            self._desk.perform(lambda r: gestures.comment_image(r, text))
