"""Faults: processes killed, disks full, folders read-only, databases locked; no work is lost."""

import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from store_children import (
    NOBODY,
    PIP3,
    answer,
    fill_the_disk,
    gesture,
    lose_the_right_to_write,
    open_as_nobody,
    save_some,
    save_without_end,
    start,
)
from store_samples import MIGRATIONS, Desk, audit_rows, desk_on, film, open_database

from annotator.domain import gestures
from annotator.domain.errors import KnuckleError, SaveError
from annotator.store.check import check


def test_kill_while_saving(tmp_path: Path) -> None:
    """50 rounds: whatever was acknowledged is there, at most one gesture more, and the file is sound."""
    desk = desk_on(open_database(tmp_path))
    image_id, anna = desk.image(film()), desk.person("Anna")
    desk.database.close()
    chance = random.Random(20_26)
    for attempt in range(50):
        process, pipe = start(save_without_end, tmp_path, image_id, 1000 * (attempt + 1))
        acknowledged = [pipe.recv() for _ in range(chance.randint(1, 4))]
        process.join(timeout=chance.uniform(0, 0.006))
        process.kill()
        process.join()
        while pipe.poll():
            try:
                acknowledged.append(pipe.recv())
            except EOFError:
                break
        pipe.close()
        report = check(tmp_path / "knuckle.sqlite", MIGRATIONS)
        assert report.problems == ()
        database = open_database(tmp_path)
        reading = desk_on(database).readings.load(image_id, anna)
        told = audit_rows(database, subject=f"image {image_id}")
        (last, unheard) = (acknowledged[-1], gesture(reading, 1000 * (attempt + 1) + len(acknowledged)))
        after = unheard.joints[0].after
        assert after is not None
        assert after.box is not None
        assert reading.boxes[PIP3].corners in (last, after.box.corners)
        database.close()
    assert len(told) > 100


def test_full_disk_by_pages(desk: Desk) -> None:
    image_id, anna = desk.image(film()), desk.person("Anna")
    blank = desk.readings.load(image_id, anna)
    written = len(audit_rows(desk.database))
    edit = gestures.comment_image(blank, "word " * 10_000)
    with desk.database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")
    with pytest.raises(SaveError, match="disk is full"):
        desk.readings.apply(blank, edit, anna)
    assert desk.readings.load(image_id, anna) == blank
    assert len(audit_rows(desk.database)) == written
    with desk.database.write() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1000000")
    after, _ = desk.readings.apply(blank, edit, anna)
    assert desk.readings.load(image_id, anna) == after


def test_full_disk_by_file_size(tmp_path: Path) -> None:
    message, kept, went_on = answer(fill_the_disk, tmp_path)
    assert message in ("The disk could not be read or written.", "The disk is full.")
    assert kept
    assert went_on
    assert check(tmp_path / "knuckle.sqlite", MIGRATIONS).problems == ()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that a user without rights can reach, which pytest's are not."""
    folder = Path(tempfile.mkdtemp(prefix="knuckle-"))
    shutil.copytree(MIGRATIONS, folder / "migrations")
    folder.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_read_only_folder_is_refused(open_folder: Path) -> None:
    open_folder.chmod(0o555)
    assert "folder" in answer(open_as_nobody, open_folder)
    open_folder.chmod(0o755)
    assert answer(open_as_nobody, open_folder) == ""
    open_folder.chmod(0o555)
    assert "folder" in answer(open_as_nobody, open_folder)
    assert not (open_folder / "knuckle.sqlite-journal").exists()


def test_a_read_only_file_is_refused(open_folder: Path) -> None:
    assert answer(open_as_nobody, open_folder) == ""
    (open_folder / "knuckle.sqlite").chmod(0o444)
    assert answer(open_as_nobody, open_folder) == "The database or its folder may not be written."
    (open_folder / "knuckle.sqlite").chmod(0o000)
    assert "opened" in answer(open_as_nobody, open_folder)


def test_a_folder_that_becomes_read_only_loses_nothing(open_folder: Path) -> None:
    message, kept = answer(lose_the_right_to_write, open_folder)
    assert message == "The database or its folder may not be written."
    assert kept


def test_a_locked_database_loses_nothing(tmp_path: Path) -> None:
    desk = desk_on(open_database(tmp_path, busy_timeout_ms=20))
    image_id, anna = desk.image(film()), desk.person("Anna")
    blank = desk.readings.load(image_id, anna)
    with closing(sqlite3.connect(desk.database.path, isolation_level=None)) as rival:
        rival.execute("BEGIN IMMEDIATE")
        with pytest.raises(SaveError, match="in use"):
            desk.readings.apply(blank, gesture(blank, 1), anna)
        assert desk.readings.load(image_id, anna) == blank
        with pytest.raises(KnuckleError, match="in use"):
            open_database(tmp_path, busy_timeout_ms=20)
        rival.execute("ROLLBACK")
        rival.execute("BEGIN EXCLUSIVE")
        with pytest.raises(KnuckleError, match="in use"):
            open_database(tmp_path, busy_timeout_ms=20)
        rival.execute("ROLLBACK")
    drawn, _ = desk.readings.apply(blank, gesture(blank, 1), anna)
    assert desk.readings.load(image_id, anna) == drawn
    desk.database.close()


def test_two_processes_write_at_once_without_an_error(tmp_path: Path) -> None:
    desk = desk_on(open_database(tmp_path))
    image_id = desk.image(film())
    for name in ("Anna", "Ben"):
        desk.person(name)
    pipes = [start(save_some, tmp_path, image_id, name, 100) for name in ("Anna", "Ben")]
    assert [pipe.recv() for _, pipe in pipes] == [0, 0]
    for process, _ in pipes:
        process.join()
    desk.database.close()
    report = check(tmp_path / "knuckle.sqlite", MIGRATIONS)
    assert report.problems == ()
    assert report.counts["audit"] > 200


def test_threads_of_one_process_write_at_once(desk: Desk, tmp_path: Path) -> None:
    image_id, people = desk.image(film()), [desk.person(name) for name in ("Anna", "Ben", "Cleo")]

    def save(index: int) -> int:
        reading = desk.readings.load(image_id, people[index])
        for number in range(30):
            reading, _ = desk.readings.apply(reading, gesture(reading, number), people[index])
            desk.worklist.rows([image_id], people[index].id)
        return number

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(save, range(3))) == [29, 29, 29]
    assert check(tmp_path / "knuckle.sqlite", MIGRATIONS).problems == ()
