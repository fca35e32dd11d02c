"""`knuckle demo --headless`: import, propose, confirm and sign, what it prints of that, and its pictures."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from annotator.demonstration import confirm, truth_of
from annotator.domain.annotations import ReadingState
from annotator.domain.joints import JOINTS
from annotator.domain.revealing import RevealPolicy
from annotator.settings import Settings
from annotator.ui.main_window import MainWindow
from annotator.ui.tour import Tour, Truth
from tests.command_line import knuckle
from tests.study_fixtures import Desk, images_of, sit_down

pytestmark = pytest.mark.usefixtures("qapp")

SAMPLED = pytest.mark.xdist_group("sampled")


@SAMPLED
def test_demo_draws_what_it_did(sampled: Path, tmp_path: Path) -> None:
    """The first run is that of the fixture; here is the second, on what the first left."""
    data = shutil.copytree(sampled / "data", tmp_path / "data")
    said = knuckle("demo", "--headless", "--data", data, "--out", tmp_path / "絵", "--json", home=tmp_path)
    assert said.code == 0
    first = json.loads((sampled / "said.json").read_text("utf-8"))
    for found, imported, folder in ((first, 12, sampled / "out"), (said.object, 0, tmp_path / "絵")):
        assert (found["study"], found["images"], found["imported"]) == ("Sample", 12, imported)
        assert (found["version"], found["scan"]) == ("demo-1", "whole")
        assert [row["state"] for row in found["readings"]] == ["signed"] + ["new"] * 11
        assert "Research use only" in found["notice"]
        pictures = [Path(path) for path in found["pictures"]]
        assert len(pictures) >= 3
        for picture in pictures:
            assert picture.parent == folder
            assert picture.read_bytes().startswith(b"\x89PNG")
    assert said.object["read"] == first["read"], "a signed image is not read anew"
    assert not (data / "knuckle.lock").exists()


@SAMPLED
def test_demo_prints_what_was_proposed_accepted_and_right(sampled: Path) -> None:
    found = json.loads((sampled / "said.json").read_text("utf-8"))
    assert found["read"] == {
        "image": "S-001, visit 1",
        "proposed": 20,
        "accepted": 20,
        "truth": {"right_names": 20, "of": 20, "findings_right": 20},
    }
    assert found["readings"][0]["joints"] == "20/20"
    assert found["readings"][0]["findings"] == ["ankylosis", "subluxation"]
    names = [Path(path).stem for path in found["pictures"]]
    assert names == ["1-opened", "2-proposed", "3-accepted", "4-signed", "5-next"]


@SAMPLED
@pytest.mark.parametrize("way", ["a file in its place", "a folder in a picture's place"])
def test_demo_says_where_it_cannot_write(sampled: Path, tmp_path: Path, way: str) -> None:
    data = shutil.copytree(sampled / "data", tmp_path / "data")
    out = tmp_path / "out"
    if way == "a file in its place":
        out.write_text("in the way")
    else:
        (out / "4-signed.png").mkdir(parents=True)
    said = knuckle("demo", "--headless", "--data", data, "--out", out, "--json", home=tmp_path)
    assert "cannot be" in said.error
    assert str(out) in said.error


@SAMPLED
def test_demo_without_an_active_version(sampled: Path, tmp_path: Path) -> None:
    data = shutil.copytree(sampled / "data", tmp_path / "data")
    with sit_down(data, "Demonstration") as desk:
        desk.house.models.versions.deactivate(desk.person)
    said = knuckle("demo", "--headless", "--data", data, "--out", tmp_path, "--json", home=tmp_path)
    assert said.error == "No version of the detector is active."


@contextmanager
def toured(desk: Desk, out: Path) -> Iterator[tuple[MainWindow, Tour, Truth]]:
    """The first image open in a window, and its truth."""
    desk.house.models.bring_shipped(desk.person)
    window = MainWindow(desk.sitting, desk.house.jobs, Settings(), desk.house.paths.window_state)
    window.show()
    tour = Tour(window, out)
    image = images_of(desk, desk.study)[0]
    tour.open(image.id)
    tour.await_proposals()
    yield window, tour, truth_of(Path(image.file.path))
    window.close()
    window.deleteLater()


def test_what_is_not_accepted_at_once_is_accepted_one_by_one(at_desk: Desk, tmp_path: Path) -> None:
    with toured(at_desk, tmp_path) as (window, tour, truth):
        asked = []

        def refuse(title: str, _text: str, _yes: str) -> bool:
            asked.append(title)
            return False

        window.messages.asker = refuse
        confirm(tour, window, truth)
        reading, decisions = at_desk.sitting.desk.reading, at_desk.sitting.review.standing.decisions
    assert asked == ["Accept the rest"]
    assert reading is not None
    assert (reading.state, len(decisions)) == (ReadingState.COMPLETE, 20)


def test_what_is_missing_is_drawn(at_desk: Desk, tmp_path: Path) -> None:
    """Two proposals were rejected before: their joints are boxed by hand."""
    with toured(at_desk, tmp_path) as (window, tour, truth):
        review = at_desk.sitting.review
        for joint in JOINTS[:2]:
            review.choose(review.by_joint[joint])
            tour.press("delete_box")
        confirm(tour, window, truth)
        reading = at_desk.sitting.desk.reading
    assert reading is not None
    assert reading.state is ReadingState.COMPLETE
    drawn = [joint for joint, said in reading.annotations.items() if said.origin is None]
    assert set(drawn) == set(JOINTS[:2])
    for joint, findings in truth.findings.items():
        assert tuple(mark.finding for mark in reading.of(joint).marks) == findings


def test_where_proposals_are_shown_later_all_is_read_by_hand(at_desk: Desk, tmp_path: Path) -> None:
    studies = at_desk.house.administration.studies
    studies.set_reveal_policy(at_desk.study.id, RevealPolicy.SIGNED, at_desk.person)
    with toured(at_desk, tmp_path) as (window, tour, truth):
        confirm(tour, window, truth)
        reading = at_desk.sitting.desk.reading
    assert reading is not None
    assert reading.state is ReadingState.COMPLETE
    assert all(said.origin is None for said in reading.annotations.values())
