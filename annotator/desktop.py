"""The program with its window: signing in, one window a sitting, and what the last run left."""

from __future__ import annotations

import gc
import sys
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject
from PySide6.QtWidgets import QApplication, QMessageBox

from annotator import __version__, fonts, settings
from annotator.app import House, open_house
from annotator.domain.errors import KnuckleError
from annotator.domain.images import Study
from annotator.domain.people import Person, Role
from annotator.logs import Logs, last_crash
from annotator.settings import Settings
from annotator.ui import theme
from annotator.ui.choosing import keep_qt_settings_in
from annotator.ui.main_window import MainWindow
from annotator.ui.sign_in_dialog import SignInDialog
from annotator.workflow.sweeping import unswept


class Desktop(QObject):
    """Owns the window that is open, and opens the next one for another person or study."""

    def __init__(self, house: House, preferences: Settings) -> None:
        super().__init__()
        self._house, self._settings = house, preferences
        self.window: MainWindow | None = None

    def start(self, reader: str, *, at_sample: bool = False) -> bool:
        """Open the window for a reader, or for whom the dialog names; False where nobody signs in.

        at_sample: at the sample study, else at the one that was worked at last.
        """
        administration = self._house.administration
        person = administration.enter(reader, Role.READER) if reader else self._ask_who()
        if person is not None:
            self.show(person, administration.sample_study(person) if at_sample else self._study(person))
        return person is not None

    def show(self, person: Person, study: Study) -> MainWindow:
        """A window of this person at this study instead of the one that is open."""
        old = self.window
        window = MainWindow(
            self._house.sitting(person, study),
            self._house.jobs,
            self._settings,
            self._house.paths.window_state,
        )
        window.set_studies(self._house.administration.studies.all())
        window.sign_in_asked.connect(self._change_person)
        window.study_asked.connect(lambda chosen: self._change_study(person, chosen))
        window.settings_changed.connect(self._take_settings)
        self.window = window
        self._take_settings(replace(self._settings, last_reader=person.name, last_study=study.name))
        window.show()
        if old is not None:
            old.deleteLater()
        self._house.administration.complete_sample(study, person)  # the first start draws it
        self._house.models.complete_shipped(person, lambda new: self._brought(new=new), self._told)
        return window

    def _brought(self, *, new: bool) -> None:
        """The version that comes with Knuckle is there, in whatever window."""
        if new and self.window is not None:
            self.window.sitting.version_changed()

    def _change_person(self) -> None:
        person = self._ask_who()
        if person is not None and self.window is not None and self.window.close():
            self.show(person, self._study(person))

    def _change_study(self, person: Person, study: Study) -> None:
        if self.window is not None and self.window.close():
            self.show(person, study)

    def _ask_who(self) -> Person | None:
        administration = self._house.administration
        while True:
            dialog = SignInDialog(administration.people.all(), self._settings.last_reader, self.window)
            if not dialog.exec():
                return None
            try:
                return administration.enter(dialog.name, dialog.role)
            except KnuckleError as error:
                QMessageBox.warning(self.window, "Knuckle", str(error))

    def _study(self, person: Person) -> Study:
        """The study last worked at, else the first, else the sample, which is made."""
        known = self._house.administration.studies.all()
        last = [study for study in known if study.name == self._settings.last_study]
        if known:
            return (last or known)[0]
        return self._house.administration.sample_study(person)

    def _told(self, error: KnuckleError) -> None:
        if self.window is not None:
            self.window.messages.warn(error)

    def _take_settings(self, changed: Settings) -> None:
        old, self._settings = self._settings, changed
        app = QApplication.instance()
        if old.theme != changed.theme and isinstance(app, QApplication):
            theme.apply(app, theme.THEMES[changed.theme])
        if self.window is not None:
            self.window.take_settings(changed)
        try:
            settings.save(self._house.paths.settings, changed)
        except KnuckleError as error:
            self._told(error)


def application() -> QApplication:
    """Qt's application with Knuckle's own letters and name. Raises KnuckleError where there are none."""
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else QApplication(sys.argv[:1])
    app.setApplicationName("Knuckle")
    app.setApplicationVersion(__version__)
    app.setWindowIcon(theme.window_icon())
    fonts.install(app)
    gc.freeze()  # what was imported stays; a sweep that looks through all of it holds the window for 0.1 s
    return app


def run(data: Path, reader: str, *, at_sample: bool = False) -> int:
    """Open the window on a data folder and stay until it is closed; the exit status."""
    try:
        app = application()
        with unswept(), open_house(data) as house:  # the window's own sweeper sees to the garbage
            keep_qt_settings_in(house.paths.root)
            crash = last_crash(house.paths)
            logs = Logs(house.paths, __version__)
            theme.apply(app, theme.THEMES[house.preferences.theme])
            desktop = Desktop(house, house.preferences)
            if desktop.start(reader, at_sample=at_sample) and desktop.window is not None:
                _tell_what_was_left(desktop.window, house.complaint, crash)
                app.exec()
            desktop.window = None
            logs.close()
    except KnuckleError as error:
        print(error, file=sys.stderr)
        QMessageBox.critical(None, "Knuckle", str(error))
        return 1
    return 0


def _tell_what_was_left(window: MainWindow, problem: str | None, crash: str | None) -> None:
    if crash:
        window.messages.warn(
            KnuckleError(
                QCoreApplication.translate("Desktop", "Knuckle ended unexpectedly last time."),
                QCoreApplication.translate(
                    "Desktop",
                    "Everything that was shown as saved is there; logs/crash.txt says where it ended.",
                ),
            )
        )
    elif problem:
        window.messages.warn(
            KnuckleError(problem, QCoreApplication.translate("Desktop", "Set them anew if needed."))
        )
