"""What a reader can do to a reading: each gesture is a pure function from a Reading to the Edit it makes.

A gesture that makes no sense raises KnuckleError with a sentence for the reader. None of them looks at
whether the reading is signed: that is asked where edits are applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading
from annotator.domain.edits import Action, Edit, FactsChange, JointChange
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joints import Hands, Joint


def draw(reading: Reading, joint: Joint, box: Box, renamed: Mapping[Joint, Joint] | None = None) -> Edit:
    """A first box for a joint; what was said of the joint without a box stays.

    renamed: joints whose annotations take other names by the same gesture, old to new.
    """
    _refuse_excluded(reading)
    after = _relabelled(reading, renamed or {})
    old = after.get(joint, reading.of(joint)) or JointAnnotation(joint)
    if old.box is not None:
        raise KnuckleError(f"{joint} has a box already.", "Move that one, or delete it first.")
    return _edit(reading, Action.DRAW, {**after, joint: replace(old, box=box)}, joint)


def set_box(reading: Reading, joint: Joint, box: Box, action: Action) -> Edit:
    """Another place or size for a box: MOVE, RESIZE or NUDGE."""
    return _one(reading, action, replace(_boxed(reading, joint), box=box))


def copy_mirrored(reading: Reading, joint: Joint, box: Box) -> Edit:
    """A box for the same joint of the other hand; nothing but the box is copied."""
    other = joint.mirrored
    if other not in reading.expected:
        raise KnuckleError(f"{other} is not on this image.", "Say that it shows both hands first.")
    _boxed(reading, joint)
    edit = draw(reading, other, box)
    return replace(edit, action=Action.MIRROR)


def delete(reading: Reading, joint: Joint) -> Edit:
    """Takes the box away with its findings; a reason not to be assessable and a comment stay."""
    old = _boxed(reading, joint)
    kept = JointAnnotation(joint, not_assessable=old.not_assessable, comment=old.comment)
    return _one(reading, Action.DELETE, kept)


def rename(reading: Reading, joint: Joint, to: Joint) -> Edit:
    """Gives the annotation to another joint; where that one is annotated, the two change places."""
    if to not in reading.expected:
        raise KnuckleError(
            f"{to} is not on this image.", "Choose another joint, or another setting of hands."
        )
    _boxed(reading, joint)
    swap = {joint: to, to: joint} if to in reading.annotations else {joint: to}
    return _edit(reading, Action.RENAME, _relabelled(reading, swap), to)


def toggle_finding(reading: Reading, joint: Joint, finding: Finding) -> Edit:
    """Puts a finding on a joint or takes it away. A finding put is a decision: the joint counts as read."""
    old = _boxed(reading, joint)
    if finding not in joint.findings:
        raise KnuckleError(
            f"{finding.value.capitalize()} is not judged on {joint}.", "The thumb IP has ankylosis only."
        )
    if old.certainty(finding) is None:
        new = replace(old.with_finding(finding, Certainty.CERTAIN), confirmed=True)
    else:
        new = old.without_finding(finding)
        new = replace(new, confirmed=bool(new.marks))
    return _one(reading, Action.FINDING, new)


def next_certainty(reading: Reading, joint: Joint) -> Edit:
    """The next combination of certain and probable over the findings of a joint."""
    old = reading.of(joint)
    if not old.marks:
        raise KnuckleError(f"{joint} has no finding to be certain of.", "Set a finding first.")
    combinations = list(product(Certainty, repeat=len(old.marks)))
    now = combinations.index(tuple(mark.certainty for mark in old.marks))
    after = combinations[(now + 1) % len(combinations)]
    marks = tuple(Mark(m.finding, c) for m, c in zip(old.marks, after, strict=True))
    return _one(reading, Action.CERTAINTY, replace(old, marks=marks))


def set_normal(reading: Reading, joint: Joint) -> Edit:
    old = _boxed(reading, joint)
    return _one(reading, Action.NORMAL, replace(old, marks=(), not_assessable=None, confirmed=True))


def set_not_assessable(reading: Reading, joint: Joint, reason: NotAssessable | None) -> Edit:
    """With a reason the findings go; without one the joint is to be read again."""
    _refuse_excluded(reading)
    marks = () if reason else reading.of(joint).marks
    new = replace(reading.of(joint), marks=marks, not_assessable=reason, confirmed=False)
    return _one(reading, Action.NOT_ASSESSABLE, new)


def confirm(reading: Reading, joint: Joint) -> Edit:
    """What stands is what the reader means; a joint without a finding is thereby normal."""
    old = reading.of(joint)
    if old.not_assessable:
        return Edit(Action.CONFIRM, subject=joint)
    return _one(reading, Action.CONFIRM, replace(_boxed(reading, joint), confirmed=True))


def rest_normal_joints(reading: Reading) -> tuple[Joint, ...]:
    """The boxed joints nothing was said about: those "rest is normal" would set."""
    return tuple(joint for joint in reading.expected if reading.of(joint).untouched)


def rest_normal(reading: Reading) -> Edit:
    joints = rest_normal_joints(reading)
    if not joints:
        raise KnuckleError("No boxed joint is left to be read.", "Draw boxes for the missing joints.")
    return _edit(reading, Action.REST_NORMAL, {j: replace(reading.of(j), confirmed=True) for j in joints})


def comment_joint(reading: Reading, joint: Joint, text: str) -> Edit:
    return _one(reading, Action.COMMENT, replace(reading.of(joint), comment=text.strip()))


def comment_image(reading: Reading, text: str) -> Edit:
    return _facts(reading, Action.COMMENT, replace(reading.facts, comment=text.strip()))


def swap_sides(reading: Reading) -> Edit:
    """Right is left and left is right: all names change with it, and the side counts as confirmed."""
    other = {Hands.BOTH: Hands.BOTH, Hands.RIGHT: Hands.LEFT, Hands.LEFT: Hands.RIGHT}[reading.facts.hands]
    both = reading.facts.hands is Hands.BOTH
    flipped = not reading.facts.right_on_left if both else reading.facts.right_on_left
    after = replace(reading.facts, hands=other, right_on_left=flipped, side_confirmed=True)
    changed = _relabelled(reading, {joint: joint.mirrored for joint in reading.annotations})
    edit = _edit(reading, Action.SWAP_SIDES, changed)
    return replace(edit, facts=FactsChange(reading.facts, after))


def confirm_sides(reading: Reading) -> Edit:
    return _facts(reading, Action.CONFIRM_SIDES, replace(reading.facts, side_confirmed=True))


def set_hands(reading: Reading, hands: Hands) -> Edit:
    """Which hands the image shows. Boxes that all bear the other side's names take the names of this one."""
    after = replace(reading.facts, hands=hands, side_confirmed=hands is not Hands.BOTH)
    wrong = [joint for joint in reading.annotations if joint.side not in hands.sides]
    if wrong and len(wrong) < len(reading.annotations):
        raise KnuckleError(
            "Joints of both hands are annotated on this image.", "Delete those of one hand first."
        )
    edit = _edit(reading, Action.HANDS, _relabelled(reading, {joint: joint.mirrored for joint in wrong}))
    return replace(edit, facts=FactsChange(reading.facts, after))


