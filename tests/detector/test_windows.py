"""Pixels to model input and boxes there and back, against a plain second way of reckoning."""

import hashlib
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from detector import windows
from detector.windows import (
    batches,
    corner_around,
    half_page,
    origins,
    starts,
    to_image,
    to_window,
    window_at,
)

Pixels = NDArray[np.uint16]


def arithmetic(rows: int, columns: int, top: int) -> Pixels:
    """Pixels 0 to top that look like chance and need no random numbers."""
    y, x = np.mgrid[0:rows, 0:columns].astype(np.uint64)
    return ((x * 7919 + y * 104729 + x * y * 31) % (top + 1)).astype(np.uint16)


def plain_page(pixels: Pixels) -> Pixels:
    """What a page is, written down without any speed."""
    ranked = sorted(pixels.ravel().tolist())
    low, high = (ranked[math.ceil(len(ranked) * tail / 1000) - 1] for tail in (5, 995))
    if low == high:
        low, high = ranked[0], ranked[-1]
    rows, columns = pixels.shape
    page = np.zeros((math.ceil(rows / 2), math.ceil(columns / 2)), np.uint16)
    if low == high:
        return page
    for y, x in np.ndindex(page.shape):
        near = [(v, u) for v in (2 * y, 2 * y + 1) for u in (2 * x, 2 * x + 1)]
        four = [int(pixels[min(v, rows - 1), min(u, columns - 1)]) for v, u in near]
        mean = sum(min(max(value, low), high) - low for value in four) / 4
        page[y, x] = np.rint(np.float32(mean) * np.float32(65535 / (high - low)))
    return page


@settings(deadline=None, max_examples=150)
@given(
    arrays(
        np.uint16,
        st.tuples(st.integers(1, 19), st.integers(1, 19)),
        elements=st.integers(0, 65535) | st.integers(0, 3),
    )
)
def test_page_is_what_the_plain_way_gives(pixels: Pixels) -> None:
    assert np.array_equal(half_page(pixels), plain_page(pixels))


@pytest.mark.parametrize("top", [255, 1023, 4095, 65535])
def test_every_bit_depth_gives_the_same_page(top: int) -> None:
    ramp = np.linspace(0, 1, 600 * 410).reshape(600, 410)
    page = half_page(np.rint(ramp * top).astype(np.uint16))
    assert (page.min(), page.max()) == (0, 65535)
    reference = np.clip((ramp - 0.005) / 0.99, 0, 1) * 65535
    assert np.abs(page - reference[::2, ::2]).max() < 0.01 * 65535


@pytest.mark.parametrize("shape", [(1037, 9), (1024, 4), (513, 3), (511, 2)])
def test_long_images_are_worked_on_in_bands_without_a_seam(shape: tuple[int, int]) -> None:
    pixels = arithmetic(*shape, 1023)
    assert np.array_equal(half_page(pixels), plain_page(pixels))


def test_page_is_the_same_on_every_machine() -> None:
    page = half_page(arithmetic(835, 1005, 1023))
    digest = hashlib.sha256(page.astype("<u2").tobytes()).hexdigest()
    assert digest == "2e6f631b680feda9b234f0d208d9e283640bae8a7b10ee40f71cf97593385c77"


def test_input_may_be_a_view_and_stays_as_it_was() -> None:
    whole = arithmetic(80, 90, 1023)
    view = whole[::2, 5:65]
    view.flags.writeable = False
    before = whole.copy()
    assert np.array_equal(half_page(view), half_page(view.copy()))
    assert np.array_equal(whole, before)


@pytest.mark.parametrize("value", [0, 512, 65535])
def test_constant_images_become_zeros(value: int) -> None:
    assert not half_page(np.full((301, 401), value, np.uint16)).any()


def test_a_few_bright_pixels_on_black_are_not_lost() -> None:
    pixels = np.zeros((400, 400), np.uint16)
    pixels[100:104, 200:204] = 900
    page = half_page(pixels)
    assert (page[50:52, 100:102] == 65535).all()
    assert np.count_nonzero(page) == 4


