"""The training dialog by real keys and clicks: alone, and over a real training in a process of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from annotator.domain.compared_images import ComparedImage, SaidBox, Sight
from annotator.domain.errors import KnuckleError
from annotator.domain.joints import JOINTS
from annotator.domain.training import (
    Curve,
    Progress,
    ReleaseFacts,
    Stage,
    Standing,
    TrainingPlan,
    TrainingState,
)
from annotator.domain.version_comparison import Comparison, Estimate, Figure
from annotator.domain.versions import ModelVersion
from annotator.ui import training_pages
from annotator.ui.theme import DARK, LIGHT, Theme
from annotator.ui.training_dialog import TrainingDialog
from annotator.ui.training_words import (
    difference_words,
    estimate_words,
    image_tip,
    mistake_words,
    stage_words,
    time_left,
)
from annotator.workflow.training import Wish

ALT = Qt.KeyboardModifier.AltModifier
RELEASE = ReleaseFacts("/releases/hands", "ab", 260, 90, 5, False)
PLAN = TrainingPlan(
    "second", "/releases/hands", "ab", "small", 1, active="/versions/demo", active_name="demo-1"
)
CURVES = (
    Curve("ankylosis", ((1, 9.0), (2, 5.0), (3, 2.0)), ((1.0, 4.0), (2.0, 3.0))),
    Curve("subluxation", ((1, 8.0),)),
)
PROGRESS = Progress("subluxation", 1, 10, 0.5, 8.0, 0.002, 3.0, 5400.0, CURVES)
RUNNING = TrainingState(PLAN, Standing.RUNNING, Stage.SUBLUXATION, PROGRESS)
BETTER = Figure(
    "joints found", Estimate(0.99, 0.98, 1.0), Estimate(0.97, 0.95, 0.98), Estimate(0.02, -0.01, 0.04)
)
WORSE = Figure(
    "false boxes an image", Estimate(0.3, 0.2, 0.4), Estimate(0.1, 0.0, 0.2), Estimate(0.2, 0.1, 0.3)
)
UNDEFINED = Figure("ankylosis: F", Estimate(None), Estimate(0.5))
FALSE = tuple(SaidBox((at, 0.0, at + 40.0, 40.0), 0.9, None, (), ("false box",)) for at in (0.0, 50.0, 99.0))
COMPARISON = Comparison(
    "Fold 1: 52 images",
    "second",
    "demo-1",
    (BETTER, WORSE, UNDEFINED),
    (
        ComparedImage("images/a.png", (), Sight(FALSE, ("L-IP1",)), Sight((), ("R-IP1", "L-IP1"))),
        ComparedImage("images/b.png", (), Sight(), Sight(FALSE[:1])),
    ),
    9,
    (("demo-1", "The version does not name its images, so a leak cannot be ruled out."),),
)
FINISHED = replace(
    RUNNING, standing=Standing.FINISHED, stage=Stage.DONE, comparison=COMPARISON, version="/trained/version"
)
MS = 90_000


class Heard:
    """What a dialog asked for."""

    def __init__(self, dialog: TrainingDialog) -> None:
        self.asked: list[Any] = []
        dialog.begin_asked.connect(self.asked.append)
        dialog.pause_asked.connect(lambda: self.asked.append("pause"))
        dialog.go_on_asked.connect(lambda: self.asked.append("go on"))
        dialog.cancel_asked.connect(lambda: self.asked.append("cancel"))
        dialog.bring_asked.connect(lambda state, activate: self.asked.append((state, activate)))
        dialog.image_chosen.connect(lambda state, file: self.asked.append((state, file)))


Shown = Callable[..., tuple[TrainingDialog, Heard]]


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    def show(
        theme: Theme = DARK, active: str = "demo-1", *, can_pause: bool = True
    ) -> tuple[TrainingDialog, Heard]:
        dialog = TrainingDialog(theme, active, "trained-1", can_pause=can_pause)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitExposed(dialog)
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        return dialog, Heard(dialog)

    return show


def click(button: QPushButton) -> None:
    assert button.isVisible()
    assert button.isEnabled(), button.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(8, 8))


def visible(dialog: TrainingDialog) -> list[str]:
    """The buttons below, those that can be used."""
    return [
        button.text().replace("&", "")
        for button in dialog.findChildren(QPushButton)
        if button.isVisible() and button.isEnabled() and button is not dialog.wish_page.choose_button
    ]


# thinking one out


def test_it_can_be_started_once_a_release_is_chosen(shown: Shown, qtbot: QtBot) -> None:
    dialog, heard = shown()
    assert visible(dialog) == ["Close"]
    dialog.show_release(RELEASE)
    assert dialog.wish_page.facts.text() == "260 images of 90 patients, 5 folds"
    assert "the fold after it, which is not trained on either" in dialog.wish_page.note.text()
    dialog.wish_page.name.setFocus()
    QTest.keyClick(dialog.wish_page.name, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(dialog.wish_page.name, "second")
    QTest.keyClick(dialog, Qt.Key.Key_R, ALT)
    qtbot.waitUntil(dialog.wish_page.from_random.isChecked)
    QTest.keyClick(dialog, Qt.Key.Key_P, ALT)
    QTest.keyClick(dialog.wish_page.preset, Qt.Key.Key_Down)
    QTest.keyClick(dialog, Qt.Key.Key_O, ALT)
    QTest.keyClick(dialog.wish_page.fold, Qt.Key.Key_Up)
    QTest.keyClick(dialog, Qt.Key.Key_S, ALT)
    qtbot.waitUntil(lambda: bool(heard.asked))
    (wish,) = heard.asked
    assert isinstance(wish, Wish)
    assert (wish.release, wish.name, wish.preset) == (Path("/releases/hands"), "second", "paper")
    assert (wish.from_active, wish.fold, wish.options.epochs) == (False, 2, None)
    dialog.wish_page.name.clear()
    assert visible(dialog) == ["Close"], "it needs a name"


def test_without_an_active_version_it_begins_with_random_weights(shown: Shown) -> None:
    dialog, _ = shown(active="")
    assert not dialog.wish_page.from_active.isEnabled()
    assert dialog.wish_page.from_random.isChecked()


def test_a_release_without_folds_is_told(shown: Shown) -> None:
    dialog, _ = shown()
    dialog.show_release(replace(RELEASE, folds=0))
    assert "divide it first" in dialog.wish_page.facts.text()
    assert visible(dialog) == ["Close"]
    dialog.show_release(replace(RELEASE, images=1, patients=1, folds=1))
    assert dialog.wish_page.facts.text() == "1 image of 1 patient, 1 fold"
    dialog.show_release(replace(RELEASE, test=True))
    assert "test patients" in dialog.wish_page.facts.text()
    assert dialog.wish_page.note.text().startswith("Both versions are measured on the test patients;")
    dialog.show_release(replace(RELEASE, folds=2))
    assert "thresholds are chosen on it and both versions measured" in dialog.wish_page.note.text()
    dialog.show_refusal(KnuckleError("That is no release.", "Choose another."))
    assert dialog.note.text() == "⚠ That is no release. Choose another."


def test_a_folder_that_is_refused_leaves_none_chosen(
    shown: Shown, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is begun is never a release chosen before the one the reader pointed at last."""
    dialog, _ = shown()
    dialog.show_release(RELEASE)
    assert visible(dialog) == ["Start", "Close"]
    monkeypatch.setattr(training_pages, "choose_folder", lambda *_: None)
    click(dialog.wish_page.choose_button)
    assert visible(dialog) == ["Start", "Close"], "nothing else was chosen"
    monkeypatch.setattr(training_pages, "choose_folder", lambda *_: tmp_path)
    click(dialog.wish_page.choose_button)
    dialog.show_refusal(KnuckleError("That is no release.", "Choose another."))
    assert dialog.wish_page.folder.text() == dialog.wish_page.facts.text() == ""
    assert visible(dialog) == ["Close"]


