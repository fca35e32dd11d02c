"""What a report says of a patient, by readings whose scores are known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from annotator.domain.annotations import ImageFacts, Reading, ReadingState
from annotator.domain.joints import Hands, joint_named
from annotator.domain.report import Look, model_seen, report_of
from annotator.domain.revealing import Seen
from annotator.domain.scoring import Points
from tests.report_samples import FIRST, A, S, image, reading, report, reveal_before, said, two_visits


def test_visits_stand_in_order_with_days_and_scores() -> None:
    first, second = report(list(reversed(two_visits()))).visits
    assert [(one.visit, one.day, one.date) for one in (first, second)] == [(1, 0, None), (2, 100, None)]
    # R-PIP3 and L-IP1 ankylosis (the thumb IP has no JSN), L-MP3 a probable subluxation
    assert first.score.points == Points(10, 7)
    assert [joint.name for joint in first.score.probable] == ["L-MP3"]
    assert second.score.points == Points(15, 8)
    assert (first.state, first.signed, second.state) == (ReadingState.SIGNED, True, ReadingState.COMPLETE)
    assert (first.seen, second.seen) == (Seen.NO, Seen.YES)


def test_what_is_not_judged_is_named_and_not_scored() -> None:
    first = report().visits[0]
    assert [one.joint.name for one in first.unjudged] == ["R-MP5", "L-PIP2", "L-PIP4"]
    unconfirmed = first.of(joint_named("L-PIP4"))
    assert unconfirmed is not None
    assert (unconfirmed.said.marks[0].finding, unconfirmed.score) == (A, None)


def test_change_is_over_joints_judged_at_both_visits() -> None:
    first, second = report().visits
    assert (first.since, first.change) == (None, None)
    assert second.change is not None
    assert (second.since, second.change.points) == (1, Points(5, 1))
    assert [one.joint.name for one in second.change.changed] == ["L-MP3"]
    assert [joint.name for joint in second.change.left_out] == ["R-MP5", "L-PIP2", "L-PIP4"]


def test_a_visit_is_compared_with_the_last_one_that_shares_joints() -> None:
    right = ImageFacts(hands=Hands.RIGHT)
    left = ImageFacts(hands=Hands.LEFT)
    looks = [
        Look(image(1, 1), reading(1, said("L-MP2", S))),
        Look(image(2, 2), reading(2, facts=replace(right))),
        Look(image(3, 2), reading(3, facts=replace(left, excluded="blurred"))),
        Look(image(4, 3), reading(4, facts=left)),
    ]
    found = report(looks)
    assert [one.since for one in found.visits] == [None, 1, None, 1]
    last = found.visits[-1].change
    assert last is not None
    assert last.points == Points(0, -3)
    assert found.crowded == {2}
    assert found.visits[2].joints == ()


def test_dates_only_where_they_are_asked_for() -> None:
    assert not report().dated
    dated = report(dates=True)
    assert [one.date for one in dated.visits] == [FIRST, FIRST + timedelta(days=100)]


@pytest.mark.parametrize("broken", ["none", "patients", "readers"])
def test_a_report_is_of_one_patient_by_one_reader(broken: str) -> None:
    looks = {
        "none": [],
        "patients": [*two_visits(), Look(image(3, 1, patient="K-016"), reading(3))],
        "readers": [*two_visits(), Look(image(3, 3), Reading(3, 2))],
    }[broken]
    with pytest.raises(ValueError, match="a report is"):
        report_of("Dr. A", looks, first=FIRST)


def test_whether_the_model_was_seen() -> None:
    now = reading(1, said("R-MP2", A))
    assert model_seen(now, None) is Seen.NO
    assert model_seen(now, reveal_before(now)) is Seen.AFTERWARDS
    assert model_seen(now, reveal_before(reading(1))) is Seen.YES
    fewer = replace(now, annotations={j: a for j, a in now.annotations.items() if j.name != "R-MP3"})
    assert model_seen(now, reveal_before(fewer)) is Seen.YES
    bare = replace(now, annotations={})
    assert model_seen(bare, reveal_before(bare)) is Seen.YES, "before the first label"
    assert model_seen(fewer, reveal_before(now)) is Seen.YES
