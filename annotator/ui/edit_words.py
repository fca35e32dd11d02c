"""What a gesture did, in words: "undo: move the box of R-MP3"."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from annotator.domain.edits import Action, Edit
from annotator.domain.findings import Finding
from annotator.domain.joint_names import NameStyle
from annotator.ui.joint_words import finding_word

_ON_A_JOINT = {
    Action.DRAW: "draw the box of {joint}",
    Action.MOVE: "move the box of {joint}",
    Action.RESIZE: "resize the box of {joint}",
    Action.NUDGE: "nudge the box of {joint}",
    Action.DELETE: "delete the box of {joint}",
    Action.RENAME: "name the box {joint}",
    Action.MIRROR: "copy the box to {joint}",
    Action.FINDING: "{finding} of {joint}",
    Action.CERTAINTY: "how certain {joint} is",
    Action.NORMAL: "{joint} is normal",
    Action.NOT_ASSESSABLE: "{joint} is not assessable",
    Action.CONFIRM: "confirm {joint}",
    Action.COMMENT: "comment on {joint}",
    Action.ACCEPT: "accept the proposal for {joint}",
    Action.REJECT: "reject the proposal for {joint}",
}
_ON_THE_IMAGE = {
    Action.REST_NORMAL: "rest is normal",
    Action.COMMENT: "comment on the image",
    Action.SWAP_SIDES: "swap right and left",
    Action.CONFIRM_SIDES: "right and left are as shown",
    Action.HANDS: "which hands are shown",
    Action.EXCLUDE: "whether the image is read",
    Action.ACCEPT_REST: "accept the rest",
    Action.REJECT: "reject a proposal",
}


def edit_words(edit: Edit, style: NameStyle) -> str:
    """style: how the joint is called."""
    if edit.subject is None:
        return _tr(_ON_THE_IMAGE[edit.action])
    finding = _toggled(edit)
    return _tr(_ON_A_JOINT[edit.action]).format(
        joint=style.full(edit.subject), finding=finding_word(finding) if finding else ""
    )


def _toggled(edit: Edit) -> Finding | None:
    """The finding that was there before the edit and is not after it, or the other way round."""
    changed: set[Finding] = set()
    for change in edit.joints:
        before, after = (
            {mark.finding for mark in said.marks} if said else set() for said in (change.before, change.after)
        )
        changed |= before ^ after
    return min(changed, default=None)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Edit", text)
