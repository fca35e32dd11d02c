"""Train a new version: what to train, how it goes, how it compares; it goes on when the dialog is closed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QPushButton,
    QStackedWidget,
    QWidget,
)

from annotator.domain.errors import KnuckleError
from annotator.domain.training import ReleaseFacts, Standing, TrainingState
from annotator.domain.versions import ModelVersion
from annotator.ui.dialog_layout import button_row, dialog_column
from annotator.ui.messages import sentences
from annotator.ui.sheet_header import set_tone
from annotator.ui.theme import Theme
from annotator.ui.training_pages import ResultPage, RunPage, WishPage


class TrainingDialog(QDialog):
    """Shows what it is given, and only asks.

    release_chosen(Path): for its facts, `show_release`. begin_asked(Wish), pause_asked, go_on_asked,
    cancel_asked: for the training that is shown. bring_asked(TrainingState, bool): bring the new version in,
    and activate it. image_chosen(TrainingState, str): look at this file of its release.
    """

    release_chosen = Signal(object)
    begin_asked = Signal(object)
    pause_asked = Signal()
    go_on_asked = Signal()
    cancel_asked = Signal()
    bring_asked = Signal(object, bool)
    image_chosen = Signal(object, str)

    def __init__(
        self,
        theme: Theme,
        active_name: str,
        free_name: str,
        *,
        can_pause: bool,
        parent: QWidget | None = None,
    ) -> None:
        """active_name: of the version that proposes, "" for none. free_name: what the new one could be
        called. can_pause: this system can stop a process for a while."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Train a new version"))
        self._state: TrainingState | None = None
        self._left = ""
        self._can_pause, self._busy, self._brought = can_pause, False, False
        self.wish_page, self.run_page = WishPage(active_name, free_name), RunPage(theme)
        self.result_page = ResultPage()
        self.stack, self.title, self.note = QStackedWidget(), QLabel(), QLabel()
        self.title.setProperty("size", "large")
        self.note.setWordWrap(True)
        self._make_buttons()
        self._arrange()
        self._connect()
        self.show_wish()

    @property
    def state(self) -> TrainingState | None:
        """Of the training that is shown; None while one is being thought out."""
        return self._state if self.stack.currentWidget() is not self.wish_page else None

    def show_wish(self) -> None:
        """The page on which a new one is thought out; what is told of the one before does not end that."""
        self._left = "" if self._state is None else self._state.plan.name
        self._go_to(self.wish_page, self.tr("Train a new version"))

    def show_release(self, release: ReleaseFacts) -> None:
        self.say("", "muted")
        self.wish_page.show_release(release)

    def show_state(self, state: TrainingState) -> None:
        """How the training stands."""
        before, self._state = self._state, state
        if self.state is None and state.plan.name == self._left:
            return
        self._left = ""
        if before is None or before.plan.name != state.plan.name:
            self._brought = False
            self.say("", "muted")
        if state.standing is Standing.FINISHED and state.comparison is not None:
            if before != state or self.stack.currentWidget() is not self.result_page:
                self.result_page.show_comparison(state.comparison)
            self._go_to(self.result_page, self.tr("{name} is trained").format(name=state.plan.name))
        else:
            self.run_page.show_state(state)
            going = state.standing in (Standing.RUNNING, Standing.DUE)
            title = self.tr("{name} is being trained") if going else self.tr("{name} stands still")
            self._go_to(self.run_page, title.format(name=state.plan.name))

    def show_refusal(self, error: KnuckleError) -> None:
        """What was asked for could not be done."""
        self.say("⚠ " + " ".join(sentences(error)), "danger")

    def show_brought(self, version: ModelVersion, *, activated: bool) -> None:
        """The new version was brought in."""
        self._brought = True
        said = self.tr("{name} is brought in.").format(name=version.name)
        more = (
            self.tr("It proposes from now on.") if activated else self.tr("It proposes once it is activated.")
        )
        self.say(f"{said} {more}", "ok")
        self._enable()

    def set_busy(self, busy: bool) -> None:
        """Something that was asked for is being done."""
        self._busy = busy
        self._enable()

    def say(self, text: str, tone: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))
        set_tone(self.note, tone)

    def _begin(self) -> None:
        wish = self.wish_page.wish
        if wish is not None:
            self.say("", "muted")
            self.begin_asked.emit(wish)

    def _pause_or_go_on(self) -> None:
        state = self._state
        if state is not None:
            self.say("", "muted")
            (self.go_on_asked if state.standing.can_go_on else self.pause_asked).emit()

    def _bring(self, *, activate: bool) -> None:
        if self._state is not None:
            self.bring_asked.emit(self._state, activate)

    def _go_to(self, page: QWidget, title: str) -> None:
        self.title.setText(title)
        if self.stack.currentWidget() is not page:
            self.stack.setCurrentWidget(page)
        self._enable()

    def _enable(self) -> None:
        page, state, free = self.stack.currentWidget(), self._state, not self._busy
        standing = state.standing if state is not None else Standing.FINISHED
        runs, stands_still = standing is Standing.RUNNING, standing.can_go_on
        wishing, running, finished = (
            page is one for one in (self.wish_page, self.run_page, self.result_page)
        )
        self.start_button.setVisible(wishing)
        self.start_button.setEnabled(free and self.wish_page.wish is not None)
        self.pause_button.setVisible(running and (stands_still or self._can_pause))
        self.pause_button.setText(self.tr("&Go on") if stands_still else self.tr("&Pause"))
        self.pause_button.setEnabled(free and standing is not Standing.DUE)
        self.cancel_button.setVisible(running)
        self.cancel_button.setEnabled(free and (runs or standing is Standing.PAUSED))
        self.new_button.setVisible(finished or (running and stands_still and standing is not Standing.PAUSED))
        self.new_button.setEnabled(free)
        for button in (self.activate_button, self.bring_button):
            button.setVisible(finished)
            button.setEnabled(free and not self._brought)
        self.close_button.setText(self.tr("&Close, it goes on") if running and runs else self.tr("&Close"))

    def _make_buttons(self) -> None:
        self.start_button, self.pause_button = QPushButton(self.tr("&Start")), QPushButton(self.tr("&Pause"))
        self.cancel_button = QPushButton(self.tr("Ca&ncel training"))
        self.new_button = QPushButton(self.tr("&Train another…"))
        self.activate_button = QPushButton(self.tr("Bring in and &activate"))
        self.bring_button = QPushButton(self.tr("&Bring in only"))
        self.close_button = QPushButton(self.tr("&Close"))
        self.start_button.setProperty("strong", True)  # what comes of it is for whoever looks to decide

    def _connect(self) -> None:
        self.start_button.clicked.connect(self._begin)
        self.pause_button.clicked.connect(self._pause_or_go_on)
        self.cancel_button.clicked.connect(self.cancel_asked)
        self.new_button.clicked.connect(self.show_wish)
        self.activate_button.clicked.connect(lambda: self._bring(activate=True))
        self.bring_button.clicked.connect(lambda: self._bring(activate=False))
        self.close_button.clicked.connect(self.reject)
        self.wish_page.release_chosen.connect(self.release_chosen)
        self.wish_page.changed.connect(self._enable)
        self.result_page.image_chosen.connect(lambda file: self.image_chosen.emit(self._state, file))

    def _arrange(self) -> None:
        for page in (self.wish_page, self.run_page, self.result_page):
            self.stack.addWidget(page)
        row = button_row(
            self.activate_button,
            self.bring_button,
            self.start_button,
            self.pause_button,
            self.cancel_button,
            self.new_button,
            self.close_button,
        )
        whole = dialog_column(self)
        whole.addWidget(self.title)
        whole.addWidget(self.stack, 1)
        whole.addWidget(self.note)
        whole.addLayout(row)
        self.resize(960, 680)
