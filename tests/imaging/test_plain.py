"""BMP pictures as Pillow writes them, and what may be wrong with one."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from annotator.domain.errors import KnuckleError
from annotator.imaging.plain import read_plain

GREY = (np.arange(7 * 13, dtype=np.uint32).reshape(7, 13) * 29 % 251).astype(np.uint8)
TEN_BITS = GREY.astype(np.uint16) << 2


def written(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "BMP")
    return out.getvalue()


def with_palette(colours: NDArray[np.uint8]) -> bytes:
    """A picture whose bytes are places in a palette. colours: uint8 [256, 3]."""
    picture = Image.fromarray(GREY)
    picture.putpalette(colours.tobytes())
    assert picture.mode == "P"
    return written(picture)


def greys_backwards() -> NDArray[np.uint8]:
    return np.repeat(np.arange(256, dtype=np.uint8)[::-1, None], 3, axis=1)


def changed(data: bytes, at: int, kind: str, value: int) -> bytes:
    new = bytearray(data)
    struct.pack_into(kind, new, at, value)
    return bytes(new)


def test_greys_of_every_kind() -> None:
    assert np.array_equal(read_plain(written(Image.fromarray(GREY))), TEN_BITS)
    colour = Image.fromarray(GREY).convert("RGB")
    assert np.array_equal(read_plain(written(colour)), TEN_BITS)
    assert np.array_equal(read_plain(written(colour.convert("RGBA"))), TEN_BITS)
    assert np.array_equal(read_plain(with_palette(greys_backwards())), (255 - GREY).astype(np.uint16) << 2)


def test_colours_of_a_palette_that_are_not_in_use_do_not_matter() -> None:
    colours = greys_backwards()
    colours[255] = (255, 0, 0)
    assert 255 not in GREY
    assert np.array_equal(read_plain(with_palette(colours)), (255 - GREY).astype(np.uint16) << 2)
    colours[int(GREY[0, 0])] = (255, 0, 0)
    with pytest.raises(KnuckleError, match="in colour"):
        read_plain(with_palette(colours))


def test_rows_from_the_top_down() -> None:
    data = changed(written(Image.fromarray(GREY)), 22, "<i", -7)
    assert np.array_equal(read_plain(data), TEN_BITS[::-1])


def test_colour_is_refused() -> None:
    colour = np.stack([GREY, GREY, 255 - GREY], -1)
    with pytest.raises(KnuckleError, match="in colour"):
        read_plain(written(Image.fromarray(colour)))


@pytest.mark.parametrize(
    ("at", "kind", "value", "told"),
    [
        (14, "<I", 12, "is damaged"),  # an older head
        (18, "<i", -13, "-13 x 7 pixels"),
        (18, "<i", 10_001, "10001 x 7 pixels"),
        (22, "<i", -(2**31), "pixels large"),
        (22, "<i", 8, "cannot be decoded"),  # a row more than there is
        (28, "<H", 4, "cannot be decoded"),
        (30, "<I", 1, "cannot be decoded"),  # packed
        (46, "<I", 10, "cannot be decoded"),  # fewer colours than are used
        (46, "<I", 2**31, "cannot be decoded"),
        (10, "<I", 2**32 - 1, "cannot be decoded"),
        (10, "<I", 0, "cannot be decoded"),  # the head for pixels
        (14, "<I", 2**32 - 1, "cannot be decoded"),
    ],
)
def test_head_that_does_not_fit(at: int, kind: str, value: int, told: str) -> None:
    with pytest.raises(KnuckleError, match=told):
        read_plain(changed(written(Image.fromarray(GREY)), at, kind, value))


def test_bits_of_black_and_white_are_refused() -> None:
    with pytest.raises(KnuckleError, match="cannot be decoded"):
        read_plain(written(Image.fromarray(GREY > 100)))


def test_file_that_breaks_off_anywhere() -> None:
    data = written(Image.fromarray(GREY))
    for length in range(len(data)):
        with pytest.raises(KnuckleError):
            read_plain(data[:length])
