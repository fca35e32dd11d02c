"""The training dialog over a real training, in a process of its own, that another window finds again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from annotator.ui.theme import DARK
from annotator.ui.training_dialog import TrainingDialog
from annotator.workflow.training_desk import TrainingDesk
from tests.detector.version_samples import make_version
from tests.study_fixtures import sit_down
from tests.training_samples import end, make_release
from tests.ui.dialog_driver import in_front

ALT = Qt.KeyboardModifier.AltModifier
MS = 90_000


def open_dialog(qtbot: QtBot) -> TrainingDialog:
    return in_front(qtbot, TrainingDialog(DARK, "tiny", "trained-1", can_pause=True))


def click(button: QPushButton) -> None:
    assert button.isVisible()
    assert button.isEnabled(), button.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))


@pytest.fixture
def desks(prepared: Path, tmp_path: Path, qapp: QApplication) -> Iterator[Callable[[], TrainingDesk]]:
    """A new desk on the same data folder, as a window that is opened again has."""
    data = shutil.copytree(prepared, tmp_path / "data")
    with sit_down(data) as desk:
        models, root = desk.house.models, desk.house.paths.trainings
        make_version(tmp_path / "tiny", default_scan="whole")
        models.versions.activate(models.bring(tmp_path / "tiny", desk.person).id, desk.person)
        yield lambda: TrainingDesk(
            root, desk.house.jobs, models.versions, desk.person, desk.sitting, threads=1
        )
        trainings = TrainingDesk(root, desk.house.jobs, models.versions, desk.person).trainings
        for name in trainings.names():
            end(trainings.training(name))


def join(dialog: TrainingDialog, desk: TrainingDesk) -> None:
    """As the window does it."""
    desk.changed.connect(dialog.show_state)
    desk.refused.connect(dialog.show_refusal)
    desk.busy.connect(dialog.set_busy)
    desk.inspected.connect(dialog.show_release)
    dialog.release_chosen.connect(desk.inspect)
    dialog.begin_asked.connect(desk.begin)
    dialog.pause_asked.connect(desk.pause)
    dialog.go_on_asked.connect(desk.go_on)
    dialog.cancel_asked.connect(desk.cancel)


def test_begun_paused_closed_found_again_and_cancelled(
    desks: Callable[[], TrainingDesk], tmp_path: Path, qtbot: QtBot
) -> None:
    release = make_release(tmp_path / "release")
    dialog = open_dialog(qtbot)
    desk = desks()
    join(dialog, desk)
    assert desk.find() == ""
    dialog.release_chosen.emit(tmp_path)
    qtbot.waitUntil(lambda: "cannot be used as a release" in dialog.note.text(), timeout=MS)
    dialog.release_chosen.emit(release)
    qtbot.waitUntil(dialog.start_button.isEnabled, timeout=MS)
    assert dialog.wish_page.facts.text() == "2 images of 2 patients, 2 folds"
    QTest.keyClick(dialog, Qt.Key.Key_E, ALT)
    QTest.keyClicks(dialog.wish_page.epochs, "900")
    click(dialog.start_button)
    qtbot.waitUntil(lambda: dialog.run_page.numbers.text().startswith("step "), timeout=MS)
    click(dialog.pause_button)
    qtbot.waitUntil(lambda: dialog.run_page.standing.text().startswith("Paused"), timeout=MS)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    desk.leave()

    again = open_dialog(qtbot)
    other = desks()
    join(again, other)
    assert other.find() == "trained-1"
    qtbot.waitUntil(lambda: again.run_page.standing.text().startswith("Paused"), timeout=MS)
    qtbot.waitUntil(again.pause_button.isEnabled, timeout=MS)
    there = again.run_page.bar.value()
    click(again.pause_button)
    qtbot.waitUntil(lambda: again.run_page.bar.value() > there, timeout=MS)
    qtbot.waitUntil(again.cancel_button.isEnabled, timeout=MS)
    click(again.cancel_button)
    qtbot.waitUntil(lambda: again.run_page.standing.text().startswith("Cancelled"), timeout=MS)
    assert again.state is not None
    assert again.state.plan.start_name == again.state.plan.active_name != ""
