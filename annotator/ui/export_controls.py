"""Labels leave the study: the dialog of exports, and that which compares two releases."""

from __future__ import annotations

from pathlib import Path
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
    from annotator.ui.export_dialog import ExportDialog
    from annotator.workflow.exporting import Exported, Order
    from annotator.workflow.exporting_jobs import Difference


class ExportControls(QObject):
    """An export goes on when its dialog is closed, and is told in the window then."""

    def __init__(self, sitting: Sitting, actions: Actions, messages: Messages, window: QWidget) -> None:
        super().__init__(window)
        self._sitting, self._messages, self._window = sitting, messages, window
        self._previews: list[Job] = []
        self._comparisons: list[Job] = []
        self._exports: dict[ExportDialog, Job] = {}
        actions.connect_all(
            {
                "export": lambda _=False: self._export(),
                "compare_releases": lambda _=False: self._compare(),
            }
        )
        actions.allow("export", sitting.person.may(Right.EXPORT))

    def give_up(self) -> None:
        """The window closes: an export that is under way leaves nothing behind."""
        for job in (*self._previews, *self._comparisons, *self._exports.values()):
            job.cancel()

    def _export(self) -> None:
        from annotator.ui.export_dialog import ExportDialog

        sitting = self._sitting
        people = sitting.administration.people.all()
        readers = [person.name for person in people if person.may(Right.READ)]
        dialog = ExportDialog(sitting.study, readers, parent=self._window)
        exporting = sitting.data.exporting()

        def preview(order: Order) -> None:
            for job in self._previews:
                job.cancel()
            shown, failed = while_open(dialog, dialog.show_preview), while_open(dialog, dialog.show_failure)
            self._previews = [exporting.preview(order, sitting.person, shown, failed)]

        def export(order: Order, out: Path) -> None:
            self._begin(dialog, order, out)

        dialog.preview_asked.connect(preview)
        dialog.export_asked.connect(export)
        dialog.stop_asked.connect(lambda: self._stop(dialog))
        show_beside(dialog)

    def _begin(self, dialog: ExportDialog, order: Order, out: Path) -> None:
        sitting = self._sitting
        tell = while_open(dialog, dialog.show_done)
        tell_failed = while_open(dialog, dialog.show_failure)

        def done(exported: Exported) -> None:
            said = self.tr("Exported to {folder}.").format(folder=str(exported.out))
            self._messages.info(said)
            tell(said)

        def failed(error: KnuckleError) -> None:
            self._messages.warn(error)  # the dialog may be closed
            tell_failed(error)

        job = sitting.data.exporting().export(order, out, sitting.person, done, failed)
        self._exports[dialog] = job

        def progressed(which: Job, at: int, total: int, text: str) -> None:
            if which is job:
                dialog.show_progress(at, total, text)

        jobs = sitting.administration.jobs
        jobs.progressed.connect(progressed)
        dialog.finished.connect(lambda _: jobs.progressed.disconnect(progressed))

    def _stop(self, dialog: ExportDialog) -> None:
        if dialog in self._exports:
            self._exports[dialog].cancel()
            dialog.show_stopped()

    def _compare(self) -> None:
        from annotator.ui.releases_dialog import ReleasesDialog

        dialog = ReleasesDialog(parent=self._window)
        exporting = self._sitting.data.exporting()

        def shown(found: Difference) -> None:
            dialog.show_lines(found.lines, same=found.same)

        def compare(before: Path, after: Path) -> None:
            done, failed = while_open(dialog, shown), while_open(dialog, dialog.show_failure)
            self._comparisons.append(exporting.compare(before, after, done, failed))

        dialog.compare_asked.connect(compare)
        show_beside(dialog)
