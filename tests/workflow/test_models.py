"""Versions brought in, found again, and refused with a reason."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.domain.errors import KnuckleError, LockedError
from annotator.domain.people import Role
from annotator.domain.versions import ModelVersion
from annotator.workflow import detection
from annotator.workflow.detection import Model, paper_of
from annotator.workflow.models import Models
from tests.detector.version_samples import make_version
from tests.detector.version_spoiling import edit, redraw, rehash, reweigh
from tests.study_fixtures import Desk, sit_down
from tests.workflow.model_driver import MS

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "resources" / "models" / "demo-1"


@pytest.fixture
def models(at_desk: Desk) -> Models:
    return at_desk.house.models


@pytest.fixture
def folder(tiny: Path, tmp_path: Path) -> Path:
    """A version of one's own to spoil."""
    return Path(shutil.copytree(tiny, tmp_path / "見本 version"))


def actions(data: Path) -> list[str]:
    with sqlite3.connect(data / "knuckle.sqlite") as database:
        rows = database.execute("SELECT action FROM audit WHERE action LIKE '%version' ORDER BY sequence")
        return [action for (action,) in rows]


# the shipped one


def test_the_shipped_version_comes_in_once_and_proposes_where_none_did(
    at_desk: Desk, models: Models, data: Path
) -> None:
    assert models.bring_shipped(at_desk.person)
    (version,) = models.versions.all()
    assert (version.name, version.active, Path(version.folder)) == ("demo-1", True, SHIPPED)
    assert dict(version.figures)
    assert not models.bring_shipped(at_desk.person)
    assert models.versions.all() == [version]
    models.versions.deactivate(at_desk.person)
    assert not models.bring_shipped(at_desk.person)
    assert models.versions.active() is None, "whoever has put it to rest wants it so"
    assert actions(data) == ["import version", "activate version", "deactivate version"]


def test_beside_another_version_the_shipped_one_rests(at_desk: Desk, models: Models, tiny: Path) -> None:
    other = models.bring(tiny, at_desk.person)
    assert models.versions.active() is None, "what is brought in does not propose by that"
    models.versions.activate(other.id, at_desk.person)
    assert models.bring_shipped(at_desk.person)
    assert [(version.name, version.active) for version in models.versions.all()] == [
        ("random", True),
        ("demo-1", False),
    ]


def test_it_comes_in_beside_the_window(at_desk: Desk, models: Models, qtbot: QtBot) -> None:
    told: list[bool] = []
    failed: list[KnuckleError] = []
    for _ in range(2):
        models.complete_shipped(at_desk.person, told.append, failed.append)
    assert not models.jobs.jobs, "nobody waits for it"
    qtbot.waitUntil(lambda: len(told) == 2, timeout=MS)
    assert (told, failed) == ([True, False], [])


def test_a_reader_brings_nothing_in(at_desk: Desk, data: Path, models: Models, tiny: Path) -> None:
    reader = at_desk.house.administration.enter("Dr. B", Role.READER)
    assert not models.bring_shipped(reader)
    with pytest.raises(LockedError, match="role does not allow"):
        models.bring(tiny, reader)
    version = models.bring(tiny, at_desk.person)
    with pytest.raises(LockedError):
        models.versions.activate(version.id, reader)
    with pytest.raises(LockedError):
        models.versions.deactivate(reader)
    assert models.versions.active() is None


def test_a_shipped_version_that_has_moved_is_found(at_desk: Desk, models: Models, tmp_path: Path) -> None:
    """Another Knuckle lies in another place, and comes with the same version."""
    before = Path(shutil.copytree(SHIPPED, tmp_path / "knuckle 1" / "demo-1"))
    version = models.bring(before, at_desk.person)
    paper = paper_of(version)
    shutil.rmtree(tmp_path / "knuckle 1")
    assert paper_of(version) == paper
    assert Model(version, threads=1).scan == "whole"
    assert not models.bring_shipped(at_desk.person)


def test_another_version_that_has_moved_is_missed(
    at_desk: Desk, models: Models, folder: Path, tmp_path: Path
) -> None:
    version = models.bring(folder, at_desk.person)
    folder.rename(tmp_path / "elsewhere")
    for look in (paper_of, Model):
        with pytest.raises(KnuckleError) as told:
            look(version)
        assert told.value.message == "The folder of random cannot be read any more."
    again = models.bring(tmp_path / "elsewhere", at_desk.person)
    assert (again.id, Path(again.folder)) == (version.id, tmp_path / "elsewhere")
    assert paper_of(again)


# what is refused


def flipped(folder: Path) -> None:
    path = folder / "subluxation.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def retrained(folder: Path) -> None:
    reweigh(folder, lambda found: found["scale"].mul_(1.5))


