"""`knuckle export` and `knuckle compare-releases`: what is typed, what is printed, how they leave."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from annotator.domain import gestures
from annotator.domain.findings import NotAssessable
from annotator.domain.joints import joint_named
from annotator.exchange import coco
from annotator.imaging.write import CrFacts, write_cr
from annotator.store.readings import Readings
from detector.dataset import faults
from tests.command_line import ROOT, Said, command, elsewhere, interrupted, knuckle, within
from tests.export_samples import change, read_films
from tests.study_fixtures import images_of, sit_down

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(scope="module")
def signed(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prepared data folder; Dr. A has signed all films, Dr. B has read the first. Do not change it."""
    data = shutil.copytree(prepared, tmp_path_factory.mktemp("signed") / "data")
    read_films(data)
    read_films(data, "Dr. B", sign=False, only=1)
    return data


@pytest.fixture
def own(signed: Path, tmp_path: Path) -> Path:
    return shutil.copytree(signed, tmp_path / "data")


def export(data: Path, *more: object) -> Said:
    return within("export", "--data", data, "--json", *more)


def test_a_release_as_it_is_typed_and_printed(own: Path, tmp_path: Path) -> None:
    """In a process of its own."""
    out = tmp_path / "リリース"
    said = knuckle("export", "--data", own, "--format", "release", "--out", out, "--json", home=tmp_path)
    assert (said.code, said.err) == (0, "")
    found = said.object
    assert list(found) == [
        "notice", "out", "sha256", "format", "study", "policy", "audit_position", "counts",
        "left_out_because", "left_out",
    ]  # fmt: skip
    assert found["notice"] == "Research use only, not for diagnosis."
    assert found["policy"] == {
        "readings": "signed",
        "of_one_reader": False,
        "findings": ["ankylosis", "subluxation", "dislocation"],
        "merged": False,
        "uncertain": True,
        "not_assessable": False,
        "seen": True,
    }
    counts = found["counts"]
    assert (counts["images"], counts["patients"], counts["joints"]) == (4, 2, 80)
    assert (found["left_out"], found["study"], found["out"]) == ([], "Hands", str(out))
    assert faults(out) == []
    check = [sys.executable, "-m", "detector", "check", str(out)]
    assert subprocess.run(check, cwd=ROOT, capture_output=True, check=False).returncode == 0


def test_in_lines(own: Path, tmp_path: Path) -> None:
    said = within("export", "--data", own, "--format", "coco", "--out", tmp_path / "out")
    assert said.code == 0
    assert "notice: Research use only, not for diagnosis." in said.out.splitlines()
    assert "  images: 4" in said.out.splitlines()
    dry = within("export", "--data", own, "--format", "coco", "--dry-run", "--readings", "Dr. B").out
    assert "  K-001 visit 2 image 2: not read" in dry.splitlines()


def test_a_dry_run_counts_and_writes_nothing(own: Path, tmp_path: Path) -> None:
    def audited() -> int:
        with closing(sqlite3.connect(own / "knuckle.sqlite")) as database:
            return int(database.execute("SELECT count(*) FROM audit WHERE action = 'export'").fetchone()[0])

    said = export(own, "--format", "release", "--dry-run", "--readings", "Dr. B", "--out", tmp_path / "out")
    found = said.object
    assert said.code == 0
    assert (found["counts"]["images"], found["left_out_because"]) == (1, {"not read": 3})
    assert found["left_out"][0] == {"image": 2, "patient": "K-001", "visit": 2, "reason": "not read"}
    assert not (tmp_path / "out").exists()
    assert audited() == 0
    refused = export(own, "--format", "yolo", "--dry-run", "--readings", "all")
    assert (refused.code, refused.object["refused"]["advice"]) == (
        1,
        "Choose one reader, or the majority.",
    )
    assert audited() == 0


