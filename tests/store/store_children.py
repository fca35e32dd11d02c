"""What tests let another process do with a database, and how that process is started.

Children come from a fork server that has SQLAlchemy loaded, so that one takes milliseconds to start.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from store_samples import box_for, desk_on, film, open_database

from annotator.domain import gestures
from annotator.domain.annotations import Reading
from annotator.domain.edits import Action, Edit
from annotator.domain.errors import KnuckleError, SaveError
from annotator.domain.joints import joint_named
from annotator.store.database import Database

PIP3 = joint_named("R-PIP3")
NOBODY = 65534


def context() -> ForkServerContext:
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(["store_children"])
    return server


def start(work: Callable[..., None], *arguments: Any) -> tuple[ForkServerProcess, Connection]:
    """A child at work, and the end of a pipe on which it answers."""
    server = context()
    here, there = server.Pipe(duplex=False)
    process = server.Process(target=work, args=(there, *arguments), daemon=True)
    process.start()
    there.close()
    return process, here


def answer(work: Callable[..., None], *arguments: Any) -> Any:
    """The one answer of a child that then ends."""
    process, pipe = start(work, *arguments)
    said = pipe.recv()
    process.join()
    return said


def gesture(reading: Reading, number: int) -> Edit:
    """The first draws a box, each later one moves it to its number and back to another height."""
    if PIP3 not in reading.boxes:
        return gestures.draw(reading, PIP3, box_for(PIP3))
    return gestures.set_box(reading, PIP3, box_for(PIP3).moved(number, number % 7), Action.MOVE)


def save_without_end(pipe: Connection, folder: Path, image_id: int, first: int) -> None:
    """Save gestures and acknowledge each by the box it left."""
    desk = desk_on(open_database(folder))
    anna = desk.person("Anna")
    reading = desk.readings.load(image_id, anna)
    number = first
    while True:
        reading, _ = desk.readings.apply(reading, gesture(reading, number), anna)
        pipe.send(reading.boxes[PIP3].corners)
        number += 1


def save_some(pipe: Connection, folder: Path, image_id: int, name: str, count: int) -> None:
    """Save so many gestures as fast as possible and answer how many failed."""
    desk = desk_on(open_database(folder))
    by = desk.person(name)
    reading, failed = desk.readings.load(image_id, by), 0
    for number in range(count):
        try:
            reading, _ = desk.readings.apply(reading, gesture(reading, number), by)
        except SaveError:
            failed += 1
    desk.database.close()
    pipe.send(failed)


def fill_the_disk(pipe: Connection, folder: Path) -> None:
    """Save long comments until files may not grow; answer the error, whether all was kept, and went on."""
    desk = desk_on(open_database(folder))
    anna, image_id = desk.person("Anna"), desk.image(film())
    reading = desk.readings.load(image_id, anna)
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (desk.database.path.stat().st_size + 100_000, hard))
    error: SaveError | None = None
    for number in range(1000):
        edit = gestures.comment_image(reading, f"{number} " * 1000)
        try:
            reading, _ = desk.readings.apply(reading, edit, anna)
        except SaveError as met:
            error = met
            break
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    kept = desk.readings.load(image_id, anna) == reading
    again, _ = desk.readings.apply(reading, edit, anna)
    desk.database.close()
    pipe.send((error is not None and error.message, kept, again.facts.comment.startswith(f"{number} ")))


def open_as_nobody(pipe: Connection, folder: Path) -> None:
    """Open a database without the rights of root; answer the error, "" for none."""
    try:
        _open_as_nobody(folder).close()
    except KnuckleError as error:
        pipe.send(error.message)
    else:
        pipe.send("")


def lose_the_right_to_write(pipe: Connection, folder: Path) -> None:
    """Save while one's own folder is read-only, then again; answer the error and whether all was kept."""
    desk = desk_on(_open_as_nobody(folder))
    anna, image_id = desk.person("Anna"), desk.image(film())
    blank = desk.readings.load(image_id, anna)
    folder.chmod(0o555)
    message = ""
    try:
        desk.readings.apply(blank, gesture(blank, 1), anna)
    except SaveError as error:
        message = error.message
    kept = desk.readings.load(image_id, anna) == blank
    folder.chmod(0o755)
    drawn, _ = desk.readings.apply(blank, gesture(blank, 1), anna)
    kept = kept and desk.readings.load(image_id, anna) == drawn
    desk.database.close()
    pipe.send((message, kept))


def _open_as_nobody(folder: Path) -> Database:
    """The migrations lie in the folder: nobody may be unable to read the checkout, or Python's own files."""
    with tempfile.TemporaryDirectory() as elsewhere:
        open_database(Path(elsewhere)).close()
    if os.geteuid() == 0:
        os.setuid(NOBODY)
    return open_database(folder, migrations=folder / "migrations")
