"""Read first, reveal later: what a study shows to whom, and what is kept of it."""

from __future__ import annotations

import json

import pytest
from detection_samples import Review, review_on
from store_samples import MIGRATIONS, Desk, audit_rows, box_for

from annotator.domain import deciding, gestures
from annotator.domain.errors import KnuckleError, LockedError
from annotator.domain.joints import joint_named
from annotator.domain.people import Role
from annotator.domain.revealing import RevealPolicy, Seen, seen
from annotator.store.check import check
from tests.proposal_samples import run_over

PIP3 = joint_named("R-PIP3")


def blind(desk: Desk, policy: RevealPolicy) -> Review:
    """A run that the study does not show yet."""
    desk.studies.set_reveal_policy(desk.study.id, policy, desk.admin)
    review = review_on(desk, run=False)
    review.detections.add(run_over(review.image_id, version_id=review.version.id), review.by)
    return review


def label_all(review: Review) -> None:
    for joint in review.reading.expected:
        review.do(gestures.draw(review.reading, joint, box_for(joint)))
    review.do(gestures.rest_normal(review.reading))


def test_the_policy_is_a_setting_of_the_study_that_administrators_change(desk: Desk) -> None:
    studies, study = desk.studies, desk.study.id
    assert studies.reveal_policy(study) is RevealPolicy.AT_ONCE
    for role in (Role.READER, Role.DATA):
        with pytest.raises(LockedError):
            studies.set_reveal_policy(study, RevealPolicy.SIGNED, desk.person(role.value, role))
    assert studies.reveal_policy(study) is RevealPolicy.AT_ONCE
    studies.set_reveal_policy(study, RevealPolicy.SIGNED, desk.admin)
    assert studies.reveal_policy(study) is RevealPolicy.SIGNED
    entry = audit_rows(desk.database)[-1]
    assert (entry.action, entry.subject) == ("set reveal policy", f"study {study}")
    assert json.loads(entry.detail) == {"before": "at once", "after": "after signing"}
    with pytest.raises(KnuckleError, match="no such study"):
        studies.reveal_policy(77)


def test_nothing_is_shown_before_all_joints_are_labelled(desk: Desk) -> None:
    review = blind(desk, RevealPolicy.ALL_LABELLED)
    hidden = review.detections.standing(review.image_id, review.by)
    assert (hidden.hidden, hidden.run, dict(hidden.decisions)) == (True, None, {})
    with pytest.raises(LockedError, match="later"):
        review.look()
    run = review.detections.newest(review.image_id)
    assert run is not None
    with pytest.raises(LockedError, match="not shown"):
        review.do(deciding.reject(review.reading, run.proposals[0]))
    label_all(review)
    blindly = review.reading
    shown = review.look()
    assert not shown.hidden
    assert shown.revealed is not None
    assert shown.revealed.before == blindly
    review.do(gestures.delete(review.reading, PIP3))
    assert review.detections.standing(review.image_id, review.by).run == run
    review.do(deciding.accept(review.reading, shown.undecided(review.reading)[0]))
    labels = [seen(said, review.standing.revealed) for said in review.reading.annotations.values()]
    assert (labels.count(Seen.YES), labels.count(Seen.AFTERWARDS)) == (1, 19)
    assert check(desk.database.path, MIGRATIONS).problems == ()


def test_nothing_is_shown_before_signing(desk: Desk) -> None:
    review = blind(desk, RevealPolicy.SIGNED)
    label_all(review)
    with pytest.raises(LockedError, match="later"):
        review.look()
    review.reading = desk.readings.sign(review.reading, review.by)
    assert review.look().run is not None
    review.reading = desk.readings.reopen(review.reading, "second thoughts", review.by)
    assert not review.detections.standing(review.image_id, review.by).hidden
    ben = review_on(desk, "Ben", run=False)
    assert ben.detections.standing(ben.image_id, ben.by).hidden
    assert check(desk.database.path, MIGRATIONS).problems == ()


def test_the_first_time_counts_for_each_run(desk: Desk) -> None:
    review = review_on(desk)
    first = review.standing.revealed
    written = len(audit_rows(desk.database))
    review.look()
    assert len(audit_rows(desk.database)) == written
    review.do(deciding.accept(review.reading, review.standing.undecided(review.reading)[0]))
    before = review.reading
    review.run()
    reveals = review.detections.reveals(review.image_id, review.by)
    assert [one.before.started for one in reveals] == [False, True]
    assert reveals[0] == first == review.standing.revealed
    assert reveals[1].before == before
    entry = audit_rows(desk.database)[-1]
    assert (entry.action, json.loads(entry.detail)) == ("reveal", {"run": 2, "policy": "at once"})
    assert check(desk.database.path, MIGRATIONS).problems == ()


def test_who_does_not_read_is_shown_nothing_that_is_recorded(desk: Desk) -> None:
    review = review_on(desk, run=False)
    dora = desk.person("Dora", Role.DATA)
    assert review.detections.reveal(review.image_id, dora) is None
    review.run()
    with pytest.raises(LockedError):
        review.detections.reveal(review.image_id, dora)
    assert review.detections.reveals(review.image_id, dora) == []


def test_a_stricter_policy_takes_back_nothing_that_was_seen(desk: Desk) -> None:
    review = review_on(desk)
    desk.studies.set_reveal_policy(desk.study.id, RevealPolicy.SIGNED, desk.admin)
    assert not review.detections.standing(review.image_id, review.by).hidden
    review.run()
    assert review.standing.run is not None
    assert review_on(desk, "Ben", run=False).detections.standing(review.image_id, desk.person("Ben")).hidden
