"""Comments are written by keyboard in a dialog of our own, and a failure without a window is told."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from annotator.domain.errors import KnuckleError
from annotator.ui.comment_dialog import CommentDialog, ask_comment
from annotator.ui.job_bar import JobBar
from annotator.ui.messages import tell
from annotator.workflow.jobs import JobRunner, Lane
from tests.languages import knowing, spoken

NONE, CONTROL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
RETURN, ESCAPE = Qt.Key.Key_Return, Qt.Key.Key_Escape


@pytest.mark.parametrize(
    ("key", "modifier", "answer"), [(RETURN, CONTROL, "poor\ncontrast"), (ESCAPE, NONE, None)]
)
def test_a_comment_of_two_lines_is_kept_or_left(qapp, key, modifier, answer):
    seen = []

    def write():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, CommentDialog)
        seen.append(dialog.field.toPlainText())
        QTest.keyClicks(dialog.field, "poor")
        QTest.keyClick(dialog.field, RETURN)
        QTest.keyClicks(dialog.field, "contrast ")
        QTest.keyClick(dialog.field, key, modifier)
        dialog.close()  # a test that fails must not wait for ever

    QTimer.singleShot(0, write)
    assert ask_comment(None, "Comment on the image", "as it was") == answer
    assert seen == ["as it was"]


def test_a_comment_can_be_taken_away(qapp):
    def clear():
        dialog = QApplication.activeModalWidget()
        QTest.keyClick(dialog.field, Qt.Key.Key_Delete)  # all of it is selected
        QTest.keyClick(dialog.field, Qt.Key.Key_Tab)
        QTest.mouseClick(dialog.yes, Qt.MouseButton.LeftButton)
        dialog.close()

    QTimer.singleShot(0, clear)
    assert ask_comment(None, "Comment on the image", "as it was") == ""


def test_what_fails_without_a_window_is_told_with_what_to_do(qapp):
    seen = []

    def read():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append((box.text(), box.informativeText()))
        QTest.keyClick(box, RETURN)
        box.close()

    QTimer.singleShot(0, read)
    tell(None, KnuckleError("The folder is gone.", "Choose another."))
    assert seen == [("The folder is gone.", "Choose another.")]


def test_titles_of_jobs_are_translated(qtbot, qapp):
    runner = JobRunner()
    with spoken(knowing({("Job", "Import"): "取り込み"})):
        bar = JobBar(runner)
        qtbot.addWidget(bar)
        for title in ("Import", "Scan"):
            runner.submit(Lane.BACK, title, lambda _report: None, print, print)
        assert bar.text.text() == bar.text.toolTip() == "取り込み"
        assert bar.more.toolTip() == "Scan"
    runner.shutdown()
