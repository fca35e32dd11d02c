"""Every fault the checker has a name for, made on purpose."""

import shutil
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from release_samples import COLUMNS, ROWS, edit, make_release, rewrite, tree

from detector import png
from detector.dataset import FaultKind, ReleaseError, faults, read_release

FIRST, SECOND = "images/P00000-1.png", "images/P00000-2.png"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A release to damage."""
    return make_release(tmp_path / "release").folder


def kinds(folder: Path) -> list[tuple[FaultKind, str]]:
    return [(fault.kind, fault.where) for fault in faults(folder)]


def test_every_fault_of_many_is_named_once(folder: Path) -> None:
    (folder / FIRST).unlink()
    (folder / SECOND).write_bytes(b"nothing")
    (folder / "notes.txt").write_text("by hand")
    edit(folder, "folds.json", lambda record: record.update(seed=7), signed=False)
    assert kinds(folder) == [
        (FaultKind.CHANGED, "folds.json"),
        (FaultKind.EXTRA, "notes.txt"),
        (FaultKind.MISSING, FIRST),
        (FaultKind.CHANGED, SECOND),
        (FaultKind.IMAGE, SECOND),
    ]


def test_a_release_with_faults_is_not_read(folder: Path) -> None:
    edit(
        folder,
        "annotations.json",
        lambda record: record["images"][0]["joints"][0].update(name="R-DIP2"),
        signed=False,
    )
    with pytest.raises(ReleaseError, match=r"annotations.json: It was changed .* There is 1 more fault\.$"):
        read_release(folder)
    edit(folder, "annotations.json", lambda record: record["images"][1].update(visit=0), signed=False)
    with pytest.raises(ReleaseError, match=r"was changed .* There are 2 more faults\.$"):
        read_release(folder)
    (folder / "annotations.json").unlink()
    with pytest.raises(ReleaseError, match=r"^annotations\.json: It is not there\.$"):
        read_release(folder)


def test_this_folder_has_a_name(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert read_release(Path()).folder.name == folder.name


def test_progress_is_told_and_may_end_the_check(folder: Path) -> None:
    told: list[int] = []
    faults(folder, told.append)
    assert told == [1, 2, 3, 4, 5, 6]

    def cancel(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        faults(folder, cancel)


# files


@pytest.mark.parametrize("name", ["manifest.json", "annotations.json", "folds.json", FIRST])
def test_missing_file(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert (FaultKind.MISSING, name) in kinds(folder)


def test_missing_folder(tmp_path: Path) -> None:
    assert kinds(tmp_path / "gone") == [(FaultKind.MISSING, "gone")]
    file = tmp_path / "file"
    file.write_text("x")
    assert kinds(file) == [(FaultKind.MISSING, "file")]
    assert {kind for kind, _ in kinds(tmp_path)} == {FaultKind.MISSING}


def test_folds_that_were_never_made_are_no_fault(folder: Path) -> None:
    (folder / "folds.json").unlink()
    edit(folder, "manifest.json", lambda record: record["files"].pop("folds.json"))
    assert kinds(folder) == []
    assert read_release(folder).folds is None


@pytest.mark.parametrize("name", ["annotations.json", "folds.json", FIRST])
def test_changed_file(folder: Path, name: str) -> None:
    data = bytearray((folder / name).read_bytes())
    data[-1:] = b" " if name.endswith("json") else b"\x00"
    (folder / name).write_bytes(data)
    assert (FaultKind.CHANGED, name) in kinds(folder)


def test_extra_files(folder: Path) -> None:
    for name in ("images/more.png", "deep/er/file", ".hidden"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    assert kinds(folder) == [
        (FaultKind.EXTRA, ".hidden"), (FaultKind.EXTRA, "deep/er/file"), (FaultKind.EXTRA, "images/more.png"),
    ]  # fmt: skip


def test_image_of_no_annotation_and_annotation_of_no_image(folder: Path) -> None:
    edit(folder, "annotations.json", lambda record: record["images"][0].update(file="images/other.png"))
    assert kinds(folder) == [(FaultKind.EXTRA, FIRST), (FaultKind.MISSING, "images/other.png")]


def test_links_are_not_followed(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("s")
    shutil.move(folder / FIRST, outside / "first.png")
    (folder / FIRST).symlink_to(outside / "first.png")
    (folder / "more").symlink_to(outside, target_is_directory=True)
    found = kinds(folder)
    assert (FaultKind.PATH, FIRST) in found
    assert (FaultKind.PATH, "more") in found
    assert not any("secret" in where for _, where in found)


@pytest.mark.parametrize(
    "path", ["../x.png", "/etc/passwd", "images/../../x.png", "images\\x.png", "images/.png"]
)
def test_paths_that_leave_the_folder(folder: Path, path: str) -> None:
    edit(folder, "annotations.json", lambda record: record["images"][0].update(file=path))
    edit(folder, "manifest.json", lambda record: record["files"].update({path: "0" * 64}))
    found = kinds(folder)
    assert (FaultKind.PATH, "annotations.json: image 1") in found
    assert (FaultKind.PATH, "manifest.json") in found


def test_a_file_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / FIRST).unlink()
    (folder / FIRST).mkdir()
    assert kinds(folder) == [(FaultKind.MISSING, FIRST)]
    (folder / "folds.json").unlink()
    (folder / "folds.json").mkdir()
    assert (FaultKind.UNREADABLE, "folds.json") in kinds(folder)


# images


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def crafted(width: int, height: int, bits: int, colour: int, data: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return png.SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


def encoded(pixels: np.ndarray[Any, Any], kind: str = ".png") -> bytes:
    return cv2.imencode(kind, pixels)[1].tobytes()


GRAY = np.arange(ROWS * COLUMNS, dtype=np.uint16).reshape(ROWS, COLUMNS)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (encoded((GRAY % 256).astype(np.uint8)), FaultKind.DEPTH),
        (encoded(np.repeat(GRAY[..., None], 3, axis=2)), FaultKind.DEPTH),
        (encoded(GRAY[:-1]), FaultKind.SIZE),
        (encoded(GRAY.T), FaultKind.SIZE),
        (encoded(GRAY, ".tiff"), FaultKind.IMAGE),
        (encoded(GRAY)[:-20], FaultKind.IMAGE),
        (encoded(GRAY)[:300] + bytes(3000), FaultKind.IMAGE),
        (png.SIGNATURE, FaultKind.IMAGE),
        (b"", FaultKind.IMAGE),
        (crafted(60_000, 60_000, 16, 0, b""), FaultKind.SIZE),
        (png.SIGNATURE + chunk(b"IEND", b""), FaultKind.IMAGE),
    ],
    ids=[
        "8-bit",
        "colour",
        "short",
        "turned",
        "tiff",
        "cut",
        "damaged",
        "signature",
        "empty",
        "huge",
        "headless",
    ],
)
def test_wrong_pictures(folder: Path, data: bytes, kind: FaultKind) -> None:
    rewrite(folder, FIRST, data)
    assert kinds(folder) == [(kind, FIRST)]


def test_a_picture_with_too_little_in_it(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rewrite(folder, FIRST, crafted(COLUMNS, ROWS, 16, 0, bytes(1000)))
    assert kinds(folder) == [(FaultKind.IMAGE, FIRST)]
    assert "Not enough image data" in capfd.readouterr().err  # libpng's own words


def test_the_same_picture_twice(folder: Path) -> None:
    rewrite(folder, "images/P00001-1.png", (folder / FIRST).read_bytes())
    assert kinds(folder) == [(FaultKind.SAME, "images/P00001-1.png")]


def test_decoding_refuses_what_no_release_holds() -> None:
    for data, words in (
        (crafted(60_000, 60_000, 16, 0, b""), "60000 x 60000 pixels"),
        (crafted(0, 5, 16, 0, b""), "0 x 5 pixels"),
        (encoded(np.zeros((4, 4), np.uint8)), "one of 16 bits is needed"),
    ):
        with pytest.raises(ValueError, match=words):
            png.decode(data)
    with pytest.raises(ValueError, match="Not a 16-bit gray image"):
        png.encode(np.zeros((0, 4), np.uint16))


def test_checking_changes_nothing(folder: Path) -> None:
    before = tree(folder)
    faults(folder)
    assert tree(folder) == before


def test_every_kind_of_fault_says_something(folder: Path) -> None:
    (folder / FIRST).write_bytes(b"")
    edit(folder, "folds.json", lambda record: record["folds"][0].append("P00009"))
    for fault in faults(folder):
        assert fault.message.endswith(".")
        assert str(fault) == f"{fault.where}: {fault.message}"