def other_classes(folder: Path) -> None:
    edit(folder, lambda found: found.update(classes=["background", "normal", "eroded"]))


def of_the_future(folder: Path) -> None:
    edit(folder, lambda found: found.update(version=99))


def bare(folder: Path) -> None:
    (folder / "ankylosis.onnx").unlink()


def reaching_out(folder: Path) -> None:
    def change(model: object) -> None:
        for entry in model.graph.initializer[0].external_data:  # type: ignore[attr-defined]
            if entry.key == "location":
                entry.value = "../secret"

    redraw(folder, change)


def pickled(folder: Path) -> None:
    (folder / "ankylosis.safetensors").write_bytes(b"\x80\x04}.")
    rehash(folder)


def anything(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()
    (folder / "holiday.txt").write_text("no version")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (flipped, "subluxation.safetensors of random has changed since it was written."),
        (retrained, "does not say what it said of golden.png."),
        (other_classes, "tells background, normal, eroded apart, not background, absent, present."),
        (of_the_future, "has the format version 99"),
        (bare, "lacks ankylosis.onnx"),
        (reaching_out, "ankylosis.onnx"),
        (pickled, "is no safetensors file"),
        (anything, "is no version of a detector: it holds no version.json."),
        (shutil.rmtree, "is no version of a detector: it holds no version.json."),
    ],
)
def test_what_is_no_sound_version_is_refused_with_its_reason(
    at_desk: Desk, models: Models, folder: Path, qtbot: QtBot, spoil: Callable[[Path], object], told: str
) -> None:
    spoil(folder)
    brought: list[ModelVersion] = []
    refused: list[KnuckleError] = []
    models.import_folder(folder, at_desk.person, brought.append, refused.append)
    qtbot.waitUntil(lambda: bool(brought or refused), timeout=MS)
    (error,) = refused
    assert told in error.message
    assert error.message.endswith(".")
    assert error.advice.endswith(".")
    assert models.versions.all() == []


def test_one_detector_alone_is_refused(at_desk: Desk, models: Models, tmp_path: Path) -> None:
    one = make_version(tmp_path / "one", findings=("subluxation",))
    with pytest.raises(KnuckleError, match="does not hold the detectors of ankylosis and subluxation"):
        models.bring(one.folder, at_desk.person)


# what is kept


def test_a_version_is_imported_activated_and_put_to_rest(
    at_desk: Desk, models: Models, folder: Path, data: Path, qtbot: QtBot
) -> None:
    brought: list[ModelVersion] = []
    refused: list[KnuckleError] = []
    models.import_folder(folder, at_desk.person, brought.append, refused.append)
    qtbot.waitUntil(lambda: bool(brought or refused), timeout=MS)
    ((version,), _) = brought, refused
    assert (version.active, Path(version.folder)) == (False, folder)
    models.bring(folder, at_desk.person)
    models.versions.activate(version.id, at_desk.person)
    proposing = at_desk.sitting.proposing
    proposing.look_up()
    assert proposing.version is not None
    assert proposing.version.sha256 == version.sha256
    models.versions.deactivate(at_desk.person)
    models.versions.deactivate(at_desk.person)
    proposing.look_up()
    assert not proposing.version
    assert actions(data) == ["import version", "activate version", "deactivate version"]


def test_its_paper_is_what_its_folder_says(at_desk: Desk, models: Models) -> None:
    models.bring_shipped(at_desk.person)
    (version,) = models.versions.all()
    paper = paper_of(version)
    assert paper.card == (SHIPPED / "card.md").read_text("utf-8")
    record = json.loads((SHIPPED / "version.json").read_text("utf-8"))
    assert {scan.name for scan in paper.scans} == set(record["scans"])
    (usual,) = [scan for scan in paper.scans if scan.default]
    assert usual.name == record["default_scan"]
    said = record["scans"][usual.name]
    assert (usual.thresholds.t_conf, usual.thresholds.t_iou1) == (said["t_conf"], said["t_iou1"])


@pytest.mark.parametrize("spoil", [flipped, bare, retrained, shutil.rmtree])
def test_no_paper_of_what_was_spoilt_since(
    at_desk: Desk, models: Models, folder: Path, spoil: Callable[[Path], object]
) -> None:
    version = models.bring(folder, at_desk.person)
    spoil(folder)
    with pytest.raises(KnuckleError):
        paper_of(version)


def test_what_is_known_by_its_hash_is_known_after_a_restart(data: Path, tiny: Path, qapp: object) -> None:
    with sit_down(data) as desk:
        version = desk.house.models.bring(tiny, desk.person)
    with sit_down(data) as desk:
        assert desk.house.models.versions.all() == [version]
        assert detection.sha256_of(tiny) == version.sha256
