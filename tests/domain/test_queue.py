"""Scores and sentences of a queue, and what readers are not told yet."""

from __future__ import annotations

import pytest

from annotator.domain.annotations import ImageFacts
from annotator.domain.differences import Difference, DifferenceKind
from annotator.domain.findings import Finding
from annotator.domain.joints import JOINTS, Hands, Joint, joint_named
from annotator.domain.queue import (
    KEPT_BACK,
    DetectorSplit,
    Doubts,
    Nearest,
    Place,
    QueueBy,
    ReaderSplit,
    VersionSplit,
    named_now,
    queue,
)
from annotator.domain.queue_order import QueueOrder
from tests.languages import knowing, shout
from tests.queue_samples import EVERY_FACT


def joints(*names: str) -> tuple[Joint, ...]:
    return tuple(map(joint_named, names))


MP2, PIP3 = joints("R-MP2", "L-PIP3")


def test_doubts_add_up_and_are_told() -> None:
    near = Nearest(PIP3, Finding.SUBLUXATION, 0.48, 0.5)
    doubts = Doubts((MP2,), 2, 0.75, MP2, near, closeness=1.5)
    assert doubts.score == 1 + 2 + 0.25 + 1.5
    assert doubts.why() == (
        "1 joint missing (R-MP2); 2 boxes flagged; subluxation of L-PIP3 present 0.48, absent 0.50; "
        "lowest confidence 0.75 (R-MP2)."
    )
    assert Doubts(lowest=1.0).score == 0
    sure = Nearest(PIP3, Finding.SUBLUXATION, 0.95, 0.05)
    assert Doubts(lowest=0.9, lowest_joint=MP2, nearest=sure).why() == "Lowest confidence 0.90 (R-MP2)."


def test_versions_and_detectors_and_readers_are_told() -> None:
    split = VersionSplit(
        "b", "a", (MP2,), (), joints("R-MP1", "R-MP2", "R-MP3", "R-MP4", "R-MP5"), (PIP3,), 0.6
    )
    assert split.score == 6.6
    assert split.why() == (
        "5 joints with another finding (R-MP1, R-MP2, R-MP3, R-MP4, …); 1 joint seen by b only (R-MP2); "
        "1 joint with boxes apart (L-PIP3)."
    )
    alone = DetectorSplit((MP2,), (PIP3,), 1, 2)
    assert alone.score == 5
    assert "1 box without a name seen by one only; 2 boxes over another" in alone.why()
    found = ReaderSplit(
        (
            Difference(DifferenceKind.BOX, MP2, None, None, 0.4),
            Difference(DifferenceKind.FINDING, MP2, None, None, 0.4),
            Difference(DifferenceKind.MODEL_ONLY, None, None, None, None),
        )
    )
    assert found.score == pytest.approx(2.6)
    assert found.why() == (
        "1 joint with another finding (R-MP2); 1 joint seen by the model only; "
        "1 joint with boxes apart (R-MP2)."
    )


def test_a_queue_is_told_in_the_language_that_it_is_asked_for() -> None:
    english, shouted = queue(EVERY_FACT, hidden=[0]), queue(EVERY_FACT, hidden=[0], translate=shout)
    assert [item.why for item in shouted] == [item.why.upper() for item in english]
    said = {("Queue", "; "): "、", ("Queue", "{reasons}."): "{reasons}。", ("Joint", "ankylosis"): "強直"}
    doubts = Doubts(flagged=1, nearest=Nearest(MP2, Finding.ANKYLOSIS, 0.5, 0.5))
    assert doubts.why(knowing(said)) == "1 box flagged、強直 of R-MP2 present 0.50, absent 0.50。"


def test_the_largest_comes_first_and_what_scores_nothing_is_left_out() -> None:
    facts = [
        (Place(1, "K-001", 1), DetectorSplit((MP2,))),
        (Place(2, "K-002", 1), DetectorSplit()),
        (Place(3, "K-003", 1), DetectorSplit((MP2, PIP3))),
        (Place(4, "K-004", 1), DetectorSplit((PIP3,))),
    ]
    assert [item.place.image_id for item in queue(facts)] == [3, 1, 4]


def test_what_may_not_be_shown_comes_last_and_tells_nothing() -> None:
    facts = [
        (Place(1, "K-001", 1), DetectorSplit()),
        (Place(2, "K-002", 1), DetectorSplit((MP2, PIP3))),
        (Place(3, "K-003", 1), DetectorSplit((MP2,))),
        (Place(4, "K-004", 1), DetectorSplit((MP2, PIP3))),
    ]
    first, *hidden = queue(facts, hidden=[1, 2, 4])
    assert (first.place.image_id, first.score) == (3, 1)
    assert [item.place.image_id for item in hidden] == [1, 2, 4], "as they come, whatever they score"
    assert {(item.score, item.why) for item in hidden} == {(None, KEPT_BACK)}


@pytest.mark.parametrize(
    ("hands", "right", "now", "named"),
    [
        (Hands.BOTH, True, ImageFacts(), ["R-MP2", "L-PIP3"]),
        (Hands.BOTH, True, ImageFacts(right_on_left=False), ["L-MP2", "R-PIP3"]),
        (Hands.BOTH, True, ImageFacts(Hands.RIGHT), ["R-MP2"]),
        (Hands.RIGHT, True, ImageFacts(Hands.BOTH), ["R-MP2", "L-PIP3"]),
    ],
)
def test_names_are_those_that_are_right_now(
    hands: Hands, right: bool, now: ImageFacts, named: list[str]
) -> None:
    assert [joint.name for joint in named_now([MP2, PIP3], hands, right, now)] == named


def test_a_hand_that_turned_out_to_be_the_other_one() -> None:
    right = [joint for joint in JOINTS if joint.side.value == "R"]
    assert named_now(right, Hands.RIGHT, True, ImageFacts(Hands.LEFT)) == tuple(j.mirrored for j in right)


def test_an_order_takes_what_is_scored_to_the_front_and_leaves_the_rest() -> None:
    facts = [
        (Place(4, "K-004", 1, "Anna"), DetectorSplit((MP2,))),
        (Place(2, "K-002", 1), DetectorSplit((MP2, PIP3))),
        (Place(4, "K-004", 1, "Ben"), DetectorSplit((MP2, PIP3, MP2))),
        (Place(3, "K-003", 1), DetectorSplit((MP2, PIP3))),
    ]
    order = QueueOrder.of(QueueBy.DETECTORS, queue(facts, hidden=[3]))
    assert order.applied([1, 2, 3, 4, 5]) == [4, 2, 1, 3, 5]
    assert order.applied([5, 2, 1]) == [2, 5, 1], "what a filter leaves out stays out"
    assert order.applied([]) == []
    assert order.items[4].place.reader == "Ben"
    assert (order.placed, order.kept_back) == (2, 1)
