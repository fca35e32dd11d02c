"""`tools/demo_data.py`: films divided once, releases that share nothing."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from annotator.imaging.write import CrFacts, write_cr
from detector.dataset import faults, read_release
from detector.phantom import Phantom, draw
from tools import demo_data
from tools.demo_data import COMPOSITES, PARTS, PHANTOMS, RUNS, main


def hands(folder: Path, films: int) -> Path:
    """films.csv with films of 4 to 15 years, most of them old enough."""
    folder.mkdir()
    with (folder / "films.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["film", "width", "height", "bone_age_months", "hand_shown"])
        for number in range(films):
            age = 50 if number % 20 == 0 else 100 + number
            rows.writerow([1000 + number, 500, 700, age, "left"])
    return folder


def lists(folder: Path) -> dict[str, list[str]]:
    return {part: (folder / f"films_{part}.txt").read_text("utf-8").split() for part in PARTS}


# films


def test_films_are_divided_into_three_parts_that_share_none(tmp_path: Path) -> None:
    assert main(["films", str(hands(tmp_path / "hands", 200)), str(tmp_path / "lists")]) == 0
    parts = lists(tmp_path / "lists")
    assert (len(parts["heldout"]), len(parts["validation"])) == (80, 10)
    every = [film for films in parts.values() for film in films]
    assert len(every) == len(set(every)) == 190  # ten are of small children
    assert all(int(film) - 1000 >= 20 for film in parts["heldout"] + parts["validation"])


def test_films_are_divided_alike_each_time_and_otherwise_with_another_seed(tmp_path: Path) -> None:
    folder = str(hands(tmp_path / "hands", 200))
    for name, seed in (("first", "0"), ("second", "0"), ("third", "1")):
        main(["films", folder, str(tmp_path / name), "--seed", seed])
    assert lists(tmp_path / "first") == lists(tmp_path / "second")
    assert lists(tmp_path / "first")["heldout"] != lists(tmp_path / "third")["heldout"]


def test_too_few_films_are_refused_in_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["films", str(hands(tmp_path / "hands", 90)), str(tmp_path / "lists")]) == 1
    assert "are too few" in capsys.readouterr().err
    assert main(["films", str(tmp_path / "nowhere"), str(tmp_path / "lists")]) == 1


def test_it_prints_how_to_compose_with_each_held_out_film_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["films", str(hands(tmp_path / "hands", 200)), str(tmp_path / "lists")])
    commands = capsys.readouterr().out.splitlines()
    assert len(commands) == len(RUNS)
    held_out = [command for command in commands if "COMPOSED/heldout" in command]
    assert len(held_out) == 1
    assert "films_heldout.txt" in held_out[0]
    assert "--patients 40 " in held_out[0]
    assert len({run.seed for run in RUNS}) == len(RUNS)


# releases


def test_seeds_of_the_phantoms_never_meet() -> None:
    seeds = [seed for one in PHANTOMS for seed in range(one.first, one.first + one.count)]
    assert len(seeds) == len(set(seeds))
    assert min(seeds) > 1000  # the sample study has the first ones
    assert max(seeds) < demo_data.STRIDE


def composed(folder: Path, phantom: Phantom, films: tuple[str, str]) -> None:
    """A folder as two_hand_films.py leaves it, of one patient."""
    (folder / "dicom").mkdir(parents=True)
    write_cr(folder / "dicom" / "P0001_V1.dcm", phantom.pixels, CrFacts(folder.name, "P0001"))
    height, width = phantom.pixels.shape
    entry = {
        "file": "dicom/P0001_V1.dcm",
        "patient_id": "P0001",
        "visit": 1,
        "right_on": "left",
        "films": dict(zip("RL", films, strict=True)),
        "joints": [{"name": joint.name, "box": list(joint.box)} for joint in phantom.joints],
    }
    truth = {"width": width, "height": height, "seed": 1, "images": [entry]}
    (folder / "truth.json").write_text(json.dumps(truth), "utf-8")


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Output of the composer for each part, two folders of it for training."""
    folder = tmp_path_factory.mktemp("composed")
    folders = ("training_a", "training_b", "validation_a", "heldout")
    for number, name in enumerate(folders):
        phantom = draw(50 + number, findings_rate=0.0, size=(668, 804))
        composed(folder / name, phantom, (f"{name}1", f"{name}2"))
    return folder


@pytest.fixture(scope="module")
def written(films: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("data") / "releases"
    assert main(["releases", str(out), "--composites", str(films), "--share", "0.001"]) == 0
    return out


def test_every_release_is_whole(written: Path) -> None:
    names = [one.name for one in (*PHANTOMS, *COMPOSITES)]
    assert sorted(path.name for path in written.iterdir()) == sorted(names)
    for name in names:
        assert faults(written / name) == []


def test_releases_hold_what_their_names_say(written: Path) -> None:
    releases = {path.name: read_release(path) for path in written.iterdir()}
    assert [image.patient for image in releases["training_composites"].images] == ["AP0001", "BP0001"]
    assert releases["heldout_composites"].manifest.about["films"] == ["heldout1", "heldout2"]
    rates = {name: release.manifest.about["findings_rate"] for name, release in releases.items()}
    assert {name for name, rate in rates.items() if rate == 0.02} == {n for n in rates if n.endswith("_rare")}
    clean = releases["heldout_composites_clean"]
    assert all(image.ankylosed + image.displaced == 0 for image in clean.images)


def test_without_findings_the_pixels_are_those_of_the_film(written: Path) -> None:
    release = read_release(written / "heldout_composites_clean")
    expected = draw(53, findings_rate=0.0, size=(668, 804)).pixels
    assert np.array_equal(release.pixels(release.images[0]), expected)
    drawn = read_release(written / "heldout_composites")
    assert not np.array_equal(drawn.pixels(drawn.images[0]), expected)


def test_what_is_there_is_kept(written: Path, films: Path, capsys: pytest.CaptureFixture[str]) -> None:
    times = {path: path.stat().st_mtime_ns for path in written.rglob("*.png")}
    (written / "heldout_composites_rare" / "folds.json").write_text("{}", "utf-8")
    assert main(["releases", str(written), "--composites", str(films)]) == 0
    assert {path: path.stat().st_mtime_ns for path in written.rglob("*.png")} == times
    assert capsys.readouterr().out == ""
    (written / "heldout_composites_rare" / "folds.json").unlink()


def test_a_film_in_two_parts_stops_it(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shared = tmp_path / "composed"
    shutil.copytree(films, shared)
    truth = json.loads((shared / "training_b" / "truth.json").read_text("utf-8"))
    truth["images"][0]["films"]["L"] = "heldout2"
    (shared / "training_b" / "truth.json").write_text(json.dumps(truth), "utf-8")
    assert main(["releases", str(tmp_path / "out"), "--composites", str(shared)]) == 1
    assert "Films of training are in heldout as well: heldout2." in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_folder_without_composites_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["releases", str(tmp_path / "out"), "--composites", str(tmp_path)]) == 1
    assert "has no folder training*" in capsys.readouterr().err


def test_a_strange_truth_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for part in PARTS:
        (tmp_path / part).mkdir()
        (tmp_path / part / "truth.json").write_text('{"images": [{}]}', "utf-8")
    assert main(["releases", str(tmp_path / "out"), "--composites", str(tmp_path)]) == 1
    assert "is not as two_hand_films.py writes it" in capsys.readouterr().err
