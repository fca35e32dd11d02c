"""Ignored places of a release: absent where there are none, looked at as strictly as other boxes."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from release_samples import COLUMNS, NO_BOXES, ROWS, Change, edit, image, make_release, pixels

from detector.dataset import Contents, FaultKind, faults, read_release, write_release
from detector.release.parse import read_annotations
from detector.release.text import annotations_bytes
from detector.training.card import sentence
from detector.training.parts import Part
from detector.verbs.check import of_release

FIRST = "annotations.json: images/P00000-1.png: ignored place"
WITHOUT = (
    b'{"format": "knuckle-release", "version": 1,\n "test": [],\n "images": [\n'
    b'  {"file": "images/K-001-1.png", "patient": "K-001", "visit": 1, "width": 120, "height": 90, '
    b'"spacing_mm": 0.15, "right_on_left": true, "joints": [\n'
    b'   {"name": "R-PIP3", "box": [10.5, 11.0, 30.0, 31.25], "ankylosis": false, '
    b'"displacement": "subluxation", "certainty": "probable"},\n'
    b'   {"name": "R-IP1", "box": [40.0, 11.0, 60.0, 31.0], "ankylosis": true, "displacement": null, '
    b'"certainty": null}\n  ]}\n]}\n'
)
"""As releases were written before there were ignored places."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A release to damage."""
    return make_release(tmp_path / "release").folder


def ignoring(value: object) -> Change:
    return lambda record: record["images"][0].update(ignored=value)


def test_a_release_without_the_field_reads_and_is_written_as_before() -> None:
    contents, found = read_annotations(WITHOUT)
    assert found == []
    assert contents is not None
    assert [one.ignored for one in contents.images] == [()]
    assert annotations_bytes(contents) == WITHOUT


def test_they_come_back_as_they_were_written_and_the_checker_finds_nothing(tmp_path: Path) -> None:
    boxes = (1.0, 2.0, 11.5, 12.0), (0.0, 0.0, float(COLUMNS), float(ROWS))
    with_them = replace(image("K-001"), ignored=boxes)
    write_release(tmp_path / "out", [(with_them, pixels(1)), (image("K-002"), pixels(2))])
    assert of_release(tmp_path / "out")[0] == []
    assert [one.ignored for one in read_release(tmp_path / "out").images] == [boxes, ()]
    text = (tmp_path / "out" / "annotations.json").read_text("utf-8")
    assert text.count('"ignored": [[1.0, 2.0, 11.5, 12.0], [0.0, 0.0, 120.0, 90.0]], "joints"') == 1
    assert text.count("ignored") == 1


def test_none_of_them_may_be_said_in_two_ways(folder: Path) -> None:
    edit(folder, "annotations.json", ignoring([]))
    assert faults(folder) == []
    assert read_release(folder).images[0].ignored == ()


@pytest.mark.parametrize(
    "value",
    [None, {}, "", 5, [1, 2, 3, 4], [None], [[1, 2, 3]], [[1, 2, 3, "4"]], [[1, 2, 3, True]]],
    ids=repr,
)
def test_what_is_no_list_of_boxes(folder: Path, value: object) -> None:
    edit(folder, "annotations.json", ignoring(value))
    assert (FaultKind.VALUE, "annotations.json: image 1") in [(one.kind, one.where) for one in faults(folder)]


@pytest.mark.parametrize(("box", "words"), NO_BOXES)
def test_boxes_without_area_or_outside(folder: Path, box: list[float], words: str) -> None:
    edit(folder, "annotations.json", ignoring([[1, 1, 9, 9], box]))
    (fault,) = faults(folder)
    assert (fault.kind, fault.where) == (FaultKind.BOX, f"{FIRST} 2")
    assert words in fault.message


def test_a_joint_has_none(folder: Path) -> None:
    edit(folder, "annotations.json", lambda record: record["images"][0]["joints"][0].update(ignored=[]))
    assert [one.kind for one in faults(folder)] == [FaultKind.VALUE]


@st.composite
def any_box(draw: st.DrawFn) -> tuple[float, float, float, float]:
    x, y = draw(st.integers(0, COLUMNS - 1)), draw(st.integers(0, ROWS - 1))
    return x, y, draw(st.floats(x + 0.5, COLUMNS)), draw(st.floats(y + 0.5, ROWS))


@given(st.lists(any_box(), max_size=5))
def test_any_of_them_come_back(boxes: list[tuple[float, float, float, float]]) -> None:
    contents = Contents((replace(image("K-001"), ignored=tuple(boxes)),))
    again, found = read_annotations(annotations_bytes(contents))
    assert found == []
    assert again == contents


def test_a_version_says_how_many_there_were_where_there_were_any(folder: Path) -> None:
    edit(folder, "annotations.json", ignoring([[1, 1, 9, 9], [2, 2, 9, 9]]))
    release = read_release(folder)
    some, none = (Part(release, images).record() for images in (release.images, release.images[1:]))
    assert some["ignored"] == 2
    assert "ignored" not in none
    assert sentence(some).endswith(", 2 places ignored")
    assert "ignored" not in sentence(none)
