"""What is done to the study: going from image to image, importing, withdrawing, new studies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from annotator.domain.errors import KnuckleError
from annotator.domain.people import Right
from annotator.ui.actions import Actions
from annotator.ui.import_dialog import ImportCounts, ImportDialog
from annotator.ui.messages import Messages
from annotator.ui.reason_dialog import ask_reason
from annotator.ui.study_dialog import RelocateDialog, StudyDialog
from annotator.workflow.library import ImportResult, Relocation
from annotator.workflow.sitting import Sitting


class StudyControls(QObject):
    """study_made(Study): the reader wants to go on in another study."""

    study_made = Signal(object)

    def __init__(
        self, sitting: Sitting, actions: Actions, messages: Messages, window: QWidget, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._sitting, self._messages, self._window = sitting, messages, window
        self._last_folder = ""
        sitting.refused.connect(messages.warn)
        actions.connect_all(self._slots())
        for name, right in (
            ("open_files", Right.IMPORT),
            ("open_folder", Right.IMPORT),
            ("relocate", Right.IMPORT),
            ("new_study", Right.STUDIES),
            ("withdraw_image", Right.WITHDRAW),
            ("withdraw_patient", Right.WITHDRAW),
            ("people", Right.PEOPLE),
        ):
            actions.action(name).setEnabled(sitting.person.may(right))

    def import_paths(self, paths: Sequence[Path]) -> None:
        """Take files and folders into the study of this sitting, beside whatever else is going on."""
        s = self._sitting
        s.administration.import_paths(paths, s.study, s.person, self._imported, self._not_imported)

    def _slots(self) -> dict[str, Callable[..., object]]:
        s = self._sitting
        return {
            "open_files": lambda _=False: self._ask_files(),
            "open_folder": lambda _=False: self._ask_folder(),
            "relocate": lambda _=False: self._ask_relocation(),
            "new_study": lambda _=False: self._ask_study(),
            "people": lambda _=False: self._people(),
            "next_image": lambda _=False: s.step(1),
            "previous_image": lambda _=False: s.step(-1),
            "next_unread": lambda _=False: self._next_unread(),
            "withdraw_image": lambda _=False: self._withdraw(patient=False),
            "withdraw_patient": lambda _=False: self._withdraw(patient=True),
        }

    def _next_unread(self) -> None:
        if not self._sitting.next_unread():
            self._messages.info(self.tr("Every image of this list is complete."))

    def _ask_files(self) -> None:
        names, _ = QFileDialog.getOpenFileNames(self._window, self.tr("Import files"), self._last_folder)
        self._import_chosen([Path(name) for name in names])

    def _ask_folder(self) -> None:
        name = QFileDialog.getExistingDirectory(self._window, self.tr("Import folder"), self._last_folder)
        self._import_chosen([Path(name)] if name else [])

    def _import_chosen(self, paths: Sequence[Path]) -> None:
        if paths:
            self._last_folder = str(paths[0].parent)
            self.import_paths(paths)

    def _imported(self, result: ImportResult) -> None:
        self._sitting.renew()
        if result.refused or not result.imported:
            refused = [(item.file, item.reason) for item in result.refused]
            counts = ImportCounts(result.imported, result.known, result.passed, refused)
            ImportDialog(counts, self._window).exec()
        else:
            self._messages.info(self.tr("{n} radiographs imported.").format(n=result.imported))
        if self._sitting.desk.image is None:
            self._sitting.next_unread()

    def _not_imported(self, error: KnuckleError) -> None:
        """What came in before it broke off is there."""
        self._sitting.renew()
        self._messages.warn(error)

    def _ask_relocation(self) -> None:
        s = self._sitting
        image = s.desk.image or s.last_refused
        dialog = RelocateDialog(str(Path(image.file.path).parent) if image else "", self._window)
        if dialog.exec():
            s.administration.relocate(dialog.old, dialog.new, s.person, self._relocated, self._messages.warn)

    def _relocated(self, result: Relocation) -> None:
        self._sitting.renew()
        text = self.tr("{n} radiographs are found again.").format(n=result.moved - len(result.missing))
        if result.missing:
            text += " " + self.tr("{n} are missing or differ.").format(n=len(result.missing))
        self._messages.info(text)

    def _ask_study(self) -> None:
        dialog = StudyDialog(self._window)
        if dialog.exec():
            try:
                made = self._sitting.administration.create_study(
                    dialog.name, dialog.prefix, self._sitting.person
                )
            except KnuckleError as error:
                self._messages.warn(error)
                return
            self.study_made.emit(made)

    def _people(self) -> None:
        from annotator.ui.people_dialog import PeopleDialog

        people, by = self._sitting.administration.people, self._sitting.person
        dialog = PeopleDialog(people.all(), lambda whom, role: people.set_role(whom, role, by), self._window)
        dialog.exec()
        dialog.deleteLater()

    def _withdraw(self, *, patient: bool) -> None:
        s = self._sitting
        image = s.desk.image
        if image is None:
            return
        what = (
            image.patient_code
            if patient
            else self.tr("{code}, visit {n}").format(code=image.patient_code, n=image.visit)
        )
        reason = ask_reason(
            self._window,
            self.tr("Withdraw {what}").format(what=what),
            self.tr("It will be gone from every list and every export. Why?"),
        )
        if not reason:
            return
        try:
            withdraw = s.administration.withdraw_patient if patient else s.administration.withdraw_image
            withdraw(image, reason, s.person)
        except KnuckleError as error:
            self._messages.warn(error)
            return
        s.renew()
