"""The worklist beside a desk: its line and its counts follow every gesture."""

from __future__ import annotations

import json
from pathlib import Path

from pytestqt.qtbot import QtBot

from annotator.domain import gestures
from annotator.domain.annotations import ReadingState
from annotator.domain.geometry import Box
from annotator.domain.joints import joint_named
from tests.study_fixtures import Desk


def test_counts_follow_a_reading_from_new_to_signed(at_desk: Desk, qtbot: QtBot) -> None:
    sitting = at_desk.sitting
    first = sitting.worklist.ids[0]
    with qtbot.waitSignal(sitting.desk.opened):
        sitting.open(first)
    assert sitting.desk.image is not None
    written = json.loads(Path(sitting.desk.image.file.path).with_suffix(".json").read_text())
    steps = [
        lambda j=joint: sitting.desk.draw(Box(*j["box"]), joint_named(j["name"]))
        for joint in written["joints"]
    ]
    for step in (
        *steps,
        lambda: sitting.desk.perform(gestures.rest_normal),
        sitting.desk.undo,
        sitting.worklist.refresh,
        sitting.desk.redo,
        sitting.desk.sign,
        lambda: sitting.desk.reopen("once more"),
    ):
        step()
        reading = sitting.desk.reading
        assert reading is not None
        counts = dict.fromkeys(ReadingState, 0) | {ReadingState.NEW: 3}
        counts[reading.state] += 1
        assert sitting.worklist.counts == counts
        assert sitting.worklist.row(first).state is reading.state
        assert sitting.worklist.row(first).done == reading.done


def test_next_unread_goes_round_and_leaves_out_what_is_complete(at_desk: Desk, qtbot: QtBot) -> None:
    sitting = at_desk.sitting
    ids = sitting.worklist.ids
    with qtbot.waitSignal(sitting.desk.opened):
        sitting.open(ids[1])
    sitting.desk.perform(lambda reading: gestures.exclude(reading, "motion"))
    assert sitting.worklist.next_unread(ids[0]) == ids[2]
    assert sitting.worklist.next_unread(ids[3]) == ids[0]
    assert sitting.worklist.next_unread(None) == ids[0]
