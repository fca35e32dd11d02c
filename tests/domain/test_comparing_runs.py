"""Reader against run: differences, when proposals are shown, and the audit of a model."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from annotator.domain import deciding, gestures
from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading
from annotator.domain.deciding import Correction
from annotator.domain.decisions import Outcome
from annotator.domain.differences import DifferenceKind, differences
from annotator.domain.edits import Action, Edit
from annotator.domain.findings import Finding, NotAssessable
from annotator.domain.joints import JOINTS, joint_named
from annotator.domain.model_audit import Case, Tally, cases_of, tallies
from annotator.domain.revealing import Reveal, RevealPolicy, Seen, may_show, seen
from annotator.domain.standing import Standing
from tests.proposal_samples import place, proposed, run_over

PIP2, PIP3, PIP4, PIP5 = (joint_named(f"R-PIP{digit}") for digit in (2, 3, 4, 5))
BLANK = Reading(1, 1)


def after(reading: Reading, *edits: Edit) -> Reading:
    for edit in edits:
        reading = edit.apply(reading)
    return reading


def test_differences_in_box_finding_name_and_existence() -> None:
    reading = after(
        BLANK,
        gestures.draw(BLANK, PIP2, place(PIP2)),
        gestures.draw(BLANK, PIP3, place(PIP3).moved(12, 0)),
        gestures.draw(BLANK, PIP4, place(PIP5).moved(5, 0)),
        gestures.draw(BLANK, joint_named("L-MP5"), place(joint_named("L-MP5"))),
    )
    run = run_over(
        proposals=(
            proposed(PIP2, ankylosis=True),
            proposed(PIP3),
            proposed(PIP5),
            proposed(joint_named("L-MP1")),
            proposed(joint_named("L-MP2"), named=False),
        )
    )
    found = {(one.joint, one.kind) for one in differences(reading, run.proposals)}
    assert found == {
        (PIP2, DifferenceKind.FINDING),
        (PIP3, DifferenceKind.BOX),
        (PIP4, DifferenceKind.NAME),
        (joint_named("L-MP5"), DifferenceKind.READER_ONLY),
        (joint_named("L-MP1"), DifferenceKind.MODEL_ONLY),
        (None, DifferenceKind.MODEL_ONLY),
    }
    assert differences(reading, run.proposals)[-1].joint is None


def test_what_agrees_is_no_difference() -> None:
    run = run_over(stored=True)
    reading = deciding.accept_rest(BLANK, run.proposals).apply(BLANK)
    assert differences(reading, run.proposals) == ()
    assert Standing().differences(reading) == ()


def test_a_new_run_replaces_what_is_undecided_and_is_compared_with_the_rest() -> None:
    """Names follow the reader's sides in the run before, too, whose rejected box stays away."""
    old = run_over(stored=True)
    standing = Standing(run=old)
    reading = gestures.swap_sides(BLANK).apply(BLANK)
    named = {p.joint: p for p in standing.undecided(reading)}
    for edit in (
        deciding.accept(reading, named[PIP2]),
        deciding.reject(reading, named[PIP3]),
    ):
        reading, standing = edit.apply(reading), standing.after(edit)
    again = tuple(replace(p, id=p.id + 100, box=p.box.moved(1, 0)) for p in old.proposals)
    renewed = replace(
        standing,
        run=replace(old, id=2, proposals=again),
        earlier=(old,),
    )
    waiting = {p.joint for p in renewed.undecided(reading)}
    assert waiting == set(JOINTS) - {PIP2, PIP3}
    assert {p.id for p in renewed.undecided(reading)} == {p.id for p in again} - {
        named[PIP2].id + 100,
        named[PIP3].id + 100,
    }
    only = {one.joint for one in renewed.differences(reading) if one.kind is DifferenceKind.MODEL_ONLY}
    assert only == waiting
    other_version = replace(renewed, run=replace(old, id=2, version_id=2, proposals=again))
    assert {p.joint for p in other_version.undecided(reading)} == waiting | {PIP3}


def test_when_proposals_are_shown() -> None:
    excluded = gestures.exclude(BLANK, "foot").apply(BLANK)
    unjudged = {j: JointAnnotation(j, not_assessable=NotAssessable.IMPLANT) for j in BLANK.expected}
    complete = replace(BLANK, annotations=unjudged)
    begun = gestures.draw(BLANK, PIP3, place(PIP3)).apply(BLANK)
    signed = replace(complete, signed=True)
    readings = (BLANK, begun, excluded, complete, signed)
    shown = {policy: [may_show(policy, r, revealed=False) for r in readings] for policy in RevealPolicy}
    assert shown == {
        RevealPolicy.AT_ONCE: [True, True, True, True, True],
        RevealPolicy.ALL_LABELLED: [False, False, False, True, True],
        RevealPolicy.SIGNED: [False, False, False, False, True],
    }
    assert all(may_show(policy, begun, revealed=True) for policy in RevealPolicy)


