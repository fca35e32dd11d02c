"""What is drawn lies exactly where the coordinates say, and nothing aliases."""

import numpy as np
import pytest
from dicom_files import film

from annotator.imaging.resample import Pyramid

PICTURE = film(833, 1003)


def area_average(values: np.ndarray, rect: tuple[float, float, float, float], w: int, h: int) -> np.ndarray:
    """Exact mean over each cell of the rectangle, from an integral image sampled at the cells' corners."""
    x0, y0, x1, y1 = rect
    integral = np.pad(values.astype(np.float64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    xs, ys = x0 + (x1 - x0) * np.arange(w + 1) / w, y0 + (y1 - y0) * np.arange(h + 1) / h
    rows = np.stack([np.interp(ys, np.arange(integral.shape[0]), column) for column in integral.T], axis=1)
    both = np.stack([np.interp(xs, np.arange(integral.shape[1]), row) for row in rows])
    return np.diff(np.diff(both, axis=0), axis=1) / ((x1 - x0) / w * (y1 - y0) / h)


def test_one_to_one_is_a_copy() -> None:
    part = Pyramid(PICTURE).render((10, 20, 410, 270), 400, 250)
    assert part.dtype == np.uint16
    assert np.array_equal(part, PICTURE[20:270, 10:410])


@pytest.mark.parametrize("rect", [(10, 20, 60, 70), (10.3, 20.7, 70.3, 90.7), (0, 0, 1003, 833)])
def test_enlarged_without_smoothing_each_screen_pixel_is_the_pixel_under_it(
    rect: tuple[float, float, float, float],
) -> None:
    w, h = 1600, 1100
    part = Pyramid(PICTURE).render(rect, w, h, smooth=False)
    xs = np.floor(rect[0] + (np.arange(w) + 0.5) * (rect[2] - rect[0]) / w).astype(int)
    ys = np.floor(rect[1] + (np.arange(h) + 0.5) * (rect[3] - rect[1]) / h).astype(int)
    assert np.array_equal(part, PICTURE[ys][:, xs])


def test_enlarged_with_smoothing_the_ramp_is_exact() -> None:
    ramp = np.tile(np.arange(200, dtype=np.uint16) * 100, (50, 1))
    part = Pyramid(ramp).render((10, 10, 30, 20), 200, 100)
    expected = (10 + (np.arange(200) + 0.5) / 10 - 0.5) * 100
    assert np.abs(part - expected).max() <= 1.0


@pytest.mark.parametrize("step", [1.1, 1.3, 1.41, 1.5, 1.7, 2.0, 2.7, 3.3, 5.1, 8.0])
def test_reduced_it_is_the_area_average(step: float) -> None:
    rect = (11.3, 7.9, 981.3, 807.9)
    w, h = round(970 / step), round(800 / step)
    part = Pyramid(PICTURE).render(rect, w, h)
    exact = area_average(PICTURE, rect, w, h)
    assert np.abs(part - exact)[1:-1, 1:-1].mean() < 8.0  # of 1023 levels, with grain of 10
    assert abs(part.mean() - exact.mean()) < 0.6


@pytest.mark.parametrize("step", [1.3, 1.9, 2.6, 4.4])
def test_stripes_finer_than_the_screen_become_grey_and_no_pattern(step: float) -> None:
    stripes = np.tile(np.array([0, 1000], np.uint16), (600, 300))
    size = (round(600 / step), round(600 / step))
    part = Pyramid(stripes).render((0, 0, 600, 600), *size)
    nearest = stripes[(np.arange(size[1]) * step).astype(int)][:, (np.arange(size[0]) * step).astype(int)]
    assert part.std() < 0.62 * nearest.std()
    assert abs(part.mean() - 500) < 15


def blob_centre(picture: np.ndarray) -> tuple[float, float]:
    y, x = np.mgrid[: picture.shape[0], : picture.shape[1]] + 0.5
    weight = picture.astype(np.float64)
    return float((x * weight).sum() / weight.sum()), float((y * weight).sum() / weight.sum())


@pytest.mark.parametrize("step", [0.25, 0.7, 1.0, 1.37, 2.0, 3.1, 6.5, 11.0])
def test_no_zoom_shifts_the_picture(step: float) -> None:
    picture = np.zeros((1001, 1203), np.uint16)
    picture[480:520, 560:640] = 40000  # centre: x 600, y 500
    x0, y0, w, h = 431.7, 344.4, round(340 / step), round(310 / step)
    part = Pyramid(picture).render((x0, y0, x0 + w * step, y0 + h * step), w, h)
    x, y = blob_centre(part)
    assert (x0 + x * step, y0 + y * step) == pytest.approx((600, 500), abs=0.06 * max(1.0, step))


@pytest.mark.parametrize("quarter_turns", range(-1, 5))
@pytest.mark.parametrize("mirrored", [False, True])
def test_turned_and_mirrored(quarter_turns: int, mirrored: bool) -> None:
    pyramid = Pyramid(PICTURE)
    upright = pyramid.render((10.5, 20, 310.5, 220), 150, 100)
    expected = np.rot90(upright[:, ::-1] if mirrored else upright, -quarter_turns)
    h, w = expected.shape
    part = pyramid.render((10.5, 20, 310.5, 220), w, h, quarter_turns, mirrored)
    assert np.array_equal(part, expected)


def test_beyond_the_border_its_pixels_go_on() -> None:
    part = Pyramid(PICTURE).render((-50, -50, 50, 50), 100, 100)
    assert np.all(part[:50, :50] == PICTURE[0, 0])
    assert np.array_equal(part[50:, 50:], PICTURE[:50, :50])


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (97, 3), (2001, 96)])
def test_odd_pictures(shape: tuple[int, int]) -> None:
    pyramid = Pyramid(np.full(shape, 321, np.uint16))
    assert (pyramid.height, pyramid.width) == shape
    assert np.all(pyramid.render((0, 0, shape[1], shape[0]), 33, 21) == 321)
