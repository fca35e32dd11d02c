"""Two releases are chosen and compared in the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from annotator.domain.errors import KnuckleError
from annotator.domain.export_policy import Policy
from annotator.domain.findings import Finding
from annotator.exchange.release_difference import difference
from annotator.exporting_command import exporter_of
from annotator.ui.releases_dialog import ReleasesDialog
from annotator.workflow.exporting import Form, Order
from tests.export_samples import read_films
from tests.study_fixtures import quietly, sit_down

Pair = tuple[Path, Path]


@pytest.fixture
def dialog(qtbot: QtBot) -> ReleasesDialog:
    made = ReleasesDialog()
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


@pytest.fixture
def releases(data: Path, tmp_path: Path, qapp: object) -> Pair:
    """Of all findings, and of ankylosis alone."""
    read_films(data, only=2)
    before, after = tmp_path / "前", tmp_path / "after"
    with sit_down(data) as desk:
        for out, findings in ((before, frozenset(Finding)), (after, frozenset({Finding.ANKYLOSIS}))):
            policy = Policy(desk.study.id, findings=findings)
            order = Order(desk.study, policy, Form.RELEASE)
            exporter_of(desk.house).export(order, out, desk.person, quietly)
    return before, after


def test_two_real_releases_are_compared_by_keys_alone(dialog: ReleasesDialog, releases: Pair) -> None:
    asked: list[Pair] = []

    def compare(before: Path, after: Path) -> None:
        asked.append((before, after))
        found = difference(before, after)
        dialog.show_lines(found.lines, same=found.same)

    dialog.compare_asked.connect(compare)
    assert not dialog.compare_button.isEnabled()
    dialog.before.setText(str(releases[0]))
    dialog.after.setText(f" {releases[1]} ")
    QTest.keyClick(dialog.after, Qt.Key.Key_Return)
    assert asked == [releases]
    assert dialog.isVisible()
    lines = dialog.model.stringList()
    assert lines == difference(*releases).lines
    assert lines[0].startswith("images: 0 added, 0 removed, 0 changed; labels: 0 added")
    assert dialog.note.text() == f"The releases differ. Lines: {len(lines)}."
    assert dialog.focusWidget() is dialog.list
    dialog.after.setText(str(releases[0]))
    assert dialog.model.rowCount() == 0
    QTest.mouseClick(dialog.compare_button, Qt.MouseButton.LeftButton)
    assert dialog.note.text() == "Both releases have the same images, labels and folds."


def test_a_failure_is_told_and_a_late_answer_is_passed_over(dialog: ReleasesDialog) -> None:
    dialog.before.setText("/a")
    dialog.after.setText("/b")
    dialog.show_lines(["nobody asked"], same=True)
    assert dialog.model.rowCount() == 0
    dialog.compare_button.click()
    assert not dialog.compare_button.isEnabled()
    dialog.show_failure(KnuckleError("a is no release.", "See what is wrong."))
    assert dialog.note.text() == "⚠ a is no release. See what is wrong."
    assert dialog.compare_button.isEnabled()
    dialog.compare_button.click()
    dialog.before.setText("/c")
    dialog.show_lines(["of /a"], same=True)
    assert dialog.model.rowCount() == 0
