"""An export is chosen, previewed over a real study, and asked for."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QFileDialog, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from annotator.domain import gestures
from annotator.domain.errors import KnuckleError
from annotator.domain.export_policy import Policy, Whose
from annotator.domain.findings import Finding, NotAssessable
from annotator.domain.joints import joint_named
from annotator.domain.selection import LeftOut, Reason
from annotator.exporting_command import exporter_of
from annotator.store.readings import Readings
from annotator.ui import theme
from annotator.ui.choosing import keep_qt_settings_in
from annotator.ui.export_dialog import ExportDialog
from annotator.ui.export_words import form_meaning, left_out_because, left_out_part
from annotator.ui.theme import DARK, LIGHT, Theme
from annotator.workflow.exporting import Form, Order
from tests.export_samples import read_films
from tests.study_fixtures import Desk, quietly, sit_down

ALT = Qt.KeyboardModifier.AltModifier
READERS = ("Dr. A", "Dr. <b>B</b>")


@pytest.fixture(scope="module")
def read(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dr. A signed all four films, Dr. B read two of them. Do not change it."""
    data = shutil.copytree(prepared, tmp_path_factory.mktemp("read") / "data")
    read_films(data)
    read_films(data, READERS[1], sign=False, only=2)
    return data


@pytest.fixture
def desk(read: Path, tmp_path: Path, qapp: QApplication) -> Iterator[Desk]:
    with sit_down(shutil.copytree(read, tmp_path / "data")) as desk:
        yield desk


@dataclass
class Shown:
    """A dialog whose previews are those of a real study. asked, exports: what it asked for."""

    dialog: ExportDialog
    asked: list[Order] = field(default_factory=list)
    exports: list[tuple[Order, Path]] = field(default_factory=list)

    @property
    def numbers(self) -> dict[str, str]:
        table = self.dialog.preview.numbers
        cells = [[table.item(row, column) for column in (0, 1)] for row in range(table.rowCount())]
        return {name.text(): number.text() for name, number in cells if name and number}

    @property
    def lines(self) -> list[str]:
        model = self.dialog.preview.model
        rows = range(model.rowCount())
        return [" | ".join(str(model.data(model.index(r, c))) for c in range(3)) for r in rows]

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.dialog, key, ALT)


@pytest.fixture
def shown(desk: Desk, qtbot: QtBot, tmp_path: Path) -> Shown:
    """The first preview is there."""
    shown = Shown(ExportDialog(desk.study, READERS, str(tmp_path)))
    exporter = exporter_of(desk.house)

    def preview(order: Order) -> None:
        shown.asked.append(order)
        shown.dialog.show_preview(exporter.preview(order, desk.person))

    shown.dialog.preview_asked.connect(preview)
    shown.dialog.export_asked.connect(lambda order, out: shown.exports.append((order, out)))
    qtbot.addWidget(shown.dialog)
    shown.dialog.show()
    shown.dialog.activateWindow()
    qtbot.waitUntil(shown.dialog.isActiveWindow)
    qtbot.waitUntil(lambda: len(shown.asked) == 1)
    return shown


def test_the_first_preview_counts_what_is_signed(shown: Shown, desk: Desk) -> None:
    assert shown.asked == [Order(desk.study, Policy(desk.study.id), Form.RELEASE)]
    assert shown.numbers == {
        "Images": "4",
        "Patients": "2",
        "Joints": "80",
        "With ankylosis": "4",
        "With subluxation": "2",
        "With dislocation": "0",
    }
    assert shown.lines == []
    assert shown.dialog.preview.reasons.text() == "Nothing is left out."
    assert shown.dialog.export_button.isEnabled()
    assert "new or empty" in shown.dialog.note.text()
    assert "Research use only, not for diagnosis." in [
        label.text() for label in shown.dialog.findChildren(QLabel)
    ]


