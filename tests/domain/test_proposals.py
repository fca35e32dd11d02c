"""Proposals: what they say, what they are called, and which of them wait for a reader."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from annotator.domain import gestures
from annotator.domain.annotations import ImageFacts, Reading
from annotator.domain.decisions import RejectedBox, comes_back, least_certain_first, the_rest, undecided
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding, Mark, NotAssessable
from annotator.domain.joints import JOINTS, Hands, expected_joints, joint_named
from annotator.domain.proposals import (
    Flag,
    FlagKind,
    Probabilities,
    Proposal,
    SeenBy,
    Thresholds,
)
from annotator.domain.versions import VersionFolder, refuse_foreign
from tests.proposal_samples import ABSENT, place, proposed, run_over

PIP3, PIP4, IP1 = joint_named("R-PIP3"), joint_named("R-PIP4"), joint_named("R-IP1")
BLANK = Reading(1, 1)
FLAG = Flag(FlagKind.IMPLAUSIBLE, "It lies far from the rest of the hand.")


def test_a_proposal_says_what_each_detector_says() -> None:
    both = proposed(PIP3, ankylosis=True, subluxation=True)
    assert both.marks == (Mark(Finding.ANKYLOSIS), Mark(Finding.SUBLUXATION))
    assert both.not_assessed == ()
    assert proposed(PIP3).marks == ()
    assert proposed(PIP3).of(Finding.DISLOCATION) == ABSENT


def test_what_one_detector_did_not_see_is_not_assessed_and_no_finding() -> None:
    first = proposed(PIP3, ankylosis=True, seen_by=SeenBy.FIRST)
    second = proposed(PIP3, subluxation=True, seen_by=SeenBy.SECOND)
    assert (first.marks, first.not_assessed) == ((Mark(Finding.ANKYLOSIS),), (Finding.SUBLUXATION,))
    assert (second.marks, second.not_assessed) == ((Mark(Finding.SUBLUXATION),), (Finding.ANKYLOSIS,))


def test_subluxation_of_the_thumb_ip_is_not_judged_rather_than_not_assessed() -> None:
    thumb = proposed(IP1, ankylosis=True, subluxation=True, seen_by=SeenBy.BOTH)
    assert thumb.marks == (Mark(Finding.ANKYLOSIS),)
    assert thumb.assessed == (Finding.ANKYLOSIS,)
    assert proposed(IP1).not_assessed == ()
    assert proposed(IP1, seen_by=SeenBy.SECOND).not_assessed == (Finding.ANKYLOSIS,)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Probabilities(0.5, 0.6, 0.2),
        lambda: Probabilities(-0.1, 0.6, 0.5),
        lambda: Probabilities(float("nan"), 0.6, 0.4),
        lambda: Thresholds(1.5, 0.15, 0.45),
        lambda: Thresholds(0.9, 0.15, 0.45, top_first=-1),
        lambda: replace(proposed(PIP3), confidence=1.01),
        lambda: replace(proposed(PIP3), confidence=float("nan")),
        lambda: replace(proposed(PIP3), seen_by=SeenBy.FIRST),
        lambda: run_over(proposals=(proposed(PIP3), proposed(PIP3, box=place(PIP4)))),
        lambda: replace(run_over(), missing=((PIP3, "It is not there."),)),
    ],
)
def test_what_makes_no_sense_cannot_be_made(make: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        make()


def test_names_follow_the_sides_that_the_reader_says() -> None:
    run = replace(
        run_over(proposals=(proposed(PIP3),)), missing=((joint_named("L-MP1"), "No box is there."),)
    )
    assert run.named_for(ImageFacts(side_confirmed=True, comment="clear")) is run
    swapped = run.named_for(ImageFacts(right_on_left=False))
    assert [p.joint for p in swapped.proposals] == [PIP3.mirrored]
    assert [joint.name for joint, _ in swapped.missing] == ["R-MP1"]
    assert swapped.named_for(ImageFacts()) == run


def test_names_of_the_other_hand_alone_become_those_of_the_hand_shown() -> None:
    right = tuple(proposed(joint) for joint in expected_joints(Hands.RIGHT))
    run = replace(run_over(proposals=right), hands=Hands.RIGHT)
    left = run.named_for(ImageFacts(Hands.LEFT))
    assert [p.joint for p in left.proposals] == [p.joint.mirrored for p in right if p.joint]
    assert not any(p.flags for p in left.proposals)
    assert run.named_for(ImageFacts(Hands.BOTH)).proposals == right


def test_a_box_of_a_hand_that_is_not_shown_loses_its_name_and_says_so() -> None:
    right = run_over().named_for(ImageFacts(Hands.RIGHT))
    lost = [p for p in right.proposals if p.joint is None]
    assert len(lost) == 10
    assert all(p.flags[-1].kind is FlagKind.UNNAMED and "hands" in p.flags[-1].reason for p in lost)


@pytest.mark.parametrize(
    ("version", "joint", "shift", "back"),
    [
        (1, PIP3, 0.0, True),
        (1, PIP4, 18.0, True),  # IoU 0.51 under another name
        (1, PIP4, 25.0, False),  # IoU 0.38 under another name
        (1, PIP3, 38.0, True),  # IoU 0.19 under the same name
        (1, PIP3, 45.0, False),  # IoU 0.11
        (1, None, 18.0, True),
        (2, PIP3, 0.0, False),
    ],
)
def test_a_box_that_was_rejected_does_not_come_back(
    version: int, joint: Any, shift: float, back: bool
) -> None:
    rejected = [RejectedBox(version, joint, place(PIP3).moved(shift, 0))]
    assert comes_back(proposed(PIP3), 1, rejected) is back


def test_what_waits_is_neither_decided_nor_rejected_nor_said_already() -> None:
    run = run_over(stored=True)
    drawn = gestures.draw(BLANK, PIP3, place(PIP4)).apply(BLANK)
    reading = gestures.set_not_assessable(drawn, PIP4, NotAssessable.CROPPED).apply(drawn)
    rejected = [RejectedBox(1, None, place(IP1))]
    waiting = [p.joint for p in undecided(run, reading, {run.proposals[-1].id}, rejected)]
    assert waiting == [joint for joint in JOINTS[:-1] if joint not in (PIP3, PIP4, IP1)]


def test_a_box_without_a_name_waits_wherever_it_lies() -> None:
    nameless = proposed(PIP3, 1, named=False)
    drawn = gestures.draw(BLANK, PIP3, place(PIP3)).apply(BLANK)
    assert undecided(run_over(proposals=(nameless,)), drawn, ()) == (nameless,)


@pytest.mark.parametrize(
    ("proposal", "goes"),
    [
        (proposed(PIP3), True),
        (proposed(PIP3, confidence=0.95), True),
        (proposed(PIP3, confidence=0.9499), False),
        (proposed(PIP3, seen_by=SeenBy.FIRST), False),
        (proposed(PIP3, seen_by=SeenBy.SECOND), False),
        (proposed(IP1), True),
        (proposed(IP1, seen_by=SeenBy.BOTH), True),
        (proposed(IP1, seen_by=SeenBy.SECOND), False),
        (proposed(PIP3, flags=(FLAG,)), False),
        (proposed(PIP3, named=False), False),
        (proposed(PIP3, ankylosis=True, subluxation=True), True),
    ],
)
def test_which_proposals_go_with_the_rest(proposal: Proposal, goes: bool) -> None:
    assert the_rest([proposal], BLANK, 0.95) == ((proposal,) if goes else ())


def test_the_rest_leaves_alone_what_the_reader_has_said_and_what_is_not_shown() -> None:
    drawn = gestures.draw(BLANK, PIP3, place(PIP4)).apply(BLANK)
    left = replace(BLANK, facts=ImageFacts(Hands.LEFT))
    assert the_rest([proposed(PIP3)], drawn, 0.5) == ()
    assert the_rest([proposed(PIP3)], left, 0.5) == ()


def test_the_least_certain_come_first() -> None:
    some = (proposed(PIP3), proposed(IP1, confidence=0.92), proposed(PIP4))
    assert [p.joint for p in least_certain_first(some)] == [IP1, PIP3, PIP4]


@pytest.mark.parametrize(
    "offered",
    [
        VersionFolder("v1", "0" * 64, "/v1", classes=("background", "present", "absent")),
        VersionFolder("v1", "0" * 64, "/v1", classes=("background", "erosion")),
        VersionFolder("v1", "0" * 64, "/v1", findings=("ankylosis",)),
    ],
)
def test_a_version_that_says_other_things_is_refused_with_its_reason(offered: VersionFolder) -> None:
    with pytest.raises(KnuckleError, match="v1"):
        refuse_foreign(offered)
