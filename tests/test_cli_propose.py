"""`knuckle propose`: the model that comes with Knuckle over real files; what is printed and stored of it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from annotator.app import House, has_window, only_here, open_house
from annotator.demonstration import NOTICE
from annotator.domain.people import Person, Role
from annotator.domain.revealing import RevealPolicy
from annotator.imaging import dicom
from annotator.paths import DataPaths
from annotator.workflow.proposer import Proposer
from detector import Detector, load_version, shipped_version
from detector.verbs.predict import record
from tests.command_line import (
    Said,
    interrupted,
    knuckle,
    names_of,
    small_film,
    within,
)
from tests.study_fixtures import sit_down

pytestmark = pytest.mark.usefixtures("qapp")


def runs(data: Path) -> list[tuple[int, int]]:
    """The stored runs and their images, in the order in which they were stored."""
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as database:
        return database.execute("SELECT id, image_id FROM run ORDER BY id").fetchall()


def propose(data: Path, *more: object) -> Said:
    return within("propose", "--data", data, "--json", *more)


@pytest.fixture(scope="session")
def proposed(
    prepared: Path, films: Path, tmp_path_factory: pytest.TempPathFactory, qapp: object
) -> tuple[Path, dict[str, Any]]:
    """A data folder that knew no version, where one film was proposed for, and what was printed."""
    data = shutil.copytree(prepared, tmp_path_factory.mktemp("proposed") / "data")
    said = propose(data, "--images", films / "01-1.dcm")
    assert (said.code, said.err) == (0, "")
    return data, said.object


@pytest.fixture
def seen(proposed: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    """A copy of that folder."""
    return shutil.copytree(proposed[0], tmp_path / "seen")


def test_it_prints_what_the_detector_says_by_the_names_that_are_right(
    proposed: tuple[Path, dict[str, Any]], films: Path
) -> None:
    film = films / "01-1.dcm"
    found = proposed[1]
    assert list(found) == ["notice", "version", "scan", "images", "refused"]
    version = load_version(shipped_version())
    assert (found["notice"], found["refused"]) == (NOTICE, [])
    assert (found["version"], found["scan"]) == (version.name, version.default_scan)
    (image,) = found["images"]
    assert image["image"] == str(film.resolve())
    assert (image["missing"], image["missing_reasons"]) == ([], {})

    bare = record(film, Detector(version).detect(dicom.read(film).pixels))["detections"]
    assert isinstance(bare, list)
    by_box = {tuple(one["box"]): one for one in bare}
    assert len(by_box) == len(image["joints"])
    for joint in image["joints"]:
        own = by_box[tuple(joint["box"])]
        assert joint["seen_by"] == own["seen_by"]
        for name in ("confidence", "ankylosis", "subluxation"):
            assert joint[name] == pytest.approx(own[name], abs=2e-6)

    truth = {joint["name"]: joint for joint in json.loads(film.with_suffix(".json").read_text())["joints"]}
    assert [joint["joint"] for joint in image["joints"]] == list(truth), "in the order of the joints"
    for joint in image["joints"]:
        assert overlap(joint["box"], truth[joint["joint"]]["box"]) > 0.5
        ankylosed = joint["ankylosis"][2] > joint["ankylosis"][1]
        assert ankylosed == ("ankylosis" in truth[joint["joint"]]["findings"])
        assert (joint["not_assessed"], joint["flags"]) == ([], [])


def overlap(one: list[float], other: list[float]) -> float:
    """IoU of two boxes x0 y0 x1 y1."""
    sides = [max(0.0, min(one[i + 2], other[i + 2]) - max(one[i], other[i])) for i in (0, 1)]
    shared = sides[0] * sides[1]
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (areas - shared)


def test_the_version_that_comes_with_knuckle_is_brought_in_by_who_asked(
    proposed: tuple[Path, dict[str, Any]],
) -> None:
    assert names_of(proposed[0])[-1] == ("command line", "data")
    with closing(sqlite3.connect(proposed[0] / "knuckle.sqlite")) as database:
        told = database.execute("SELECT person, action FROM audit ORDER BY sequence DESC LIMIT 3").fetchall()
    actions = ("propose", "activate version", "import version")
    assert told == [("command line", action) for action in actions]


def test_what_was_seen_is_printed_and_not_run_again(
    proposed: tuple[Path, dict[str, Any]], seen: Path, films: Path
) -> None:
    before = runs(seen)
    assert propose(seen, "--images", films / "01-1.dcm").object == proposed[1]
    assert runs(seen) == before
    anew = propose(seen, "--images", films / "01-1.dcm", "--again", "--by", "Dr. A")
    assert anew.object == proposed[1]
    assert runs(seen) == [*before, (before[-1][0] + 1, before[-1][1])]


def test_without_images_it_goes_on_with_those_that_are_left(seen: Path, films: Path) -> None:
    """In a process of its own, with a bar for whoever looks on."""
    said = knuckle("propose", "--data", seen, "--study", "Hands", home=seen.parent)
    assert said.code == 0, said.err
    assert len(runs(seen)) == len({image for _, image in runs(seen)}) == 4
    lines = said.out.splitlines()
    assert lines[:4] == [f"notice: {NOTICE}", "version: demo-1", "scan: whole", "images: 4"]
    assert lines[4].startswith(f"  {(films / '01-1.dcm').resolve()}: 20 joints, R-")
    assert lines[8:] == ["refused: 0"]
    whole = propose(seen).object
    assert [Path(image["image"]).name for image in whole["images"]] == [
        "01-1.dcm",
        "01-2.dcm",
        "02-1.dcm",
        "02-2.dcm",
    ]


@pytest.mark.parametrize("way", ["one option", "an option each", "no option", "a folder", "links"])
def test_ways_to_name_images(seen: Path, films: Path, tmp_path: Path, way: str) -> None:
    propose(seen, "--images", films / "01-2.dcm")
    wanted: list[object] = [films / "01-1.dcm", films / "01-2.dcm"]
    if way == "one option":
        wanted = ["--images", *wanted]
    elif way == "an option each":
        wanted = ["--images", wanted[0], "--images", wanted[1], "--images", wanted[0]]
    elif way == "a folder":
        folder = tmp_path / "folder"
        folder.mkdir()
        (folder / "notes.txt").write_text("not DICOM, and passed over")
        for name in ("01-1.dcm", "01-2.dcm"):
            (folder / name).symlink_to(films / name)
        wanted = ["--images", folder]
    elif way == "links":
        (tmp_path / "link").symlink_to(films)
        linked = Path(os.path.relpath(tmp_path / "link"))
        wanted = ["--images", linked / "01-1.dcm", linked / ".." / "link" / "01-2.dcm"]
    said = propose(seen, *wanted)
    assert said.code == 0, said.out
    assert [Path(image["image"]).name for image in said.object["images"]] == ["01-1.dcm", "01-2.dcm"]
    assert len(runs(seen)) == 2


def test_each_path_that_is_no_image_is_refused_and_the_rest_goes_on(
    seen: Path, films: Path, tmp_path: Path
) -> None:
    with sit_down(seen) as desk:
        administration = desk.house.administration
        gone = administration.studies.images(desk.study.id)[3]
        administration.withdraw_image(gone, "consent", desk.person)
        other = administration.create_study("Other", "O", desk.person)
        elsewhere_ = small_film(tmp_path / "other.dcm", 1)
        administration.library.add([elsewhere_], other, desk.person, lambda *_: None)
    strange = small_film(tmp_path / "strange.dcm", 2)
    missing = tmp_path / "no such file.dcm"
    named = tmp_path / "letter.txt"
    named.write_text("named, and so refused")
    paths = (strange, missing, named, gone.file.path, elsewhere_, films / "01-1.dcm")
    said = propose(seen, "--study", "Hands", "--images", *paths)
    assert said.code == 1
    found = said.object
    assert [Path(image["image"]).name for image in found["images"]] == ["01-1.dcm"]
    assert {one["image"]: one["reason"].split(".")[0] for one in found["refused"]} == {
        str(strange): "This is no image of the data folder",
        str(missing): "There is no such file",
        str(named): "This is no image of the data folder",
        gone.file.path: "This image was withdrawn",
        str(elsewhere_): "This image is not in the study Hands",
    }
    assert "Import it first" in found["refused"][0]["reason"]


def test_a_file_that_changed_is_refused_and_the_rest_goes_on(seen: Path, films: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(films, tmp_path / "moved")
    assert within("relocate", films, moved, "--data", seen, "--json").object["moved"] == 4
    with (moved / "01-2.dcm").open("ab") as file:
        file.write(b"  ")
    (moved / "01-1.dcm").unlink()
    said = propose(seen, "--images", moved / "01-2.dcm", moved / "01-1.dcm")
    assert said.code == 1
    (refused,) = said.object["refused"]
    assert (refused["image"], "has changed" in refused["reason"]) == (str(moved / "01-2.dcm"), True)
    (known,) = said.object["images"]
    assert known["image"] == str(moved / "01-1.dcm"), "what was seen of it is known without its file"


def test_names_are_right_as_the_sides_are_known_now(
    proposed: tuple[Path, dict[str, Any]], seen: Path, films: Path
) -> None:
    with sit_down(seen) as desk:
        first = desk.house.administration.studies.images(desk.study.id)[0]
    with closing(sqlite3.connect(seen / "knuckle.sqlite")) as database:
        database.execute("UPDATE image SET right_on_left = 0 WHERE id = ?", (first.id,))
        database.commit()
    (before,), (after,) = (
        proposed[1]["images"],
        propose(seen, "--images", films / "01-1.dcm").object["images"],
    )
    mirrored = {
        joint["joint"].translate(str.maketrans("RL", "LR")): joint["box"] for joint in before["joints"]
    }
    assert {joint["joint"]: joint["box"] for joint in after["joints"]} == mirrored


def test_the_runs_of_the_active_version_count(
    proposed: tuple[Path, dict[str, Any]], seen: Path, films: Path, tmp_path: Path
) -> None:
    """Another version looked after it, and the first one is active again."""
    second = another_version(tmp_path)
    with open_house(seen) as house:
        person = house.administration.enter("Dr. A", Role.READER)
        first = house.models.versions.active()
        assert first is not None
        house.models.versions.activate(house.models.bring(second, person).id, person)
    other = propose(seen, "--images", films / "01-1.dcm").object
    assert (other["version"], len(runs(seen))) == ("another", 2)
    with open_house(seen) as house:
        house.models.versions.activate(first.id, person)
    assert propose(seen, "--images", films / "01-1.dcm").object == proposed[1]
    assert len(runs(seen)) == 2


def another_version(tmp_path: Path) -> Path:
    """The version that comes with Knuckle, under another name."""
    folder = shutil.copytree(shipped_version(), tmp_path / "another")
    written = json.loads((folder / "version.json").read_text("utf-8"))
    (folder / "version.json").write_text(json.dumps({**written, "name": "another"}), "utf-8")
    return folder


def damage(folder: Path) -> None:
    weights = max(folder.rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    with weights.open("r+b") as file:
        file.seek(100_000)
        file.write(b"\xff" * 64)


def swap(folder: Path) -> None:
    shutil.rmtree(folder)
    shutil.copytree(shipped_version(), folder)


@pytest.mark.parametrize(
    ("do", "told"), [(damage, "has changed since it was written"), (swap, "holds another version now")]
)
def test_a_model_folder_that_is_not_as_it_was(
    data: Path, tmp_path: Path, do: Callable[[Path], None], told: str
) -> None:
    folder = another_version(tmp_path)
    with sit_down(data) as desk:
        versions = desk.house.models.versions
        versions.activate(desk.house.models.bring(folder, desk.person).id, desk.person)
    do(folder)
    said = propose(data)
    assert told in said.error, said.error
    assert runs(data) == []


def test_no_active_version(seen: Path) -> None:
    with sit_down(seen) as desk:
        desk.house.models.versions.deactivate(desk.person)
    assert propose(seen).error == "No version of the detector is active."


def test_a_reader_brings_no_version_in(data: Path) -> None:
    with open_house(data) as house:
        house.administration.enter("Reader C", Role.READER)
    said = propose(data, "--by", "Reader C")
    assert said.error == "Reader C may not bring in a version of the detector."


def test_a_study_that_nobody_made_is_not_made(data: Path, tmp_path: Path) -> None:
    assert propose(data, "--study", "Feet").error == "There is no study named Feet."
    empty = propose(tmp_path / "new")
    assert (empty.code, empty.object["images"], empty.object["version"]) == (0, [], "demo-1")


def test_a_core_is_left_to_a_window(seen: Path, films: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, spared = House.proposer, []

    def noted(house: House, person: Person, *, spare: int) -> Proposer:
        spared.append(spare)
        return made(house, person, spare=spare)

    monkeypatch.setattr(House, "proposer", noted)
    for open_in_window in (False, True):
        with only_here(DataPaths(seen.resolve())) if open_in_window else nullcontext():
            assert has_window(DataPaths(seen.resolve())) is open_in_window
            assert propose(seen, "--images", films / "01-1.dcm").code == 0
    assert spared == [0, 1]
    assert not has_window(DataPaths(seen.resolve()))


def test_an_interrupted_command_keeps_what_it_did(
    data: Path, films: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    """Ctrl+C once a run is stored, of twelve to do; the next call goes on from there."""
    for study in ("Hands again", "Hands once more"):
        within("import", films, "--data", data, "--study", study)
    said = interrupted(
        "propose", "--data", data, "--json", home=tmp_path, begun=lambda: bool(runs(data)), qtbot=qtbot
    )
    assert (said.code, said.object["error"], said.err) == (130, "Interrupted.", "")
    kept = runs(data)
    assert 1 <= len(kept) < 12
    assert len(propose(data, "--study", "Hands").object["images"]) == 4
    assert runs(data)[: len(kept)] == kept
    assert len({image for _, image in runs(data)}) == len(runs(data)) == max(4, len(kept))


def test_a_reader_is_shown_what_the_study_allows_and_it_is_written_down(seen: Path, films: Path) -> None:
    def shown() -> list[tuple[int, str]]:
        with closing(sqlite3.connect(seen / "knuckle.sqlite")) as database:
            return database.execute("SELECT image_id, policy FROM reveal").fetchall()

    film = (films / "01-1.dcm").resolve()
    with sit_down(seen) as desk:
        desk.house.administration.enter("Dr. B", Role.READER)
        studies = desk.house.administration.studies
        studies.set_reveal_policy(desk.study.id, RevealPolicy.SIGNED, desk.person)
    blinded = propose(seen, "--by", "Dr. B", "--images", film)
    assert (blinded.code, blinded.object["images"], blinded.object["hidden"]) == (0, [], [str(film)])
    assert shown() == []
    with sit_down(seen) as desk:
        studies = desk.house.administration.studies
        studies.set_reveal_policy(desk.study.id, RevealPolicy.AT_ONCE, desk.person)
    told = propose(seen, "--by", "Dr. B", "--images", film)
    assert [len(image["joints"]) for image in told.object["images"]] == [20]
    assert shown() == [(1, "at once")]
