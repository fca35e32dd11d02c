"""The whole loop from the command line: what is proposed is confirmed and signed, released, learned from,
measured beside the version it began from, brought in, and proposes."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from annotator.domain.decisions import Outcome
from annotator.domain.joints import JOINTS
from annotator.store.detections import Detections
from annotator.workflow.training import Trainings
from detector import load_version, shipped_version
from detector.dataset import read_release
from tests.command_line import ROOT, knuckle, within
from tests.journeys.window_driver import PATIENCE_MS
from tests.study_fixtures import sit_down
from tests.training_samples import end

pytestmark = pytest.mark.usefixtures("qapp")
NAME = "home-1"
QUICK = ("--steps", 2, "--batch", 2, "--epochs", 1, "--checkpoint-every", 2)
"""Two steps from weights that work: what they give still finds joints, so that there is much to compare."""


@pytest.fixture
def own(prepared: Path, tmp_path: Path) -> Iterator[Path]:
    data = shutil.copytree(prepared, tmp_path / "data")
    yield data
    found = Trainings(data / "training")
    for name in found.names():
        end(found.training(name))


def said(*words: object) -> dict[str, Any]:
    """What a command printed that could be done."""
    run = within(*words, "--json")
    assert run.code == 0, run.out + run.err
    return run.object


def read_what_is_proposed(data: Path, name: str, qtbot: QtBot) -> None:
    """A reader takes every proposal of every image as it is, and signs."""
    with sit_down(data, name) as desk:
        sitting, detections = desk.sitting, Detections(desk.house.database)
        for image_id in sitting.worklist.ids:
            with qtbot.waitSignal(sitting.desk.opened, timeout=PATIENCE_MS):
                sitting.open(image_id)
            assert sitting.deciding.accept_rest(sitting.review.rest)
            while sitting.review.waiting:  # what asks for a look of its own
                sitting.review.choose(sitting.review.waiting[0])
                assert sitting.deciding.accept()
            reading = sitting.desk.reading
            assert reading is not None
            assert set(reading.boxes) == set(JOINTS), "the drawn films are easy"
            assert sitting.desk.sign()
            decided = detections.decisions(image_id, desk.person).values()
            assert {decision.outcome for decision in decided} == {Outcome.ACCEPTED}


def runs(data: Path) -> list[tuple[str, str]]:
    """The version of each stored run and its hash, in the order in which they were stored."""
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as database:
        return database.execute(
            "SELECT model_version.name, model_version.sha256 FROM run"
            " JOIN model_version ON model_version.id = run.version_id ORDER BY run.id"
        ).fetchall()


def test_what_readers_confirm_comes_back_as_a_version_that_proposes(
    own: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    shipped = load_version(shipped_version())
    first = said("propose", "--data", own)
    assert (first["version"], len(first["images"])) == (shipped.name, 4)
    read_what_is_proposed(own, "Dr. A", qtbot)
    before = runs(own)
    assert len(before) == 4

    release = tmp_path / "release"
    exported = said("export", "--data", own, "--format", "release", "--out", release)
    assert exported["counts"]["joints"] == 80
    check = [sys.executable, "-m", "detector", "check", str(release)]
    checked = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    learned_from = read_release(release)
    assert learned_from.folds is not None

    begun = knuckle("train", release, "--data", own, "--name", NAME, *QUICK, "--json", home=tmp_path)
    assert (begun.code, begun.object["standing"]) == (0, "running"), begun.err
    trained = said("training", NAME, "--data", own, "--wait")
    assert (trained["standing"], trained["start"], trained["step"]) == ("finished", shipped.name, 2)
    assert trained["validation"] > 0
    compared = trained["comparison"]
    assert (compared["new_name"], compared["active_name"]) == (NAME, shipped.name)
    assert compared["part"].startswith("Fold 1: 2 images, 1 patient, 40 joints")
    chosen, few, seen = compared["warnings"]
    assert chosen.startswith("The new version's thresholds were chosen on these same images")
    assert few == "1 patient is too few to tell a difference from chance."
    assert seen.startswith("80 labels of the release were made by readers who saw")
    figures = {figure["name"]: figure for figure in compared["figures"]}
    assert figures["joints found"]["active"]["value"] == 1, "the labels are what it proposed"
    assert figures["mean IoU"]["active"]["value"] > figures["mean IoU"]["new"]["value"] > 0.3
    held_out = learned_from.folds.patients[0]
    own_images = {image.file for image in learned_from.contents.images if image.patient in held_out}
    assert {image["file"] for image in compared["images"]} <= own_images

    assert said("propose", "--data", own)["version"] == shipped.name, "nothing is activated by itself"
    assert runs(own) == before
    assert said("training", NAME, "--data", own, "--activate", "--by", "Dr. A")["version"]
    new = load_version(Path(trained["version"]))
    last = said("propose", "--data", own)
    assert (last["version"], len(last["images"]), last["refused"]) == (NAME, 4, [])
    assert any(image["joints"] for image in last["images"]), "two steps from a good start unlearn not all"
    assert runs(own) == [*before, *4 * [(NAME, new.sha256)]]
    assert new.sha256 != shipped.sha256
    assert said("check", "--data", own)
