"""The list of images to read next: shown, opened from, kept as a table."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from annotator.domain.errors import KnuckleError
from annotator.domain.joints import joint_named
from annotator.domain.queue import KEPT_BACK, DetectorSplit, Facts, Place, QueueBy, queue
from annotator.ui.queue_dialog import READER, WHY, QueueDialog
from tests.ui.dialog_driver import in_front

FACTS: list[tuple[Place, Facts]] = [
    (Place(11, "K-001", 1), DetectorSplit((joint_named("R-MP2"),))),
    (Place(12, "=cmd", 2, "@SUM(A1)"), DetectorSplit((joint_named("R-MP2"), joint_named("L-MP3")))),
    (Place(13, "K-003", 1), DetectorSplit((joint_named("R-MP2"),))),
]
ITEMS = queue(FACTS, hidden=[13])
Shown = Callable[[], QueueDialog]


@pytest.fixture
def asked() -> list[QueueBy]:
    return []


@pytest.fixture
def shown(qtbot: QtBot, asked: list[QueueBy]) -> Shown:
    def show() -> QueueDialog:
        return in_front(qtbot, QueueDialog("Hände", asked.append))

    return show


def cells(dialog: QueueDialog) -> list[list[object]]:
    model = dialog.model
    return [
        [model.data(model.index(row, column)) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_the_first_to_be_read_stands_first_with_its_reason(shown: Shown, asked: list[QueueBy]) -> None:
    dialog = shown()
    assert asked == [QueueBy.LEAST_CERTAIN]
    assert not dialog.open_button.isEnabled()
    dialog.show_items(QueueBy.LEAST_CERTAIN, ITEMS)
    assert cells(dialog)[0][:4] == ["1", "=cmd, visit 2", "@SUM(A1)", "2.00"]
    assert cells(dialog)[2] == ["3", "K-003, visit 1", "–", "–", KEPT_BACK]
    assert dialog.table.isColumnHidden(READER)
    assert dialog.why.text() == ITEMS[0].why == dialog.model.data(dialog.model.index(0, WHY))
    assert dialog.note.text().startswith("3 images")
    assert "Research use only" in dialog.note.text()
    dialog.show_items(QueueBy.LEAST_CERTAIN, ITEMS[:1])
    assert dialog.note.text() == "1 image. Research use only, not for diagnosis."


def test_a_list_without_scores_says_that_it_is_in_no_order(shown: Shown) -> None:
    dialog = shown()
    dialog.show_items(QueueBy.LEAST_CERTAIN, queue(FACTS, hidden=[11, 12, 13]))
    assert [row[1] for row in cells(dialog)] == ["K-001, visit 1", "=cmd, visit 2", "K-003, visit 1"]
    assert {row[3] for row in cells(dialog)} == {"–"}
    assert dialog.note.text().startswith("The study does not show you yet what is proposed")


def test_it_begins_with_the_order_of_the_worklist(qtbot: QtBot, asked: list[QueueBy]) -> None:
    dialog = in_front(qtbot, QueueDialog("Hände", asked.append, by=QueueBy.DETECTORS))
    assert (asked, dialog.chosen) == ([QueueBy.DETECTORS], QueueBy.DETECTORS)


def test_an_image_is_opened_by_key_and_by_button(shown: Shown, qtbot: QtBot) -> None:
    dialog, opened = shown(), []
    dialog.open_asked.connect(opened.append)
    dialog.show_items(QueueBy.LEAST_CERTAIN, ITEMS)
    dialog.table.setFocus()
    QTest.keyClick(dialog.table, Qt.Key.Key_Down)
    assert dialog.why.text() == ITEMS[1].why
    QTest.keyClick(dialog.table, Qt.Key.Key_Return)
    QTest.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton)
    assert opened == [11, 11]
    assert dialog.isVisible()


def test_another_order_is_asked_for_and_a_late_answer_is_passed_over(
    shown: Shown, asked: list[QueueBy]
) -> None:
    dialog = shown()
    dialog.by.setFocus()
    for _ in range(3):
        QTest.keyClick(dialog.by, Qt.Key.Key_Down)
    assert asked == list(QueueBy)
    dialog.show_items(QueueBy.VERSIONS, ITEMS)
    assert dialog.model.rowCount() == 0
    dialog.show_items(QueueBy.READER, ())
    assert dialog.note.text() == "No finished reading differs from the model."
    assert not dialog.export_button.isEnabled()
    dialog.show_items(QueueBy.READER, ITEMS)
    assert not dialog.table.isColumnHidden(READER)
    dialog.show_failure(KnuckleError("It broke.", "Mend it."))
    assert (dialog.note.text(), dialog.model.rowCount(), dialog.why.text()) == ("⚠ It broke. Mend it.", 0, "")


def test_the_table_runs_nothing_and_says_what_it_is_not_for(shown: Shown, tmp_path: Path) -> None:
    dialog = shown()
    dialog.show_items(QueueBy.LEAST_CERTAIN, ITEMS)
    out = tmp_path / "列.csv"
    dialog.save(out)
    assert dialog.note.text() == "The list is saved as 列.csv."
    with out.open(encoding="utf-8-sig", newline="") as file:
        first, second, third = csv.DictReader(file)
    assert (first["patient_code"], first["reader"]) == ("'=cmd", "'@SUM(A1)")
    assert (first["place"], first["image"], first["score"], first["by"]) == (
        "1",
        "12",
        "2.0",
        "least-certain",
    )
    assert (third["score"], third["why"]) == ("", KEPT_BACK)
    assert second["note"] == "Research use only, not for diagnosis."
    dialog.save(tmp_path / "gone" / "a.csv")
    assert dialog.note.text().startswith("⚠")
