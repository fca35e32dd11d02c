"""Two readings are signed, exported, learned from, and the new version is activated and proposes: all of it
through the real window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from annotator.domain.annotations import ReadingState
from annotator.domain.people import Role
from annotator.domain.training import Standing
from annotator.ui.choosing import keep_qt_settings_in
from annotator.ui.export_dialog import ExportDialog
from annotator.ui.training_dialog import TrainingDialog
from annotator.workflow.jobs import Job
from annotator.workflow.training import Trainings
from detector import load_version
from tests.detector.version_samples import make_version
from tests.export_samples import read_films
from tests.journeys.review_driver import BY_HAND, asked, open_dialog, proposals_come, propose, rows
from tests.journeys.window_driver import PATIENCE_MS, Reader, in_turn, press_key, reader_at
from tests.study_fixtures import sit_down
from tests.training_samples import end

LEFT = Qt.MouseButton.LeftButton
LONG_MS = 3 * PATIENCE_MS
"""A process begins, trains, and both versions are measured."""
NAME = "home-1"
RUNS = (
    "SELECT model_version.name, model_version.sha256 FROM run"
    " JOIN model_version ON model_version.id = run.version_id ORDER BY run.id"
)


@pytest.fixture
def tiny_data(proposed_data: Path, tmp_path: Path) -> Iterator[Path]:
    """An image of each patient has proposals; a version that is trained further within seconds is active."""
    keep_qt_settings_in(tmp_path / "settings")
    make_version(tmp_path / "tiny", default_scan="whole")
    with sit_down(proposed_data) as desk:
        propose(desk, second_patient(desk.sitting.worklist.ids))
        models = desk.house.models
        models.versions.activate(models.bring(tmp_path / "tiny", desk.person).id, desk.person)
    yield proposed_data
    found = Trainings(proposed_data / "training")
    for name in found.names():
        end(found.training(name))


def second_patient(ids: list[int]) -> int:
    """Two visits of the first come before."""
    return ids[2]


def click(button: QPushButton) -> None:
    assert button.isVisible()
    assert button.isEnabled(), button.text()
    QTest.mouseClick(button, LEFT, pos=button.rect().center())


def choose(button: QPushButton, folder: Path) -> None:
    """Type a folder into Qt's own chooser, which the button opens."""

    def typed() -> bool:
        chooser = open_dialog()
        if not isinstance(chooser, QFileDialog):
            return False
        name = chooser.findChild(QLineEdit, "fileNameEdit")
        assert name is not None
        name.setText(str(folder))
        press_key(name, "Return")
        return True

    with in_turn(typed) as turns:
        click(button)
    assert not turns


def close(reader: Reader, dialog: QDialog, button: QPushButton) -> None:
    with reader.qtbot.waitSignal(dialog.finished, timeout=PATIENCE_MS):
        click(button)
    reader.window.activateWindow()  # which a screen does when a dialog closes
    reader.qtbot.waitUntil(reader.window.isActiveWindow, timeout=PATIENCE_MS)


def test_what_is_signed_is_learned_from_and_proposes(tiny_data: Path, tmp_path: Path, qtbot: QtBot) -> None:
    release = tmp_path / "リリース"
    release.mkdir()
    with reader_at(tiny_data, qtbot, settings=BY_HAND) as reader:
        window = reader.window
        two_are_signed(reader)
        it_is_released(reader, release)
        it_is_trained(reader, release)
        it_is_activated(reader)
        before = rows(tiny_data, RUNS)
        assert [name for name, _ in before] == ["demo-1", "demo-1"]
        assert window.actions_.action("propose").isEnabled()
        with qtbot.waitSignal(window.sitting.proposing.proposed, timeout=PATIENCE_MS):
            reader.key("Q")
        active = window.sitting.models.versions.active()
        assert active is not None
        new = load_version(Path(active.folder))
        assert rows(tiny_data, RUNS) == [*before, (NAME, new.sha256)]
        assert new.sha256 != load_version(tmp_path / "tiny").sha256


def two_are_signed(reader: Reader) -> None:
    window, ids = reader.window, reader.window.sitting.worklist.ids
    for image_id in (ids[0], second_patient(ids)):
        if image_id != ids[0]:
            reader.open(image_id)
        proposals_come(reader)
        reader.key("Shift+A")
        while window.sitting.review.waiting:  # what asks for a look of its own
            reader.click(window.sitting.review.waiting[0].box.centre)
            reader.key("Return")
        reader.key("Ctrl+Return")
        assert reader.reading.state is ReadingState.SIGNED


