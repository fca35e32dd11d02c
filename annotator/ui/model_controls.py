"""The dialogs around the detector: its versions, its audit, and when its proposals are shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from annotator.domain.errors import KnuckleError
from annotator.domain.model_audit import Tally
from annotator.domain.people import Right
from annotator.domain.revealing import RevealPolicy
from annotator.domain.versions import ModelVersion
from annotator.ui.actions import Actions
from annotator.ui.beside import show_beside
from annotator.ui.messages import Messages
from annotator.ui.theme import Theme
from annotator.workflow.jobs import Job
from annotator.workflow.sitting import Sitting


class ModelControls(QObject):
    """Dialogs are loaded when they are asked for. theme: asked when one is opened."""

    def __init__(
        self,
        sitting: Sitting,
        actions: Actions,
        messages: Messages,
        window: QWidget,
        theme: Callable[[], Theme],
    ) -> None:
        super().__init__(window)
        self._sitting, self._messages, self._window, self._theme = sitting, messages, window, theme
        self._jobs: list[Job] = []
        actions.connect_all(
            {
                "models": lambda _=False: self._models(),
                "model_audit": lambda _=False: self._audit(),
                "study_policy": lambda _=False: self._policy(),
            }
        )
        actions.allow("study_policy", sitting.person.may(Right.REVEAL))

    def _models(self) -> None:
        from annotator.ui.models_dialog import ModelsDialog, ModelsSource

        models, person = self._sitting.models, self._sitting.person
        versions = models.versions
        source = ModelsSource(
            versions.all,
            versions.uses,
            models.about,
            lambda version_id: versions.activate(version_id, person),
            lambda: versions.deactivate(person),
            self._import_folder,
            person.may(Right.MODELS),
        )
        dialog = ModelsDialog(source, self._window)
        dialog.changed.connect(self._sitting.version_changed)
        dialog.exec()
        dialog.deleteLater()

    def _import_folder(
        self, folder: Path, done: Callable[[ModelVersion], None], failed: Callable[[KnuckleError], None]
    ) -> None:
        """Told in the dialog, or in the window where that was closed meanwhile."""

        def brought(version: ModelVersion) -> None:
            done(version)
            self._messages.info(self.tr("{name} is imported.").format(name=version.name))
            self._sitting.version_changed()

        def refused(error: KnuckleError) -> None:
            failed(error)
            if QApplication.activeModalWidget() is None:
                self._messages.warn(error)

        sitting = self._sitting
        self._jobs.append(sitting.models.import_folder(folder, sitting.person, brought, refused))

    def give_up(self) -> None:
        """The window closes: nobody is told of what is still under way."""
        for job in self._jobs:
            job.cancel()

    def _audit(self) -> None:
        """How good a model is would tell a reader what they are not to know yet."""
        sitting, person = self._sitting, self._sitting.person
        policy = sitting.administration.studies.reveal_policy(sitting.study.id)
        if policy is not RevealPolicy.AT_ONCE and not (person.may(Right.MODELS) or person.may(Right.REVEAL)):
            self._messages.warn(
                KnuckleError(
                    self.tr("This study shows readers what the model proposes later."),
                    self.tr("Its audit is for data people and administrators."),
                )
            )
            return
        self._jobs.append(sitting.models.audit(sitting.study, self._show_audit, self._messages.warn))

    def _show_audit(self, tallies: tuple[Tally, ...]) -> None:
        from annotator.ui.model_audit_dialog import ModelAuditDialog

        names = {version.id: version.name for version in self._sitting.models.versions.all()}
        dialog = ModelAuditDialog(self._sitting.study.name, tallies, names, self._theme(), self._window)
        show_beside(dialog)

    def _policy(self) -> None:
        from annotator.ui.study_policy_dialog import StudyPolicyDialog

        sitting, studies = self._sitting, self._sitting.administration.studies
        dialog = StudyPolicyDialog(sitting.study.name, studies.reveal_policy(sitting.study.id), self._window)
        if dialog.exec():
            try:
                studies.set_reveal_policy(sitting.study.id, dialog.policy, sitting.person)
            except KnuckleError as error:
                self._messages.warn(error)
            sitting.review.load()
            sitting.ordering.policy_changed()
        dialog.deleteLater()
