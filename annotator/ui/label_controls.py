"""Labels out of a file come into the study: the dialog, and what the window says when it is closed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from annotator.domain.errors import KnuckleError
from annotator.domain.people import Right
from annotator.ui.actions import Actions
from annotator.ui.beside import show_beside, while_open
from annotator.ui.messages import Messages
from annotator.workflow.jobs import Job
from annotator.workflow.sitting import Sitting

if TYPE_CHECKING:
    from annotator.ui.label_import_dialog import LabelImportDialog
    from annotator.workflow.label_import import Imported
    from annotator.workflow.label_jobs import LabelOrder, LabelSource


class LabelControls(QObject):
    """An import goes on when its dialog is closed, and is told in the window then.

    _watched: the import that the open dialog shows.
    """

    def __init__(self, sitting: Sitting, actions: Actions, messages: Messages, window: QWidget) -> None:
        super().__init__(window)
        self._sitting, self._messages, self._window = sitting, messages, window
        self._dialog: LabelImportDialog | None = None
        self._look: Job | None = None
        self._imports: list[Job] = []
        self._watched: Job | None = None
        self._runner = sitting.administration.jobs
        self._runner.over.connect(self._over)
        self._runner.progressed.connect(self._progressed)
        actions.connect_all({"import_labels": lambda _=False: self._open()})
        actions.allow("import_labels", sitting.person.may(Right.IMPORT))

    def give_up(self) -> None:
        """The window closes: what has come in stays, and nobody is told of the rest."""
        self._runner.over.disconnect(self._over)
        self._runner.progressed.disconnect(self._progressed)
        for job in (self._look, *self._imports):
            if job is not None:
                job.cancel()

    def _open(self) -> None:
        from annotator.ui.label_import_dialog import LabelImportDialog

        dialog = LabelImportDialog(self._sitting.study.name, parent=self._window)
        dialog.look_asked.connect(lambda source: self._look_into(dialog, source))
        dialog.import_asked.connect(lambda order: self._begin(dialog, order))
        dialog.stop_asked.connect(self._stop)
        dialog.finished.connect(self._closed)
        self._dialog = dialog
        show_beside(dialog)

    def _closed(self, _result: int) -> None:
        self._dialog = self._watched = None
        if self._look is not None:
            self._look.cancel()

    def _look_into(self, dialog: LabelImportDialog, source: LabelSource) -> None:
        if self._look is not None:
            self._look.cancel()
        found = while_open(dialog, dialog.show_found)
        failed = while_open(dialog, partial(dialog.show_refusal, source))
        importing = self._sitting.data.importing()
        self._look = importing.look(source, self._sitting.study, found, failed)

    def _begin(self, dialog: LabelImportDialog, order: LabelOrder) -> None:
        from annotator.ui.label_words import done_words

        tell, tell_failed = while_open(dialog, dialog.show_done), while_open(dialog, dialog.show_failure)

        def done(imported: Imported) -> None:
            self._refresh()
            self._messages.info(done_words(imported))
            if self._dialog is not dialog and imported.refused:
                self._warn_of_refused(len(imported.refused), order.path.name)
            tell(imported)

        def failed(error: KnuckleError) -> None:
            self._refresh()
            self._messages.warn(error)  # the dialog may be closed
            tell_failed(error)

        sitting = self._sitting
        self._watched = sitting.data.importing().add(order, sitting.study, sitting.person, done, failed)
        self._imports.append(self._watched)

    def _stop(self) -> None:
        if self._watched is not None:
            self._watched.cancel()

    def _progressed(self, job: Job, done: int, total: int, text: str) -> None:
        if self._dialog is not None and job is self._watched:
            self._dialog.show_progress(done, total, text)

    def _over(self, job: Job) -> None:
        """One that was cancelled tells nobody, and has brought something all the same."""
        if job not in self._imports:
            return
        self._imports.remove(job)
        if job.cancelled:
            self._refresh()
            if self._dialog is not None and job is self._watched:
                self._dialog.show_stopped()

    def _refresh(self) -> None:
        """The open image may have other proposals; before anything is said, which they would outlive."""
        self._sitting.renew()
        self._sitting.review.load()

    def _warn_of_refused(self, count: int, name: str) -> None:
        self._messages.warn(
            KnuckleError(
                self.tr("Refused of {name}: {n}.").format(name=name, n=f"{count:,}"),
                self.tr("Import the same file again to see which and why; nothing is added twice."),
            )
        )