def test_a_label_says_whether_its_reader_had_seen_the_model() -> None:
    drawn = gestures.draw(BLANK, PIP3, place(PIP3)).apply(BLANK)
    before = gestures.confirm(drawn, PIP3).apply(drawn)
    reveal = Reveal(1, RevealPolicy.ALL_LABELLED, datetime(2026, 11, 23, tzinfo=UTC), before)
    now = gestures.toggle_finding(before, PIP3, Finding.ANKYLOSIS).apply(before)
    now = deciding.accept(now, proposed(PIP4, 9)).apply(now)
    assert seen(now.of(PIP3), None) is Seen.NO
    assert seen(before.of(PIP3), reveal) is Seen.AFTERWARDS
    assert seen(now.of(PIP3), reveal) is Seen.YES
    assert seen(now.of(PIP4), reveal) is Seen.YES


def counted(cases: list[Case]) -> dict[object, int]:
    outcomes = [case.outcome or ("added" if case.confidence is None else "undecided") for case in cases]
    return {outcome: outcomes.count(outcome) for outcome in outcomes}


def test_the_audit_counts_what_stands_now() -> None:
    run = run_over(stored=True)
    named = {p.joint: p for p in run.proposals}
    standing, reading = Standing(run=run), BLANK
    for edit in (
        deciding.accept(reading, named[PIP2]),
        deciding.accept(reading, named[PIP3]),
        deciding.accept(reading, named[PIP4], Correction(marks=())),
        deciding.reject(reading, named[PIP5]),
        deciding.accept(reading, named[joint_named("L-MP5")]),
    ):
        reading, standing = edit.apply(reading), standing.after(edit)
    reading = after(
        reading,
        gestures.set_box(reading, PIP3, place(PIP3).moved(7, 0), Action.MOVE),
        gestures.delete(reading, joint_named("L-MP5")),
        gestures.draw(reading, PIP5, place(PIP5).moved(4, 0)),
        gestures.draw(reading, joint_named("L-MP1"), place(joint_named("L-MP1"))),
    )
    cases = cases_of(reading, [run], standing.decisions)
    assert counted(cases) == {
        Outcome.ACCEPTED: 2,
        Outcome.MOVED: 1,
        Outcome.REJECTED: 2,  # one was accepted, and deleted later
        "undecided": 15,
        "added": 1,  # in the place of the one that was rejected; the other lies where one was proposed
    }
    (moved,) = [case for case in cases if case.outcome is Outcome.MOVED]
    assert moved.moved_iou == pytest.approx(49 / 63)


def test_what_is_proposed_twice_counts_once() -> None:
    run = run_over(stored=True)
    rest = deciding.accept_rest(BLANK, run.proposals[:5])
    reading = rest.apply(BLANK)
    again = replace(run, id=2, proposals=tuple(replace(p, id=p.id + 100) for p in run.proposals))
    decisions = Standing().after(rest).decisions
    assert counted(cases_of(reading, [run, again], decisions)) == {Outcome.ACCEPTED: 5, "undecided": 15}
    other = replace(again, version_id=2)
    both = cases_of(reading, [run, other], decisions)
    assert counted([case for case in both if case.version_id == 2]) == {"undecided": 20}


def test_tallies_by_version_and_confidence() -> None:
    cases = [
        Case(1, 0.9, Outcome.ACCEPTED, 1.0),
        Case(1, 0.93, Outcome.MOVED, 0.8),
        Case(1, 0.94, Outcome.MOVED, 0.5),
        Case(1, 0.95, Outcome.REJECTED),
        Case(1, 1.0, Outcome.RELABELLED, 1.0),
        Case(1, None),
        Case(1, None),
        Case(2, 0.2),
    ]
    found = tallies(cases, bins=(0.0, 0.9, 0.95, 1.0))
    assert found == (
        Tally(1, 0.9, 0.95, accepted=1, moved=2, moved_iou_mean=pytest.approx(0.65), moved_iou_median=0.65),
        Tally(1, 0.95, 1.0, relabelled=1, rejected=1),
        Tally(1, None, None, added=2),
        Tally(2, 0.0, 0.9, undecided=1),
    )
    assert tallies([]) == ()
    with pytest.raises(ValueError, match="no bin"):
        tallies(cases, bins=(0.5, 1.0))


def test_names_for_facts_are_those_of_the_reader() -> None:
    standing = Standing(run=run_over(stored=True))
    flipped = replace(BLANK, facts=ImageFacts(right_on_left=False))
    named = standing.named(flipped)
    assert named is not None
    assert named.proposals[0].joint == JOINTS[0].mirrored
    assert Standing().named(BLANK) is None
