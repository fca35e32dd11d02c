"""A release as it is written: sound to the detector's checker whatever is in it, whole or not at all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joints import joint_named
from annotator.exchange import release
from annotator.exchange.labels import LabelledImage, LabelledJoint
from annotator.exchange.release import Film
from annotator.workflow.detection import fold_patients
from detector import png
from detector.dataset import Displacement, FaultKind, ReleaseJoint, faults, read_release
from detector.release.text import annotations_bytes
from tests.exchange.label_samples import labels

ROOT = Path(__file__).resolve().parents[2]
FINGER, THUMB = joint_named("R-PIP3"), joint_named("L-IP1")
WIDTH, HEIGHT = 60, 40


def pixels(seed: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint16]:
    return np.random.default_rng(seed).integers(0, 65536, (height, width), np.uint16)


def film(number: int, *joints: LabelledJoint, patient: str = "K-001") -> Film:
    image = LabelledImage(f"{patient}-{number}.png", WIDTH, HEIGHT, patient, 1, joints)
    return Film(image, release.picture(pixels(number)), 0.15, True, 7 * number)


def said(*marks: Mark, box: Box | None = None, **more: object) -> LabelledJoint:
    known: dict[str, object] = {"confirmed": True, **more}
    return replace(LabelledJoint(FINGER, box or Box(1, 2, 11.5, 12), marks), **known)  # type: ignore[arg-type]


def write(out: Path, films: Iterable[Film]) -> None:
    release.write(out, films, fold_patients, lambda: {"source": "a test"})


def joint_of(folder: Path, label: LabelledJoint) -> ReleaseJoint:
    """As what the detector takes a label."""
    write(folder / "out", [film(1, label)])
    assert faults(folder / "out") == []
    ((joint,),) = (image.joints for image in read_release(folder / "out").images)
    return joint


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 9))
def test_picture_is_what_the_detector_reads(width: int, height: int, seed: int) -> None:
    made = pixels(seed, width, height)
    assert np.array_equal(png.decode(release.picture(made)), made)


def test_picture_that_is_none() -> None:
    wrong: list[NDArray[Any]] = [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.uint16)]
    for pixels_of_it in wrong:
        with pytest.raises(ValueError, match="no 16-bit gray picture"):
            release.picture(pixels_of_it)


ANKYLOSED, SUBLUXED, DISLOCATED = (Mark(finding) for finding in Finding)
PROBABLY = Mark(Finding.ANKYLOSIS, Certainty.PROBABLE)
BOTH = frozenset({Finding.SUBLUXATION, Finding.DISLOCATION})


@pytest.mark.parametrize(
    ("label", "ankylosis", "displacement", "certainty"),
    [
        (said(), False, "none", None),
        (said(ANKYLOSED), True, "none", "certain"),
        (said(PROBABLY, DISLOCATED), True, "dislocation", "probable"),
        (said(SUBLUXED, unsaid=frozenset({Finding.DISLOCATION})), False, "subluxation", "certain"),
        (said(unsaid=frozenset({Finding.DISLOCATION})), False, "none", None),
        (said(ANKYLOSED, unsaid=BOTH), True, None, "certain"),
        (said(unsaid=frozenset(Finding)), None, None, None),
        (said(not_assessable=NotAssessable.OVERLAP), None, None, None),
        (said(ANKYLOSED, confirmed=False), True, None, "certain"),
        (replace(said(), joint=THUMB), False, None, None),
    ],
)
def test_what_is_said_of_a_joint(
    label: LabelledJoint,
    ankylosis: bool | None,
    displacement: str | None,
    certainty: str | None,
    tmp_path: Path,
) -> None:
    joint = joint_of(tmp_path, label)
    expected = None if displacement is None else Displacement(displacement)
    assert (joint.ankylosis, joint.displacement, joint.certainty) == (ankylosis, expected, certainty)
    assert joint.box == (1.0, 2.0, 11.5, 12.0)


def test_joint_without_a_box_has_no_place(tmp_path: Path) -> None:
    gone = LabelledJoint(THUMB, not_assessable=NotAssessable.AMPUTATED)
    assert joint_of(tmp_path, said()).name == "R-PIP3"
    write(tmp_path / "bare", [film(1, said(), gone)])
    assert [joint.name for joint in read_release(tmp_path / "bare").images[0].joints] == ["R-PIP3"]


AS_BEFORE = (
    '{"format": "knuckle-release", "version": 1,\n "test": [],\n "images": [\n'
    '  {"file": "images/K-001-1.png", "patient": "K-001", "visit": 1, "width": 60, "height": 40, '
    '"spacing_mm": 0.15, "right_on_left": true, "joints": [\n'
    '   {"name": "R-PIP3", "box": [1.0, 2.0, 11.5, 12.0], "ankylosis": false, "displacement": "none", '
    '"certainty": null}\n  ]}\n]}\n'
)


def test_places_of_which_nothing_is_said(tmp_path: Path) -> None:
    """Those of no place leave the bytes as they were before there were any."""
    places = Box(20, 2, 30.5, 12), Box(0, 0, WIDTH, HEIGHT)
    write(tmp_path / "without", [film(1, said())])
    assert (tmp_path / "without" / "annotations.json").read_text("utf-8") == AS_BEFORE
    write(tmp_path / "out", [replace(film(1, said()), ignored=places), film(2, said(), patient="K-002")])
    assert faults(tmp_path / "out") == []
    first, second = read_release(tmp_path / "out").images
    assert (first.ignored, second.ignored) == (((20, 2, 30.5, 12), (0, 0, WIDTH, HEIGHT)), ())
    assert (
        annotations_bytes(read_release(tmp_path / "out").contents)
        == (tmp_path / "out" / "annotations.json").read_bytes()
    ), "the detector writes them alike"


@st.composite
def any_films(draw: st.DrawFn) -> list[Film]:
    made = []
    for number in range(draw(st.integers(1, 6))):
        chosen = draw(st.lists(st.integers(0, 19), unique=True, max_size=4))
        patient = f"K-{draw(st.integers(1, 4)):03d}"
        made.append(film(number, *(draw(labels(index, WIDTH, HEIGHT)) for index in chosen), patient=patient))
    return made


@settings(max_examples=40)
@given(any_films())
def test_checker_finds_nothing_wrong(films: list[Film]) -> None:
    with TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        write(out, films)
        assert faults(out) == []
        made = read_release(out)
        assert (made.folds is None) == (len({film.labelled.patient_code for film in films}) == 1)
        days = made.manifest.about["days_since_first_visit"]
        assert days == {f"images/{one.labelled.file_name}": one.days for one in films}


def spoil_picture(out: Path) -> None:
    path = next((out / "images").iterdir())
    path.write_bytes(release.picture(pixels(99)))


def lose_picture(out: Path) -> None:
    next((out / "images").iterdir()).unlink()


def edit_labels(out: Path) -> None:
    text = (out / "annotations.json").read_text("utf-8")
    (out / "annotations.json").write_text(text.replace('"ankylosis": false', '"ankylosis": true', 1))


def add_picture(out: Path) -> None:
    (out / "images" / "mine.png").write_bytes(release.picture(pixels(98)))


@pytest.mark.parametrize(
    ("do", "kind"),
    [
        (spoil_picture, FaultKind.CHANGED),
        (lose_picture, FaultKind.MISSING),
        (edit_labels, FaultKind.CHANGED),
        (add_picture, FaultKind.EXTRA),
    ],
)
def test_what_was_done_by_hand_is_found(do: object, kind: FaultKind, tmp_path: Path) -> None:
    write(tmp_path / "out", [film(1, said()), film(2, said(), patient="K-002")])
    assert callable(do)
    do(tmp_path / "out")
    assert [fault.kind for fault in faults(tmp_path / "out")] == [kind]


def test_a_picture_is_in_it_once(tmp_path: Path) -> None:
    same = replace(film(2, said()), png=film(1).png)
    with pytest.raises(KnuckleError, match=r"K-001-2\.png is the same picture as K-001-1\.png"):
        write(tmp_path / "out", [film(1, said()), same])
    assert list(tmp_path.iterdir()) == []


def test_about_is_asked_when_all_is_written(tmp_path: Path) -> None:
    written: list[int] = []
    about = lambda: {"images": len(written)}  # noqa: E731
    films = [film(1, said()), film(2, said())]
    release.write(tmp_path / "out", films, fold_patients, about, on_image=written.append)
    assert written == [1, 2]
    assert read_release(tmp_path / "out").manifest.about["images"] == 2


def test_folds_are_asked_of_counts(tmp_path: Path) -> None:
    asked: list[dict[str, tuple[int, int, int]]] = []

    def divide(counts: object, seed: int) -> Sequence[Sequence[str]]:
        assert isinstance(counts, dict)
        asked.append(counts)
        return [["K-001"], ["K-002"]]

    films = [film(1, said(ANKYLOSED, SUBLUXED)), film(2, said()), film(3, said(DISLOCATED), patient="K-002")]
    release.write(tmp_path / "out", films, divide, dict)
    assert asked == [{"K-001": (2, 1, 1), "K-002": (1, 0, 1)}]
    assert json.loads((tmp_path / "out" / "folds.json").read_text())["folds"] == [["K-001"], ["K-002"]]


def test_films_are_taken_one_by_one(tmp_path: Path) -> None:
    """The next one once the picture before it is there."""

    def films() -> Iterator[Film]:
        for number in range(4):
            assert len(list(tmp_path.glob(".out.*/images/*.png"))) == number
            yield film(number, said())

    write(tmp_path / "out", films())


FULL = """
import resource, sys
from pathlib import Path
from annotator.domain.errors import KnuckleError
from tests.exchange.test_release import film, said, write
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
try:
    write(Path(sys.argv[1]) / "out", [film(1, said()), film(2, said())])
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
    assert run.stdout.splitlines() == ["out could not be written: the disk is full."], run.stderr
    assert list(tmp_path.iterdir()) == []
