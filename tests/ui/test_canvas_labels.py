from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from canvas_driver import LOOK, box_of, label_gap, radiograph, two_hands
from PySide6.QtCore import QPoint

from annotator.domain.geometry import Box
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import joint_named
from annotator.ui.joint_box import WORDINGS, ShownBox
from annotator.ui.label_layout import ANCHORS, APART, candidates, leaders, place
from annotator.ui.radiograph_view import RadiographView


@pytest.fixture
def view(blank):
    blank.resize(1600, 1000)
    blank.show_radiograph(radiograph(np.zeros((1670, 2010), np.uint16)), LOOK, keep_view=False)
    blank.set_boxes(two_hands())
    return blank


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


def in_words_of(boxes, style):
    return [replace(b, label=f"{style.full(b.joint)} ✓") for b in boxes]


@pytest.mark.parametrize("style", [NameStyle(), NameStyle(japanese=True, mcp=True)], ids=["en", "ja"])
@pytest.mark.parametrize("size", [(602, 670), (760, 850), (1242, 1031)])
def test_no_label_reads_as_that_of_another_box_and_none_is_cut_off(view, size, style):
    view.resize(*size)
    view.set_boxes(in_words_of(two_hands(), style))
    view.box_layer.lay_out()
    boxes = {b.joint: view.projection.rect_to_widget(b.box) for b in view.box_layer.boxes}
    x0, y0, x1, y1 = view.projection.page
    assert len(view.box_layer.label_rects) == 20
    for joint, label in view.box_layer.label_rects.items():
        others = min(label_gap(label, box) for other, box in boxes.items() if other != joint)
        off = label_gap(label, boxes[joint])
        assert others >= (off + APART if off < 4 else APART), joint  # one that stands off has a line
        assert x0 <= label[0] < label[2] <= x1
        assert y0 <= label[1] < label[3] <= y1


def test_a_label_that_stands_off_is_led_to_its_box_past_all_others(view):
    view.resize(602, 670)
    view.set_boxes(two_hands())
    view.box_layer.lay_out()
    boxes = {b.joint: view.projection.rect_to_widget(b.box) for b in view.box_layer.boxes}
    labels = view.box_layer.label_rects
    off = [joint for joint in labels if label_gap(labels[joint], boxes[joint]) > 4]
    assert off
    for joint in off:
        start, end = leaders(np.array(labels[joint]), np.array(boxes[joint]))
        line = (*np.minimum(start, end), *np.maximum(start, end))
        for other in labels.keys() - {joint}:
            assert label_gap(line, boxes[other]) > 0
            assert label_gap(line, labels[other]) > 0
        middle = QPoint(*np.round((start + end) / 2).astype(int).tolist())
        picture = view.viewport().grab().toImage()
        around = [
            picture.pixelColor(middle + QPoint(dx, dy)).green() for dx in (-1, 0, 1) for dy in (-1, 0, 1)
        ]
        assert max(around) > 150


def test_where_it_is_tight_all_labels_are_shorter_and_come_back_whole(view):
    wide = {joint: round(rect[2] - rect[0]) for joint, rect in view.box_layer.label_rects.items()}
    view.resize(602, 670)
    view.box_layer.lay_out()
    narrow = {joint: round(rect[2] - rect[0]) for joint, rect in view.box_layer.label_rects.items()}
    assert all(narrow[joint] < wide[joint] for joint in wide)
    view.resize(1600, 1000)
    view.box_layer.lay_out()
    assert {joint: round(rect[2] - rect[0]) for joint, rect in view.box_layer.label_rects.items()} == wide


def test_names_come_back_whole_once_nothing_else_is_said_of_the_boxes(view, qtbot):
    """As when proposals with their confidence become annotations: no box moves."""
    view.zoom_by(0.4 / view.view_state.zoom)
    layer = view.box_layer
    whole = widths(layer.label_rects)
    view.set_boxes([replace(shown, label=f"{shown.label} ◆ ▲ .99!") for shown in two_hands()])
    view.set_boxes(two_hands())
    assert widths(layer.label_rects) != whole, "so tight that names went without their side"
    qtbot.waitUntil(lambda: widths(layer.label_rects) == whole)
    assert_readable(view)


def widths(rects):
    return {key: round(right - left) for key, (left, _, right, _) in rects.items()}


@pytest.mark.parametrize(
    ("label", "wordings"),
    [
        ("R-PIP4 ✓", ["R-PIP4 ✓", "PIP4 ✓", "PIP4 ✓", "PIP4"]),
        ("R-PIP IV ◆? ▲", ["R-PIP IV ◆? ▲", "PIP IV ◆? ▲", "PIP IV ◆? ▲", "PIP IV ◆? ▲"]),
        ("右環指PIP ○", ["右環指PIP ○", "環指PIP ○", "環指PIP ○", "環指PIP"]),
    ],
)
def test_a_shorter_label_leaves_the_side_out_then_what_is_ordinary_but_never_a_finding(label, wordings):
    box = ShownBox(joint_named("R-PIP4"), Box(0, 0, 10, 10), label, "#ffffff")
    assert [box.wording(length) for length in range(WORDINGS)] == wordings


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
