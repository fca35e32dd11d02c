"""Which decoder for which transfer syntax, and what is checked before and after it.

All decoders are imagecodecs' (libjpeg-turbo, CharLS, OpenJPEG): one well-kept package, free licences,
and no search for plugins. The size that a compressed stream claims is read from its own header and
must be that of the DICOM header before any decoder sees it: some decoders return the picture of a
larger stream without a word, others allocate for what is claimed.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import KnuckleError
from annotator.imaging import refusals
from annotator.imaging.part10 import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT

NATIVE = frozenset({IMPLICIT, EXPLICIT, DEFLATED, BIG_ENDIAN})
RLE = "1.2.840.10008.1.2.5"
_JPEG = "1.2.840.10008.1.2.4."


@dataclass(frozen=True, slots=True)
class Claim:
    """What a compressed stream says of itself."""

    rows: int
    columns: int
    samples: int


@dataclass(frozen=True, slots=True)
class Codec:
    """claim: reads a stream's own header. decode: a stream -> [H, W] or [H, W, samples]."""

    claim: Callable[[bytes], Claim | None]
    decode: Callable[[bytes], NDArray[Any]]


def decode(syntax: str, stream: bytes, rows: int, columns: int) -> NDArray[Any]:
    """[rows, columns] of 8 or 16 bit: the picture of one compressed frame. Raises KnuckleError.

    syntax: any of COMPRESSED but RLE, which says nothing of its size: see decode_rle.
    """
    codec = COMPRESSED[syntax]
    try:
        claim = codec.claim(stream)
        if claim is None:
            raise refusals.damaged("its compressed picture has no readable header")
        if claim.samples != 1:
            raise refusals.not_grayscale()
        _check_size((claim.rows, claim.columns), rows, columns)
        picture = np.asarray(codec.decode(stream))
    except KnuckleError:
        raise
    except MemoryError as error:
        raise refusals.no_memory() from error
    except refusals.DAMAGE as error:
        raise refusals.damaged("its compressed picture cannot be decoded") from error
    _check_size(picture.shape, rows, columns)
    if picture.dtype.kind not in "iu" or picture.dtype.itemsize > 2:
        raise refusals.unsupported_depth(str(picture.dtype))
    return picture


def decode_rle(stream: bytes, rows: int, columns: int, allocated: int) -> NDArray[np.uint16]:
    """RLE of DICOM PS3.5 annex G: one segment a byte of the pixel, the most significant first."""
    import imagecodecs

    count = allocated // 8
    if len(stream) < 64:
        raise refusals.truncated()
    segments, *offsets = struct.unpack_from("<16L", stream)
    if segments != count:
        raise refusals.damaged(f"its picture has {segments} segments, where {count} are due")
    picture = np.zeros(rows * columns, np.uint16)
    for i, start in enumerate(offsets[:count]):
        end = offsets[i + 1] if i + 1 < count else len(stream)
        if not 64 <= start <= end <= len(stream):
            raise refusals.damaged("the segments of its picture overlap")
        try:
            part = np.frombuffer(imagecodecs.packbits_decode(stream[start:end]), np.uint8)
        except refusals.DAMAGE as error:
            raise refusals.damaged("its compressed picture cannot be decoded") from error
        if part.size < picture.size:
            raise refusals.truncated()
        if part.size > picture.size + 1:  # one byte evens a segment's length out
            raise refusals.damaged("its picture has more pixels than its header says")
        picture = np.asarray((picture << 8) | part[: picture.size], dtype=np.uint16)
    return picture.reshape(rows, columns)


def _check_size(shape: tuple[int, ...], rows: int, columns: int) -> None:
    if shape != (rows, columns):
        raise refusals.damaged(
            f"its picture is of size {' x '.join(str(n) for n in reversed(shape))}, "
            f"its header says {columns} x {rows}"
        )


def _jpeg_claim(stream: bytes) -> Claim | None:
    """The frame header SOF of JPEG and JPEG-LS (ITU-T T.81 B.2.2, T.87 C.2.2)."""
    at = 2
    if stream[:2] != b"\xff\xd8":
        return None
    while at + 4 <= len(stream) and stream[at] == 0xFF:
        marker = stream[at + 1]
        if marker == 0xFF or marker == 0x01 or 0xD0 <= marker <= 0xD7:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(stream[at + 2 : at + 4], "big")
        frame = marker == 0xF7 or (0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC))
        if frame and at + 10 <= len(stream):
            rows, columns, samples = struct.unpack_from(">HHB", stream, at + 5)
            return Claim(rows, columns, samples)
        if marker in (0xD9, 0xDA) or length < 2:
            return None
        at += 2 + length
    return None


def _jpeg2000_claim(stream: bytes) -> Claim | None:
    """The SIZ marker, first in every codestream (ITU-T T.800 A.5.1)."""
    if stream[:4] != b"\xff\x4f\xff\x51" or len(stream) < 44:
        return None
    x1, y1, x0, y0 = struct.unpack_from(">4L", stream, 8)
    return Claim(y1 - y0, x1 - x0, int(struct.unpack_from(">H", stream, 40)[0]))


def _jpeg(stream: bytes) -> NDArray[Any]:
    import imagecodecs

    return np.asarray(imagecodecs.jpeg8_decode(stream))


def _jpeg_ls(stream: bytes) -> NDArray[Any]:
    import imagecodecs

    return np.asarray(imagecodecs.jpegls_decode(stream))


def _jpeg2000(stream: bytes) -> NDArray[Any]:
    import imagecodecs

    return np.asarray(imagecodecs.jpeg2k_decode(stream, numthreads=2))


COMPRESSED: dict[str, Codec] = {
    **{_JPEG + end: Codec(_jpeg_claim, _jpeg) for end in ("50", "51", "57", "70")},
    **{_JPEG + end: Codec(_jpeg_claim, _jpeg_ls) for end in ("80", "81")},
    **{_JPEG + end: Codec(_jpeg2000_claim, _jpeg2000) for end in ("90", "91", "201", "202", "203")},
}
SYNTAXES = NATIVE | {RLE} | COMPRESSED.keys()
