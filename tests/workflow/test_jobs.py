"""Lanes of work beside the window: on time, on the right thread, and gone when they are done."""

from __future__ import annotations

import gc
import logging
import threading
import weakref
from threading import Event, current_thread, main_thread
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from annotator.domain.errors import KnuckleError
from annotator.workflow.jobs import Cancelled, JobRunner, Lane, Progress, in_order
from tests.workflow.job_driver import PATIENCE_S, Told, idle, wait_for


def test_a_result_arrives_on_the_thread_of_the_window(runner: JobRunner, told: Told, qtbot: QtBot) -> None:
    worked: list[threading.Thread] = []

    def work(progress: Progress) -> str:
        worked.append(current_thread())
        progress(2, 2, "half of it")
        return "done"

    runner.submit(Lane.BACK, "Import", work, told.done, told.failed)
    idle(qtbot, runner)
    assert (told.results, told.errors) == (["done"], [])
    assert told.threads == {main_thread()}
    assert worked[0] is not main_thread()
    assert told.events == [
        ("started", "Import"),
        ("0/0", "Import"),
        ("2/2 half of it", "Import"),
        ("ended", "Import"),
    ]


def test_the_lanes_run_beside_each_other(runner: JobRunner, told: Told, qtbot: QtBot) -> None:
    """Each waits for the other: in one lane neither would ever end."""
    front, back = Event(), Event()

    def opening(_progress: Progress) -> str:
        front.set()
        wait_for(back)
        return "opened"

    def importing(_progress: Progress) -> str:
        back.set()
        wait_for(front)
        return "imported"

    runner.submit(Lane.BACK, "Import", importing, told.done, told.failed)
    runner.submit(Lane.FRONT, "Opening", opening, told.done, told.failed)
    idle(qtbot, runner)
    assert sorted(told.results) == ["imported", "opened"]


def test_a_lane_takes_one_after_the_other_in_order(runner: JobRunner, told: Told, qtbot: QtBot) -> None:
    running: list[int] = []
    most: list[int] = []

    def work(number: int) -> int:
        running.append(number)
        most.append(len(running))
        running.remove(number)
        return number

    for number in range(50):
        runner.submit(Lane.FRONT, "Opening", lambda _p, n=number: work(n), told.done, told.failed)
    idle(qtbot, runner)
    assert told.results == list(range(50))
    assert set(most) == {1}


def test_a_job_that_is_cancelled_stops_at_its_next_report(
    runner: JobRunner, told: Told, qtbot: QtBot
) -> None:
    begun, go_on, steps = Event(), Event(), []

    def work(progress: Progress) -> None:
        begun.set()
        wait_for(go_on)
        steps.append("before")
        progress(1, 3, "")
        steps.append("after")

    job = runner.submit(Lane.BACK, "Import", work, told.done, told.failed)
    wait_for(begun)
    job.cancel()
    go_on.set()
    idle(qtbot, runner)
    assert steps == ["before"]
    assert (told.results, told.errors) == ([], [])
    assert told.events[-1] == ("ended", "Import")


def test_a_job_cancelled_before_its_turn_never_begins(runner: JobRunner, told: Told, qtbot: QtBot) -> None:
    hold = Event()
    runner.submit(Lane.BACK, "First", lambda _p: hold.wait(PATIENCE_S), told.done, told.failed)
    waiting = runner.submit(Lane.BACK, "Second", lambda _p: told.done("begun"), told.done, told.failed)
    waiting.cancel()
    hold.set()
    idle(qtbot, runner)
    assert told.results == [True]


def test_a_result_that_is_queued_already_is_dropped_by_a_cancel(
    runner: JobRunner, told: Told, qtbot: QtBot
) -> None:
    """The next job of the lane has begun, so the first has ended; its result waits for the window."""
    second = Event()
    first = runner.submit(Lane.FRONT, "First", lambda _p: "too late", told.done, told.failed)
    runner.submit(Lane.FRONT, "Second", lambda _p: second.set(), told.done, told.failed)
    wait_for(second)
    assert told.results == []
    first.cancel()
    idle(qtbot, runner)
    assert told.results == [None]


def test_a_known_failure_is_told_as_it_is(runner: JobRunner, told: Told, qtbot: QtBot) -> None:
    error = KnuckleError("The disk is full.", "Make room.")

    def work(_progress: Progress) -> None:
        raise error

    runner.submit(Lane.BACK, "Import", work, told.done, told.failed)
    idle(qtbot, runner)
    assert (told.results, told.errors) == ([], [error])


