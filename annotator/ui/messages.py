"""The only place that speaks to the reader: something passes, warns, fails, or is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from annotator.domain.errors import KnuckleError, SaveError

WARNING_LASTS_MS = 12_000
Asker = Callable[[str, str, str], bool]


def sentences(error: KnuckleError) -> tuple[str, str]:
    """What happened and what to do, in the language of the window.

    Sentences are looked up with {name} in the place of each value of the error's context.
    """
    return _translated(error.message, error.context), _translated(error.advice, error.context)


def _translated(sentence: str, context: dict[str, str]) -> str:
    template = sentence
    for name, value in sorted(context.items(), key=lambda item: -len(item[1])):
        if value:
            template = template.replace(value, f"{{{name}}}")
    found = QCoreApplication.translate("KnuckleError", template)
    if found == template:
        return sentence
    for name, value in context.items():
        found = found.replace(f"{{{name}}}", value)
    return found


class Messages(QObject):
    """Whoever has something to say calls this; whoever shows it listens.

    said: a line that passes. warned: a KnuckleError that is shown for a while. failed: one that stays until
    it is dismissed or `resolve` is called. resolved: what had failed works again. asked: title and text of a
    question, before it is answered. outlived: what was warned of is past.
    """

    said = Signal(str)
    warned = Signal(object)
    failed = Signal(object)
    resolved = Signal()
    outlived = Signal()
    asked = Signal(str, str)

    def __init__(self, window: QWidget | None = None, asker: Asker | None = None) -> None:
        """asker: answers the questions instead of a dialog over the window; takes title, text, yes label."""
        super().__init__(window)
        self.asker: Asker = asker or (lambda title, text, yes: _confirmed(window, title, text, yes))
        self._failing = False

    @property
    def failing(self) -> bool:
        """Something failed and has not been resolved."""
        return self._failing

    def info(self, text: str) -> None:
        self.said.emit(text)

    def warn(self, error: KnuckleError) -> None:
        self.warned.emit(error)

    def fail(self, error: KnuckleError) -> None:
        self._failing = True
        self.failed.emit(error)

    def resolve(self) -> None:
        """What had failed works again; nothing happens where nothing had failed."""
        if self._failing:
            self._failing = False
            self.resolved.emit()

    def ask(self, title: str, text: str, yes_label: str) -> bool:
        """One confirmation; Enter says yes, Escape no."""
        self.asked.emit(title, text)
        return self.asker(title, text, yes_label)


@dataclass
class Recorder:
    """Everything that was said, in order, as (kind, text); for tests. It answers questions with `answer`."""

    answer: bool = True
    spoken: list[tuple[str, str]] = field(default_factory=list)

    def listen(self, messages: Messages) -> Recorder:
        messages.asker = lambda _title, _text, _yes: self.answer
        messages.said.connect(lambda text: self.spoken.append(("info", text)))
        messages.warned.connect(lambda error: self.spoken.append(("warning", str(error))))
        messages.failed.connect(lambda error: self.spoken.append(("failure", str(error))))
        messages.resolved.connect(lambda: self.spoken.append(("resolved", "")))
        messages.asked.connect(lambda title, text: self.spoken.append(("question", f"{title}: {text}")))
        return self

    def of(self, kind: str) -> list[str]:
        return [text for k, text in self.spoken if k == kind]


class MessageBar(QFrame):
    """Warnings and failures, above the radiograph. A failure is never hidden by a warning.

    retry_asked: the reader wants a failed save to be tried again now. covers(height): so much of what it lies
    over is under it now, 0 where it is hidden.
    """

    retry_asked = Signal()
    covers = Signal(int)

    def __init__(self, messages: Messages, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._retry = QPushButton(self.tr("Try again now"))
        self._retry.clicked.connect(self.retry_asked)
        self._close = QToolButton()
        self._close.setText("✕")
        self._close.setToolTip(self.tr("Dismiss"))
        self._close.setAccessibleName(self.tr("Dismiss"))
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        for widget in (self._text, self._retry, self._close):
            row.addWidget(widget)
        self._passing = QTimer(self, singleShot=True, interval=WARNING_LASTS_MS)
        self._passing.timeout.connect(self.hide)
        self.setVisible(False)
        messages.warned.connect(self._warn)
        messages.outlived.connect(self._outlive)
        messages.failed.connect(self._fail)
        messages.resolved.connect(self._resolve)

    @property
    def text(self) -> str:
        return self._text.text()

    def show_keys(self, retry: str, dismiss: str) -> None:
        """The keys that do what the buttons do, "" where there is none."""
        self._retry.setText(f"{self.tr('Try again now')}  {retry}".rstrip())
        self._close.setToolTip(f"{self.tr('Dismiss')}  {dismiss}".rstrip())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell_height()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._tell_height()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tell_height()

    def _tell_height(self) -> None:
        self.covers.emit(0 if self.isHidden() else self.height())

    def _warn(self, error: KnuckleError) -> None:
        if not self.isHidden() and self.property("bar") == "failure":
            return
        self._show(" ".join(sentences(error)), "warning", can_retry=False)
        self._passing.start()

    def _fail(self, error: KnuckleError) -> None:
        self._passing.stop()
        text = " ".join(sentences(error))
        if isinstance(error, SaveError):
            text += " " + self.tr("Nothing that was saved is lost; saving is tried again.")
        self._show(text, "failure", can_retry=isinstance(error, SaveError))

    def _outlive(self) -> None:
        if self.property("bar") == "warning":
            self.hide()

    def _resolve(self) -> None:
        if self.property("bar") == "failure":
            self.hide()

    def _show(self, text: str, kind: str, *, can_retry: bool) -> None:
        self.setProperty("bar", kind)
        # A style sheet looks again only at what it is asked to.
        for widget in (self, self._text, self._close):
            self.style().unpolish(widget)
            self.style().polish(widget)
        self._text.setText(("⚠  " if kind == "failure" else "") + text)
        self._retry.setVisible(can_retry)
        self.show()


class NoticeLabel(QLabel):
    """What Knuckle is not for; stands at the right end of the menu bar."""

    def __init__(self, who: str = "", parent: QWidget | None = None) -> None:
        """who: is signed in."""
        super().__init__(parent)
        notice = self.tr("Research use only · not for diagnosis")
        self.setText(f"{notice}   |   {who}" if who else notice)
        self.setProperty("tone", "warning")
        self.setContentsMargins(12, 5, 12, 5)  # as high as the titles of the menus


def tell(window: QWidget | None, error: KnuckleError) -> None:
    """Say it in a box of its own and wait: for what fails while there is no window with a message bar."""
    happened, advice = sentences(error)
    box = QMessageBox(QMessageBox.Icon.Warning, QCoreApplication.applicationName(), happened, parent=window)
    box.setInformativeText(advice)
    box.addButton(QCoreApplication.translate("Messages", "Close"), QMessageBox.ButtonRole.AcceptRole)
    box.exec()
    box.deleteLater()


def _confirmed(window: QWidget | None, title: str, text: str, yes_label: str) -> bool:
    box = QMessageBox(QMessageBox.Icon.NoIcon, title, text, parent=window)
    yes = box.addButton(yes_label, QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QCoreApplication.translate("Messages", "Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(yes)
    box.exec()
    return box.clickedButton() is yes
