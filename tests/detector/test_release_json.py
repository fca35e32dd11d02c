"""What may not stand in the JSON files of a release, put there on purpose."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from release_samples import COLUMNS, NO_BOXES, ROWS, Change, edit, make_release, rewrite

from detector.dataset import FaultKind, faults, read_release
from detector.release.parse import read_annotations, read_folds, read_manifest
from detector.release.text import annotations_bytes, folds_bytes, manifest_bytes

FIRST = "images/P00000-1.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A release to damage."""
    return make_release(tmp_path / "release").folder


def kinds(folder: Path) -> list[tuple[FaultKind, str]]:
    return [(fault.kind, fault.where) for fault in faults(folder)]


def first_joint(record: dict[str, Any]) -> dict[str, Any]:
    joint: dict[str, Any] = record["images"][0]["joints"][0]
    return joint


def thumb(record: dict[str, Any]) -> dict[str, Any]:
    joints = record["images"][0]["joints"]
    return next(joint for joint in joints if joint["name"] == "R-IP1")


def place(joint: str, file: str = FIRST) -> str:
    return f"annotations.json: {file}: {joint}"


# JSON


@pytest.mark.parametrize("name", ["annotations.json", "folds.json", "manifest.json"])
@pytest.mark.parametrize(
    "data", [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b'{"a": 1, "a": 2}', b"[" * 100_000], ids=repr
)
def test_broken_json(folder: Path, name: str, data: bytes) -> None:
    rewrite(folder, name, data)
    assert (FaultKind.JSON, name) in kinds(folder)


@pytest.mark.parametrize("name", ["annotations.json", "folds.json", "manifest.json"])
@pytest.mark.parametrize("version", [2, 0, "1", None, True, 1.0])
def test_unknown_version(folder: Path, name: str, version: object) -> None:
    edit(folder, name, lambda record: record.update(version=version))
    assert (FaultKind.VERSION, name) in kinds(folder)


@pytest.mark.parametrize("data", [b"[]", b"3", b"{}", b'{"format": "coco", "version": 1}'])
def test_json_of_another_kind(folder: Path, data: bytes) -> None:
    rewrite(folder, "folds.json", data)
    assert kinds(folder) == [(FaultKind.VERSION, "folds.json")]


IMAGE_1, JOINT_1 = "annotations.json: image 1", place("joint 1")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda r: r.update(images={}), "annotations.json"),
        (lambda r: r.update(more=1), "annotations.json"),
        (lambda r: r.update(test=["../x"]), "annotations.json"),
        (lambda r: r["images"].__setitem__(0, 5), IMAGE_1),
        (lambda r: r["images"][0].pop("visit"), IMAGE_1),
        (lambda r: r["images"][0].update(visit=0), IMAGE_1),
        (lambda r: r["images"][0].update(visit=True), IMAGE_1),
        (lambda r: r["images"][0].update(width=120.0), IMAGE_1),
        (lambda r: r["images"][0].update(height=10_001), IMAGE_1),
        (lambda r: r["images"][0].update(spacing_mm=-1), IMAGE_1),
        (lambda r: r["images"][0].update(spacing_mm=10**400), IMAGE_1),
        (lambda r: r["images"][0].update(right_on_left=None), IMAGE_1),
        (lambda r: r["images"][0].update(patient="=cmd|' /C calc'!A0"), IMAGE_1),
        (lambda r: r["images"][0].update(patient="../../x"), IMAGE_1),
        (lambda r: r["images"][0].update(patient="A\n"), IMAGE_1),
        (lambda r: r["images"][0].update(birth_date="19610203"), IMAGE_1),
        (lambda r: first_joint(r).pop("ankylosis"), JOINT_1),
        (lambda r: first_joint(r).update(ankylosis=1), JOINT_1),
        (lambda r: first_joint(r).update(displacement="luxation"), JOINT_1),
        (lambda r: first_joint(r).update(certainty="perhaps"), JOINT_1),
        (lambda r: first_joint(r).update(box=[1, 2, 3]), JOINT_1),
        (lambda r: first_joint(r).update(box=[1, 2, 3, "4"]), JOINT_1),
        (lambda r: first_joint(r).update(box=[1, 2, 3, 10**400]), JOINT_1),
        (lambda r: first_joint(r).update(name=3), JOINT_1),
        (
            lambda r: thumb(r).update(ankylosis=False, displacement=None, certainty="probable"),
            place("R-IP1"),
        ),
    ],
)
def test_wrong_values(folder: Path, change: Change, where: str) -> None:
    edit(folder, "annotations.json", change)
    assert (FaultKind.VALUE, where) in kinds(folder)


def test_an_endless_number_is_no_number(folder: Path) -> None:
    text = (folder / "annotations.json").read_text("utf-8")
    rewrite(folder, "annotations.json", text.replace('"box": [', '"box": [1e999, ', 1).encode())
    assert (FaultKind.VALUE, place("joint 1")) in kinds(folder)


