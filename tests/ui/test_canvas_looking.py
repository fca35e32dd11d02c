"""Looking by real mouse events: pan, zoom, window and level, the menu."""

import pytest
from canvas_driver import (
    BOX,
    LEFT,
    LOOK,
    MIDDLE,
    PIP3,
    RIGHT,
    SHIFT,
    click,
    double_click,
    drag,
    grain,
    move,
    place,
    press,
    radiograph,
    recorded,
    release,
    shown,
    wheel,
)  # fmt: skip
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from annotator.imaging.display import window_of


def test_locked_the_boxes_can_be_picked_and_a_drag_pans(view):
    view.set_boxes([shown(PIP3, BOX, current=True)])
    view.set_locked(True)
    start, centre = place(view, BOX.centre), view.view_state.centre
    with (
        recorded(view.box_drawn) as drawn,
        recorded(view.box_changed) as changed,
        recorded(view.box_picked) as picked,
    ):
        drag(view, start, start + QPoint(40, 20))
        click(view, BOX.centre)
        drag(view, QPoint(10, 10), QPoint(60, 60), keys=SHIFT)
        view.nudge(PIP3, 1, 1)
    assert (drawn, changed, picked) == ([], [], [PIP3])
    assert view.view_state.centre == (centre[0] - 20 - 25, centre[1] - 10 - 25)


def test_esc_gives_up_panning_and_levels(view):
    before, look = view.view_state, view.look
    for button in (MIDDLE, RIGHT):
        press(view, QPoint(100, 100), button)
        move(view, QPoint(160, 170))
        QTest.keyClick(view, Qt.Key.Key_Escape)
        release(view, QPoint(160, 170), button)
    assert view.view_state == before
    assert view.look == look


@pytest.mark.parametrize("way", ["middle", "space"])
def test_middle_button_and_space_pan(view, way: str):
    view.set_boxes([shown(PIP3, BOX)])
    start, centre = place(view, BOX.centre), view.view_state.centre
    with recorded(view.box_changed) as changed:
        if way == "space":
            QTest.keyPress(view, Qt.Key.Key_Space)
        drag(view, start, start + QPoint(31, -17), MIDDLE if way == "middle" else LEFT)
        QTest.keyRelease(view, Qt.Key.Key_Space)
    assert view.view_state.centre == (centre[0] - 15.5, centre[1] + 8.5)
    assert changed == []


def test_space_let_go_a_drag_moves_boxes_again(view):
    view.set_boxes([shown(PIP3, BOX)])
    start = place(view, BOX.centre)
    QTest.keyClick(view, Qt.Key.Key_Space)
    with recorded(view.box_changed) as changed:
        drag(view, start, start + QPoint(30, 0))
    assert len(changed) == 1


def test_right_drag_changes_width_across_and_centre_down(view):
    chain = view.radiograph.facts.chain
    with recorded(view.look_changed) as looks, recorded(view.context_asked) as asked:
        drag(view, QPoint(100, 100), QPoint(160, 100), RIGHT)
        wide = window_of(chain, looks[-1])
        drag(view, QPoint(100, 100), QPoint(100, 160), RIGHT)
        low = window_of(chain, looks[-1])
    step = 1023 / 600
    assert (wide.width, wide.centre) == pytest.approx((1024 + 60 * step, 512))
    assert (low.width, low.centre) == pytest.approx((wide.width, 512 + 60 * step))
    assert asked == []
    assert view.look == looks[-1]


def test_dragging_up_brightens_whatever_the_polarity(qtbot, view):
    view.show_radiograph(radiograph(grain(), inverted=True), LOOK, keep_view=True)
    with recorded(view.look_changed) as looks:
        drag(view, QPoint(100, 160), QPoint(100, 100), RIGHT)
    assert looks[-1].window.centre > 512


def test_a_window_never_loses_its_width(view):
    with recorded(view.look_changed) as looks:
        drag(view, QPoint(630, 100), QPoint(2, 100), RIGHT)
        drag(view, QPoint(630, 100), QPoint(2, 100), RIGHT)
    assert looks[-1].window.width > 0


def test_a_right_click_asks_for_the_menu_of_what_is_there(view):
    view.set_boxes([shown(PIP3, BOX)])
    with recorded(view.context_asked) as asked, recorded(view.box_picked) as picked:
        click(view, BOX.centre, RIGHT)
        click(view, (250, 200), RIGHT)
    assert [joint for joint, _at in asked] == [PIP3, None]
    assert asked[0][1] == view.viewport().mapToGlobal(place(view, BOX.centre))
    assert picked == []


def test_the_wheel_zooms_at_the_pointer(view):
    at = QPoint(470, 130)
    for notches in (1, 3, -2, 5, -4, 1):
        before = view.widget_to_image(QPointF(at))
        wheel(view, at, notches)
        after = view.image_to_widget(before)
        # Half a pixel before and after: the picture lies on whole screen pixels.
        zoomed = 0.5 * 1.2 ** abs(notches) + 0.51
        assert abs(after.x() - at.x()) <= zoomed
        assert abs(after.y() - at.y()) <= zoomed


def test_zooming_in_and_out_again_comes_back(view):
    before = view.view_state
    for _ in range(20):
        wheel(view, QPoint(123, 321), 1)
        wheel(view, QPoint(123, 321), -1)
    assert view.view_state.zoom == pytest.approx(before.zoom)
    assert view.view_state.centre == pytest.approx(before.centre)


def test_control_makes_the_wheel_finer_and_shift_pans(view):
    zoom = view.view_state.zoom
    wheel(view, QPoint(100, 100), 1, Qt.KeyboardModifier.ControlModifier)
    assert view.view_state.zoom == pytest.approx(1.05 * zoom)
    centre = view.view_state.centre
    wheel(view, QPoint(100, 100), 1, SHIFT)
    assert view.view_state.centre[0] < centre[0]
    assert view.view_state.centre[1] == centre[1]


def test_a_double_click_goes_to_a_box_or_between_fitted_and_one_to_one(view):
    view.set_boxes([shown(PIP3, BOX)])
    double_click(view, place(view, BOX.centre))
    assert view.view_state.centre == BOX.centre
    view.fit()
    for zoom in (1.0, None):
        double_click(view, QPoint(30, 240))
        assert view.view_state.fitted == (zoom is None)
        assert zoom is None or view.view_state.zoom == zoom


def test_the_pointer_tells_where_it_is_in_the_image(view):
    with recorded(view.cursor_moved) as places:
        move(view, QPoint(200, 200))
        move(view, QPoint(201, 203))
        view.zoom_by(0.1)
        move(view, QPoint(2, 2))
    assert places[1] == (places[0][0] + 0.5, places[0][1] + 1.5)
    assert places[-1] is None
