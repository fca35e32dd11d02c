"""What to read next as the order of the worklist: chosen by key and by mouse, read down, asked for anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot

from annotator.domain.queue import KEPT_BACK, QueueBy
from annotator.domain.revealing import RevealPolicy
from annotator.ui.main_window import MainWindow
from annotator.ui.queue_dialog import QueueDialog
from annotator.ui.study_policy_dialog import StudyPolicyDialog
from annotator.ui.worklist_model import WHY_ROLE
from annotator.workflow.jobs import Lane
from tests.journeys.review_driver import BY_HAND, open_dialog
from tests.journeys.window_driver import PATIENCE_MS, Reader, in_turn, press_key, reader_at
from tests.order_samples import ORDERS, run_twice
from tests.study_fixtures import Desk, sit_down

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
BY_PATIENT = ["K-001 1", "K-001 2", "K-002 1", "K-002 2"]
LEAST_CERTAIN = [BY_PATIENT[place] for place in ORDERS[QueueBy.LEAST_CERTAIN]]


@pytest.fixture
def ran_over(data: Path) -> Path:
    with sit_down(data) as desk:
        run_twice(desk)
    return data


def changed(data: Path, change: Callable[[Desk], object]) -> Path:
    with sit_down(data) as desk:
        change(desk)
    return data


def listed(window: MainWindow) -> list[str]:
    """The lines as they are shown: patient and visit."""
    model = window.worklist.model
    texts = [str(model.data(model.index(row, 0))) for row in range(model.rowCount())]
    return [text.split(" visit ")[0] + " " + text.split(" visit ")[1][0] for text in texts]


def reasons(window: MainWindow, role: int = WHY_ROLE) -> list[object]:
    model = window.worklist.model
    return [model.data(model.index(row, 0), role) for row in range(model.rowCount())]


def note(window: MainWindow) -> str:
    shown = window.worklist.filters.note
    return shown.text.text() if shown.isVisible() else ""


def open_now(window: MainWindow) -> str:
    image = window.sitting.desk.image
    assert image is not None
    return f"{image.patient_code} {image.visit}"


def ordered(reader: Reader) -> None:
    ordering = reader.window.sitting.ordering
    reader.qtbot.waitUntil(lambda: ordering.asked is None, timeout=PATIENCE_MS)


def step_to(reader: Reader, by: QueueBy) -> None:
    """F6 until the order is the wanted one."""
    for _ in range(reader.window.worklist.filters.sort.count()):
        if reader.window.worklist.filters.sort.currentData() == by:
            break
        reader.key("F6")
    ordered(reader)


def pick(reader: Reader, text: str) -> None:
    """Open the orders with the mouse and click one of them."""
    orders: QComboBox = reader.window.worklist.filters.sort
    QTest.mouseClick(orders, LEFT, NONE, orders.rect().center())
    popup = orders.view()
    reader.qtbot.waitUntil(popup.isVisible)
    place = popup.visualRect(popup.model().index(orders.findText(text), 0)).center()

    def is_taken() -> bool:
        """Qt takes a click that comes at once for the end of the one that has opened the popup."""
        QTest.mouseMove(popup.viewport(), place)
        QTest.mouseClick(popup.viewport(), LEFT, NONE, place)
        return not popup.isVisible()

    reader.qtbot.waitUntil(is_taken)


def test_a_reader_goes_down_the_order_by_keyboard(ran_over: Path, qtbot: QtBot) -> None:
    with reader_at(ran_over, qtbot, settings=BY_HAND) as reader:
        window = reader.window
        assert (note(window), listed(window)) == ("", BY_PATIENT)
        assert not window.actions_.action("order_anew").isEnabled()
        low = window.worklist.list.rowHeight(0)
        step_to(reader, QueueBy.LEAST_CERTAIN)
        assert window.view.hasFocus(), "the reader goes on reading"
        assert listed(window) == LEAST_CERTAIN
        assert open_now(window) == "K-001 1", "nothing is opened by itself"
        assert window.worklist.list.currentIndex().row() == 3
        assert note(window) == "3 images come first; any others follow by patient."
        first, *_, last = reasons(window)
        assert str(first).endswith(" · Lowest confidence 0.30 (R-IP1).")
        assert last == ""
        told = reasons(window, Qt.ItemDataRole.ToolTipRole)
        assert str(told[0]).startswith("Score ")
        assert "Lowest confidence 0.30" in str(told[0])
        assert told[-1] is None
        assert window.worklist.list.rowHeight(0) > low, "there is room for it"
        assert "Lowest confidence 0.30" in str(reasons(window, Qt.ItemDataRole.AccessibleTextRole)[0])
        for key, wanted in (("U", 0), ("PgDown", 1), ("U", 2), ("PgUp", 1)):
            with qtbot.waitSignal(window.sitting.desk.opened):
                reader.key(key)
            assert open_now(window) == LEAST_CERTAIN[wanted], key
        reader.key("Shift+F6")
        assert listed(window) == LEAST_CERTAIN, "least first is no order"
        assert not window.worklist.filters.direction.isVisible()
        step_to(reader, QueueBy.READER)
        assert note(window).startswith("No finished reading differs from the model.")
        assert window.worklist.list.rowHeight(0) == low
        reader.key("F6")
        assert (note(window), listed(window)) == ("", BY_PATIENT)
        assert window.worklist.filters.direction.isVisible()
        reader.key("Shift+F6")
        assert listed(window) == BY_PATIENT[::-1]


def test_the_mouse_chooses_filters_and_opens_the_list_to_export(ran_over: Path, qtbot: QtBot) -> None:
    with reader_at(ran_over, qtbot, settings=BY_HAND) as reader:
        window, panel = reader.window, reader.window.worklist
        pick(reader, "detectors differ most first")
        ordered(reader)
        assert listed(window) == [BY_PATIENT[place] for place in ORDERS[QueueBy.DETECTORS]]
        assert "seen by the ankylosis detector only" in str(reasons(window)[0])
        panel.focus_search()
        QTest.keyClicks(panel.search, "visit 2")
        qtbot.waitUntil(lambda: listed(window) == ["K-001 2", "K-002 2"])
        press_key(panel.search, "Esc")
        pick(reader, "versions differ most first")
        ordered(reader)
        assert listed(window) == [BY_PATIENT[place] for place in ORDERS[QueueBy.VERSIONS]]
        QTest.mouseClick(panel.filters.note.export, LEFT)
        qtbot.waitUntil(lambda: isinstance(open_dialog(), QueueDialog))
        dialog = open_dialog()
        assert isinstance(dialog, QueueDialog)
        assert dialog.chosen is QueueBy.VERSIONS
        qtbot.waitUntil(lambda: [item.place.patient_code for item in dialog.model.items] == ["K-002"] * 2)
        dialog.close()


def test_a_run_leaves_the_list_alone_until_it_is_put_in_order_anew(demo_data: Path, qtbot: QtBot) -> None:
    with reader_at(changed(demo_data, run_twice), qtbot, settings=BY_HAND) as reader:
        window, sitting = reader.window, reader.window.sitting
        step_to(reader, QueueBy.LEAST_CERTAIN)
        assert listed(window) == LEAST_CERTAIN
        with qtbot.waitSignal(sitting.proposing.proposed, timeout=PATIENCE_MS):
            reader.key("Q")
        assert listed(window) == LEAST_CERTAIN
        assert reasons(window)[-1] == ""
        assert note(window).endswith("Something has changed since.")
        reader.key("Ctrl+F6")
        ordered(reader)
        again = listed(window)
        assert [one for one in again if one != "K-001 1"] == LEAST_CERTAIN[:3]
        assert "Lowest confidence" in str(reasons(window)[again.index("K-001 1")])
        assert note(window) == "4 images come first; any others follow by patient."
        pick(reader, "least certain first")
        assert sitting.ordering.asked is QueueBy.LEAST_CERTAIN, "chosen once more it is put together again"
        ordered(reader)
        assert listed(window) == again


def test_the_list_says_what_it_waits_for_and_what_came_to_nothing(ran_over: Path, qtbot: QtBot) -> None:
    with reader_at(ran_over, qtbot, settings=BY_HAND) as reader:
        window, jobs, go = reader.window, reader.window.sitting.administration.jobs, Event()
        jobs.submit(Lane.BACK, "Import", lambda _progress: go.wait(30), bool, print)
        for _ in range(4):
            reader.key("F6")
        assert window.worklist.filters.sort.currentText() == "least certain first"
        assert (note(window), listed(window)) == ("The list is being put together.", BY_PATIENT)
        with qtbot.waitSignal(window.sitting.desk.opened):
            reader.key("PgDown")
        assert open_now(window) == BY_PATIENT[1], "the list is used meanwhile"
        go.set()
        ordered(reader)
        assert listed(window) == LEAST_CERTAIN
        with closing(sqlite3.connect(ran_over / "knuckle.sqlite")) as connection:
            connection.execute("DROP TABLE proposal_flag")
            connection.commit()
        reader.key("Ctrl+F6")
        ordered(reader)
        assert note(window).startswith("⚠ ")
        assert listed(window) == LEAST_CERTAIN
        pick(reader, "by patient")
        assert (note(window), listed(window)) == ("", BY_PATIENT)
        step_to(reader, QueueBy.LEAST_CERTAIN)
        assert note(window).startswith("⚠ ")
        assert window.worklist.filters.sort.currentText() == "by progress", "as the list is"
        assert window.worklist.filters.direction.isVisible()


def test_who_walks_through_the_list_stays_on_the_line(ran_over: Path, qtbot: QtBot) -> None:
    with reader_at(ran_over, qtbot, settings=BY_HAND) as reader:
        window, lines = reader.window, reader.window.worklist.list
        reader.key("Ctrl+1")
        press_key(lines, "Down")
        assert lines.currentIndex().row() == 1
        while window.worklist.filters.sort.currentData() != QueueBy.LEAST_CERTAIN:
            press_key(lines, "F6")
        ordered(reader)
        assert lines.currentIndex().row() == LEAST_CERTAIN.index("K-001 2")
        assert lines.hasFocus()


def test_what_the_study_keeps_back_is_not_told_by_the_order(ran_over: Path, qtbot: QtBot) -> None:
    def hide(desk: Desk) -> None:
        desk.house.administration.studies.set_reveal_policy(desk.study.id, RevealPolicy.SIGNED, desk.person)

    with reader_at(changed(ran_over, hide), qtbot, settings=BY_HAND) as reader:
        window = reader.window
        for by in (QueueBy.LEAST_CERTAIN, QueueBy.VERSIONS, QueueBy.DETECTORS):
            step_to(reader, by)
            assert listed(window) == BY_PATIENT
            assert set(reasons(window)) == {""}
            assert set(reasons(window, Qt.ItemDataRole.ToolTipRole)) == {None, KEPT_BACK}
            assert note(window).startswith("The study does not show you yet what is proposed")


def test_another_policy_takes_the_order_away_at_once(ran_over: Path, qtbot: QtBot) -> None:
    with reader_at(ran_over, qtbot, settings=BY_HAND) as reader:
        window = reader.window
        step_to(reader, QueueBy.LEAST_CERTAIN)
        assert listed(window) == LEAST_CERTAIN

        def choose_signing() -> bool:
            dialog = open_dialog()
            if not isinstance(dialog, StudyPolicyDialog) or not dialog.isActiveWindow():
                return False
            chosen = dialog.choices[RevealPolicy.SIGNED]
            QTest.mouseClick(chosen, LEFT, NONE, QPoint(8, chosen.height() // 2))
            if dialog.policy is not RevealPolicy.SIGNED:
                return False  # it is not laid out yet
            press_key(chosen, "Return")
            return True

        with in_turn(choose_signing) as turns:
            reader.key("Ctrl+Shift+S")
        assert not turns
        studies = window.sitting.administration.studies
        assert studies.reveal_policy(window.sitting.study.id) is RevealPolicy.SIGNED
        ordered(reader)
        assert listed(window) == BY_PATIENT
        assert set(reasons(window)) == {""}
