"""`python -m detector predict`, as it is typed."""

import hashlib
import json
import shutil
import struct
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from version_samples import make_version, picture

from detector import __main__, png, shipped
from detector.detect import Detector
from detector.versions import Version

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def version(tmp_path_factory: pytest.TempPathFactory) -> Version:
    return make_version(tmp_path_factory.mktemp("predict") / "version")


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "左 hand.png"
    path.write_bytes(png.encode(picture(5)))
    return path


def predict(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "detector", "predict", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def said(capsys: pytest.CaptureFixture[str], *words: object) -> list[dict[str, Any]]:
    """What a successful call prints, in this process."""
    assert __main__.main(["predict", *map(str, words), "--threads", "1", "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return [json.loads(line) for line in out.splitlines()]


def test_one_object_an_image_and_line(version: Version, image: Path) -> None:
    done = predict(image, image, "--version", version.folder, "--json", "--threads", "1")
    assert (done.returncode, done.stderr) == (0, "")
    first, second = map(json.loads, done.stdout.splitlines())
    assert first == second
    assert first.keys() == {"image", "detections"}
    assert first["image"] == str(image)
    wanted = Detector(version, threads=1).detect(picture(5)).detections
    assert len(first["detections"]) == len(wanted) == 20
    for place, one in enumerate(first["detections"]):
        assert list(one) == ["box", "confidence", "ankylosis", "subluxation", "seen_by"]
        assert np.allclose(one["box"], wanted.boxes[place], atol=0.01)
        assert one["confidence"] == pytest.approx(wanted.confidence[place], abs=1e-5)
        assert np.allclose(one["ankylosis"], wanted.first[place], atol=1e-5)
        assert np.allclose(one["subluxation"], wanted.second[place], atol=1e-5)
        assert one["seen_by"] == wanted.seen_by[place]
    assert {one["seen_by"] for one in first["detections"]} <= {"both", "first", "second"}


def test_eight_bits_say_what_sixteen_say(
    version: Version, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pixels = picture(5) // 4
    deep, flat = tmp_path / "deep.png", tmp_path / "flat.png"
    deep.write_bytes(png.encode(pixels))
    cv2.imwrite(str(flat), pixels.astype(np.uint8))
    one, two = said(capsys, deep, flat, "--version", version.folder)
    assert one["detections"] == two["detections"] != []


def test_scans_and_runtimes_can_be_chosen(
    version: Version, image: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image.write_bytes(png.encode(picture(6, (700, 800))))
    words = (image, "--version", version.folder)
    (windows,) = said(capsys, *words, "--scan", "windows")
    (whole,) = said(capsys, *words, "--scan", "whole")
    (openvino,) = said(capsys, *words, "--scan", "whole", "--runtime", "openvino", "--precision", "f32")
    assert windows != whole
    assert len(openvino["detections"]) == len(whole["detections"])


def test_table_for_people(version: Version, image: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["predict", str(image), "--version", str(version.folder), "--threads", "1"]
    assert __main__.main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(
        f"{image}: 20 joints by random ({version.sha256[:12]}), scan windows, onnxruntime"
    )
    assert lines[1].split() == [
        "x0",
        "y0",
        "x1",
        "y1",
        "confidence",
        "ankylosis",
        "subluxation",
        "seen",
        "by",
    ]
    assert len(lines) == 22
    assert [line.split()[0] for line in lines[2:]] == [str(number) for number in range(1, 21)], (
        "as explain counts"
    )
    for line in lines[2:]:
        *_, first, second, seen_by = line.split()
        assert (first == "-", second == "-") == (seen_by == "second", seen_by == "first")


def test_one_bad_image_does_not_stop_the_others(version: Version, image: Path, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    cv2.imwrite(str(tmp_path / "colour.png"), np.zeros((400, 400, 3), np.uint8))
    words = (tmp_path / "text.png", tmp_path / "none.png", tmp_path / "colour.png", image)
    done = predict(*words, "--version", version.folder, "--json", "--threads", "1")
    assert done.returncode == 1
    assert [json.loads(line)["image"] for line in done.stdout.splitlines()] == [str(image)]
    text, none, colour = done.stderr.splitlines()
    assert text.endswith("text.png: It is no PNG. Give a gray PNG of 8 or 16 bits, bone bright.")
    assert none.endswith("none.png: No such file or directory")
    assert "colour.png: It is a colour PNG; a gray one of 8 or 16 bits is needed." in colour


def test_what_is_no_version_is_said_in_a_sentence(image: Path, tmp_path: Path) -> None:
    done = predict(image, "--version", tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("predict: ")
    assert "is no version of a detector" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def other_golden(version: Version, folder: Path) -> Path:
    """A copy whose hashes are right; what it says is not what it said when it was written."""
    shutil.copytree(version.folder, folder)
    (folder / "golden.png").write_bytes(png.encode(picture(7)))
    record = json.loads((folder / "version.json").read_text("utf-8"))
    record["files"]["golden.png"] = hashlib.sha256((folder / "golden.png").read_bytes()).hexdigest()
    (folder / "version.json").write_text(json.dumps(record), "utf-8")
    return folder


def test_a_version_from_elsewhere_is_verified_before_it_is_used(
    version: Version, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = other_golden(version, tmp_path / "elsewhere")
    for words in (
        ["predict", image],
        ["explain", image, "--detection", "1"],
        ["check", folder],
    ):
        more = ["--version", folder] if words[0] != "check" else []
        assert __main__.main([*map(str, words), *map(str, more)]) == 1
        out, err = capsys.readouterr()
        assert "does not say what it said of golden.png" in (out if words[0] == "check" else err)


def test_the_shipped_version_is_trusted_by_its_hashes(
    version: Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_golden(version, tmp_path / "demo")
    monkeypatch.setattr(shipped, "PLACES", (tmp_path,))
    monkeypatch.chdir(tmp_path)
    for given in (None, tmp_path / "demo", Path("demo")):
        assert shipped.version_at(given).folder == tmp_path / "demo"


def test_this_folder_has_a_name(
    version: Version, image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert __main__.main(["predict", str(image), "--version", "."]) == 1
    assert capsys.readouterr().err.startswith(f"predict: {tmp_path.name} is no version of a detector")


def test_without_a_model_the_sentence_says_how_to_get_one(
    image: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shipped, "PLACES", (tmp_path,))
    assert __main__.main(["predict", str(image)]) == 1
    assert "No model comes with this Knuckle. Name one with --version" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [[], ["x.png", "--scan", "all"], ["x.png", "--runtime", "caffe"], ["x.png", "--threads", "few"]]
)
def test_wrong_usage_ends_with_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        __main__.main(["predict", *words])
    assert ended.value.code == 2


def with_chunk(data: bytes, kind: bytes, body: bytes) -> bytes:
    """A PNG with one more chunk behind its header."""
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return data[:33] + chunk + data[33:]


@pytest.mark.parametrize("bits", [8, 16])
def test_gray_is_read_as_it_is_stored(bits: int) -> None:
    """Whatever a file says of transparency, gamma or of turning the picture."""
    pixels = picture(1, (31, 47)).astype(np.uint8 if bits == 8 else np.uint16)
    data = cv2.imencode(".png", pixels)[1].tobytes()
    turned = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    for kind, body in ((b"tRNS", b"\0\x05"), (b"gAMA", b"\0\0\x56\xce"), (b"eXIf", turned)):
        found = png.decode(with_chunk(data, kind, body), bits=(8, 16))
        assert found.dtype == np.uint16
        assert np.array_equal(found, pixels)
    with pytest.raises(
        ValueError, match=f"It is a gray PNG of {bits} bits; one of {24 - bits} bits is needed"
    ):
        png.decode(data, bits=(24 - bits,))


@pytest.mark.parametrize(("kind", "channels"), [("colour", 3), ("colour", 4)])
def test_colour_is_called_by_its_name(kind: str, channels: int) -> None:
    data = cv2.imencode(".png", np.zeros((9, 9, channels), np.uint8))[1].tobytes()
    with pytest.raises(ValueError, match=f"It is a {kind} PNG; a gray one of 16 bits is needed"):
        png.decode(data)


@pytest.mark.parametrize(
    ("bits", "colour", "words"),
    [
        (8, 3, "a palette PNG; a gray one of"),
        (16, 4, "a half-transparent PNG; a gray one of"),
        (1, 0, "a gray PNG of 1 bit; one of"),
        (4, 0, "a gray PNG of 4 bits; one of"),
        (16, 7, "a damaged PNG; a gray one of"),
    ],
)
def test_any_other_kind_is_too(bits: int, colour: int, words: str) -> None:
    assert png.unlike(png.Header(9, 9, bits, colour), (8, 16)) == f"It is {words} 8 or 16 bits is needed."
    assert png.unlike(png.Header(9, 9, 8, 0), (8, 16)) == ""
