"""From the dialog that asks who reads to the last window: other people, other studies, work that goes on."""

from __future__ import annotations

import gc
import sqlite3
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from annotator import desktop
from annotator.desktop import Desktop
from annotator.domain.geometry import Box
from annotator.domain.images import Study
from annotator.domain.joints import JOINTS
from annotator.domain.people import Role
from annotator.settings import Settings
from annotator.ui.choosing import choose_folder, keep_qt_settings_in
from annotator.ui.import_dialog import ImportDialog
from annotator.ui.main_window import MainWindow
from annotator.ui.messages import Recorder
from annotator.ui.sign_in_dialog import SignInDialog
from annotator.workflow.jobs import Lane, Progress
from tests.journeys.window_driver import click_line, in_turn, press_key
from tests.study_fixtures import Desk

PATIENCE_S = 20


@pytest.fixture
def other(at_desk: Desk) -> Study:
    return at_desk.house.administration.create_study("Other", "Q", at_desk.person)


@pytest.fixture
def program(at_desk: Desk, qtbot: QtBot) -> Iterator[Desktop]:
    """A window of Dr. A at the study Hands, with its first image."""
    opened = Desktop(at_desk.house, Settings())
    shown(opened.show(at_desk.person, at_desk.study), qtbot)
    yield opened
    assert opened.window is not None
    opened.window.messages.asker = lambda *_: True
    opened.window.close()
    opened.window.deleteLater()
    opened.window = None


def shown(window: MainWindow, qtbot: QtBot) -> MainWindow:
    qtbot.waitUntil(lambda: window.sitting.desk.image is not None, timeout=PATIENCE_S * 1000)
    return window


def choose_study(program: Desktop, name: str) -> None:
    """As from the list of studies; the window that was open is gone when this comes back."""
    assert program.window is not None
    choice = program.window.worklist.study
    choice.setCurrentIndex(choice.findText(name))
    choice.activated.emit(choice.currentIndex())
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@contextmanager
def held_up(desk: Desk) -> Iterator[Event]:
    """What is asked of the back lane waits until the event is set."""
    go_on = Event()

    def hold(_progress: Progress) -> None:
        assert go_on.wait(PATIENCE_S)

    desk.house.jobs.submit(Lane.BACK, "Held up", hold, lambda _none: None, lambda _error: None)
    yield go_on
    go_on.set()


# work that outlives its window


def test_an_import_is_told_in_the_window_that_is_open_when_it_ends(
    program: Desktop, at_desk: Desk, other: Study, tmp_path: Path, qtbot: QtBot
) -> None:
    (tmp_path / "bad.dcm").write_bytes(b"no radiograph")
    assert program.window is not None
    program.window.set_studies(at_desk.house.administration.studies.all())
    seen: list[tuple[str, str]] = []

    def close_dialog() -> bool:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, ImportDialog):
            seen.append((dialog.windowTitle(), dialog.table.item(0, 0).text()))
            dialog.accept()
        return bool(seen)

    with held_up(at_desk) as go_on:
        program.window.study.import_paths([tmp_path / "bad.dcm"])
        choose_study(program, "Other")
        with in_turn(close_dialog):
            go_on.set()
            qtbot.waitUntil(lambda: bool(seen), timeout=PATIENCE_S * 1000)
    assert seen == [("Import into Hands", str(tmp_path / "bad.dcm"))]
    assert program.window.sitting.study == other


def test_work_that_began_under_another_window_is_shown_and_cancelled_in_this_one(
    program: Desktop, at_desk: Desk, other: Study, films: Path, qtbot: QtBot
) -> None:
    assert program.window is not None
    program.window.set_studies(at_desk.house.administration.studies.all())
    with held_up(at_desk) as go_on:
        job = program.window.sitting.import_paths([films])
        choose_study(program, "Other")
        bar = program.window.job_bar
        qtbot.waitUntil(bar.isVisible)

        def cancelled() -> bool:
            """Whichever is shown first, the other one comes next."""
            bar.stop.click()
            go_on.set()
            return job.cancelled

        qtbot.waitUntil(cancelled)
    qtbot.waitUntil(lambda: job not in at_desk.house.jobs.jobs)


