"""A queue as an order of the worklist: which images come first, and why each of them stands there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from annotator.domain.queue import QueueBy, QueueItem


@dataclass(frozen=True, slots=True)
class QueueOrder:
    """items: by image, the one to be read first first. What has no score keeps its usual place."""

    by: QueueBy
    items: Mapping[int, QueueItem]

    @classmethod
    def of(cls, by: QueueBy, items: Iterable[QueueItem]) -> Self:
        """items: as `queue` gives them; of several about one image, of two readers say, the first counts."""
        found: dict[int, QueueItem] = {}
        for item in items:
            found.setdefault(item.place.image_id, item)
        return cls(by, found)

    @property
    def placed(self) -> int:
        """Images that have a place in it."""
        return sum(item.score is not None for item in self.items.values())

    @property
    def kept_back(self) -> int:
        """Images whose place the study does not tell yet."""
        return len(self.items) - self.placed

    def applied(self, image_ids: Sequence[int]) -> list[int]:
        """The same images: those that have a place, then all others as they come."""
        listed = set(image_ids)
        first = [i for i, item in self.items.items() if item.score is not None and i in listed]
        placed = set(first)
        return [*first, *(image_id for image_id in image_ids if image_id not in placed)]
