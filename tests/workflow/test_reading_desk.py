"""The desk on a real database and real radiographs: every gesture is stored before it is seen."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.domain import gestures
from annotator.domain.annotations import ReadingState
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS
from annotator.domain.people import Role
from annotator.store.readings import Readings
from tests.study_fixtures import Desk, sit_down
from tests.workflow.desk_driver import opened, stored_findings, truth


def test_every_box_of_a_film_gets_its_name_from_its_place(at_desk: Desk, qtbot: QtBot) -> None:
    desk = opened(at_desk, qtbot)
    boxes = truth(desk)
    for joint in sorted(boxes, key=lambda j: (j.side, j.row, -j.digit)):
        assert desk.draw(boxes[joint])
    assert desk.reading is not None
    assert desk.reading.boxes == boxes


def test_a_name_the_reader_gave_stays(at_desk: Desk, qtbot: QtBot) -> None:
    desk = opened(at_desk, qtbot)
    boxes = truth(desk)
    desk.draw(boxes[JOINTS[2]])
    given = desk.current
    assert given is not None
    wrong = next(joint for joint in JOINTS if joint != JOINTS[2])
    desk.perform(lambda reading: gestures.rename(reading, given, wrong))
    for joint in JOINTS[5:8]:
        desk.draw(boxes[joint])
    assert desk.reading is not None
    assert desk.reading.boxes[wrong] == boxes[JOINTS[2]]


def test_what_is_seen_is_what_is_stored_and_comes_back_tomorrow(
    data: Path, qtbot: QtBot, qapp: object
) -> None:
    with sit_down(data) as at_desk:
        desk = opened(at_desk, qtbot)
        boxes = truth(desk)
        desk.draw(boxes[JOINTS[0]], JOINTS[0])
        desk.perform(lambda reading: gestures.toggle_finding(reading, JOINTS[0], Finding.ANKYLOSIS))
        assert stored_findings(data) == [("R-IP1", 1)]
        left = desk.reading
    with sit_down(data) as at_desk:
        assert opened(at_desk, qtbot).reading == left


def test_undo_and_redo_go_to_the_database_and_to_the_joint(at_desk: Desk, data: Path, qtbot: QtBot) -> None:
    desk = opened(at_desk, qtbot)
    boxes = truth(desk)
    for joint in JOINTS[:3]:
        desk.draw(boxes[joint], joint)
    states = [desk.reading]
    while desk.undo():
        states.append(desk.reading)
    assert stored_findings(data) == []
    assert desk.current == JOINTS[0]
    while desk.redo():
        states.append(desk.reading)
    assert len(states) == 7
    assert [state.annotations for state in states if state] == [s.annotations for s in states[::-1] if s]
    assert [joint for joint, _ in stored_findings(data)] == sorted(joint.name for joint in JOINTS[:3])


def test_a_save_that_fails_changes_nothing_is_told_and_is_tried_again(
    at_desk: Desk, data: Path, qtbot: QtBot
) -> None:
    desk = opened(at_desk, qtbot)
    boxes = truth(desk)
    desk.draw(boxes[JOINTS[0]], JOINTS[0])
    before = desk.reading
    other = sqlite3.connect(data / "knuckle.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with qtbot.waitSignal(desk.save_failed), qtbot.assertNotEmitted(desk.saved):
        assert not desk.draw(boxes[JOINTS[1]], JOINTS[1])
    assert (desk.reading, desk.unsaved) == (before, True)
    assert not desk.draw(boxes[JOINTS[2]], JOINTS[2])
    other.execute("ROLLBACK")
    other.close()
    qtbot.waitUntil(lambda: not desk.unsaved, timeout=10_000)  # by itself, on the timer
    assert [joint for joint, _ in stored_findings(data)] == ["R-IP1", "R-PIP2"]


def test_a_gesture_that_waits_can_be_dropped_by_undo(at_desk: Desk, data: Path, qtbot: QtBot) -> None:
    desk = opened(at_desk, qtbot)
    boxes = truth(desk)
    other = sqlite3.connect(data / "knuckle.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    desk.draw(boxes[JOINTS[0]], JOINTS[0])
    assert desk.unsaved
    assert desk.undo()
    other.execute("ROLLBACK")
    other.close()
    assert not desk.unsaved
    assert desk.retry()
    assert stored_findings(data) == []


def test_a_reading_changed_elsewhere_is_refused_and_shown_as_it_is_stored(
    at_desk: Desk, qtbot: QtBot
) -> None:
    desk = opened(at_desk, qtbot)
    boxes = truth(desk)
    assert desk.reading is not None
    elsewhere = Readings(at_desk.house.database)
    elsewhere.apply(desk.reading, gestures.draw(desk.reading, JOINTS[4], boxes[JOINTS[4]]), at_desk.person)
    with qtbot.waitSignal(desk.refused) as told:
        assert not desk.draw(boxes[JOINTS[0]], JOINTS[0])
    assert told.args is not None
    assert "another window" in str(told.args[0])
    assert not desk.unsaved
    assert list(desk.reading.boxes) == [JOINTS[4]]


def test_enter_goes_through_the_joints_and_the_reading_completes_and_signs(
    at_desk: Desk, qtbot: QtBot
) -> None:
    desk = opened(at_desk, qtbot)
    for joint, box in truth(desk).items():
        desk.draw(box, joint)
    desk.set_current(JOINTS[0])
    visited = []
    for _ in JOINTS:
        visited.append(desk.current)
        desk.confirm()
    assert tuple(visited) == JOINTS
    assert desk.reading is not None
    assert desk.reading.state is ReadingState.COMPLETE
    assert desk.sign()
    assert desk.locked
    with qtbot.waitSignal(desk.refused):
        assert not desk.perform(lambda reading: gestures.delete(reading, JOINTS[0]))
    assert not desk.undo()
    with qtbot.waitSignal(desk.refused):
        assert not desk.reopen("  ")
    assert desk.reopen("wrong hand")
    assert desk.perform(lambda reading: gestures.delete(reading, JOINTS[0]))


def test_an_incomplete_reading_cannot_be_signed(at_desk: Desk, qtbot: QtBot) -> None:
    desk = opened(at_desk, qtbot)
    desk.draw(truth(desk)[JOINTS[0]])
    with qtbot.waitSignal(desk.refused):
        assert not desk.sign()
    assert not desk.locked


def test_a_second_reader_finds_a_reading_of_their_own(data: Path, qtbot: QtBot, qapp: object) -> None:
    with sit_down(data) as at_desk:
        desk = opened(at_desk, qtbot)
        desk.draw(truth(desk)[JOINTS[0]])
        desk.perform(gestures.swap_sides)
    with sit_down(data, "Dr. B") as at_desk:
        desk = opened(at_desk, qtbot)
        assert desk.reading is not None
        assert (dict(desk.reading.annotations), desk.reading.state) == ({}, ReadingState.NEW)
        assert not desk.reading.facts.right_on_left, "a side somebody settled is where new readings begin"
        desk.perform(gestures.swap_sides)
    with sit_down(data) as at_desk:
        desk = opened(at_desk, qtbot)
        assert desk.reading is not None
        assert not desk.reading.facts.right_on_left, "nobody changes what another reader said"


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_a_file_that_is_not_what_was_imported_is_told_and_not_shown(
    at_desk: Desk, moved: Path, qtbot: QtBot, damage: str
) -> None:
    image = at_desk.house.administration.studies.image(at_desk.sitting.worklist.ids[0])
    path = Path(image.file.path)
    assert path.parent == moved
    if damage == "gone":
        path.unlink()
    else:
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)
    with qtbot.waitSignal(at_desk.sitting.refused) as told:
        at_desk.sitting.open(image.id)
    assert at_desk.sitting.desk.image is None
    assert told.args is not None
    assert ("not where it was" if damage == "gone" else "changed") in str(told.args[0])


def test_a_file_that_goes_while_it_is_open_is_told_and_reading_goes_on(
    at_desk: Desk, moved: Path, qtbot: QtBot
) -> None:
    desk = opened(at_desk, qtbot)
    assert desk.image is not None
    with qtbot.waitSignal(at_desk.sitting.image_changed):
        Path(desk.image.file.path).unlink()
    assert at_desk.sitting.file_lost
    assert desk.draw(Box(100, 100, 200, 200))


def test_a_box_put_for_a_joint_or_named_by_the_reader_is_never_renamed(at_desk: Desk, qtbot: QtBot) -> None:
    desk = opened(at_desk, qtbot)
    boxes = truth(desk)
    desk.draw(boxes[JOINTS[6]], JOINTS[3])
    desk.draw(boxes[JOINTS[7]])
    given = desk.current
    assert given is not None
    name = next(joint for joint in JOINTS if joint not in (given, JOINTS[3]))
    desk.perform(lambda reading: gestures.rename(reading, given, name))
    desk.perform(gestures.swap_sides)
    for joint in (JOINTS[1], JOINTS[5], JOINTS[8], JOINTS[9]):
        desk.draw(boxes[joint])
    assert desk.reading is not None
    assert desk.reading.boxes[JOINTS[3].mirrored] == boxes[JOINTS[6]]
    assert desk.reading.boxes[name.mirrored] == boxes[JOINTS[7]]


def test_a_name_is_loose_again_when_its_renaming_is_undone(at_desk: Desk, qtbot: QtBot) -> None:
    desk = opened(at_desk, qtbot)
    boxes = truth(desk)
    desk.draw(boxes[JOINTS[12]])
    given = desk.current
    assert given is not None
    desk.perform(lambda reading: gestures.rename(reading, given, JOINTS[0]))
    desk.undo()
    for joint in JOINTS:
        if joint != JOINTS[12]:
            desk.draw(boxes[joint])
    assert desk.reading is not None
    assert desk.reading.boxes == boxes


def test_the_current_joint_keeps_its_box_when_the_sides_are_swapped(at_desk: Desk, qtbot: QtBot) -> None:
    desk = opened(at_desk, qtbot)
    desk.draw(truth(desk)[JOINTS[1]], JOINTS[1])
    desk.perform(gestures.swap_sides)
    assert desk.current == JOINTS[1].mirrored
    desk.undo()
    assert desk.current == JOINTS[1]


def test_who_does_not_read_finds_the_reading_locked(data: Path, qtbot: QtBot, qapp: object) -> None:
    with sit_down(data, "Dora", Role.DATA) as at_desk:
        desk = opened(at_desk, qtbot)
        assert desk.locked
        with qtbot.waitSignal(desk.refused):
            assert not desk.draw(truth(desk)[JOINTS[0]])
        assert stored_findings(data) == []
