"""The worklist: the images of one study as one reader sees them, filtered, sorted, fetched by the page."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from annotator.domain.annotations import ReadingState
from annotator.domain.findings import Finding
from annotator.domain.images import SortBy, WorklistQuery, WorklistRow
from annotator.domain.queue import QueueItem
from annotator.domain.queue_order import QueueOrder
from annotator.imaging import thumbnail
from annotator.store.worklist import WorklistStore

PAGE = 100
KEPT_THUMBNAILS = 400


class Worklist(QObject):
    """changed(): other images, another order, or other counts. row_changed(int): one image's line."""

    changed = Signal()
    row_changed = Signal(int)

    def __init__(
        self,
        store: WorklistStore,
        thumbnail_folder: Path,
        query: WorklistQuery,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._folder = thumbnail_folder
        self.query = query
        self.order: QueueOrder | None = None
        """What comes first; the order of the query is that of what follows."""
        self.ids: list[int] = []
        self.counts: dict[ReadingState, int] = {}
        self._places: dict[int, int] = {}
        self._rows: dict[int, WorklistRow] = {}
        self._thumbnails: OrderedDict[int, NDArray[np.uint8] | None] = OrderedDict()
        self.refresh()

    @property
    def total(self) -> int:
        """Images of the study, whatever the filter."""
        return sum(self.counts.values())

    def set_state(self, state: ReadingState | None) -> None:
        self._ask(replace(self.query, state=state))

    def set_finding(self, finding: Finding | None) -> None:
        self._ask(replace(self.query, finding=finding))

    def set_text(self, text: str) -> None:
        self._ask(replace(self.query, text=text.strip()))

    def set_sort(self, sort: SortBy, descending: bool) -> None:
        left, self.order = self.order, None
        query = replace(self.query, sort=sort, descending=descending)
        if left is not None or query != self.query:
            self.query = query
            self.refresh()

    def set_order(self, order: QueueOrder) -> None:
        """First what has a place in it, then the others by patient."""
        self.order = order
        self.query = replace(self.query, sort=SortBy.PATIENT, descending=False)
        self.refresh()

    def refresh(self) -> None:
        """Ask the store again; an order stays as it was put together."""
        found = self._store.ids(self.query)
        self.ids = self.order.applied(found) if self.order is not None else found
        self.counts = self._store.counts(self.query.study_id, self.query.reader_id)
        self._places = {image_id: place for place, image_id in enumerate(self.ids)}
        self._rows.clear()
        self.changed.emit()

    def refresh_row(self, image_id: int) -> None:
        """One reading has changed: its line and the counts, but not the order under the reader's eyes."""
        before = self._rows.pop(image_id, None)
        now = self._store.rows([image_id], self.query.reader_id)
        self._rows.update({row.image_id: row for row in now})
        if before is None or not now:
            self.counts = self._store.counts(self.query.study_id, self.query.reader_id)
        else:
            self.counts[before.state] -= 1
            self.counts[now[0].state] += 1
        self.row_changed.emit(image_id)

    def row(self, image_id: int) -> WorklistRow:
        """The line of an image; a whole page around it is fetched at once."""
        if image_id not in self._rows:
            place = self._places.get(image_id, 0) // PAGE * PAGE
            wanted = self.ids[place : place + PAGE] if image_id in self._places else [image_id]
            rows = self._store.rows(wanted, self.query.reader_id)
            self._rows.update({row.image_id: row for row in rows})
        return self._rows[image_id]

    def thumbnail(self, image_id: int) -> NDArray[np.uint8] | None:
        """uint8 [h, w], or None where there is none."""
        if image_id not in self._thumbnails:
            path = self._folder / f"{self.row(image_id).thumbnail}.png"
            self._thumbnails[image_id] = thumbnail.read(path)
            if len(self._thumbnails) > KEPT_THUMBNAILS:
                self._thumbnails.popitem(last=False)
        return self._thumbnails[image_id]

    def place(self, image_id: int) -> int | None:
        """The line an image stands in, or None where the filter leaves it out."""
        return self._places.get(image_id)

    def queued(self, image_id: int) -> QueueItem | None:
        """Why an image stands where it stands; None where the order says nothing of it."""
        return self.order.items.get(image_id) if self.order is not None else None

    def neighbour(self, image_id: int, step: int) -> int | None:
        """The image so many lines further, None past either end."""
        place = self._places.get(image_id)
        if place is None or not 0 <= place + step < len(self.ids):
            return None
        return self.ids[place + step]

    def next_unread(self, after: int | None, *, from_top: bool = False) -> int | None:
        """The next image of the list that is neither complete nor signed, round the end. from_top: the first
        one, but for `after` itself."""
        start = self._places.get(after, -1) + 1 if after is not None and not from_top else 0
        states = (ReadingState.NEW, ReadingState.IN_PROGRESS)
        waiting = {i for state in states for i in self._store.ids(replace(self.query, state=state))}
        turned = chain(self.ids[start:], self.ids[:start])
        return next((i for i in turned if i != after and i in waiting), None)

    def _ask(self, query: WorklistQuery) -> None:
        if query != self.query:
            self.query = query
            self.refresh()
