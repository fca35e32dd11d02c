"""The desk while the disk fails: nothing is lost, nothing is shown that is not stored."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pytestqt.qtbot import QtBot

from annotator import app
from annotator.domain import gestures
from annotator.domain.annotations import Reading
from annotator.domain.edits import Edit
from annotator.domain.findings import Finding, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, Joint
from annotator.domain.people import Role
from annotator.store.readings import Readings
from annotator.workflow.opening import OpenImage
from annotator.workflow.reading import ReadingDesk
from tests.study_fixtures import Desk, sit_down
from tests.workflow.desk_driver import locked, opened, stored_findings, truth

NUMBERS = count(1)
joints = st.one_of(st.none(), st.sampled_from(JOINTS[:6]))
GESTURES: list[Callable[[Reading, Joint], Edit]] = [
    lambda r, j: gestures.toggle_finding(r, j, Finding.ANKYLOSIS),
    lambda r, j: gestures.rename(r, j, j.mirrored),
    lambda r, j: gestures.set_not_assessable(r, j, NotAssessable.OVERLAP),
    lambda r, _: gestures.swap_sides(r),
    lambda r, _: gestures.exclude(r, "motion"),
    lambda r, _: gestures.exclude(r, ""),
    gestures.delete,
    gestures.set_normal,
]


def test_redo_while_a_gesture_waits_does_nothing_until_it_is_stored(
    at_desk: Desk, data: Path, qtbot: QtBot
) -> None:
    desk = opened(at_desk, qtbot)
    boxes = truth(desk)
    for joint in JOINTS[:2]:
        desk.draw(boxes[joint], joint)
    desk.undo()
    with locked(data):
        assert not desk.draw(boxes[JOINTS[2]], JOINTS[2])
        assert not desk.redo()
    assert desk.retry()
    assert not desk.redo(), "a new gesture ends what could be redone"
    assert [joint for joint, _ in stored_findings(data)] == ["R-IP1", "R-PIP3"]
    assert desk.reading is not None
    assert set(desk.reading.boxes) == {JOINTS[0], JOINTS[2]}


def test_a_gesture_after_one_that_waited_is_made_on_top_of_it(
    at_desk: Desk, data: Path, qtbot: QtBot
) -> None:
    desk = opened(at_desk, qtbot)
    desk.draw(truth(desk)[JOINTS[1]], JOINTS[1])
    with locked(data):
        assert not desk.perform(lambda r: gestures.toggle_finding(r, JOINTS[1], Finding.ANKYLOSIS))
    assert desk.perform(lambda r: gestures.toggle_finding(r, JOINTS[1], Finding.SUBLUXATION))
    assert desk.reading is not None
    assert desk.reading.findings == {Finding.ANKYLOSIS, Finding.SUBLUXATION}
    assert len(desk.history.done) == 3


def test_an_undo_that_waits_is_tried_again_and_never_forgotten(
    at_desk: Desk, data: Path, qtbot: QtBot
) -> None:
    desk = opened(at_desk, qtbot)
    desk.draw(truth(desk)[JOINTS[0]], JOINTS[0])
    with locked(data):
        assert not desk.undo()
        assert not desk.undo()
        assert desk.unsaved
    assert desk.retry()
    assert stored_findings(data) == []


def test_a_signature_that_cannot_be_stored_waits_and_is_told_once(
    at_desk: Desk, data: Path, qtbot: QtBot
) -> None:
    desk = opened(at_desk, qtbot)
    desk.perform(lambda reading: gestures.exclude(reading, "blurred"))
    told: list[object] = []
    desk.save_failed.connect(told.append)
    with locked(data):
        assert not desk.sign()
        assert not desk.retry()
        assert (desk.unsaved, len(told)) == (True, 1)
    with qtbot.waitSignal(desk.settled):
        assert desk.retry()
    assert desk.reading is not None
    assert desk.reading.signed


class DeskWithAFailingDisk(RuleBasedStateMachine):
    """Whatever is done, and whenever the disk fails: what the desk shows is what is stored."""

    at_desk: Desk
    data: Path
    opened: OpenImage

    def __init__(self) -> None:
        super().__init__()
        self.readings = Readings(self.at_desk.house.database)
        self.reader = self.at_desk.house.administration.enter(f"Reader {next(NUMBERS)}", Role.READER)
        self.desk = ReadingDesk(self.readings, self.reader)
        picture = self.opened.picture
        self.desk.put(OpenImage(picture, self.readings.load(picture.image.id, self.reader)))
        self.disk: ExitStack | None = None

    @rule(joint=joints, x=st.integers(100, 1500), y=st.integers(100, 1200))
    def draw(self, joint: Joint | None, x: int, y: int) -> None:
        self.desk.draw(Box(x, y, x + 100.0, y + 100.0), joint)

    @rule(joint=st.sampled_from(JOINTS[:6]), gesture=st.sampled_from(GESTURES))
    def gesture(self, joint: Joint, gesture: Callable[[Reading, Joint], Edit]) -> None:
        self.desk.perform(lambda reading: gesture(reading, joint))

    @rule(step=st.sampled_from(["undo", "redo", "retry", "confirm", "sign"]))
    def step(self, step: str) -> None:
        getattr(self.desk, step)()

    @rule()
    def reopen(self) -> None:
        self.desk.reopen("once more")

    @precondition(lambda self: self.disk is None)
    @rule()
    def disk_fails(self) -> None:
        self.disk = ExitStack()
        self.disk.enter_context(locked(self.data))

    @precondition(lambda self: self.disk is not None)
    @rule()
    def disk_is_back(self) -> None:
        assert self.disk is not None
        self.disk.close()
        self.disk = None

    @invariant()
    def shown_is_stored(self) -> None:
        assert self.desk.reading is not None
        assert self.desk.reading == self.readings.load(self.desk.reading.image_id, self.reader)

    def teardown(self) -> None:
        if self.disk is not None:
            self.disk.close()
        self.desk.drop_waiting()


def test_what_is_shown_is_what_is_stored_whatever_is_done_and_whenever_the_disk_fails(
    data: Path, qtbot: QtBot, qapp: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "BUSY_MS", 1)  # how long a gesture waits for another writer
    with sit_down(data) as at_desk:
        desk = opened(at_desk, qtbot)
        assert desk.picture is not None
        assert desk.reading is not None

        class Machine(DeskWithAFailingDisk):
            """On this folder."""

        Machine.at_desk, Machine.data = at_desk, data
        Machine.opened = OpenImage(desk.picture, desk.reading)
        run_state_machine_as_test(Machine, settings=settings(max_examples=30, stateful_step_count=25))
