"""Exports and comparisons beside the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QCoreApplication

from annotator.domain.errors import KnuckleError
from annotator.domain.people import Person
from annotator.exchange.release_difference import Difference as Difference
from annotator.exchange.release_difference import difference
from annotator.workflow.exporting import Exported, Exporter, Order, Preview
from annotator.workflow.jobs import Job, JobRunner, Lane, Progress

T = TypeVar("T")
Failed = Callable[[KnuckleError], None]


@dataclass(frozen=True)
class Exporting:
    """Everything in the back lane; what is cancelled answers nothing and leaves nothing behind."""

    exporter: Exporter
    jobs: JobRunner

    def preview(self, order: Order, by: Person, done: Callable[[Preview], None], failed: Failed) -> Job:
        def work(_progress: Progress) -> Preview:
            return self.exporter.preview(order, by)

        return self._submit("Preview of an export", work, done, failed, quiet=True)

    def export(
        self, order: Order, out: Path, by: Person, done: Callable[[Exported], None], failed: Failed
    ) -> Job:
        def work(progress: Progress) -> Exported:
            return self.exporter.export(order, out, by, progress)

        return self._submit("Export", work, done, failed)

    def compare(self, before: Path, after: Path, done: Callable[[Difference], None], failed: Failed) -> Job:
        """Two releases."""

        def work(_progress: Progress) -> Difference:
            return difference(before, after)

        return self._submit("Comparing releases", work, done, failed)

    def _submit(
        self,
        title: str,
        work: Callable[[Progress], T],
        done: Callable[[T], None],
        failed: Failed,
        *,
        quiet: bool = False,
    ) -> Job:
        words = QCoreApplication.translate("Job", title)
        return self.jobs.submit(Lane.BACK, words, work, done, failed, quiet=quiet)