# running


def test_what_runs_is_shown_with_its_curves(shown: Shown, qtbot: QtBot) -> None:
    dialog, heard = shown()
    dialog.show_state(RUNNING)
    page = dialog.run_page
    assert page.stage.text() == stage_words(Stage.SUBLUXATION)
    assert page.numbers.text() == (
        "step 1 of 10, epoch 0.5, loss 8.000, on held-out images 3.000, learning rate 0.002"
    )
    assert page.left.text() == "about 90 min left"
    assert (page.bar.value(), page.bar.maximum()) == (1, 10)
    assert page.standing.isHidden()
    for plot, lines in ((page.curves.losses, (3, 1)), (page.curves.validation, (2, 0))):
        drawn = [len(line.getOriginalDataset()[0]) for line in plot.listDataItems() if line.xData is not None]
        assert [number for number in drawn if number] == [number for number in lines if number]
    assert page.curves.accessibleDescription() == "Ankylosis: 2.000, Subluxation and dislocation: 8.000"
    assert visible(dialog) == ["Pause", "Cancel training", "Close, it goes on"]
    QTest.keyClick(dialog, Qt.Key.Key_P, ALT)
    qtbot.waitUntil(lambda: heard.asked == ["pause"])
    click(dialog.cancel_button)
    assert heard.asked == ["pause", "cancel"]


