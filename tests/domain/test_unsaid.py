"""What becomes of the boxes of joints that are left out: places to ignore; and which joints nobody marked."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.annotations import ImageFacts, JointAnnotation
from annotator.domain.export_policy import Policy, Whose
from annotator.domain.findings import NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, Hands, Joint
from annotator.domain.revealing import Reveal, RevealPolicy
from annotator.domain.selection import ReadBy, Selected, SelectedImage
from tests.domain.test_selection import (
    AT,
    BOX,
    FILE,
    IP1,
    MAJORITY,
    PIP3,
    any_policy,
    any_readings,
    chosen,
    read,
    said,
)

ELSEWHERE, BESIDE, FURTHER = Box(50, 20, 70, 40), Box(52, 24, 72, 44), Box(54, 20, 74, 60)
ALL = Policy(1, Whose.ALL)


def drawn(box: Box = ELSEWHERE, joint: Joint = IP1) -> JointAnnotation:
    """A box that nobody confirmed."""
    return JointAnnotation(joint, box)


def gone(why: NotAssessable, box: Box | None = None, joint: Joint = IP1) -> JointAnnotation:
    return JointAnnotation(joint, box, not_assessable=why)


def the_image(found: Selected) -> SelectedImage:
    (image,) = found.images
    return image


def test_a_joint_that_leaves_is_no_place() -> None:
    image = the_image(chosen(Policy(1), read("A", said(), said(joint=IP1, box=ELSEWHERE))))
    assert (len(image.labels), image.ignored) == (2, ())
    assert "ignored" not in chosen(Policy(1), read("A", said())).counts.object


def test_an_unconfirmed_box_is_a_place() -> None:
    found = chosen(ALL, read("A", said(), drawn(), signed=False))
    assert the_image(found).ignored == (ELSEWHERE,)
    assert found.counts.ignored == 1
    assert list(found.counts.object) == [
        "images", "patients", "joints", "ignored", "positives", "majority_of_one"
    ]  # fmt: skip
    assert found.counts.object["ignored"] == 1


def test_a_joint_that_is_not_assessable_is_a_place_where_it_has_a_box() -> None:
    boxed, bare = (gone(NotAssessable.OVERLAP, box) for box in (ELSEWHERE, None))
    assert the_image(chosen(Policy(1), read("A", said(), boxed))).ignored == (ELSEWHERE,)
    assert the_image(chosen(Policy(1), read("A", said(), bare))).ignored == ()
    wanted = chosen(Policy(1, not_assessable=True), read("A", said(), boxed))
    assert the_image(wanted).ignored == (), "it leaves"


def test_a_label_made_with_the_model_in_sight_is_a_place() -> None:
    before = read("A", said()).reading
    now = read("A", said(), said(joint=IP1, box=ELSEWHERE))
    seen = replace(now, reveal=Reveal(1, RevealPolicy.SIGNED, AT, before))
    assert the_image(chosen(Policy(1, seen=False), seen)).ignored == (ELSEWHERE,)
    assert the_image(chosen(Policy(1), seen)).ignored == ()


def test_of_several_readers_it_is_the_median_of_those_that_have_a_box() -> None:
    """Also where they are divided on whether the joint is assessable, and where most have no box."""
    labels = (
        said(joint=IP1, box=ELSEWHERE),
        gone(NotAssessable.OVERLAP, BESIDE),
        gone(NotAssessable.IMPLANT, FURTHER),
        gone(NotAssessable.IMPLANT),
    )
    readers = [read(f"Reader {n}", said(), label) for n, label in enumerate(labels)]
    assert the_image(chosen(MAJORITY, *readers)).ignored == (Box(52, 20, 72, 44),)
    divided = chosen(MAJORITY, *readers[:2])
    assert the_image(divided).ignored == (Box(51, 22, 71, 42),)
    most_without = chosen(
        replace(MAJORITY, not_assessable=True), readers[0], readers[3], read("C", said(), labels[3])
    )
    assert [label.box for label in the_image(most_without).labels if label.joint == IP1] == [None]
    assert the_image(most_without).ignored == (ELSEWHERE,), "where a joint is its box, it has none"


def test_boxes_far_from_one_another_are_places_of_their_own() -> None:
    """Their middle would be a place where no joint is."""
    far = Box(150, 20, 170, 40)
    two = [read("A", said(), drawn(), signed=False), read("B", drawn(far), signed=False)]
    assert the_image(chosen(ALL, *two)).ignored == (ELSEWHERE, far)


def test_a_joint_whose_box_lies_on_another_s_is_told_to_have_none() -> None:
    label = read("A", *(said(joint=joint) for joint in JOINTS if joint is not IP1))
    misnamed = read("B", drawn(BOX), signed=False)
    image = the_image(chosen(ALL, label, misnamed))
    assert (image.ignored, image.unmarked) == ((), (IP1,))


def test_only_readings_that_count_give_places() -> None:
    unsigned = read("B", said(), drawn(), signed=False)
    assert the_image(chosen(Policy(1), read("A", said()), unsigned)).ignored == ()
    other = read("B", said(), drawn())
    assert the_image(chosen(Policy(1, Whose.READER, "A"), read("A", said()), other)).ignored == ()
    excluded = read("B", drawn(), facts=ImageFacts(excluded="blurred"))
    assert the_image(chosen(Policy(1), read("A", said()), excluded)).ignored == ()
    swapped = read("C", said(), drawn(), facts=ImageFacts(right_on_left=False))
    assert the_image(chosen(MAJORITY, read("A", said()), read("B", said()), swapped)).ignored == ()
    assert the_image(chosen(MAJORITY, read("A", said()), read("B", said(), drawn()))).ignored == (ELSEWHERE,)


def test_a_joint_that_another_reader_s_label_gives_is_no_place() -> None:
    """By its name, and by where it is where somebody names the hands otherwise."""
    label = read("A", said(), said(joint=IP1, box=ELSEWHERE))
    assert the_image(chosen(ALL, label, read("B", drawn(BESIDE), signed=False))).ignored == ()
    mirrored = drawn(Box(50, 21, 70, 41), joint=IP1.mirrored)
    swapped = read("B", mirrored, signed=False, facts=ImageFacts(right_on_left=False))
    assert the_image(chosen(ALL, label, swapped)).ignored == ()


def test_what_lies_beyond_the_film_is_cut_off() -> None:
    reading = read("A", said(), drawn(Box(FILE.columns - 10, -5, FILE.columns + 10, 15)), signed=False)
    assert the_image(chosen(ALL, reading)).ignored == (Box(FILE.columns - 10, 0, FILE.columns, 15),)
    outside = read("A", said(), drawn(Box(-30, 5, -10, 15)), signed=False)
    assert the_image(chosen(ALL, outside)).ignored == ()


def test_a_joint_of_a_hand_that_is_not_on_the_film_is_no_place() -> None:
    left = drawn(joint=IP1.mirrored)
    image = the_image(chosen(Policy(1), read("A", said(), left, facts=ImageFacts(Hands.RIGHT))))
    assert image.ignored == ()
    assert image.unmarked == tuple(joint for joint in JOINTS[:10] if joint is not PIP3)


def test_joints_without_any_box_are_counted_by_their_images() -> None:
    every = [said(joint=joint, box=BOX) for joint in JOINTS]
    full = chosen(Policy(1), read("A", *every))
    assert (the_image(full).unmarked, full.partly_marked) == ((), 0)
    placed = [drawn(joint=joint) if joint == IP1 else said(joint=joint) for joint in JOINTS]
    assert chosen(ALL, read("A", *placed)).partly_marked == 0, "it has a place"
    for why in NotAssessable:
        bare = [gone(why) if joint == IP1 else said(joint=joint) for joint in JOINTS]
        found = chosen(Policy(1), read("A", *bare))
        there = why not in (NotAssessable.CROPPED, NotAssessable.AMPUTATED)
        assert the_image(found).unmarked == ((IP1,) if there else ())
        assert found.partly_marked == there
    nothing = chosen(ALL, read("A", *every[1:], signed=False))
    assert the_image(nothing).unmarked == (every[0].joint,)


@given(any_readings(), any_policy())
def test_every_expected_joint_is_marked_or_ignored_or_told(readings: list[ReadBy], policy: Policy) -> None:
    found = chosen(policy, *readings)
    for image in found.images:
        marked = {label.joint for label in image.labels if label.box is not None}
        assert not marked & set(image.unmarked)
        assert len(marked) + len(image.unmarked) <= len(JOINTS)
        boxed = [
            joint
            for one in readings
            for joint in one.reading.expected
            if one.reading.of(joint).box is not None and joint not in marked
        ]
        assert len(image.ignored) <= len(boxed)
        for box in image.ignored:
            assert box.x0 >= 0
            assert box.x1 <= FILE.columns
            assert box.y1 <= FILE.rows


@given(any_readings(), any_policy(), st.randoms())
def test_the_order_of_readers_decides_nothing(readings: list[ReadBy], policy: Policy, dice: object) -> None:
    shuffled = list(readings)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]

    def places(selected: Selected) -> list[tuple[tuple[Box, ...], tuple[Joint, ...]]]:
        return [(image.ignored, image.unmarked) for image in selected.images]

    assert places(chosen(policy, *shuffled)) == places(chosen(policy, *readings))