def test_every_choice_has_a_key_and_is_in_the_order(shown: Shown, qtbot: QtBot) -> None:
    dialog = shown.dialog
    for key in "ONMPL":
        shown.key(Qt.Key(ord(key)))
    shown.key(Qt.Key.Key_R)
    assert dialog.focusWidget() is dialog.choices.readings
    QTest.keyClick(dialog.choices.readings, Qt.Key.Key_End)
    shown.key(Qt.Key.Key_F)
    QTest.keyClick(dialog.choices.form, Qt.Key.Key_Down)
    assert not dialog.export_button.isEnabled()
    assert not dialog.preview.isEnabled()
    qtbot.waitUntil(lambda: len(shown.asked) == 2)
    order = shown.asked[1]
    assert (order.form, order.without_missing) == (Form.COCO, True)
    assert order.policy == Policy(
        order.study.id,
        Whose.READER,
        READERS[1],
        merged=True,
        uncertain=False,
        not_assessable=True,
        seen=False,
    )
    assert list(shown.numbers) == [
        "Images", "Patients", "Joints", "With ankylosis", "With subluxation or dislocation"
    ]  # fmt: skip
    assert (shown.numbers["Images"], shown.numbers["Joints"]) == ("2", "40")
    assert [line.split(" | ")[1:] for line in shown.lines] == [["whole image", "not read"]] * 2
    assert shown.lines[0].startswith("K-002, visit 1, image ")
    assert dialog.preview.reasons.text() == "not read: 2"
    shown.key(Qt.Key.Key_U)
    QTest.keyClick(dialog.preview.left_out, Qt.Key.Key_Down)
    assert dialog.preview.whole.text().endswith(", whole image: not read")


def test_no_finding_is_refused_and_one_alone_is_not_merged(shown: Shown, qtbot: QtBot) -> None:
    dialog = shown.dialog
    for key in "AOS":
        shown.key(Qt.Key(ord(key)))
    qtbot.waitUntil(lambda: len(shown.asked) == 2)
    assert shown.asked[1].policy.findings == {Finding.DISLOCATION}
    assert not shown.asked[1].policy.merged
    shown.key(Qt.Key.Key_D)
    qtbot.waitUntil(lambda: dialog.note.text() == "⚠ No finding is chosen. Choose at least one.")
    assert not dialog.export_button.isEnabled()
    assert shown.numbers == {}
    shown.key(Qt.Key.Key_D)
    qtbot.waitUntil(lambda: len(shown.asked) == 3)
    assert dialog.export_button.isEnabled()


def test_an_obstacle_is_told_and_a_late_preview_is_passed_over(
    shown: Shown, qtbot: QtBot, desk: Desk
) -> None:
    dialog = shown.dialog
    late = exporter_of(desk.house).preview(shown.asked[0], desk.person)
    QTest.keyClick(dialog.choices.readings, Qt.Key.Key_Down)
    dialog.show_preview(late)
    assert not dialog.export_button.isEnabled()
    qtbot.waitUntil(lambda: len(shown.asked) == 2)
    assert dialog.note.text().startswith("⚠ More than one reader labelled K-001-visit1")
    assert shown.numbers["Joints"] == "120"
    assert not dialog.export_button.isEnabled()
    dialog.show_failure(KnuckleError("It broke.", "Mend it."))
    assert (dialog.note.text(), shown.numbers) == ("⚠ It broke. Mend it.", {})


