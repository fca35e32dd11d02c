"""What is done with readings and models as a whole: reports, what to read next, exports, training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from annotator.domain.errors import KnuckleError
from annotator.domain.people import Right
from annotator.domain.queue import QueueBy
from annotator.domain.revealing import RevealPolicy
from annotator.ui.actions import Actions
from annotator.ui.beside import show_beside, while_open
from annotator.ui.messages import Messages
from annotator.ui.theme import Theme
from annotator.workflow.jobs import Job
from annotator.workflow.ordering import quiet_error
from annotator.workflow.sitting import Sitting

if TYPE_CHECKING:
    from annotator.domain.queue import QueueItem
    from annotator.domain.training import TrainingState
    from annotator.domain.versions import ModelVersion
    from annotator.workflow.training_desk import TrainingDesk


class DataControls(QObject):
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
        self._desk: TrainingDesk | None = None
        person = sitting.person
        actions.connect_all(
            {
                "report": lambda _=False: self._report(),
                "queue": lambda _=False: self._queue(),
                "train": lambda _=False: self._train(),
            }
        )
        actions.allow("train", person.may(Right.MODELS))
        if person.may(Right.MODELS) and _any_in(sitting.data.trainings):
            self._training_desk().find()  # one may have ended while no window was open

    def give_up(self) -> None:
        """The window closes: nobody is told of what is still under way; a training goes on."""
        for job in self._jobs:
            job.cancel()
        if self._desk is not None:
            self._desk.leave()

    def _report(self) -> None:
        from annotator.ui.report_dialog import ReportDialog

        sitting, image = self._sitting, self._sitting.desk.image
        if image is None:
            return
        reporting = sitting.data.reporting()

        def page(whole: bool, dates: bool) -> None:
            done, failed = while_open(dialog, dialog.show_page), while_open(dialog, dialog.show_failure)
            person = sitting.person
            self._jobs.append(reporting.page(image, person, person, done, failed, whole=whole, dates=dates))

        def ask(whole: bool, dates: bool) -> None:
            """The dialog asks for the first page before it is made."""
            QTimer.singleShot(0, self, lambda: page(whole, dates))

        dialog = ReportDialog(image.patient_code, ask, parent=self._window)
        show_beside(dialog)

    def _queue(self) -> None:
        from annotator.ui.queue_dialog import QueueDialog

        sitting = self._sitting
        if sitting.ordering.quiet:
            self._messages.warn(quiet_error())
            return
        queueing = sitting.data.queueing()

        def build(by: QueueBy) -> None:
            def done(items: Sequence[QueueItem]) -> None:
                dialog.show_items(by, items)

            told, failed = while_open(dialog, done), while_open(dialog, dialog.show_failure)
            self._jobs.append(queueing.build(sitting.study, by, sitting.person, told, failed))

        def ask(by: QueueBy) -> None:
            """The dialog asks for the first list before it is made."""
            QTimer.singleShot(0, self, lambda: build(by))

        order = sitting.ordering.chosen or QueueBy.LEAST_CERTAIN
        dialog = QueueDialog(sitting.study.name, ask, self._window, order)
        dialog.open_asked.connect(sitting.open)
        show_beside(dialog)

    def _train(self) -> None:
        from annotator.ui.training_dialog import TrainingDialog
        from annotator.workflow.training import CAN_PAUSE

        desk, active = self._training_desk(), self._sitting.models.versions.active()
        dialog = TrainingDialog(
            self._theme(),
            active.name if active is not None else "",
            desk.trainings.free_name(),
            can_pause=CAN_PAUSE,
            parent=self._window,
        )
        for told, show in (
            (desk.changed, dialog.show_state),
            (desk.refused, dialog.show_refusal),
            (desk.busy, dialog.set_busy),
            (desk.inspected, dialog.show_release),
        ):
            told.connect(show)
        for asked, do in (
            (dialog.release_chosen, desk.inspect),
            (dialog.begin_asked, desk.begin),
            (dialog.pause_asked, desk.pause),
            (dialog.go_on_asked, desk.go_on),
            (dialog.cancel_asked, desk.cancel),
        ):
            asked.connect(do)
        dialog.bring_asked.connect(lambda state, activate: desk.bring(state, activate=activate))

        def brought(version: ModelVersion) -> None:
            dialog.show_brought(version, activated=self._is_active(version))

        desk.brought.connect(while_open(dialog, brought))
        dialog.image_chosen.connect(lambda state, file: self._compare(desk, state, file, dialog))
        show_beside(dialog)
        desk.find()

    def _compare(self, desk: TrainingDesk, state: TrainingState, file: str, over: QWidget) -> None:
        from annotator.ui.compared_images_dialog import ComparedImagesDialog

        if state.comparison is None or not self._may_see_pictures():
            return
        dialog = ComparedImagesDialog(state.comparison, over)
        desk.pictured.connect(while_open(dialog, dialog.show_picture))
        refuse: Callable[[tuple[str, KnuckleError]], None] = while_open(
            dialog, lambda told: dialog.show_refusal(*told)
        )
        desk.not_pictured.connect(lambda file, error: refuse((file, error)))
        dialog.image_asked.connect(lambda wanted: desk.picture(Path(state.plan.release), wanted))
        show_beside(dialog)
        dialog.go_to(file)

    def _may_see_pictures(self) -> bool:
        """They show what versions say of images that whoever looks may have to read unaided."""
        sitting = self._sitting
        policy = sitting.administration.studies.reveal_policy(sitting.study.id)
        if policy is RevealPolicy.AT_ONCE or not sitting.person.may(Right.READ):
            return True
        return self._messages.ask(
            self.tr("Look at both?"),
            self.tr(
                "This study shows readers what the model proposes later. The pictures show it now, and no "
                "record will tell that you saw them. Look only if these are not images that you read."
            ),
            self.tr("Look all the same"),
        )

    def _training_desk(self) -> TrainingDesk:
        if self._desk is None:
            self._desk = self._sitting.data.training(self)
            self._desk.brought.connect(self._brought)
        return self._desk

    def _is_active(self, version: ModelVersion) -> bool:
        active = self._sitting.models.versions.active()
        return active is not None and active.id == version.id

    def _brought(self, version: ModelVersion) -> None:
        self._messages.info(self.tr("{name} is brought in.").format(name=version.name))
        self._sitting.version_changed()


def _any_in(folder: Path) -> bool:
    try:
        return any(folder.iterdir())
    except OSError:
        return False
