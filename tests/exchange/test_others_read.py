"""Other people's readers find in every file what was written, by their own rules."""

from __future__ import annotations

import csv
import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
from torchvision.datasets import VOCDetection
from torchvision.ops import box_convert

from annotator.domain.errors import KnuckleError
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS
from annotator.exchange import coco, table, voc, yolo
from tests.exchange.label_samples import HEIGHT, WIDTH, boxes, empty, film

FILMS = (film(1), film(2))


@pytest.fixture
def opened(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> COCO:
    """As pycocotools opens it, which is talkative."""
    coco.write(tmp_path / "out", [*FILMS, empty()])
    made = COCO(str(tmp_path / "out" / "annotations.json"))
    capsys.readouterr()
    return made


def test_pycocotools_finds_images_joints_and_boxes(opened: COCO) -> None:
    assert [image["file_name"] for image in opened.loadImgs(opened.getImgIds())] == [
        *(image.file_name for image in FILMS),
        "empty 9.png",
    ]
    named = {category["id"]: category["name"] for category in opened.loadCats(opened.getCatIds())}
    assert list(named.values()) == [joint.name for joint in JOINTS]
    assert opened.getAnnIds(imgIds=[3]) == []
    for number, image in enumerate(FILMS, 1):
        found = opened.loadAnns(opened.getAnnIds(imgIds=[number]))
        assert len(found) == 19
        for one in found:
            x, y, width, height = one["bbox"]
            expected = boxes(image)[named[one["category_id"]]]
            assert (x, y, x + width, y + height) == pytest.approx(expected.corners, abs=1e-9)
            assert one["area"] == pytest.approx(expected.area)
    (ankylosed,) = opened.loadAnns(opened.getAnnIds(imgIds=[1], catIds=[1]))
    assert ankylosed["attributes"] == {
        "ankylosis": "probable",
        "subluxation": "",
        "dislocation": "",
        "not_assessable": "",
        "confirmed": "yes",
        "reader": "Reader 1",
        "seen_model": "yes",
    }


def test_pycocotools_evaluates_the_boxes_against_themselves(
    opened: COCO, capsys: pytest.CaptureFixture[str]
) -> None:
    scored = [{**one, "score": 1.0} for one in opened.loadAnns(opened.getAnnIds())]
    evaluation = COCOeval(opened, opened.loadRes(scored), "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    capsys.readouterr()
    assert evaluation.stats[0] == pytest.approx(1.0)


def test_torchvision_parses_voc(tmp_path: Path) -> None:
    voc.write(tmp_path / "out", [*FILMS, empty()])
    for image in FILMS:
        path = tmp_path / "out" / "Annotations" / f"{Path(image.file_name).stem}.xml"
        parsed = VOCDetection.parse_voc_xml(ET.parse(path).getroot())["annotation"]
        assert parsed["filename"] == image.file_name
        assert parsed["size"] == {"width": str(WIDTH), "height": str(HEIGHT), "depth": "1"}
        assert len(parsed["object"]) == 19
        for thing in parsed["object"]:
            expected = boxes(image)[thing["name"]]
            ends = {name: int(value) for name, value in thing["bndbox"].items()}
            assert ends["xmin"] - 1 == pytest.approx(expected.x0, abs=0.5)
            assert ends["ymin"] - 1 == pytest.approx(expected.y0, abs=0.5)
            assert ends["xmax"] == pytest.approx(expected.x1, abs=0.5)
            assert ends["ymax"] == pytest.approx(expected.y1, abs=0.5)
    bare = ET.parse(tmp_path / "out" / "Annotations" / "empty 9.xml").getroot()
    assert VOCDetection.parse_voc_xml(bare)["annotation"]["object"] == []


def strict_voc(path: Path) -> dict[str, tuple[int, int, int, int]]:
    """The kit's own rule: whole pixels from 1 to the size, flags 0 or 1, mandatory elements once."""
    root = ET.parse(path).getroot()
    assert root.tag == "annotation"
    once = ("folder", "filename", "source/database", "size/width", "size/height", "size/depth", "segmented")
    assert all(len(root.findall(path)) == 1 for path in once)
    size = [int(root.findtext(f"size/{name}", "")) for name in ("width", "height")]
    found = {}
    for thing in root.findall("object"):
        for name in ("name", "pose", "truncated", "difficult", "bndbox"):
            assert len(thing.findall(name)) == 1
        assert {thing.findtext("truncated"), thing.findtext("difficult")} <= {"0", "1"}
        ends = [thing.findtext(f"bndbox/{end}", "") for end in ("xmin", "ymin", "xmax", "ymax")]
        assert all(re.fullmatch("[1-9][0-9]*", end) for end in ends)
        x0, y0, x1, y1 = map(int, ends)
        assert 1 <= x0 <= x1 <= size[0]
        assert 1 <= y0 <= y1 <= size[1]
        found[thing.findtext("name", "")] = (x0, y0, x1, y1)
    return found


def test_voc_keeps_the_kits_rule_at_the_edges_too(tmp_path: Path) -> None:
    corners = (
        Box(0, 0, WIDTH, HEIGHT),
        Box(0, 0, 0.3, 0.3),
        Box(WIDTH - 0.3, HEIGHT - 0.3, WIDTH, HEIGHT),
        Box(10.5, 11.5, 12.5, 13.5),
        Box(10.2, 10.2, 10.4, 10.4),
    )
    joints = [type(label)(label.joint, box) for label, box in zip(film().joints, corners, strict=False)]
    image = type(film())("a.png", WIDTH, HEIGHT, joints=tuple(joints))
    voc.write(tmp_path / "out", [image, film()])
    found = strict_voc(tmp_path / "out" / "Annotations" / "a.xml")
    assert list(found.values()) == [
        (1, 1, WIDTH, HEIGHT),
        (1, 1, 1, 1),
        (WIDTH, HEIGHT, WIDTH, HEIGHT),
        (11, 13, 12, 14),
        (11, 11, 11, 11),
    ]
    assert len(strict_voc(tmp_path / "out" / "Annotations" / "K-001-visit1-image1.xml")) == 19


def test_voc_with_fractions_and_beyond_the_edge_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(
        "<annotation><filename>a.png</filename><size><width>100</width><height>80</height></size>"
        "<object><name>R-MCP2</name><bndbox><ymin>1</ymin><xmin>91.5</xmin><xmax>120</xmax><ymax>80.25</ymax>"
        "</bndbox></object></annotation>"
    )
    (image,) = voc.read(path)
    assert boxes(image) == {"R-MP2": Box(90.5, 0, 100, 80)}
    path.write_text('<!DOCTYPE a [<!ENTITY b "b">]>' + path.read_text())
    with pytest.raises(KnuckleError, match="document type"):
        voc.read(path)


def test_yolo_reads_as_its_documentation_says(tmp_path: Path) -> None:
    """docs.ultralytics.com/datasets/detect: class x_center y_center width height, normalised 0 to 1, classes
    from 0, one file an image under labels/, none of the checks of verify_image_label failing."""
    yolo.write(tmp_path / "out", [*FILMS, empty()])
    names = dict(re.findall(r"^  (\d+): (\S+)$", (tmp_path / "out" / "data.yaml").read_text(), re.MULTILINE))
    assert list(names.values()) == [joint.name for joint in JOINTS]
    assert list(map(int, names)) == list(range(20))
    for image in FILMS:
        path = tmp_path / "out" / "labels" / (image.file_name.rsplit(".", 1)[0] + ".txt")
        rows = np.array([line.split() for line in path.read_text().strip().splitlines()], dtype=np.float64)
        assert rows.shape == (19, 5)
        assert rows.min() >= 0
        assert rows[:, 1:].max() <= 1
        assert len(np.unique(rows, axis=0)) == len(rows)
        scale = torch.tensor([WIDTH, HEIGHT, WIDTH, HEIGHT], dtype=torch.float64)
        corners = box_convert(torch.from_numpy(rows[:, 1:]) * scale, "cxcywh", "xyxy").tolist()
        for number, found in zip(rows[:, 0], corners, strict=True):
            assert found == pytest.approx(boxes(image)[names[str(int(number))]].corners, abs=1e-4)
    assert (tmp_path / "out" / "labels" / "empty 9.txt").read_bytes() == b""


@pytest.mark.parametrize(
    "said",
    [
        "names: [L-MP5, 'R-PIP3']\nnc: 2\n",
        'names:\n  [ "L-MP5",\n "R-PIP3" ]\n',
        "path: .\nnames:\n  - L-MP5\n  - R-PIP3\nnc: 2\n",
        "path: .\nnames:\n- L-MP5\n- 'R-PIP3'\nnc: 2\n",
        "names:\n  0: L-MP5\n  1: R-PIP3\ntrain: images\n",
    ],
)
def test_somebody_elses_yolo_is_read_by_its_own_classes(said: str, tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "data.yaml").write_text(said)
    (tmp_path / "labels" / "b.txt").write_text("1 0.5 0.5 0.5 0.25\n\n0 0.9 0.5 0.4 0.25\n")
    (image,) = yolo.read(tmp_path, {"b.png": (100, 80)})
    assert boxes(image) == {"R-PIP3": Box(25, 30, 75, 50), "L-MP5": Box(70, 30, 100, 50)}
    assert image.joints[0].seen is None


@pytest.mark.parametrize(
    ("names", "rows", "reason"),
    [
        ("names:\n  1: R-MP2\n", "", "from 0 on"),
        ("names:\n  0: cat\n", "", "no such joint"),
        ("nc: 3\n", "", "does not name"),
        ("names: [R-MP2]\n", "1 0.5 0.5 0.5 0.5", "line 1: no class"),
        ("names: [R-MP2]\n", "0 0.5 0.5 0.5", "4 values"),
        ("names: [R-MP2]\n", "0 0.5 0.5 nan 0.5", "no number"),
        ("names: [R-MP2]\n", "0 1.5 0.5 0.1 0.1", "beyond the image"),
        ("names: [R-MP2]\n", "0 0.5 0.5 0.5 0.5\n0 0.5 0.5 0.5 0.5", "two labels"),
    ],
)
def test_yolo_that_cannot_be_meant_is_told(names: str, rows: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "labels").mkdir()
    (tmp_path / "data.yaml").write_text(names)
    (tmp_path / "labels" / "b.txt").write_text(rows)
    with pytest.raises(KnuckleError, match=reason):
        yolo.read(tmp_path, {"b.png": (100, 80)})


def test_yolo_of_an_image_that_is_not_there_is_told(tmp_path: Path) -> None:
    yolo.write(tmp_path / "out", [film(1)])
    with pytest.raises(KnuckleError, match="not known"):
        yolo.read(tmp_path / "out", {"other.png": (10, 10)})
    with pytest.raises(KnuckleError, match="No such file"):
        yolo.read(tmp_path / "out", {film(1).file_name: (2010, 1670), "other.png": (10, 10)})


def test_yolo_has_no_place_for_two_readers(tmp_path: Path) -> None:
    one, other = film(reader="A"), film(reader="B")
    both = type(one)("a.png", WIDTH, HEIGHT, joints=one.joints + other.joints)
    with pytest.raises(KnuckleError, match="two readers"):
        yolo.write(tmp_path / "out", [both])
    for form in (coco, voc, table):
        form.write(tmp_path / form.__name__, [both])
        (back,) = form.read(tmp_path / form.__name__)
        assert len(back.joints) == 40


def test_box_taken_out_of_yolo_is_gone(tmp_path: Path) -> None:
    yolo.write(tmp_path / "out", [film()])
    (path,) = (tmp_path / "out" / "labels").iterdir()
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    (image,) = yolo.read(tmp_path / "out")
    assert boxes(image).keys() == boxes(film()).keys() - {"R-IP1"}


def test_csv_is_a_table_that_runs_nothing(tmp_path: Path) -> None:
    joints = [type(label)(label.joint, label.box, reader="=1+1") for label in film().joints[:3]]
    image = type(film())("@a.png", WIDTH, HEIGHT, "-2", 1, tuple(joints))
    table.write(tmp_path / "out", [image, empty()])
    data = (tmp_path / "out" / "labels.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbffile,width,height,")
    assert data.count(b"\r\n") == data.count(b"\n") == 5
    rows = list(csv.reader(data.decode("utf-8-sig").splitlines()))
    assert {len(row) for row in rows} == {len(table.COLUMNS)}
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row)
    assert rows[1][:6] == ["'@a.png", "2010", "1670", "'-2", "1", "R-IP1"]
    assert [float(cell) for cell in rows[1][6:10]] == list(boxes(image)["R-IP1"].corners)
    assert all(a[-1] == b[-1] == "Research use only, not for diagnosis." for a, b in pairwise(rows[1:]))


@pytest.mark.parametrize(
    "text", ["", "a", "=cmd|' /C calc'!A0", "'=a", "''", "'a", "＝1", "-", "\t=", "\r\n"]
)
def test_what_is_made_harmless_is_meant_again(text: str) -> None:
    assert table.as_meant(table.harmless(text)) == text
    assert not table.harmless(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
