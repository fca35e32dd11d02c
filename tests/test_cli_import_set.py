"""`knuckle import-set` on a set laid out like RAM-H1200, and scores in files of their own."""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from annotator.domain.geometry import Box
from annotator.domain.joints import Hands
from annotator.imaging import dicom
from annotator.paths import migrations
from annotator.store.check import check
from annotator.store.detections import Detections
from tests.command_line import ROOT, Said, within
from tests.study_fixtures import images_of, sit_down

pytestmark = pytest.mark.usefixtures("qapp")

GREY = (np.arange(80 * 60, dtype=np.uint32).reshape(80, 60) * 7 % 256).astype(np.uint8)
NAMES = (
    "JP_SCGH_P0037_20111021_4039_R.bmp",
    "JP_SCGH_P0037_20111021_4039_L.bmp",
    "JP_SCGH_P0037_20120817_2945_L.bmp",
    "JP_SARC_P0037_20130321_9303_R.bmp",
)
"""Two patients of one number in two centres, the first at two visits."""
FINGERS = ("IP", "MCP-T", "MCP-I", "MCP-M", "MCP-R", "MCP-S", "PIP-I", "PIP-M", "PIP-R", "PIP-S")
JOINTS = ("IP1", "MP1", "MP2", "MP3", "MP4", "MP5", "PIP2", "PIP3", "PIP4", "PIP5")
WRIST = ("R", "U", "L", "S", "Tm", "CMC-T")
EROSION = "SvdH_Scoring/SvdH_BE_Scoring/train/_annotation_be_scores.json"
NARROWING = "SvdH_Scoring/SvdH_JSN_Scoring/train/_annotation_jsn_scores.json"


@dataclass
class MadeUp:
    """A set in a folder; change what is in it, then bring it in."""

    folder: Path
    coco: dict[str, Any]
    scores: dict[str, dict[str, dict[str, Any]]]
    mapping: str

    @property
    def root(self) -> Path:
        return self.folder / "RAM-H1200-v1"

    def write(self) -> None:
        (self.root / "boxes.json").write_text(json.dumps(self.coco))
        (self.root / "train.toml").write_text(self.mapping, "utf-8")
        for name, said in self.scores.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(json.dumps(said))

    def bring(self, *more: str) -> Said:
        return within(
            "import-set", self.root / "boxes.json", "--mapping", self.root / "train.toml",
            "--images", self.root / "Segmentation" / "train", "--out", self.folder / "films",
            "--data", self.folder / "data", "--study", "RAM-H1200", *(more or ("--json",)),
        )  # fmt: skip

    def rows(self, said: Said) -> list[dict[str, str]]:
        table = self.folder / "films" / said.object["scores"]
        with table.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


