from itertools import combinations

import numpy as np
import pytest
from canvas_driver import LOOK, box_of, radiograph, two_hands
from PySide6.QtCore import QPoint

from annotator.domain.joints import joint_named
from annotator.ui.label_layout import ANCHORS, candidates, place
from annotator.ui.radiograph_view import RadiographView


@pytest.fixture
def view(qtbot):
    made = RadiographView()
    qtbot.addWidget(made)
    made.resize(1600, 1000)
    made.show()
    made.show_radiograph(radiograph(np.zeros((1670, 2010), np.uint16)), LOOK, keep_view=False)
    made.set_boxes(two_hands())
    return made


def shared(a, b) -> bool:
    return min(a[2], b[2]) > max(a[0], b[0]) and min(a[3], b[3]) > max(a[1], b[1])


def assert_readable(view: RadiographView) -> None:
    rects = view.box_layer.label_rects
    for (_one, a), (_other, b) in combinations(rects.items(), 2):
        assert not shared(a, b)
    for joint, rect in rects.items():
        for other in view.box_layer.boxes:
            x, y = view.image_to_widget(other.box.centre).toTuple()
            assert joint == other.joint or not (rect[0] <= x <= rect[2] and rect[1] <= y <= rect[3])


@pytest.mark.parametrize("turns", [0, 1])
@pytest.mark.parametrize("zoom", [0.4, 0.5, 0.59, 0.8, 1.0, 1.7, 3.0])
def test_all_labels_of_two_hands_find_room(view, zoom, turns):
    view.rotate(turns)
    view.zoom_by(zoom / view.view_state.zoom)
    for settle in (lambda: None, view.box_layer.lay_out):
        settle()
        assert len(view.box_layer.label_rects) == 20
        assert_readable(view)


@pytest.mark.parametrize("zoom", [0.05, 0.12, 0.2, 0.3])
def test_where_there_is_no_room_labels_are_left_out_but_never_collide(view, zoom):
    view.zoom_by(zoom / view.view_state.zoom)
    assert view.box_layer.label_rects
    assert_readable(view)


def test_zooming_step_by_step_keeps_labels_apart(view):
    for _ in range(40):
        view.zoom_by(1.07)
        assert_readable(view)
    for _ in range(60):
        view.zoom_by(1 / 1.07)
        assert_readable(view)


def test_panning_moves_all_labels_by_the_same_way(view):
    view.one_to_one()
    before = view.box_layer.label_rects
    view.pan_by(-31, 17)
    after = view.box_layer.label_rects
    assert before.keys() == after.keys()
    moves = np.array([np.subtract(after[joint], before[joint]) for joint in before])
    assert np.allclose(moves, [-31, 17, -31, 17])


def test_the_current_label_is_the_last_to_be_left_out(view):
    joint = joint_named("L-MP3")
    view.zoom_by(0.05 / view.view_state.zoom)
    boxes = [b.__class__(b.joint, b.box, b.label, b.colour, current=b.joint == joint) for b in two_hands()]
    view.set_boxes(boxes)
    assert joint in view.box_layer.label_rects


def test_the_same_boxes_again_leave_the_labels_where_they_are(view):
    before = view.box_layer.label_rects
    view.set_boxes(two_hands())
    assert view.box_layer.label_rects == before


def test_boxes_do_not_drift_in_three_thousand_redraws(view):
    expected = {s.joint: s.box for s in two_hands()}
    with_signals = []
    view.box_changed.connect(lambda *change: with_signals.append(change))
    for i in range(3000):
        view.set_boxes(view.box_layer.boxes)
        if i % 100 == 0:
            view.zoom_by(1.1 if i % 200 else 1 / 1.1)
            view.viewport().repaint()
    assert {s.joint: s.box for s in view.box_layer.boxes} == expected
    assert with_signals == []
    assert box_of(view, joint_named("R-IP1")) == expected[joint_named("R-IP1")]


def test_a_dragged_box_takes_its_label_along(view):
    joint = joint_named("R-MP1")
    before = view.box_layer.label_rects[joint]
    box = box_of(view, joint)
    view.box_layer.preview(joint, box.moved(100, 50))
    zoom = view.view_state.zoom
    assert np.allclose(
        np.array(view.box_layer.label_rects[joint]) - before, np.array([100, 50, 100, 50]) * zoom
    )
    view.box_layer.settle(keep=False)
    assert view.box_layer.label_rects[joint] == before


def test_places_lie_beside_the_box():
    box, size = np.array([[100.0, 100.0, 160.0, 160.0]]), np.array([[50.0, 18.0]])
    places = candidates(box, size)[0]
    assert places.shape == (ANCHORS, 4)
    assert np.allclose(places[:, 2:] - places[:, :2], size)
    assert not any(shared(p, box[0]) for p in places)


def test_no_boxes_have_no_labels():
    assert place(np.empty((0, 4)), np.empty((0, 2)), []).rects.shape == (0, 4)


def test_labels_are_painted_where_the_layout_says(view):
    picture = view.viewport().grab().toImage()
    for x0, y0, x1, y1 in view.box_layer.label_rects.values():
        inside = [
            picture.pixelColor(QPoint(x, round(y))) for x in range(round(x0), round(x1)) for y in (y0 + 9,)
        ]
        assert max(colour.green() for colour in inside) > 150
        assert y1 - y0 > 10
