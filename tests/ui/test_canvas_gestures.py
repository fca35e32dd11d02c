"""Drawing, moving, resizing and picking boxes by real mouse events."""

import pytest
from canvas_driver import (
    BOX,
    LOOK,
    MP2,
    MP3,
    PIP3,
    SHIFT,
    box_of,
    click,
    drag,
    grain,
    move,
    place,
    press,
    radiograph,
    recorded,
    release,
    shown,
)  # fmt: skip
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from annotator.domain.edits import Action
from annotator.domain.geometry import Box
from annotator.ui.joint_box import HANDLES, SMALLEST_BOX, Handle, handle_places


def test_a_drag_on_nothing_draws_the_box_that_was_dragged(view):
    with recorded(view.box_drawn) as drawn, recorded(view.box_picked) as picked:
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
    with recorded(view.box_drawn) as drawn, recorded(view.box_picked) as picked:
        drag(view, QPoint(100, 100), QPoint(103, 103))
    assert (drawn, picked) == ([], [None])


def test_a_flat_drag_gives_a_box_of_the_smallest_size(view):
    with recorded(view.box_drawn) as drawn:
        drag(view, QPoint(100, 100), QPoint(200, 101))
    assert (drawn[0].width, drawn[0].height) == (50.0, SMALLEST_BOX)


def test_a_box_moves_by_the_way_of_the_pointer_and_tells_once(view):
    view.set_boxes([shown(PIP3, BOX)])
    start = place(view, BOX.centre)
    with recorded(view.box_changed) as changed, recorded(view.box_picked) as picked:
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
    with recorded(view.box_changed) as changed, recorded(view.box_picked) as picked:
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


@pytest.mark.parametrize("current", [False, True])
@pytest.mark.parametrize("corner", [(0, 0), (1, 0), (0, 1), (1, 1)])
def test_a_drag_from_just_beside_a_box_draws_the_next_one(view, corner, current):
    view.set_boxes([shown(PIP3, BOX, current=current)])
    x0, y0, x1, y1 = view.projection.rect_to_widget(BOX)
    beside = QPoint(round(x1 + 5 if corner[0] else x0 - 5), round(y1 + 3 if corner[1] else y0 - 3))
    away = QPoint(40 if corner[0] else -40, 40 if corner[1] else -40)
    with recorded(view.box_changed) as changed, recorded(view.box_drawn) as drawn:
        drag(view, beside, beside + away)
    assert (changed, len(drawn)) == ([], 1)


def test_the_edge_itself_is_still_grasped(view):
    view.set_boxes([shown(PIP3, BOX, current=True)])
    corner = QPointF(*handle_places(BOX, view.projection)[1, 1]).toPoint()
    for off in (QPoint(2, 2), QPoint(-5, -5)):
        view.set_boxes([shown(PIP3, BOX, current=True)])
        with recorded(view.box_changed) as changed:
            drag(view, corner + off, corner + off + QPoint(12, 10))
        assert [change[2] for change in changed] == [Action.RESIZE]


def test_a_resize_by_accident_leaves_a_box_that_can_be_seen(view):
    view.set_boxes([shown(PIP3, BOX, current=True)])
    start = QPointF(*handle_places(BOX, view.projection)[1, 1]).toPoint()
    with recorded(view.box_changed) as changed:
        drag(view, start, start - QPoint(300, 300))
    assert min(changed[0][1].width, changed[0][1].height) >= 16.0


def test_of_overlapping_boxes_the_current_one_is_taken_then_the_nearer(view):
    left, right = Box(340, 260, 420, 340), Box(390, 260, 470, 340)
    view.set_boxes([shown(MP2, left), shown(MP3, right)])
    with recorded(view.box_picked) as picked:
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