def exclude(reading: Reading, reason: str) -> Edit:
    """Takes the image out of what is read, with a reason; an empty reason takes it back in."""
    return _facts(reading, Action.EXCLUDE, replace(reading.facts, excluded=reason.strip()))


def _edit(
    reading: Reading,
    action: Action,
    after: Mapping[Joint, JointAnnotation | None],
    subject: Joint | None = None,
) -> Edit:
    """The edit that leads to these annotations; one that says nothing is no annotation."""
    said = {joint: a if a != JointAnnotation(joint) else None for joint, a in after.items()}
    changes = (
        JointChange(joint, reading.annotations.get(joint), said[joint]) for joint in sorted(said, key=str)
    )
    return Edit(action, tuple(changes), subject=subject)


def _one(reading: Reading, action: Action, after: JointAnnotation) -> Edit:
    return _edit(reading, action, {after.joint: after}, after.joint)


def _relabelled(reading: Reading, names: Mapping[Joint, Joint]) -> dict[Joint, JointAnnotation | None]:
    """The annotations of some joints under other names, and None for the names they leave free."""
    after: dict[Joint, JointAnnotation | None] = {old: None for old in names if old in reading.annotations}
    for old in tuple(after):
        after[names[old]] = _renamed(reading.annotations[old], names[old])
    return after


def _facts(reading: Reading, action: Action, after: ImageFacts) -> Edit:
    return Edit(action, (), FactsChange(reading.facts, after))


def _boxed(reading: Reading, joint: Joint) -> JointAnnotation:
    _refuse_excluded(reading)
    annotation = reading.of(joint)
    if annotation.box is None:
        raise KnuckleError(
            f"{joint} has no box yet.", "Draw one by a drag over the joint, or place one by key."
        )
    return annotation


def _refuse_excluded(reading: Reading) -> None:
    if reading.facts.excluded:
        raise KnuckleError("This image is excluded.", "Take it back in before you annotate it.")


def _renamed(annotation: JointAnnotation, to: Joint) -> JointAnnotation:
    for mark in annotation.marks:
        if mark.finding not in to.findings:
            raise KnuckleError(f"{mark.finding.value.capitalize()} is not judged on {to}.", "Clear it first.")
    return replace(annotation, joint=to)
