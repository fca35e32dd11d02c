"""Changes of a reading as data: what was, what is, and the way back.

Nothing but an Edit changes a reading. An Edit is one gesture, one transaction and one undo step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading
from annotator.domain.decisions import DecisionChange
from annotator.domain.joints import Joint


class Action(StrEnum):
    """What the reader did; the word stands in the audit and in the undo text."""

    DRAW = "draw"
    MOVE = "move"
    RESIZE = "resize"
    NUDGE = "nudge"
    DELETE = "delete"
    RENAME = "rename"
    MIRROR = "copy mirrored"
    FINDING = "finding"
    CERTAINTY = "certainty"
    NORMAL = "normal"
    NOT_ASSESSABLE = "not assessable"
    CONFIRM = "confirm"
    REST_NORMAL = "rest is normal"
    COMMENT = "comment"
    SWAP_SIDES = "swap sides"
    CONFIRM_SIDES = "confirm sides"
    HANDS = "hands shown"
    EXCLUDE = "exclude"
    ACCEPT = "accept"
    ACCEPT_REST = "accept the rest"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class JointChange:
    """One joint before and after; None where nothing is said about it."""

    joint: Joint
    before: JointAnnotation | None
    after: JointAnnotation | None

    def __post_init__(self) -> None:
        if any(a is not None and a.joint != self.joint for a in (self.before, self.after)):
            raise ValueError(f"change of {self.joint} with an annotation of another joint")

    @property
    def inverse(self) -> JointChange:
        return JointChange(self.joint, self.after, self.before)


@dataclass(frozen=True, slots=True)
class FactsChange:
    """The facts about the image before and after."""

    before: ImageFacts
    after: ImageFacts

    @property
    def inverse(self) -> FactsChange:
        return FactsChange(self.after, self.before)


@dataclass(frozen=True, slots=True)
class Edit:
    """One gesture. `subject` is the joint it was made on, None for the image as a whole.

    decisions: on proposals, which are stored, undone and redone with what they do to the reading.
    """

    action: Action
    joints: tuple[JointChange, ...] = ()
    facts: FactsChange | None = None
    subject: Joint | None = None
    decisions: tuple[DecisionChange, ...] = ()

    def __post_init__(self) -> None:
        if len({change.joint for change in self.joints}) < len(self.joints):
            raise ValueError("edit that changes a joint twice")
        if len({change.proposal_id for change in self.decisions}) < len(self.decisions):
            raise ValueError("edit that decides on a proposal twice")

    @property
    def empty(self) -> bool:
        """It would leave the reading as it is."""
        same = all(change.before == change.after for change in self.joints)
        decided = any(change.before != change.after for change in self.decisions)
        return same and not decided and (self.facts is None or self.facts.before == self.facts.after)

    @property
    def inverse(self) -> Edit:
        facts = self.facts.inverse if self.facts else None
        decisions = tuple(change.inverse for change in self.decisions)
        return Edit(self.action, tuple(c.inverse for c in self.joints), facts, self.subject, decisions)

    def apply(self, reading: Reading) -> Reading:
        """The reading after the edit; raises ValueError where it is not as the edit says it was."""
        if self.facts and self.facts.before != reading.facts:
            raise ValueError("the facts about the image are not as the edit found them")
        annotations = dict(reading.annotations)
        for change in self.joints:
            if annotations.get(change.joint) != change.before:
                raise ValueError(f"{change.joint} is not as the edit found it")
            annotations.pop(change.joint, None)
            if change.after is not None:
                annotations[change.joint] = change.after
        facts = self.facts.after if self.facts else reading.facts
        return replace(reading, facts=facts, annotations=annotations, started=True)


@dataclass(frozen=True, slots=True)
class History:
    """What can be undone and redone, the latest last. Each step gives a new History.

    An edit moves between the lists after it was saved, so a failed save loses no step.
    """

    done: tuple[Edit, ...] = ()
    undone: tuple[Edit, ...] = ()

    def record(self, edit: Edit) -> History:
        return History((*self.done, edit))

    @property
    def next_undo(self) -> Edit | None:
        return self.done[-1] if self.done else None

    @property
    def next_redo(self) -> Edit | None:
        return self.undone[-1] if self.undone else None

    def undo(self) -> History:
        return History(self.done[:-1], (*self.undone, self.done[-1]))

    def redo(self) -> History:
        return History((*self.done, self.undone[-1]), self.undone[:-1])
