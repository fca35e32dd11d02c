import pytest
from canvas_driver import (
    LEFT,
    LOOK,
    MIDDLE,
    MP2,
    MP3,
    PIP3,
    RIGHT,
    SHIFT,
    box_of,
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

from annotator.domain.edits import Action
from annotator.domain.geometry import Box
from annotator.imaging.display import window_of
from annotator.ui.joint_box import HANDLES, SMALLEST_BOX, Handle, handle_places
from annotator.ui.radiograph_view import RadiographView


@pytest.fixture
def view(qtbot):
    made = RadiographView()
    qtbot.addWidget(made)
    made.resize(640, 480)
    made.show()
    made.show_radiograph(radiograph(grain()), LOOK, keep_view=False)
    made.set_view_state(made.view_state.__class__(2.0, (400.0, 300.0)))
    return made


BOX = Box(360.25, 270.5, 440.25, 330.5)


def test_a_drag_on_nothing_draws_the_box_that_was_dragged(view):
    with recorded(view.box_drawn) as drawn, recorded(view.joint_picked) as picked:
        drag(view, QPoint(100, 100), QPoint(180, 220))
    a, b = view.widget_to_image(QPointF(100, 100)), view.widget_to_image(QPointF(180, 220))
    assert drawn == [Box.spanning(a, b)]
    assert (drawn[0].width, drawn[0].height) == (40.0, 60.0)
    assert picked == []


def test_a_drag_backwards_draws_the_same_box(view):
    with recorded(view.box_drawn) as drawn:
        drag(view, QPoint(180, 220), QPoint(100, 100))
        drag(view, QPoint(100, 100), QPoint(180, 220))
    assert drawn[0] == drawn[1]


def test_a_drawn_box_is_clipped_to_the_image(view):
    view.fit()
    corner = place(view, (0, 0))
    with recorded(view.box_drawn) as drawn:
        drag(view, corner + QPoint(60, 50), corner - QPoint(5, 5))
    assert (drawn[0].x0, drawn[0].y0) == (0.0, 0.0)


def test_a_drag_beside_the_image_draws_nothing(view):
    view.zoom_by(0.2)
    with recorded(view.box_drawn) as drawn:
        drag(view, QPoint(5, 5), QPoint(40, 60))
    assert drawn == []


def test_a_way_under_four_pixels_is_a_click(view):
    with recorded(view.box_drawn) as drawn, recorded(view.joint_picked) as picked:
        drag(view, QPoint(100, 100), QPoint(103, 103))
    assert (drawn, picked) == ([], [None])


def test_a_flat_drag_gives_a_box_of_the_smallest_size(view):
    with recorded(view.box_drawn) as drawn:
        drag(view, QPoint(100, 100), QPoint(200, 101))
    assert (drawn[0].width, drawn[0].height) == (50.0, SMALLEST_BOX)


def test_a_box_moves_by_the_way_of_the_pointer_and_tells_once(view):
    view.set_boxes([shown(PIP3, BOX)])
    start = place(view, BOX.centre)
    with recorded(view.box_changed) as changed, recorded(view.joint_picked) as picked:
        drag(view, start, start + QPoint(37, -21))
    assert changed == [(PIP3, BOX.moved(18.5, -10.5), Action.MOVE)]
    assert picked == [PIP3]
    assert box_of(view, PIP3) == BOX.moved(18.5, -10.5)


def test_moving_there_and_back_leaves_the_box_and_tells_nothing(view):
    view.set_boxes([shown(PIP3, BOX)])
    start = place(view, BOX.centre)
    with recorded(view.box_changed) as changed:
        press(view, start)
        move(view, start + QPoint(30, 30))
        move(view, start)
        release(view, start)
    assert changed == []
    assert box_of(view, PIP3) == BOX


def test_a_click_on_a_box_picks_it_and_changes_nothing(view):
    view.set_boxes([shown(PIP3, BOX)])
    with recorded(view.box_changed) as changed, recorded(view.joint_picked) as picked:
        click(view, BOX.centre)
        click(view, (20, 20))
    assert (changed, picked) == ([], [PIP3, None])


def test_a_moved_box_stops_at_the_edge_of_the_image(view):
    near = Box(10.5, 20.25, 90.5, 80.25)
    view.fit()
    view.set_boxes([shown(PIP3, near)])
    start = place(view, near.centre)
    with recorded(view.box_changed) as changed:
        drag(view, start, start - QPoint(200, 200))
    assert changed[0][1] == Box(0.0, 0.0, 80.0, 60.0)


@pytest.mark.parametrize("turns", [0, 1])
@pytest.mark.parametrize("handle", HANDLES)
def test_each_handle_moves_its_own_edges(view, handle: Handle, turns: int):
    view.rotate(turns)
    view.set_boxes([shown(PIP3, BOX, current=True)])
    start = QPointF(*handle_places(BOX, view.projection)[handle]).toPoint()
    dx, dy = view.projection.vector_to_image(12, 10)
    with recorded(view.box_changed) as changed:
        drag(view, start, start + QPoint(12, 10))
    hx, hy = handle
    expected = Box(
        BOX.x0 + dx * (hx < 0), BOX.y0 + dy * (hy < 0), BOX.x1 + dx * (hx > 0), BOX.y1 + dy * (hy > 0)
    )
    assert changed == [(PIP3, expected, Action.RESIZE)]


def test_no_handle_makes_a_box_smaller_than_the_smallest(view):
    view.set_boxes([shown(PIP3, BOX, current=True)])
    start = QPointF(*handle_places(BOX, view.projection)[1, 1]).toPoint()
    with recorded(view.box_changed) as changed:
        drag(view, start, start - QPoint(300, 300))
    assert changed[0][1] == Box(BOX.x0, BOX.y0, BOX.x0 + SMALLEST_BOX, BOX.y0 + SMALLEST_BOX)


def test_of_overlapping_boxes_the_current_one_is_taken_then_the_nearer(view):
    left, right = Box(340, 260, 420, 340), Box(390, 260, 470, 340)
    view.set_boxes([shown(MP2, left), shown(MP3, right)])
    with recorded(view.joint_picked) as picked:
        click(view, (395, 300))
        click(view, (415, 300))
        view.set_boxes([shown(MP2, left), shown(MP3, right, current=True)])
        click(view, (395, 300))
    assert picked == [MP2, MP3, MP3]


def test_shift_draws_a_new_box_over_an_old_one(view):
    view.set_boxes([shown(PIP3, BOX)])
    start = place(view, BOX.centre)
    with recorded(view.box_drawn) as drawn, recorded(view.box_changed) as changed:
        drag(view, start, start + QPoint(40, 40), keys=SHIFT)
    assert len(drawn) == 1
    assert changed == []


def test_a_box_that_cannot_be_edited_lets_a_drag_draw(view):
    view.set_boxes([shown(PIP3, BOX, editable=False)])
    start = place(view, BOX.centre)
    with recorded(view.box_drawn) as drawn, recorded(view.box_changed) as changed:
        drag(view, start, start + QPoint(40, 40))
    assert (len(drawn), changed) == (1, [])


def test_locked_the_boxes_can_be_picked_and_a_drag_pans(view):
    view.set_boxes([shown(PIP3, BOX, current=True)])
    view.set_locked(True)
    start, centre = place(view, BOX.centre), view.view_state.centre
    with (
        recorded(view.box_drawn) as drawn,
        recorded(view.box_changed) as changed,
        recorded(view.joint_picked) as picked,
    ):
        drag(view, start, start + QPoint(40, 20))
        click(view, BOX.centre)
        drag(view, QPoint(10, 10), QPoint(60, 60), keys=SHIFT)
        view.nudge(PIP3, 1, 1)
    assert (drawn, changed, picked) == ([], [], [PIP3])
    assert view.view_state.centre == (centre[0] - 20 - 25, centre[1] - 10 - 25)


@pytest.mark.parametrize("what", ["draw", "move", "resize"])
def test_esc_gives_a_drag_up_and_restores(view, what: str):
    view.set_boxes([shown(PIP3, BOX, current=True)])
    places = {
        "draw": QPoint(40, 40),
        "move": place(view, BOX.centre),
        "resize": QPointF(*handle_places(BOX, view.projection)[1, 1]).toPoint(),
    }
    start = places[what]
    with recorded(view.box_drawn) as drawn, recorded(view.box_changed) as changed:
        press(view, start)
        move(view, start + QPoint(50, 50))
        QTest.keyClick(view, Qt.Key.Key_Escape)
        move(view, start + QPoint(60, 60))
        release(view, start + QPoint(60, 60))
    assert (drawn, changed) == ([], [])
    assert box_of(view, PIP3) == BOX


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
    with recorded(view.context_asked) as asked, recorded(view.joint_picked) as picked:
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


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_turned_and_mirrored_views_draw_and_move_in_image_pixels(view, turns: int, mirrored: bool):
    if mirrored:
        view.mirror()
    view.rotate(turns)
    a, b = (350.0, 250.0), (380.0, 290.0)
    with recorded(view.box_drawn) as drawn, recorded(view.box_changed) as changed:
        drag(view, place(view, a), place(view, b))
        view.set_boxes([shown(PIP3, BOX)])
        start, end = place(view, BOX.centre), place(view, (BOX.centre[0] + 20, BOX.centre[1] + 10))
        drag(view, start, end)
    assert drawn == [Box.spanning(a, b)]
    assert changed[0][1].corners == pytest.approx(BOX.moved(20, 10).corners, abs=1e-9)


def test_pixels_that_are_not_square_scale_the_view_only(view):
    view.show_radiograph(radiograph(grain(), aspect=1.5), LOOK, keep_view=True)
    with recorded(view.box_drawn) as drawn:
        drag(view, QPoint(100, 100), QPoint(180, 220))
    assert (drawn[0].width, drawn[0].height) == pytest.approx((40.0, 40.0))


@pytest.mark.parametrize(("turns", "expected"), [(0, (3, 1)), (1, (1, -3)), (2, (-3, -1)), (3, (-1, 3))])
def test_arrow_steps_go_where_they_point_on_the_screen(view, turns: int, expected: tuple[int, int]):
    view.rotate(turns)
    view.set_boxes([shown(PIP3, BOX)])
    with recorded(view.box_changed) as changed:
        view.nudge(PIP3, 3, 1)
    assert changed == [(PIP3, BOX.moved(*expected), Action.NUDGE)]


def test_nudging_a_size_moves_the_right_and_lower_edge_seen(view):
    view.set_boxes([shown(PIP3, BOX)])
    with recorded(view.box_changed) as changed:
        view.nudge(PIP3, 2, 0, resize=True)
    assert changed[0][1] == Box(BOX.x0, BOX.y0, BOX.x1 + 2, BOX.y1)
    view.rotate(1)  # what was below is now on the left, what was right is below
    view.set_boxes([shown(PIP3, BOX)])
    with recorded(view.box_changed) as changed:
        view.nudge(PIP3, 0, 2, resize=True)
    assert changed[0][1] == Box(BOX.x0, BOX.y0, BOX.x1 + 2, BOX.y1)


def test_keys_are_left_to_the_window_and_no_input_method_eats_them(view):
    assert not view.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    assert not view.viewport().testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    assert view.focusPolicy() == Qt.FocusPolicy.StrongFocus
    with recorded(view.view_changed) as changes:
        QTest.keyClick(view, Qt.Key.Key_Left)
        QTest.keyClick(view, Qt.Key.Key_A)
    assert changes == []


def test_a_box_taken_away_under_a_drag_is_not_changed(view):
    view.set_boxes([shown(PIP3, BOX)])
    start = place(view, BOX.centre)
    with recorded(view.box_changed) as changed:
        press(view, start)
        move(view, start + QPoint(20, 20))
        view.set_boxes([])
        release(view, start + QPoint(20, 20))
    assert changed == []


def test_another_image_ends_a_drag(view):
    with recorded(view.box_drawn) as drawn:
        press(view, QPoint(100, 100))
        move(view, QPoint(150, 150))
        view.show_radiograph(radiograph(grain()), LOOK, keep_view=True)
        release(view, QPoint(150, 150))
    assert drawn == []
