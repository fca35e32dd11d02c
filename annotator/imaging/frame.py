"""From a pixel data element to values: the right bytes, decoded, with only the bits that are stored."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.imaging import refusals
from annotator.imaging.codecs import NATIVE, RLE, decode, decode_rle
from annotator.imaging.header import UNDEFINED, Header, PixelElement
from annotator.imaging.part10 import Part10

_ITEM, _END = 0xFFFEE000, 0xFFFEE0DD


def values_of(part: Part10, header: Header) -> NDArray[np.uint16]:
    """uint16 [H, W], read-only: stored value - first_stored. Raises KnuckleError."""
    facts = header.facts
    mask = np.uint16(2**facts.bits_stored - 1)
    compressed = part.transfer_syntax not in NATIVE and part.transfer_syntax != RLE
    if compressed:
        stream = _stream(part, header.pixels)
        values = _unsigned(decode(part.transfer_syntax, stream, facts.rows, facts.columns))
    else:
        values = _plain(part, header)
        if shift := header.high_bit + 1 - facts.bits_stored:
            values >>= np.uint16(shift)
    if compressed and not facts.chain.signed:  # no overlay hides in a stream: beyond white is white
        np.minimum(values, mask, out=values)
    elif facts.bits_stored < 16:
        values &= mask
    if facts.chain.signed:  # two's complement less its lowest value is the sign bit turned round
        values ^= np.uint16(2 ** (facts.bits_stored - 1))
    values.flags.writeable = False
    return values


def _plain(part: Part10, header: Header) -> NDArray[np.uint16]:
    """uint16 [H, W] of a native or RLE picture with all its allocated bits."""
    facts, element = header.facts, header.pixels
    if part.transfer_syntax == RLE:
        return decode_rle(_stream(part, element), facts.rows, facts.columns, header.bits_allocated)
    if element.length == UNDEFINED:
        raise refusals.damaged("its uncompressed picture does not say how long it is")
    width = header.bits_allocated // 8
    due = facts.rows * facts.columns * width
    there = min(element.length, len(part.data) - element.offset)
    if there < due:
        raise refusals.truncated()
    excess = part.data[element.offset + due : element.offset + there]
    if len(excess) > 1 and (len(excess) > facts.columns * width or any(excess)):
        raise refusals.damaged("its picture has more pixels than its header says")
    order = "<" if part.little_endian else ">"
    if width == 1 and not part.little_endian and element.vr == "OW":
        # Pairs of 8-bit pixels as 16-bit words (PS3.5 D.2): the words' order is turned round.
        words = np.frombuffer(part.data, ">u2", (due + 1) // 2, element.offset)
        raw: NDArray[Any] = words.astype("<u2").view(np.uint8)[:due]
    else:
        raw = np.frombuffer(part.data, f"{order}u{width}", facts.rows * facts.columns, element.offset)
    return raw.astype(np.uint16).reshape(facts.rows, facts.columns)


def _stream(part: Part10, element: PixelElement) -> bytes:
    """The fragments of the one frame, joined (PS3.5 A.4); the first item is the offset table."""
    if element.length != UNDEFINED:
        raise refusals.damaged("its compressed picture is not in fragments")
    order = "<" if part.little_endian else ">"
    data, at, fragments = part.data, element.offset, []
    while at + 8 <= len(data):
        group, number, length = struct.unpack_from(f"{order}HHL", data, at)
        tag, at = group << 16 | number, at + 8
        if tag == _END:
            break
        if tag != _ITEM:
            raise refusals.damaged("the fragments of its picture are not in order")
        if length > len(data) - at:
            raise refusals.truncated()
        fragments.append(data[at : at + length])
        at += length
    if len(fragments) < 2:
        raise refusals.truncated()
    return b"".join(fragments[1:])


def _unsigned(picture: NDArray[Any]) -> NDArray[np.uint16]:
    """The same bits as uint16 [H, W], writable and contiguous."""
    bits = picture.view(np.uint8 if picture.dtype.itemsize == 1 else np.uint16)
    return np.array(bits, dtype=np.uint16, order="C")
