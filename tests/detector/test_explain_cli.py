"""`python -m detector explain`, as it is typed."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from version_samples import make_version, picture

from detector import __main__, png
from detector.detect import Detector
from detector.explain import explain, explain_window
from detector.explaining.overlay import overlay
from detector.versions import Version

ROOT = Path(__file__).parents[2]
BOX = [120.0, 80.5, 230.0, 200.0]


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return make_version(tmp_path_factory.mktemp("explain") / "version")


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "左 hand.png"
    path.write_bytes(png.encode(picture(5, size=(700, 640))))
    return path


def said(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    """What a successful call prints, in this process."""
    assert __main__.main(["explain", *map(str, words), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    found: dict[str, Any] = json.loads(out)
    return found


def painted(path: Path) -> Any:
    return cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR_RGB)


def test_picture_map_and_what_was_explained(version: Version, image: Path, tmp_path: Path) -> None:
    words = [image, "--box", *BOX, "--version", version.folder, "--finding", "subluxation"]
    words += ["--out", tmp_path / "図.png", "--npy", tmp_path / "heat.npy", "--json"]
    command = [sys.executable, "-m", "detector", "explain", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    wanted = explain(version, "subluxation", picture(5, size=(700, 640)), BOX)
    assert np.abs(np.load(tmp_path / "heat.npy") - wanted.heat).max() < 1e-4
    found = json.loads(done.stdout)
    assert (found["finding"], found["class"], found["layer"]) == ("subluxation", wanted.class_, "conv7")
    assert found["box"] == BOX
    assert found["window"] == wanted.window.tolist()
    assert found["default_box"] == pytest.approx(wanted.default_box, abs=0.01)
    assert found["overlap"] == pytest.approx(wanted.overlap, abs=1e-3)
    assert list(found["probabilities"]) == ["background", "absent", "present"]
    assert list(found["probabilities"].values()) == pytest.approx(wanted.probabilities, abs=1e-5)
    assert found["runtime"] == wanted.runtime
    assert found["version_sha256"] == version.sha256
    assert not found["empty"]
    picture_found = painted(tmp_path / "図.png")
    assert found["picture"] == str(tmp_path / "図.png")
    assert picture_found.shape == (600, 600, 3)


def test_number_of_a_detection(
    version: Version, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    detections = Detector(version).detect(picture(5, size=(700, 640))).detections
    for number in (1, len(detections)):
        found = said(capsys, image, "--detection", number, "--overwrite", "--version", version.folder)
        assert found["box"] == pytest.approx(detections.boxes[number - 1], abs=0.01)
        said_of = {
            "ankylosis": detections.first[number - 1],
            "subluxation": detections.second[number - 1],
        }
        seen_by = str(detections.seen_by[number - 1])
        alone = {"first": "ankylosis", "second": "subluxation"}.get(seen_by)
        assert found["finding"] == (alone or max(said_of, key=lambda finding: said_of[finding][2]))
        name = f"左 hand-{found['finding']}-conv7.png"
        assert found["picture"] == name
        assert painted(tmp_path / name).ndim == 3


def test_whole_window_and_words(version: Version, image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [image, "--box", *BOX, "--layer", "conv9_2", "--class", "absent", "--version", version.folder]
    found = said(capsys, *asked, "--whole-window")
    wanted = explain_window(
        version, "ankylosis", picture(5, size=(700, 640)), BOX, class_="absent", layer="conv9_2"
    )
    assert found["default_boxes"] == len(wanted.default_boxes) > 0
    for more, words in (
        ([], "explained is the default box that sees"),
        (["--whole-window"], "boxes that say"),
    ):
        assert __main__.main(["explain", *map(str, asked), *more, "--overwrite"]) == 0
        out = capsys.readouterr().out
        assert "grad-cam for ankylosis absent at conv9_2, onnxruntime" in out
        assert words in out
        assert out.endswith("picture: 左 hand-ankylosis-conv9_2.png\n")


def test_method_is_the_one_that_was_asked_for(
    version: Version, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [image, "--box", *BOX, "--version", version.folder, "--npy", tmp_path / "heat.npy", "--overwrite"]
    maps = {}
    for method in ("grad-cam", "layercam"):
        for more in ([], ["--whole-window"]):
            assert said(capsys, *asked, "--method", method, *more)["method"] == method
            maps[method, bool(more)] = np.load(tmp_path / "heat.npy")
    wanted = explain(version, "ankylosis", picture(5, size=(700, 640)), BOX, method="layercam")
    assert np.abs(maps["layercam", False] - wanted.heat).max() < 1e-4
    for whole in (False, True):
        assert np.abs(maps["layercam", whole] - maps["grad-cam", whole]).max() > 0.1


@pytest.mark.parametrize("option", ["--out", "--npy"])
def test_nothing_is_overwritten_unasked(
    version: Version, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    kept = tmp_path / ("kept.png" if option == "--out" else "kept.npy")
    kept.write_text("kept")
    asked = ["explain", str(image), "--box", *map(str, BOX), "--version", str(version.folder)]
    assert __main__.main([*asked, option, str(kept)]) == 1
    told = capsys.readouterr().err
    assert told == f"explain: {kept.name} is there already. Name another file, or add --overwrite.\n"
    assert kept.read_text() == "kept"
    assert __main__.main([*asked, option, str(kept), "--overwrite"]) == 0
    assert kept.read_bytes()[:4] != b"kept"


def test_default_picture_is_not_overwritten_either(
    version: Version, image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["explain", str(image), "--box", *map(str, BOX), "--version", str(version.folder)]
    assert __main__.main(asked) == 0
    assert __main__.main(asked) == 1
    assert "左 hand-ankylosis-conv7.png is there already." in capsys.readouterr().err


@pytest.mark.parametrize(("option", "name"), [("--out", "a.jpg"), ("--out", "a"), ("--npy", "heat.png")])
def test_file_is_of_the_kind_its_name_says(
    version: Version, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, name: str
) -> None:
    asked = ["explain", str(image), "--box", *map(str, BOX), "--version", str(version.folder)]
    assert __main__.main([*asked, option, name]) == 1
    kind = {"--out": ".png", "--npy": ".npy"}[option]
    assert capsys.readouterr().err == f"explain: {name} is no name for this file. Let it end in {kind}.\n"
    assert not (tmp_path / name).exists()


def test_threads(version: Version, image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = [image, "--box", *BOX, "--version", version.folder]
    assert said(capsys, *asked, "--threads", 1, "--overwrite") == said(
        capsys, *asked, "--threads", 100_000, "--overwrite"
    )


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--detection", "99"], "There is no detection 99; 20 were found. Give 1 to 20."),
        (["--detection", "0"], "There is no detection 0; "),
        (["--box", 5, 5, 5, 9], "The box to explain is no box."),
        (["--box", 5000, 5, 5100, 90], "The box to explain lies outside the image."),
        (["--box", *BOX, "--layer", "fc7"], '"fc7" is no layer that can be explained.'),
        (["--box", *BOX, "--layer", "conv1_2"], "conv1_2 lies before conv4_3, and only torch explains it."),
        (["--box", *BOX, "--out", "nowhere/a.png"], "No such file or directory"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    version: Version, image: Path, capsys: pytest.CaptureFixture[str], words: list[object], answer: str
) -> None:
    asked = ["explain", str(image), "--version", str(version.folder), *map(str, words)]
    assert __main__.main(asked) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert answer in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize("words", [[], ["--box", "1", "2", "3"], ["--box", *"1299", "--detection", "1"]])
def test_wrong_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.main(["explain", "image.png", *words])
    assert ended.value.code == 2
    assert "usage: python -m detector explain" in capsys.readouterr().err


def test_picture_is_gray_but_for_the_map_and_the_boxes() -> None:
    pixels = picture(2, size=(700, 800))
    heat = np.zeros(pixels.shape, np.float32)
    heat[300:340, 400:440] = 1
    window = np.array([150, 90, 750, 690], np.float32)
    box = np.array([[360, 260, 480, 380]], np.float32)
    found = overlay(pixels, heat, window, box, box[:0])
    assert found.shape == (600, 600, 3)
    coloured = found.min(axis=2) < found.max(axis=2)
    assert coloured[210:250, 250:290].all()
    coloured[210:250, 250:290] = False
    assert not coloured.any()
    # a line of two pixels on the edge of the box, x 360 - 150, y 260 - 90
    assert (found[200, 209:211] == 255).all(axis=1).any()
    assert (found[169:171, 300] == 255).all(axis=1).any()
    blue = overlay(pixels, heat, window, box[:0], box)
    assert (blue.min(axis=2) < blue.max(axis=2)).sum() > 1600 + 4 * 100