@pytest.mark.parametrize(
    ("standing", "said", "buttons"),
    [
        (Standing.PAUSED, "Paused.", ["Go on", "Cancel training", "Close"]),
        (Standing.KILLED, "⚠ Its process was ended", ["Go on", "Train another…", "Close"]),
        (Standing.CANCELLED, "Cancelled.", ["Go on", "Train another…", "Close"]),
        (Standing.FAILED, "⚠ It stopped: No space.", ["Go on", "Train another…", "Close"]),
    ],
)
def test_what_stands_still_can_go_on(
    shown: Shown, qtbot: QtBot, standing: Standing, said: str, buttons: list[str]
) -> None:
    dialog, heard = shown()
    dialog.show_state(replace(RUNNING, standing=standing, message="No space."))
    assert dialog.run_page.standing.text().startswith(said)
    assert dialog.run_page.left.text() == ""
    assert visible(dialog) == buttons
    QTest.keyClick(dialog, Qt.Key.Key_G, ALT)
    qtbot.waitUntil(lambda: heard.asked == ["go on"])
    dialog.set_busy(True)
    assert visible(dialog) == ["Close"]


def test_where_a_process_cannot_be_paused_it_is_not_offered(shown: Shown) -> None:
    dialog, _ = shown(can_pause=False)
    dialog.show_state(RUNNING)
    assert visible(dialog) == ["Cancel training", "Close, it goes on"]
    dialog.show_state(replace(RUNNING, standing=Standing.CANCELLED))
    assert "Go on" in visible(dialog)


def test_closing_asks_for_nothing(shown: Shown) -> None:
    dialog, heard = shown()
    dialog.show_state(RUNNING)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isHidden()
    assert heard.asked == []


# finished


def test_both_versions_side_by_side(shown: Shown, qtbot: QtBot) -> None:
    dialog, heard = shown()
    dialog.show_state(RUNNING)
    dialog.show_state(FINISHED)
    page = dialog.result_page
    table = [[page.table.item(row, column).text() for column in range(4)] for row in range(3)]  # type: ignore[union-attr] # it is full
    assert table == [
        [
            "joints found",
            "0.990 (0.980–1.000)",
            "0.970 (0.950–0.980)",
            "+0.020 better (−0.010 to +0.040), unsure",
        ],
        [
            "false boxes an image (fewer are better)",
            "0.300 (0.200–0.400)",
            "0.100 (0.000–0.200)",
            "+0.200 worse (+0.100 to +0.300)",
        ],
        ["ankylosis: F", "–", "0.500", "–"],
    ]
    assert "Fold 1: 52 images" in page.part.text()
    assert page.warning.text().startswith("⚠ demo-1: ")
    assert [page.images.item(row).text() for row in range(page.images.count())] == [
        "images/a.png – mistakes only of the new: 3, only of the active: 1",
        "images/b.png – mistakes only of the new: 0, only of the active: 1",
    ]
    assert page.mistakes.text().splitlines() == [
        "Only the new version: 3 × box where there is no joint",
        "Only the active version: R-IP1 not found",
        "Both: 1",
    ]
    page.images.setFocus()
    QTest.keyClick(page.images, Qt.Key.Key_Down)
    assert page.mistakes.text() == "Only the active version: box where there is no joint"
    QTest.keyClick(page.images, Qt.Key.Key_Return)
    QTest.keyClick(dialog, Qt.Key.Key_L, ALT)
    qtbot.waitUntil(lambda: len(heard.asked) == 2)
    assert heard.asked == [(FINISHED, "images/b.png")] * 2


