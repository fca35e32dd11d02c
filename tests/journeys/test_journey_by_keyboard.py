"""What the mouse does beside the radiograph the keyboard does too; a floating dock takes what is dropped."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from annotator.domain.annotations import ReadingState
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding
from annotator.domain.images import SortBy, Study
from annotator.domain.joints import JOINTS
from annotator.domain.people import Role
from annotator.workflow.jobs import Lane
from tests.journeys.window_driver import reader_at
from tests.study_fixtures import sit_down


@contextmanager
def nothing_can_be_saved(data: Path) -> Iterator[None]:
    with sqlite3.connect(data / "knuckle.sqlite") as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no'); END")
    connection.close()
    yield
    with sqlite3.connect(data / "knuckle.sqlite") as connection:
        connection.execute("DROP TRIGGER full")
    connection.close()


def test_the_list_is_filtered_and_ordered_from_the_radiograph(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        window = reader.window
        reader.key("F7")
        assert window.docks["worklist"].isHidden()
        for key, name, value in (
            ("F3", "state", ReadingState.NEW), ("F3", "state", ReadingState.IN_PROGRESS),
            ("Shift+F3", "state", ReadingState.NEW), ("Shift+F3", "state", None),
            ("Shift+F3", "state", ReadingState.SIGNED), ("F3", "state", None),
            ("F4", "finding", Finding.ANKYLOSIS), ("F4", "finding", Finding.SUBLUXATION),
            ("Shift+F4", "finding", Finding.ANKYLOSIS), ("Shift+F4", "finding", None),
            ("F6", "sort", SortBy.DATE), ("Shift+F6", "descending", True), ("Shift+F6", "descending", False),
        ):  # fmt: skip
            reader.key(key)
            assert getattr(window.sitting.worklist.query, name) == value, key
            assert window.view.hasFocus(), "the reader goes on reading"
        assert not window.docks["worklist"].isHidden(), "what changes is seen"


def test_who_does_not_read_sees_a_sheet_that_takes_nothing(data: Path, qtbot: QtBot) -> None:
    with sit_down(data) as desk:
        desk.house.administration.enter("Dana", Role.DATA)
    with reader_at(data, qtbot, "Dana") as dana:
        sheet = dana.window.sheet
        assert not any(button.isEnabled() for button in sheet.buttons.buttons.values())
        assert not any(cap.isVisible() for cap in sheet.header.caps.values())


def test_a_study_is_chosen_by_key_where_there_is_a_choice(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        window = reader.window
        here = window.sitting.study
        window.set_studies([here])
        assert not window.actions_.action("choose_study").isEnabled()
        window.set_studies([here, Study(here.id + 1, "Feet", "F")])
        reader.key("F9")
        popup = window.worklist.study.view()
        qtbot.waitUntil(popup.isVisible)
        with qtbot.waitSignal(window.study_asked) as asked:
            QTest.keyClick(popup, Qt.Key.Key_Down)
            QTest.keyClick(popup, Qt.Key.Key_Return)
        assert asked.args is not None
        assert asked.args[0].name == "Feet"


def test_a_failed_save_is_tried_again_and_its_message_dismissed_by_key(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        window = reader.window
        with nothing_can_be_saved(data):
            reader.box(reader.truth()[JOINTS[7]][0])
            assert window.sitting.desk.unsaved
            assert window.message_bar.isVisible()
            reader.key("Ctrl+Shift+D")
            assert not window.message_bar.isVisible()
            reader.key("Ctrl+S")
            assert window.sitting.desk.unsaved
        reader.key("Ctrl+S")
        assert not window.sitting.desk.unsaved
        assert window.status.saved.text().startswith("✓ saved")
        assert reader.said.of("info") == ["Every gesture is saved."]


def test_after_a_failed_save_was_taken_back_the_bar_says_so(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader, nothing_can_be_saved(data):
        reader.box(reader.truth()[JOINTS[7]][0])
        assert reader.window.status.saved.text() == "⚠ NOT saved"
        reader.key("Ctrl+Z")
        assert reader.window.status.saved.text() == "nothing to save"


def test_a_warning_is_dismissed_by_key_and_the_buttons_say_the_keys(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        bar = reader.window.message_bar
        reader.window.messages.warn(KnuckleError("The folder is gone.", "Choose another."))
        assert bar.isVisible()
        assert bar._close.toolTip() == "Dismiss  Ctrl+⇧D"
        reader.key("Ctrl+Shift+D")
        assert not bar.isVisible()


def test_what_is_running_is_cancelled_by_key(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        go, bar = Event(), reader.window.job_bar

        def work(report: Callable[[int, int, str], None]) -> None:
            while not go.wait(0.01):
                report(1, 2, "Importing")

        job = reader.window.sitting.administration.jobs.submit(Lane.BACK, "Import", work, print, print)
        qtbot.waitUntil(bar.isVisible)
        reader.key("Ctrl+.")
        go.set()
        assert job.cancelled
        qtbot.waitUntil(bar.isHidden)


@pytest.mark.parametrize("dock", ["worklist", "joints"])
def test_a_folder_is_dropped_on_a_floating_dock(data: Path, films: Path, qtbot: QtBot, dock: str) -> None:
    with reader_at(data, qtbot) as reader:
        window = reader.window
        window.docks[dock].setFloating(True)
        target: QWidget | None = window.docks[dock].widget()
        while target is not None and not target.acceptDrops():  # as Qt looks for who takes it
            target = None if target.isWindow() else target.parentWidget()
        assert target is window.docks[dock]
        dropped = QMimeData()
        dropped.setUrls([QUrl.fromLocalFile(str(films))])
        copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(QPointF(50, 60).toPoint(), copy, dropped, left, none)
        QApplication.sendEvent(target, enter)
        assert enter.isAccepted()
        jobs = window.sitting.administration.jobs
        with qtbot.waitSignal(jobs.ended):
            QApplication.sendEvent(target, QDropEvent(QPointF(50, 60), copy, dropped, left, none))
            (job,) = (job for job in jobs.jobs if job.lane is Lane.BACK)
            job.cancel()  # that it began is enough


def test_text_dropped_on_the_window_is_refused(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        text = QMimeData()
        text.setText("no file")
        copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        enter = QDragEnterEvent(QPointF(50, 60).toPoint(), copy, text, left, none)
        QApplication.sendEvent(reader.window, enter)
        assert not enter.isAccepted()
        assert not reader.window.worklist.search.acceptDrops(), "it would take the address of a file"
