"""Which images of a study should be read next, for whoever asks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Study
from annotator.domain.people import Person, Right
from annotator.domain.queue import Facts, Place, QueueBy, QueueItem, ReaderSplit, queue
from annotator.domain.words import Translate, in_english
from annotator.store.queue import QueueStore
from annotator.workflow.jobs import Job, JobRunner, Lane, Progress

ReaderSplits = Callable[[int, Person | None, Callable[[int, int], None]], Sequence[tuple[Place, ReaderSplit]]]
"""Of a study, by its id, and one reader's or everybody's readings."""


def csv_of(by: QueueBy, items: Iterable[QueueItem], translate: Translate = in_english) -> bytes:
    """See `queue_table`, whose room takes 30 ms to load: the window does not wait for it when a list is only
    put in order."""
    from annotator.exchange import queue_table

    return queue_table.csv_of(by, items, translate)


@dataclass(frozen=True)
class Queueing:
    """Readers are told of what they have not finished yet: in an order and with reasons where their study
    shows them its proposals, else by patient and without; where model and reader differ, of their own
    readings. Who does not read is told all of it."""

    store: QueueStore
    reader_splits: ReaderSplits
    jobs: JobRunner

    def items(
        self,
        study: Study,
        by: QueueBy,
        person: Person,
        progress: Progress,
        translate: Translate = in_english,
    ) -> tuple[QueueItem, ...]:
        """The image that should be read first stands first."""
        reads = person.may(Right.READ)
        if by is QueueBy.READER:
            own = person if reads else None
            splits = self.reader_splits(study.id, own, lambda done, of: progress(done, of, ""))
            return queue(splits, translate=translate)
        progress(0, 0, "")
        facts = self._facts(study, by)
        if not reads:
            return queue(facts, translate=translate)
        finished = self.store.finished(study.id, person)
        waiting = [(place, one) for place, one in facts if place.image_id not in finished]
        return queue(waiting, self.store.hidden(study.id, person), translate)

    def build(
        self,
        study: Study,
        by: QueueBy,
        person: Person,
        done: Callable[[tuple[QueueItem, ...]], None],
        failed: Callable[[KnuckleError], None],
    ) -> Job:
        """`items` beside the window, in its language."""

        def work(progress: Progress) -> tuple[QueueItem, ...]:
            return self.items(study, by, person, progress, QCoreApplication.translate)

        title = QCoreApplication.translate("Job", "What to read next")
        return self.jobs.submit(Lane.BACK, title, work, done, failed)

    def _facts(self, study: Study, by: QueueBy) -> Sequence[tuple[Place, Facts]]:
        if by is QueueBy.LEAST_CERTAIN:
            return self.store.doubts(study.id)
        if by is QueueBy.VERSIONS:
            return self.store.version_splits(study.id)
        return self.store.detector_splits(study.id)
