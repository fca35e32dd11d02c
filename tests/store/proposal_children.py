"""What tests let another process do with proposals; started as `store_children` says."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from detection_samples import review_on
from sqlalchemy import Engine, event
from store_samples import desk_on, open_database

from annotator.domain import deciding
from annotator.domain.errors import KnuckleError
from annotator.store.detections import Detections
from tests.proposal_samples import run_over


def die_at_statement(wanted: int) -> Iterator[int]:
    """From now on this process counts statements, and is killed before this one; a commit counts as one."""
    numbers = count(1)

    def before(*_: Any) -> None:
        if next(numbers) == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "commit", before)
    return numbers


def accept_rest_and_die(pipe: Connection, folder: Path, wanted: int) -> None:
    """Accept the rest, to be killed at a statement; where that never comes, answer how many there were."""
    review = review_on(desk_on(open_database(folder)), run=False)
    review.look()
    edit = deciding.accept_rest(review.reading, review.standing.rest(review.reading, 0.9))
    numbers = die_at_statement(wanted)
    review.do(edit)
    pipe.send(next(numbers) - 1)


def run_some(pipe: Connection, folder: Path, image_id: int, name: str, runs: int) -> None:
    """Store so many runs as fast as possible and answer how many failed."""
    desk = desk_on(open_database(folder))
    by, failed = desk.person(name), 0
    for _ in range(runs):
        try:
            Detections(desk.database).add(run_over(image_id), by)
        except KnuckleError:
            failed += 1
    desk.database.close()
    pipe.send(failed)
