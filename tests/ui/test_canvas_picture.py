"""What is on the screen, pixel by pixel."""

import numpy as np
import pytest
from canvas_driver import LOOK, PIP3, grain, greys, radiograph, shown
from PySide6.QtCore import QPointF

from annotator.domain.geometry import Box
from annotator.imaging.display import Look, Window, lookup_table
from annotator.ui.radiograph_view import RadiographView, ViewState

NARROW = Look(Window(600.0, 300.0))


@pytest.fixture
def view(blank):
    return blank


def expected(shot: RadiographView, look: Look) -> np.ndarray:
    return lookup_table(shot.radiograph.facts.chain, look)[shot.radiograph.values]


@pytest.mark.parametrize("size", [(640, 480), (641, 479)])
def test_one_to_one_shows_every_stored_value_through_the_table(view, size):
    view.resize(*size)
    view.show_radiograph(radiograph(grain()), NARROW, keep_view=False)
    view.one_to_one()
    seen = greys(view)
    x, y = view.widget_to_image(QPointF(0, 0))
    assert (x, y) == (int(x), int(y))
    part = expected(view, NARROW)[int(y) : int(y) + size[1], int(x) : int(x) + size[0]]
    assert np.array_equal(seen, np.repeat(part[..., None], 3, axis=2))


def test_panning_shows_what_a_fresh_picture_would(view):
    view.show_radiograph(radiograph(grain()), LOOK, keep_view=False)
    view.set_view_state(ViewState(1.37, (400, 300)))
    for step in ((30, 0), (-70, 11), (0, -45), (260, 190), (-500, -3), (900, 900)):
        view.pan_by(*step)
        moved = greys(view)
        fresh_view = view.view_state
        view.show_radiograph(view.radiograph, LOOK, keep_view=True)
        view.set_view_state(fresh_view)
        assert np.abs(moved.astype(int) - greys(view)).max() <= 1


def test_half_size_is_the_mean_of_the_area(view):
    values = grain()
    view.show_radiograph(radiograph(values), LOOK, keep_view=False)
    view.set_view_state(ViewState(0.5, (400, 300)))
    left, top = view.image_to_widget((0, 0)).toPoint().toTuple()
    seen = greys(view)[top : top + 300, left : left + 400, 0]
    means = values.reshape(300, 2, 400, 2).mean(axis=(1, 3))
    table = lookup_table(view.radiograph.facts.chain, LOOK)
    assert np.abs(seen.astype(int) - table[np.rint(means).astype(int)]).max() <= 1


@pytest.mark.parametrize("zoom", [0.2, 0.31, 0.45, 0.62, 0.8])
def test_smaller_sizes_are_filtered(view, zoom):
    """Fine stripes turn into an even grey; nearest neighbour would make wide false stripes of them."""
    stripes = np.where(np.arange(800)[None, :] % 2, 1023, 0).astype(np.uint16).repeat(600, axis=0)
    view.show_radiograph(radiograph(stripes), LOOK, keep_view=False)
    view.set_view_state(ViewState(zoom, (400, 300)))
    seen = greys(view)[220:260, 300:340, 0].astype(float)
    assert abs(seen.mean() - 127.5) < 6
    if zoom < 0.5:
        assert np.ptp(seen) < 40


def test_above_one_to_one_pixels_are_smoothed_or_square_as_preferred(view):
    values = grain()
    view.show_radiograph(radiograph(values), LOOK, keep_view=False)
    view.set_view_state(ViewState(4.0, (400, 300)))
    smooth = greys(view)
    view.set_smooth(False)
    square = greys(view)[..., 0]
    table = lookup_table(view.radiograph.facts.chain, LOOK)
    x, y = view.widget_to_image(QPointF(0, 0))
    part = table[values[int(y) : int(y) + 120, int(x) : int(x) + 160]]
    assert np.array_equal(square, part.repeat(4, axis=0).repeat(4, axis=1))
    assert len(np.unique(smooth[:8, :8])) > len(np.unique(square[:8, :8]))


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_turned_and_mirrored_the_pixels_lie_under_their_coordinates(view, turns, mirrored):
    values = grain(300, 400)
    view.show_radiograph(radiograph(values), LOOK, keep_view=False)
    view.set_view_state(ViewState(1.0, (200, 150), turns, mirrored))
    seen, table = greys(view)[..., 0], lookup_table(view.radiograph.facts.chain, LOOK)
    for x, y in ((0, 0), (399, 0), (0, 299), (399, 299), (123, 45), (310, 222)):
        at = view.image_to_widget((x + 0.5, y + 0.5))
        if 0 <= at.x() < 640 and 0 <= at.y() < 480:
            assert seen[int(at.y()), int(at.x())] == table[values[y, x]]


def test_a_change_of_the_window_changes_the_picture_at_once(view):
    view.show_radiograph(radiograph(grain()), LOOK, keep_view=False)
    view.one_to_one()
    before = greys(view)
    view.set_look(Look(LOOK.window, inverted=True))
    assert np.array_equal(255 - before, greys(view))


def test_beside_the_image_it_is_black_and_nothing_stays_of_an_image_before(view):
    view.show_radiograph(radiograph(grain()), LOOK, keep_view=False)
    view.zoom_by(0.5)
    assert greys(view)[:40].max() == 0
    assert greys(view).max() > 0
    view.show_radiograph(None, LOOK, keep_view=False)
    assert greys(view).max() == 0


def test_a_box_lies_around_its_pixels_and_leaves_those_inside_alone(view):
    flat = np.full((600, 800), 1023, np.uint16)
    view.show_radiograph(radiograph(flat), LOOK, keep_view=False)
    view.one_to_one()
    view.set_boxes([shown(PIP3, Box(300, 250, 400, 350))])
    seen = greys(view).astype(int)
    (x0, y0), (x1, y1) = (view.image_to_widget(p).toPoint().toTuple() for p in ((300, 250), (400, 350)))
    assert (seen[y0 + 4 : y1 - 4, x0 + 4 : x1 - 4] == 255).all()
    middle = (y0 + y1) // 2
    for x in (x0, x1):
        line = seen[middle, x - 4 : x + 4]
        assert (line[:, 1] - line[:, 0] > 50).sum() == 2  # two pixels of green ...
        assert (line.max(axis=1) < 20).sum() == 2  # ... between two of the dark halo


@pytest.mark.parametrize("times", [3, 5])
def test_the_loupe_shows_the_stored_pixels_larger_and_without_boxes(view, times):
    values = grain()
    view.set_loupe_magnification(float(times))
    view.show_radiograph(radiograph(values), LOOK, keep_view=False)
    view.set_view_state(ViewState(0.5, (400, 300)))
    view.set_boxes([shown(PIP3, Box(380, 280, 420, 320))])
    view.set_loupe(True)
    view.pointer_at(QPointF(320, 240))
    seen = greys(view)
    table = lookup_table(view.radiograph.facts.chain, LOOK)
    for dx, dy in ((0, 0), (5, -7), (-20, 3), (11, 15)):
        inside = seen[240 + times * dy + times // 2, 320 + times * dx + times // 2]  # amid one pixel's square
        assert inside.tolist() == [table[values[300 + dy, 400 + dx]]] * 3
    view.set_loupe(False)
    assert not np.array_equal(seen, greys(view))
