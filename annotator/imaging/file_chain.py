"""The display chain that a header describes (DICOM PS3.3 C.11.1, C.11.2, C.7.6.3.1.2)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from annotator.imaging import refusals
from annotator.imaging.display import (
    DisplayChain,
    Function,
    ModalityLut,
    Rescale,
    VoiLut,
    Window,
)

_FUNCTIONS: dict[str, Function] = {"LINEAR_EXACT": "LINEAR_EXACT", "SIGMOID": "SIGMOID"}


def chain_of(ds: Dataset, little_endian: bool) -> DisplayChain:
    """Raises KnuckleError where the modality step is spoilt, since no value would mean anything.

    A spoilt window or VOI LUT is dropped: another, or the percentiles, takes its place.
    """
    bits, signed = int(ds.BitsStored), int(ds.PixelRepresentation) == 1
    first = -(2 ** (bits - 1)) if signed else 0
    modality = _modality(ds, signed, little_endian)
    lowest = float(modality.apply(np.array([first, first + 2**bits - 1])).min())
    return DisplayChain(
        bits_stored=bits,
        signed=signed,
        first_stored=first,
        modality=modality,
        windows=tuple(_windows(ds)),
        voi_luts=tuple(_voi_luts(ds, lowest < 0, little_endian)),
        inverted=_inverted(ds),
    )


def _inverted(ds: Dataset) -> bool:
    """Presentation LUT Shape where there is one, else MONOCHROME1: both together are one flip."""
    shape = str(ds.get("PresentationLUTShape") or "").strip().upper()
    if shape in ("INVERSE", "IDENTITY"):
        return shape == "INVERSE"
    return str(ds.PhotometricInterpretation).strip().upper() == "MONOCHROME1"


def _modality(ds: Dataset, signed: bool, little_endian: bool) -> Rescale | ModalityLut:
    items = _many(ds.get("ModalityLUTSequence"))
    if items:
        lut = _lut(items[0], signed, little_endian)
        if lut is None:
            raise refusals.damaged("its Modality LUT is incomplete")
        return ModalityLut(*lut)
    slope, intercept = _many(ds.get("RescaleSlope")), _many(ds.get("RescaleIntercept"))
    rescale = Rescale(float(slope[0]) if slope else 1.0, float(intercept[0]) if intercept else 0.0)
    if not (math.isfinite(rescale.slope) and math.isfinite(rescale.intercept)) or rescale.slope == 0:
        raise refusals.damaged("its rescale slope or intercept is no usable number")
    return rescale


def _windows(ds: Dataset) -> list[Window]:
    centres, widths = _numbers(ds, "WindowCenter"), _numbers(ds, "WindowWidth")
    names = [str(name).strip() for name in _many(_value(ds, "WindowCenterWidthExplanation"))]
    function = _FUNCTIONS.get(str(_value(ds, "VOILUTFunction") or "").strip().upper(), "LINEAR")
    found = []
    for i, (centre, width) in enumerate(zip(centres, widths, strict=False)):
        smallest = 1.0 if function == "LINEAR" else 0.0
        if math.isfinite(centre) and math.isfinite(width) and width >= smallest and width > 0:
            found.append(Window(centre, width, names[i] if i < len(names) else "", function))
    return found


def _voi_luts(ds: Dataset, negative_input: bool, little_endian: bool) -> list[VoiLut]:
    luts = [_lut(item, negative_input, little_endian) for item in _many(_value(ds, "VOILUTSequence"))]
    return [VoiLut(*lut) for lut in luts if lut is not None]


def _lut(item: Dataset, signed: bool, little_endian: bool) -> tuple[int, NDArray[np.uint16], int, str] | None:
    """First input value, entries, bits and name; None where they do not go together.

    signed: whether the first input value is to be read as signed, which implicit VR cannot say.
    """
    descriptor = _words(_value(item, "LUTDescriptor"), little_endian)
    data = _value(item, "LUTData")
    if len(descriptor) != 3 or data is None:
        return None
    count, first, bits = (int(n) & 0xFFFF for n in descriptor)
    count = count or 65536
    if signed and first >= 32768:
        first -= 65536
    packed = isinstance(data, bytes) and bits <= 8 and len(data) < 2 * count
    entries = np.frombuffer(data, np.uint8) if packed else _words(data, little_endian)
    if len(entries) < count:
        return None
    table = np.array(entries[:count], dtype=np.int64) & 0xFFFF
    bits = (
        max(bits, int(table.max()).bit_length()) if 8 <= bits <= 16 else max(8, int(table.max()).bit_length())
    )
    name = str(_value(item, "LUTExplanation") or "").strip()
    return first, table.astype(np.uint16), bits, name


def _words(value: Any, little_endian: bool) -> NDArray[np.int64]:
    """16-bit words of a value that pydicom gives as bytes, a number or a list of numbers."""
    if isinstance(value, bytes):
        whole = value[: len(value) // 2 * 2]
        return np.frombuffer(whole, "<u2" if little_endian else ">u2").astype(np.int64)
    try:
        return np.array([int(n) for n in _many(value)], dtype=np.int64)
    except (TypeError, ValueError):
        return np.zeros(0, np.int64)


def _value(ds: Dataset, keyword: str) -> Any:
    try:
        return ds.get(keyword)
    except refusals.DAMAGE:
        return None


def _numbers(ds: Dataset, keyword: str) -> list[float]:
    try:
        return [float(part) for part in _many(_value(ds, keyword))]
    except (TypeError, ValueError):
        return []


def _many(value: Any) -> list[Any]:
    """The parts of an entry that may be missing, empty, single or several."""
    if value is None or value == "" or value == b"":
        return []
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [part for part in value if part is not None and part != ""]
    return [value]
