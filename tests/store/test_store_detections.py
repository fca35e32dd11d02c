"""Runs and decisions: stored whole, decided on in one step, and never touching what a reader said."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from detection_samples import OTHER, Review, review_on
from store_samples import MIGRATIONS, Desk, audit_rows, film

from annotator.domain import deciding, gestures
from annotator.domain.deciding import Correction
from annotator.domain.decisions import Decision, DecisionChange, Outcome
from annotator.domain.edits import Action, Edit, History
from annotator.domain.errors import KnuckleError, LockedError, ReplacedError, SaveError, StaleError
from annotator.domain.joints import JOINTS, Hands, joint_named
from annotator.domain.model_audit import tallies
from annotator.domain.people import Role
from annotator.domain.proposals import Flag, FlagKind, SeenBy
from annotator.store.check import check
from annotator.store.detections import Detections, Origin
from annotator.store.model_audit import model_cases
from annotator.store.versions import Versions
from tests.proposal_samples import place, proposed, run_over

PIP2, PIP3, PIP4 = (joint_named(f"R-PIP{digit}") for digit in (2, 3, 4))


@pytest.fixture
def review(desk: Desk) -> Review:
    return review_on(desk)


def named(review: Review) -> dict[object, object]:
    return {p.joint: p for p in review.standing.undecided(review.reading)}


def sound(desk: Desk) -> None:
    assert check(desk.database.path, MIGRATIONS).problems == ()


def test_a_run_comes_back_as_it_was_stored(desk: Desk) -> None:
    review = review_on(desk, run=False)
    flag = Flag(FlagKind.IMPLAUSIBLE, "Es liegt 強直 weit weg.")
    proposals = (
        proposed(
            PIP3, ankylosis=True, seen_by=SeenBy.FIRST, flags=(flag, Flag(FlagKind.RESOLVED, "Two lay here."))
        ),
        proposed(PIP4, named=False, subluxation=True, confidence=0.1 + 0.2),
    )
    new = replace(
        run_over(review.image_id, proposals, version_id=review.version.id),
        missing=((PIP2, "No box is near."),),
        hands=Hands.RIGHT,
        right_on_left=False,
        scan="whole",
    )
    stored = review.detections.add(new, review.by)
    assert review.detections.newest(review.image_id) == stored
    assert stored.at is not None
    ids = tuple(p.id for p in stored.proposals)
    assert stored == replace(
        new,
        id=1,
        at=stored.at,
        started_by=review.by.id,
        proposals=tuple(replace(p, id=one) for p, one in zip(proposals, ids, strict=True)),
    )
    entry = audit_rows(desk.database)[-1]
    assert (entry.person, entry.action, entry.subject) == ("Anna", "propose", f"image {review.image_id}")
    assert json.loads(entry.detail)["sha256"] == review.version.sha256
    assert review.detections.newest(desk.image(film(9))) is None
    sound(desk)


def test_a_run_that_must_not_be_stored_leaves_nothing(desk: Desk) -> None:
    review = review_on(desk, run=False)
    written = len(audit_rows(desk.database))
    good = run_over(review.image_id, version_id=review.version.id)
    beyond = proposed(PIP3, box=place(PIP3).moved(2e6, 0))
    for bad, kind in (
        (replace(good, version_sha256="ef" * 32), KnuckleError),
        (replace(good, version_id=77), KnuckleError),
        (replace(good, image_id=77), LockedError),
        (replace(good, scan="upside down"), SaveError),
        (replace(good, proposals=(proposed(PIP2), beyond)), SaveError),
    ):
        with pytest.raises(kind):
            review.detections.add(bad, review.by)
    desk.studies.withdraw_image(review.image_id, "consent withdrawn", desk.admin)
    with pytest.raises(LockedError, match="not in the study"):
        review.detections.add(good, review.by)
    with pytest.raises(LockedError, match="not in the study"):
        review.detections.standing(review.image_id, review.by)
    with desk.database.read() as connection:
        left = [connection.exec_driver_sql(f"SELECT count(*) FROM {t}").scalar() for t in ("run", "proposal")]
    assert left == [0, 0]
    assert len(audit_rows(desk.database)) == written + 1


def test_accepting_is_one_audit_row_with_the_decision_in_it(review: Review) -> None:
    before = len(audit_rows(review.desk.database))
    edit = deciding.accept(review.reading, named(review)[PIP3], Correction(box=place(PIP3).moved(4, 0)))
    review.do(edit)
    assert review.agrees()
    (entry,) = audit_rows(review.desk.database)[before:]
    assert entry.action == "accept"
    (change,) = edit.decisions
    assert change.after is not None
    was, now = json.loads(entry.detail)["decisions"][str(change.proposal_id)]
    assert was is None
    assert now == {
        "outcome": "moved",
        "moved_iou": change.after.moved_iou,
        "became": json.loads(entry.detail)["joints"]["R-PIP3"][1],
    }
    sound(review.desk)


def test_accept_the_rest_is_one_transaction_and_one_undo(review: Review) -> None:
    review.do(deciding.reject(review.reading, named(review)[PIP2]))
    before, standing, written = review.reading, review.standing, len(audit_rows(review.desk.database))
    edit = deciding.accept_rest(review.reading, review.standing.rest(review.reading, 0.9))
    review.do(edit)
    assert (review.reading.done, len(review.detections.decisions(review.image_id, review.by))) == (19, 20)
    assert len(audit_rows(review.desk.database)) == written + 1
    assert review.agrees()
    history = History().record(edit)
    assert history.next_undo is not None
    review.do(history.next_undo.inverse, "undo")
    assert (review.reading, review.standing) == (before, standing)
    assert review.agrees()
    review.do(edit, "redo")
    assert review.agrees()
    sound(review.desk)


def test_another_reader_decides_for_themselves(review: Review) -> None:
    review.do(deciding.accept_rest(review.reading, review.standing.rest(review.reading, 0.9)))
    ben = review_on(review.desk, "Ben", run=False)
    assert len(ben.look().undecided(ben.reading)) == 20
    ben.do(deciding.reject(ben.reading, named(ben)[PIP3]))
    assert review.agrees()
    assert ben.agrees()
    sound(review.desk)


def test_a_new_run_replaces_only_what_is_undecided(review: Review) -> None:
    old = named(review)
    for edit in (
        deciding.accept(review.reading, old[PIP3]),
        deciding.reject(review.reading, old[PIP4]),
    ):
        review.do(edit)
    reading, taken = review.reading, review.detections.decisions(review.image_id, review.by)
    review.run(tuple(replace(p, box=p.box.moved(2, 0)) for p in run_over().proposals))
    assert review.agrees()
    assert review.reading == reading
    assert review.detections.decisions(review.image_id, review.by) == taken
    waiting = named(review)
    assert set(waiting) == set(JOINTS) - {PIP3, PIP4}
    assert not {p.id for p in waiting.values()} & {p.id for p in old.values()}  # type: ignore[attr-defined]
    with pytest.raises(ReplacedError):
        review.do(deciding.accept(review.reading, old[PIP2]))
    assert review.agrees()
    other = Versions(review.desk.database).register(OTHER, review.desk.admin)
    review.run(version=other)
    assert set(named(review)) == set(JOINTS) - {PIP3}
    sound(review.desk)


def test_what_was_decided_before_a_new_run_can_be_undone_and_redone(review: Review) -> None:
    edit = deciding.accept_rest(review.reading, review.standing.rest(review.reading, 0.9))
    review.do(edit)
    review.run()
    assert named(review) == {}
    review.do(edit.inverse, "undo")
    assert len(named(review)) == 20
    review.do(edit, "redo")
    assert named(review) == {}
    assert review.agrees()
    sound(review.desk)


def test_decisions_that_must_not_be_taken_change_nothing(review: Review) -> None:
    desk, proposal = review.desk, named(review)[PIP3]
    elsewhere = review_on(desk, number=2)
    ben = review_on(desk, "Ben", run=False)
    accept = deciding.accept(review.reading, proposal)
    unknown = Edit(Action.REJECT, decisions=(DecisionChange(999, None, Decision(999, Outcome.REJECTED)),))
    written = len(audit_rows(desk.database))
    with pytest.raises(ReplacedError):
        review.do(deciding.reject(review.reading, named(elsewhere)[PIP3]))
    with pytest.raises(ReplacedError):
        review.do(unknown)
    with pytest.raises(LockedError, match="not shown"):
        ben.do(accept)
    with pytest.raises(StaleError):
        review.do(accept.inverse, "undo")
    assert len(audit_rows(desk.database)) == written
    review.do(deciding.reject(review.reading, proposal))
    stale = replace(deciding.reject(review.reading, proposal))
    with pytest.raises(StaleError, match="another window"):
        review.do(stale)
    assert review.agrees()
    sound(desk)


def test_a_signed_reading_and_a_withdrawn_image_are_locked(review: Review) -> None:
    review.do(deciding.accept_rest(review.reading, review.standing.rest(review.reading, 0.9)[:19]))
    last = review.standing.undecided(review.reading)[0]
    review.do(deciding.accept(review.reading, last))
    review.reading = review.desk.readings.sign(review.reading, review.by)
    with pytest.raises(LockedError, match="signed"):
        review.do(deciding.reject(review.reading, last, before=review.standing.decisions[last.id]))
    review.run()  # a run while it is signed is stored, and asks nothing
    assert named(review) == {}
    review.desk.studies.withdraw_image(review.image_id, "consent withdrawn", review.desk.admin)
    with pytest.raises(LockedError):
        review.do(deciding.reject(review.reading, last))
    assert model_cases(review.desk.database, review.desk.study.id) == []
    sound(review.desk)


def test_where_annotations_come_from_is_known_whatever_happens_to_them(review: Review) -> None:
    run = review.standing.run
    assert run is not None
    version = review.version
    for joint in (PIP2, PIP3):
        review.do(deciding.accept(review.reading, named(review)[joint]))
    ids = {p.joint: p.id for p in run.proposals}
    review.do(gestures.draw(review.reading, PIP4, place(PIP4)))
    review.do(gestures.set_box(review.reading, PIP3, place(PIP3).moved(3, 3), Action.NUDGE))
    review.do(gestures.swap_sides(review.reading))

    def origin(joint: object, changed: bool) -> Origin:
        return Origin(ids[joint], run.id, version.id, version.name, version.sha256, changed)  # type: ignore[index]

    assert review.detections.origins(review.reading) == {
        PIP2.mirrored: origin(PIP2, False),
        PIP3.mirrored: origin(PIP3, True),
    }
    review.do(gestures.rename(review.reading, PIP2.mirrored, joint_named("L-MP1")))
    assert review.detections.origins(review.reading)[joint_named("L-MP1")] == origin(PIP2, True)
    assert review.agrees()
    sound(review.desk)


def test_names_follow_what_the_reader_says_of_sides(review: Review) -> None:
    review.do(gestures.swap_sides(review.reading))
    review.do(deciding.accept_rest(review.reading, review.standing.rest(review.reading, 0.9)))
    assert review.reading.boxes[PIP3] == place(PIP3.mirrored)
    assert not any(origin.changed for origin in review.detections.origins(review.reading).values())
    assert review.agrees()
    sound(review.desk)


def test_which_images_a_version_has_not_seen_yet(desk: Desk) -> None:
    ids = [desk.image(film(number, patient=f"patient {number}")) for number in (3, 1, 2)]
    review = review_on(desk, number=1)
    desk.studies.withdraw_image(ids[2], "consent withdrawn", desk.admin)
    other = Versions(desk.database).register(OTHER, desk.admin)
    unproposed = review.detections.unproposed
    assert unproposed(desk.study.id, review.version, "windows") == [ids[0]]
    assert unproposed(desk.study.id, review.version, "whole") == ids[:2]
    assert unproposed(desk.study.id, other, "windows") == ids[:2]


def test_two_runs_at_once_are_both_stored_and_the_later_one_counts(review: Review) -> None:
    new = run_over(review.image_id, version_id=review.version.id)
    with ThreadPoolExecutor(4) as pool:
        stored = list(pool.map(lambda _: Detections(review.desk.database).add(new, review.by), range(8)))
    assert sorted(run.id for run in stored) == list(range(2, 10))
    assert len({p.id for run in stored for p in run.proposals}) == 160
    assert review.detections.newest(review.image_id) == max(stored, key=lambda run: run.id)
    sound(review.desk)


def test_who_may_run_the_detector(desk: Desk) -> None:
    review = review_on(desk, run=False)
    new = run_over(review.image_id, version_id=review.version.id)
    for by in (desk.person("Dora", Role.DATA), desk.admin, desk.person("Ben")):
        assert review.detections.add(new, by).started_by == by.id
    demoted = desk.person("Cleo")
    desk.people.set_role(demoted, Role.DATA, desk.admin)
    with pytest.raises(LockedError):
        review.detections.add(new, demoted)


def test_the_audit_of_the_model_over_readers(review: Review) -> None:
    ben = review_on(review.desk, "Ben", run=False)
    ben.look()
    review.do(deciding.accept_rest(review.reading, review.standing.rest(review.reading, 0.9)))
    ben.do(deciding.reject(ben.reading, named(ben)[PIP3]))
    ben.do(gestures.draw(ben.reading, PIP3, place(PIP4).moved(45, 0)))
    review_on(review.desk, "Cleo", number=2, run=False)
    by_hand, counted = tallies(model_cases(review.desk.database, review.desk.study.id))[::-1]
    assert (counted.accepted, counted.rejected, counted.undecided) == (20, 1, 19)
    assert (counted.low, counted.high, by_hand.added) == (0.95, 0.98, 1)