def it_is_released(reader: Reader, release: Path) -> None:
    dialog = asked(reader, "Ctrl+Shift+E", ExportDialog)
    reader.qtbot.waitUntil(dialog.export_button.isEnabled, timeout=PATIENCE_MS)
    choose(dialog.export_button, release)
    reader.qtbot.waitUntil(lambda: dialog.note.text().startswith("Exported to "), timeout=PATIENCE_MS)
    assert (release / "manifest.json").exists()
    close(reader, dialog, dialog.close_button)
    assert str(release) in reader.said.of("info")[-1]


def it_is_trained(reader: Reader, release: Path) -> None:
    dialog = asked(reader, "Ctrl+Shift+T", TrainingDialog)
    wish = dialog.wish_page
    choose(wish.choose_button, release)
    reader.qtbot.waitUntil(dialog.start_button.isEnabled, timeout=PATIENCE_MS)
    assert wish.facts.text() == "2 images of 2 patients, 2 folds"
    assert wish.from_active.isChecked()
    wish.name.setText(NAME)
    press_key(dialog, "Alt+E")
    QTest.keyClicks(wish.epochs, "1")
    click(dialog.start_button)
    reader.qtbot.waitUntil(lambda: dialog.state is not None, timeout=PATIENCE_MS)
    assert dialog.state is not None
    assert dialog.state.standing is Standing.RUNNING
    close(reader, dialog, dialog.close_button)


def it_is_activated(reader: Reader) -> None:
    """It went on while nobody looked, and is found again."""
    dialog = asked(reader, "Ctrl+Shift+T", TrainingDialog)
    reader.qtbot.waitUntil(lambda: dialog.state is not None, timeout=PATIENCE_MS)
    reader.qtbot.waitUntil(dialog.activate_button.isVisible, timeout=LONG_MS)
    state = dialog.state
    assert state is not None
    assert (state.plan.name, state.standing) == (NAME, Standing.FINISHED)
    assert state.plan.active_name == "random"
    assert state.comparison is not None
    assert dialog.result_page.part.text().startswith("Measured on Fold 1: 1 image, 1 patient, 20 joints")
    active = reader.window.sitting.models.versions.active()
    assert active is not None
    assert active.name == "random", "nothing is activated by itself"
    reader.qtbot.waitUntil(dialog.activate_button.isEnabled, timeout=PATIENCE_MS)
    click(dialog.activate_button)
    reader.qtbot.waitUntil(lambda: "It proposes from now on." in dialog.note.text(), timeout=PATIENCE_MS)
    assert reader.said.of("info")[-1] == f"{NAME} is brought in."
    close(reader, dialog, dialog.close_button)


def test_a_window_closed_in_the_middle_of_an_export_leaves_nothing(
    data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    read_films(data, only=3)  # the window opens what is unread
    out = tmp_path / "out" / "release"
    out.parent.mkdir()
    with reader_at(data, qtbot) as reader:
        jobs, closed = reader.window.sitting.administration.jobs, Event()
        middle: list[Job] = []

        def hold(job: Job, done: int, total: int, _text: str) -> None:
            """The export waits here until the window is closed."""
            if not middle and done < total:
                middle.append(job)
                closed.wait(PATIENCE_MS / 1000)

        jobs.progressed.connect(hold, Qt.ConnectionType.DirectConnection)
        dialog = asked(reader, "Ctrl+Shift+E", ExportDialog)
        qtbot.waitUntil(dialog.export_button.isEnabled, timeout=PATIENCE_MS)
        dialog.export_to(out)
        qtbot.waitUntil(lambda: bool(middle), timeout=PATIENCE_MS)
        assert list(out.parent.iterdir()), "it was begun"
        with qtbot.waitSignal(jobs.over, timeout=PATIENCE_MS, check_params_cb=lambda job: job is middle[0]):
            reader.window.close()
            closed.set()
        assert middle[0].cancelled
        assert not list(out.parent.iterdir())


def test_whoever_only_reads_neither_exports_nor_trains(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot, "Dr. B") as reader:
        assert reader.window.sitting.person.role is Role.READER
        for name, keys in (("export", "Ctrl+Shift+E"), ("train", "Ctrl+Shift+T")):
            assert not reader.window.actions_.action(name).isEnabled()
            reader.key(keys)
        assert open_dialog() is None
