"""Every transfer syntax gives the values that went in; lossy ones come near."""

import hashlib
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from dicom_files import (
    BIG_ENDIAN,
    EXPLICIT,
    IMPLICIT,
    JPEG,
    LOSSLESS,
    LOSSY,
    NATIVE,
    RLE,
    Depth,
    dataset,
    film,
    save,
    set_pixels,
)
from pydicom.data import get_testdata_file
from pydicom.encaps import generate_frames

from annotator.domain.errors import KnuckleError
from annotator.imaging.dicom import is_dicom, read

SIGNED = Depth(signed=True)


@pytest.mark.parametrize("syntax", LOSSLESS)
def test_lossless_values_are_those_that_went_in(syntax: str, tmp_path: Path) -> None:
    stored = film()
    path = save(dataset(stored, syntax), tmp_path / "a.dcm")
    radiograph = read(path)
    assert np.array_equal(radiograph.values, stored)
    assert radiograph.values.dtype == np.uint16
    assert not radiograph.values.flags.writeable
    assert radiograph.facts.transfer_syntax == syntax
    assert radiograph.file_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert is_dicom(path)


def test_pixels_have_one_hash_in_every_lossless_syntax(tmp_path: Path) -> None:
    hashes = {read(save(dataset(film(), s), tmp_path / "a.dcm")).pixels_sha256 for s in LOSSLESS}
    assert len(hashes) == 1
    other = film()
    other[5, 5] ^= 1
    assert read(save(dataset(other), tmp_path / "a.dcm")).pixels_sha256 not in hashes
    turned = read(save(dataset(film().reshape(film().shape[::-1])), tmp_path / "a.dcm"))
    assert turned.pixels_sha256 not in hashes


@pytest.mark.parametrize("syntax", LOSSY)
def test_lossy_values_come_near(syntax: str, tmp_path: Path) -> None:
    depth = Depth(8, 8, 7) if syntax == JPEG + "50" else Depth(stored=12, high_bit=11)
    stored = film(levels=2**depth.stored)
    values = read(save(dataset(stored, syntax, depth), tmp_path / "a.dcm")).values
    difference = np.abs(values.astype(int) - stored)
    assert difference.max() <= 0.02 * 2**depth.stored
    assert difference.mean() <= 0.005 * 2**depth.stored


@pytest.mark.parametrize("syntax", [*NATIVE, RLE, JPEG + "70", JPEG + "80", JPEG + "90", JPEG + "201"])
def test_signed_values_are_kept_from_the_lowest_on(syntax: str, tmp_path: Path) -> None:
    stored = film().astype(np.int16) - 512
    radiograph = read(save(dataset(stored, syntax, SIGNED), tmp_path / "a.dcm"))
    assert radiograph.facts.chain.first_stored == -512
    assert np.array_equal(radiograph.values.astype(int) - 512, stored)
    assert radiograph.stored_at(1.9, 0.1) == 511
    assert radiograph.stored_at(0.0, 0.0) == -512


@pytest.mark.parametrize("syntax", [*NATIVE, RLE])
@pytest.mark.parametrize("rows", [82, 83])
def test_eight_bits_in_bytes(syntax: str, rows: int, tmp_path: Path) -> None:
    stored = film(rows, 101, levels=256)
    path = save(dataset(stored, syntax, Depth(8, 8, 7)), tmp_path / "a.dcm")
    assert np.array_equal(read(path).values, stored)


@pytest.mark.parametrize("syntax", [IMPLICIT, BIG_ENDIAN, RLE])
def test_overlay_bits_above_and_below_the_stored_ones_are_left_out(syntax: str, tmp_path: Path) -> None:
    stored = film()
    depth = Depth(stored=10, high_bit=12)
    ds = dataset(stored, EXPLICIT, depth)
    noisy = np.frombuffer(ds.PixelData, "<u2").reshape(stored.shape) | np.uint16(0xE007)
    ds.file_meta.TransferSyntaxUID = syntax
    set_pixels(ds, noisy, syntax, depth)
    assert np.array_equal(read(save(ds, tmp_path / "a.dcm")).values, stored)


