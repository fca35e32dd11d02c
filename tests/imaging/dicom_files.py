"""DICOM files of every kind, made by pydicom and imagecodecs and never by the code under test."""

import struct
from dataclasses import dataclass
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ComputedRadiographyImageStorage, generate_uid

IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
DEFLATED, BIG_ENDIAN = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"
RLE, JPEG = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4."
NATIVE = (IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN)
LOSSLESS = (*NATIVE, RLE, *(JPEG + end for end in ("57", "70", "80", "90", "201", "202")))
LOSSY = tuple(JPEG + end for end in ("50", "51", "81", "91", "203"))


@dataclass(frozen=True)
class Depth:
    """How the values lie in their words."""

    allocated: int = 16
    stored: int = 10
    high_bit: int = 9
    signed: bool = False


TEN_BITS = Depth()


def film(rows: int = 83, columns: int = 101, levels: int = 1024, seed: int = 0) -> NDArray[np.uint16]:
    """A smooth picture with some grain that uses its whole range."""
    y, x = np.mgrid[:rows, :columns]
    noise = np.random.default_rng(seed).normal(0, 0.01, (rows, columns))
    picture = 0.5 + 0.45 * np.sin(x / 17.0) * np.cos(y / 23.0) + noise
    picture[0, 0], picture[0, 1] = 0.0, 1.0
    return (np.clip(picture, 0, 1) * (levels - 1)).astype(np.uint16)


def dataset(stored: NDArray[np.integer], syntax: str = EXPLICIT, depth: Depth = TEN_BITS) -> FileDataset:
    """A CR image with these stored values (negative ones where signed); `save` writes it."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["test"])
    meta.TransferSyntaxUID = syntax
    ds = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.StudyInstanceUID, ds.SeriesInstanceUID = generate_uid(), generate_uid()
    ds.Modality, ds.PatientName, ds.PatientID = "CR", "Test^Patient", "0001"
    ds.Rows, ds.Columns = stored.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = depth.allocated, depth.stored, depth.high_bit
    ds.PixelRepresentation = int(depth.signed)
    set_pixels(ds, words(stored, depth), syntax, depth)
    return ds


def words(stored: NDArray[np.integer], depth: Depth) -> NDArray[np.unsignedinteger]:
    """Two's complement of the stored bits at their place, as words of the allocated size."""
    bits = stored.astype(np.int64) & (2**depth.stored - 1)
    kind = np.uint8 if depth.allocated == 8 else np.uint16
    return (bits << (depth.high_bit + 1 - depth.stored)).astype(kind)


def set_pixels(ds: Dataset, raw: NDArray[np.unsignedinteger], syntax: str, depth: Depth) -> None:
    if syntax in NATIVE:
        order = ">" if syntax == BIG_ENDIAN else "<"
        data = raw.astype(raw.dtype.newbyteorder(order)).tobytes()
        if raw.dtype == np.uint8:
            data += b"\0" * (len(data) % 2)
            if syntax == BIG_ENDIAN:  # 8-bit pixels in 16-bit words
                data = np.frombuffer(data, "<u2").astype(">u2").tobytes()
        ds.add_new("PixelData", "OW", data)
        return
    ds.add_new("PixelData", "OB", encapsulate([encoded(raw, syntax, depth)]))
    ds["PixelData"].is_undefined_length = True


def encoded(raw: NDArray[np.unsignedinteger], syntax: str, depth: Depth) -> bytes:
    bits, end = depth.stored, syntax.removeprefix(JPEG)
    if syntax == RLE:
        return rle(raw)
    if end in ("50", "51"):
        return bytes(imagecodecs.jpeg8_encode(raw, level=98, bitspersample=8 if bits <= 8 else 12))
    if end in ("57", "70"):
        return bytes(imagecodecs.jpeg8_encode(raw, lossless=True, predictor=1, bitspersample=bits))
    if end in ("80", "81"):
        return bytes(imagecodecs.jpegls_encode(raw, level=2 if end == "81" else 0))
    if end in ("90", "91"):
        return bytes(
            imagecodecs.jpeg2k_encode(
                raw,
                level=60 if end == "91" else 0,
                codecformat="j2k",
                bitspersample=bits,
                reversible=end == "90",
            )
        )
    return bytes(
        imagecodecs.htj2k_encode(raw, level=0.0001 if end == "203" else None, reversible=end != "203")
    )


def rle(raw: NDArray[np.unsignedinteger]) -> bytes:
    """DICOM PS3.5 annex G, one segment a byte, the most significant first."""
    planes = [raw >> 8, raw & 0xFF] if raw.dtype == np.uint16 else [raw]
    segments = []
    for plane in planes:
        rows = [bytes(imagecodecs.packbits_encode(row.astype(np.uint8).tobytes())) for row in plane]
        segment = b"".join(rows)
        segments.append(segment + b"\x80" * (len(segment) % 2))
    starts = [64 + sum(len(s) for s in segments[:i]) for i in range(len(segments))]
    return struct.pack("<16L", len(segments), *starts, *([0] * (15 - len(starts)))) + b"".join(segments)


def save(ds: FileDataset, path: Path) -> Path:
    pydicom.dcmwrite(path, ds, enforce_file_format=True)
    return path
