"""Labelled images as a study makes them, and any that can be thought of."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, joint_named
from annotator.domain.revealing import Seen
from annotator.exchange import names
from annotator.exchange.labels import LabelledImage, LabelledJoint

WIDTH, HEIGHT = 2010, 1670
FINGER, THUMB = joint_named("R-PIP3"), joint_named("L-IP1")


def film(number: int = 1, *, reader: str = "Reader 1") -> LabelledImage:
    """Twenty joints of which some have findings; one is amputated and has no box, one hides under a ring."""
    joints = []
    for index, joint in enumerate(JOINTS):
        box = Box.around((70.125 + 95 * index, 400.3 + 30.7 * index + number), 55.25, 60.5)
        joints.append(LabelledJoint(joint, box, confirmed=True, reader=reader, seen=Seen.AFTERWARDS))
    joints[0] = replace(joints[0], marks=(Mark(Finding.ANKYLOSIS, Certainty.PROBABLE),), seen=Seen.YES)
    joints[7] = replace(joints[7], marks=(Mark(Finding.ANKYLOSIS), Mark(Finding.DISLOCATION)), seen=Seen.NO)
    joints[9] = replace(joints[9], box=None, not_assessable=NotAssessable.AMPUTATED)
    joints[12] = replace(joints[12], not_assessable=NotAssessable.OVERLAP, confirmed=False)
    joints[15] = replace(joints[15], confirmed=False)
    return LabelledImage(f"K-{number:03d}-visit1-image{number}.png", WIDTH, HEIGHT, "K-001", 1, tuple(joints))


def empty(number: int = 9) -> LabelledImage:
    return LabelledImage(f"empty {number}.png", 300, 200, "K-002", 2)


def boxes(image: LabelledImage) -> dict[str, Box]:
    return {boxed.joint.name: boxed.box for boxed in image.boxed}


def without_boxes(image: LabelledImage) -> LabelledImage:
    """Everything that is said beside the boxes, in the order of joints."""
    bare = [replace(label, box=Box(0, 0, 1, 1) if label.box else None) for label in image.joints]
    return replace(image, joints=tuple(sorted(bare, key=lambda label: JOINTS.index(label.joint))))


def farthest(one: LabelledImage, other: LabelledImage) -> float:
    """By how many pixels an edge of a box differs at most."""
    a, b = boxes(one), boxes(other)
    assert a.keys() == b.keys()
    return max(
        (abs(x - y) for name in a for x, y in zip(a[name].corners, b[name].corners, strict=True)), default=0
    )


plain = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cn")), max_size=12)
sound_names = st.text(min_size=1, max_size=30).map(lambda text: names.sound(f"{text}.png"))


@st.composite
def labels(draw: st.DrawFn, joint_index: int, width: int, height: int) -> LabelledJoint:
    joint = JOINTS[joint_index]
    x, y = draw(st.floats(0, width - 1)), draw(st.floats(0, height - 1))
    box = Box(x, y, draw(st.floats(x + 1, width)), draw(st.floats(y + 1, height)))
    reason = draw(st.none() | st.sampled_from(NotAssessable))
    found = [] if reason else draw(st.lists(st.sampled_from(joint.findings), max_size=2, unique=True))
    if Finding.SUBLUXATION in found and Finding.DISLOCATION in found:
        found.remove(Finding.SUBLUXATION)
    marks = tuple(Mark(finding, draw(st.sampled_from(Certainty))) for finding in found)
    confirmed = draw(st.booleans())
    keeps = draw(st.booleans()) or (confirmed and reason is None)
    knew = draw(st.none() | st.sampled_from(Seen))
    silent = frozenset(draw(st.sets(st.sampled_from(Finding)))) - set(found)
    place = box if keeps else None
    return LabelledJoint(joint, place, marks, reason, confirmed, draw(plain), knew, silent)


@st.composite
def any_image(draw: st.DrawFn) -> LabelledImage:
    width, height = draw(st.integers(2, 4000)), draw(st.integers(2, 4000))
    chosen = draw(st.lists(st.integers(0, 19), unique=True, max_size=4))
    joints = tuple(draw(labels(index, width, height)) for index in chosen)
    return LabelledImage(draw(sound_names), width, height, draw(plain), draw(st.integers(0, 9)), joints)
