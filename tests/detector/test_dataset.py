"""A release written, read, and damaged in every way there is a name for."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from release_samples import COLUMNS, ROWS, Change, image, make_release, pixels, rewrite, tree

from annotator.domain.findings import Finding
from annotator.domain.joints import JOINTS as ANNOTATOR_JOINTS
from detector import png
from detector.dataset import (
    DISPLACEABLE,
    JOINTS,
    Certainty,
    Displacement,
    Release,
    ReleaseError,
    faults,
    from_composites,
    from_phantoms,
    read_release,
    write_release,
)
from detector.folds import split
from detector.phantom import draw
from detector.release.write import Item

FIRST = "images/P00000-1.png"
PHANTOM_SIZE = (418, 503)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """One patient at two visits."""
    out = tmp_path_factory.mktemp("drawn") / "release"
    return from_phantoms(out, [4], visits=2, findings_rate=0.3, size=PHANTOM_SIZE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_release(tmp_path / "release").folder


# what is written is what is read


def test_release_holds_what_was_drawn(drawn: Release) -> None:
    assert faults(drawn.folder) == []
    assert [(held.patient, held.visit) for held in drawn.images] == [("P00004", 1), ("P00004", 2)]
    assert (drawn.contents.test, drawn.folds) == ((), None)
    held, phantom = drawn.images[1], draw(4, visit=2, findings_rate=0.3, size=PHANTOM_SIZE)
    assert np.array_equal(drawn.pixels(held), phantom.pixels)
    assert drawn.pixels(held).dtype == np.uint16
    assert (held.height, held.width) == phantom.pixels.shape
    assert held.spacing_mm == phantom.spacing_mm
    assert held.right_on_left
    assert [(joint.name, joint.box) for joint in held.joints] == [(j.name, j.box) for j in phantom.joints]
    for joint, true in zip(held.joints, phantom.joints, strict=True):
        assert joint.ankylosis is ("ankylosis" in true.findings)
        displaced = {"subluxation", "dislocation"} & set(true.findings)
        judged = displaced.pop() if displaced else "none"
        assert joint.displacement == (None if "-IP1" in joint.name else judged)
        assert joint.certainty is (Certainty.CERTAIN if true.findings else None)
    assert held.ankylosed > 0
    assert held.displaced > 0


def test_release_holds_what_was_written(folder: Path) -> None:
    release = read_release(folder)
    assert faults(folder) == []
    assert release.images == tuple(image(f"P{n // 2:05d}", n % 2 + 1, n // 2, n % 2) for n in range(6))
    for number, held in enumerate(release.images):
        assert np.array_equal(release.pixels(held), pixels(number))
    assert release.contents.test == ("P00002",)
    assert release.folds is not None
    assert sorted(code for fold in release.folds.patients for code in fold) == ["P00000", "P00001"]
    assert release.manifest.about == {"from": "grain"}


def test_phantoms_name_the_test_set_and_are_divided(tmp_path: Path) -> None:
    drawn = from_phantoms(
        tmp_path / "r", [0, 1, 2], visits=1, size=(200, 240), test=[1], divide=lambda c: split(c, count=2)
    )
    assert drawn.contents.test == ("P00001",)
    assert drawn.folds is not None
    assert {code for fold in drawn.folds.patients for code in fold} == {"P00000", "P00002"}


def test_findings_are_counted_by_image_and_merged_for_training() -> None:
    held = image("A", ankylosed=3, displaced=2)
    assert (held.ankylosed, held.displaced) == (3, 2)
    joint = held.joints[0]
    assert [replace(joint, displacement=d).displaced for d in (None, *Displacement)] == [
        None, False, True, True,
    ]  # fmt: skip


def test_joints_are_those_of_the_annotator() -> None:
    assert set(JOINTS) == {joint.name for joint in ANNOTATOR_JOINTS}
    judged = {joint.name for joint in ANNOTATOR_JOINTS if Finding.SUBLUXATION in joint.findings}
    assert set(DISPLACEABLE) == judged
    assert (len(JOINTS), len(DISPLACEABLE)) == (20, 18)


def test_the_same_input_gives_the_same_bytes(drawn: Release, folder: Path, tmp_path: Path) -> None:
    assert tree(make_release(tmp_path / "elsewhere").folder) == tree(folder)
    again = from_phantoms(tmp_path / "phantoms", [4], visits=2, findings_rate=0.3, size=PHANTOM_SIZE)
    assert tree(again.folder) == tree(drawn.folder)


def test_json_is_as_documented(folder: Path) -> None:
    record = json.loads((folder / "annotations.json").read_text("utf-8"))
    assert list(record) == ["format", "version", "test", "images"]
    assert list(record["images"][0]) == [
        "file", "patient", "visit", "width", "height", "spacing_mm", "right_on_left", "joints",
    ]  # fmt: skip
    assert list(record["images"][0]["joints"][0]) == [
        "name", "box", "ankylosis", "displacement", "certainty",
    ]  # fmt: skip
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    assert set(manifest["files"]) == set(tree(folder)) - {"manifest.json"}
    assert str(folder.parent) not in (folder / "manifest.json").read_text("utf-8")


def test_example_of_the_documentation_is_a_sound_release(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "release.md").read_text("utf-8")
    blocks = [block.split("```")[0] for block in text.split("```json\n")[1:]]
    names = ("annotations.json", "folds.json", "manifest.json")
    assert len(blocks) == len(names)
    for name, block in zip(names, blocks, strict=True):
        (tmp_path / name).write_text(block, "utf-8")
    rewrite(tmp_path, "annotations.json", blocks[0].encode())
    rewrite(tmp_path, "folds.json", blocks[1].encode())
    (tmp_path / "images").mkdir()
    for n, entry in enumerate(json.loads(blocks[0])["images"]):
        pixels = np.full((entry["height"], entry["width"]), n, np.uint16)
        rewrite(tmp_path, entry["file"], png.encode(pixels))
    assert faults(tmp_path) == []


def test_pixels_are_compared_with_their_hash_at_each_reading(folder: Path) -> None:
    release = read_release(folder)
    other = (folder / release.images[1].file).read_bytes()
    (folder / FIRST).write_bytes(other)
    with pytest.raises(ReleaseError, match=f"{FIRST} was changed"):
        release.pixels(release.images[0])
    (folder / FIRST).unlink()
    with pytest.raises(ReleaseError, match=f"{FIRST} cannot be read"):
        release.pixels(release.images[0])


# writing


ONE_VISIT = [(image("A"), pixels(0))]
PLAIN = pixels(1)


class CancelledError(Exception):
    """What a program raises to end a job."""


def test_cancel_leaves_nothing_behind(tmp_path: Path) -> None:
    def cancel(done: int) -> None:
        assert any(tmp_path.rglob("*.png"))  # it had begun
        raise CancelledError

    with pytest.raises(CancelledError):
        write_release(tmp_path / "release", ONE_VISIT, on_image=cancel)
    assert list(tmp_path.iterdir()) == []


def test_failing_items_leave_nothing_behind(tmp_path: Path) -> None:
    def items() -> Iterator[Item]:
        yield from ONE_VISIT
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_release(tmp_path / "release", items())
    assert list(tmp_path.iterdir()) == []


def test_release_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    def look(done: int) -> None:
        assert not (tmp_path / "release").exists()

    write_release(tmp_path / "release", ONE_VISIT, on_image=look)
    assert [path.name for path in tmp_path.iterdir()] == ["release"]


def test_an_empty_folder_is_taken_and_a_full_one_left_alone(tmp_path: Path) -> None:
    out = tmp_path / "release"
    out.mkdir()
    write_release(out, ONE_VISIT)
    before = tree(tmp_path)
    with pytest.raises(ReleaseError, match="release is there already, and not empty"):
        write_release(out, ONE_VISIT)
    with pytest.raises(ReleaseError, match="no folder gone"):
        write_release(tmp_path / "gone" / "release", ONE_VISIT)
    assert tree(tmp_path) == before


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (
            [(image("A"), PLAIN[:50])],
            r"is said to be 120 x 90, and has the shape \(50, 120\)",
        ),
        ([(image("A"), PLAIN.astype(np.float32))], "Not a 16-bit gray image"),
        ([(image("A"), PLAIN), (image("A"), PLAIN + 1)], "two images images/A-1.png"),
        ([(image("A"), PLAIN), (image("B"), PLAIN)], "B-1.png is the same picture as images/A-1.png"),
        ([(replace(image("A"), file="../A.png"), PLAIN)], "is not of the form images/NAME.png"),
        ([(replace(image("A"), patient="=cmd|x"), PLAIN)], '"patient" must be a patient code'),
        ([(replace(image("A"), width=15), PLAIN)], "is not inside the 15 x 90 pixels"),
        ([(replace(image("A"), file="images/a-1.PNG"), PLAIN)], "is not of the form images/NAME.png"),
    ],
)
def test_writing_refuses_what_the_checker_would(items: list[Item], words: str, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=words):
        write_release(tmp_path / "release", items)
    assert list(tmp_path.iterdir()) == []


def test_items_are_taken_one_by_one(tmp_path: Path) -> None:
    written: list[int] = []

    def items() -> Iterator[Item]:
        for n in range(4):
            assert written == list(range(1, n + 1))
            yield image(f"P{n}"), pixels(n)

    write_release(tmp_path / "release", items(), on_image=written.append)
    assert written == [1, 2, 3, 4]


# from composites


def composites(folder: Path) -> dict[str, Any]:
    """What two_hand_films.py leaves behind, with the least in it."""
    joints = [{"name": name, "box": [1.5, 2.25, 11.5, 12.25]} for name in JOINTS]
    joints[0]["box"] = [-4.0, 2.0, 6.0, 12.0]
    entry = {"patient_id": "P0001", "right_on": "right", "joints": joints}
    images = [entry | {"file": f"dicom/P0001_V{visit}.dcm", "visit": visit} for visit in (1, 2)]
    truth = {"width": COLUMNS, "height": ROWS, "seed": 3, "images": images}
    (folder / "dicom").mkdir(parents=True)
    for visit in (1, 2):
        (folder / f"dicom/P0001_V{visit}.dcm").write_bytes((PLAIN + visit).astype("<u2").tobytes())
    (folder / "truth.json").write_text(json.dumps(truth), "utf-8")
    return truth


def read_raw(path: Path) -> np.ndarray[Any, np.dtype[np.uint16]]:
    return np.frombuffer(path.read_bytes(), "<u2").astype(np.uint16).reshape(ROWS, COLUMNS)


def test_composites_become_a_release_through_the_reader_they_are_given(tmp_path: Path) -> None:
    composites(tmp_path / "films")
    release = from_composites(tmp_path / "release", tmp_path / "films", read_raw)
    assert faults(release.folder) == []
    assert [held.file for held in release.images] == ["images/P0001-1.png", "images/P0001-2.png"]
    assert np.array_equal(release.pixels(release.images[1]), PLAIN + 2)
    held = release.images[0]
    assert not held.right_on_left
    assert held.joints[0].box == (0.0, 2.0, 6.0, 12.0)  # cut at the edge of the image
    assert held.joints[1].box == (1.5, 2.25, 11.5, 12.25)
    assert (held.ankylosed, held.displaced) == (0, 0)
    assert [j.name for j in held.joints if j.displacement is None] == ["R-IP1", "L-IP1"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda truth: truth.pop("images"), "not as two_hand_films"),
        (lambda truth: truth["images"][0].update(right_on="above"), "not as two_hand_films"),
        (lambda truth: truth["images"][0].update(joints=3), "not as two_hand_films"),
        (lambda truth: truth["images"][0].update(file="../../x.dcm"), "outside its folder"),
        (lambda truth: truth["images"][0].update(patient_id="../x"), "must be a patient code"),
        (lambda truth: truth["images"][0]["joints"][0].update(name="R-PIP9"), "none of the 20 joints"),
    ],
)
def test_composites_with_a_strange_truth_are_refused(change: Change, words: str, tmp_path: Path) -> None:
    truth = composites(tmp_path / "films")
    change(truth)
    (tmp_path / "films" / "truth.json").write_text(json.dumps(truth), "utf-8")
    with pytest.raises(ReleaseError, match=words):
        from_composites(tmp_path / "release", tmp_path / "films", read_raw)
    assert not (tmp_path / "release").exists()


def test_composites_without_truth_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"truth.json cannot be read: No such file"):
        from_composites(tmp_path / "release", tmp_path, read_raw)
    (tmp_path / "truth.json").write_text("{", "utf-8")
    with pytest.raises(ReleaseError, match="not as two_hand_films"):
        from_composites(tmp_path / "release", tmp_path, read_raw)
