"""`python -m detector train`: from releases to a version that can be loaded, from the command line."""

import json
from pathlib import Path

import pytest

from detector.__main__ import main
from detector.dataset import from_phantoms, read_release
from detector.folds import split, write_folds
from detector.release.values import Release
from detector.training.card import written
from detector.training.parts import divided
from detector.versions import load_version, verify_version

SMALL = ("--width", "0.05", "--steps", "3", "--batch", "2", "--precision", "f32")


@pytest.fixture(scope="module")
def release(tmp_path_factory) -> Release:
    folder = tmp_path_factory.mktemp("releases") / "phantoms"
    made = from_phantoms(folder, range(3), visits=1, findings_rate=0.2, size=(560, 660))
    write_folds(made, split(made.contents, count=3, seed=0))
    return read_release(folder)


def lines(capsys) -> list[dict]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_both_detectors_are_trained_and_a_sound_version_is_written(release, tmp_path, capsys):
    command = ["train", str(release.folder), "--out", str(tmp_path / "run"), "--fold", "2", "--json", *SMALL]
    assert main(command) == 0
    told = lines(capsys)
    steps = [(line["finding"], line["step"], line["steps"]) for line in told if "step" in line]
    assert steps == [(finding, n, 3) for finding in ("ankylosis", "subluxation") for n in (1, 2, 3)]
    assert {"loss", "confidence", "localisation", "learning_rate", "epoch", "seconds_left"} <= set(told[0])
    version = verify_version(Path(told[-1]["version"]))
    assert version.complete
    assert version.name == "run"
    assert (version.architecture.width, version.architecture.batch_norm) == (0.05, True)
    assert set(version.metrics["validation"]) == {"windows", "whole"}
    assert version.metrics["validation"]["whole"]["joints"] == 20
    assert [one["patients"] for one in version.data["training"]] == [2]
    assert [one["patients"] for one in version.data["validation"]] == [1]
    assert version.training["settings"]["steps"] == 3
    assert version.folds == {"held out": 2, "of": {"phantoms": 3}}
    assert "not for diagnosis" in version.card
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == [
        "ankylosis",
        "subluxation",
        "version",
    ]


def test_the_same_command_again_does_nothing_that_is_done(release, tmp_path, capsys):
    command = [
        "train",
        str(release.folder),
        "--out",
        str(tmp_path),
        "--finding",
        "ankylosis",
        "--json",
        *SMALL,
    ]
    assert main(command) == 0
    lines(capsys)
    assert main(command) == 0
    assert "step" not in capsys.readouterr().out


def test_retraining_takes_the_architecture_and_weights_of_a_version(release, tmp_path, capsys):
    first = ["train", str(release.folder), "--out", str(tmp_path / "a"), "--chain", *SMALL]
    assert main(first) == 0
    assert "# a" in capsys.readouterr().out
    again = [
        "train",
        str(release.folder),
        "--out",
        str(tmp_path / "b"),
        "--start",
        str(tmp_path / "a/version"),
    ]
    assert main([*again, "--steps", "1", "--batch", "2", "--json"]) == 0
    version = load_version(tmp_path / "b/version")
    assert version.architecture.width == 0.05
    start = load_version(tmp_path / "a/version")
    assert version.training["start"] == ["a", start.sha256]
    assert version.data["training"][1:] == start.data["training"], "what it was begun with was trained on it"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--fold", "4"), "has no fold 4, but 3"),
        (("--batch", "0"), "make no sense"),
        (("--width", "9"), "make no sense"),
        (("--batch", "1"), "too few"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(given, said, release, tmp_path, capsys):
    assert main(["train", str(release.folder), "--out", str(tmp_path), *SMALL, *given]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_a_start_that_is_no_version_is_refused(release, tmp_path, capsys):
    start = ["--start", str(tmp_path / "nowhere")]
    assert main(["train", str(release.folder), "--out", str(tmp_path / "run"), *start]) == 1
    assert "nowhere is no version" in capsys.readouterr().err


def test_test_patients_are_never_trained_on_but_measured(tmp_path, capsys):
    made = from_phantoms(tmp_path / "r", range(3), visits=1, size=(560, 660), test=[1])
    trained_on, held_out, kept = divided(made, None)
    assert sorted(image.patient for image in trained_on.images) == ["P00000", "P00002"]
    assert held_out.images == kept.images == ()
    assert main(["train", str(made.folder), "--out", str(tmp_path / "run"), "--steps", "1", *SMALL[:2]]) == 0
    assert "## Measured: test patients" in capsys.readouterr().out
    version = load_version(tmp_path / "run/version")
    assert version.metrics["test patients"]["windows"]["images"] == 1
    assert version.data["training"][0]["patients"] == 2


def test_what_is_trained_on_is_not_measured_on(release, tmp_path, capsys):
    command = ["train", str(release.folder), "--out", str(tmp_path / "r"), "--finding", "ankylosis", *SMALL]
    assert main([*command, "--validation", str(release.folder)]) == 1
    assert "LEAK: phantoms/images/P00000-1.png is of a patient in the training" in capsys.readouterr().err


def test_undefined_figures_are_called_so():
    assert written((None, None, None)) == "undefined"
    assert written((0.5, None, None)) == "0.5000"
    assert written((0.5, 0.25, 0.75)) == "0.5000 (0.2500 to 0.7500)"
