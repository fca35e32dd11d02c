"""Which boxes bear a name that only the template gave them, so that better evidence may still change it."""

from __future__ import annotations

from annotator.domain.annotations import JointAnnotation
from annotator.domain.edits import Action, Edit
from annotator.domain.joints import Joint

Joints = frozenset[Joint]


class LooseNames:
    """One set of joints for each step of the history, so that undo and redo bring the right one back."""

    def __init__(self) -> None:
        self._after_step: list[Joints] = [frozenset()]

    def at(self, step: int) -> Joints:
        """After so many done edits."""
        return self._after_step[step]

    def record(self, step: int, joints: Joints) -> None:
        """The edit that made this step has left these; what was undone beyond it is forgotten."""
        self._after_step[step:] = [joints]


def is_loose(annotation: JointAnnotation, loose: Joints) -> bool:
    """Named by the template in this sitting, and nothing said about it yet."""
    return annotation.joint in loose and annotation.untouched


def still_loose(loose: Joints, edit: Edit) -> Joints:
    """What an edit that is no drawing by template leaves loose: names follow their boxes to the other hand,
    and a box that was named, deleted or put for a certain joint is loose no more."""
    if edit.action is Action.SWAP_SIDES:
        return frozenset(joint.mirrored for joint in loose)
    touched = {change.joint for change in edit.joints}
    if edit.action is Action.HANDS:
        return frozenset(joint.mirrored if joint in touched else joint for joint in loose)
    if edit.action in (Action.RENAME, Action.DELETE, Action.DRAW, Action.MIRROR):
        return loose - touched
    return loose
