"""The bytes of a DICOM file: capped reading, file meta information, inflating, and the data set's header.

Everything here distrusts the file. Lengths are held against the bytes that are there before anybody
allocates for them, and nothing inflates past a limit (DICOM PS3.10 7, PS3.5 7.1 and A.5).
"""

from __future__ import annotations

import os
import stat
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from annotator.imaging import refusals

MAX_SIDE = 10_000
MAX_HEADER = 16 * 2**20
MAX_BYTES = 2 * MAX_SIDE * MAX_SIDE + MAX_HEADER
"""Bytes of a file, and of a deflated data set once inflated."""

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"

_PREAMBLE = 128
_VRS = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM "
    b"UC UI UL UN UR US UT UV".split()
)
_LONG_VRS = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())


@dataclass(frozen=True, slots=True)
class Part10:
    """A data set's bytes and how they are written. size: of the whole, where only the start was read."""

    transfer_syntax: str
    implicit: bool
    little_endian: bool
    data: bytes
    start: int
    size: int

    def stream(self) -> BytesIO:
        """Positioned at the first element."""
        stream = BytesIO(self.data)
        stream.seek(self.start)
        return stream


def read_bytes(path: Path, at_most: int = -1) -> tuple[bytes, os.stat_result]:
    """The file's bytes (the first at_most, where given). Raises KnuckleError with the reason."""
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise refusals.not_a_file()
        if info.st_size > MAX_BYTES:
            raise refusals.too_large(f"{info.st_size // 2**20} MB", f"{MAX_BYTES // 2**20} MB")
        with path.open("rb") as file:
            return file.read(min(at_most, info.st_size) if at_most >= 0 else info.st_size), info
    except MemoryError as error:
        raise refusals.no_memory() from error
    except OSError as error:
        raise refusals.of_system(error) from error
    except ValueError as error:  # a path that no file can have
        raise refusals.not_a_file() from error


def begins_like_dicom(data: bytes) -> bool:
    """Whether these first bytes are a preamble with DICM, or a header without one as old files have."""
    return data[_PREAMBLE : _PREAMBLE + 4] == b"DICM" or _plausible_element(data)


def split(data: bytes, size: int) -> Part10:
    """The data set in a file's bytes; size: of the whole file. Raises KnuckleError."""
    if not begins_like_dicom(data):
        raise refusals.not_dicom()
    start = _PREAMBLE + 4 if data[_PREAMBLE : _PREAMBLE + 4] == b"DICM" else 0
    start, syntax = _after_meta(data, start)
    if syntax == DEFLATED:
        data, start, size = _inflated(data, start, complete=len(data) == size)
    if len(data) < start + 8:
        raise refusals.truncated()
    little = syntax != BIG_ENDIAN if syntax else data[start : start + 2] != b"\x00\x08"
    vr = data[start + 4 : start + 6]
    implicit = not (vr.isalpha() and vr.isupper())
    if not syntax:
        syntax = IMPLICIT if implicit else EXPLICIT if little else BIG_ENDIAN
    return Part10(syntax, implicit, little, data, start, size)


def _plausible_element(data: bytes) -> bool:
    if len(data) < 12:
        return False
    group, element = struct.unpack_from("<HH", data)
    if group == 0x0800:  # big endian
        group, element = struct.unpack_from(">HH", data)
    if group not in (0x0002, 0x0008) or element > 0x0070:
        return False
    length = int(struct.unpack_from("<L", data, 4)[0])
    return data[4:6] in _VRS or (data[:2] == b"\x08\x00" and length <= 256)


def _after_meta(data: bytes, start: int) -> tuple[int, str]:
    """Where the data set begins, and the transfer syntax given by the file meta information (or "")."""
    syntax = ""
    while data[start : start + 2] == b"\x02\x00" and len(data) >= start + 8:
        element = struct.unpack_from("<H", data, start + 2)[0]
        vr = data[start + 4 : start + 6]
        if vr in _LONG_VRS and len(data) >= start + 12:
            length, head = struct.unpack_from("<L", data, start + 8)[0], 12
        elif vr in _VRS:
            length, head = struct.unpack_from("<H", data, start + 6)[0], 8
        else:
            length, head = struct.unpack_from("<L", data, start + 4)[0], 8
        value = data[start + head : start + head + length]
        if len(value) < length:
            raise refusals.truncated()
        if element == 0x0010:
            syntax = value.decode("ascii", "replace").strip("\0 ")
        start += head + length
    return start, syntax


def _inflated(data: bytes, start: int, complete: bool) -> tuple[bytes, int, int]:
    """The deflated data set inflated, never past MAX_BYTES (PS3.5 A.5: raw deflate)."""
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = machine.decompress(memoryview(data)[start:], MAX_BYTES + 1)
    except zlib.error as error:
        raise refusals.damaged("its deflated data cannot be inflated") from error
    if len(inflated) > MAX_BYTES:
        raise refusals.bomb(MAX_BYTES // 2**20)
    if complete and not machine.eof:
        raise refusals.truncated()
    return inflated, 0, len(inflated)
