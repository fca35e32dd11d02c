"""The dialogs around the detector: its versions, its audit, and when its proposals are shown."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from annotator.domain.errors import KnuckleError
from annotator.domain.model_audit import Tally
from annotator.domain.people import Right
from annotator.ui.actions import Actions
from annotator.ui.messages import Messages
from annotator.ui.theme import Theme
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
        actions.connect_all(
            {
                "models": lambda _=False: self._models(),
                "model_audit": lambda _=False: self._audit(),
                "study_policy": lambda _=False: self._policy(),
            }
        )
        actions.action("study_policy").setEnabled(sitting.person.may(Right.REVEAL))

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
            lambda folder, done, failed: models.import_folder(folder, person, done, failed),
            person.may(Right.MODELS),
        )
        dialog = ModelsDialog(source, self._window)
        dialog.changed.connect(self._sitting.version_changed)
        dialog.exec()
        dialog.deleteLater()

    def _audit(self) -> None:
        study = self._sitting.study
        self._sitting.models.audit(study, self._show_audit, self._messages.warn)

    def _show_audit(self, tallies: tuple[Tally, ...]) -> None:
        from annotator.ui.model_audit_dialog import ModelAuditDialog

        names = {version.id: version.name for version in self._sitting.models.versions.all()}
        dialog = ModelAuditDialog(self._sitting.study.name, tallies, names, self._theme(), self._window)
        dialog.exec()
        dialog.deleteLater()

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
        dialog.deleteLater()
