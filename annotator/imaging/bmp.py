"""BMP pictures that are not packed: 8 bits with a palette, 24 and 32 bits.

Heads are those of Windows from version 3 on. Rows are padded to four bytes and stored from the bottom up,
unless the height is negative; colours are blue, green, red.
"""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

MAGIC = b"BM"
_FILE_HEAD = 14
_SHORTEST_HEAD = 40


def size(data: bytes) -> tuple[int, int]:
    """Height and width. Raises struct.error for a head that breaks off, KeyError for an older one."""
    length, width, height = struct.unpack_from("<Iii", data, _FILE_HEAD)
    if length < _SHORTEST_HEAD:
        raise KeyError(length)
    return abs(height), width


def decode(data: bytes) -> NDArray[np.uint8]:
    """uint8 [H, W] where every colour in use is a grey, [H, W, 3] otherwise.

    Raises ValueError or struct.error for what is packed, of another depth or breaks off.
    """
    (start,) = struct.unpack_from("<I", data, 10)
    length, _, height, _, bits, packing = struct.unpack_from("<IiiHHI", data, _FILE_HEAD)
    (colours,) = struct.unpack_from("<I", data, 46)
    rows, columns = size(data)
    if packing or bits not in (8, 24, 32):
        raise ValueError(f"{bits} bits, packing {packing}")
    if start < _FILE_HEAD + length + (4 * (colours or 256) if bits == 8 else 0):
        raise ValueError(f"pixels at {start}, inside the head")
    stride = (columns * bits + 31) // 32 * 4
    stored = np.frombuffer(data, np.uint8, rows * stride, start).reshape(rows, stride)
    stored = stored[:: 1 if height < 0 else -1, : columns * bits // 8]
    if bits == 8:
        return _looked_up(stored, data, _FILE_HEAD + length, colours or 256)
    return stored.reshape(rows, columns, bits // 8)[..., 2::-1]


def _looked_up(places: NDArray[np.uint8], data: bytes, start: int, colours: int) -> NDArray[np.uint8]:
    """places: of each pixel in the palette, [H, W]. start: of the palette, four bytes a colour."""
    if colours > 256 or colours <= int(places.max(initial=0)):
        raise ValueError(f"{colours} colours")
    palette = np.frombuffer(data, np.uint8, colours * 4, start).reshape(colours, 4)[:, 2::-1]
    used = np.zeros(256, bool)
    used[places] = True
    in_use = palette[used[:colours]]
    if (in_use == in_use[:, :1]).all():
        palette = palette[:, 0]
    return np.asarray(palette[places], np.uint8)
