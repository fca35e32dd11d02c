"""The heat map over the radiograph: where, how strong, in what colours, and for how long."""

import numpy as np
import pytest
from canvas_driver import BOX, LOOK, PIP3, grain, greys, radiograph, shown

from annotator.ui.heat_item import Heat, colours
from annotator.ui.radiograph_view import ViewState

CORNER = (380.0, 270.0)
HOT = (430, 300, 450, 312)
"""x0, y0, x1, y1 in image pixels: off the middle of the map each way, and longer than high."""


def heat(opacity: float = 0.5, value: float = 1.0) -> Heat:
    values = np.zeros((60, 90), np.float32)
    x0, y0, x1, y1 = HOT
    left, top = (int(v) for v in CORNER)
    values[y0 - top : y1 - top, x0 - left : x1 - left] = value
    return Heat(values, CORNER, opacity)


def flat(value: int = 400, aspect: float = 1.0):
    return radiograph(np.full((600, 800), value, np.uint16), aspect)


def coloured(view) -> tuple[float, float, float, float]:
    """The rectangle of the image that has a colour; the radiograph and the outline are grey."""
    seen = greys(view).astype(int)
    rows, columns = np.nonzero(np.ptp(seen, axis=2) > 40)
    assert rows.size
    return view.projection.rect_from_screen(columns.min(), rows.min(), columns.max() + 1.0, rows.max() + 1.0)


@pytest.mark.parametrize("aspect", [1.0, 1.5])
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("zoom", [0.8, 3.0])
def test_it_lies_where_it_belongs_however_zoomed_turned_and_mirrored(view, zoom, turns, mirrored, aspect):
    view.show_radiograph(flat(aspect=aspect), LOOK, keep_view=False)
    view.set_view_state(ViewState(zoom, (430.0, 300.0), turns, mirrored))
    view.set_heat(heat())
    assert coloured(view) == pytest.approx(HOT, abs=1.6 / zoom)


def test_panned_it_moves_with_the_picture(view):
    view.show_radiograph(flat(), LOOK, keep_view=True)
    view.set_heat(heat())
    view.pan_by(-37, 23)
    assert coloured(view) == pytest.approx(HOT, abs=0.8)


def test_a_map_that_reaches_beyond_the_image_is_cut_at_its_edge(fitted):
    fitted.zoom_by(0.5)
    plain = greys(fitted)
    fitted.set_heat(Heat(np.ones((900, 1200), np.float32), (-200.0, -150.0)))
    seen = greys(fitted)
    x0, y0, x1, y1 = fitted.projection.page
    inside = np.zeros(seen.shape[:2], np.bool_)
    inside[y0:y1, x0:x1] = True
    assert (seen[~inside] == plain[~inside]).all()
    assert (seen[inside] != plain[inside]).any(axis=-1).mean() > 0.95


@pytest.mark.parametrize("values", [np.ones((60, 90), np.float32), heat().values])
def test_with_opacity_0_the_picture_is_as_it_was(view, values):
    plain = greys(view)
    view.set_heat(Heat(values, CORNER, 0.0))
    assert np.array_equal(greys(view), plain)


def test_where_it_is_0_and_where_it_is_no_number_the_picture_is_seen(view):
    plain = greys(view)
    values = np.zeros((60, 90), np.float32)
    values[30:] = np.nan
    view.set_heat(Heat(values, CORNER))
    x, y = view.image_to_widget((425, 300)).toPoint().toTuple()
    inside = np.s_[y - 40 : y + 40, x - 60 : x + 60]
    assert np.array_equal(greys(view)[inside], plain[inside])


@pytest.mark.parametrize(("value", "opacity"), [(1.0, 0.5), (1.0, 1.0), (0.5, 0.8), (0.25, 0.5)])
def test_it_covers_in_proportion_to_value_and_opacity(view, value, opacity):
    view.show_radiograph(flat(), LOOK, keep_view=True)
    x, y = view.image_to_widget((440, 306)).toPoint().toTuple()
    before = greys(view)[y, x].astype(float)
    view.set_heat(heat(opacity, value))
    after = greys(view)[y, x].astype(float)
    share = value * opacity
    expected = (1 - share) * before + share * colours()[round(value * 255)]
    assert np.abs(after - expected).max() <= 3


def test_values_beyond_0_and_1_are_cut_off(view):
    view.set_heat(heat(value=1.0))
    hottest = greys(view)
    view.set_heat(heat(value=7.5))
    assert np.array_equal(greys(view), hottest)


def test_another_opacity_of_the_same_values_is_shown(view):
    first = heat(0.3)
    view.set_heat(first)
    faint = greys(view)
    view.set_heat(Heat(first.values, CORNER, 0.9))
    assert not np.array_equal(greys(view), faint)


def test_the_colours_are_in_order_in_grey_too():
    luminance = colours().astype(float) @ [0.2126, 0.7152, 0.0722]
    assert (np.diff(luminance) > -0.75).all()  # whole numbers of each channel: no step back but a rounding
    assert (np.diff(luminance[::8]) > 0).all()
    assert luminance[-1] - luminance[0] > 180


@pytest.mark.parametrize("value", [0, 1023], ids=["background", "bone"])
def test_a_thin_line_shows_how_far_it_looks(view, value):
    view.show_radiograph(flat(value), LOOK, keep_view=True)
    plain = greys(view).astype(int)
    view.set_heat(Heat(np.zeros((60, 90), np.float32), CORNER))
    differs = np.abs(greys(view).astype(int) - plain).max(axis=-1) > 60
    rows, columns = np.nonzero(differs)
    found = view.projection.rect_from_screen(columns.min(), rows.min(), columns.max() + 1.0, rows.max() + 1.0)
    assert found == pytest.approx((380, 270, 470, 330), abs=0.6)
    assert differs.sum() < 4 * (180 + 120) * 2


def test_boxes_lie_over_it(view):
    view.show_radiograph(flat(), LOOK, keep_view=True)
    view.set_boxes([shown(PIP3, BOX)])
    x, y = view.image_to_widget((BOX.x0, BOX.centre[1])).toPoint().toTuple()
    line = greys(view)[y, x - 1 : x + 1]
    view.set_heat(Heat(np.ones((200, 200), np.float32), (300.0, 200.0), 1.0))
    assert np.array_equal(greys(view)[y, x - 1 : x + 1], line)


def test_it_goes_with_the_image_and_when_it_is_taken_away(view):
    plain = greys(view)
    view.set_heat(heat())
    assert not np.array_equal(greys(view), plain)
    view.set_heat(None)
    assert np.array_equal(greys(view), plain)
    view.set_heat(heat())
    view.show_radiograph(radiograph(grain()), LOOK, keep_view=True)
    assert np.array_equal(greys(view), plain)
