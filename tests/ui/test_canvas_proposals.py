"""Boxes of proposals beside those of annotations: told apart, picked, dragged and explained by themselves."""

import numpy as np
import pytest
from canvas_driver import (
    BOX,
    LOOK,
    PIP3,
    RIGHT,
    box_of,
    click,
    drag,
    greys,
    label_gap,
    move,
    place,
    press,
    radiograph,
    recorded,
    release,
    rest,
    shown,
    two_hands,
)  # fmt: skip
from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QToolTip

from annotator.domain.edits import Action
from annotator.domain.geometry import Box
from annotator.ui.box_drawing import MOST_DASHES, CanvasColours, LabelPictures, dashed_frame
from annotator.ui.joint_box import WORDINGS, ShownBox, handle_places

APART = Box(250.0, 220.0, 310.0, 280.0)
OTHER = Box(480.0, 220.0, 540.0, 280.0)
WITHIN = BOX.moved(6.0, 4.0)
"""Nearly where BOX is, as a proposal of the same joint lies."""


def proposal(number: int, box: Box, joint=None, **more) -> ShownBox:
    return ShownBox(joint, box, f"no joint .4{number}!", "#b9a3ff", proposal=number, dashed=True, **more)


@pytest.fixture(autouse=True)
def no_tip_left():
    yield
    QToolTip.hideText()


def flat(view, value: int) -> None:
    view.show_radiograph(radiograph(np.full((600, 800), value, np.uint16)), LOOK, keep_view=True)


def test_a_box_is_known_by_its_joint_or_by_its_proposal():
    assert shown(PIP3, BOX).key == PIP3
    assert proposal(4, BOX, PIP3).key == 4
    with pytest.raises(ValueError, match="joint or to a proposal"):
        _ = shown(None, BOX).key


def test_a_label_without_a_joint_is_worded_at_every_length():
    box = ShownBox(None, BOX, "no joint ✓ .41!", "#ffffff", proposal=1)
    assert [box.wording(n) for n in range(WORDINGS)] == [*["no joint ✓ .41!"] * 3, "no joint .41!"]


@pytest.mark.parametrize("value", [0, 1023], ids=["background", "bone"])
@pytest.mark.parametrize("current", [False, True])
def test_a_dashed_frame_alternates_and_shows_the_picture_between(view, value, current):
    flat(view, value)
    view.set_locked(True)  # without handles
    view.set_boxes([proposal(1, BOX, current=current)])
    x0, _y0, x1, y1 = (round(v) for v in view.projection.rect_to_widget(BOX))
    seen = greys(view)[y1 - 4 : y1 + 4, x0:x1].astype(int)
    inked = ((seen[..., 2] - seen[..., 1]) > 50).any(axis=0)
    bare = (seen == (255 if value else 0)).all(axis=(0, 2))
    changes = int((inked[1:] != inked[:-1]).sum())
    assert 10 < changes < 40
    assert inked[:5].all()
    assert inked[-5:].all()
    assert bare.sum() > 0.15 * bare.size
    halo = (seen.max(axis=2) < 20).any(axis=0)
    assert halo[inked].all()


def test_a_dashed_box_differs_from_a_solid_one_of_the_same_colour(view):
    flat(view, 500)
    view.set_boxes([shown(PIP3, BOX)])
    solid = greys(view)
    view.set_boxes([shown(PIP3, BOX, dashed=True)])
    dashed = greys(view)
    x0, y0, x1, y1 = (round(v) for v in view.projection.rect_to_widget(BOX))
    for edge in (np.s_[y0 - 1 : y0 + 1, x0:x1], np.s_[y0:y1, x0 - 1 : x0 + 1]):
        assert (solid[edge] != dashed[edge]).any(axis=-1).mean() > 0.2
    a, b, c, d = (round(v) for v in view.box_layer.label_rects[PIP3])
    plate = np.s_[b:d, a:c]
    assert (solid[plate] != dashed[plate]).any()


@pytest.mark.parametrize("side", [1, 5, 11, 12, 40, 61, 100, 1234, 9000])
def test_dashes_are_whole_begin_and_end_each_side_and_stay_few(side):
    outer = QRect(7, 9, side, side)
    marks = dashed_frame(outer, 2, 9, 6)
    across = sorted(mark.x() for mark in marks if mark.y() == 9 and mark.height() == 2)
    assert across[0] == 7
    assert any(mark.right() == outer.right() for mark in marks)
    assert all(not mark.isEmpty() for mark in marks)
    assert len(marks) <= 4 * MOST_DASHES
    if side > 30:
        assert len(across) >= 2
        lengths = [mark.width() for mark in marks if mark.height() == 2]
        assert 0.4 * side < sum(lengths) / 2 < 0.8 * side


@pytest.mark.parametrize("current", [False, True])
def test_the_label_of_a_dashed_box_has_dashes_around_its_plate(qapp, current):
    labels = LabelPictures(QFont(), CanvasColours())
    plain, dashed = (labels.picture("R-PIP3 .97", "#b9a3ff", current, d, 1.0) for d in (False, True))
    assert plain.size() == dashed.size()
    top = [plain.pixel(x, 0) != dashed.pixel(x, 0) for x in range(4, plain.width() - 4)]
    assert 0.3 < sum(top) / len(top) < 0.9