def box_at(place: int) -> list[int]:
    return [2 + 5 * (place % 10), 3 + 20 * (place // 10), 4, 15]


@pytest.fixture
def ram(tmp_path: Path) -> MadeUp:
    """With the mapping of the guide. Each score tells its image and its site."""
    text = (ROOT / "docs" / "foreign-sets.md").read_text("utf-8").partition("\n## RAM-H1200")[2]
    (mapping,) = re.findall(r"```toml\n(.*?)```", text, re.S)
    categories = (*FINGERS, *WRIST)
    pictures = tmp_path / "RAM-H1200-v1" / "Segmentation" / "train"
    pictures.mkdir(parents=True)
    for number, name in enumerate(NAMES):
        picture = Image.fromarray(GREY + np.uint8(number))
        if number == 1:
            picture.putpalette(bytes(np.repeat(np.arange(256, dtype=np.uint8)[::-1, None], 3, 1)))
        (picture.convert("RGB") if number == 2 else picture).save(pictures / name)
    coco = {
        "images": [{"id": n, "file_name": name, "width": 60, "height": 80} for n, name in enumerate(NAMES)],
        "categories": [
            {"id": 0, "name": "joints", "supercategory": "none"},
            *({"id": 1 + place, "name": code} for place, code in enumerate(categories)),
        ],
        "annotations": [
            {"id": 100 * n + place, "image_id": n, "category_id": 1 + place, "bbox": box_at(place)}
            for n in range(len(NAMES))
            for place in range(len(categories))
        ],
    }
    erosion = {
        name: {f"BE_{code}": n + place % 5 for place, code in enumerate(categories)}
        for n, name in enumerate(NAMES)
    }
    narrowing = {
        name: {f"JSN_{code}": (n + place) % 5 for place, code in enumerate((*FINGERS[1:], "STT", "SC", "SR"))}
        for n, name in enumerate(NAMES)
    }
    return MadeUp(tmp_path, coco, {EROSION: erosion, NARROWING: narrowing}, mapping)


def test_mapping_of_the_guide(ram: MadeUp) -> None:
    ram.write()
    said = ram.bring()
    assert said.code == 0, said.out
    found = said.object
    assert (found["pictures"], found["images"], found["boxes"], found["refused"]) == (4, 4, 40, [])
    nothing = dict.fromkeys(("without_box", "without_image", "other_keys"), 0)
    assert found["score_files"] == {
        "erosion": {"of_boxes": 40, "left_out": 24, **nothing},
        "joint_space_narrowing": {"of_boxes": 36, "left_out": 12, **nothing},
    }
    who = {one["name"]: (one["patient"], one["visit"]) for one in found["imported"]}
    assert who[NAMES[0]] == who[NAMES[1]]
    assert (who[NAMES[0]][1], who[NAMES[2]][1], who[NAMES[3]][1]) == (1, 2, 1)
    assert who[NAMES[0]][0] == who[NAMES[2]][0] != who[NAMES[3]][0]
    with sit_down(ram.folder / "data") as desk:
        images = images_of(desk, desk.study)
        assert len(images) == 4
        for image in images:
            name = Path(image.file.path).with_suffix(".bmp").name
            side = name[-5]
            run = Detections(desk.house.database).newest(image.id)
            assert run is not None
            assert {str(one.joint): one.box for one in run.proposals} == {
                f"{side}-{joint}": Box(x, y, x + width, y + height)
                for place, joint in enumerate(JOINTS)
                for x, y, width, height in [box_at(place)]
            }
            assert all((one.marks, one.assessed) == ((), ()) for one in run.proposals)
            assert image.file.facts.hands is {"R": Hands.RIGHT, "L": Hands.LEFT}[side]
        assert check(desk.house.paths.database, migrations()).problems == ()
    expected = []
    for n, name in enumerate(NAMES):
        for place, (code, joint) in enumerate(zip(FINGERS, JOINTS, strict=True)):
            narrow = "" if code == "IP" else str((n + place - 1) % 5)
            expected.append(
                (name, *map(str, who[name]), f"{name[-5]}-{joint}", code, str(n + place % 5), narrow)
            )
    columns = ("file", "patient_code", "visit", "joint", "category", "erosion", "joint_space_narrowing")
    assert [tuple(row[column] for column in columns) for row in ram.rows(said)] == expected
    again = ram.bring()
    assert (again.code, again.object["images"], again.object["known"]) == (0, 0, 4)


def test_greys_are_those_of_the_pictures(ram: MadeUp) -> None:
    ram.write()
    assert ram.bring().code == 0
    for number, name in enumerate(NAMES):
        film = dicom.read((ram.folder / "films" / name).with_suffix(".dcm"))
        grey = GREY + np.uint8(number)
        assert np.array_equal(film.pixels, (255 - grey if number == 1 else grey).astype(np.uint16) << 2)


def test_scores_without_a_box_are_kept_and_counted(ram: MadeUp) -> None:
    other = "JP_HMCRD_P0001_20200101_0001_L.bmp"
    ram.coco["annotations"].pop(0)  # IP of the first
    erosion = ram.scores[EROSION]
    erosion[NAMES[1]] |= {"BE_DIP-I": "=1+1", "total": 7, "BE_": 3, "BE_PIP-I": None}
    erosion[other] = {"BE_MCP-T": 5, "BE_=x": "-"}
    ram.scores[NARROWING][other] = {"JSN_MCP-T": 4}
    ram.write()
    said = ram.bring()
    assert (said.code, said.object["refused"]) == (0, [])
    assert said.object["score_files"]["erosion"] == {
        "of_boxes": 38, "without_box": 2, "without_image": 2, "left_out": 24, "other_keys": 2,
    }  # fmt: skip
    rows = ram.rows(said)
    loose = [row for row in rows if not row["x0"]]
    assert [
        (row["file"], bool(row["dicom"]), row["joint"], row["category"], row["erosion"]) for row in loose
    ] == [
        (NAMES[0], True, "R-IP1", "IP", "0"),
        (NAMES[1], True, "", "DIP-I", "'=1+1"),
        (other, False, "L-MP1", "MCP-T", "5"),
        (other, False, "", "'=x", "'-"),
    ]
    assert [row["joint_space_narrowing"] for row in loose] == ["", "", "4", ""]
    assert [row["erosion"] for row in rows if (row["file"], row["category"]) == (NAMES[1], "PIP-I")] == [""]
    told = ram.bring("--by", "command line").out.splitlines()
    assert told[told.index("  erosion:") :][:3] == ["  erosion:", "    of_boxes: 38", "    without_box: 2"]


def test_categories_of_other_names_meet_the_scores_at_the_joint(ram: MadeUp) -> None:
    for one in ram.coco["categories"]:
        one["name"] = f"site {one['name']}"
    ram.write()
    assert ram.bring().error == (
        "The mapping does not say which joint is 'site CMC-T', 'site IP', 'site L', 'site MCP-I', "
        "'site MCP-M', 'site MCP-R', 'site MCP-S', 'site MCP-T', 'site PIP-I', 'site PIP-M' in boxes.json."
    )
    assert not (ram.folder / "films").exists()
    more = [*zip(FINGERS, JOINTS, strict=True), *((code, "") for code in WRIST)]
    named = "".join(f'"site {code}" = "{joint}"\n' for code, joint in more)
    ram.mapping = ram.mapping.replace("[joints]\n", f"[joints]\n{named}", 1)
    ram.write()
    said = ram.bring()
    assert (said.code, said.object["score_files"]["erosion"]["of_boxes"]) == (0, 40)
    first = ram.rows(said)[1]
    assert (first["joint"], first["category"], first["erosion"]) == ("R-MP1", "site MCP-T", "1")


def test_scores_that_could_be_of_two_are_told(ram: MadeUp) -> None:
    pictures = ram.root / "Segmentation" / "train"
    for folder, old in (("a", NAMES[0]), ("b", NAMES[3])):
        (pictures / folder).mkdir()
        os.replace(pictures / old, pictures / folder / NAMES[0])
    ram.coco["images"][0]["file_name"] = f"a/{NAMES[0]}"
    ram.coco["images"][3]["file_name"] = f"b/{NAMES[0]}"
    ram.scores[NARROWING][f"b/{NAMES[0]}"] = ram.scores[NARROWING].pop(NAMES[3])
    ram.mapping = ram.mapping.replace("CMC-T = ", 'two = "MP1"\nCMC-T = ')
    ram.scores[EROSION][NAMES[1]]["BE_two"] = 5
    ram.write()
    said = ram.bring()
    assert said.code == 1
    of_several = "Its scores could be of several images of this name."
    assert [(one["file"], one["reason"]) for one in said.object["refused"]] == [
        (NAMES[0], of_several),
        (NAMES[1], "The score of 'two' (erosion) could be of several boxes, or its box has one."),
        (NAMES[0], of_several),
    ]
    assert said.object["boxes"] == 40
    rows = ram.rows(said)
    assert {row["joint_space_narrowing"] for row in rows if row["file"].startswith("a/")} == {""}
    narrow = [row["joint_space_narrowing"] for row in rows if row["file"].startswith("b/")]
    assert narrow == ["", "3", "4", "0", "1", "2", "3", "4", "0", "1"]
    assert [row["erosion"] for row in rows if row["category"] == "two"] == ["5"]


def emptied(ram: MadeUp) -> None:
    (ram.root / EROSION).write_text("{}")


def elsewhere(ram: MadeUp) -> None:
    (ram.folder / "outside.json").write_text("{}")
    (ram.root / EROSION).unlink()
    (ram.root / EROSION).symlink_to(ram.folder / "outside.json")


def in_a_circle(ram: MadeUp) -> None:
    (ram.root / EROSION).unlink()
    (ram.root / EROSION).symlink_to(ram.root / EROSION)


def as_folder(ram: MadeUp) -> None:
    (ram.root / EROSION).unlink()
    (ram.root / EROSION).mkdir()


def as_pipe(ram: MadeUp) -> None:
    (ram.root / EROSION).unlink()
    os.mkfifo(ram.root / EROSION)


def huge(ram: MadeUp) -> None:
    os.truncate(ram.root / EROSION, 64 * 2**20 + 1)


def saying(text: str) -> Callable[[MadeUp], None]:
    def spoil(ram: MadeUp) -> None:
        (ram.root / EROSION).write_text(text, "latin-1")

    return spoil


FILE = "_annotation_be_scores.json"
OUTSIDE = "A file of scores lies outside the folder of the mapping."


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (emptied, f"No score in {FILE} belongs to a box of the set."),
        (elsewhere, OUTSIDE),
        (in_a_circle, OUTSIDE),
        (as_folder, f"There is no file of scores called {FILE}."),
        (as_pipe, f"There is no file of scores called {FILE}."),
        (huge, f"{FILE} cannot be read: it is larger than 64 MB."),
        (saying("{"), f"{FILE} cannot be read: Expecting property name"),
        (saying("\xff"), f"{FILE} cannot be read: it is not text in UTF-8."),
        (saying("[]"), f"{FILE} cannot be read: it is no object with images in it."),
        (saying("[" * 100_000), f"{FILE} cannot be read: maximum recursion depth"),
        (saying('{"a": 1}'), f"{FILE} cannot be read: a is no object with scores in it."),
        (saying('{"a": {}, "a": {}}'), f"{FILE} cannot be read: 'a' is there twice."),
        (saying('{"a": {"BE_R": 1, "BE_R": 2}}'), f"{FILE} cannot be read: 'BE_R' is there twice."),
        (saying('{"a": {"BE_R": NaN}}'), f"{FILE} cannot be read: NaN is no score."),
        (saying('{"a": {"BE_R": true}}'), f"{FILE} cannot be read: the score BE_R is neither a number nor"),
        (saying('{"a": {"BE_R": [1]}}'), f"{FILE} cannot be read: the score BE_R is neither a number nor"),
        (
            saying(f'{{"a": {{"BE_R": "{"x" * 65}"}}}}'),
            f"{FILE} cannot be read: the score BE_R has more than",
        ),
        (saying(f'{{"a": {{"BE_R": {"9" * 5000}}}}}'), f"{FILE} cannot be read: "),
        (saying('{"a": {"BE_R": "\\ud800"}}'), f"{FILE} cannot be read: it has letters that cannot be"),
        (saying('{"a\\u0000": {}}'), f"{FILE} cannot be read: it has letters that cannot be written."),
    ],
)
def test_file_of_scores_that_cannot_be_taken(ram: MadeUp, spoil: Callable[[MadeUp], None], told: str) -> None:
    ram.write()
    spoil(ram)
    assert ram.bring().error.startswith(told)
    assert not (ram.folder / "films").exists()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (EROSION, "../secret.json", OUTSIDE),
        (EROSION, "/etc/passwd", OUTSIDE),
        (EROSION, "C:/scores.json", OUTSIDE),
        (EROSION, "gone.json", "There is no file of scores called gone.json."),
        (EROSION, "a" * 5000, "There is no file of scores called aaa"),
        ("BE_{category}", "ER_{category}", f"No score in {FILE} belongs to a box of the set."),
        ("BE_{category}", "BE_", "train.toml cannot be read: the key 'BE_' needs {category} once."),
        ("[[score_file]]", "[score_file]", "train.toml cannot be read: "),
        ('column = "joint_space_narrowing"', 'column = "erosion"', "train.toml cannot be read: two columns"),
        ('column = "erosion"', 'column = "joint"', "train.toml cannot be read: two columns"),
        ('column = "erosion"', "column = 1", "train.toml cannot be read: column of a score_file is text"),
        ('column = "erosion"', "", "train.toml cannot be read: 'column' is missing."),
        ('column = "erosion"', r'column = "a\u0007"', "train.toml cannot be read: a column cannot be called"),
        ('column = "erosion"', 'columns = "erosion"', "train.toml cannot be read: 'columns' is no word of"),
    ],
)
def test_mapping_of_scores_that_does_not_fit(ram: MadeUp, old: str, new: str, told: str) -> None:
    assert old in ram.mapping
    ram.mapping = ram.mapping.replace(old, new, 1)
    ram.write()
    assert ram.bring().error.startswith(told)
    assert not (ram.folder / "films").exists()


