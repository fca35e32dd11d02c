"""What the header says: names in their scripts, dates, sides, spacing, windows, and what is spoilt in it."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from dicom_files import BIG_ENDIAN, EXPLICIT, IMPLICIT, dataset, film, save
from pydicom.dataset import Dataset

from annotator.domain.errors import KnuckleError
from annotator.imaging.dicom import Facts, Spacing, read
from annotator.imaging.display import ModalityLut, Rescale, Window

SAME = {"ImagerPixelSpacing": [0.15, 0.15], "PixelSpacing": [0.15, 0.15]}
OTHER = {"ImagerPixelSpacing": [0.15, 0.15], "PixelSpacing": [0.14, 0.14]}
FIDUCIAL = {"PixelSpacing": [0.1, 0.2], "PixelSpacingCalibrationType": "FIDUCIAL"}
JAPANESE = "YAMADA^Taro=山田^太郎=やまだ^たろう"


def facts_with(tmp_path: Path, syntax: str = EXPLICIT, **entries: object) -> Facts:
    ds = dataset(film(), syntax)
    for keyword, value in entries.items():
        setattr(ds, keyword, value)
    return read(save(ds, tmp_path / "a.dcm")).facts


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT])
@pytest.mark.parametrize(
    ("charset", "name", "readable"),
    [
        (["", "ISO 2022 IR 87"], JAPANESE, "YAMADA Taro (山田 太郎)"),
        (["ISO_IR 192"], JAPANESE, "YAMADA Taro (山田 太郎)"),
        (["ISO_IR 13"], "ﾔﾏﾀﾞ^ﾀﾛｳ", "ﾔﾏﾀﾞ ﾀﾛｳ"),
        (["ISO 2022 IR 13", "ISO 2022 IR 87"], "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう", "ﾔﾏﾀﾞ ﾀﾛｳ (山田 太郎)"),
        (["ISO_IR 192"], "=山田^太郎", "山田 太郎"),
        (["ISO_IR 100"], "Müller^Anna", "Müller Anna"),
        (["ISO_IR 192"], "", ""),
    ],
)
def test_names_are_readable(
    charset: list[str], name: str, readable: str, syntax: str, tmp_path: Path
) -> None:
    facts = facts_with(tmp_path, syntax, SpecificCharacterSet=charset, PatientName=name)
    assert facts.identity.name == readable


def test_nothing_that_names_the_patient_is_in_repr(tmp_path: Path) -> None:
    facts = facts_with(tmp_path, PatientName=JAPANESE, PatientID="SECRET-1", IssuerOfPatientID="SECRET-2")
    assert facts.identity.patient_id == "SECRET-1"
    assert facts.identity.issuer == "SECRET-2"
    for secret in ("YAMADA", "山田", "SECRET", facts.identity.study_uid):
        assert secret not in repr(facts)


def test_pydicom_logs_nothing_of_a_spoilt_header(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = save(dataset(film()), tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes().replace(b"ISO_IR 192", b"ISO_IR 999"))
    with caplog.at_level(0):
        assert read(path).facts.identity.name == "Test Patient"
    assert caplog.records == []


def test_dates(tmp_path: Path) -> None:
    facts = facts_with(tmp_path, StudyDate="20150304", AcquisitionDateTime="20150305101112.5+0900")
    assert (facts.study_date, facts.acquisition_date) == (date(2015, 3, 4), date(2015, 3, 5))
    assert facts_with(tmp_path, StudyDate="2015.03.04").study_date == date(2015, 3, 4)
    spoilt = facts_with(tmp_path, StudyDate="20159999")
    assert (spoilt.study_date, spoilt.acquisition_date) == (None, None)


@pytest.mark.parametrize(
    ("entries", "side"),
    [({"ImageLaterality": "B"}, "B"), ({"ImageLaterality": "R", "Laterality": "L"}, "R"),
     ({"Laterality": "L"}, "L"), ({"ImageLaterality": "U"}, ""), ({}, "")],
)  # fmt: skip
def test_side(entries: dict[str, str], side: str, tmp_path: Path) -> None:
    assert facts_with(tmp_path, **entries).laterality == side


@pytest.mark.parametrize(
    ("entries", "spacing"),
    [
        ({"ImagerPixelSpacing": [0.15, 0.15]}, Spacing(0.15, 0.15, "detector plane")),
        (SAME, Spacing(0.15, 0.15, "detector plane")),
        (OTHER, Spacing(0.14, 0.14, "calibrated")),
        ({"PixelSpacing": [0.1, 0.2]}, Spacing(0.1, 0.2, "file")),
        (FIDUCIAL, Spacing(0.1, 0.2, "calibrated")),
        ({"NominalScannedPixelSpacing": [0.1, 0.1]}, Spacing(0.1, 0.1, "scanned film")),
        ({"ImagerPixelSpacing": [0.0, 0.15]}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_spacing_says_where_it_is_true(
    entries: dict[str, object], spacing: Spacing | None, tmp_path: Path
) -> None:
    facts = facts_with(tmp_path, **entries)
    assert facts.spacing == spacing
    assert facts.pixel_aspect == (0.5 if spacing and spacing.column_mm == 0.2 else 1.0)


def test_pixel_aspect_without_spacing(tmp_path: Path) -> None:
    assert facts_with(tmp_path, PixelAspectRatio=[3, 2]).pixel_aspect == 1.5
    assert facts_with(tmp_path, PixelAspectRatio=[0, 2]).pixel_aspect == 1.0


def test_windows_of_the_file(tmp_path: Path) -> None:
    windows = facts_with(
        tmp_path,
        WindowCenter=[300, 500.5, 7],
        WindowWidth=[200, 1000, 0],
        WindowCenterWidthExplanation=["BONE", "SOFT", "BROKEN"],
    ).chain.windows
    assert windows == (Window(300, 200, "BONE"), Window(500.5, 1000, "SOFT"))
    assert facts_with(tmp_path, WindowCenter="", WindowWidth="").chain.windows == ()
    assert facts_with(tmp_path, WindowCenter=None, WindowWidth=None).chain.windows == ()
    sigmoid = facts_with(tmp_path, WindowCenter=5, WindowWidth=0.5, VOILUTFunction="SIGMOID")
    assert sigmoid.chain.windows == (Window(5, 0.5, "", "SIGMOID"),)


def lut_item(first: int, entries: np.ndarray, bits: int, little: bool = True) -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [entries.size % 65536, first & 0xFFFF, bits])
    item.add_new("LUTData", "OW", entries.astype("<u2" if little else ">u2").tobytes())
    return item


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG_ENDIAN])
def test_luts_of_the_file(syntax: str, tmp_path: Path) -> None:
    curve = (np.arange(1024) * 4).astype(np.uint16)
    item = lut_item(-5, curve, 12, little=syntax != BIG_ENDIAN)
    item.LUTExplanation = "SOFT"
    facts = facts_with(
        tmp_path, syntax, RescaleSlope=1, RescaleIntercept=-512, VOILUTSequence=[item, Dataset()]
    )
    (lut,) = facts.chain.voi_luts  # the empty one is dropped
    assert (lut.first, lut.bits, lut.name) == (-5, 12, "SOFT")
    assert np.array_equal(lut.table, curve)


def test_a_full_lut_and_one_of_bytes(tmp_path: Path) -> None:
    full = np.arange(65536).astype(np.uint16)
    packed = Dataset()
    packed.add_new("LUTDescriptor", "US", [256, 0, 8])
    packed.add_new("LUTData", "OW", bytes(range(256)))
    luts = facts_with(tmp_path, VOILUTSequence=[lut_item(0, full, 16), packed]).chain.voi_luts
    assert [lut.table.size for lut in luts] == [65536, 256]
    assert np.array_equal(luts[1].table, np.arange(256))


def test_modality_of_the_file(tmp_path: Path) -> None:
    assert facts_with(tmp_path).chain.modality == Rescale(1, 0)
    assert facts_with(tmp_path, RescaleSlope=-0.5, RescaleIntercept=9).chain.modality == Rescale(-0.5, 9)
    item = lut_item(0, np.arange(1024).astype(np.uint16), 10)
    modality = facts_with(tmp_path, ModalityLUTSequence=[item], RescaleSlope=3).chain.modality
    assert isinstance(modality, ModalityLut)
    assert modality.bits == 10
    for spoilt in ({"RescaleSlope": 0}, {"ModalityLUTSequence": [Dataset()]}):
        with pytest.raises(KnuckleError, match="damaged"):
            facts_with(tmp_path, **spoilt)


def respelt(tmp_path: Path, keyword: str, text: bytes, **entries: object) -> Facts:
    """What a header says in which an entry is overwritten with a text of its own length."""
    ds = dataset(film())
    for other, entry in entries.items():
        setattr(ds, other, entry)
    setattr(ds, keyword, "7" * len(text))
    path = save(ds, tmp_path / "a.dcm")
    before, found, after = path.read_bytes().partition(b"7" * len(text))
    assert found
    path.write_bytes(before + text + after)
    return read(path).facts


@pytest.mark.parametrize("centres", [b"300\\abc\\7", b"300\\nan\\7", b"300\\inf\\7", b"300\\   \\7"])
def test_a_spoilt_number_spoils_its_own_window_and_no_other(tmp_path: Path, centres: bytes) -> None:
    facts = respelt(tmp_path, "WindowCenter", centres + b" ", WindowWidth=[200, 1000, 30])
    assert facts.chain.windows == (Window(300, 200, "", "LINEAR"), Window(7, 30, "", "LINEAR"))


@pytest.mark.parametrize("spacing", [b"0.14\\abc", b"0.14\\nan", b"0.14\\inf", b"0.14\\   "])
def test_a_spoilt_number_spoils_the_spacing(tmp_path: Path, spacing: bytes) -> None:
    assert respelt(tmp_path, "PixelSpacing", spacing).spacing is None


@pytest.mark.parametrize("slope", [b"abcdef", b"nan   ", b"inf   "])
def test_a_spoilt_slope_is_told_as_that(tmp_path: Path, slope: bytes) -> None:
    with pytest.raises(KnuckleError, match="rescale slope or intercept is no usable number"):
        respelt(tmp_path, "RescaleSlope", slope)
