"""Boxes, joints, names, and what each person may do."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.annotations import JointAnnotation
from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.geometry import Box, iou
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import JOINTS, TEMPLATE, Hands, expected_joints, joint_named
from annotator.domain.people import Person, Right, Role

numbers = st.floats(-5000, 5000).map(lambda v: round(v, 3))
boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h), numbers, numbers, st.floats(1, 500), st.floats(1, 500)
)


@pytest.mark.parametrize(
    "corners", [(0, 0, 0, 5), (0, 0, 5, 0), (5, 5, 1, 9), (0, 0, math.nan, 1), (0, 0, math.inf, 1)]
)
def test_a_box_without_area_or_with_a_corner_nowhere_cannot_exist(corners: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="box"):
        Box(*corners)


@given(boxes, boxes)
def test_iou_is_symmetric_and_one_only_with_itself(a: Box, b: Box) -> None:
    assert iou(a, b) == pytest.approx(iou(b, a))
    assert 0 <= iou(a, b) <= 1 + 1e-9
    assert iou(a, a) == pytest.approx(1)


def test_iou_of_boxes_apart_in_both_directions_is_zero() -> None:
    """Two negative overlaps must not multiply to a positive one."""
    assert iou(Box(0, 0, 10, 10), Box(20, 20, 30, 30)) == 0


def test_iou_of_a_known_pair() -> None:
    assert iou(Box(0, 0, 10, 10), Box(5, 0, 15, 10)) == pytest.approx(50 / 150)


@given(boxes)
def test_a_box_kept_inside_an_image_lies_inside_and_keeps_its_size_where_it_fits(box: Box) -> None:
    kept = box.kept_inside(2010, 1670)
    assert 0 <= kept.x0 < kept.x1 <= 2010 + 1e-9
    assert 0 <= kept.y0 < kept.y1 <= 1670 + 1e-9
    assert kept.width == pytest.approx(min(box.width, 2010))


@given(boxes)
def test_mirroring_twice_changes_nothing(box: Box) -> None:
    assert box.mirrored(2010).mirrored(2010).corners == pytest.approx(box.corners)


def test_twenty_joints_with_the_names_of_the_field() -> None:
    names = [joint.name for joint in JOINTS]
    assert names[:10] == [
        "R-IP1", "R-PIP2", "R-PIP3", "R-PIP4", "R-PIP5", "R-MP1", "R-MP2", "R-MP3", "R-MP4", "R-MP5",
    ]  # fmt: skip
    assert names[10:] == [name.replace("R-", "L-") for name in names[:10]]
    assert {(joint.row, joint.digit) for joint in JOINTS} == set(TEMPLATE)


def test_ankylosis_on_twenty_joints_and_displacement_on_eighteen() -> None:
    assert sum(Finding.ANKYLOSIS in joint.findings for joint in JOINTS) == 20
    assert sum(Finding.SUBLUXATION in joint.findings for joint in JOINTS) == 18
    assert len(expected_joints(Hands.LEFT)) == 10


@pytest.mark.parametrize("joint", JOINTS)
def test_a_joint_is_found_by_its_name_and_its_mcp_alias(joint: object) -> None:
    assert joint_named(str(joint)) == joint
    assert joint_named(str(joint).replace("-MP", "-MCP").lower()) == joint


@pytest.mark.parametrize("name", ["R-IP2", "R-PIP1", "X-MP1", "R-MP6", "", "R-PIP33"])
def test_no_other_joint_exists(name: str) -> None:
    with pytest.raises(ValueError, match="no such joint"):
        joint_named(name)


def test_names_of_joints_by_preference() -> None:
    joint, thumb = joint_named("R-MP3"), joint_named("L-IP1")
    assert NameStyle().full(joint) == "R-MP3"
    assert NameStyle(mcp=True, roman=True).full(joint) == "R-MCP III"
    assert NameStyle(mcp=True, japanese=True).full(joint) == "右中指MCP"
    assert NameStyle(japanese=True).full(thumb) == "左母指IP"
    assert NameStyle().spoken(joint) == "middle, right"


@pytest.mark.parametrize(
    "wrong",
    [
        {"marks": (Mark(Finding.SUBLUXATION), Mark(Finding.DISLOCATION))},
        {"marks": (Mark(Finding.ANKYLOSIS), Mark(Finding.ANKYLOSIS, Certainty.PROBABLE))},
        {"marks": (Mark(Finding.ANKYLOSIS),), "not_assessable": NotAssessable.IMPLANT},
        {"confirmed": True},
    ],
)
def test_annotations_that_contradict_themselves_cannot_exist(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="R-PIP3"):
        JointAnnotation(joint_named("R-PIP3"), **wrong)  # type: ignore[arg-type]


def test_roles_separate_reading_from_managing_and_the_administrator_may_all() -> None:
    reader, data, admin = (Person(1, "A", role) for role in (Role.READER, Role.DATA, Role.ADMINISTRATOR))
    assert (reader.may(Right.READ), reader.may(Right.IMPORT)) == (True, False)
    assert (data.may(Right.READ), data.may(Right.EXPORT), data.may(Right.RESTORE)) == (False, True, False)
    assert all(admin.may(right) for right in Right)
