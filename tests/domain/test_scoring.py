"""What special findings contribute to the modified total Sharp score."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading
from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, Hands, Joint, joint_named
from annotator.domain.scoring import (
    PAPER,
    Points,
    Rule,
    RuleTable,
    change,
    joint_points,
    joint_score,
    reading_score,
)

A, S, D = Finding.ANKYLOSIS, Finding.SUBLUXATION, Finding.DISLOCATION
BOX = Box(10, 10, 50, 50)
MP2, IP1 = joint_named("R-MP2"), joint_named("L-IP1")


def label(joint: Joint, *findings: Finding, certainty: Certainty = Certainty.CERTAIN) -> JointAnnotation:
    return JointAnnotation(joint, BOX, tuple(Mark(f, certainty) for f in findings), confirmed=True)


def reading(*labels: JointAnnotation, facts: ImageFacts | None = None) -> Reading:
    return Reading(1, 1, facts or ImageFacts(), {one.joint: one for one in labels})


def normal() -> dict[Joint, JointAnnotation]:
    return {joint: label(joint) for joint in JOINTS}


@pytest.mark.parametrize(
    ("joint", "findings", "points"),
    [
        ("R-MP2", [], Points(0, 0)),
        ("R-MP2", [A], Points(5, 4)),
        ("R-PIP5", [D], Points(0, 4)),
        ("L-MP1", [S], Points(0, 3)),
        ("L-PIP3", [A, S], Points(5, 4)),
        ("L-PIP3", [A, D], Points(5, 4)),
        ("R-IP1", [A], Points(5, 0)),
        ("L-IP1", [A], Points(5, 0)),
        ("L-IP1", [], Points(0, 0)),
    ],
)
def test_paper_counts(joint: str, findings: list[Finding], points: Points) -> None:
    assert joint_points(joint_named(joint), findings) == points
    assert joint_points(joint_named(joint), reversed(findings)) == points
    assert points.total == points.erosion + points.jsn


def test_table_can_be_read() -> None:
    assert PAPER.lines() == (
        "ankylosis: erosion 5, JSN 4",
        "subluxation: erosion 0, JSN 3",
        "dislocation: erosion 0, JSN 4",
        "IP: no JSN",
    )
    assert (PAPER.name, PAPER.version) == ("special findings", "1")


@pytest.mark.parametrize(
    "rules",
    [
        PAPER.rules[:2],
        (*PAPER.rules, Rule(A, 1, 1)),
        (PAPER.rules[0], PAPER.rules[1], Rule(D, 0, -1)),
    ],
)
def test_table_with_a_gap_is_refused(rules: tuple[Rule, ...]) -> None:
    with pytest.raises(ValueError, match=r"row for each|negative"):
        RuleTable("a", "1", "", rules)


def test_joint_that_nobody_judged_is_not_zero() -> None:
    assert joint_score(JointAnnotation(MP2)) is None
    assert joint_score(JointAnnotation(MP2, BOX, (Mark(A),))) is None
    assert (
        joint_score(JointAnnotation(MP2, BOX, not_assessable=NotAssessable.IMPLANT, confirmed=True)) is None
    )
    judged = joint_score(label(MP2))
    assert judged is not None
    assert judged.points == Points()


def test_probable_counts_and_is_named_where_the_points_rest_on_it() -> None:
    score = joint_score(label(MP2, A, certainty=Certainty.PROBABLE))
    assert score is not None
    assert (score.points, score.probable) == (Points(5, 4), True)
    both = replace(label(MP2), marks=(Mark(A), Mark(S, Certainty.PROBABLE)))
    score = joint_score(both)
    assert score is not None
    assert (score.points, score.probable) == (Points(5, 4), False)


def test_reading_adds_up_and_names_what_is_missing() -> None:
    labels = normal() | {MP2: label(MP2, A), IP1: label(IP1, A)}
    del labels[joint_named("L-MP5")]
    score = reading_score(reading(*labels.values()))
    assert score.points == Points(10, 4)
    assert score.unjudged == (joint_named("L-MP5"),)
    assert len(score.joints) == 19
    assert score.of(joint_named("L-MP5")) is None


def test_reading_of_one_hand_or_none() -> None:
    right = reading_score(reading(label(MP2, S), facts=ImageFacts(hands=Hands.RIGHT)))
    assert (right.points, len(right.unjudged)) == (Points(0, 3), 9)
    out = reading_score(reading(label(MP2, S), facts=ImageFacts(excluded="blurred")))
    assert (out.points, out.joints, out.unjudged) == (Points(), (), ())


def test_change_is_over_joints_judged_at_both_visits() -> None:
    first, second = normal(), normal()
    first[MP2], second[MP2] = label(MP2, S), label(MP2, D)
    second[IP1] = label(IP1, A)
    del first[joint_named("R-PIP3")]
    second[joint_named("R-PIP3")] = label(joint_named("R-PIP3"), A)
    found = change(reading_score(reading(*first.values())), reading_score(reading(*second.values())))
    assert found.points == Points(5, 1)
    assert [(c.joint, c.points) for c in found.changed] == [(MP2, Points(0, 1)), (IP1, Points(5, 0))]
    assert found.left_out == (joint_named("R-PIP3"),)
    back = change(reading_score(reading(*second.values())), reading_score(reading(*first.values())))
    assert back.points == Points(-5, -1)


def test_two_tables_are_not_compared() -> None:
    score = reading_score(reading(label(MP2)))
    with pytest.raises(ValueError, match="two tables"):
        change(score, replace(score, table=replace(PAPER, version="2")))


@given(st.sampled_from(JOINTS), st.sets(st.sampled_from(Finding)))
def test_more_findings_never_count_less(joint: Joint, findings: set[Finding]) -> None:
    whole = joint_points(joint, findings)
    assert all(whole.larger(joint_points(joint, [one])) == whole for one in findings)
    assert 0 <= whole.total <= 9
