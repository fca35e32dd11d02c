"""What the header of a DICOM file says, as Facts: checked, and without a pydicom object left in it.

Required is what the picture cannot be shown without; everything else may be missing or spoilt.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from datetime import date, datetime

from pydicom import config
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag

from annotator.domain.errors import KnuckleError
from annotator.imaging import refusals
from annotator.imaging.codecs import SYNTAXES
from annotator.imaging.entries import numbers, text, value
from annotator.imaging.file_chain import chain_of
from annotator.imaging.part10 import MAX_HEADER, MAX_SIDE, Part10
from annotator.imaging.radiograph import Facts, Identity, Spacing

# Values are checked here, where they are used, and not by warnings about every spelling. pydicom logs the
# values that it warns of, which may name the patient.
config.settings.reading_validation_mode = config.IGNORE
logging.getLogger("pydicom").disabled = True

UNDEFINED = 0xFFFFFFFF
_PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_REQUIRED = (
    "Rows", "Columns", "BitsAllocated", "BitsStored", "PixelRepresentation", "SamplesPerPixel",
    "PhotometricInterpretation", "SOPInstanceUID",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PixelElement:
    """Where the pixel data lie: offset and length (or UNDEFINED) in Part10.data."""

    tag: int
    vr: str | None
    length: int
    offset: int


@dataclass(frozen=True, slots=True)
class Header:
    """Facts, and what decoding needs besides."""

    facts: Facts
    bits_allocated: int
    high_bit: int
    pixels: PixelElement


class _Gate:
    """Watches pydicom's reading of the top level: stops at the pixels and refuses lengths that lie."""

    def __init__(self, part: Part10) -> None:
        self._stream = part.stream()
        self._part = part
        self.pixels: PixelElement | None = None

    def read(self) -> Dataset:
        part = self._part
        return read_dataset(self._stream, part.implicit, part.little_endian, stop_when=self._stops_at)

    def _stops_at(self, tag: BaseTag, vr: str | None, length: int) -> bool:
        offset = self._stream.tell()
        if int(tag) in _PIXELS:
            self.pixels = PixelElement(int(tag), vr, length, offset)
            return True
        if offset - self._part.start > MAX_HEADER:
            raise refusals.too_large("the header", f"{MAX_HEADER // 2**20} MB")
        if length != UNDEFINED and offset + length > self._part.size:
            raise refusals.truncated()
        return False


def parse(part: Part10) -> Header:
    """Facts and place of the pixels. Raises KnuckleError for anything that is no single grey picture."""
    try:
        return _parse(part)
    except KnuckleError:
        raise
    except MemoryError as error:
        raise refusals.no_memory() from error
    except refusals.DAMAGE as error:
        raise refusals.damaged("its header cannot be understood") from error


def _parse(part: Part10) -> Header:
    if part.transfer_syntax not in SYNTAXES:
        raise refusals.unknown_syntax(part.transfer_syntax)
    gate = _Gate(part)
    ds = gate.read()
    pixels = gate.pixels
    if pixels is None or pixels.tag != 0x7FE00010 or pixels.length == 0:
        raise refusals.no_pixels()
    for keyword in _REQUIRED:
        if ds.get(keyword) in (None, ""):
            raise refusals.missing(keyword)
    _check_picture(ds)
    allocated, high = _depth(ds)
    return Header(_facts(ds, part), allocated, high, pixels)


def _check_picture(ds: Dataset) -> None:
    if int(ds.SamplesPerPixel) != 1 or photometric(ds) not in ("MONOCHROME1", "MONOCHROME2"):
        raise refusals.not_grayscale()
    frames = int(ds.get("NumberOfFrames") or 1)
    if frames != 1:
        raise refusals.many_frames(frames)
    rows, columns = int(ds.Rows), int(ds.Columns)
    if rows < 1 or columns < 1:
        raise refusals.damaged(f"it says to have {rows} rows and {columns} columns")
    if max(rows, columns) > MAX_SIDE:
        raise refusals.too_large(f"{columns} x {rows} pixels", f"{MAX_SIDE} x {MAX_SIDE}")


def _depth(ds: Dataset) -> tuple[int, int]:
    """Bits Allocated and High Bit, checked against Bits Stored (PS3.5 8.1.1)."""
    allocated, stored = int(ds.BitsAllocated), int(ds.BitsStored)
    high = int(ds.HighBit) if ds.get("HighBit") is not None else stored - 1
    if allocated not in (8, 16) or not 2 <= stored <= allocated:
        raise refusals.unsupported_depth(f"{stored} of {allocated} bits")
    if not stored - 1 <= high < allocated:
        raise refusals.damaged(f"its high bit {high} does not go with {stored} bits")
    return allocated, high


