"""Deciding: what becomes of a proposal, of the reading, and of both when it is undone."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from annotator.domain import deciding, gestures
from annotator.domain.annotations import Reading
from annotator.domain.deciding import Correction
from annotator.domain.decisions import Decision, Outcome, outcome_of
from annotator.domain.edits import Action
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding, Mark, NotAssessable
from annotator.domain.geometry import iou
from annotator.domain.joints import JOINTS, joint_named
from annotator.domain.proposals import SeenBy
from annotator.domain.standing import Standing
from tests.proposal_samples import place, proposed, run_over

PIP3, PIP4, IP1 = joint_named("R-PIP3"), joint_named("R-PIP4"), joint_named("R-IP1")
BLANK = Reading(1, 1)
PROPOSAL = proposed(PIP3, 7, ankylosis=True)


def decision(edit: object) -> Decision:
    (change,) = edit.decisions  # type: ignore[attr-defined]
    assert change.after is not None
    return change.after


def test_an_accepted_box_is_an_annotation_that_knows_where_it_comes_from() -> None:
    edit = deciding.accept(BLANK, PROPOSAL)
    said = edit.apply(BLANK).of(PIP3)
    assert (said.box, said.marks, said.origin) == (PROPOSAL.box, PROPOSAL.marks, 7)
    assert said.confirmed
    assert decision(edit) == Decision(7, Outcome.ACCEPTED, said, 1.0)
    assert edit.inverse.apply(edit.apply(BLANK)).annotations == {}


def test_what_only_one_detector_saw_is_still_to_be_read() -> None:
    edit = deciding.accept(BLANK, proposed(PIP3, 7, seen_by=SeenBy.FIRST))
    assert not edit.apply(BLANK).of(PIP3).done
    assert deciding.accept(BLANK, proposed(IP1, 7)).apply(BLANK).of(IP1).done
    said = deciding.accept(BLANK, proposed(PIP3, 7, seen_by=SeenBy.FIRST), Correction(marks=()))
    assert said.apply(BLANK).of(PIP3).normal


def test_moved_relabelled_and_named_are_told_apart() -> None:
    box = place(PIP3).moved(10, 0)
    moved = decision(deciding.accept(BLANK, PROPOSAL, Correction(box=box)))
    assert (moved.outcome, moved.moved_iou) == (Outcome.MOVED, iou(place(PIP3), box))
    normal = decision(deciding.accept(BLANK, PROPOSAL, Correction(box=box, marks=())))
    assert (normal.outcome, normal.moved_iou) == (Outcome.RELABELLED, moved.moved_iou)
    other = decision(deciding.accept(BLANK, PROPOSAL, Correction(joint=PIP4)))
    assert other.outcome is Outcome.RELABELLED
    assert other.became is not None
    assert other.became.joint == PIP4


def test_dislocation_is_no_correction_of_subluxation_nor_is_what_was_not_assessed() -> None:
    proposal = proposed(PIP3, 7, subluxation=True)
    dislocated = Correction(marks=(Mark(Finding.DISLOCATION),))
    assert decision(deciding.accept(BLANK, proposal, dislocated)).outcome is Outcome.ACCEPTED
    first = proposed(PIP3, 7, seen_by=SeenBy.FIRST)
    assert decision(deciding.accept(BLANK, first, dislocated)).outcome is Outcome.ACCEPTED


def test_a_rejection_changes_nothing_of_the_reading_and_is_no_empty_edit() -> None:
    edit = deciding.reject(BLANK, PROPOSAL)
    assert edit.apply(BLANK).annotations == {}
    assert not edit.empty
    assert not edit.inverse.empty
    assert decision(edit) == Decision(7, Outcome.REJECTED)


def test_one_can_think_better_of_it() -> None:
    accepted = deciding.accept(BLANK, PROPOSAL)
    reading = accepted.apply(BLANK)
    with pytest.raises(KnuckleError, match="already"):
        deciding.accept(reading, PROPOSAL, Correction(joint=PIP4), before=decision(accepted))
    rejected = deciding.reject(reading, PROPOSAL, before=decision(accepted))
    without = rejected.apply(reading)
    assert without.annotations == {}
    again = deciding.accept(without, PROPOSAL, before=decision(rejected))
    assert again.apply(without).annotations == reading.annotations
    assert again.inverse.decisions[0].after == decision(rejected)


def test_what_the_reader_said_is_not_overwritten_unless_they_say_so() -> None:
    drawn = gestures.draw(BLANK, PIP3, place(PIP4)).apply(BLANK)
    cropped = gestures.set_not_assessable(BLANK, PIP3, NotAssessable.CROPPED).apply(BLANK)
    for reading in (drawn, cropped):
        with pytest.raises(KnuckleError, match="already"):
            deciding.accept(reading, PROPOSAL)
        said = deciding.accept(reading, PROPOSAL, instead=True).apply(reading).of(PIP3)
        assert (said.box, said.not_assessable, said.origin) == (PROPOSAL.box, None, 7)
    commented = gestures.comment_joint(BLANK, PIP3, "ring").apply(BLANK)
    assert deciding.accept(commented, PROPOSAL).apply(commented).of(PIP3).comment == "ring"


def test_what_cannot_be_accepted_is_refused_with_a_reason() -> None:
    excluded = gestures.exclude(BLANK, "foot").apply(BLANK)
    with pytest.raises(KnuckleError, match="excluded"):
        deciding.accept(excluded, PROPOSAL)
    with pytest.raises(KnuckleError, match="excluded"):
        deciding.reject(excluded, PROPOSAL)
    with pytest.raises(KnuckleError, match="no joint"):
        deciding.accept(BLANK, proposed(PIP3, 7, named=False))
    with pytest.raises(KnuckleError, match="not judged"):
        deciding.accept(BLANK, proposed(IP1, 7), Correction(marks=(Mark(Finding.SUBLUXATION),)))
    with pytest.raises(KnuckleError, match="No proposal"):
        deciding.accept_rest(BLANK, ())
    with pytest.raises(ValueError, match="not stored"):
        deciding.accept(BLANK, proposed(PIP3))


def test_the_rest_is_one_step_that_one_undo_takes_back_with_its_decisions() -> None:
    standing = Standing(run=run_over(stored=True))
    first = deciding.reject(BLANK, standing.undecided(BLANK)[0])
    reading, standing = first.apply(BLANK), standing.after(first)
    rest = standing.rest(reading, 0.9)
    edit = deciding.accept_rest(reading, rest)
    done, after = edit.apply(reading), standing.after(edit)
    assert (edit.action, len(edit.joints), len(edit.decisions)) == (Action.ACCEPT_REST, 19, 19)
    assert done.done == 19
    assert after.undecided(done) == ()
    undone = after.after(edit.inverse)
    assert undone == standing
    assert undone.undecided(edit.inverse.apply(done)) == rest


@given(st.lists(st.sampled_from(JOINTS), unique=True), st.sampled_from(["swap", "move", "rename", "delete"]))
def test_the_origin_goes_where_the_box_goes(joints: list[object], then: str) -> None:
    chosen = [p for p in run_over(stored=True).proposals if p.joint in joints and p.joint != PIP4]
    reading = deciding.accept_rest(BLANK, chosen).apply(BLANK) if chosen else BLANK
    before = {said.origin: said.box for said in reading.annotations.values()}
    assume(PIP3 in reading.boxes or then == "swap")
    edit = {
        "swap": lambda: gestures.swap_sides(reading),
        "move": lambda: gestures.set_box(reading, PIP3, place(PIP4), Action.MOVE),
        "rename": lambda: gestures.rename(reading, PIP3, PIP4),
        "delete": lambda: gestures.delete(reading, PIP3),
    }[then]()
    origins = {said.origin for said in edit.apply(reading).annotations.values()}
    assert origins == set(before) - ({JOINTS.index(PIP3) + 1} if then == "delete" else set())
    back = edit.inverse.apply(edit.apply(reading))
    assert {said.origin: said.box for said in back.annotations.values()} == before


def test_what_became_of_an_accepted_box_is_seen_from_how_it_stands_now() -> None:
    reading = deciding.accept(BLANK, PROPOSAL).apply(BLANK)
    moved = gestures.set_box(reading, PIP3, place(PIP3).moved(3, 0), Action.NUDGE).apply(reading)
    cleared = gestures.set_normal(moved, PIP3).apply(moved)
    lost = gestures.set_not_assessable(reading, PIP3, NotAssessable.OVERLAP).apply(reading)
    found = [outcome_of(PROPOSAL, r.of(PIP3)) for r in (reading, moved, cleared, lost)]
    assert found == [Outcome.ACCEPTED, Outcome.MOVED, Outcome.RELABELLED, Outcome.RELABELLED]


@pytest.mark.parametrize(
    ("outcome", "became", "shared"),
    [
        (Outcome.REJECTED, deciding.accept(BLANK, PROPOSAL).joints[0].after, 1.0),
        (Outcome.ACCEPTED, None, None),
        (Outcome.ACCEPTED, gestures.draw(BLANK, PIP3, place(PIP3)).joints[0].after, 1.0),
        (Outcome.MOVED, deciding.accept(BLANK, PROPOSAL).joints[0].after, 1.5),
    ],
)
def test_a_decision_that_contradicts_itself_cannot_exist(
    outcome: Outcome, became: object, shared: object
) -> None:
    with pytest.raises(ValueError, match=r"."):
        Decision(7, outcome, became, shared)  # type: ignore[arg-type]