def test_one_table_in_single_brackets(ram: MadeUp) -> None:
    ram.mapping = ram.mapping.rpartition("[[score_file]]")[0].replace("[[score_file]]", "[score_file]")
    ram.write()
    assert ram.bring().error == (
        "train.toml cannot be read: a table of scores begins with [[score_file]], in two brackets."
    )


def test_names_of_another_form_are_told(ram: MadeUp) -> None:
    ram.coco["images"][0]["file_name"] = "0001_0001_L.bmp"
    ram.coco["images"][2]["file_name"] = "JP_SCGH_P0037_20121399_2945_L.bmp"
    ram.coco["annotations"][20]["BE"] = "x"
    ram.write()
    said = ram.bring()
    assert said.code == 1
    assert [(one["file"], one["reason"]) for one in said.object["refused"]] == [
        ("0001_0001_L.bmp", "The mapping finds no patient for it."),
        ("JP_SCGH_P0037_20121399_2945_L.bmp", "Its date is neither YYYY-MM-DD nor YYYYMMDD."),
    ]
    assert said.object["images"] == 2


def test_attributes_and_files_of_scores_beside_each_other(ram: MadeUp) -> None:
    ram.mapping = ram.mapping.replace("[[score_file]]", '[scores]\ngrade = "KL"\n\n[[score_file]]', 1)
    ram.coco["annotations"][0]["KL"] = 2
    ram.coco["annotations"][1]["attributes"] = {"KL": "\ud800"}
    ram.write()
    said = ram.bring()
    assert [(one["file"], one["reason"]) for one in said.object["refused"]] == [
        (NAMES[0], "Annotation 1 (MCP-T): Its scores have letters that cannot be written.")
    ]
    first, *_, last = [row for row in ram.rows(said) if row["file"] == NAMES[0]]
    assert (first["grade"], first["erosion"], first["x0"]) == ("2", "0", "2.0")
    assert (last["category"], last["grade"], last["erosion"], last["x0"]) == ("MCP-T", "", "1", "")