def test_dragging_a_proposal_tells_its_id_and_leaves_the_annotation(view):
    view.set_boxes([shown(PIP3, APART), proposal(12, BOX, PIP3)])
    start = place(view, BOX.centre)
    with recorded(view.box_changed) as changed, recorded(view.box_picked) as picked:
        drag(view, start, start + QPoint(20, -10))
    assert changed == [(12, BOX.moved(10, -5), Action.MOVE)]
    assert picked == [12]
    assert box_of(view, 12) == BOX.moved(10, -5)
    assert box_of(view, PIP3) == APART


def test_a_proposal_is_resized_and_nudged_by_its_id(view):
    view.set_boxes([shown(PIP3, APART), proposal(12, BOX, PIP3, current=True)])
    start = QPointF(*handle_places(BOX, view.projection)[1, 1]).toPoint()
    with recorded(view.box_changed) as changed:
        drag(view, start, start + QPoint(20, 20))
        view.nudge(12, 3, 1)
        view.nudge(13, 3, 1)
    assert [(key, action) for key, _box, action in changed] == [(12, Action.RESIZE), (12, Action.NUDGE)]
    assert box_of(view, PIP3) == APART


def test_proposals_without_a_name_are_picked_each_by_its_id(view):
    view.set_boxes([proposal(1, APART), proposal(2, BOX), proposal(3, OTHER)])
    with recorded(view.box_picked) as picked, recorded(view.context_asked) as asked:
        for box in (APART, BOX, OTHER):
            click(view, box.centre)
        click(view, BOX.centre, RIGHT)
        click(view, (20, 20))
    assert picked == [1, 2, 3, None]
    assert [key for key, _at in asked] == [2]


def test_of_two_boxes_of_one_joint_the_current_one_is_taken(view):
    with recorded(view.box_picked) as picked, recorded(view.box_changed) as changed:
        view.set_boxes([shown(PIP3, BOX, current=True), proposal(12, WITHIN, PIP3)])
        click(view, WITHIN.centre)
        view.set_boxes([shown(PIP3, BOX), proposal(12, WITHIN, PIP3, current=True)])
        click(view, BOX.centre)
        start = place(view, BOX.centre)
        drag(view, start, start + QPoint(30, 30))
    assert picked == [PIP3, 12]
    assert [key for key, _box, _action in changed] == [12]
    assert box_of(view, PIP3) == BOX


def test_handles_come_with_the_pointer_over_a_proposal_and_not_over_its_annotation(view):
    view.set_boxes([shown(PIP3, APART), proposal(12, BOX, PIP3)])
    plain = greys(view)
    move(view, place(view, BOX.centre))
    over = greys(view)
    differ = {
        key: (plain[corner] != over[corner]).any()
        for key, corner in ((PIP3, corner_of(view, APART)), (12, corner_of(view, BOX)))
    }
    assert differ == {PIP3: False, 12: True}


def test_a_proposal_that_cannot_be_edited_has_no_handles(view):
    view.set_boxes([proposal(12, BOX, editable=False, current=True)])
    without = greys(view)[corner_of(view, BOX)]
    view.set_boxes([proposal(12, BOX, current=True)])
    assert (greys(view)[corner_of(view, BOX)] != without).any()


def test_a_proposal_taken_away_under_a_drag_is_not_changed_though_its_joint_stays(view):
    view.set_boxes([shown(PIP3, APART), proposal(12, BOX, PIP3)])
    start = place(view, BOX.centre)
    with recorded(view.box_changed) as changed:
        press(view, start)
        move(view, start + QPoint(20, 20))
        view.set_boxes([shown(PIP3, APART)])
        release(view, start + QPoint(20, 20))
    assert changed == []
    assert box_of(view, PIP3) == APART


def test_two_boxes_in_one_place_have_both_labels_whole_beside_them(blank):
    """Neither counts as a foreign box to the other, which would shorten all labels."""
    blank.resize(1600, 1000)
    blank.show_radiograph(radiograph(np.zeros((1670, 2010), np.uint16)), LOOK, keep_view=False)
    both = two_hands()[::3]
    pairs = [*both, *(proposal(i, s.box.moved(7, -5), s.joint) for i, s in enumerate(both))]
    blank.set_boxes(pairs)
    labels = blank.box_layer.label_rects
    assert labels.keys() == {s.key for s in pairs}
    blank.set_boxes(both)
    alone = blank.box_layer.label_rects
    for joint, rect in alone.items():
        assert rect[2] - rect[0] == pytest.approx(labels[joint][2] - labels[joint][0])
    for s in pairs:
        assert label_gap(labels[s.key], blank.projection.rect_to_widget(s.box)) < 4


@pytest.mark.parametrize("locked", [False, True])
def test_the_pointer_resting_on_a_box_is_told_its_tip_and_nothing_beside_it(qtbot, view, locked):
    view.set_boxes([shown(PIP3, APART), proposal(12, BOX, PIP3, tip="R-PIP3: proposed\nseen by both")])
    view.set_locked(locked)
    rest(view, BOX.centre)
    assert QToolTip.text() == "R-PIP3: proposed\nseen by both"
    for beside in (APART.centre, (460.0, 300.0)):
        rest(view, BOX.centre)
        rest(view, beside)
        qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_of_two_boxes_in_one_place_the_tip_is_that_of_the_one_that_has_one(view):
    view.set_boxes([shown(PIP3, BOX, current=True), proposal(12, WITHIN, PIP3, tip="seen by both")])
    rest(view, BOX.centre)
    assert QToolTip.text() == "seen by both"


def corner_of(view, box: Box) -> tuple[slice, slice]:
    x, y = view.image_to_widget((box.x0, box.y0)).toPoint().toTuple()
    return slice(y - 3, y + 4), slice(x - 3, x + 4)
