"""Sign in, open, box 20 joints, label, quit, return, finish, sign: through the real window."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from annotator.domain.annotations import ReadingState
from annotator.domain.findings import Certainty, Finding, NotAssessable
from annotator.domain.geometry import iou
from annotator.domain.joints import JOINTS
from tests.journeys.window_driver import Reader, reader_at

HALF_A_SCREEN_PIXEL = 2.0
"""In image pixels at the zoom of these windows, about 0.4: the mouse cannot do better."""


def test_a_reading_from_sign_in_to_signature(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        first = reader.window.sitting.worklist.ids[0]
        assert reader.window.sitting.desk.image is not None
        assert reader.window.sitting.desk.image.id == first
        truth = reader.truth()
        for joint in JOINTS[:12]:
            reader.box(truth[joint][0])
            assert reader.current == joint, "named from its place among the others"
        reader.key("B")
        assert not reader.window.view.box_layer.boxes
        reader.key("B")
        reader.click(truth[JOINTS[2]][0].centre)
        assert reader.current == JOINTS[2]
        reader.key("A")
        reader.key("P")
        look = reader.window.view.look
        reader.key("]")
        assert reader.window.view.look != look
        reader.window.view.zoom_by(1.5)
        left = reader.reading, reader.window.view.look, reader.window.view.view_state
        assert left[0].of(JOINTS[2]).certainty(Finding.ANKYLOSIS) is Certainty.PROBABLE
        assert reader.window.sitting.worklist.row(first).state is ReadingState.IN_PROGRESS

    with reader_at(data, qtbot) as reader:
        view = reader.window.view
        assert (reader.reading, view.look, reader.current) == (left[0], left[1], JOINTS[2])
        assert view.view_state.zoom == pytest.approx(left[2].zoom)
        reader.key("F")
        for joint in JOINTS[12:]:
            reader.box(truth[joint][0])
        for joint, (box, findings) in truth.items():
            assert iou(reader.reading.boxes[joint], box) > 0.9
            assert reader.reading.boxes[joint].corners == pytest.approx(box.corners, abs=HALF_A_SCREEN_PIXEL)
            for finding in findings:
                reader.click(box.centre)
                if reader.reading.of(joint).certainty(finding) is None:
                    reader.key({"ankylosis": "A", "subluxation": "S", "dislocation": "D"}[finding])
        reader.key("Shift+Return")
        assert reader.said.of("question"), "asked once before the rest becomes normal"
        assert reader.reading.state is ReadingState.COMPLETE
        reader.key("Ctrl+Return")
        assert reader.reading.state is ReadingState.SIGNED
        assert reader.window.sitting.worklist.row(first).state is ReadingState.SIGNED
        before = reader.reading
        reader.drag(truth[JOINTS[0]][0].centre, (300, 300))
        reader.key("Del")
        assert reader.reading == before

    with sqlite3.connect(data / "knuckle.sqlite") as stored:
        assert stored.execute("SELECT count(*) FROM annotation WHERE confirmed").fetchone() == (20,)


def test_the_whole_reading_by_keyboard_alone(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        for joint in JOINTS:
            assert reader.current == joint
            reader.key("E")
            reader.key("Right")
            reader.key("Shift+Up")
            reader.key("Ctrl+Right")
            reader.key("Return")
        assert reader.reading.state is ReadingState.COMPLETE
        assert all(reader.reading.of(joint).normal for joint in JOINTS)
        reader.key("Ctrl+Return")
        assert reader.reading.signed
        opened = reader.window.sitting.desk.opened
        with qtbot.waitSignal(opened):
            reader.key("U")
        assert reader.reading.state is ReadingState.NEW


def test_undo_takes_back_every_gesture_and_redo_brings_it_again(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        truth = reader.truth()
        for joint in JOINTS[:4]:
            reader.box(truth[joint][0])
        reader.key("S")
        reader.key("M")
        reader.key("Y")
        whole = reader.reading
        for _ in range(7):
            reader.key("Ctrl+Z")
        assert dict(reader.reading.annotations) == {}
        for _ in range(7):
            reader.key("Ctrl+Y")
        assert reader.reading.annotations == whole.annotations
        assert reader.reading.facts == whole.facts


def test_a_box_is_moved_and_resized_where_the_mouse_goes(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        box = reader.truth()[JOINTS[2]][0]
        reader.box(box)
        drawn = reader.reading.boxes[reader.current] if reader.current else box
        reader.drag(drawn.centre, (drawn.centre[0] + 60, drawn.centre[1] - 45))
        moved = reader.reading.boxes[JOINTS[2]]
        assert moved.width == pytest.approx(drawn.width)
        assert moved.centre == pytest.approx((drawn.centre[0] + 60, drawn.centre[1] - 45), abs=4)
        reader.drag((moved.x1, moved.y1), (moved.x1 + 50, moved.y1 + 30))
        grown = reader.reading.boxes[JOINTS[2]]
        assert (grown.x0, grown.y0) == (moved.x0, moved.y0)
        assert (grown.x1, grown.y1) == pytest.approx((moved.x1 + 50, moved.y1 + 30), abs=4)


def test_a_joint_that_cannot_be_judged_wants_a_reason(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        reader.key("X")
        menu = menu_of(reader)
        menu.actions()[2].trigger()
        menu.close()
        assert reader.reading.of(JOINTS[0]).not_assessable is NotAssessable.IMPLANT
        assert reader.reading.done == 1


def test_a_joint_is_renamed_from_the_menu(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        reader.box(reader.truth()[JOINTS[2]][0])
        assert reader.current == JOINTS[2]
        reader.key("G")
        menu = menu_of(reader)
        names = menu.actions()[1].menu()
        assert names is not None
        names.actions()[4].trigger()
        menu.close()
        assert list(reader.reading.boxes) == [JOINTS[14]]
        assert reader.current == JOINTS[14]


def test_a_failed_save_is_unmissable_loses_nothing_and_is_tried_again(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        truth = reader.truth()
        reader.box(truth[JOINTS[0]][0])
        other = sqlite3.connect(data / "knuckle.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        before = reader.reading
        reader.box(truth[JOINTS[1]][0])
        assert reader.reading == before
        assert reader.window.message_bar.isVisible()
        assert len(reader.said.of("failure")) == 1
        assert "NOT saved" in reader.window.status.saved.text()
        other.execute("ROLLBACK")
        other.close()
        reader.window.message_bar.retry_asked.emit()
        assert len(reader.reading.boxes) == 2
        assert not reader.window.message_bar.isVisible()
        assert "✓" in reader.window.status.saved.text()


def test_zoom_and_window_stay_from_image_to_image_and_a_file_window_follows_the_file(
    data: Path, qtbot: QtBot
) -> None:
    with reader_at(data, qtbot) as reader:
        ids = reader.window.sitting.worklist.ids
        own = reader.window.view.look
        reader.open(ids[1])
        other = reader.window.view.look
        assert own.window != other.window, "each by the window of its own file"
        reader.key("[")
        reader.key("I")
        reader.window.view.zoom_by(2.0)
        look, zoom = reader.window.view.look, reader.window.view.view_state.zoom
        reader.open(ids[0])
        assert reader.window.view.look == look
        assert reader.window.view.view_state.zoom == pytest.approx(zoom)


def test_two_readers_on_one_image_never_see_each_other(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        reader.box(reader.truth()[JOINTS[0]][0])
    with reader_at(data, qtbot, "Dr. B") as reader:
        assert not reader.reading.boxes
        assert not reader.window.view.box_layer.boxes
        assert reader.window.sitting.worklist.row(reader.window.sitting.worklist.ids[0]).done == 0


def menu_of(reader: Reader) -> QMenu:
    """The menu that has just opened."""
    reader.qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu
