"""The display chain that a header describes (DICOM PS3.3 C.11.1, C.11.2, C.7.6.3.1.2)."""

from __future__ import annotations

import math
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
from annotator.imaging.entries import many, numbers, text, value

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
    shape = text(ds, "PresentationLUTShape").upper()
    if shape in ("INVERSE", "IDENTITY"):
        return shape == "INVERSE"
    return text(ds, "PhotometricInterpretation").upper() == "MONOCHROME1"


def _modality(ds: Dataset, signed: bool, little_endian: bool) -> Rescale | ModalityLut:
    items = many(ds.get("ModalityLUTSequence"))
    if items:
        lut = _lut(items[0], signed, little_endian)
        if lut is None:
            raise refusals.damaged("its Modality LUT is incomplete")
        return ModalityLut(*lut)
    slope, intercept = numbers(ds, "RescaleSlope"), numbers(ds, "RescaleIntercept")
    rescale = Rescale(slope[0] if slope else 1.0, intercept[0] if intercept else 0.0)
    if not (math.isfinite(rescale.slope) and math.isfinite(rescale.intercept)) or rescale.slope == 0:
        raise refusals.damaged("its rescale slope or intercept is no usable number")
    return rescale


def _windows(ds: Dataset) -> list[Window]:
    centres, widths = numbers(ds, "WindowCenter"), numbers(ds, "WindowWidth")
    names = [str(name or "").strip() for name in many(value(ds, "WindowCenterWidthExplanation"))]
    function = _FUNCTIONS.get(text(ds, "VOILUTFunction").upper(), "LINEAR")
    found = []
    for i, (centre, width) in enumerate(zip(centres, widths, strict=False)):
        smallest = 1.0 if function == "LINEAR" else 0.0
        if math.isfinite(centre) and math.isfinite(width) and width >= smallest and width > 0:
            found.append(Window(centre, width, names[i] if i < len(names) else "", function))
    return found


def _voi_luts(ds: Dataset, negative_input: bool, little_endian: bool) -> list[VoiLut]:
    luts = [_lut(item, negative_input, little_endian) for item in many(value(ds, "VOILUTSequence"))]
    return [VoiLut(*lut) for lut in luts if lut is not None]


def _lut(item: Dataset, signed: bool, little_endian: bool) -> tuple[int, NDArray[np.uint16], int, str] | None:
    """First input value, entries, bits and name; None where they do not go together.

    signed: whether the first input value is to be read as signed, which implicit VR cannot say.
    """
    descriptor = _words(value(item, "LUTDescriptor"), little_endian)
    data = value(item, "LUTData")
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
    name = text(item, "LUTExplanation")
    return first, table.astype(np.uint16), bits, name


def _words(found: Any, little_endian: bool) -> NDArray[np.int64]:
    """16-bit words of a value that pydicom gives as bytes, a number or a list of numbers."""
    if isinstance(found, bytes):
        whole = found[: len(found) // 2 * 2]
        return np.frombuffer(whole, "<u2" if little_endian else ">u2").astype(np.int64)
    try:
        return np.array([int(n) for n in many(found)], dtype=np.int64)
    except (TypeError, ValueError):
        return np.zeros(0, np.int64)