def test_what_a_policy_leaves_out(own: Path, tmp_path: Path) -> None:
    with sit_down(own) as desk:
        reading = Readings(desk.house.database).load(1, desk.person)
    joint = joint_named("R-PIP3")
    change(own, gestures.set_not_assessable(reading, joint, NotAssessable.OVERLAP))

    def joints(name: str, *more: object) -> dict[str, str]:
        assert export(own, "--format", "coco", "--out", tmp_path / name, *more).code == 0
        labels = coco.read(tmp_path / name)[0].joints
        return {label.joint.name: label.not_assessable or "" for label in labels}

    assert "R-PIP3" not in joints("without")
    assert joints("with", "--with-not-assessable")["R-PIP3"] == "overlap"
    several = ("--findings", "ankylosis", "--findings", "Subluxation,dislocation")
    said = export(own, "--format", "csv", "--dry-run", "--merged", *several).object
    assert list(said["counts"]["positives"]) == ["ankylosis", "subluxation"]
    said = export(own, "--format", "csv", "--dry-run", "--without-seen", "--without-uncertain").object
    assert (said["policy"]["seen"], said["policy"]["uncertain"]) == (False, False)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (("--format", "dicom"), "There is no format named dicom."),
        (("--format", "coco", "--findings", "erosion"), "There is no finding named erosion."),
        (("--format", "coco", "--readings", "Nobody"), "Nobody here is known as Nobody."),
        (("--format", "coco", "--study", "Feet"), "There is no study named Feet."),
        (("--format", "coco", "--by", "Dr. B"), "Dr. B may not export a study."),
    ],
)
def test_what_cannot_be(own: Path, tmp_path: Path, typed: tuple[str, ...], told: str) -> None:
    assert export(own, "--out", tmp_path / "out", *typed).error == told
    assert not (tmp_path / "out").exists()


def test_where_to_is_needed(own: Path, tmp_path: Path) -> None:
    assert export(own, "--format", "coco").error == "There is no folder to export into."
    assert export(tmp_path / "new", "--format", "coco", "--out", tmp_path / "o").error == (
        "There is no study yet."
    )


def test_an_interrupted_export_leaves_nothing(tmp_path: Path, qtbot: QtBot) -> None:
    data, films = tmp_path / "data", tmp_path / "films"
    grains = np.random.default_rng(1).integers(0, 1024, (2000, 2000), np.uint16)
    films.mkdir()
    for number in range(20):
        write_cr(films / f"{number}.dcm", np.roll(grains, number), CrFacts(f"grains {number}", "P1"))
        box = {"name": "R-PIP3", "box": [1, 2, 11, 12], "findings": []}
        (films / f"{number}.json").write_text(json.dumps({"joints": [box]}))
    assert within("import", films, "--data", data, "--study", "Hands").code == 0
    read_films(data, sign=False)
    typed = ("export", "--data", data, "--format", "release", "--readings", "all", "--out", tmp_path / "out")
    said = interrupted(
        *typed, "--json", home=tmp_path, begun=lambda: any(tmp_path.glob(".out.*/.made/.out.*")), qtbot=qtbot
    )
    assert (said.code, said.object["error"], said.err) == (130, "Interrupted.", "")
    assert not [path.name for path in tmp_path.iterdir() if "out" in path.name]


def test_a_missing_file_is_named_and_nothing_is_written(own: Path, films: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(films, tmp_path / "moved")
    within("relocate", films, moved, "--data", own)
    (moved / "02-1.dcm").unlink()
    said = export(own, "--format", "release", "--out", tmp_path / "out")
    assert "K-002-visit1-image3" in said.error
    assert not (tmp_path / "out").exists()
    rest = export(own, "--format", "release", "--out", tmp_path / "out", "--without-missing")
    assert (rest.code, rest.object["counts"]["images"]) == (0, 3)


def test_releases_are_compared(own: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    assert export(own, "--format", "release", "--out", first).code == 0
    with sit_down(own) as desk:
        image = images_of(desk, desk.study)[3]
        desk.house.administration.withdraw_image(image, "consent", desk.person)
    assert export(own, "--format", "release", "--out", second).code == 0
    same = within("compare-releases", "--data", own, first, first, "--json")
    assert (same.code, same.object["same"]) == (0, True)
    found = within("compare-releases", "--data", own, first, second, "--json").object
    assert found["images"]["removed"] == ["images/K-002-visit2-image4.png"]
    assert len(found["labels"]["removed"]) == 20
    lines = within("compare-releases", "--data", own, first, second).out
    assert "images/K-002-visit2-image4.png: image removed" in lines
    assert within("compare-releases", "--data", own, first, tmp_path / "no", "--json").error == (
        "no is no release that can be compared: there is no such folder."
    )


def test_a_full_disk_is_told_and_leaves_nothing(own: Path, tmp_path: Path) -> None:
    """No file may grow beyond what the labels need; a picture does."""
    limited = ["sh", "-c", 'ulimit -f 2048 && exec "$@"', "sh"]
    typed = command("export", "--data", own, "--format", "release", "--out", tmp_path / "out", "--json")
    run = subprocess.run(
        [*limited, *typed], cwd=ROOT, env=elsewhere(tmp_path), capture_output=True, text=True, check=False
    )
    assert json.loads(run.stdout)["error"] == "out could not be written: the disk is full.", run.stderr
    assert run.returncode == 1
    assert not [path.name for path in tmp_path.iterdir() if "out" in path.name]
