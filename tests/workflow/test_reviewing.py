"""What a reader is shown of proposals, and when."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.domain import gestures
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, Hands, Side, joint_named
from annotator.domain.people import Role
from annotator.domain.proposals import Flag, FlagKind
from annotator.domain.revealing import RevealPolicy
from annotator.store.studies import Studies
from tests.proposal_samples import place, proposed
from tests.workflow.desk_driver import locked
from tests.workflow.review_driver import ALL, MS, Seat, seat

PIP3, MCP2, LIP1 = joint_named("R-PIP3"), joint_named("R-MCP2"), joint_named("L-IP1")
SPARE = Box(50, 1200, 110, 1260)


def set_policy(at: Seat, policy: RevealPolicy) -> None:
    Studies(at.at.house.database).set_reveal_policy(at.at.study.id, policy, at.at.person)


# when


def test_at_once_what_is_there_is_shown_and_said_to_be_shown(at_image: Seat) -> None:
    assert (at_image.review.run, at_image.joints, at_image.reveals) == (None, [], [])
    run = at_image.propose()
    assert at_image.review.run == run
    assert at_image.joints == list(JOINTS)
    (reveal,) = at_image.reveals
    assert (reveal.run_id, reveal.policy) == (run.id, RevealPolicy.AT_ONCE)
    assert at_image.review.standing.revealed == reveal
    at_image.review.load()
    assert at_image.reveals == [reveal], "the first time is kept"


@pytest.mark.parametrize("proposed_first", [True, False])
def test_after_all_joints_are_labelled_and_what_was_before_is_kept(
    at_image: Seat, proposed_first: bool
) -> None:
    set_policy(at_image, RevealPolicy.ALL_LABELLED)
    if proposed_first:
        at_image.propose()
        assert (at_image.review.standing.hidden, at_image.review.run, at_image.joints) == (True, None, [])
    assert at_image.desk.draw(place(PIP3), PIP3)
    assert at_image.reveals == []
    assert at_image.desk.perform(lambda r: gestures.confirm(r, PIP3))
    at_image.label_all()
    if not proposed_first:
        assert at_image.reveals == [], "there is nothing to be seen yet"
        at_image.propose()
    assert not at_image.review.standing.hidden
    (reveal,) = at_image.reveals
    assert reveal.before == at_image.reading
    assert reveal.policy is RevealPolicy.ALL_LABELLED
    assert at_image.joints == [], "every joint is read"
    assert at_image.desk.perform(lambda r: gestures.delete(r, PIP3))
    assert at_image.desk.perform(lambda r: gestures.set_not_assessable(r, PIP3, None))
    assert at_image.joints == [PIP3], "who has seen it sees it"
    assert at_image.deciding.accept()
    assert at_image.reveals == [reveal]
    assert PIP3 in reveal.before.annotations


def test_after_signing_shown_and_never_decided_on(at_image: Seat) -> None:
    set_policy(at_image, RevealPolicy.SIGNED)
    at_image.propose()
    at_image.label_all()
    assert at_image.review.standing.hidden
    assert at_image.desk.sign()
    assert not at_image.review.standing.hidden
    assert at_image.review.run is not None
    assert len(at_image.reveals) == 1
    assert at_image.reveals[0].before == at_image.reading
    assert at_image.review.rest == ()
    assert at_image.desk.reopen("Seen too little.")
    assert not at_image.review.standing.hidden
    assert at_image.review.run is not None


def test_a_signed_reading_is_not_decided_on(at_image: Seat) -> None:
    at_image.propose()
    assert at_image.deciding.accept_rest(at_image.review.rest)
    assert at_image.desk.sign()
    at_image.propose(proposed(PIP3, box=SPARE, named=False))
    (spare,) = at_image.review.waiting
    at_image.review.choose(spare)
    before = at_image.reading, at_image.decisions
    deciding = at_image.deciding
    for decide in (
        deciding.accept,
        deciding.reject,
        lambda: deciding.accept_rest(()),
        lambda: deciding.accept_as(PIP3),
    ):
        assert not decide()
    assert [str(error) for error in at_image.refused] == [
        "This reading is signed. Reopen it, with a reason, to change it."
    ] * 4
    assert (at_image.reading, at_image.decisions) == before


def test_what_cannot_be_said_to_be_shown_is_not_shown_until_it_can(at_image: Seat, tiny_data: Path) -> None:
    at_image.run()
    with locked(tiny_data):
        at_image.review.arrived(at_image.image_id)
        assert (at_image.review.run, at_image.joints) == (None, [])
    assert "in use by another program" in str(at_image.refused[0])
    assert at_image.reveals == []
    assert at_image.desk.draw(SPARE, PIP3)
    assert len(at_image.joints) == 19, "with the next gesture that is stored"
    assert len(at_image.reveals) == 1
    assert at_image.agrees()


def test_switched_off_is_not_said_to_be_shown(at_image: Seat) -> None:
    at_image.review.set_shown(False)
    at_image.propose()
    assert (at_image.review.run, at_image.joints, at_image.reveals) == (None, [], [])
    assert (at_image.review.current, at_image.review.rest, at_image.review.differences) == (None, (), ())
    assert not at_image.deciding.accept()
    at_image.review.set_shown(True)
    assert len(at_image.joints) == 20
    assert len(at_image.reveals) == 1


def test_a_data_person_sees_without_it_being_a_reading(tiny_data: Path, qtbot: QtBot) -> None:
    with seat(tiny_data, qtbot, "Data D", Role.DATA) as at:
        at.propose()
        assert len(at.joints) == 20
        assert at.reveals == []
        at.review.set_shown(True)
        at.choose(PIP3)
        for decide in (
            at.deciding.accept,
            at.deciding.reject,
            lambda: at.deciding.accept_rest(at.review.rest),
        ):
            assert not decide()
        assert at.review.rest == ()
        assert at.decisions == {}
        assert len(at.refused) == 3


def test_each_reader_is_shown_for_themselves(tiny_data: Path, qtbot: QtBot) -> None:
    with seat(tiny_data, qtbot) as at:
        at.propose()
        at.choose(PIP3)
        assert at.deciding.reject()
    with seat(tiny_data, qtbot, "Dr. B") as at:
        assert len(at.joints) == 20, "what another has rejected waits here"
        assert [reveal.before.annotations for reveal in at.reveals] == [{}]
    with seat(tiny_data, qtbot) as at:
        assert PIP3 not in at.joints, "and stays rejected after a restart"
        assert at.agrees()


@pytest.mark.parametrize("policy", RevealPolicy)
def test_an_excluded_image_shows_nothing_and_reveals_nothing(at_image: Seat, policy: RevealPolicy) -> None:
    """It counts as complete, there being nothing to label: that is no way round reading first."""
    set_policy(at_image, policy)
    at_image.desk.perform(lambda r: gestures.exclude(r, "blurred"))
    at_image.propose()
    assert (at_image.joints, at_image.review.rest, at_image.review.current) == ([], (), None)
    assert at_image.reveals == []
    at_image.desk.perform(lambda r: gestures.exclude(r, ""))
    shown = policy is RevealPolicy.AT_ONCE
    assert (len(at_image.joints), len(at_image.reveals)) == ((20, 1) if shown else (0, 0))
    assert at_image.review.standing.hidden is not shown
    assert at_image.desk.undo()
    assert at_image.joints == []


# which


def test_the_threshold_is_never_below_the_runs_own_and_filters_at_once(at_image: Seat, qtbot: QtBot) -> None:
    sure = {joint: 0.9 + 0.005 * place for place, joint in enumerate(JOINTS)}
    at_image.propose(*(proposed(joint, confidence=sure[joint]) for joint in JOINTS))
    review = at_image.review
    assert review.threshold == pytest.approx(0.9)
    assert len(review.waiting) == 20
    with qtbot.waitSignal(review.changed):
        review.set_threshold(0.95)
    assert at_image.joints == list(JOINTS[10:])
    assert len(review.undecided) == 20
    assert [p.joint for p in review.rest] == list(JOINTS[10:])
    at_image.desk.set_current(JOINTS[0])
    assert review.current is None
    review.set_threshold(0.2)
    assert review.threshold == pytest.approx(0.9)
    assert review.current is not None
    review.set_threshold(1.0)
    assert (review.waiting, review.rest, review.current) == ((), (), None)
    assert not at_image.deciding.accept_rest(at_image.review.rest)
    assert "No proposal is left" in str(at_image.refused[-1])


def test_in_the_order_of_the_joints_or_least_certain_first(at_image: Seat) -> None:
    turned = [proposed(joint, confidence=0.9 + 0.004 * number) for number, joint in enumerate(JOINTS[::-1])]
    nameless = proposed(PIP3, box=SPARE, named=False, confidence=0.95)
    at_image.propose(*turned, nameless)
    assert at_image.joints == [*JOINTS, None]
    at_image.review.set_uncertain_first(True)
    confidences = [p.confidence for p in at_image.review.waiting]
    assert confidences == sorted(confidences)
    assert at_image.joints[0] == JOINTS[-1]


def test_what_lies_double_on_a_joint_is_left_to_the_better_one(at_image: Seat) -> None:
    double = proposed(
        PIP3, box=SPARE, named=False, flags=(Flag(FlagKind.DUPLICATE, "It lies on R-PIP3 as well."),)
    )
    at_image.propose(*ALL, double)
    assert None not in at_image.joints


def test_the_current_one_follows_the_joint_and_what_is_chosen(at_image: Seat, qtbot: QtBot) -> None:
    nameless = proposed(PIP3, box=SPARE, named=False)
    at_image.propose(*ALL, nameless)
    review, desk = at_image.review, at_image.desk
    for joint in (PIP3, LIP1):
        desk.set_current(joint)
        assert review.current == review.by_joint[joint]
    spare = review.waiting[-1]
    assert spare.joint is None
    with qtbot.waitSignal(review.changed):
        review.choose(spare)
    assert (review.current, desk.current) == (spare, None)
    desk.set_current(MCP2)
    assert review.current == review.by_joint[MCP2]
    review.choose(spare)
    review.step(1)
    assert (review.current, desk.current) == (review.waiting[0], JOINTS[0]), "round the end"
    review.step(-1)
    assert review.current == spare
    review.step(-1)
    assert desk.current == JOINTS[-1]


def test_names_change_sides_with_the_reader(at_image: Seat) -> None:
    at_image.propose()
    before = {p.joint: p.box for p in at_image.review.waiting}
    assert at_image.desk.perform(gestures.swap_sides)
    after = {p.joint: p.box for p in at_image.review.waiting}
    assert after == {joint.mirrored: box for joint, box in before.items() if joint is not None}
    at_image.choose(PIP3)
    assert at_image.deciding.accept()
    assert at_image.reading.boxes == {PIP3: place(PIP3.mirrored)}
    assert at_image.desk.undo()
    assert at_image.desk.undo()
    assert {p.joint: p.box for p in at_image.review.waiting} == before
    assert at_image.agrees()


def test_of_one_hand_the_other_ones_proposals_are_not_shown(at_image: Seat) -> None:
    at_image.propose()
    assert at_image.desk.perform(lambda r: gestures.set_hands(r, Hands.RIGHT))
    assert len(at_image.joints) == 10
    assert {joint.side for joint in at_image.joints if joint} == {Side.RIGHT}
    assert at_image.desk.undo()
    assert len(at_image.joints) == 20


def test_who_opens_another_image_leaves_these_proposals_behind(at_image: Seat, qtbot: QtBot) -> None:
    at_image.propose(*ALL, proposed(PIP3, box=SPARE, named=False))
    at_image.review.choose(at_image.review.waiting[-1])
    sitting = at_image.at.sitting
    with qtbot.waitSignal(sitting.desk.opened, timeout=MS):
        sitting.open(sitting.worklist.ids[1])
    assert (at_image.review.run, at_image.review.waiting, at_image.review.current) == (None, (), None)
    at_image.propose()  # over the first one, which is not open
    assert at_image.review.run is None
    with qtbot.waitSignal(sitting.desk.opened, timeout=MS):
        sitting.open(at_image.image_id)
    assert len(at_image.joints) == 20
    assert None not in at_image.joints


def test_a_stricter_policy_holds_for_those_who_have_not_seen(tiny_data: Path, qtbot: QtBot) -> None:
    with seat(tiny_data, qtbot) as at:
        at.propose()
        set_policy(at, RevealPolicy.SIGNED)
        at.review.load()
        assert len(at.joints) == 20
    with seat(tiny_data, qtbot, "Dr. B") as at:
        assert at.review.standing.hidden
        assert at.review.run is None
        assert at.reveals == []
