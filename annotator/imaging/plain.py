"""Plain picture files (PNG, JPEG, TIFF, BMP; grey, 8 or 16 bits) as pixels that `write_cr` takes.

- 8 bits are shifted to 10, so that black and white stay black and white; what has more than 10 significant
  bits loses the lowest ones. So a picture of up to 10 bits keeps every grey level apart.
- The size is read from the file's head before anything is unpacked, and limited as at import.
- Three equal channels are grey, and so is a palette of greys; a picture in colour is refused.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import KnuckleError
from annotator.imaging import bmp
from annotator.imaging.refusals import DAMAGE
from annotator.imaging.write import BITS_STORED

MOST_BYTES = 512 * 1024 * 1024
MOST_PIXELS_ACROSS = 10_000
GREY_WITHIN = 8
"""Grey levels of 256 by which the channels of a grey JPEG may differ."""
_PNG, _JPEG, _TIFF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", (b"II*\0", b"MM\0*")
_ADVICE = "Give grey PNG, JPEG, TIFF or BMP files of 8 or 16 bits."


def read_plain(data: bytes) -> NDArray[np.uint16]:
    """uint16 [H, W] of 10 bits, as bright as in the file. Raises KnuckleError for what cannot be taken."""
    try:
        height, width = _size(data)
    except (struct.error, IndexError, KeyError) as error:
        raise KnuckleError("The picture is damaged.", "Take another copy of it.") from error
    if not (0 < height <= MOST_PIXELS_ACROSS and 0 < width <= MOST_PIXELS_ACROSS):
        raise KnuckleError(
            f"The picture is {width} x {height} pixels large.", f"The most is {MOST_PIXELS_ACROSS}."
        )
    try:
        pixels = np.asarray(_decoder(data)(data))
    except DAMAGE as error:
        raise KnuckleError("The picture cannot be decoded.", "Take another copy of it.") from error
    grey = _grey(pixels)
    if grey.shape != (height, width):
        raise KnuckleError("The picture is not one grey picture.", _ADVICE)
    return _ten_bits(grey)


def read_bytes(path: Path) -> bytes:
    """Raises KnuckleError for a file that is not there, cannot be read or is too large."""
    try:
        if not path.is_file():
            raise KnuckleError("There is no such picture.", "Check the folder of the pictures.")
        if path.stat().st_size > MOST_BYTES:
            raise KnuckleError(f"The picture is larger than {MOST_BYTES // 2**20} MB.", _ADVICE)
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise KnuckleError(f"The picture cannot be read: {reason}.", "Check the folder.") from error


def _decoder(data: bytes) -> Callable[[bytes], Any]:
    if data.startswith(_PNG):
        return imagecodecs.png_decode
    if data.startswith(bmp.MAGIC):
        return bmp.decode
    return imagecodecs.jpeg8_decode if data.startswith(_JPEG) else imagecodecs.tiff_decode


def _size(data: bytes) -> tuple[int, int]:
    """Height and width. Raises struct.error or IndexError for a head that breaks off."""
    if data.startswith(_PNG):
        width, height = struct.unpack_from(">II", data, 16)
        return height, width
    if data.startswith(_JPEG):
        return _size_of_jpeg(data)
    if data.startswith(_TIFF):
        return _size_of_tiff(data)
    if data.startswith(bmp.MAGIC):
        return bmp.size(data)
    raise KnuckleError("This is no PNG, JPEG, TIFF or BMP file.", _ADVICE)


def _size_of_jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while True:
        while data[at + 1] == 0xFF:  # bytes that fill up
            at += 1
        marker, length = data[at + 1], struct.unpack_from(">H", data, at + 2)[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return height, width
        at += 2 + max(length, 2)


def _size_of_tiff(data: bytes) -> tuple[int, int]:
    order = "<" if data.startswith(b"II") else ">"
    (start,) = struct.unpack_from(f"{order}I", data, 4)
    (entries,) = struct.unpack_from(f"{order}H", data, start)
    found: dict[int, int] = {}
    for entry in range(entries):
        place = start + 2 + 12 * entry
        tag, kind = struct.unpack_from(f"{order}HH", data, place)
        if tag in (256, 257):
            (found[tag],) = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", data, place + 8)
    return found[257], found[256]


def _grey(pixels: NDArray[np.generic]) -> NDArray[np.uint16]:
    if pixels.dtype not in (np.uint8, np.uint16):
        raise KnuckleError(f"The picture has values of {pixels.dtype}.", _ADVICE)
    shift = 2 if pixels.dtype == np.uint8 else 0
    if pixels.ndim == 3 and pixels.shape[2] in (2, 4):  # how opaque it is, last
        pixels = pixels[..., :-1]
    if pixels.ndim == 3 and pixels.shape[2] in (1, 3):
        values = pixels.astype(np.int32)
        allowed = GREY_WITHIN * (257 if pixels.dtype == np.uint16 else 1)
        if int((values.max(axis=2) - values.min(axis=2)).max(initial=0)) > allowed:
            raise KnuckleError("The picture is in colour.", _ADVICE)
        pixels = np.median(values, axis=2).astype(pixels.dtype)
    return np.asarray(np.asarray(pixels, np.uint16) << shift, np.uint16)


def _ten_bits(grey: NDArray[np.uint16]) -> NDArray[np.uint16]:
    too_many = max(0, int(grey.max(initial=0)).bit_length() - BITS_STORED)
    return np.asarray(grey >> too_many, np.uint16)
