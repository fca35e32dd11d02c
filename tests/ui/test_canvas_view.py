import pytest
from canvas_driver import LOOK, PIP3, RIGHT, drag, grain, greys, move, radiograph, recorded, shown, wheel
from PySide6.QtCore import QEvent, QPoint, QPointF
from PySide6.QtWidgets import QApplication

from annotator.domain.geometry import Box
from annotator.ui.radiograph_view import RadiographView, ViewState


@pytest.fixture
def view(fitted):
    return fitted


def test_a_new_view_fits_the_image_and_keeps_it_fitted(view):
    for width, height in ((640, 480), (400, 480), (900, 300)):
        view.resize(width, height)
        corners = [view.image_to_widget(p) for p in ((0, 0), (800, 600))]
        assert min(corners[0].x(), corners[0].y()) >= 0
        assert corners[1].x() <= width
        assert corners[1].y() <= height
        assert view.view_state.fitted
    view.rotate(1)
    assert view.image_to_widget((0, 0)).x() <= 900
    assert view.image_to_widget((800, 0)).y() <= 300


def test_zoom_and_place_are_kept_from_image_to_image(view):
    state = ViewState(1.75, (210.5, 333.25), 1, True)
    view.set_view_state(state)
    view.show_radiograph(radiograph(grain()), LOOK, keep_view=True)
    assert view.view_state == state
    view.show_radiograph(radiograph(grain()), LOOK, keep_view=False)
    assert (view.view_state.fitted, view.view_state.quarter_turns, view.view_state.mirrored) == (
        True,
        0,
        False,
    )


def test_a_fitted_view_stays_fitted_on_an_image_of_another_size(view):
    view.show_radiograph(radiograph(grain(300, 200)), LOOK, keep_view=True)
    assert view.view_state.fitted
    assert view.view_state.centre == (100, 150)


def test_every_change_of_the_view_is_told(view):
    with recorded(view.view_changed) as states:
        view.one_to_one()
        view.pan_by(5, 5)
        view.rotate(1)
        view.mirror()
        view.fit()
        view.reset()
    assert len(states) == 6
    assert states[-1] == view.view_state
    assert states[0].zoom == 1.0


def test_the_image_cannot_be_lost_by_panning_or_zooming(view):
    view.pan_by(1e6, -1e6)
    assert view.view_state.centre == (0, 600)
    view.zoom_by(1e9)
    assert view.view_state.zoom == 40
    view.zoom_by(1e-9)
    assert view.view_state.zoom > 0.1


def test_widget_and_image_coordinates_are_inverse_at_any_zoom(view):
    for zoom in (0.21, 0.9, 1.0, 3.3):
        for turns in range(4):
            for mirrored in (False, True):
                view.set_view_state(ViewState(zoom, (333.3, 222.2), turns, mirrored))
                point = (12.345, 567.891)
                assert view.widget_to_image(view.image_to_widget(point)) == pytest.approx(point, abs=1e-9)


def test_mirroring_swaps_left_and_right_of_what_is_seen_however_it_is_turned(view):
    for turns in range(4):
        view.set_view_state(ViewState(1.0, (400, 300), turns))
        before = view.image_to_widget((450, 310))
        view.mirror()
        after = view.image_to_widget((450, 310))
        assert (after.x() - 320, after.y() - 240) == (320 - before.x(), before.y() - 240)


def test_one_to_one_keeps_the_point_it_is_given(view):
    at = QPointF(200, 100)
    before = view.widget_to_image(at)
    view.one_to_one(at)
    after = view.image_to_widget(before)
    assert abs(after.x() - at.x()) <= 1
    assert abs(after.y() - at.y()) <= 1


def test_centre_on_brings_a_box_to_the_middle(view):
    box = Box(100, 150, 180, 230)
    view.centre_on(box, 0.5)
    assert view.view_state.centre == box.centre
    assert view.view_state.zoom == pytest.approx(0.5 * 480 / 80)


def test_texts_and_banner_are_drawn_and_taken_away(view):
    plain = greys(view)
    view.set_corner_texts(["K-015", "PA"], ["zoom 59 %"])
    corners = greys(view)
    view.set_banner("Signed 2026-11-23, locked")
    banner = greys(view)
    assert (plain[:60, :120] != corners[:60, :120]).any()
    assert (plain[:60, -120:] != corners[:60, -120:]).any()
    assert (corners[-60:] != banner[-60:]).any()
    view.set_banner(None)
    view.set_corner_texts([], [])
    assert (greys(view) == plain).all()


def test_a_corner_text_gives_way_to_the_pointer_so_that_what_it_covers_is_seen(view):
    plain = greys(view)
    view.set_corner_texts(["K-015", "PA"], ["zoom 59 %"])
    both = greys(view)
    left, right = (slice(0, 60), slice(0, 120)), (slice(0, 60), slice(-120, None))
    move(view, QPoint(40, 30))
    assert (greys(view)[left] == plain[left]).all()
    assert (greys(view)[right] == both[right]).all()
    move(view, QPoint(view.width() - 30, 30))
    assert (greys(view)[left] == both[left]).all()
    assert (greys(view)[right] == plain[right]).all()
    move(view, QPoint(300, 300))
    assert (greys(view) == both).all()
    move(view, QPoint(40, 30))
    QApplication.sendEvent(view.viewport(), QEvent(QEvent.Type.Leave))
    assert (greys(view) == both).all()


def test_a_corner_text_stands_below_what_lies_over_the_top_of_the_view(view):
    plain = greys(view)
    view.set_corner_texts(["K-015", "PA"], ["zoom 59 %"])
    before = greys(view)
    view.set_covered(80)
    pushed = greys(view)
    assert (pushed[:90] == plain[:90]).all()
    for side in (slice(0, 120), slice(-120, None)):
        assert (pushed[90:140, side] != plain[90:140, side]).any()
    move(view, QPoint(40, 120))
    assert (greys(view)[90:140, :120] == plain[90:140, :120]).all()
    QApplication.sendEvent(view.viewport(), QEvent(QEvent.Type.Leave))
    view.set_covered(0)
    assert (greys(view) == before).all()


def test_without_an_image_gestures_do_nothing(view):
    view.show_radiograph(None, LOOK, keep_view=True)
    view.set_boxes([])
    with recorded(view.box_drawn) as drawn, recorded(view.look_changed) as looks:
        drag(view, QPoint(50, 50), QPoint(150, 150))
        drag(view, QPoint(50, 50), QPoint(150, 150), RIGHT)
        wheel(view, QPoint(50, 50), 1)
    assert (drawn, looks) == ([], [])


def test_it_has_a_name_for_those_who_cannot_see_it(view):
    assert view.accessibleName() == "Radiograph"


def test_closing_in_the_middle_of_a_reading_is_quiet(qtbot):
    view = RadiographView()
    view.show()
    view.show_radiograph(radiograph(grain()), LOOK, keep_view=False)
    view.set_boxes([shown(PIP3, Box(100, 100, 200, 200))])
    view.close()
    view.resize(300, 300)
    view.deleteLater()


def test_handles_stand_on_the_current_box_and_go_where_it_is_locked(view):
    view.set_boxes([shown(PIP3, Box(300, 200, 400, 300), current=True)])
    x, y = view.image_to_widget((300, 200)).toPoint().toTuple()
    corner = slice(y - 3, y + 4), slice(x - 3, x + 4)
    with_handles = greys(view)[corner]
    view.set_locked(True)
    assert (greys(view)[corner] != with_handles).any()
    view.set_locked(False)
    assert (greys(view)[corner] == with_handles).all()
