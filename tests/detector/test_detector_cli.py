"""The verbs as they are typed, in a process of their own."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from release_samples import edit, make_release, tree
from version_samples import make_version

ROOT = Path(__file__).parents[2]
VERBS = {
    "check": "PATH", "split": "RELEASE", "train": "RELEASE", "crossval": "RELEASE", "evaluate": "RELEASE",
    "compare": "RELEASE",
    "predict": "IMAGE", "explain": "IMAGE",
}  # fmt: skip
"""What each takes."""


def detector(*words: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "detector", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(tmp_path_factory.mktemp("sound") / "release").folder


@pytest.fixture
def folder(sound: Path, tmp_path: Path) -> Path:
    """A release of one's own, without folds."""
    folder = Path(shutil.copytree(sound, tmp_path / "見本 release"))
    (folder / "folds.json").unlink()
    edit(folder, "manifest.json", lambda record: record["files"].pop("folds.json"))
    return folder


def test_help_names_every_verb_and_so_does_the_readme() -> None:
    done = detector("--help")
    assert done.returncode == 0
    readme = (ROOT / "README.md").read_text("utf-8")
    for verb, takes in VERBS.items():
        assert f"\n    {verb} " in done.stdout
        assert f"python -m detector {verb}" in readme
        own = detector(verb, "--help")
        assert own.returncode == 0
        assert takes in own.stdout


@pytest.mark.parametrize(
    "words", [[], ["train"], ["split"], ["split", "x", "--folds", "five"], ["check", "x", "y"]]
)
def test_wrong_usage_ends_with_2(words: list[str]) -> None:
    done = detector(*words)
    assert done.returncode == 2
    assert "usage: python -m detector" in done.stderr


def test_nothing_heavy_is_loaded() -> None:
    heavy = ("torch", "PySide6", "pydicom")
    report = f"import sys, detector.__main__; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", report], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "[]\n"


def test_split_then_check(folder: Path) -> None:
    assert "no folds yet" in detector("check", folder).stdout
    done = detector("split", folder, "--folds", "2", "--seed", "4")
    assert (done.returncode, done.stderr) == (0, "")
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["patients", "images", "ankylosed", "displaced"]
    assert [line[:4] for line in lines[1:3]] == [["fold", "1", "1", "2"], ["fold", "2", "1", "2"]]
    assert lines[3][:3] == ["test", "1", "2"]
    record = json.loads((folder / "folds.json").read_text("utf-8"))
    assert (record["seed"], len(record["folds"])) == (4, 2)
    done = detector("check", folder)
    assert done.returncode == 0
    assert done.stdout.startswith("No fault in 6 images of 3 patients: ")
    assert done.stdout.endswith(", 2 folds.\n")


def test_folds_are_changed_only_when_asked_again(folder: Path) -> None:
    assert detector("split", folder, "--folds", "2").returncode == 0
    before = tree(folder)
    assert detector("split", folder, "--folds", "2").returncode == 0  # the same: nothing to refuse
    done = detector("split", folder, "--folds", "2", "--seed", "1")
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr == "split: The release is divided otherwise already; only --again replaces its folds.\n"
    )
    assert tree(folder) == before
    assert detector("split", folder, "--folds", "2", "--seed", "1", "--again").returncode == 0
    assert json.loads((folder / "folds.json").read_text("utf-8"))["seed"] == 1


def test_broken_folds_can_be_made_again(folder: Path) -> None:
    (folder / "folds.json").write_text("{")
    done = detector("split", folder, "--folds", "2")
    assert done.returncode == 1
    assert "folds.json: It is not in the manifest." in done.stderr
    assert detector("split", folder, "--folds", "2", "--again").returncode == 0
    assert detector("check", folder).returncode == 0


def test_impossible_split_says_why(folder: Path) -> None:
    done = detector("split", folder)
    assert (done.returncode, done.stderr) == (1, "split: 2 patients cannot be divided into 5 folds.\n")
    done = detector("split", folder / "gone")
    assert (done.returncode, done.stderr) == (1, "split: gone: There is no such folder.\n")


def test_check_names_every_fault(folder: Path) -> None:
    (folder / "images" / "P00000-1.png").unlink()
    (folder / "書.txt").write_text("x")
    done = detector("check", folder)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "2 faults."
    assert "images/P00000-1.png: It is not there." in done.stdout
    done = detector("check", folder, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == {
        "faults": [
            {"kind": "extra", "where": "書.txt", "message": "It is not in the manifest."},
            {"kind": "missing", "where": "images/P00000-1.png", "message": "It is not there."},
        ]
    }


def test_check_of_a_sound_release_in_json(sound: Path) -> None:
    done = detector("check", sound, "--json")
    assert (done.returncode, json.loads(done.stdout)) == (0, {"faults": []})


def test_check_of_a_version(tmp_path: Path) -> None:
    version = make_version(tmp_path / "版 version")
    done = detector("check", version.folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"No fault in the version random ({version.sha256[:12]}), which tells ankylosis and subluxation.\n"
    )
    assert json.loads(detector("check", version.folder, "--json").stdout) == {"faults": []}
    (version.folder / "card.md").write_text("Never fails.")
    done = detector("check", version.folder)
    assert done.returncode == 1
    assert done.stdout.startswith("版 version: card.md of random has changed since it was written.")
    assert done.stdout.endswith("\n1 fault.\n")
    (fault,) = json.loads(detector("check", version.folder, "--json").stdout)["faults"]
    assert fault["where"] == "版 version"


def test_report_cannot_go_where_a_file_is(sound: Path, tmp_path: Path) -> None:
    """It is said before anything is measured, and before a version is looked for."""
    (tmp_path / "report").write_text("kept")
    done = detector("evaluate", sound, "--version", tmp_path / "none", "--out", tmp_path / "report")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "evaluate: report is a file. Name a folder for the report.\n"
    assert (tmp_path / "report").read_text() == "kept"