def test_a_fault_of_the_program_is_told_in_a_sentence_and_the_lane_lives_on(
    runner: JobRunner, told: Told, qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    def work(_progress: Progress) -> None:
        raise ZeroDivisionError("Yamada Taro")

    with caplog.at_level(logging.ERROR):
        runner.submit(Lane.FRONT, "Opening image", work, told.done, told.failed)
        runner.submit(Lane.FRONT, "Opening image", lambda _p: "the next one", told.done, told.failed)
        idle(qtbot, runner)
    assert [str(error) for error in told.errors] == [
        "Opening image stopped at a fault in the program. The log file in the data folder says where."
    ]
    assert told.results == ["the next one"]
    assert caplog.records[0].getMessage() == "job failed: Opening image"


def test_shutdown_waits_for_what_runs_and_delivers_nothing(qtbot: QtBot) -> None:
    runner = JobRunner()
    told = Told(runner)
    begun, ended = Event(), []

    def endless(progress: Progress) -> None:
        try:
            while True:
                begun.set()
                progress(0, 0, "")
        except Cancelled:
            ended.append("cancelled")
            raise

    runner.submit(Lane.FRONT, "Quick", lambda _p: "queued already", told.done, told.failed)
    runner.submit(Lane.BACK, "Endless", endless, told.done, told.failed)
    runner.submit(Lane.BACK, "Waiting", lambda _p: "never begins", told.done, told.failed)
    wait_for(begun)
    runner.shutdown()
    assert ended == ["cancelled"]
    assert not [t for t in threading.enumerate() if t.name.startswith("knuckle-")]
    told.events.clear()
    qtbot.wait(0)
    assert (told.results, told.errors, runner.jobs) == ([], [], frozenset())
    assert ("ended", "Endless") not in told.events


def test_work_after_the_end_is_cancelled_from_the_start(qtbot: QtBot) -> None:
    """A window that closes late may still ask for its next image."""
    runner = JobRunner()
    told = Told(runner)
    runner.shutdown()
    job = runner.submit(Lane.FRONT, "Opening image", lambda _p: "late", told.done, told.failed)
    assert job.cancelled
    assert (runner.jobs, told.results, told.events) == (frozenset(), [], [])
    runner.shutdown()


def test_qt_objects_that_nobody_holds_are_destroyed_on_their_own_thread(
    runner: JobRunner, told: Told, qtbot: QtBot
) -> None:
    """However much a worker allocates: a file watcher that it destroys stops Qt's event loop for good."""
    where: list[threading.Thread] = []

    class Left(QObject):
        def __del__(self) -> None:
            where.append(current_thread())

    def leave_behind() -> None:
        left = Left()
        left.itself = left  # type: ignore[attr-defined]

    def work(_progress: Progress) -> None:
        leave: list[Any] = []
        for _ in range(200_000):
            leave = [leave, leave]
            leave[0] = leave

    runner.submit(Lane.FRONT, "First", lambda _p: None, told.done, told.failed)
    leave_behind()
    runner.submit(Lane.BACK, "Import", work, told.done, told.failed)
    idle(qtbot, runner)
    qtbot.waitUntil(lambda: bool(where), timeout=PATIENCE_S * 1000)
    assert where == [main_thread()]
    runner.shutdown()
    assert gc.isenabled()


class Picture:
    """Something large that must not stay."""


def test_nothing_stays_of_five_hundred_jobs(runner: JobRunner, told: Told, qtbot: QtBot) -> None:
    """Neither results nor callbacks, of jobs that end well, fail, or are cancelled."""
    left: list[weakref.ref[object]] = []
    kept: list[int] = []

    def submit(number: int) -> None:
        picture, sheet = Picture(), Picture()
        left.extend((weakref.ref(picture), weakref.ref(sheet)))

        def work(progress: Progress) -> Picture:
            if number % 5 == 0:
                raise KnuckleError("No.", "Never mind.")
            progress(number, 500, "")
            return picture

        def done(_result: Picture) -> None:
            assert isinstance(sheet, Picture)
            kept.append(number)

        job = runner.submit(Lane.BACK if number % 2 else Lane.FRONT, "Work", work, done, lambda _error: None)
        if number % 7 == 0:
            job.cancel()

    for number in range(500):
        submit(number)
    idle(qtbot, runner)
    # What ran last in a lane is let go when the next one comes.
    for lane in Lane:
        runner.submit(lane, "Last", lambda _p: None, told.done, told.failed)
    idle(qtbot, runner)
    gc.collect()
    assert len(kept) == sum(n % 5 != 0 and n % 7 != 0 for n in range(500))
    assert [ref for ref in left if ref() is not None] == []


def test_what_runs_in_order_sweeps_no_garbage_in_its_threads() -> None:
    """A QObject in a cycle would be destroyed there, which Qt does not survive."""
    assert gc.isenabled()
    assert list(in_order(2, lambda _item: gc.isenabled(), range(6))) == [False] * 6
    assert gc.isenabled()
