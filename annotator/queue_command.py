"""`knuckle queue`: which images should be read next, without a window."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotator.app import House
from annotator.domain.errors import KnuckleError
from annotator.domain.people import Person
from annotator.domain.queue import QueueBy, QueueItem
from annotator.domain.report import RESEARCH_ONLY
from annotator.exchange.queue_table import csv_of
from annotator.exchange.whole import whole_file
from annotator.terminal import known_studies
from annotator.workflow.jobs import Progress

SHOWN = 20
"""Lines that are printed for people."""


@dataclass(frozen=True)
class Queued:
    """study: its name."""

    study: str
    by: QueueBy
    items: tuple[QueueItem, ...]
    files: dict[int, str]

    @property
    def object(self) -> dict[str, Any]:
        """What is printed as JSON."""
        return {**self._about, "images": [self._item(item) for item in self.items]}

    @property
    def lines(self) -> dict[str, Any]:
        """The same in short: the first ones."""
        shown = [
            f"{of.patient_code}, visit {of.visit}{f', {of.reader}' if of.reader else ''}: {item.why}"
            for item in self.items[:SHOWN]
            for of in (item.place,)
        ]
        return {**self._about, "together": len(self.items), "first": shown}

    @property
    def _about(self) -> dict[str, Any]:
        return {"notice": RESEARCH_ONLY, "study": self.study, "by": self.by.value}

    def _item(self, item: QueueItem) -> dict[str, Any]:
        of = item.place
        about = {"image": self.files[of.image_id], "patient": of.patient_code, "visit": of.visit}
        return {**about, "reader": of.reader or None, "score": item.score, "why": item.why}


def queue(
    house: House, person: Person, by: QueueBy, study: str, csv: Path | None, progress: Progress
) -> Queued:
    """study: its name, "" where there is one only. csv: a new file. Raises KnuckleError."""
    known = known_studies(house.administration, study)
    if len(known) != 1:
        names = ", ".join(one.name for one in known) or "none"
        raise KnuckleError(f"A queue is of one study; there are: {names}.", "Say which with --study NAME.")
    items = house.queueing().items(known[0], by, person, progress)
    if csv is not None:
        with whole_file(csv) as part:
            part.write_bytes(csv_of(by, items))
    files = {image.id: image.file.path for image in house.administration.studies.images(known[0].id)}
    return Queued(known[0].name, by, items, files)