def test_a_sitting_leaves_nothing_behind(program: Desktop, at_desk: Desk, other: Study, qtbot: QtBot) -> None:
    """Nor its pictures, of 7 to 14 MB each."""
    left: list[weakref.ref[object]] = []
    for _ in range(3):
        window = program.show(at_desk.person, at_desk.study)
        shown(window, qtbot)
        qtbot.waitUntil(lambda s=window.sitting: s.opener.ready(s.worklist.ids[1]))
        picture = window.sitting.desk.picture
        assert picture is not None
        sitting = window.sitting
        left += map(weakref.ref, (window, sitting, sitting.desk, picture.radiograph.values))
        del window, sitting, picture
        choose_study(program, "Other")
    qtbot.waitUntil(lambda: not at_desk.house.jobs.jobs)
    gc.collect()
    assert [thing() for thing in left if thing() is not None] == []


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Another program holds the database."""
    with closing(sqlite3.connect(data / "knuckle.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def test_to_leave_without_a_gesture_is_to_leave_it(
    program: Desktop, at_desk: Desk, other: Study, data: Path, qtbot: QtBot
) -> None:
    assert program.window is not None
    program.window.set_studies(at_desk.house.administration.studies.all())
    said = Recorder().listen(program.window.messages)
    desk = program.window.sitting.desk
    with locked(data):
        assert not desk.draw(Box(100, 100, 200, 200), JOINTS[0])
        program.window.close()
        assert said.of("question") == [
            "Leave?: The last gesture could not be saved. Everything before it is saved."
        ]
        assert not desk.unsaved
    assert desk.retry(), "there is nothing to be tried"
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM reading").fetchone() == (0,)


# the whole program


Step = Callable[[], bool]


def sign_in(type_name: Callable[[SignInDialog], object]) -> Step:
    """Answer the dialog that asks who reads."""

    def step() -> bool:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, SignInDialog):
            return False
        type_name(dialog)
        press_key(dialog.field, "Return")
        return True

    return step


def as_new(name: str) -> Callable[[SignInDialog], object]:
    return lambda dialog: (dialog.field.selectAll(), QTest.keyClicks(dialog.field, name))


def as_the_first_known(dialog: SignInDialog) -> None:
    dialog.field.clear()
    press_key(dialog.field, "Down")


def in_window(name: str, act: Callable[[MainWindow], object], line: int | None = None) -> Step:
    """Act in somebody's window, once an image (the one in this line of the list) is open."""

    def step() -> bool:
        window = window_of(name)
        image = window.sitting.desk.image if window else None
        if window is None or image is None or (line is not None and image.id != lines(window)[line]):
            return False
        act(window)
        return True

    return step


def lines(window: MainWindow) -> list[int]:
    return window.sitting.worklist.ids


def place_box(window: MainWindow) -> None:
    window.view.setFocus()
    press_key(window.view, "E")


def change_person(window: MainWindow) -> None:
    window.actions_.action("sign_in").trigger()


def leave_program(window: MainWindow) -> None:
    press_key(window.view, "Ctrl+Q")


def test_people_sign_in_read_change_places_and_quit(data: Path, qtbot: QtBot, qapp: QApplication) -> None:
    """`knuckle` as it is started, by mouse and keyboard alone."""
    with in_turn(
        sign_in(as_new("Dr. B")),
        in_window("Dr. B", place_box, line=0),
        in_window("Dr. B", lambda window: click_line(window, lines(window)[-1])),
        in_window("Dr. B", place_box, line=-1),
        in_window("Dr. B", change_person),
        sign_in(as_the_first_known),
        in_window("Dr. A", place_box),
        in_window("Dr. A", leave_program),
    ) as turns:
        assert desktop.run(data, "") == 0
    assert not turns, "everything was done"
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as database:
        roles = dict(database.execute("SELECT name, role FROM person").fetchall())
        boxes = database.execute(
            "SELECT person.name, count(*) FROM annotation JOIN reading ON reading.id = reading_id "
            "JOIN person ON person.id = reader_id GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert roles == {"Dr. A": Role.ADMINISTRATOR, "Dr. B": Role.READER}
    assert boxes == [("Dr. A", 1), ("Dr. B", 2)]


def window_of(name: str) -> MainWindow | None:
    """The window of somebody who can use it now."""
    windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isActiveWindow()]
    return next((window for window in windows if window.sitting.person.name == name), None)


def test_the_demonstration_opens_the_sample_study_whatever_was_open_last(
    at_desk: Desk, other: Study, qtbot: QtBot
) -> None:
    program = Desktop(at_desk.house, Settings(last_study="Hands"))
    assert program.start("Dr. A", at_sample=True)
    assert program.window is not None
    assert program.window.sitting.study.name == "Sample"
    assert {job.title for job in at_desk.house.jobs.jobs} == {"Sample study"}
    program.window.close()
    program.window.deleteLater()


# what choosing folders leaves on the computer


def test_the_folders_of_patients_stay_out_of_the_settings_of_qt(tmp_path: Path, qtbot: QtBot) -> None:
    folder = tmp_path / "YAMADA^Taro"
    folder.mkdir()
    keep_qt_settings_in(tmp_path / "data")
    window = QWidget()
    qtbot.addWidget(window)

    def accept() -> bool:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QFileDialog):
            return False
        name = dialog.findChild(QLineEdit)
        assert name is not None
        name.setText(str(folder))
        dialog.accept()
        return True

    with in_turn(accept):
        assert choose_folder(window, "Import folder", str(tmp_path)) == folder
    kept = QSettings(QSettings.Scope.UserScope, "QtProject")
    assert Path(kept.fileName()).is_relative_to(tmp_path / "data")
    written = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert not [text for text in written if b"YAMADA" in text or b"file:" in text]
