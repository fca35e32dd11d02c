"""Open, proposals appear, accept 17, move 1, relabel 1, reject 1, draw the missing one, look at a heat map,
sign: through the real window, with the version that comes with Knuckle."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from annotator.domain.annotations import ReadingState
from annotator.domain.decisions import Outcome
from annotator.domain.findings import Finding, Mark
from annotator.domain.geometry import iou
from annotator.domain.joints import JOINTS, joint_named
from annotator.store.detections import Detections
from annotator.store.readings import Readings
from tests.journeys.review_driver import dashed, drawn, lines, proposal_of, proposals_come, screen, solid
from tests.journeys.window_driver import PATIENCE_MS, Reader, reader_at
from tests.study_fixtures import sit_down

RELABELLED, MOVED, REJECTED = map(joint_named, ("R-MP1", "L-MP4", "R-PIP5"))
FOUND = joint_named("L-PIP3")
DECIDED = {RELABELLED, MOVED, REJECTED}
REST = set(JOINTS) - DECIDED
HALF_A_SCREEN_PIXEL = 2.0


def test_a_review_from_the_first_proposal_to_the_signature(demo_data: Path, qtbot: QtBot) -> None:
    with reader_at(demo_data, qtbot) as reader:
        image = reader.window.sitting.desk.image
        assert image is not None
        twenty_are_proposed(reader)
        three_are_corrected(reader)
        the_rest_is_accepted(reader)
        the_missing_one_is_drawn(reader)
        a_heat_map_is_looked_at(reader)
        it_is_signed(reader)
        signed = reader.reading
    with sit_down(demo_data) as desk:
        stored = Readings(desk.house.database).load(image.id, desk.person)
        assert stored == signed
        assert stored.state is ReadingState.SIGNED
        assert set(stored.boxes) == set(JOINTS)
        detections = Detections(desk.house.database)
        decisions = detections.decisions(image.id, desk.person).values()
        assert Counter(decision.outcome for decision in decisions) == {
            Outcome.ACCEPTED: 17,
            Outcome.MOVED: 1,
            Outcome.RELABELLED: 1,
            Outcome.REJECTED: 1,
        }
        origins = detections.origins(stored)
        assert set(origins) == set(JOINTS) - {REJECTED}, "the drawn one is the reader's own"
        assert {joint for joint, origin in origins.items() if origin.changed} == {RELABELLED, MOVED}
        run = detections.newest(image.id)
        assert run is not None
        assert {(origin.run_id, origin.version) for origin in origins.values()} == {(run.id, "demo-1")}
        (shown,) = detections.reveals(image.id, desk.person)
        assert shown.run_id == run.id
        assert not shown.before.annotations, "the reader had said nothing before"


def twenty_are_proposed(reader: Reader) -> None:
    """Nobody asks: the detector looks at what is opened."""
    window = reader.window
    proposals_come(reader)
    assert window.panel.status.text() == "demo-1: 20 proposed, 20 wait"
    assert "IoU .15, .45" in window.panel.detail.toolTip(), "what it was done with"
    assert len(lines(window)) == 20
    assert dashed(window) == set(JOINTS)
    assert not solid(window)
    assert not reader.reading.annotations, "none of them is the reader's yet"
    truth = reader.truth()
    for joint, proposal in window.sitting.review.by_joint.items():
        assert iou(proposal.box, truth[joint][0]) > 0.6, joint
        assert {mark.finding for mark in proposal.marks} == set(truth[joint][1]), joint
    assert drawn(window)[FOUND].label.startswith("L-PIP3 ▲ .")
    tile = window.sheet.board.tiles[FOUND]
    assert tile.state is not None
    assert tile.state.proposal == proposal_of(reader, FOUND)
    assert "subluxation" in tile.toolTip().lower()


def three_are_corrected(reader: Reader) -> None:
    """One by a key, one by a drag, one away; each is stored by itself."""
    window, panel = reader.window, reader.window.panel
    reader.click(proposal_of(reader, RELABELLED).box.centre)
    assert reader.current == RELABELLED
    reader.key("S")
    assert reader.reading.of(RELABELLED).marks == (Mark(Finding.SUBLUXATION),)
    assert solid(window) == {RELABELLED}
    proposed = proposal_of(reader, MOVED).box
    centre = proposed.centre
    reader.drag(centre, (centre[0] + 25, centre[1] - 20))
    moved = reader.reading.boxes[MOVED]
    # where it begins and where it ends are each rounded to a pixel of the screen
    pixel = 1 / window.view.view_state.zoom
    assert moved.centre == pytest.approx((centre[0] + 25, centre[1] - 20), abs=pixel)
    assert moved.width == pytest.approx(proposed.width)
    assert panel.status.text() == "demo-1: 20 proposed, 18 wait"
    reader.click(proposal_of(reader, REJECTED).box.centre)
    reader.key("Del")
    assert reader.current != REJECTED, "on to the next one that waits"
    assert REJECTED not in drawn(window)
    assert panel.status.text() == "demo-1: 20 proposed, 17 wait"
    assert dashed(window) == REST


def the_rest_is_accepted(reader: Reader) -> None:
    """After one question, as one step that is undone and done again as one."""
    window = reader.window
    before = reader.reading
    assert window.panel.buttons.buttons["accept_rest"].text().startswith("Accept the rest (17)")
    reader.key("Shift+A")
    (question,) = reader.said.of("question")
    assert "17 proposals become yours" in question
    assert "L-PIP3: Subluxation" in question or "L-PIP3: subluxation" in question
    accepted = reader.reading
    assert set(accepted.boxes) == set(JOINTS) - {REJECTED}
    assert window.panel.status.text() == "demo-1: 20 proposed, 2 differ from yours (⇧D)"
    assert not dashed(window)
    reader.key("Ctrl+Z")
    assert reader.reading.annotations == before.annotations
    assert dashed(window) == REST
    reader.key("Ctrl+Y")
    assert reader.reading.annotations == accepted.annotations
    assert not dashed(window)
    assert not lines(window)


def the_missing_one_is_drawn(reader: Reader) -> None:
    box = reader.truth()[REJECTED][0]
    reader.box(box)
    assert reader.current == REJECTED, "named from its place among the others"
    drawn_box = reader.reading.boxes[REJECTED]
    assert drawn_box.corners == pytest.approx(box.corners, abs=HALF_A_SCREEN_PIXEL)
    assert not drawn(reader.window)[REJECTED].dashed
    reader.key("N")
    assert reader.reading.state is ReadingState.COMPLETE


def a_heat_map_is_looked_at(reader: Reader) -> None:
    """On by a key, of the joint that is chosen, and off by it."""
    window = reader.window
    around = reader.reading.boxes[FOUND]
    reader.click(around.centre)
    plain = screen(window, around)
    with reader.qtbot.waitSignal(window.sitting.heat_maps.ready, timeout=PATIENCE_MS):
        reader.key("H")
        assert window.actions_.action("heat_map").isChecked()
    assert window.heat.caption.startswith("Heat map: ")
    assert np.abs(screen(window, around).astype(int) - plain).mean() > 2, "it can be seen"
    reader.key("H")
    assert window.heat.caption == ""
    assert np.array_equal(screen(window, around), plain)


def it_is_signed(reader: Reader) -> None:
    window = reader.window
    reader.key("Ctrl+Return")
    assert reader.reading.state is ReadingState.SIGNED
    assert window.panel.status.text() == "demo-1: 20 proposed, 3 differ from yours (⇧D)"
    assert not window.panel.buttons.buttons["accept_rest"].isEnabled()
    before = reader.reading
    reader.key("Del")
    reader.key("S")
    assert reader.reading == before
