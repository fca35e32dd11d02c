"""A report in the window: preview, HTML, PDF on one page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from annotator.domain.errors import KnuckleError
from annotator.exchange.report_page import page_of
from annotator.ui import theme
from annotator.ui.choosing import keep_qt_settings_in
from annotator.ui.report_dialog import ReportDialog
from annotator.ui.report_drawing import SHARE, WIDEST, ReportDrawing
from annotator.ui.theme import DARK, LIGHT, Theme
from tests.report_samples import many_visits, report
from tests.ui.dialog_driver import in_front

Shown = Callable[[], ReportDialog]


@pytest.fixture
def asked() -> list[tuple[bool, bool]]:
    return []


@pytest.fixture
def shown(qtbot: QtBot, asked: list[tuple[bool, bool]], tmp_path: Path) -> Shown:
    def show() -> ReportDialog:
        return in_front(
            qtbot, ReportDialog("K-015", lambda whole, dates: asked.append((whole, dates)), str(tmp_path))
        )

    return show


@pytest.mark.parametrize("visits", [1, 2, 3, 6, 9, 14])
def test_a_report_has_one_page_however_many_visits(qapp: QApplication, visits: int) -> None:
    drawing = ReportDrawing(page_of(report(many_visits(visits))))
    assert drawing.width < WIDEST
    assert drawing._height(drawing.width) <= drawing.width * SHARE
    pdf = drawing.pdf()
    assert pdf.startswith(b"%PDF-1.")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    box = re.search(rb"/MediaBox\s*\[\s*0 0 (\S+) (\S+)\s*\]", pdf)
    assert box is not None
    assert [round(float(value)) for value in box.groups()] == [595, 842]
    assert not re.search(rb"/Subtype\s*/Image", pdf), "letters and lines, no pixels"


def test_the_margins_stay_white_and_the_page_is_full_of_ink_within(qapp: QApplication) -> None:
    picture = QImage(420, 594, QImage.Format.Format_Grayscale8)
    picture.fill(QColor("black"))
    painter = QPainter(picture)
    ReportDrawing(page_of(report())).paint(painter, QRectF(picture.rect()))
    painter.end()
    rows = [[picture.pixelColor(x, y).red() for x in range(420)] for y in range(594)]
    assert all(value == 255 for row in rows for value in (*row[:18], *row[-18:]))
    assert all(value == 255 for row in (*rows[:20], *rows[-20:]) for value in row)
    inked = [place for place, row in enumerate(rows) if min(row) < 120]
    assert min(inked) < 50
    assert max(inked) > 400


def test_it_asks_at_once_and_again_with_other_choices(
    shown: Shown, asked: list[tuple[bool, bool]], qtbot: QtBot
) -> None:
    dialog = shown()
    assert asked == [(True, False)]
    assert not dialog.pdf_button.isEnabled()
    dialog.show_page(page_of(report()))
    assert dialog.pdf_button.isEnabled()
    assert "not an mTSS" in dialog.note.text()
    QTest.keyClick(dialog, Qt.Key.Key_D, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: asked[1:] == [(True, True)])
    QTest.keyClick(dialog, Qt.Key.Key_P, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: asked[2:] == [(False, True)])
    assert not dialog.html_button.isEnabled()


def test_what_cannot_be_reported_is_told(shown: Shown) -> None:
    dialog = shown()
    dialog.show_page(page_of(report()))
    dialog.show_failure(KnuckleError("Nothing was read.", "Read first."))
    assert dialog.note.text() == "⚠ Nothing was read. Read first."
    assert not dialog.pdf_button.isEnabled()
    assert dialog.preview.accessibleDescription() == ""


def test_both_files_are_written_and_a_failure_is_told(shown: Shown, tmp_path: Path) -> None:
    dialog, page = shown(), page_of(report())
    dialog.show_page(page)
    dialog.save_html(tmp_path / "見.html")
    assert (tmp_path / "見.html").read_text("utf-8") == page.html
    assert dialog.note.text() == "The report is saved as 見.html."
    dialog.save_pdf(tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes().startswith(b"%PDF")
    dialog.save_pdf(tmp_path / "gone" / "a.pdf")
    assert dialog.note.text().startswith("⚠ The report could not be written")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.pdf", "見.html"]


def test_files_are_chosen_under_the_patient_code(shown: Shown, tmp_path: Path) -> None:
    keep_qt_settings_in(tmp_path / "settings")
    dialog = shown()
    dialog.show_page(page_of(report()))
    names: list[str] = []

    def answer() -> None:
        chooser = QApplication.activeModalWidget()
        assert isinstance(chooser, QFileDialog)
        name = chooser.findChild(QLineEdit)
        assert name is not None
        names.append(name.text())
        chooser.accept()

    for button in (dialog.html_button, dialog.pdf_button):
        QTimer.singleShot(0, answer)
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert names == ["K-015.html", "K-015.pdf"]
    assert (tmp_path / "K-015.pdf").exists()


@pytest.mark.parametrize("look", [DARK, LIGHT], ids=lambda look: str(look.name))
def test_paper_is_white_in_both_themes(shown: Shown, qapp: QApplication, look: Theme) -> None:
    theme.apply(qapp, look)
    dialog = shown()
    dialog.show_page(page_of(report()))
    QApplication.processEvents()
    picture = dialog.preview.grab().toImage()
    assert picture.pixelColor(5, 5) == QColor("white")
    assert dialog.preview.height() == dialog.preview.heightForWidth(dialog.preview.width())
