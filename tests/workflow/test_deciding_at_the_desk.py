"""What a reader decides on proposals: stored, undone and redone as one gesture each."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.domain import gestures
from annotator.domain.decisions import Outcome
from annotator.domain.differences import DifferenceKind
from annotator.domain.errors import ReplacedError
from annotator.domain.findings import Finding, Mark
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, Joint, joint_named
from annotator.domain.proposals import Flag, FlagKind, Proposal, SeenBy
from annotator.store.detections import Detections
from annotator.store.people import People
from tests.proposal_samples import place, proposed
from tests.workflow.desk_driver import locked
from tests.workflow.review_driver import ALL, Seat, seat

PIP3, PIP4, MCP2, LIP1 = (joint_named(name) for name in ("R-PIP3", "R-PIP4", "R-MCP2", "L-IP1"))
SPARE = Box(50, 1200, 110, 1260)
ANKYLOSIS, SUBLUXATION = Mark(Finding.ANKYLOSIS), Mark(Finding.SUBLUXATION)


def others(*but: Joint) -> tuple[Proposal, ...]:
    return tuple(proposal for proposal in ALL if proposal.joint not in but)


def shifted(by: float) -> Box:
    """The place of R-PIP3, so many pixels further down and right."""
    x0, y0, x1, y1 = place(PIP3).corners
    return Box(x0 + by, y0 + by, x1 + by, y1 + by)


def outcome(at: Seat) -> Outcome:
    (decision,) = at.decisions.values()
    return decision.outcome


# one by one


def test_accepted_as_it_is_it_is_the_readers(at_image: Seat) -> None:
    run = at_image.propose(proposed(PIP3, ankylosis=True), *others(PIP3))
    proposal = at_image.choose(PIP3)
    assert at_image.deciding.accept()
    said = at_image.reading.of(PIP3)
    assert (said.box, said.marks, said.confirmed, said.origin) == (
        proposal.box,
        (ANKYLOSIS,),
        True,
        proposal.id,
    )
    assert at_image.desk.current == PIP3
    assert PIP3 not in at_image.joints
    assert outcome(at_image) is Outcome.ACCEPTED
    (origin,) = at_image.detections.origins(at_image.reading).values()
    assert (origin.run_id, origin.changed) == (run.id, False)
    assert at_image.agrees()
    assert not at_image.deciding.accept(), "there is no current one any more"


def test_accepted_elsewhere_or_with_other_findings(at_image: Seat) -> None:
    at_image.propose(proposed(PIP4, ankylosis=True), *others(PIP4))
    moved = shifted(5)
    at_image.choose(PIP3)
    assert at_image.deciding.accept(box=moved)
    assert outcome(at_image) is Outcome.MOVED
    assert at_image.reading.of(PIP3).box == moved
    assert at_image.desk.undo()
    assert at_image.decisions == {}
    assert PIP3 in at_image.joints
    at_image.choose(PIP4)
    assert at_image.deciding.accept(marks=())
    assert outcome(at_image) is Outcome.RELABELLED
    assert at_image.reading.of(PIP4).normal
    assert at_image.agrees()


@pytest.mark.parametrize(
    ("proposed_with", "toggled", "marks"),
    [
        ({}, Finding.ANKYLOSIS, (ANKYLOSIS,)),
        ({"ankylosis": True}, Finding.ANKYLOSIS, ()),
        ({"ankylosis": True}, Finding.SUBLUXATION, (ANKYLOSIS, SUBLUXATION)),
        ({"subluxation": True}, Finding.DISLOCATION, (Mark(Finding.DISLOCATION),)),
        ({"subluxation": True}, Finding.SUBLUXATION, ()),
    ],
)
def test_a_finding_is_toggled_by_accepting(
    at_image: Seat, proposed_with: dict[str, bool], toggled: Finding, marks: tuple[Mark, ...]
) -> None:
    at_image.propose(proposed(MCP2, **proposed_with))
    at_image.choose(MCP2)
    assert at_image.deciding.toggle(toggled)
    said = at_image.reading.of(MCP2)
    assert (said.marks, said.confirmed) == (tuple(sorted(marks)), True)


def test_a_finding_that_the_joint_does_not_have_is_refused(at_image: Seat) -> None:
    at_image.propose()
    at_image.choose(LIP1)
    assert not at_image.deciding.toggle(Finding.SUBLUXATION)
    assert str(at_image.refused[-1]) == "Subluxation is not judged on L-IP1. Clear it first."
    assert at_image.decisions == {}
    assert at_image.review.current is not None


def test_one_without_a_name_is_accepted_under_one(at_image: Seat) -> None:
    at_image.propose(*others(PIP3), proposed(PIP3, box=SPARE, named=False))
    spare = at_image.review.waiting[-1]
    at_image.review.choose(spare)
    assert not at_image.deciding.accept()
    assert "has no joint" in str(at_image.refused[-1])
    assert at_image.deciding.accept_as(PIP3)
    assert (at_image.desk.current, at_image.reading.of(PIP3).box) == (PIP3, SPARE)
    assert outcome(at_image) is Outcome.RELABELLED
    assert at_image.desk.undo()
    assert at_image.review.waiting[-1] == spare
    assert at_image.agrees()


def test_rejected_it_does_not_come_back_with_the_same_version(at_image: Seat) -> None:
    at_image.propose()
    at_image.choose(PIP3)
    assert at_image.deciding.reject()
    assert at_image.desk.current == at_image.review.waiting[JOINTS.index(PIP3)].joint, "on to the next one"
    assert PIP3 not in at_image.joints
    at_image.propose(proposed(PIP3, box=shifted(3)), *others(PIP3))
    assert PIP3 not in at_image.joints
    assert len(at_image.joints) == 19
    assert [d.kind for d in at_image.review.differences] == [DifferenceKind.MODEL_ONLY] * 19
    at_image.propose(version=at_image.another_version())
    assert PIP3 in at_image.joints, "another version is heard"
    assert at_image.agrees()


def test_rejecting_is_undone_and_redone(at_image: Seat) -> None:
    at_image.propose()
    at_image.choose(PIP3)
    assert at_image.deciding.reject()
    assert at_image.desk.undo()
    assert PIP3 in at_image.joints
    assert at_image.desk.redo()
    assert PIP3 not in at_image.joints
    assert outcome(at_image) is Outcome.REJECTED
    assert at_image.agrees()


def test_from_one_to_the_next_until_all_are_decided(at_image: Seat) -> None:
    at_image.propose(*ALL[:3])
    at_image.desk.set_current(JOINTS[0])
    for joint in JOINTS[:3]:
        assert at_image.desk.current == joint
        assert at_image.deciding.accept_and_go_on()
    assert at_image.desk.current == JOINTS[3], "the next that is not read"
    assert not at_image.deciding.accept_and_go_on()
    assert not at_image.deciding.reject()
    assert not at_image.deciding.toggle(Finding.ANKYLOSIS)
    assert at_image.reading.done == 3


def test_least_certain_first_goes_on_to_the_next_least_certain(at_image: Seat) -> None:
    at_image.propose(*(proposed(j, confidence=c) for j, c in zip(JOINTS, (0.95, 0.92, 0.99), strict=False)))
    at_image.review.set_uncertain_first(True)
    at_image.desk.set_current(None)
    at_image.review.step(1)
    seen = []
    for _ in range(3):
        seen.append(at_image.desk.current)
        at_image.deciding.accept_and_go_on()
    assert seen == [JOINTS[1], JOINTS[0], JOINTS[2]]


# the rest


def test_the_rest_is_one_step_that_undo_and_redo_take_whole(at_image: Seat) -> None:
    unsure = Flag(FlagKind.IMPLAUSIBLE, "It is very large.")
    at_image.propose(
        proposed(PIP3, flags=(unsure,)), proposed(PIP4, seen_by=SeenBy.FIRST), *others(PIP3, PIP4)
    )
    at_image.choose(MCP2)
    assert at_image.deciding.reject()
    assert len(at_image.review.rest) == 17
    before = at_image.reading
    assert at_image.deciding.accept_rest(at_image.review.rest)
    assert at_image.reading.done == 17
    assert len(at_image.decisions) == 18
    assert at_image.joints == sorted((PIP3, PIP4), key=JOINTS.index)
    after = at_image.reading
    assert at_image.desk.undo()
    assert (at_image.reading.annotations, len(at_image.decisions)) == (before.annotations, 1)
    assert len(at_image.joints) == 19
    assert at_image.desk.redo()
    assert (at_image.reading, len(at_image.decisions)) == (after, 18)
    assert at_image.review.rest == ()
    assert at_image.agrees()


def test_what_was_confirmed_is_accepted_or_nothing(at_image: Seat) -> None:
    """Another run may come while the reader is asked how many."""
    at_image.propose()
    asked = at_image.review.rest
    at_image.propose(*ALL[:3])
    assert not at_image.deciding.accept_rest(asked)
    assert isinstance(at_image.refused[-1], ReplacedError)
    assert (at_image.reading.done, at_image.decisions) == (0, {})


def test_a_rest_that_cannot_be_stored_waits_whole(at_image: Seat, tiny_data: Path, qtbot: QtBot) -> None:
    at_image.propose()
    with locked(tiny_data), qtbot.waitSignal(at_image.desk.save_failed):
        assert not at_image.deciding.accept_rest(at_image.review.rest)
    assert at_image.reading.done == 0
    assert len(at_image.joints) == 20
    assert at_image.desk.retry()
    assert at_image.reading.done == 20
    assert at_image.joints == []
    assert at_image.agrees()


# other runs


def test_a_new_run_replaces_only_what_is_undecided(at_image: Seat) -> None:
    at_image.propose()
    at_image.choose(PIP3)
    assert at_image.deciding.accept()
    assert at_image.desk.draw(SPARE, LIP1)
    at_image.choose(MCP2)
    assert at_image.deciding.reject()
    before, kept = at_image.reading, at_image.decisions
    new = at_image.propose(version=at_image.another_version())
    assert at_image.reading == before
    assert at_image.decisions == kept
    waiting = {proposal.joint: proposal.id for proposal in at_image.review.waiting}
    assert set(waiting) == set(JOINTS) - {PIP3, LIP1}
    assert set(waiting.values()) <= {proposal.id for proposal in new.proposals}
    assert at_image.desk.undo()
    assert at_image.desk.undo()
    assert at_image.desk.undo(), "what was decided on an earlier run is undone as before"
    assert at_image.reading.boxes == {}
    assert at_image.desk.redo()
    assert at_image.reading.of(PIP3).box == place(PIP3)
    assert at_image.agrees()


def test_deciding_on_what_somebody_else_has_replaced_is_refused_and_shows_the_new(
    at_image: Seat, qtbot: QtBot
) -> None:
    at_image.propose()
    old = at_image.choose(PIP3)
    new = at_image.run(proposed(PIP3, box=shifted(2)), *others(PIP3))
    with qtbot.waitSignal(at_image.review.changed):
        assert not at_image.deciding.accept()
    (error,) = at_image.refused
    assert isinstance(error, ReplacedError)
    assert at_image.reading.boxes == {}
    current = at_image.review.current
    assert current is not None
    assert (current.id, current.box) == (new.proposals[0].id, shifted(2))
    assert current.id != old.id
    assert at_image.deciding.accept()
    assert at_image.reading.boxes == {PIP3: shifted(2)}
    assert at_image.agrees()


def test_two_readers_decide_apart(at_image: Seat) -> None:
    at_image.propose()
    assert at_image.deciding.accept_rest(at_image.review.rest)
    detections = Detections(at_image.at.house.database)
    other = People(at_image.at.house.database).add("Dr. B", at_image.at.person.role, at_image.at.person)
    assert detections.decisions(at_image.image_id, other) == {}
    assert detections.reveals(at_image.image_id, other) == []


def test_differences_are_those_of_reader_and_run(at_image: Seat) -> None:
    at_image.propose(*ALL[:-1])
    assert at_image.deciding.accept_rest(at_image.review.rest)
    assert at_image.review.differences == ()
    assert at_image.desk.draw(SPARE, JOINTS[-1])
    assert at_image.desk.perform(lambda r: gestures.delete(r, PIP3))
    assert len(at_image.review.differences) == 2


def test_decisions_stand_when_the_image_is_opened_again(tiny_data: Path, qtbot: QtBot) -> None:
    with seat(tiny_data, qtbot) as at:
        at.propose()
        at.choose(PIP3)
        assert at.deciding.accept()
        before = at.joints
    with seat(tiny_data, qtbot) as at:
        assert at.joints == before
        assert at.reading.of(PIP3).origin is not None
