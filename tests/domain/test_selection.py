"""What a policy chooses of readings: its rules by example, and for any readings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading
from annotator.domain.export_policy import Policy, Whose
from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.images import Image, ImportedFile
from annotator.domain.joints import JOINTS, Hands, Joint, joint_named
from annotator.domain.revealing import Reveal, RevealPolicy, Seen
from annotator.domain.selection import ChosenLabel, ImageReadings, ReadBy, Reason, Selected, select

PIP3, IP1 = joint_named("R-PIP3"), joint_named("R-IP1")
BOX = Box(10, 20, 30, 40)
FILE = ImportedFile(
    "/f", 1, "a" * 64, "b" * 64, "k", "1.2", 100, 200, 10, "", date(2015, 3, 1), None, ImageFacts()
)
ANKYLOSED, SUBLUXED, DISLOCATED = (Mark(finding) for finding in Finding)
PROBABLY = Mark(Finding.ANKYLOSIS, Certainty.PROBABLE)
MAJORITY = Policy(1, Whose.MAJORITY)
AT = datetime(2026, 3, 4, tzinfo=UTC)


def said(*marks: Mark, joint: Joint = PIP3, box: Box | None = BOX) -> JointAnnotation:
    return JointAnnotation(joint, box, marks, confirmed=True)


def gone(why: NotAssessable, box: Box | None = None) -> JointAnnotation:
    return JointAnnotation(PIP3, box, not_assessable=why)


def read(name: str, *labels: JointAnnotation, signed: bool = True, facts: ImageFacts | None = None) -> ReadBy:
    known = {label.joint: label for label in labels}
    reading = Reading(1, 1, facts or ImageFacts(), known, signed=signed, started=True)
    return ReadBy(reading, name, position=10 * len(name), changed_at=AT)


def chosen(policy: Policy, *readings: ReadBy) -> Selected:
    image = Image(1, 1, "K-001", 2, FILE)
    return select([ImageReadings(image, readings, 17)], policy)


def voted(*labels: JointAnnotation, policy: Policy = MAJORITY) -> Selected:
    """The majority of readers who say this of one joint."""
    return chosen(policy, *(read(f"Reader {n}", label) for n, label in enumerate(labels, 1)))


def the_label(found: Selected) -> ChosenLabel:
    ((label,),) = (image.labels for image in found.images)
    return label


def reasons(found: Selected) -> list[tuple[Reason, str]]:
    return [(out.reason, out.finding or out.reader) for out in found.left_out]


def test_signed_readings_are_chosen_as_they_are() -> None:
    found = chosen(Policy(1), read("A", said(PROBABLY)), read("B", said(), signed=False))
    assert the_label(found) == ChosenLabel(PIP3, BOX, (PROBABLY,), frozenset(), None, True, "A", Seen.NO)
    (image,) = found.images
    assert (image.days, image.right_on_left, image.position, found.position) == (17, True, 10, 10)
    assert (found.changed_at, found.left_out) == (AT, ())
    assert found.counts.object == {
        "images": 1,
        "patients": 1,
        "joints": 1,
        "positives": {"ankylosis": 1, "subluxation": 0, "dislocation": 0},
        "majority_of_one": 0,
    }


@pytest.mark.parametrize(
    ("policy", "readers"),
    [
        (Policy(1), ["A"]),
        (Policy(1, Whose.ALL), ["A", "B"]),
        (Policy(1, Whose.READER, "B"), ["B"]),
        (Policy(1, Whose.READER, "C"), []),
    ],
)
def test_whose_readings(policy: Policy, readers: list[str]) -> None:
    found = chosen(policy, read("A", said()), read("B", said(), signed=False))
    assert [label.reader for image in found.images for label in image.labels] == readers
    assert found.counts.joints == len(readers)


@pytest.mark.parametrize(
    ("readings", "reason"),
    [
        ([], Reason.UNREAD),
        ([read("A", said(), signed=False)], Reason.UNSIGNED),
        ([replace(read("A"), reading=Reading(1, 1))], Reason.UNREAD),
    ],
)
def test_image_without_a_reading_is_told(readings: Sequence[ReadBy], reason: Reason) -> None:
    found = chosen(Policy(1), *readings)
    assert (found.images, found.position, found.changed_at) == ((), 0, None)
    assert [out.reason for out in found.left_out] == [reason]
    assert found.left_out[0].object == {
        "image": 1, "patient": "K-001", "visit": 2, "reason": reason.value
    }  # fmt: skip


def test_reading_that_excludes_its_image_says_nothing_of_joints() -> None:
    excluded = ImageFacts(excluded="Yamada Taro moved")
    found = chosen(Policy(1), read("A", said(ANKYLOSED), facts=excluded))
    assert (found.images, reasons(found)) == ((), [(Reason.EXCLUDED, "A")])
    assert "Yamada" not in repr([out.object for out in found.left_out])


def test_what_is_not_confirmed_stays() -> None:
    drawn = JointAnnotation(IP1, BOX, (ANKYLOSED,))
    policy = Policy(1, Whose.ALL)
    found = chosen(policy, read("A", said(), drawn, signed=False))
    assert the_label(found).joint == PIP3
    assert [(out.joint, out.reason) for out in found.left_out] == [(IP1, Reason.UNCONFIRMED)]
    alone = chosen(policy, read("A", drawn, signed=False))
    assert [out.reason for out in alone.left_out] == [Reason.UNCONFIRMED, Reason.EMPTY]


def test_joint_of_a_hand_that_is_not_on_the_film_stays() -> None:
    left = said(joint=PIP3.mirrored)
    found = chosen(Policy(1), read("A", said(), left, facts=ImageFacts(Hands.RIGHT)))
    assert the_label(found).joint == PIP3


def test_not_assessable_joints_are_in_when_they_are_wanted() -> None:
    reading = read("A", gone(NotAssessable.OVERLAP, BOX))
    assert reasons(chosen(Policy(1), reading))[0][0] is Reason.NOT_ASSESSABLE
    label = the_label(chosen(Policy(1, not_assessable=True), reading))
    assert (label.box, label.not_assessable, label.confirmed) == (BOX, NotAssessable.OVERLAP, False)


def test_probable_finding_is_unsaid_and_its_box_stays() -> None:
    found = chosen(Policy(1, uncertain=False), read("A", said(PROBABLY, DISLOCATED)))
    label = the_label(found)
    assert (label.marks, label.unsaid, label.box) == ((DISLOCATED,), frozenset({Finding.ANKYLOSIS}), BOX)
    assert reasons(found) == [(Reason.UNCERTAIN, Finding.ANKYLOSIS)]


def test_label_made_with_the_model_in_sight() -> None:
    before = read("A", said(), said(joint=IP1)).reading
    now = read("A", said(), said(ANKYLOSED, joint=IP1))
    reading = replace(now, reveal=Reveal(1, RevealPolicy.SIGNED, AT, before))
    (image,) = chosen(Policy(1), reading).images
    assert {label.joint: label.seen for label in image.labels} == {PIP3: Seen.AFTERWARDS, IP1: Seen.YES}
    found = chosen(Policy(1, seen=False), reading)
    assert the_label(found).joint == PIP3
    assert [(out.joint, out.reason) for out in found.left_out] == [(IP1, Reason.SEEN)]


@pytest.mark.parametrize(
    ("findings", "merged", "marks", "unsaid"),
    [
        ("asd", False, (ANKYLOSED, DISLOCATED), ""),
        ("asd", True, (ANKYLOSED, SUBLUXED), "d"),
        ("a", False, (ANKYLOSED,), "sd"),
        ("a", True, (ANKYLOSED,), "sd"),
        ("d", False, (DISLOCATED,), "as"),
        ("d", True, (SUBLUXED,), "ad"),
        ("s", True, (SUBLUXED,), "ad"),
        ("s", False, (), "asd"),
    ],
)
def test_findings_that_are_chosen(findings: str, merged: bool, marks: tuple[Mark, ...], unsaid: str) -> None:
    by_letter = {finding.value[0]: finding for finding in Finding}
    policy = Policy(1, findings=frozenset(by_letter[letter] for letter in findings), merged=merged)
    found = chosen(policy, read("A", said(ANKYLOSED, DISLOCATED)))
    label = the_label(found)
    assert (label.marks, label.unsaid) == (marks, frozenset(by_letter[letter] for letter in unsaid))
    assert [reason for reason, _ in reasons(found)] == ([Reason.NOT_CHOSEN] if unsaid == "asd" else [])


# majority


def test_one_reader_is_a_majority_of_one() -> None:
    found = voted(said(ANKYLOSED))
    assert (the_label(found).marks, the_label(found).reader) == ((ANKYLOSED,), "majority")
    assert found.counts.alone == 1
    assert voted(said(), said()).counts.alone == 0


def test_two_who_differ_are_divided_and_the_box_stays() -> None:
    found = voted(said(ANKYLOSED, box=Box(0, 0, 10, 10)), said(box=Box(2, 4, 12, 14)))
    label = the_label(found)
    assert (label.marks, label.unsaid) == ((), frozenset({Finding.ANKYLOSIS}))
    assert label.box == Box(1, 2, 11, 12)
    assert reasons(found) == [(Reason.DIVIDED, Finding.ANKYLOSIS)]


def test_more_than_half_decide() -> None:
    found = voted(said(SUBLUXED), said(SUBLUXED), said(ANKYLOSED))
    assert (the_label(found).marks, found.left_out) == ((SUBLUXED,), ())


def test_three_answers_to_one_question() -> None:
    readers = said(), said(SUBLUXED), said(DISLOCATED)
    assert reasons(voted(*readers)) == [(Reason.DIVIDED, Finding.SUBLUXATION)]
    assert the_label(voted(*readers)).unsaid == {Finding.SUBLUXATION, Finding.DISLOCATION}
    merged = voted(*readers, policy=replace(MAJORITY, merged=True))
    assert (the_label(merged).marks, merged.left_out) == ((SUBLUXED,), ())


@pytest.mark.parametrize(
    ("marks", "certainty"),
    [
        ((ANKYLOSED, ANKYLOSED, PROBABLY), Certainty.CERTAIN),
        ((ANKYLOSED, PROBABLY), Certainty.PROBABLE),
        ((ANKYLOSED, PROBABLY, PROBABLY), Certainty.PROBABLE),
    ],
)
def test_certainty_of_the_majority(marks: tuple[Mark, ...], certainty: Certainty) -> None:
    assert the_label(voted(*map(said, marks))).marks == (Mark(Finding.ANKYLOSIS, certainty),)


def test_whether_a_joint_is_assessable_is_asked_first() -> None:
    implant, cropped = gone(NotAssessable.IMPLANT), gone(NotAssessable.CROPPED, BOX)
    found = voted(said(ANKYLOSED), said(), implant)
    assert reasons(found) == [(Reason.DIVIDED, Finding.ANKYLOSIS)]
    assert reasons(voted(said(), implant))[0] == (Reason.DIVIDED, "")
    wanted = replace(MAJORITY, not_assessable=True)
    label = the_label(voted(implant, cropped, implant, said(), policy=wanted))
    assert (label.not_assessable, label.box, label.voters) == (NotAssessable.IMPLANT, BOX, 3)


def test_readers_who_name_the_hands_otherwise_do_not_vote() -> None:
    swapped = ImageFacts(right_on_left=False)
    two = chosen(MAJORITY, read("A", said()), read("B", said(ANKYLOSED), facts=swapped))
    assert (two.images, reasons(two)) == ((), [(Reason.SIDES, "")])
    three = chosen(MAJORITY, read("A", said()), read("B", said()), read("C", said(ANKYLOSED), facts=swapped))
    assert (the_label(three).marks, the_label(three).voters) == ((), 2)
    assert reasons(three) == [(Reason.SIDES, "C")]
    one_hand = [ImageFacts(Hands.RIGHT), ImageFacts(Hands.RIGHT, right_on_left=False)]
    same = chosen(MAJORITY, *(read(f"Reader {n}", said(), facts=facts) for n, facts in enumerate(one_hand)))
    assert same.left_out == ()


def test_exclusion_by_the_majority() -> None:
    out = ImageFacts(excluded="blurred")
    one, other = read("A", said()), read("B", facts=out)
    assert reasons(chosen(MAJORITY, one, other)) == [(Reason.DIVIDED, "")]
    assert reasons(chosen(MAJORITY, one, other, read("C", facts=out))) == [(Reason.EXCLUDED, "")]
    found = chosen(MAJORITY, one, other, read("C", said()))
    assert (the_label(found).voters, reasons(found)) == (2, [(Reason.EXCLUDED, "B")])


@st.composite
def any_box(draw: st.DrawFn) -> Box:
    x, y = draw(st.integers(0, 80)), draw(st.integers(0, 80))
    return Box(x, y, x + draw(st.integers(1, 40)), y + draw(st.integers(1, 20)))


@st.composite
def any_label(draw: st.DrawFn, joint: Joint) -> JointAnnotation | None:
    if draw(st.booleans()) and draw(st.booleans()):
        return None
    box = draw(any_box())
    if draw(st.integers(0, 4)) == 0:
        return JointAnnotation(
            joint, draw(st.none() | st.just(box)), (), draw(st.sampled_from(NotAssessable))
        )
    found = draw(st.lists(st.sampled_from(joint.findings), max_size=2, unique=True))
    if Finding.SUBLUXATION in found and Finding.DISLOCATION in found:
        found.remove(Finding.SUBLUXATION)
    marks = tuple(Mark(finding, draw(st.sampled_from(Certainty))) for finding in sorted(found))
    return JointAnnotation(joint, box, marks, confirmed=draw(st.integers(0, 5)) > 0)


@st.composite
def any_reading(draw: st.DrawFn, name: str) -> ReadBy:
    labels = [draw(any_label(joint)) for joint in (PIP3, IP1, JOINTS[-1])]
    hands = st.builds(
        ImageFacts, st.sampled_from(Hands), st.booleans(), excluded=st.sampled_from(["", "", "", "blurred"])
    )
    facts = draw(st.just(ImageFacts()) | hands)
    return read(name, *(label for label in labels if label), signed=draw(st.booleans()), facts=facts)


@st.composite
def any_readings(draw: st.DrawFn) -> list[ReadBy]:
    return [draw(any_reading(f"Reader {n}")) for n in range(draw(st.integers(0, 5)))]


@st.composite
def any_policy(draw: st.DrawFn) -> Policy:
    whose = draw(st.sampled_from(Whose))
    return Policy(
        1,
        whose,
        "Reader 1" if whose is Whose.READER else "",
        draw(st.frozensets(st.sampled_from(Finding), min_size=1)),
        *(draw(st.booleans()) for _ in range(4)),
    )


@given(any_readings(), any_policy())
def test_nothing_leaves_that_the_policy_forbids(readings: list[ReadBy], policy: Policy) -> None:
    found = chosen(policy, *readings)
    assert bool(found.images) == any(label.joint for image in found.images for label in image.labels)
    assert found.images or found.left_out, "an image is chosen, or somebody is told why not"
    for image in found.images:
        keys = [(label.joint, label.reader) for label in image.labels]
        assert len(set(keys)) == len(keys)
        for label in image.labels:
            present = {mark.finding for mark in label.marks}
            assert present <= policy.judged & set(label.joint.findings)
            assert not present & label.unsaid
            assert policy.uncertain or all(mark.certainty is Certainty.CERTAIN for mark in label.marks)
            assert policy.not_assessable or label.not_assessable is None
            assert label.box is not None or label.not_assessable is not None


@given(any_readings(), any_policy(), st.randoms())
def test_the_order_of_readers_decides_nothing(readings: list[ReadBy], policy: Policy, dice: object) -> None:
    found = chosen(policy, *readings)
    shuffled = list(readings)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    again = chosen(policy, *shuffled)

    def bare(selected: Selected) -> set[ChosenLabel]:
        return {label for image in selected.images for label in image.labels}

    assert bare(again) == bare(found)
    assert set(again.left_out) == set(found.left_out)
    assert (again.counts, again.position) == (found.counts, found.position)


@given(any_reading("A"))
def test_majority_of_one_is_that_reading(reading: ReadBy) -> None:
    """But for the name, and what is told of whole readings."""
    alone, signed = chosen(MAJORITY, reading), chosen(Policy(1), reading)
    assert [[replace(label, reader="A") for label in image.labels] for image in alone.images] == [
        list(image.labels) for image in signed.images
    ]


@given(st.lists(st.sampled_from([said(), said(SUBLUXED), said(DISLOCATED)]), min_size=1, max_size=7))
def test_what_most_see_apart_they_see_merged(labels: list[JointAnnotation]) -> None:
    apart, merged = (the_label(voted(*labels, policy=replace(MAJORITY, merged=way))) for way in (False, True))
    if apart.marks:
        assert merged.marks
    if Finding.SUBLUXATION not in apart.unsaid and not apart.marks:
        assert merged.marks == ()
        assert Finding.SUBLUXATION not in merged.unsaid


@given(st.lists(any_box(), min_size=1, max_size=6))
def test_median_box_lies_among_the_boxes(boxes: list[Box]) -> None:
    labels = [said(box=box) for box in boxes]
    box = the_label(voted(*labels)).box
    assert box is not None
    for place, value in enumerate(box.corners):
        edges = sorted(label.box.corners[place] for label in labels if label.box is not None)
        assert edges[0] <= value <= edges[-1]
        assert sum(edge < value for edge in edges) <= len(edges) / 2
        assert sum(edge > value for edge in edges) <= len(edges) / 2


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Policy(1, Whose.READER),
        lambda: Policy(1, reader="A"),
        lambda: Policy(1, findings=frozenset()),
    ],
)
def test_policy_that_cannot_be(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match=r".+"):
        wrong()
