"""The file of the open image: moved away, touched, changed, brought back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.workflow.jobs import JobRunner
from annotator.workflow.watching import FileWatch
from tests.study_fixtures import Desk

PATIENCE_MS = 20_000


@pytest.fixture
def watch(at_desk: Desk, moved: Path, qtbot: QtBot) -> FileWatch:
    """What watches the first image, which lies in `moved` and is open."""
    sitting = at_desk.sitting
    with qtbot.waitSignal(sitting.desk.opened):
        sitting.open(sitting.worklist.ids[0])
    qtbot.waitUntil(lambda: not at_desk.house.jobs.jobs)
    return sitting.file


def path_of(desk: Desk) -> Path:
    assert desk.sitting.desk.image is not None
    return Path(desk.sitting.desk.image.file.path)


def looked(watch: FileWatch, jobs: JobRunner, qtbot: QtBot) -> bool:
    """What is found at the next look, without waiting for it."""
    watch.look()
    qtbot.waitUntil(lambda: not jobs.jobs)
    return watch.lost


def test_a_folder_that_is_moved_away_is_noticed_by_and_by(
    at_desk: Desk, watch: FileWatch, moved: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    with qtbot.waitSignal(at_desk.sitting.image_changed, timeout=PATIENCE_MS):
        shutil.move(moved, tmp_path / "elsewhere")
    assert at_desk.sitting.file_lost
    shutil.move(tmp_path / "elsewhere", moved)
    assert not looked(watch, at_desk.house.jobs, qtbot)


def test_a_file_that_is_only_touched_is_compared_and_is_not_lost(
    at_desk: Desk, watch: FileWatch, qtbot: QtBot
) -> None:
    os.utime(path_of(at_desk), (1, 1))
    with qtbot.waitSignal(at_desk.house.jobs.started) as comparing, qtbot.assertNotEmitted(watch.changed):
        assert not looked(watch, at_desk.house.jobs, qtbot)
    assert comparing.args is not None
    with qtbot.assertNotEmitted(at_desk.house.jobs.started):
        watch.look()  # what was compared once is not compared again


def test_a_file_with_other_pixels_is_lost_once(at_desk: Desk, watch: FileWatch, qtbot: QtBot) -> None:
    path = path_of(at_desk)
    path.write_bytes(path.read_bytes()[:-2] + b"\0\1")
    os.utime(path, (1, 1))
    with qtbot.waitSignal(watch.changed):
        watch.look()
    assert watch.lost
    with qtbot.assertNotEmitted(watch.changed):
        assert looked(watch, at_desk.house.jobs, qtbot)


def test_a_comparison_that_was_cancelled_is_made_again(at_desk: Desk, watch: FileWatch, qtbot: QtBot) -> None:
    path_of(at_desk).write_bytes(b"spoilt")
    jobs = at_desk.house.jobs
    watch.look()
    for job in jobs.jobs:
        job.cancel()
    qtbot.waitUntil(lambda: not jobs.jobs)
    assert looked(watch, jobs, qtbot)


def test_what_is_open_is_found_again_by_relocating(
    at_desk: Desk, watch: FileWatch, moved: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    """By a copy with other times of change: nothing but its bytes says that it is the same file."""
    shutil.copytree(moved, tmp_path / "now", copy_function=shutil.copyfile)
    shutil.rmtree(moved)
    assert looked(watch, at_desk.house.jobs, qtbot)
    with qtbot.waitSignal(at_desk.sitting.relocated):
        at_desk.sitting.relocate(moved, tmp_path / "now")
    qtbot.waitUntil(lambda: not at_desk.sitting.file_lost)
    assert path_of(at_desk).parent == tmp_path / "now"


def test_nothing_is_watched_after_the_sitting(at_desk: Desk, watch: FileWatch, moved: Path) -> None:
    at_desk.sitting.leave()
    shutil.rmtree(moved)
    watch.look()
    assert not watch.lost
