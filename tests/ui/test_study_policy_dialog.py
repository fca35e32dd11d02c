"""When readers see proposals: what is said of each way, and what is chosen by keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from annotator.domain.revealing import RevealPolicy
from annotator.ui.study_dialog import StudyDialog
from annotator.ui.study_policy_dialog import StudyPolicyDialog, policy_meaning, policy_word
from tests.ui.dialog_driver import in_front

ALT = Qt.KeyboardModifier.AltModifier


def focused() -> QWidget:
    widget = QApplication.focusWidget()
    assert widget is not None
    return widget


@pytest.mark.parametrize("current", list(RevealPolicy))
def test_it_begins_with_what_the_study_has(qtbot: QtBot, current: RevealPolicy) -> None:
    dialog = StudyPolicyDialog("Hands", current)
    in_front(qtbot, dialog)
    assert dialog.policy is current
    assert dialog.choices[current].hasFocus()


def test_each_way_is_said_in_one_sentence_and_that_it_is_audited(qtbot: QtBot) -> None:
    dialog = StudyPolicyDialog("Hands", RevealPolicy.AT_ONCE)
    in_front(qtbot, dialog)
    labels = {label.text(): label for label in dialog.findChildren(QLabel)}
    assert "Readers of Hands see proposals" in labels
    assert "This is audited; what readers saw before stays seen." in labels
    meanings = [policy_meaning(policy) for policy in RevealPolicy]
    assert len(set(meanings)) == len(meanings)
    for policy, meaning in zip(RevealPolicy, meanings, strict=True):
        assert meaning.count(".") == 1
        assert dialog.choices[policy].accessibleDescription() == meaning
        label = labels[meaning]
        assert label.height() >= label.heightForWidth(label.width())


def test_arrows_walk_and_enter_takes_it(qtbot: QtBot) -> None:
    dialog = StudyPolicyDialog("Hands", RevealPolicy.AT_ONCE)
    in_front(qtbot, dialog)
    for policy in (RevealPolicy.ALL_LABELLED, RevealPolicy.SIGNED):
        QTest.keyClick(focused(), Qt.Key.Key_Down)
        assert dialog.policy is policy
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted
    assert dialog.policy is RevealPolicy.SIGNED


def test_letters_choose_and_escape_leaves(qtbot: QtBot) -> None:
    dialog = StudyPolicyDialog("Hands", RevealPolicy.AT_ONCE)
    in_front(qtbot, dialog)
    for key, policy in (
        (Qt.Key.Key_J, RevealPolicy.ALL_LABELLED),
        (Qt.Key.Key_S, RevealPolicy.SIGNED),
        (Qt.Key.Key_A, RevealPolicy.AT_ONCE),
    ):
        QTest.keyClick(dialog, key, ALT)
        qtbot.waitUntil(dialog.choices[policy].isChecked)
        assert dialog.policy is policy
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.result() == QDialog.DialogCode.Rejected


def test_a_new_study_shows_them_at_once_unless_another_way_is_chosen(qtbot: QtBot) -> None:
    dialog = StudyDialog()
    in_front(qtbot, dialog)
    assert dialog.policy is RevealPolicy.AT_ONCE
    QTest.keyClick(dialog, Qt.Key.Key_P, ALT)
    combo = focused()
    assert isinstance(combo, QComboBox)
    words = [combo.itemText(place) for place in range(combo.count())]
    assert words == [policy_word(policy) for policy in RevealPolicy]
    for policy in (RevealPolicy.ALL_LABELLED, RevealPolicy.SIGNED):
        QTest.keyClick(combo, Qt.Key.Key_Down)
        assert dialog.policy is policy