@pytest.mark.parametrize(("key", "activate"), [(Qt.Key.Key_A, True), (Qt.Key.Key_B, False)])
def test_it_is_brought_in_only_when_somebody_says_so(
    shown: Shown, qtbot: QtBot, key: Qt.Key, activate: bool
) -> None:
    dialog, heard = shown()
    dialog.show_state(FINISHED)
    assert heard.asked == []
    QTest.keyClick(dialog, key, ALT)
    qtbot.waitUntil(lambda: heard.asked == [(FINISHED, activate)])
    dialog.show_brought(ModelVersion(2, "second", "cd", "/v"), activated=activate)
    assert dialog.note.text().endswith("It proposes from now on." if activate else "once it is activated.")
    assert visible(dialog) == ["Look at both…", "Train another…", "Close"]


def test_another_is_thought_out_while_the_old_one_is_still_told_of(shown: Shown, qtbot: QtBot) -> None:
    dialog, _ = shown()
    dialog.show_state(FINISHED)
    QTest.keyClick(dialog, Qt.Key.Key_T, ALT)
    qtbot.waitUntil(dialog.wish_page.isVisible)
    dialog.show_state(FINISHED)
    assert dialog.wish_page.isVisible()
    assert dialog.state is None
    dialog.show_state(replace(RUNNING, plan=replace(PLAN, name="third")))
    assert dialog.run_page.isVisible()


def test_without_an_active_version_there_is_nothing_beside(shown: Shown) -> None:
    dialog, _ = shown()
    alone = replace(COMPARISON, active_name="", figures=(replace(BETTER, active=None),), images=())
    dialog.show_state(replace(FINISHED, comparison=alone))
    assert dialog.result_page.table.columnCount() == 2
    assert dialog.result_page.heading.text() == "No version was active to compare with."


# words and looks


def test_words() -> None:
    assert [time_left(seconds) for seconds in (None, 20, 600, 7200)] == [
        "", "less than a minute left", "about 10 min left", "about 2 h left",
    ]  # fmt: skip
    assert estimate_words(Estimate(0.5)) == "0.500"
    down = Figure("joints found", Estimate(0.5), Estimate(0.75), Estimate(-0.25))
    assert difference_words(down) == "−0.250 worse, unsure"
    assert difference_words(replace(down, difference=Estimate(-0.25, -0.4, -0.1))) == (
        "−0.250 worse (−0.400 to −0.100)"
    )
    for little in (0.0, -0.0004):
        assert difference_words(replace(down, difference=Estimate(little))) == "equal"
    assert mistake_words("R-MP2", "ankylosis false negative") == "R-MP2 ankylosis overlooked"
    missed = tuple(joint.name for joint in JOINTS)
    many = ComparedImage("a", (), Sight((), missed), Sight((), missed[:3]))
    first, last = image_tip(many).splitlines()
    assert first.startswith("Only the new version: L-IP1 not found, L-MP1 not found, ")
    assert first.endswith(" and 9 more")
    assert last == "Both: 3"


def test_every_sign_is_in_the_delivered_letters(qapp: QApplication) -> None:
    metrics = QFontMetrics(QFont(qapp.font()))
    assert all(metrics.inFontUcs4(ord(sign)) for sign in "⚠–−×…✗◆▲")


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=["dark", "light"])
def test_no_text_of_a_button_is_cut_off(shown: Shown, qtbot: QtBot, theme: Theme) -> None:
    dialog, _ = shown(theme)
    dialog.show_release(RELEASE)
    for state in (None, RUNNING, replace(RUNNING, standing=Standing.KILLED), FINISHED):
        if state is not None:
            dialog.show_state(state)
        qtbot.waitUntil(lambda: dialog.layout() is not None and dialog.layout().activate() is False)  # type: ignore[union-attr] # it has one
        for button in dialog.findChildren(QPushButton):
            if button.isVisible():
                assert button.width() >= button.sizeHint().width(), button.text()
