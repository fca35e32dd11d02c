"""Quiet work, parts of a larger one, and the lane of the detector."""

from __future__ import annotations

from threading import Event

from pytestqt.qtbot import QtBot

from annotator.domain.errors import KnuckleError
from annotator.workflow.jobs import JobRunner, Lane, Progress
from tests.workflow.job_driver import PATIENCE_S, Told, idle, wait_for


def test_the_model_lane_waits_for_neither_of_the_others(runner: JobRunner, told: Told, qtbot: QtBot) -> None:
    """Each waits for all: if one queued behind another, none would ever end."""
    begun = {lane: Event() for lane in Lane}

    def work(lane: Lane) -> str:
        begun[lane].set()
        for other in begun.values():
            wait_for(other)
        return lane.value

    for lane in Lane:
        runner.submit(lane, lane.value, lambda _p, mine=lane: work(mine), told.done, told.failed)
    idle(qtbot, runner)
    assert sorted(told.results) == ["back", "front", "model"]


def test_every_job_is_over_once_its_result_was_handed_over(
    runner: JobRunner, told: Told, qtbot: QtBot
) -> None:
    """Whether it ended well, failed, was cancelled or is quiet."""
    over: list[tuple[str, int]] = []
    runner.over.connect(lambda job: over.append((job.title, len(told.results) + len(told.errors))))
    hold = Event()

    def fail(_progress: Progress) -> None:
        raise KnuckleError("No.", "Never mind.")

    runner.submit(Lane.MODEL, "Well", lambda _p: hold.wait(PATIENCE_S), told.done, told.failed)
    runner.submit(Lane.MODEL, "Failed", fail, told.done, told.failed)
    runner.submit(Lane.MODEL, "Cancelled", lambda _p: 1, told.done, told.failed).cancel()
    runner.submit(Lane.MODEL, "Quiet", lambda _p: 2, told.done, told.failed, quiet=True)
    hold.set()
    qtbot.waitUntil(lambda: len(over) == 4, timeout=PATIENCE_S * 1000)
    assert over == [("Well", 1), ("Failed", 2), ("Cancelled", 2), ("Quiet", 3)]


def test_a_fault_of_whoever_takes_the_result_does_not_keep_it_from_being_over(
    runner: JobRunner, told: Told, qtbot: QtBot
) -> None:
    over: list[str] = []
    runner.over.connect(lambda job: over.append(job.title))

    def faulty(_result: int) -> None:
        raise ZeroDivisionError

    with qtbot.captureExceptions() as caught:
        runner.submit(Lane.MODEL, "Work", lambda _p: 1, faulty, told.failed)
        qtbot.waitUntil(lambda: over == ["Work"], timeout=PATIENCE_S * 1000)
    assert [kind for kind, *_ in caught] == [ZeroDivisionError]


def test_quiet_work_is_done_and_not_announced(runner: JobRunner, told: Told, qtbot: QtBot) -> None:
    def work(progress: Progress) -> str:
        progress(1, 1, "half of it")
        return "done"

    runner.submit(Lane.MODEL, "Ahead", work, told.done, told.failed, quiet=True)
    assert runner.jobs == frozenset()
    qtbot.waitUntil(lambda: told.results == ["done"], timeout=PATIENCE_S * 1000)
    assert told.events == []


def test_of_a_larger_work_the_whole_is_announced_and_not_its_parts(
    runner: JobRunner, told: Told, qtbot: QtBot
) -> None:
    whole = runner.begin(Lane.MODEL, "Worklist")
    for number in range(3):
        runner.submit(Lane.MODEL, "Part", lambda _p, n=number: n, told.done, told.failed, within=whole)
    assert runner.jobs == {whole}
    qtbot.waitUntil(lambda: told.results == [0, 1, 2], timeout=PATIENCE_S * 1000)
    runner.tell(whole, 3, 4, "soon")
    runner.finish(whole)
    assert told.events == [("started", "Worklist"), ("3/4 soon", "Worklist"), ("ended", "Worklist")]
    runner.tell(whole, 4, 4, "too late")
    runner.finish(whole)
    assert len(told.events) == 3
    assert runner.jobs == frozenset()


def test_cancelling_a_larger_work_cancels_its_parts(runner: JobRunner, told: Told, qtbot: QtBot) -> None:
    whole = runner.begin(Lane.MODEL, "Worklist")
    begun, go_on, over = Event(), Event(), []
    runner.over.connect(over.append)

    def work(progress: Progress) -> None:
        begun.set()
        wait_for(go_on)
        progress(0, 0, "")

    parts = [runner.submit(Lane.MODEL, "Part", work, told.done, told.failed, within=whole) for _ in range(2)]
    beside = runner.submit(Lane.MODEL, "Beside", lambda _p: "beside", told.done, told.failed)
    wait_for(begun)
    whole.cancel()
    assert [part.cancelled for part in parts] == [True, True]
    go_on.set()
    qtbot.waitUntil(lambda: beside in over, timeout=PATIENCE_S * 1000)
    assert over == [*parts, beside]
    assert told.results == ["beside"]
    runner.finish(whole)


def test_a_larger_work_after_the_end_is_cancelled_from_the_start(qtbot: QtBot) -> None:
    runner = JobRunner()
    told = Told(runner)
    begun = runner.begin(Lane.MODEL, "Begun before")
    told.events.clear()
    runner.shutdown()
    late = runner.begin(Lane.MODEL, "Too late")
    assert begun.cancelled
    assert late.cancelled
    for job in (begun, late):
        runner.tell(job, 1, 1, "")
        runner.finish(job)
    assert (told.events, runner.jobs) == ([], frozenset())
