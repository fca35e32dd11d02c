"""Each kind of file that is no radiograph, and the one sentence that says so."""

import os
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from dicom_files import DEFLATED, EXPLICIT, IMPLICIT, JPEG, LOSSLESS, NATIVE, RLE, dataset, film, save
from pydicom.data import get_testdata_file
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate

from annotator.domain.errors import KnuckleError
from annotator.imaging import part10
from annotator.imaging.dicom import is_dicom, read

Change = Callable[[FileDataset], object]


def refusal(path: Path) -> str:
    with pytest.raises(KnuckleError) as caught:
        read(path)
    error = caught.value
    for sentence in (error.message, error.advice):
        assert sentence.endswith(".")
        assert "Test" not in sentence  # the patient's name
    return error.message


def unchanged(ds: FileDataset) -> None:
    assert ds.PixelData


def changed(tmp_path: Path, change: Change, syntax: str = EXPLICIT) -> Path:
    ds = dataset(film(), syntax)
    change(ds)
    return save(ds, tmp_path / "a.dcm")


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x89PNG\r\n\x1a\n" + b"\0" * 500, b"\0" * 1000, b"a,b\n" * 99]
)
def test_not_dicom(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(content)
    assert not is_dicom(path)
    assert refusal(path) == "The file is not DICOM."


@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize("share", [0.999, 0.9, 0.5])
def test_truncated(syntax: str, share: float, tmp_path: Path) -> None:
    path = changed(tmp_path, unchanged, syntax)
    whole = path.read_bytes()
    path.write_bytes(whole[: min(int(len(whole) * share), len(whole) - 20)])
    assert refusal(path) == "The file is truncated: it ends before its data do."


def test_truncated_anywhere_in_the_header(tmp_path: Path) -> None:
    path = changed(tmp_path, unchanged)
    whole = path.read_bytes()
    sentences = set()
    for end in range(132, whole.index(b"\xe0\x7f\x10\x00"), 7):
        path.write_bytes(whole[:end])
        sentences.add(refusal(path).split(":")[0])
    assert sentences <= {"The file is truncated", "The file holds no pixels.", "The file is not DICOM."}


def test_pixel_data_shorter_than_its_picture(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda ds: setattr(ds, "PixelData", ds.PixelData[:-2]))
    assert "truncated" in refusal(path)


@pytest.mark.parametrize("syntax", [s for s in LOSSLESS if s not in NATIVE])
@pytest.mark.parametrize(("rows", "columns"), [(82, 101), (83, 100), (101, 83), (166, 202)])
def test_size_that_is_not_the_streams(syntax: str, rows: int, columns: int, tmp_path: Path) -> None:
    def lie(ds: FileDataset) -> None:
        ds.Rows, ds.Columns = rows, columns

    if syntax == RLE and rows * columns == 83 * 101:
        return  # RLE has no size of its own: a turned picture cannot be told
    assert refusal(changed(tmp_path, lie, syntax)).startswith(
        ("The file is damaged", "The file is truncated")
    )


@pytest.mark.parametrize("syntax", NATIVE)
def test_more_pixels_than_the_header_says(syntax: str, tmp_path: Path) -> None:
    assert "more pixels" in refusal(changed(tmp_path, lambda ds: setattr(ds, "Columns", 90), syntax))


def test_no_pixels(tmp_path: Path) -> None:
    assert refusal(changed(tmp_path, lambda ds: ds.pop("PixelData"))) == "The file holds no pixels."
    assert refusal(changed(tmp_path, lambda ds: setattr(ds, "PixelData", b""))) == "The file holds no pixels."
    report = get_testdata_file("reportsi.dcm")
    assert isinstance(report, str)
    assert refusal(Path(report)) == "The file holds no pixels."


@pytest.mark.parametrize(
    "name", ["SC_rgb.dcm", "SC_rgb_jpeg.dcm", "OT-PAL-8-face.dcm", "examples_palette.dcm"]
)
def test_not_grayscale(name: str) -> None:
    path = get_testdata_file(name)
    assert isinstance(path, str)
    assert refusal(Path(path)) == "The picture is not grayscale."


def test_a_colour_stream_behind_a_gray_header(tmp_path: Path) -> None:
    import imagecodecs

    colour = bytes(imagecodecs.jpeg8_encode(np.zeros((83, 101, 3), np.uint8)))

    def lie(ds: FileDataset) -> None:
        ds.PixelData = encapsulate([colour])
        ds.BitsAllocated = ds.BitsStored = 8
        ds.HighBit = 7

    assert refusal(changed(tmp_path, lie, JPEG + "50")) == "The picture is not grayscale."


def test_more_than_one_frame(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda ds: setattr(ds, "NumberOfFrames", 12))
    assert refusal(path) == "The file holds 12 frames instead of one."
    assert read(changed(tmp_path, lambda ds: setattr(ds, "NumberOfFrames", 1))).facts.rows == 83


def test_over_the_limits(tmp_path: Path) -> None:
    assert "over the limit" in refusal(changed(tmp_path, lambda ds: setattr(ds, "Columns", 10_001)))
    assert "over the limit" in refusal(changed(tmp_path, lambda ds: setattr(ds, "Rows", 10_001)))
    huge = tmp_path / "huge.dcm"
    with huge.open("wb") as file:
        file.write(b"\0" * 128 + b"DICM")
        file.truncate(part10.MAX_BYTES + 1)  # takes no room on the disk
    assert "over the limit" in refusal(huge)
    long = changed(tmp_path, lambda ds: ds.add_new(0x00090010, "OB", b"\0" * (part10.MAX_HEADER + 2)))
    assert "over the limit: the header" in refusal(long)


def test_unknown_syntax(tmp_path: Path) -> None:
    path = changed(tmp_path, unchanged)
    path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.7\0"))
    assert refusal(path).endswith("not known here: 1.2.840.10008.1.2.7.")


def deflated(tmp_path: Path, data: bytes) -> Path:
    whole = changed(tmp_path, unchanged, DEFLATED).read_bytes()
    meta_end = 132 + 12 + int.from_bytes(whole[140:144], "little")
    machine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    path = tmp_path / "bomb.dcm"
    path.write_bytes(whole[:meta_end] + machine.compress(data) + machine.flush())
    return path


def test_inflating_bomb(tmp_path: Path) -> None:
    start = b"\x08\x00\x05\x00CS\x04\x00ABCD"
    path = deflated(tmp_path, start + b"\0" * (part10.MAX_BYTES + 1000))
    assert path.stat().st_size < 2**20
    expected = f"The deflated file inflates to more than {part10.MAX_BYTES // 2**20} MB."
    assert refusal(path) == expected


def test_deflated_rubbish(tmp_path: Path) -> None:
    path = changed(tmp_path, unchanged, DEFLATED)
    path.write_bytes(path.read_bytes()[:-500] + b"\xff" * 500)
    assert refusal(path).startswith(("The file is damaged", "The file is truncated"))


REQUIRED = (
    "Rows", "Columns", "BitsAllocated", "BitsStored", "PixelRepresentation", "SamplesPerPixel",
    "PhotometricInterpretation", "SOPInstanceUID",
)  # fmt: skip


@pytest.mark.parametrize("keyword", REQUIRED)
@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_required_entries(keyword: str, syntax: str, tmp_path: Path) -> None:
    path = changed(tmp_path, lambda ds: ds.pop(keyword), syntax)
    assert refusal(path) == f"The file lacks a required entry: {keyword}."


@pytest.mark.parametrize(
    ("allocated", "stored", "high"), [(32, 10, 9), (16, 17, 16), (16, 1, 0), (12, 12, 11)]
)
def test_depth_that_is_not_supported(allocated: int, stored: int, high: int, tmp_path: Path) -> None:
    def lie(ds: FileDataset) -> None:
        ds.BitsAllocated, ds.BitsStored, ds.HighBit = allocated, stored, high

    assert "bit depth" in refusal(changed(tmp_path, lie))


def test_high_bit_that_does_not_go_with_the_rest(tmp_path: Path) -> None:
    assert "high bit" in refusal(changed(tmp_path, lambda ds: setattr(ds, "HighBit", 3)))


def test_numbers_that_are_none(tmp_path: Path) -> None:
    path = changed(tmp_path, lambda ds: setattr(ds, "RescaleSlope", "1.25"))
    path.write_bytes(path.read_bytes().replace(b"1.25", b"x.yz"))
    assert refusal(path).startswith("The file is damaged")


def test_nested_without_end(tmp_path: Path) -> None:
    item = b"\x08\x00\x40\x11SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    path = tmp_path / "deep.dcm"
    path.write_bytes(b"\0" * 128 + b"DICM" + item * 5000)
    assert refusal(path).startswith("The file is damaged")


def test_vanished_folder_and_impossible_path(tmp_path: Path) -> None:
    assert refusal(tmp_path / "gone.dcm") == "There is no such file."
    assert refusal(tmp_path) == "This is not a file that can be read."
    assert refusal(tmp_path / "a\0b") == "This is not a file that can be read."
    assert is_dicom(tmp_path / "gone.dcm")  # so that reading it tells the reason


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.dcm")
    assert refusal(tmp_path / "pipe.dcm") == "This is not a file that can be read."


def test_no_permission(tmp_path: Path) -> None:
    path = save(dataset(film()), tmp_path / "a.dcm")
    read(path)
    path.chmod(0)
    user = os.geteuid()
    if user == 0:  # nothing is forbidden to root, so for a moment we are somebody else
        os.seteuid(65534)
    try:
        message = refusal(path)
    finally:
        os.seteuid(user)
    assert message == "There is no permission to read the file."


def test_compressed_but_not_in_fragments(tmp_path: Path) -> None:
    path = changed(tmp_path, unchanged)
    path.write_bytes(path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.5\0"))
    assert "not in fragments" in refusal(path)


def test_eight_bit_header_over_a_sixteen_bit_stream_is_clipped_not_wrapped(tmp_path: Path) -> None:
    ds = dataset(film(), JPEG + "80")
    ds.BitsStored, ds.HighBit = 9, 8
    values = read(save(ds, tmp_path / "a.dcm")).values
    assert np.array_equal(values, np.minimum(film(), 511))
