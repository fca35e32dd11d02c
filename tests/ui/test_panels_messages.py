"""What is said is shown, a failure stays until it is over, and one confirmation is one question."""

import pytest
from panels_samples import click
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget

from annotator.domain.errors import KnuckleError, SaveError
from annotator.ui import messages as spoken
from annotator.ui import theme
from annotator.ui.messages import MessageBar, Messages, NoticeLabel, Recorder
from annotator.ui.theme import DARK, LIGHT

DISK = SaveError("The change could not be saved: the disk is full.", "Make room on the disk.")
LOCKED = KnuckleError("This reading is signed.", "Reopen it first.")


@pytest.fixture
def messages(qtbot):
    return Messages()


@pytest.fixture
def bar(qtbot, messages):
    made = MessageBar(messages)
    qtbot.addWidget(made)
    return made


def test_a_warning_says_what_happened_and_what_to_do_and_passes(bar, messages, qtbot, monkeypatch):
    bar._passing.setInterval(20)
    messages.warn(LOCKED)
    assert bar.isVisible()
    assert bar.text == "This reading is signed. Reopen it first."
    assert not bar._retry.isVisible()
    qtbot.waitUntil(bar.isHidden)


def test_a_failed_save_stays_through_warnings_until_it_is_over(bar, messages):
    messages.fail(DISK)
    messages.warn(LOCKED)
    assert not bar._passing.isActive()
    assert bar.isVisible()
    assert "the disk is full" in bar.text
    assert "Nothing that was saved is lost" in bar.text
    assert messages.failing
    messages.resolve()
    assert bar.isHidden()
    assert not messages.failing


def test_a_failure_after_a_warning_is_not_taken_away_by_the_warnings_time(bar, messages):
    messages.warn(LOCKED)
    assert bar._passing.isActive()
    messages.fail(DISK)
    assert not bar._passing.isActive()
    assert bar.isVisible()
    assert bar.property("bar") == "failure"


@pytest.mark.parametrize("look", [DARK, LIGHT], ids=lambda look: str(look.name))
def test_a_failure_after_a_warning_is_written_in_its_own_colour(bar, messages, qapp, look):
    theme.apply(qapp, look)
    bar.resize(500, 40)
    messages.warn(LOCKED)
    messages.fail(LOCKED)
    for part in (bar._text, bar._close):
        picture = bar.grab(part.geometry()).toImage()
        shown = {
            picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())
        }
        assert {look.alarm, look.on_alarm} <= shown
    messages.resolve()
    messages.warn(LOCKED)
    picture = bar.grab(bar._text.geometry()).toImage()
    shown = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
    assert {look.raised, look.text} <= shown


def test_it_tells_how_much_it_covers(bar, messages):
    told = []
    bar.covers.connect(told.append)
    messages.warn(LOCKED)
    one_line = told[-1]
    assert one_line == bar.height() > 0
    bar.resize(bar.width(), one_line + 30)
    assert told[-1] == one_line + 30
    click(bar._close)
    assert told[-1] == 0


def test_a_failed_save_can_be_tried_again_at_once_and_the_bar_dismissed(bar, messages, qtbot):
    messages.fail(DISK)
    with qtbot.waitSignal(bar.retry_asked):
        click(bar._retry)
    click(bar._close)
    assert bar.isHidden()
    assert messages.failing


def test_something_else_that_fails_offers_no_retry(bar, messages):
    messages.fail(LOCKED)
    assert bar.isVisible()
    assert bar._retry.isHidden()


def test_what_works_again_is_told_once(messages, qtbot):
    recorder = Recorder().listen(messages)
    messages.resolve()
    messages.fail(DISK)
    messages.resolve()
    messages.resolve()
    assert [kind for kind, _ in recorder.spoken] == ["failure", "resolved"]


def test_the_recorder_hears_everything_and_answers(messages):
    recorder = Recorder(answer=False).listen(messages)
    messages.info("Window: bone")
    messages.warn(LOCKED)
    assert not messages.ask("Sign", "Signing locks this reading.", "Sign")
    recorder.answer = True
    assert messages.ask("Sign", "Signing locks this reading.", "Sign")
    assert recorder.of("info") == ["Window: bone"]
    assert recorder.of("warning") == [str(LOCKED)]
    assert recorder.of("question") == ["Sign: Signing locks this reading."] * 2


@pytest.mark.parametrize(("key", "answer"), [(Qt.Key.Key_Return, True), (Qt.Key.Key_Escape, False)])
def test_a_confirmation_is_answered_by_one_key(qtbot, key, answer):
    window = QWidget()
    qtbot.addWidget(window)
    seen = []

    def press():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        seen.append((box.text(), [button.text() for button in box.findChildren(QPushButton)]))
        QTest.keyClick(box, key)
        box.close()  # a test that fails must not wait for ever

    QTimer.singleShot(0, press)
    assert Messages(window).ask("Rest is normal", "12 joints become normal.", "Set to normal") is answer
    assert seen[0][0] == "12 joints become normal."
    assert set(seen[0][1]) == {"Set to normal", "Cancel"}


def test_sentences_are_translated_around_their_values(monkeypatch):
    words = {"{name} may not {what}.": "{what}: {name} には許可されていません。"}
    monkeypatch.setattr(
        spoken.QCoreApplication, "translate", staticmethod(lambda _context, text: words.get(text, text))
    )
    error = KnuckleError("Dr. A may not sign.", "Ask Dr. B.", name="Dr. A", what="sign")
    assert spoken.sentences(error) == ("sign: Dr. A には許可されていません。", "Ask Dr. B.")
    assert spoken.sentences(LOCKED) == (LOCKED.message, LOCKED.advice)


def test_the_notice_says_what_knuckle_is_not_for(qtbot):
    notice = NoticeLabel()
    qtbot.addWidget(notice)
    assert notice.text() == "Research use only · not for diagnosis"