@pytest.mark.parametrize(
    ("pixels", "words"),
    [
        (np.zeros((4, 4), np.uint8), "must be an array of uint16, not uint8"),
        (np.zeros((4, 4), np.float32), "not float32"),
        (np.zeros((4, 4), ">u2"), "not >u2"),
        ([[1, 2], [3, 4]], "not list"),
        (np.zeros((4, 4, 3), np.uint16), r"not the shape \(4, 4, 3\)"),
        (np.zeros(4, np.uint16), r"not the shape \(4,\)"),
        (np.zeros((0, 4), np.uint16), r"not the shape \(0, 4\)"),
        (np.zeros((1, 10_001), np.uint16), "10001 x 1 pixels are too many"),
    ],
)
def test_what_is_no_radiograph_is_refused_with_a_sentence(pixels: Pixels, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        half_page(pixels)


def test_the_usual_radiograph_has_six_by_five_windows() -> None:
    assert list(starts(1005)) == [0, 150, 300, 450, 600, 750]
    assert list(starts(835)) == [0, 150, 300, 450, 600]
    corners = origins((835, 1005))
    assert corners.shape == (30, 2)
    assert corners[:7].tolist() == [[0, 0], [150, 0], [300, 0], [450, 0], [600, 0], [750, 0], [0, 150]]


@given(st.integers(1, 6000))
def test_windows_cover_a_side_and_none_is_too_many(length: int) -> None:
    begins = list(starts(length))
    assert begins == [150 * n for n in range(len(begins))]
    assert begins[-1] + 300 >= length
    assert len(begins) == 1 or begins[-2] + 300 < length


@pytest.mark.parametrize("shape", [(1, 1), (299, 40), (300, 300), (301, 300), (451, 722)])
@pytest.mark.parametrize("size", [1, 4, 100])
def test_windows_hold_the_page_and_zeros_beyond_it(shape: tuple[int, int], size: int) -> None:
    page = arithmetic(*shape, 65535) | np.uint16(1)
    together = np.zeros((starts(shape[0])[-1] + 300, starts(shape[1])[-1] + 300), np.float32)
    count = 0
    for batch in batches(page, size):
        assert batch.values.dtype == np.float32
        assert batch.values.shape == (len(batch.origins), 1, 300, 300)
        assert len(batch.origins) <= size
        for (x, y), values in zip(batch.origins, batch.values, strict=True):
            seen = together[y : y + 300, x : x + 300]
            assert not seen.any() or np.array_equal(seen[seen > 0], values[0][seen > 0])
            together[y : y + 300, x : x + 300] = values[0]
            count += 1
    assert count == len(origins(shape))
    assert np.array_equal(together[: shape[0], : shape[1]], page / np.float32(65535))
    assert np.count_nonzero(together) == page.size


@pytest.mark.parametrize(
    ("box", "corner"),
    [
        ((1000, 800, 1100, 900), (375, 275)),
        ((1001, 800, 1103, 900), (376, 275)),
        ((0, 0, 40, 60), (0, 0)),
        ((-900, 700, -800, 800), (0, 225)),
        ((1990, 1650, 2010, 1670), (705, 535)),
        ((0, 0, 1e30, 1e30), (705, 535)),
    ],
)
def test_window_around_a_box_has_it_in_the_middle_or_ends_with_the_page(
    box: tuple[float, ...], corner: tuple[int, int]
) -> None:
    assert corner_around((835, 1005), np.array(box, np.float32)).tolist() == list(corner)


def test_window_around_a_box_of_a_small_page_begins_with_it() -> None:
    assert corner_around((120, 400), np.array([700, 100, 780, 180], np.float32)).tolist() == [100, 0]


@pytest.mark.parametrize("shape", [(1, 1), (299, 40), (300, 300), (451, 722)])
def test_window_anywhere_is_what_the_scan_would_cut_there(shape: tuple[int, int]) -> None:
    page = arithmetic(*shape, 65535)
    for batch in batches(page):
        assert np.array_equal(window_at(page, batch.origins[0]).values, batch.values)
    moved = np.pad(page, ((0, 300), (0, 300)))[3:, 7:]
    assert np.array_equal(window_at(page, np.array([7, 3])).values, next(batches(moved)).values)


def test_memory_stays_bounded_for_the_largest_films() -> None:
    pixels = arithmetic(800, 8000, 4095).repeat(10, axis=0)
    assert pixels.shape == (8000, 8000)
    tracemalloc.start()
    page = half_page(pixels)
    count = sum(len(batch.values) for batch in batches(page, 4))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 26 * 26
    assert page.nbytes == 32_000_000
    assert peak < 2.5 * page.nbytes  # the page, its padded copy, and little else


def test_what_lies_in_a_box_of_the_image_lies_in_the_box_of_the_window() -> None:
    pixels = np.zeros((835, 1005), np.uint16)
    pixels[601:640, 731:790] = 1000
    box = np.array([[731, 601, 790, 640]], np.float32)
    for batch in batches(half_page(pixels)):
        x0, y0, x1, y1 = to_window(box, batch.origins)[0]
        found = np.argwhere(batch.values[0, 0] > 0)
        if x0 >= 0 and y0 >= 0 and x1 <= 300 and y1 <= 300:
            assert found.min(axis=0).tolist() == [math.floor(y0), math.floor(x0)]
            assert (found.max(axis=0) + 1).tolist() == [math.ceil(y1), math.ceil(x1)]
            break
    else:
        pytest.fail("no window holds the whole box")


ON_A_GRID = st.integers(0, 10_000 * 64).map(lambda n: n / 64)


@given(
    st.lists(st.tuples(ON_A_GRID, ON_A_GRID, ON_A_GRID, ON_A_GRID), max_size=8),
    st.integers(0, 32),
    st.integers(0, 32),
    st.sampled_from([np.float32, np.float64]),
)
def test_boxes_come_back_exactly(
    boxes: list[tuple[float, float, float, float]], column: int, row: int, kind: type[np.float32]
) -> None:
    there = np.array(boxes, kind).reshape(-1, 4)
    corner = np.array([150 * column, 150 * row])
    inside = to_window(there, corner)
    assert inside.dtype == kind
    assert np.array_equal(to_image(inside, corner), there)
    one_each = np.tile(corner, (len(there), 1))
    assert np.array_equal(to_image(to_window(there, one_each), one_each), there)


@given(arrays(np.float32, (5, 4), elements=st.floats(0, 10_000, width=32)), st.integers(0, 32))
def test_boxes_off_the_grid_come_back_within_a_thousandth_of_a_pixel(
    boxes: NDArray[np.float32], column: int
) -> None:
    corner = np.array([150 * column, 0])
    assert np.abs(to_image(to_window(boxes, corner), corner) - boxes).max() < 1e-3


def test_box_of_the_whole_image_is_the_whole_page() -> None:
    page = half_page(arithmetic(836, 1004, 1023))
    box = to_window(np.array([[0.0, 0.0, 1004.0, 836.0]]), np.array([0, 0]))
    assert box.tolist() == [[0, 0, page.shape[1], page.shape[0]]]


def test_limits_are_pixels_that_are_there() -> None:
    pixels = np.arange(1000, dtype=np.uint16).reshape(20, 50)
    assert windows.limits(pixels) == (4, 994)
