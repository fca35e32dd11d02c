"""The worklist put in the order of a queue: 4,000 images, on each of which two versions have proposed.

What the window's events wait for meanwhile is measured from the key to the list in its new order, and beside
it the same for an order that the list has of its own.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from sqlalchemy import insert, text

from annotator.app import House, open_house
from annotator.desktop import application
from annotator.domain.images import SortBy
from annotator.domain.joints import JOINTS
from annotator.domain.people import Role
from annotator.domain.queue import QueueBy
from annotator.domain.versions import VersionFolder
from annotator.store import tables
from annotator.store.detections import Detections
from annotator.store.values import file_columns, side_columns
from annotator.store.versions import Versions
from annotator.ui import theme
from annotator.ui.main_window import MainWindow
from annotator.workflow import sample
from benchmarks.sitting import open_window, wait_until
from benchmarks.table import Row
from tests.proposal_samples import proposed, run_over
from tests.store.store_samples import film

IMAGES, BEAT_MS = 4000, 1


def _all(table: str, columns: Sequence[str]) -> str:
    return ", ".join(f"{table}.{column}" for column in columns)


_OF_A_RUN = [one.name for one in tables.run.columns if one.name not in ("id", "image_id")]
_OF_A_PROPOSAL = [
    one.name for one in tables.proposal.columns if one.name not in ("id", "run_id", "confidence")
]
_RUNS = f"""
INSERT INTO run ({", ".join(_OF_A_RUN)}, image_id)
SELECT {_all("run", _OF_A_RUN)}, image.id
FROM run, image WHERE run.image_id = :first AND image.id <> :first
"""
_PROPOSALS = f"""
INSERT INTO proposal ({", ".join(_OF_A_PROPOSAL)}, run_id, confidence)
SELECT {_all("p", _OF_A_PROPOSAL)}, new.id, p.confidence * (1000 + new.id * 7919 % 1000) / 2000.0
FROM run AS new
JOIN run AS old ON old.image_id = :first AND old.version_id = new.version_id
JOIN proposal AS p ON p.run_id = old.id
WHERE new.image_id <> :first
"""


def measure() -> list[Row]:
    theme.apply(application(), theme.DARK)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with open_house(data) as house:
            _fill(house)
            with open_window(house, data) as window:
                own, _ = _put_in_order(window, lambda: True)
                blocks, times = zip(*(_queue_order(window, by) for by in QueueBy), strict=True)
    slowest = f"{own:.0f} ms by date; the slowest order was there after {max(times):.0f} ms"
    what = f"longest block of the window, {IMAGES:,} images put in the order of a queue"
    return [Row(what, max(blocks), "ms", 50.0, slowest)]


def _fill(house: House) -> None:
    """The sample study, made larger by images without files and copies of the proposals of its first one."""
    a = house.administration
    person = a.enter("Benchmark", Role.READER)
    sample.make_sample(a.studies, a.library, a.sample_folder, person, lambda *_: None)
    study = a.studies.all()[0]
    every = a.studies.images(study.id)
    for name, sha, skipped in (("older", "ab", 3), ("newer", "cd", 0)):
        version = Versions(house.database).register(VersionFolder(name, sha * 32, f"/models/{name}"), person)
        proposals = tuple(proposed(joint) for joint in JOINTS[skipped:])
        run = run_over(every[0].id, proposals, version_id=version.id, sha256=version.sha256)
        Detections(house.database).add(run, person)
    with house.database.write() as connection:
        numbers = range(len(every) + 1, IMAGES + 1)
        connection.execute(insert(tables.patient), [_patient(number, study.id) for number in numbers])
        connection.execute(insert(tables.image), [_image(number, study.id) for number in numbers])
        for statement in (_RUNS, _PROPOSALS):
            connection.execute(text(statement), {"first": every[0].id})


def _patient(number: int, study_id: int) -> dict[str, object]:
    code, key = f"S-{10_000 + number}", f"key {number}"
    return {"id": 10_000 + number, "study_id": study_id, "number": 10_000 + number, "code": code, "key": key}


def _image(number: int, study_id: int) -> dict[str, object]:
    file = film(number, patient=str(number), day=date(2015, 1, 1), path=f"/data/{number}.dcm")
    place = {"study_id": study_id, "patient_id": 10_000 + number, "patient_number": 10_000 + number}
    return {**file_columns(file), **side_columns(file.facts), **place, "visit": 1}


def _queue_order(window: MainWindow, by: QueueBy) -> tuple[float, float]:
    sort, ordering = window.worklist.filters.sort, window.sitting.ordering
    sort.setCurrentIndex(sort.findData(list(QueueBy)[list(QueueBy).index(by) - 1]))
    if by is QueueBy.LEAST_CERTAIN:
        sort.setCurrentIndex(sort.findData(SortBy.PROGRESS))
    taken = _put_in_order(window, lambda: ordering.shown is by)
    order = window.sitting.worklist.order
    if by in (QueueBy.LEAST_CERTAIN, QueueBy.VERSIONS) and (order is None or order.placed < IMAGES - 1):
        raise RuntimeError("too few images are in the order to be measured")
    return taken


def _put_in_order(window: MainWindow, done: Callable[[], bool]) -> tuple[float, float]:
    """From the key to the order: the longest time for which events waited, and the whole, in milliseconds."""
    last = longest = 0.0

    def beat() -> None:
        nonlocal last, longest
        now = time.perf_counter()
        longest, last = max(longest, now - last), now

    wait_until(lambda: not window.sitting.administration.jobs.jobs)
    QApplication.processEvents()  # what was to be painted before is
    pulse = QTimer(interval=BEAT_MS)
    pulse.timeout.connect(beat)
    begun = last = time.perf_counter()
    pulse.start()
    QTest.keyClick(window.view, Qt.Key.Key_F6)
    wait_until(done)
    took = time.perf_counter() - begun
    QApplication.processEvents()
    beat()
    pulse.stop()
    return 1000 * longest, 1000 * took
