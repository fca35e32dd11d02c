"""`knuckle train` and `knuckle training`: a tiny version from two drawn radiographs, without a window."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.app import open_house
from annotator.domain.people import Role
from annotator.workflow.training import Training, Trainings
from tests.command_line import Said, knuckle, within
from tests.training_samples import end, make_release

pytestmark = pytest.mark.usefixtures("qapp")
TINY = ("--steps", 3, "--batch", 2, "--width", 0.05, "--start", "random", "--checkpoint-every", 1)
LONG = ("--steps", 5000, "--epochs", 5000, *TINY[2:])
MS = 60_000


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(tmp_path_factory.mktemp("release") / "release")


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "data"
    found = Trainings(tmp_path / "data" / "training")
    for name in found.names():
        end(found.training(name))


def training(data: Path, *words: object) -> Said:
    return within("training", *words, "--data", data, "--json")


def test_trained_measured_compared_and_activated(release: Path, data: Path) -> None:
    said = within("train", release, "--data", data, *TINY, "--name", "second", "--wait", "--json")
    assert (said.code, said.err) == (0, "")
    found = said.object
    assert (found["name"], found["standing"], found["stage"]) == ("second", "finished", "done")
    assert (found["start"], found["preset"], found["release"]) == ("random", "small", str(release))
    assert (found["step"], found["steps"], found["finding"]) == (3, 3, "subluxation")
    assert found["validation"] > 0
    compared = found["comparison"]
    assert (compared["new_name"], compared["active_name"]) == ("second", "demo-1")
    assert compared["part"].startswith("Fold 1: 1 image, 1 patient, 20 joints")
    rate = next(figure for figure in compared["figures"] if figure["name"] == "joints found")
    assert rate["new"]["value"] <= rate["active"]["value"]
    assert compared["images"], "a network of three steps is none"
    assert active(data) == "demo-1", "nothing is activated by itself"

    assert training(data, "second").object == found
    listed = {"name": "second", "standing": "finished", "stage": "done"}
    assert training(data).object == {"trainings": [listed]}
    lines = within("training", "second", "--data", data).out
    assert "second beside demo-1: 9" in lines
    assert "joints found: " in lines
    assert ", worse" in lines
    assert training(data, "second", "--bring").code == 0
    assert active(data) == "demo-1"
    assert training(data, "second", "--activate", "--by", "Dr. A").code == 0
    assert active(data) == "second"
    assert "is finished" in training(data, "second", "--resume").error


def active(data: Path) -> str:
    with open_house(data) as house:
        version = house.models.versions.active()
    return "" if version is None else version.name


def test_begun_in_one_process_and_ended_in_another(release: Path, data: Path, qtbot: QtBot) -> None:
    begun = knuckle("train", release, "--data", data, *LONG, "--json", home=data.parent)
    assert begun.code == 0, begun.err
    assert (begun.object["name"], begun.object["standing"]) == ("trained-1", "running")
    assert "is running" in within("train", release, "--data", data, *LONG, "--json").error
    assert training(data, "trained-1", "--pause").object["standing"] == "paused"
    assert training(data).object["trainings"][0]["standing"] == "paused"
    assert "no version to bring in" in training(data, "trained-1", "--activate").error
    assert training(data, "trained-1", "--resume").object["standing"] == "running"
    cancelled = training(data, "trained-1", "--cancel")
    assert (cancelled.code, cancelled.object["standing"]) == (0, "cancelled")
    assert training(data, "trained-1", "--resume").object["standing"] == "running"

    own = Training(data / "training" / "trained-1")
    note = own.folder.note()
    assert note is not None
    os.kill(note.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: own.look().standing.value == "killed", timeout=MS)
    killed = training(data, "trained-1")
    assert (killed.code, killed.object["standing"]) == (1, "killed")


def test_what_cannot_be_done_is_told(
    release: Path, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*words: object) -> str:
        return within("train", *words, "--data", data, "--json").error

    assert "cannot be used as a release" in refused(tmp_path / "nowhere", *TINY)
    changed = shutil.copytree(release, tmp_path / "changed")
    (changed / "annotations.json").write_text("{}")
    assert "cannot be used as a release" in refused(changed, *TINY)
    assert "has no fold 9" in refused(release, *TINY, "--fold", 9)
    assert "no preset large" in refused(release, *TINY, "--preset", "large")
    assert "name of a version" in refused(release, *TINY, "--name", "../x")
    assert "cannot start from" in refused(release, *TINY, "--start", "nought")
    assert "width of the network" in refused(release, *TINY, "--start", "active")
    assert "There is no training x." in training(data, "x").error
    assert "needs the name" in training(data, "--pause").error
    assert "one thing" in training(data, "x", "--pause", "--cancel").error
    assert training(data).object == {"trainings": []}
    with open_house(data) as house:
        for name in ("Administrator", "Reader"):  # the first one leads
            house.administration.enter(name, Role.READER)
    assert "may not train" in refused(release, *TINY, "--by", "Reader")
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "needs torch" in refused(release, *TINY)
