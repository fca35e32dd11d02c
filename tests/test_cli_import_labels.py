"""`knuckle import-labels` and `knuckle import-set`: what is typed, what is printed, how they leave."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from annotator.domain.geometry import Box
from annotator.domain.joints import Hands
from annotator.imaging import dicom
from annotator.paths import migrations
from annotator.store.check import check
from annotator.store.detections import Detections
from tests.command_line import ROOT, knuckle, within
from tests.export_samples import read_films
from tests.study_fixtures import images_of, sit_down

pytestmark = pytest.mark.usefixtures("qapp")
GREY = np.arange(80 * 60, dtype=np.uint32).reshape(80, 60)


def test_export_and_import_as_typed(prepared: Path, tmp_path: Path) -> None:
    """In processes of their own."""
    data = shutil.copytree(prepared, tmp_path / "data")
    read_films(data, only=1)
    out = tmp_path / "out"
    assert within("export", "--format", "coco", "--out", out, "--data", data, "--json").code == 0
    file = out / "annotations.json"
    typed = ("import-labels", file, "--format", "coco", "--data", data, "--json")
    said = knuckle(*typed, home=tmp_path)
    assert (said.code, said.err) == (0, "")
    found = said.object
    assert list(found) == [
        "notice", "version", "sha256", "images", "boxes", "known", "without_boxes", "imported", "refused",
    ]  # fmt: skip
    assert (found["version"], found["images"], found["boxes"]) == ("import: annotations.json", 1, 20)
    assert found["imported"] == [
        {
            "name": "K-001-visit1-image1.png",
            "patient": "K-001",
            "visit": 1,
            "image": 1,
            "by": "name in exports",
            "boxes": 20,
        }
    ]
    with sit_down(data) as desk:
        assert Detections(desk.house.database).is_imported(1)
    again = within(*typed)
    assert again.object["note"] == "These labels were imported before: nothing was added."
    told = file.read_text().replace("K-001-visit1-image1", "gone").replace("K-001", "")
    file.write_text(told.replace("pixels_sha256", "unknown"))
    gone = within(*typed)
    assert (gone.code, gone.object["refused"]) == (
        1,
        [{"file": "gone.png", "reason": "There is no such image in the study."}],
    )
    lines = within(*typed[:-1])
    assert (lines.code, "  gone.png: There is no such image in the study." in lines.out.splitlines()) == (
        1,
        True,
    )


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("gone.json", "--format", "coco"), "gone.json cannot be read: No such file or directory."),
        (("x", "--format", "release"), "There is no format named release."),
        (("x", "--format", "csv", "--study", "Feet"), "There is no study named Feet."),
    ],
)
def test_what_cannot_be(data: Path, typed: tuple[str, ...], told: str) -> None:
    assert within("import-labels", *typed, "--data", data, "--json").error == told


def test_without_a_study(tmp_path: Path) -> None:
    typed = ("import-labels", "x", "--format", "coco", "--data", tmp_path / "new", "--json")
    assert within(*typed).error == "There is no study yet."


def example(folder: Path) -> tuple[Path, Path, Path]:
    """The set of docs/foreign-sets.md with its mapping, and two made-up pictures of it."""
    text = (ROOT / "docs" / "foreign-sets.md").read_text("utf-8")
    blocks = dict(re.findall(r"```(toml|json)\n(.*?)```", text.partition("\n## RAM-H1200")[0], re.S))
    mapping, coco, pictures = folder / "mapping.toml", folder / "set.json", folder / "pictures"
    mapping.write_text(blocks["toml"], "utf-8")
    coco.write_text(blocks["json"], "utf-8")
    (pictures / "train").mkdir(parents=True)
    for number, name in enumerate(("P01_RH.png", "P01_LH.png")):
        picture = ((GREY + number) % 256).astype(np.uint8)
        (pictures / "train" / name).write_bytes(imagecodecs.png_encode(picture))
    return coco, mapping, pictures


def bring(folder: Path, example: tuple[Path, Path, Path]) -> tuple[object, ...]:
    coco, mapping, pictures = example
    return (
        "import-set", coco, "--mapping", mapping, "--images", pictures, "--out", folder / "films",
        "--data", folder / "data", "--study", "Public hands", "--json",
    )  # fmt: skip


def test_the_example_of_the_guide(tmp_path: Path) -> None:
    made = example(tmp_path)
    said = within(*bring(tmp_path, made))
    assert said.code == 0, said.out
    found = said.object
    assert (found["pictures"], found["images"], found["boxes"], found["refused"]) == (2, 2, 4, [])
    assert {(one["patient"], one["visit"], one["by"]) for one in found["imported"]} == {
        ("K-001", 1, "written from this file")
    }
    films = tmp_path / "films"
    assert sorted(path.name for path in films.iterdir()) == [
        found["scores"],
        "train_P01_LH.dcm",
        "train_P01_RH.dcm",
    ]
    film = dicom.read(films / "train_P01_RH.dcm")
    assert np.array_equal(film.pixels, (GREY % 256 * 4).astype(np.uint16))
    assert film.facts.spacing is not None
    assert (film.facts.spacing.column_mm, film.facts.laterality) == (0.15, "R")
    with (films / found["scores"]).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["joint"], row["erosion"], row["joint_space_narrowing"]) for row in rows] == [
        ("R-PIP2", "2", "3"),
        ("R-MP2", "0", "1"),
        ("L-IP1", "5", ""),
        ("L-PIP2", "0", "0"),
    ]
    with sit_down(tmp_path / "data") as desk:
        boxes = {}
        for image in images_of(desk, desk.study):
            run = Detections(desk.house.database).newest(image.id)
            assert run is not None
            assert run.hands is image.file.facts.hands is not Hands.BOTH
            for one in run.proposals:
                assert (one.marks, one.assessed) == ((), ())
                boxes[str(one.joint)] = one.box
        assert boxes == {
            "R-PIP2": Box(10, 12, 24, 27),
            "R-MP2": Box(11, 40, 26.5, 54),
            "L-IP1": Box(30, 20, 42, 32),
            "L-PIP2": Box(50, 12, 60, 27),
        }
        assert check(desk.house.paths.database, migrations()).problems == ()
    again = within(*bring(tmp_path, made))
    assert (again.code, again.object["images"], again.object["known"]) == (0, 0, 2)


def changed(coco: Path, change: dict[str, object], place: str, index: int) -> None:
    said = json.loads(coco.read_text())
    said[place][index].update(change)
    coco.write_text(json.dumps(said))


def test_what_of_a_set_cannot_be_taken_is_told(tmp_path: Path) -> None:
    coco, mapping, pictures = made = example(tmp_path)
    changed(coco, {"file_name": "../../P01_RH.png"}, "images", 0)
    changed(coco, {"bbox": [100, 100, 5, 5]}, "annotations", 3)
    said = within(*bring(tmp_path, made))
    assert said.code == 1
    assert [(one["file"], one["reason"]) for one in said.object["refused"]] == [
        ("train/P01_LH.png", "Annotation 4 (thumb_ip): The box lies outside the image."),
        (
            "../../P01_RH.png",
            "The name leads out of the folder of the pictures. Correct it in the set.",
        ),
    ]
    assert [path.name for path in (tmp_path / "films").glob("*.dcm")] == ["train_P01_LH.dcm"]
    (pictures / "train" / "P01_LH.png").unlink()
    gone = within(*bring(tmp_path, made)).object["refused"]
    assert gone[-1]["reason"] == "There is no such picture. Check the folder of the pictures."
    assert mapping.exists()


@pytest.mark.parametrize(
    ("picture", "told"),
    [
        (b"GIF89a", "This is no PNG, JPEG, TIFF or BMP file."),
        (b"\x89PNG\r\n\x1a\n", "The picture is damaged."),
        (imagecodecs.png_encode(GREY.astype(np.uint16))[:200], "The picture cannot be decoded."),
        (imagecodecs.png_encode(np.zeros((10, 60), np.uint8)), "The picture is 60 x 10 pixels large"),
        (imagecodecs.png_encode(np.zeros((1, 10001), np.uint8)), "The picture is 10001 x 1 pixels large."),
        (
            imagecodecs.png_encode(np.stack([GREY % 256, GREY % 7, GREY % 99], -1).astype(np.uint8)),
            "The picture is in colour.",
        ),
    ],
)
def test_a_picture_that_cannot_be_taken(tmp_path: Path, picture: bytes, told: str) -> None:
    coco, mapping, pictures = example(tmp_path)
    (pictures / "train" / "P01_RH.png").write_bytes(picture)
    said = within(*bring(tmp_path, (coco, mapping, pictures)))
    assert said.code == 1
    (refused,) = said.object["refused"]
    assert refused["file"] == "train/P01_RH.png"
    assert refused["reason"].startswith(told)


@pytest.mark.parametrize(
    "encode",
    [
        lambda grey: imagecodecs.tiff_encode(grey.astype(np.uint16) * 13),
        lambda grey: imagecodecs.png_encode(grey.astype(np.uint16) * 13),
        lambda grey: imagecodecs.jpeg8_encode(np.stack([grey % 256] * 3, -1).astype(np.uint8), level=100),
    ],
)
def test_other_kinds_of_pictures_and_dark_bone(tmp_path: Path, encode: object) -> None:
    coco, mapping, pictures = example(tmp_path)
    assert callable(encode)
    (pictures / "train" / "P01_RH.png").write_bytes(encode(GREY))
    mapping.write_text(mapping.read_text("utf-8").replace('"bright"', '"dark"', 1), "utf-8")
    assert within(*bring(tmp_path, (coco, mapping, pictures))).code == 0
    film = dicom.read(tmp_path / "films" / "train_P01_RH.dcm")
    assert film.facts.photometric == "MONOCHROME1"
    assert int(film.pixels.max()) > 900


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('wrist = ""', "", "The mapping does not say which joint is 'wrist' in set.json."),
        ('"PIP2"', '"PIP9"', "mapping.toml cannot be read: no such joint: 'R-PIP9'."),
        ('hands = "one"', 'hand = "one"', "mapping.toml cannot be read: 'hand' is no word of a mapping."),
        ("[image]", "[image", "mapping.toml cannot be read: "),
        (r"(P\d+)", "P", "mapping.toml cannot be read: the pattern 'P_' needs one group in brackets."),
        (r"(P\d+)", "(P", "mapping.toml cannot be read: the pattern '(P_' cannot be used"),
        ("name = ", "title = ", "mapping.toml cannot be read: "),
    ],
)
def test_a_mapping_that_does_not_fit(tmp_path: Path, old: str, new: str, told: str) -> None:
    coco, mapping, pictures = example(tmp_path)
    text = mapping.read_text("utf-8")
    assert old in text
    mapping.write_text(text.replace(old, new, 1), "utf-8")
    assert within(*bring(tmp_path, (coco, mapping, pictures))).error.startswith(told)
    assert not (tmp_path / "films").exists()


def test_a_damaged_set(tmp_path: Path) -> None:
    coco, mapping, pictures = example(tmp_path)
    for text in ("{", "[]", '{"images": [{}]}', "\xff"):
        coco.write_text(text, "latin-1")
        assert within(*bring(tmp_path, (coco, mapping, pictures))).error.startswith("set.json cannot be read")
