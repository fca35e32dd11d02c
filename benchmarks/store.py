"""Saving one gesture, and a worklist of 100,000 images.

The worklist is read in a process of its own, so that its peak of memory is that of opening a database and
listing it, and of nothing that was measured before.
"""

from __future__ import annotations

import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import insert

from annotator.domain import gestures
from annotator.domain.annotations import ReadingState
from annotator.domain.edits import Action
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box
from annotator.domain.images import ImportedFile, SortBy, WorklistQuery
from annotator.domain.joints import JOINTS
from annotator.domain.people import Person, Role
from annotator.paths import migrations
from annotator.store import tables
from annotator.store.database import Database
from annotator.store.people import People
from annotator.store.readings import Readings
from annotator.store.studies import Studies
from annotator.store.values import file_columns, side_columns
from annotator.store.worklist import WorklistStore
from benchmarks.table import Row
from tests.store.store_samples import film

GESTURES = 600
IMAGES = 100_000
ROUNDS = 40
PAGE = 60
"""Lines that a worklist shows at once."""


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="knuckle-bench-") as folder:
        database = _open(Path(folder))
        rows = _saving(database)
        _fill(database)
        database.close()
        spawn = multiprocessing.get_context("spawn")
        with spawn.Pool(1) as pool:
            taken, megabytes = pool.apply(_listing, (Path(folder),))
    listed = [Row(f"worklist of 100,000 images: {what}, p95", ms, "ms", 150) for what, ms in taken.items()]
    return [*rows, *listed, Row("worklist of 100,000 images: peak memory", megabytes, "MB", 400)]


def _open(folder: Path) -> Database:
    return Database.open(folder / "knuckle.sqlite", backups=folder / "backups", migrations=migrations())