def test_place_of_a_stored_value() -> None:
    path = get_testdata_file("RG3_UNCI.dcm")
    assert isinstance(path, str)
    radiograph = read(Path(path))
    height, width = radiograph.values.shape
    stored = pydicom.dcmread(path).pixel_array
    assert radiograph.stored_at(width - 0.01, 3.5) == stored[3, width - 1]
    assert radiograph.stored_at(2.0, 0) == stored[0, 2]
    for outside in ((-0.01, 0), (0, -0.01), (width, 0), (0, height)):
        assert radiograph.stored_at(*outside) is None


ACCEPTED = (
    "693_J2KI.dcm", "693_J2KR.dcm", "693_UNCI.dcm", "JPEG-LL.dcm", "JPGLosslessP14SV1_1s_1f_8b.dcm",
    "MR-SIEMENS-DICOM-WithOverlays.dcm", "MR2_J2KI.dcm", "MR2_J2KR.dcm", "RG1_UNCI.dcm", "RG3_J2KI.dcm",
    "RG3_J2KR.dcm", "RG3_UNCI.dcm", "RG3_UNCR.dcm", "bad_sequence.dcm", "explicit_VR-UN.dcm", "mlut_18.dcm",
    "vlut_04.dcm", "CT_small.dcm", "J2K_pixelrep_mismatch.dcm", "JPEG-lossy.dcm", "JPEG2000.dcm",
    "JPEGLSNearLossless_08.dcm", "JPEGLSNearLossless_16.dcm", "JPGExtended.dcm", "MR_small.dcm",
    "MR_small_RLE.dcm", "MR_small_bigendian.dcm", "MR_small_expb.dcm", "MR_small_implicit.dcm",
    "MR_small_jp2klossless.dcm", "MR_small_jpeg_ls_lossless.dcm", "MR_small_padded.dcm", "image_dfl.dcm",
)  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
@pytest.mark.filterwarnings("ignore:.*:UserWarning:pydicom")  # it warns of its own files
def test_same_values_as_pydicom(name: str) -> None:
    """pydicom decodes with other libraries than we do, where it can."""
    path = get_testdata_file(name)
    assert isinstance(path, str)
    radiograph = read(Path(path))
    ds = pydicom.dcmread(path)
    syntax = ds.file_meta.TransferSyntaxUID
    if syntax == JPEG + "51":  # 12 bits: nothing free but libjpeg-turbo decodes it
        assert radiograph.values.std() > 10
        return
    if syntax in (JPEG + "57", JPEG + "70"):
        reference = imagecodecs.jpegsof3_decode(next(generate_frames(ds.PixelData, number_of_frames=1)))
    else:
        reference = pydicom.pixels.pixel_array(ds, raw=True)
    bits = radiograph.facts.bits_stored
    expected = reference.astype(np.int64) & (2**bits - 1)
    if radiograph.facts.chain.signed:
        expected ^= 2 ** (bits - 1)
    assert np.array_equal(radiograph.values, expected)


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN])
def test_a_header_without_preamble_is_understood(syntax: str, tmp_path: Path) -> None:
    whole = save(dataset(film(), syntax), tmp_path / "a.dcm").read_bytes()
    ds = pydicom.dcmread(tmp_path / "a.dcm")
    group_length = 132 + 12 + ds.file_meta.FileMetaInformationGroupLength
    bare, with_meta = tmp_path / "bare.dcm", tmp_path / "meta.dcm"
    bare.write_bytes(whole[group_length:])
    with_meta.write_bytes(whole[132:])
    for path in (bare, with_meta):
        assert is_dicom(path)
        assert np.array_equal(read(path).values, film())
        assert read(path).facts.transfer_syntax == syntax


def test_a_changed_file_is_not_even_parsed(tmp_path: Path) -> None:
    path = save(dataset(film()), tmp_path / "a.dcm")
    known = read(path).file_sha256
    assert read(path, known).file_sha256 == known
    path.write_bytes(b"something else")
    with pytest.raises(KnuckleError, match="changed since it was imported"):
        read(path, known)
