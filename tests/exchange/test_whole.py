"""There whole or not at all, and never anywhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding, Mark, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.images import Image
from annotator.domain.joints import joint_named
from annotator.domain.revealing import Seen
from annotator.exchange import names
from annotator.exchange.labels import LabelledImage, LabelledJoint, labelled, labels_of
from annotator.exchange.whole import whole_file, whole_folder
from tests.store.store_samples import film as imported

ROOT = Path(__file__).resolve().parents[2]

FULL = """
import resource, sys
from pathlib import Path
from annotator.domain.errors import KnuckleError
from annotator.exchange import coco, table, voc, yolo
from tests.exchange.label_samples import film
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
for form in (coco, table, voc, yolo):
    try:
        form.write(Path(sys.argv[1]) / "out", map(film, range(1, 30)))
    except KnuckleError as error:
        print(error.message)
"""


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.stdout.splitlines() == ["out could not be written: the disk is full."] * 4, run.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("taken", ["file", "full folder", "link", "link to nothing"])
def test_what_is_there_is_never_replaced(taken: str, tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    if taken == "file":
        out.write_text("mine")
    elif taken == "full folder":
        (out / "a").mkdir(parents=True)
    else:
        out.symlink_to(elsewhere if taken == "link" else tmp_path / "nothing")
    for whole in (whole_folder, whole_file):
        with pytest.raises(KnuckleError, match="there already"), whole(out):
            raise AssertionError("was let in")
    assert {path.name for path in tmp_path.iterdir()} == {"elsewhere", "out"}


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    for whole in (whole_folder, whole_file):
        with (
            pytest.raises(KnuckleError, match="There is no folder nowhere"),
            whole(tmp_path / "nowhere" / "a"),
        ):
            raise AssertionError("was let in")


def test_a_file_is_there_when_it_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "out.dcm"
    with whole_file(out) as part:
        part.write_bytes(b"whole")
        assert not out.exists()
    assert out.read_bytes() == b"whole"
    with pytest.raises(ZeroDivisionError), whole_file(tmp_path / "b") as part:
        part.write_bytes(bytes(1 // 0))
    assert [path.name for path in tmp_path.iterdir()] == ["out.dcm"]


@pytest.mark.parametrize(
    "name",
    [
        *(
            "",
            ".",
            "..",
            "../x",
            "../../x.png",
            "/etc/passwd",
            "a/b",
            "a\\b",
            "..\\x",
            "C:x",
            "C:\\x",
            "~/.ssh/x/",
        ),
        *("nul", "NUL.png", "con.txt.png", "COM1", "LPT9.xml", "com¹.png", "aux .png", "CONIN$"),
        *(
            "a.",
            "a ",
            " a",
            ".a",
            "a\nb",
            "a\0",
            "a\x7fb",
            "a\ud800",
            "a?",
            "a*",
            'a"',
            "a|b",
            "<a>",
            "a" * 121,
        ),
    ],
)
def test_name_that_is_not_sound(name: str) -> None:
    assert not names.is_sound(name)
    with pytest.raises(ValueError, match="cannot name"):
        LabelledImage(name, 10, 10)
    assert names.is_sound(names.sound(name))


@given(st.text(max_size=300))
def test_every_text_gives_a_sound_name(text: str) -> None:
    made = names.sound(text)
    assert names.is_sound(made)
    assert names.sound(made) == made
    assert Path("folder", made).resolve().parent == Path("folder").resolve()
    if names.is_sound(text) and text.isascii():
        assert made == text


def test_image_is_named_by_its_code_alone() -> None:
    image = Image(17, 1, "../../K-001", 2, imported(1, path="/films/YAMADA^Taro.dcm"))
    named = labelled(image, [])
    assert named.file_name == "_.._K-001-visit2-image17.png"
    assert (named.width, named.height, named.patient_code, named.visit) == (2010, 1670, "../../K-001", 2)


def test_labels_of_a_reading() -> None:
    finger, thumb, gone, dot = map(joint_named, ("R-PIP3", "L-IP1", "L-MP2", "L-MP3"))
    box = Box(1, 2, 3, 4)
    labels = (
        JointAnnotation(thumb, box, origin=3),
        JointAnnotation(finger, box, (Mark(Finding.ANKYLOSIS),), confirmed=True, comment="private"),
        JointAnnotation(gone, not_assessable=NotAssessable.AMPUTATED),
        JointAnnotation(dot, comment="nothing said"),
    )
    reading = Reading(1, 1, ImageFacts(), {label.joint: label for label in labels})
    made = labels_of(reading, "Reader 1")
    assert made == (
        LabelledJoint(finger, box, (Mark(Finding.ANKYLOSIS),), None, True, "Reader 1", Seen.NO),
        LabelledJoint(thumb, box, (), None, False, "Reader 1", Seen.NO),
        LabelledJoint(gone, None, (), NotAssessable.AMPUTATED, False, "Reader 1", Seen.NO),
    )


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: LabelledJoint(joint_named("L-IP1"), Box(0, 0, 1, 1), (Mark(Finding.SUBLUXATION),)),
        lambda: LabelledJoint(joint_named("L-IP1"), reader="a\nb"),
        lambda: LabelledImage("a", 10, 10, joints=(LabelledJoint(joint_named("L-IP1"), Box(0, 0, 11, 1)),)),
        lambda: LabelledImage("a", 10, 10, joints=(LabelledJoint(joint_named("L-IP1")),) * 2),
        lambda: LabelledImage("a", 0, 10),
        lambda: LabelledImage("a", 10, 10, "K\r\n"),
    ],
)
def test_label_that_cannot_be_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match=r".+"):
        wrong()