def _film(number: int) -> ImportedFile:
    """A file whose patient comes again every 25,000 files, a year later."""
    day = date(2010 + number // 25_000, 1, 1) + timedelta(days=number * 7 % 365)
    path = f"/data/radiographs/study/patient-{number % 25_000:05d}/{number:06d}.dcm"
    return film(number, patient=str(number), day=day, path=path)


def _saving(database: Database) -> list[Row]:
    """Gestures on a reading of 20 boxes; beside each, for comparison, the smallest commit there is."""
    admin = People(database).add("Reader", Role.ADMINISTRATOR, None)
    study = Studies(database).create("Study", "K", admin)
    image_id = Studies(database).add_image(study.id, _film(0), admin).image_id
    readings = Readings(database)
    reading = readings.load(image_id, admin)
    for n, joint in enumerate(JOINTS):
        edit = gestures.draw(reading, joint, Box(90.0 * n, 100.0, 90.0 * n + 55, 155.0))
        reading, _ = readings.apply(reading, edit, admin)
    taken, bare = [], []
    for n in range(GESTURES):
        joint = JOINTS[n % 20]
        if n % 3 == 2:
            edit = gestures.toggle_finding(reading, joint, Finding.ANKYLOSIS)
        else:
            edit = gestures.set_box(reading, joint, reading.boxes[joint].moved(0.5, 1.0), Action.MOVE)
        start = time.perf_counter()
        reading, _ = readings.apply(reading, edit, admin)
        taken.append(time.perf_counter() - start)
        start = time.perf_counter()
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE study SET name = ?", (f"Study {n}",))
        bare.append(time.perf_counter() - start)
    disk = f"{_p95(bare):.1f} ms for a commit of one cell in the same run"
    return [Row("one gesture saved (commit with audit row), p95", _p95(taken), "ms", 5, disk)]


def _fill(database: Database) -> None:
    """All images, of which this reader has begun nine in ten and another every second one."""
    with database.write() as connection:
        patients = [
            {"id": n + 1, "study_id": 1, "number": n + 1, "code": f"K-{n + 1:03d}", "key": f"key {n}"}
            for n in range(1, 25_000)
        ]
        connection.execute(insert(tables.patient), patients)
        other = {"name": "Other", "key": "other", "role": "reader"}
        reader_2 = connection.execute(insert(tables.person).returning(tables.person.c.id), other).scalar_one()
        for start in range(1, IMAGES, 10_000):
            numbers = [n * 7919 % IMAGES for n in range(start, min(start + 10_000, IMAGES))]
            connection.execute(insert(tables.image), [_image(number) for number in numbers])
            begun = [_reading(number, 1) for number in numbers if number % 10]
            begun += [_reading(number, reader_2) for number in numbers if number % 2]
            connection.execute(insert(tables.reading), begun)


def _image(number: int) -> dict[str, object]:
    """Ids in another order than patients, as after years of imports."""
    file = _film(number)
    return {
        **file_columns(file),
        **side_columns(file.facts),
        "id": number * 7 % IMAGES + 2,
        "study_id": 1,
        "patient_id": number % 25_000 + 1,
        "patient_number": number % 25_000 + 1,
        "visit": number // 25_000 + 1,
    }


def _reading(number: int, reader_id: int) -> dict[str, object]:
    image = {name: value for name, value in _image(number).items() if name in _REPEATED}
    state = ("in progress", "complete", "signed")[number % 3]
    done = 20 if number % 3 else number // 3 % 20
    return {
        **image,
        "id": None,
        "image_id": image["id"],
        "reader_id": reader_id,
        "version": 1,
        "excluded": "",
        "comment": "",
        "signed_at": "2026-01-01T00:00:00+00:00" if state == "signed" else None,
        "saved_at": "2026-01-01T00:00:00+00:00",
        "state": state,
        "done": done,
        "expected": 20,
        "progress": done / 20,
        "findings": number % 8,
        "listed": 1,
    }


_REPEATED = {
    *("id", "study_id", "patient_number", "visit", "study_date"),
    *("hands", "right_on_left", "side_confirmed"),
}


def _listing(folder: Path) -> tuple[dict[str, float], float]:
    """p95 in ms of each kind of listing (the slowest of its kind), and the peak of memory in MB."""
    database = _open(folder)
    worklist, reader = WorklistStore(database), Person(1, "Reader", Role.ADMINISTRATOR)
    everything = WorklistQuery(1, reader.id)

    def opened() -> None:
        ids = worklist.ids(everything)
        worklist.rows(ids[:PAGE], reader.id)
        worklist.counts(1, reader.id)
        if len(ids) != IMAGES:
            raise RuntimeError(f"{len(ids)} images listed")

    kinds: dict[str, list[Callable[[], object]]] = {
        "open": [opened],
        "filter": [partial(worklist.ids, query) for query in _filters(everything)],
        "sort": [partial(worklist.ids, query) for query in _sorts(everything)],
    }
    taken = {what: max(_p95(_times(action)) for action in actions) for what, actions in kinds.items()}
    database.close()
    return taken, _peak_megabytes()


def _filters(everything: WorklistQuery) -> Iterator[WorklistQuery]:
    yield from (replace(everything, state=state) for state in ReadingState)
    yield from (replace(everything, finding=finding) for finding in Finding)
    yield replace(everything, state=ReadingState.COMPLETE, finding=Finding.SUBLUXATION)
    yield from (
        replace(everything, text=text) for text in ("K-015", "visit 2", "2011-03", "ankylosis", "K-1 v2")
    )


def _sorts(everything: WorklistQuery) -> Iterator[WorklistQuery]:
    yield from (replace(everything, sort=by, descending=down) for by in SortBy for down in (False, True))


def _times(action: Callable[[], object]) -> list[float]:
    taken = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return taken


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1] * 1000


def _peak_megabytes() -> float:
    """Of this process's own image; getrusage counts in what the parent had before."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return float(status.split("VmHWM:")[1].split()[0]) / 1024