@pytest.mark.parametrize(("box", "words"), NO_BOXES)
def test_boxes_without_area_or_outside(folder: Path, box: list[float], words: str) -> None:
    name = ""

    def change(record: dict[str, Any]) -> None:
        nonlocal name
        first_joint(record)["box"] = box
        name = first_joint(record)["name"]

    edit(folder, "annotations.json", change)
    (fault,) = faults(folder)
    assert (fault.kind, fault.where) == (FaultKind.BOX, place(name))
    assert words in fault.message


def test_a_box_may_reach_the_edges(folder: Path) -> None:
    edit(folder, "annotations.json", lambda record: first_joint(record).update(box=[0, 0, COLUMNS, ROWS]))
    assert kinds(folder) == []


def test_unknown_joint(folder: Path) -> None:
    edit(folder, "annotations.json", lambda record: first_joint(record).update(name="R-DIP2"))
    assert kinds(folder) == [(FaultKind.JOINT, place("R-DIP2"))]


def test_joint_twice(folder: Path) -> None:
    def change(record: dict[str, Any]) -> None:
        joints = record["images"][0]["joints"]
        joints.append(dict(joints[0]))

    edit(folder, "annotations.json", change)
    assert kinds(folder) == [(FaultKind.TWICE, f"annotations.json: {FIRST}")]


@pytest.mark.parametrize("displacement", ["none", "subluxation", "dislocation"])
def test_displacement_of_a_thumb_ip(folder: Path, displacement: str) -> None:
    edit(folder, "annotations.json", lambda record: thumb(record).update(displacement=displacement))
    assert (FaultKind.FINDING, place("R-IP1")) in kinds(folder)


def test_image_twice_also_by_another_case(folder: Path) -> None:
    def change(record: dict[str, Any]) -> None:
        record["images"].append(record["images"][0] | {"file": "images/p00000-1.png"})

    edit(folder, "annotations.json", change)
    assert (FaultKind.TWICE, "annotations.json") in kinds(folder)


# folds


@pytest.mark.parametrize(
    ("change", "kind", "where"),
    [
        (lambda r: r["folds"][0].extend(r["folds"][1]), FaultKind.LEAK, "folds.json"),
        (lambda r: r["folds"][0].append(r["folds"][0][0]), FaultKind.LEAK, "folds.json"),
        (lambda r: r["folds"][0].append("P00002"), FaultKind.LEAK, "folds.json"),
        (lambda r: r["folds"][0].append("P00009"), FaultKind.PATIENT, "folds.json"),
        (lambda r: r["folds"].pop(), FaultKind.VALUE, "folds.json"),
        (lambda r: r["folds"][0].clear(), FaultKind.VALUE, "folds.json"),
        (lambda r: r.update(seed=-1), FaultKind.VALUE, "folds.json"),
    ],
)
def test_wrong_folds(folder: Path, change: Change, kind: FaultKind, where: str) -> None:
    edit(folder, "folds.json", change)
    assert kinds(folder) == [(kind, where)]


def test_image_in_no_fold(folder: Path) -> None:
    edit(folder, "annotations.json", lambda record: record.update(test=[]))
    assert kinds(folder) == [
        (FaultKind.NO_FOLD, f"folds.json: images/P00002-{visit}.png") for visit in (1, 2)
    ]


def test_test_set_of_unknown_patients(folder: Path) -> None:
    edit(folder, "annotations.json", lambda record: record["test"].extend(["P00009", "P00002"]))
    assert (FaultKind.PATIENT, "annotations.json") in kinds(folder)
    assert (FaultKind.TWICE, "annotations.json") in kinds(folder)


@pytest.mark.parametrize("digest", ["", "0" * 63, "G" * 64, 5, None])
def test_manifest_with_what_is_no_hash(folder: Path, digest: object) -> None:
    edit(folder, "manifest.json", lambda record: record["files"].update({FIRST: digest}))
    assert (FaultKind.VALUE, f"manifest.json: {FIRST}") in kinds(folder)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def places(record: Any) -> list[list[Any]]:
    """The way to every value inside a JSON record."""
    pairs = (
        record.items() if isinstance(record, dict) else enumerate(record) if isinstance(record, list) else ()
    )
    return [[key, *rest] for key, value in pairs for rest in ([], *places(value))]


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_anything_anywhere_is_read_or_named_and_never_breaks_the_reader(
    folder: Path, data: st.DataObject
) -> None:
    release = read_release(folder)
    name = data.draw(st.sampled_from(["annotations.json", "folds.json", "manifest.json"]))
    record = json.loads((folder / name).read_text("utf-8"))
    *way, last = data.draw(st.sampled_from(places(record)))
    damaged = copy.deepcopy(record)
    inner = damaged
    for key in way:
        inner = inner[key]
    inner[last] = data.draw(ANYTHING)
    text = json.dumps(damaged).encode()
    if name == "annotations.json":
        contents, found = read_annotations(text)
        assert found or (
            contents is not None and read_annotations(annotations_bytes(contents)) == (contents, [])
        )
    elif name == "folds.json":
        folds, found = read_folds(text, release.contents)
        assert found or (folds is not None and read_folds(folds_bytes(folds), None) == (folds, []))
    else:
        manifest, found = read_manifest(text)
        again = manifest and manifest_bytes(manifest.about, manifest.files)
        assert found or (again is not None and read_manifest(again) == (manifest, []))
