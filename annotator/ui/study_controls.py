"""What is done to the study: going from image to image, importing, withdrawing, new studies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Study
from annotator.domain.people import Right
from annotator.domain.revealing import RevealPolicy
from annotator.domain.words import counted
from annotator.ui.actions import Actions
from annotator.ui.choosing import choose_files, choose_folder
from annotator.ui.import_dialog import ImportDialog
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
        sitting.failed.connect(messages.warn)
        sitting.imported.connect(self._imported)
        sitting.relocated.connect(self._relocated)
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
            actions.allow(name, sitting.person.may(right))

    def import_paths(self, paths: Sequence[Path]) -> None:
        """Take files and folders into the study of this sitting, beside whatever else is going on."""
        self._sitting.import_paths(paths)

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
        self._import_chosen(choose_files(self._window, self.tr("Import files"), self._last_folder))

    def _ask_folder(self) -> None:
        folder = choose_folder(self._window, self.tr("Import folder"), self._last_folder)
        self._import_chosen([folder] if folder else [])

    def _import_chosen(self, paths: Sequence[Path]) -> None:
        if paths:
            self._last_folder = str(paths[0].parent)
            self.import_paths(paths)

    def _imported(self, study: Study, result: ImportResult) -> None:
        """It may have begun under another window, at another study."""
        title = self.tr("Import into {study}").format(study=study.name)
        if result.refused or not result.imported:
            dialog = ImportDialog(result, self._window)
            dialog.setWindowTitle(title)
            dialog.exec()
            dialog.deleteLater()
        elif study == self._sitting.study:
            imported = self.tr("{n} radiograph imported."), self.tr("{n} radiographs imported.")
            self._messages.info(counted(result.imported, *imported))
        else:
            into = (
                self.tr("{n} radiograph imported into {study}."),
                self.tr("{n} radiographs imported into {study}."),
            )
            self._messages.info(counted(result.imported, *into, study=study.name))

    def _ask_relocation(self) -> None:
        image = self._sitting.last_refused or self._sitting.desk.image
        dialog = RelocateDialog(str(Path(image.file.path).parent) if image else "", self._window)
        if dialog.exec():
            self._sitting.relocate(dialog.old, dialog.new)
        dialog.deleteLater()

    def _relocated(self, result: Relocation) -> None:
        found = self.tr("{n} radiograph is found again."), self.tr("{n} radiographs are found again.")
        text = counted(result.moved, *found)
        if result.missing:
            missing = self.tr("{n} is missing or differs."), self.tr("{n} are missing or differ.")
            text += " " + counted(len(result.missing), *missing)
        self._messages.info(text)

    def _ask_study(self) -> None:
        to, by = self._sitting.administration, self._sitting.person
        dialog = StudyDialog(self._window, may_choose=by.may(Right.REVEAL))
        if dialog.exec():
            try:
                made = to.create_study(dialog.name, dialog.prefix, by)
                if dialog.policy is not RevealPolicy.AT_ONCE:
                    to.studies.set_reveal_policy(made.id, dialog.policy, by)
            except KnuckleError as error:
                self._messages.warn(error)
            else:
                self.study_made.emit(made)
        dialog.deleteLater()

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
        s.renew()
