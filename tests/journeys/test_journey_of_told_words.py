"""What is told while reviewing, so that nobody takes one state for another."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from annotator.domain.annotations import ReadingState
from annotator.domain.joints import joint_named
from annotator.domain.revealing import RevealPolicy
from tests.journeys.review_driver import BY_HAND, FLAGGED, UNNAMED, dashed, proposal_of
from tests.journeys.window_driver import PATIENCE_MS, Reader, press_key, reader_at
from tests.study_fixtures import sit_down
from tests.ui.canvas_driver import greys

FIRST, OTHER = joint_named("R-IP1"), joint_named("R-PIP2")


def banner(reader: Reader) -> str:
    return reader.window.view.overlay.banner or ""


def test_a_key_in_the_list_decides_on_its_own_line_alone(mixed_data: Path, qtbot: QtBot) -> None:
    """A line of the differences whose proposal is below the threshold stands for no decision."""
    with reader_at(mixed_data, qtbot, settings=BY_HAND) as reader:
        window = reader.window
        reader.click(proposal_of(reader, FIRST).box.centre)
        reader.key("Return")
        own = reader.reading.boxes[FIRST]
        window.sitting.review.set_threshold(0.9)
        window.sitting.desk.set_current(FIRST)
        reader.key("Shift+D")
        rows = window.panel.list.rows
        below = next(n for n, row in enumerate(rows) if row.joint == OTHER)
        assert rows[below].proposal_id is None
        window.panel.list.setFocus()
        window.panel.list.setCurrentIndex(window.panel.list.model().index(below, 0))
        window.sitting.desk.set_current(FIRST)
        for key in ("Del", "Return"):
            press_key(window.panel.list, key)
        assert reader.reading.boxes == {FIRST: own}


def test_what_is_asked_for_is_told_at_once_also_while_something_else_runs(
    demo_data: Path, qtbot: QtBot
) -> None:
    with reader_at(demo_data, qtbot, settings=BY_HAND) as reader:
        window, proposing = reader.window, reader.window.sitting.proposing
        here, there = window.sitting.worklist.ids[:2]
        proposing.ask(there)
        reader.key("Q")
        assert window.panel.status.text() == "The detector looks at this image…"
        assert not window.actions_.action("propose").isEnabled()
        reader.key("Shift+Q")
        assert not window.actions_.action("propose_all").isEnabled()
        assert window._memory.contains(window._list_key), "it would go on after a kill at this moment"
        qtbot.waitUntil(lambda: window.sitting.review.run is not None, timeout=PATIENCE_MS)
        assert window.sitting.desk.image is not None
        assert window.sitting.desk.image.id == here


def test_signing_says_what_is_not_read_and_what_is_not_decided(proposed_data: Path, qtbot: QtBot) -> None:
    with reader_at(proposed_data, qtbot, settings=BY_HAND) as reader:
        reader.key("Return")
        reader.key("Ctrl+Return")
        told = reader.said.of("warning")[-1]
        assert told.startswith("19 joints are not read: R-PIP2, R-PIP3, R-PIP4, R-PIP5, R-MP1 ….")
        assert "Accept or reject the 19 proposals that wait." in told
        for joint in reader.reading.expected[1:]:
            reader.window.sitting.desk.set_current(joint)
            if joint == FLAGGED:
                reader.key("Del")
                assert reader.window.sheet.board.tiles[joint].line.endswith(("rejected", "rej."))
                reader.window.sitting.desk.set_current(joint)
                reader.key("E")
                reader.key("N")
            else:
                reader.key("Return")
        reader.key("Ctrl+Return")
        assert reader.reading.state is ReadingState.SIGNED
        assert "not decided on" not in reader.said.of("question")[-1]


def test_signing_tells_of_proposals_that_nobody_decided_on(mixed_data: Path, qtbot: QtBot) -> None:
    with reader_at(mixed_data, qtbot, settings=BY_HAND) as reader:
        desk = reader.window.sitting.desk
        *_, last = reader.reading.expected
        for joint in reader.reading.expected:
            desk.set_current(joint)
            if joint == last:
                reader.key("Ctrl+Return")
                assert reader.said.of("warning")[-1] == (
                    f"1 joint is not read: {last}. Accept or reject the 2 proposals that wait. "
                    "Confirm it, draw its box, or say why it is not assessable."
                )
            if reader.window.sitting.review.current is None:
                reader.key("E")
                reader.key("N")
            else:
                reader.key("N")
        assert reader.reading.of(UNNAMED).confirmed
        assert [p.joint for p in reader.window.sitting.review.undecided] == [None]
        assert reader.window.panel.status.text().endswith("1 waits")
        reader.key("Ctrl+Return")
        assert "1 proposal is not decided on." in reader.said.of("question")[-1]


def test_hidden_boxes_and_hidden_proposals_are_said_to_be_hidden(proposed_data: Path, qtbot: QtBot) -> None:
    with reader_at(proposed_data, qtbot, settings=BY_HAND) as reader:
        window = reader.window
        reader.key("B")
        assert banner(reader) == "Boxes and proposals are hidden; B shows them."
        assert not window.view.box_layer.boxes
        reader.key("B")
        assert banner(reader) == ""
        reader.key("T")
        assert window.panel.status.text() == "You have proposals hidden; T shows them."
        assert not dashed(window)
        reader.key("T")
        assert len(dashed(window)) == 20


def test_the_sheet_says_of_the_sides_what_the_film_says(proposed_data: Path, qtbot: QtBot) -> None:
    with reader_at(proposed_data, qtbot, settings=BY_HAND) as reader:
        for key in ("Ctrl+R", "Ctrl+M", "Ctrl+R", "Ctrl+R"):
            reader.key(key)
            assert reader.window.sheet.header.side_text in reader.window.view.overlay._corners[1]


def test_a_blinded_reader_is_not_told_to_propose(proposed_data: Path, qtbot: QtBot) -> None:
    with sit_down(proposed_data) as desk:
        studies = desk.house.administration.studies
        studies.set_reveal_policy(desk.study.id, RevealPolicy.SIGNED, desk.person)
    with reader_at(proposed_data, qtbot, "Dr. B", BY_HAND) as reader:
        window = reader.window
        assert window.panel.status.text() == "In this study proposals are shown once you have signed."
        assert window.panel.list.hint == ""
        reader.key("Ctrl+Shift+A")
        assert "Its audit is for data people and administrators." in reader.said.of("warning")[-1]
        reader.key("H")
        assert reader.said.of("warning")[-1].startswith("This study shows what the model sees later.")
        QTest.keyClick(window.view, Qt.Key.Key_T)
        assert not dashed(window)


def test_a_message_leaves_the_code_of_the_patient_to_be_read(proposed_data: Path, qtbot: QtBot) -> None:
    """It lies over the picture, and the corner texts stand below it as long as it does."""
    with reader_at(proposed_data, qtbot, settings=BY_HAND) as reader:
        window, view, bar = reader.window, reader.window.view, reader.window.message_bar
        before = greys(view)
        reader.key("Ctrl+Return")
        assert bar.isVisible()
        covered = bar.height()
        beside = greys(view)
        corner = slice(covered, covered + 60), slice(0, 150)
        assert (beside[corner] != before[corner]).any()
        view.set_corner_texts([], [])
        bare = greys(view)
        assert (beside[:covered] == bare[:covered]).all(), "nothing is written under the message"
        assert (beside[corner] != bare[corner]).any()
        window.looking.describe()
        reader.key("Ctrl+Shift+D")
        assert bar.isHidden()
        assert (greys(view) == before).all()
