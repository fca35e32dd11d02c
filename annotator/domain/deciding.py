"""Deciding on proposals: pure functions from a Reading to the Edit that a decision makes, as in `gestures`.

The proposals are stored ones, under the names that the reader's own facts give them (`Run.named_for`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from annotator.domain.annotations import JointAnnotation, Reading
from annotator.domain.decisions import Decision, DecisionChange, annotations_from, decide
from annotator.domain.edits import Action, Edit, JointChange
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Mark
from annotator.domain.geometry import Box
from annotator.domain.joints import Joint
from annotator.domain.proposals import Proposal


@dataclass(frozen=True, slots=True)
class Correction:
    """What the reader takes differently from what is proposed; None where as proposed."""

    joint: Joint | None = None
    box: Box | None = None
    marks: tuple[Mark, ...] | None = None


AS_PROPOSED = Correction()


def accept(
    reading: Reading,
    proposal: Proposal,
    correction: Correction = AS_PROPOSED,
    *,
    before: Decision | None = None,
    instead: bool = False,
) -> Edit:
    """Makes a proposal the reader's annotation, as it is or corrected.

    The joint counts as read, unless a finding of it was not assessed and the reader did not say the findings:
    then the box stands and the joint is still to be confirmed. before: the reader's decision until now.
    instead: over what is said of the joint. Raises KnuckleError where the proposal has no name and gets none,
    the joint is not on the image, has a box or is not assessable, and for a finding not judged on it.
    """
    _refuse_excluded(reading)
    joint = correction.joint or proposal.joint
    if joint is None:
        raise KnuckleError("This proposal has no joint.", "Choose which joint it is.")
    if joint not in reading.expected:
        raise KnuckleError(f"{joint} is not on this image.", "Choose another joint.")
    old = reading.of(joint)
    if (old.box is not None or old.not_assessable is not None) and not instead:
        raise KnuckleError(f"{joint} is annotated already.", "Change that, or delete it first.")
    if annotations_from(reading.annotations.values()).get(proposal.id, old) != old:
        raise KnuckleError("This proposal is accepted already.", "Change the annotation it became.")
    became = _became(old, proposal, replace(correction, joint=joint))
    return _edit(reading, Action.ACCEPT, [became], [_change(proposal, before, became)], joint)


def reject(reading: Reading, proposal: Proposal, *, before: Decision | None = None) -> Edit:
    """Says that a proposal is no joint box to use; an annotation that came from it goes."""
    _refuse_excluded(reading)
    said = annotations_from(reading.annotations.values()).get(proposal.id)
    left = [] if said is None else [JointAnnotation(said.joint, comment=said.comment)]
    return _edit(reading, Action.REJECT, left, [_change(proposal, before, None)], proposal.joint)


def accept_rest(reading: Reading, proposals: Sequence[Proposal]) -> Edit:
    """Accepts these proposals as they are, as one undo step; they come from `decisions.the_rest`.

    Raises KnuckleError where there are none, and as `accept`.
    """
    if not proposals:
        raise KnuckleError(
            "No proposal is left that can be accepted unseen.", "Lower the threshold, or decide one by one."
        )
    edits = [accept(reading, proposal) for proposal in proposals]
    joints = tuple(change for edit in edits for change in edit.joints)
    decisions = tuple(change for edit in edits for change in edit.decisions)
    return Edit(Action.ACCEPT_REST, joints, decisions=decisions)


def _became(old: JointAnnotation, proposal: Proposal, correction: Correction) -> JointAnnotation:
    """The annotation in the place of `old`, whose comment stays; correction: with a joint."""
    joint = old.joint
    named = replace(proposal, joint=joint)
    marks = named.marks if correction.marks is None else correction.marks
    for mark in marks:
        if mark.finding not in joint.findings:
            finding = mark.finding.value.capitalize()
            raise KnuckleError(f"{finding} is not judged on {joint}.", "Clear it first.")
    return JointAnnotation(
        joint,
        correction.box or proposal.box,
        tuple(sorted(marks)),
        confirmed=correction.marks is not None or not named.not_assessed,
        comment=old.comment,
        origin=proposal.id,
    )


def _change(proposal: Proposal, before: Decision | None, became: JointAnnotation | None) -> DecisionChange:
    return DecisionChange(proposal.id, before, decide(proposal, became))


def _edit(
    reading: Reading,
    action: Action,
    after: Sequence[JointAnnotation],
    decisions: Sequence[DecisionChange],
    subject: Joint | None,
) -> Edit:
    changes = (
        JointChange(said.joint, reading.annotations.get(said.joint), _said(said))
        for said in sorted(after, key=lambda said: str(said.joint))
    )
    return Edit(action, tuple(changes), subject=subject, decisions=tuple(decisions))


def _said(annotation: JointAnnotation) -> JointAnnotation | None:
    """One that says nothing is no annotation."""
    return annotation if annotation != JointAnnotation(annotation.joint) else None


def _refuse_excluded(reading: Reading) -> None:
    if reading.facts.excluded:
        raise KnuckleError("This image is excluded.", "Take it back in before you annotate it.")