def photometric(ds: Dataset) -> str:
    return text(ds, "PhotometricInterpretation").upper()


def _facts(ds: Dataset, part: Part10) -> Facts:
    spacing = _spacing(ds)
    return Facts(
        rows=int(ds.Rows),
        columns=int(ds.Columns),
        bits_stored=int(ds.BitsStored),
        sop_instance_uid=text(ds, "SOPInstanceUID"),
        sop_class_uid=text(ds, "SOPClassUID"),
        transfer_syntax=part.transfer_syntax,
        photometric=photometric(ds),
        modality=text(ds, "Modality"),
        view=text(ds, "ViewPosition"),
        laterality=_laterality(ds),
        spacing=spacing,
        pixel_aspect=_pixel_aspect(ds, spacing),
        study_date=_date(ds, "StudyDate"),
        acquisition_date=_date(ds, "AcquisitionDate") or _date(ds, "AcquisitionDateTime"),
        identity=_identity(ds),
        manufacturer=text(ds, "Manufacturer"),
        model=text(ds, "ManufacturerModelName"),
        chain=chain_of(ds, part.little_endian),
    )


def _date(ds: Dataset, keyword: str) -> date | None:
    digits = text(ds, keyword).replace(".", "")[:8]  # dots: ACR-NEMA, still met
    try:
        return datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 - a day, not a moment
    except ValueError:
        return None


def _laterality(ds: Dataset) -> str:
    side = (text(ds, "ImageLaterality") or text(ds, "Laterality")).upper()
    return side if side in ("R", "L", "B") else ""


def _pair(ds: Dataset, keyword: str) -> tuple[float, float] | None:
    found = numbers(ds, keyword)
    usable = len(found) == 2 and all(math.isfinite(number) and number > 0 for number in found)
    return (found[0], found[1]) if usable else None


def _spacing(ds: Dataset) -> Spacing | None:
    """PS3.3 10.7.1.3: equal Pixel Spacing and Imager Pixel Spacing both mean the detector's plane."""
    pixel, imager = _pair(ds, "PixelSpacing"), _pair(ds, "ImagerPixelSpacing")
    calibrated = text(ds, "PixelSpacingCalibrationType") in ("GEOMETRY", "FIDUCIAL")
    if pixel and (calibrated or (imager and pixel != imager)):
        return Spacing(*pixel, "calibrated")
    if imager:
        return Spacing(*imager, "detector plane")
    if pixel:
        return Spacing(*pixel, "file")
    film = _pair(ds, "NominalScannedPixelSpacing")
    return Spacing(*film, "scanned film") if film else None


def _pixel_aspect(ds: Dataset, spacing: Spacing | None) -> float:
    if spacing:
        return spacing.row_mm / spacing.column_mm
    ratio = _pair(ds, "PixelAspectRatio")
    return ratio[0] / ratio[1] if ratio else 1.0


def _identity(ds: Dataset) -> Identity:
    return Identity(
        patient_id=text(ds, "PatientID"),
        issuer=text(ds, "IssuerOfPatientID"),
        name=_name(ds),
        study_uid=text(ds, "StudyInstanceUID"),
    )


def _name(ds: Dataset) -> str:
    """The name as a person reads it: "YAMADA Taro (山田 太郎)" (PS3.5 6.2.1: groups and components)."""
    groups = [" ".join(group.replace("^", " ").split()) for group in text(ds, "PatientName").split("=")]
    alphabetic, *others = [*groups, "", ""][:3]
    local = others[0] or others[1]
    if alphabetic and local:
        return f"{alphabetic} ({local})"
    return alphabetic or local


def directory_entries(part: Part10) -> list[tuple[str, ...]]:
    """The file names, in parts, that a DICOMDIR lists. Raises KnuckleError where it is damaged."""
    try:
        ds = read_dataset(part.stream(), part.implicit, part.little_endian)
        names = [value(record, "ReferencedFileID") for record in ds.get("DirectoryRecordSequence") or ()]
    except refusals.DAMAGE as error:
        raise refusals.damaged("its list of files cannot be understood") from error
    return [(name,) if isinstance(name, str) else tuple(str(p) for p in name) for name in names if name]
