"""The audit of a model as a table, a plot, on the clipboard and in a file that is read back."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from annotator.domain.errors import KnuckleError
from annotator.domain.model_audit import BINS, Tally
from annotator.ui.choosing import keep_qt_settings_in
from annotator.ui.model_audit_dialog import ModelAuditDialog
from annotator.ui.model_audit_plot import kinds
from annotator.ui.model_audit_table import bin_rows, bin_word, headings, table_rows
from annotator.ui.theme import DARK, LIGHT, Theme
from annotator.ui.writing import put_in_place
from tests.ui.dialog_driver import in_front

ALT = Qt.KeyboardModifier.AltModifier
FIRST = (
    Tally(1, 0.7, 0.8, 2, 0, 1, 3, 4),
    Tally(1, 0.9, 0.95, 40, 2, 3, 5, 9, moved_iou_mean=0.8, moved_iou_median=0.81),
    Tally(1, None, None, added=7),
)
SECOND = (
    Tally(2, 0.9, 0.95, 10, 6, moved_iou_mean=0.6, moved_iou_median=0.61),
    Tally(2, 0.99, 1.0, 1, undecided=1),
)
NAMES = {1: "demo-1", 2: "demo-2"}
Shown = Callable[..., ModelAuditDialog]


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    def show(tallies: Sequence[Tally], theme: Theme = DARK) -> ModelAuditDialog:
        return in_front(qtbot, ModelAuditDialog("Hände", tallies, NAMES, theme))

    return show


def cells(dialog: ModelAuditDialog) -> list[list[str]]:
    items = [
        [dialog.table.item(row, column) for column in range(dialog.table.columnCount())]
        for row in range(dialog.table.rowCount())
    ]
    return [[item.text() if item else "" for item in row] for row in items]


def test_bins_are_written_as_they_hold_their_edges() -> None:
    words = [bin_word(low, high) for low, high in itertools.pairwise(BINS)]
    assert words[0] == "[0, .50)"
    assert words[3:5] == ["[.80, .90)", "[.90, .95)"]
    assert words[-1] == "[.99, 1]"


def test_the_table_has_a_row_for_each_bin_one_for_all_and_one_for_what_was_added(shown: Shown) -> None:
    dialog = shown(FIRST)
    assert cells(dialog) == [
        ["[.70, .80)", "2", "0", "–", "–", "1", "3", "4", "10", "33.3 %"],
        ["[.90, .95)", "40", "2", "0.800", "0.810", "3", "5", "9", "59", "80.0 %"],
        ["all proposals", "42", "2", "0.800", "0.810", "4", "8", "13", "69", "75.0 %"],
        ["added by hand", *["–"] * 7, "7", "–"],
    ]
    assert [dialog.versions.itemText(n) for n in range(dialog.versions.count())] == ["demo-1"]


def test_versions_are_looked_at_alone_or_together(shown: Shown) -> None:
    dialog = shown((*FIRST, *SECOND))
    words = [dialog.versions.itemText(n) for n in range(dialog.versions.count())]
    assert words == ["all versions", "demo-1", "demo-2"]
    # The mean of both versions is that of the 2 and the 6 boxes; their median nobody can tell.
    assert cells(dialog)[1][:5] == ["[.90, .95)", "50", "8", "0.650", "–"]
    QTest.keyClick(dialog.versions, Qt.Key.Key_Down)
    assert cells(dialog) == table_rows(FIRST)
    QTest.keyClick(dialog.versions, Qt.Key.Key_Down)
    assert cells(dialog) == table_rows(SECOND)
    assert [row[0] for row in cells(dialog)] == ["[.90, .95)", "[.99, 1]", "all proposals", "added by hand"]
    assert dialog.plot.bars.highest == 16


def test_no_decision_yet_is_no_share_of_nought(shown: Shown) -> None:
    dialog = shown((Tally(1, 0.99, 1.0, undecided=3),))
    assert cells(dialog)[0][-2:] == ["3", "–"]


def test_without_proposals_it_says_so_in_words(shown: Shown) -> None:
    dialog = shown(())
    assert dialog.empty.isVisible()
    assert "No reader of this study" in dialog.empty.text()
    assert not dialog.table.isVisible()
    assert not dialog.save_button.isVisible()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_the_table_is_copied_for_a_spreadsheet(shown: Shown, qtbot: QtBot) -> None:
    dialog = shown(FIRST)
    QTest.mouseClick(dialog.copy_button, Qt.MouseButton.LeftButton)
    lines = [line.split("\t") for line in QGuiApplication.clipboard().text().split("\n")]
    assert lines[0][-1] == "Accepted / decided"
    assert lines[1:] == cells(dialog)
    QGuiApplication.clipboard().clear()
    QTest.keyClick(dialog, Qt.Key.Key_C, ALT)
    qtbot.waitUntil(lambda: bool(QGuiApplication.clipboard().text()))


def test_the_file_says_what_it_is_not_for_and_is_read_back(shown: Shown, tmp_path: Path) -> None:
    dialog = shown(FIRST)
    target = tmp_path / "表.csv"
    target.write_text("older", "utf-8")
    dialog.save(target)
    assert dialog.note.text() == "The table is saved as 表.csv."
    assert [path.name for path in tmp_path.iterdir()] == ["表.csv"]
    with target.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["Research use only, not for diagnosis.", "Study: Hände", "Version: demo-1"]
    assert len(rows[1]) == len(headings())
    assert rows[2] == ["[.70, .80)", "2", "0", "", "", "1", "3", "4", "10", "0.3333"]
    assert rows[-1] == ["added by hand", *[""] * 7, "7", ""]
    assert len(rows) == 2 + len(cells(dialog))


def test_the_file_is_chosen_by_its_button_and_leaving_that_writes_nothing(
    shown: Shown, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_qt_settings_in(tmp_path / "settings")
    monkeypatch.chdir(tmp_path)
    dialog, target = shown(FIRST), tmp_path / "audit.csv"

    def answer(*, yes: bool) -> None:
        chooser = QApplication.activeModalWidget()
        assert isinstance(chooser, QFileDialog)
        name = chooser.findChild(QLineEdit)
        assert name is not None
        assert name.text() == "model-audit.csv"
        name.setText(str(target))
        (chooser.accept if yes else chooser.reject)()

    for yes in (False, True):
        QTimer.singleShot(0, partial(answer, yes=yes))
        QTest.mouseClick(dialog.save_button, Qt.MouseButton.LeftButton)
        assert target.exists() == yes


def test_what_cannot_be_written_is_told_with_advice(shown: Shown, tmp_path: Path) -> None:
    nowhere = tmp_path / "gone" / "table.csv"
    with pytest.raises(KnuckleError) as told:
        put_in_place(nowhere, b"text", "table")
    dialog = shown(FIRST)
    dialog.save(nowhere)
    assert dialog.note.text() == f"⚠ {told.value}"
    assert "Check the free space" in dialog.note.text()


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: str(theme.name))
def test_the_parts_of_a_bar_are_told_apart_without_colour(qapp: QApplication, theme: Theme) -> None:
    drawn = []
    for kind in kinds(theme):
        image = QImage(32, 32, QImage.Format.Format_RGB32)
        image.fill(QColor(theme.panel))
        painter = QPainter(image)
        kind.fill(painter, image.rect().toRectF(), theme.panel)
        painter.end()
        strong = QColor(kind.colour)
        drawn.append(
            frozenset((x, y) for x in range(4, 28) for y in range(4, 28) if image.pixelColor(x, y) == strong)
        )
    assert len(set(drawn)) == len(drawn)


def test_each_bin_has_a_bar_as_high_as_its_row_and_the_pointer_changes_nothing(shown: Shown) -> None:
    dialog = shown(FIRST)
    plot = dialog.plot
    axis = plot.plot.getAxis("bottom")
    assert [text for _, text in axis._tickLevels[0]] == [row.bin for row in bin_rows(FIRST)]
    assert plot.bars.highest == 59
    assert axis.labelText
    assert plot.plot.getAxis("left").labelText
    before = plot.plot.getViewBox().viewRange()
    view = plot.plot.viewport()
    middle = view.rect().center()
    QApplication.sendEvent(view, wheel_at(QPointF(middle)))
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(view, middle + QPoint(40, 20))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=middle + QPoint(40, 20))
    assert plot.plot.getViewBox().viewRange() == before


def test_a_bar_is_drawn_where_the_axes_say(shown: Shown) -> None:
    dialog = shown(FIRST)
    plot = dialog.plot.plot
    picture = plot.grab().toImage()

    def colour_at(x: float, y: float) -> str:
        place = plot.mapFromScene(plot.getViewBox().mapViewToScene(QPointF(x, y)))
        return str(picture.pixelColor(place * picture.devicePixelRatio()).name())

    assert colour_at(1, 20) == colour_at(1.3, 38) == DARK.ok
    assert colour_at(1, 41) != DARK.ok
    assert colour_at(0, 20) == colour_at(0.5, 20) == DARK.panel


def wheel_at(place: QPointF) -> QWheelEvent:
    none, still = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    return QWheelEvent(place, place, QPoint(), QPoint(0, 240), Qt.MouseButton.NoButton, none, still, False)


def test_it_fits_a_small_and_a_large_window(shown: Shown) -> None:
    dialog = shown((*FIRST, *SECOND))
    for width, height in ((640, 500), (1600, 1000)):
        dialog.resize(width, height)
        QApplication.processEvents()
        assert (dialog.width(), dialog.height()) == (width, height)
        for widget in (dialog.table, dialog.plot, dialog.close_button):
            assert dialog.rect().contains(widget.rect().translated(widget.mapTo(dialog, QPoint())))
    header = dialog.table.horizontalHeader()
    assert header.length() <= dialog.table.viewport().width()
