"""What is done with proposals beside deciding on them one by one: order, threshold, names, differences."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QSlider, QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot

from annotator.domain.decisions import Outcome
from annotator.domain.geometry import Box
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import JOINTS, joint_named
from annotator.domain.proposals import Proposal
from tests.journeys.review_driver import (
    BY_HAND,
    FLAGGED,
    HALF_SEEN,
    MISSING,
    UNNAMED,
    dashed,
    drawn,
    lines,
    menu_that_opens,
    proposal_of,
    rows,
    screen,
    solid,
)
from tests.journeys.window_driver import NONE, PATIENCE_MS, Reader, reader_at

NAMED = [joint for joint in JOINTS if joint not in (MISSING, UNNAMED)]
FOUND = joint_named("L-PIP3")


def waiting(reader: Reader) -> tuple[Proposal, ...]:
    return reader.window.sitting.review.waiting


def unnamed(reader: Reader) -> Proposal:
    return next(proposal for proposal in waiting(reader) if proposal.joint is None)


def no_joint_is_chosen(reader: Reader) -> bool:
    return reader.current is None


def outcomes(data: Path) -> list[str]:
    """Stored of the open image."""
    return [str(outcome) for (outcome,) in rows(data, "SELECT outcome FROM decision")]


def test_the_order_is_anatomical_or_the_least_certain_first(mixed_data: Path, qtbot: QtBot) -> None:
    with reader_at(mixed_data, qtbot, settings=BY_HAND) as reader:
        assert [line.split()[0] for line in lines(reader.window)[:3]] == ["R-IP1", "R-PIP2", "R-PIP3"]
        assert [p.joint for p in waiting(reader)] == [*NAMED, None]
        reader.click(proposal_of(reader, FOUND).box.centre)
        reader.key("O")
        assert reader.window.panel.buttons.buttons["least_certain"].isChecked()
        sure = [proposal.confidence for proposal in waiting(reader)]
        assert sure == sorted(sure)
        assert reader.current == FOUND, "the current one stays"
        for step in (1, 2):
            before = reader.window.sitting.review.current
            assert before is not None
            reader.key("Z")
            after = reader.window.sitting.review.current
            assert after is not None
            assert after.confidence == pytest.approx(before.confidence + 0.02), step
        reader.key("Shift+Z")
        reader.key("Shift+Z")
        assert reader.current == FOUND
        reader.key("Tab")
        assert reader.current == JOINTS[JOINTS.index(FOUND) + 1], "joint by joint, whatever the order"


def test_the_threshold_filters_at_once_by_key_and_by_mouse(mixed_data: Path, qtbot: QtBot) -> None:
    with reader_at(mixed_data, qtbot, settings=BY_HAND) as reader:
        window, slider = reader.window, reader.window.panel.slider
        assert len(dashed(window)) == 19
        for _ in range(4):
            reader.key("Ctrl+]")
        assert window.panel.value.text() == "at least .70"
        shown = {p.joint for p in waiting(reader)}
        assert shown == {joint for joint in NAMED if JOINTS.index(joint) >= 8} | {None}
        assert dashed(window) == shown
        assert window.panel.below.text() == "7 below the threshold"
        tile = window.sheet.board.tiles[JOINTS[0]].state
        assert tile is not None
        assert tile.proposal is None
        place = handle_at(slider, 90)
        QTest.mousePress(slider, Qt.MouseButton.LeftButton, NONE, handle_at(slider, slider.value()))
        QTest.mouseMove(slider, place)
        assert slider.value() == pytest.approx(90, abs=2), "while it is dragged"
        few = {p.joint for p in waiting(reader)}
        assert few < shown
        assert dashed(window) == few
        QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, NONE, place)
        for _ in range(12):
            reader.key("Ctrl+[")
        assert window.panel.value.text() == "at least .50", "no lower than what the run was done with"
        assert len(dashed(window)) == 19


def handle_at(slider: QSlider, value: int) -> QPoint:
    """Where the middle of the handle is at a value."""
    style, option = slider.style(), QStyleOptionSlider()
    slider.initStyleOption(option)
    handle = style.subControlRect(
        QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, slider
    )
    low, high = slider.minimum(), slider.maximum()
    left = QStyle.sliderPositionFromValue(low, high, value, slider.width() - handle.width())
    return QPoint(left + handle.width() // 2, handle.center().y())


def test_a_proposal_without_a_name_is_given_one(mixed_data: Path, qtbot: QtBot) -> None:
    with reader_at(mixed_data, qtbot, settings=BY_HAND) as reader:
        box = unnamed(reader).box
        reader.click(box.centre)
        assert no_joint_is_chosen(reader)
        assert reader.window.sitting.review.current == unnamed(reader)
        assert "no joint" in drawn(reader.window)[None].label
        reader.key("Return")
        assert not reader.reading.boxes
        assert reader.said.of("warning")[-1].startswith("This proposal has no joint.")
        reader.key("G")
        menu = menu_that_opens(qtbot)
        left = menu.actions()[1].menu()
        assert isinstance(left, QMenu)
        (action,) = (action for action in left.actions() if action.text() == NameStyle().short(UNNAMED))
        action.trigger()
        menu.close()
        assert reader.reading.boxes == {UNNAMED: box}
        assert reader.current == UNNAMED
        assert outcomes(mixed_data) == [Outcome.RELABELLED]
        assert None not in drawn(reader.window)


def test_what_wants_a_look_is_not_accepted_with_the_rest(mixed_data: Path, qtbot: QtBot) -> None:
    with reader_at(mixed_data, qtbot, settings=BY_HAND) as reader:
        window = reader.window
        assert lines(window)[-1].endswith("R-PIP5 missing")
        reader.key("Shift+A")
        (question,) = reader.said.of("question")
        assert "16 proposals" in question
        assert "Left to decide one by one: 3" in question
        assert "is assumed; nobody has confirmed it" in question
        assert solid(window) == set(NAMED) - {FLAGGED, HALF_SEEN}
        assert {p.joint for p in waiting(reader)} == {FLAGGED, HALF_SEEN, None}
        reader.click(proposal_of(reader, HALF_SEEN).box.centre)
        reader.key("Return")
        assert HALF_SEEN in reader.reading.boxes
        assert not reader.reading.of(HALF_SEEN).done, "its displacement was not assessed"
        reader.click(proposal_of(reader, FLAGGED).box.centre)
        assert "It lies far" in drawn(window)[FLAGGED].tip
        reader.key("Return")
        assert reader.reading.of(FLAGGED).done


def test_what_another_run_has_replaced_while_the_question_stood_is_not_accepted(
    proposed_data: Path, qtbot: QtBot
) -> None:
    with reader_at(proposed_data, qtbot, settings=BY_HAND) as reader:
        window, asked = reader.window, [proposal.id for proposal in waiting(reader)]

        def think(*_question: str) -> bool:
            with qtbot.waitSignal(window.sitting.proposing.proposed, timeout=PATIENCE_MS):
                window.sitting.proposing.ask(window.sitting.worklist.ids[0])
            return True

        window.messages.asker = think
        reader.key("Shift+A")
        assert not reader.reading.boxes
        assert reader.said.of("warning"), "and it is said"
        assert not {proposal.id for proposal in waiting(reader)} & set(asked)
        assert len(dashed(window)) == 20


def test_the_arrows_accept_a_proposal_where_they_move_it(mixed_data: Path, qtbot: QtBot) -> None:
    with reader_at(mixed_data, qtbot, settings=BY_HAND) as reader:
        box = proposal_of(reader, FOUND).box
        reader.click(box.centre)
        reader.key("Right")
        assert reader.reading.boxes[FOUND] == box.moved(1, 0)
        reader.key("Shift+Up")
        reader.key("Ctrl+Right")
        assert reader.reading.boxes[FOUND] == Box(box.x0 + 1, box.y0 - 10, box.x1 + 2, box.y1 - 10)
        assert outcomes(mixed_data) == [Outcome.MOVED]
        for _ in range(3):
            reader.key("Ctrl+Z")
        assert proposal_of(reader, FOUND).box == box
        assert drawn(reader.window)[FOUND].dashed
        assert not outcomes(mixed_data)


def test_a_menu_on_a_proposal_decides_on_it(mixed_data: Path, qtbot: QtBot) -> None:
    with reader_at(mixed_data, qtbot, settings=BY_HAND) as reader:
        centre = proposal_of(reader, FOUND).box.centre
        view = reader.window.view.viewport()
        QTest.mouseClick(view, Qt.MouseButton.RightButton, NONE, reader.at(centre))
        menu = menu_that_opens(qtbot)
        assert reader.current == FOUND
        texts = [action.text().split("\t")[0] for action in menu.actions()]
        assert texts[0] == "Confirm or accept, next joint"
        assert {"Ankylosis", "Subluxation", "Dislocation", "Accept as", "Heat map of the joint"} <= set(texts)
        menu.actions()[texts.index("Delete the box, reject the proposal")].trigger()
        menu.close()
        assert outcomes(mixed_data) == [Outcome.REJECTED]
        assert FOUND not in drawn(reader.window)


def test_after_another_run_the_differences_are_shown(proposed_data: Path, qtbot: QtBot) -> None:
    gone, relabelled, moved, deleted = map(joint_named, ("R-PIP5", "R-MP1", "L-MP4", "L-PIP2"))
    with reader_at(proposed_data, qtbot, settings=BY_HAND) as reader:
        window = reader.window
        for joint, key in ((relabelled, "S"), (gone, "Del")):
            reader.click(proposal_of(reader, joint).box.centre)
            reader.key(key)
        centre = proposal_of(reader, moved).box.centre
        reader.drag(centre, (centre[0] + 25, centre[1] - 20))
        reader.key("Shift+A")
        reader.box(reader.truth()[gone][0])
        reader.click(reader.reading.boxes[deleted].centre)
        reader.key("Del")
        with qtbot.waitSignal(window.sitting.proposing.proposed, timeout=PATIENCE_MS):
            reader.key("Q")
            assert window.panel.status.text() == "The detector looks at this image once more…"
        before = reader.reading
        assert {p.joint for p in waiting(reader)} <= {deleted}, "what is rejected does not come back"
        reader.key("Shift+D")
        said = {line.split()[0]: line for line in lines(window)}
        assert set(said) - {str(deleted)} == {str(gone), str(relabelled), str(moved)}
        assert said[str(gone)].endswith("you only")
        assert "you ▲, model ✓" in said[str(relabelled)]
        assert "box differs, IoU ." in said[str(moved)]
        assert dashed(window) >= {moved}, "the model's box beside the reader's"
        assert reader.reading == before
        reader.key("Shift+D")
        assert dashed(window) == {p.joint for p in waiting(reader)}


def test_a_heat_map_is_of_what_is_said_of_the_joint_and_follows_it(proposed_data: Path, qtbot: QtBot) -> None:
    """Off at the next joint without a box, and when its key is pressed again."""
    with reader_at(proposed_data, qtbot, settings=BY_HAND) as reader:
        window = reader.window
        heats = window.sitting.heat_maps
        box = proposal_of(reader, FOUND).box
        reader.click(box.centre)
        plain = screen(window, box)
        with qtbot.waitSignal(heats.ready, timeout=PATIENCE_MS):
            reader.key("H")
        assert (
            window.heat.caption == "Heat map: what in the frame speaks for subluxation · layer conv7 · 50 %"
        )
        assert (screen(window, box) != plain).any()
        with qtbot.waitSignal(heats.ready, timeout=PATIENCE_MS):
            reader.key("Shift+H")
        assert window.heat.caption.startswith("Heat map: what in the frame speaks for no ankylosis")
        with qtbot.waitSignal(heats.ready, timeout=PATIENCE_MS):
            reader.key("Ctrl+H")
        reader.key("Alt+]")
        assert "layer conv9_2" in window.heat.caption
        other = joint_named("L-MP4")
        with qtbot.waitSignal(heats.ready, timeout=PATIENCE_MS):
            reader.click(proposal_of(reader, other).box.centre)
            assert window.heat.caption == "", "not that of another joint"
        reader.key("Del")
        while reader.current != other:
            reader.key("Shift+Tab")
        assert window.heat.caption == ""
        assert window.view.heat.heat is None
        reader.key("H")
        reader.key("H")
        assert not window.actions_.action("heat_map").isChecked()
        assert reader.said.of("warning")[-1].startswith("No joint with a box is chosen.")


def test_a_window_is_closed_while_a_heat_map_is_made(proposed_data: Path, qtbot: QtBot) -> None:
    with reader_at(proposed_data, qtbot, settings=BY_HAND) as reader:
        reader.click(proposal_of(reader, FOUND).box.centre)
        reader.key("H")
        jobs = reader.window.sitting.administration.jobs
        assert "Heat map" in [job.title for job in jobs.jobs], "others may be opened ahead meanwhile"
    assert not reader.said.of("warning")
    with reader_at(proposed_data, qtbot, settings=BY_HAND) as reader:
        assert not reader.window.actions_.action("heat_map").isChecked(), "off by default"
        assert dashed(reader.window) == set(JOINTS)