def test_places_that_are_ignored_and_joints_that_nobody_marked_are_told(
    shown: Shown, qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    dialog, readings = shown.dialog, Readings(desk.house.database)
    assert not dialog.preview.warning.isVisible()
    for image in desk.house.administration.studies.images(desk.study.id)[:2]:
        reading = readings.reopen(readings.load(image.id, desk.person), "another look", desk.person)
        for name, without_box in (("R-PIP3", False), ("L-MP2", True)):
            joint = joint_named(name)
            if without_box:
                reading, _ = readings.apply(reading, gestures.delete(reading, joint), desk.person)
            edit = gestures.set_not_assessable(reading, joint, NotAssessable.OVERLAP)
            reading, _ = readings.apply(reading, edit, desk.person)
        readings.sign(reading, desk.person)
    shown.key(Qt.Key.Key_P)
    qtbot.waitUntil(lambda: len(shown.asked) == 2)
    assert (shown.numbers["Joints"], shown.numbers["Places ignored, of joints left out"]) == ("76", "2")
    assert dialog.preview.warning.text() == (
        "⚠ 2 images have joints without any box; what is not marked is learned as background."
    )
    assert dialog.preview.warning.isVisible()
    shown.key(Qt.Key.Key_F)
    QTest.keyClick(dialog.choices.form, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: len(shown.asked) == 3)
    assert shown.asked[2].form is Form.COCO
    assert "Places ignored, of joints left out" not in shown.numbers
    assert not dialog.preview.warning.isVisible()


def test_missing_files_refuse_a_release_until_they_are_left_out(
    shown: Shown, qtbot: QtBot, desk: Desk, films: Path, tmp_path: Path
) -> None:
    copies = shutil.copytree(films, tmp_path / "copies")
    desk.house.administration.library.relocate(films, copies, desk.person, quietly)
    next(copies.rglob("*.dcm")).unlink()
    shown.key(Qt.Key.Key_M)
    qtbot.waitUntil(lambda: len(shown.asked) == 2)
    assert "missing" in shown.dialog.note.text()
    assert shown.dialog.preview.reasons.text() == "file missing or changed: 1"
    shown.key(Qt.Key.Key_L)
    qtbot.waitUntil(lambda: len(shown.asked) == 3)
    assert shown.dialog.export_button.isEnabled()
    assert shown.numbers["Images"] == "3"


def test_a_real_release_is_written_where_it_was_chosen(
    shown: Shown, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    keep_qt_settings_in(tmp_path / "settings")
    dialog, out = shown.dialog, tmp_path / "新しい"
    out.mkdir()
    answer_chooser(out)
    shown.key(Qt.Key.Key_E)
    qtbot.waitUntil(lambda: [path for _, path in shown.exports] == [out])
    assert dialog.stop_button.isVisible()
    assert not dialog.choices.isEnabled()
    done = exporter_of(desk.house).export(*shown.exports[0], desk.person, dialog.show_progress)
    assert (dialog.bar.value(), dialog.bar.maximum()) == (4, 4)
    assert dialog.note.text() == "Exporting: 4 of 4 images."
    dialog.show_progress(0, 1)
    assert dialog.note.text() == "Exporting: 0 of 1 image."
    dialog.show_done(f"{done.preview.selected.counts.images} images are exported.")
    assert (dialog.note.text(), dialog.note.property("tone")) == ("4 images are exported.", "ok")
    assert (out / "manifest.json").exists()
    dialog.export_to(out)
    assert dialog.note.text() == "⚠ 新しい is not an empty folder. Choose a new or an empty one."
    assert len(shown.exports) == 1


def test_an_export_is_stopped_by_key_or_fails_and_can_be_asked_for_again(
    shown: Shown, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog, stops = shown.dialog, []
    dialog.stop_asked.connect(lambda: stops.append(1))
    dialog.export_to(tmp_path / "out")
    assert not (tmp_path / "out").exists()
    shown.key(Qt.Key.Key_T)
    qtbot.waitUntil(lambda: stops == [1])
    dialog.show_stopped()
    assert dialog.export_button.isEnabled()
    dialog.export_to(tmp_path / "out")
    dialog.show_failure(KnuckleError("The disk is full.", "Make room."))
    assert dialog.note.text() == "⚠ The disk is full. Make room."
    assert dialog.export_button.isEnabled()
    assert shown.numbers["Images"] == "4"
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    dialog.show_done("late")
    assert dialog.note.text() == "⚠ The disk is full. Make room."


@pytest.mark.parametrize("look", [DARK, LIGHT], ids=["dark", "light"])
def test_nothing_is_cut_off_at_900_by_650(shown: Shown, look: Theme, qtbot: QtBot) -> None:
    theme.apply(app(), look)
    dialog = shown.dialog
    dialog.resize(900, 650)
    QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
    assert (dialog.width(), dialog.height()) == (900, 650)
    inside = dialog.rect()
    for widget in (*dialog.findChildren(QCheckBox), *dialog.findChildren(QPushButton)):
        if widget.isVisible():
            assert inside.contains(widget.rect().translated(widget.mapTo(dialog, QPoint())))
            assert widget.width() >= widget.sizeHint().width()
    assert dialog.preview.left_out.height() > 200
    metrics = QFontMetrics(dialog.font())
    assert all(metrics.inFontUcs4(ord(sign)) for sign in "⚠…")


def test_every_format_and_every_reason_has_words() -> None:
    assert all(form_meaning(form).endswith(".") for form in Form)
    assert len({left_out_because(reason) for reason in Reason}) == len(Reason)
    joint = joint_named("R-PIP3")
    one = LeftOut(1, "K-1", 1, Reason.DIVIDED, joint, Finding.ANKYLOSIS, "Dr. A")
    assert left_out_part(one) == "R-PIP3, ankylosis, Dr. A"
    assert left_out_part(LeftOut(1, "K-1", 1, Reason.EXCLUDED, reader="Dr. A")) == "whole reading, Dr. A"


def app() -> QApplication:
    made = QApplication.instance()
    assert isinstance(made, QApplication)
    return made


def answer_chooser(folder: Path) -> None:
    """Type a folder into Qt's own chooser as soon as it is there."""

    def answer() -> None:
        chooser = QApplication.activeModalWidget()
        if not isinstance(chooser, QFileDialog):
            QTimer.singleShot(50, answer)
            return
        name = chooser.findChild(QLineEdit, "fileNameEdit")
        assert name is not None
        name.setText(str(folder))
        QTest.keyClick(name, Qt.Key.Key_Return)

    QTimer.singleShot(50, answer)
