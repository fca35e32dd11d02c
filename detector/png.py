"""Gray PNG, read with distrust: nothing is decoded before its header and check sums were looked at.

By bytes and not by name, since opencv opens no file whose name has letters that the system's code page lacks.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GRAY = 0
KINDS = {2: "colour", 3: "palette", 4: "half-transparent", 6: "colour"}
"""Colour types other than gray (PNG specification, section 11.2.1)."""

BITS = 16
LARGEST = 10_000  # rows or columns
FAST = [
    cv2.IMWRITE_PNG_COMPRESSION, 1,
    cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE,
    cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_UP,
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What a PNG says of itself. colour: 0 is gray, anything else is not."""

    width: int
    height: int
    bits: int
    colour: int


def encode(pixels: NDArray[np.uint16]) -> bytes:
    """uint16 [H, W] as PNG, quickly rather than small. Raises ValueError for anything else."""
    if pixels.dtype != np.uint16 or pixels.ndim != 2 or pixels.size == 0:
        raise ValueError(f"Not a 16-bit gray image: {pixels.dtype}, shape {pixels.shape}.")
    done, data = cv2.imencode(".png", pixels, FAST)
    if not done:
        raise ValueError(f"An image of shape {pixels.shape} could not be encoded.")
    return data.tobytes()


def header(data: bytes) -> Header:
    """Raises ValueError for what is no whole PNG: cut short, or with a wrong check sum."""
    first: Header | None = None
    last = b""
    for kind, body in chunks(data):
        if first is None:
            if kind != b"IHDR" or len(body) != 13:
                raise ValueError("It is a PNG without a header.")
            first = Header(*struct.unpack(">IIBB", body[:10]))
        last = kind
    if first is None or last != b"IEND":
        raise ValueError("It is no PNG, or one cut short.")
    return first


def chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Type and content of each chunk (PNG specification, section 5.3)."""
    if not data.startswith(SIGNATURE):
        raise ValueError("It is no PNG.")
    at, view = len(SIGNATURE), memoryview(data)
    while at < len(data):
        if at + 12 > len(data):
            raise ValueError("It is a PNG cut short.")
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 8 + length
        if end + 4 > len(data):
            raise ValueError("It is a PNG cut short.")
        if zlib.crc32(view[at + 4 : end]) != struct.unpack_from(">I", data, end)[0]:
            raise ValueError("It is a damaged PNG: a check sum is wrong.")
        yield bytes(view[at + 4 : at + 8]), view[at + 8 : end]
        at = end + 4


def unlike(found: Header, bits: tuple[int, ...] = (BITS,)) -> str:
    """In what a PNG is another than a gray one of one of these depths; empty for one that is."""
    needed = f"{' or '.join(map(str, bits))} bits is needed."
    if found.colour != GRAY:
        return f"It is a {KINDS.get(found.colour, 'damaged')} PNG; a gray one of {needed}"
    if found.bits not in bits:
        return f"It is a gray PNG of {found.bits} bit{'' if found.bits == 1 else 's'}; one of {needed}"
    return ""


def decode(data: bytes, bits: tuple[int, ...] = (BITS,)) -> NDArray[np.uint16]:
    """uint16 [H, W], the values as they are stored. bits: how many a value may have, of 8 and 16. Raises
    ValueError for what is no whole gray PNG of this depth, or above 10 000 each way."""
    found = header(data)
    if words := unlike(found, bits):
        raise ValueError(words)
    if not 0 < found.width <= LARGEST or not 0 < found.height <= LARGEST:
        raise ValueError(f"{found.width} x {found.height} pixels: 1 to {LARGEST} each way are possible.")
    # gray as it is, whatever else the file says of transparency or of turning it
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_ANYDEPTH | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None or pixels.itemsize * 8 != found.bits or pixels.shape != (found.height, found.width):
        raise ValueError("It is a damaged PNG: its pixels cannot be decoded.")
    return pixels.astype(np.uint16, copy=False)
