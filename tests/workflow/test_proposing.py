"""When the detector runs over which image, on real films with a real version."""

from __future__ import annotations

from pathlib import Path
from threading import enumerate as threads

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from annotator.domain.people import Role
from annotator.store.detections import Detections
from annotator.workflow.jobs import Job
from annotator.workflow.proposing import RATE_OVER, pace
from tests.study_fixtures import sit_down
from tests.workflow.model_driver import PATIENCE_S, Bench, Told, bench_at, idle, proposer_of

MS = PATIENCE_S * 1000


# order


def test_asked_goes_before_what_comes_next_and_that_before_the_list(gated: Bench, qtbot: QtBot) -> None:
    first, second, third, fourth = gated.ids
    gated.proposing.begin_list(gated.desk.study.id)
    qtbot.waitUntil(lambda: bool(gated.gate.looked), timeout=MS)
    assert gated.gate.looked == [first], "the list begins by patient and visit"
    gated.proposing.look_ahead([second])
    gated.proposing.ask(fourth)
    assert all(gated.proposing.runs_on(image_id) for image_id in (first, second, fourth))
    gated.gate.let(4)
    idle(qtbot, gated)
    assert gated.gate.looked == [first, fourth, second, third]
    assert gated.told.proposed == [first, fourth, second, third]
    (ended,) = gated.told.lists
    assert (ended.done, ended.total, ended.missed) == (4, 4, []), "done is also what was done otherwise"


def test_what_was_seen_is_left_alone_and_asking_anew_makes_a_new_run(bench: Bench, qtbot: QtBot) -> None:
    first, second, *_ = bench.ids
    bench.proposing.ask(first)
    idle(qtbot, bench)
    before = bench.runs(first)
    assert before is not None
    bench.proposing.look_ahead([first, second])
    idle(qtbot, bench)
    assert bench.told.proposed == [first, second]
    assert bench.runs(first) == before
    bench.proposing.ask(first)
    idle(qtbot, bench)
    after = bench.runs(first)
    assert after is not None
    assert after.id > before.id
    assert bench.told.proposed == [first, second, first]
    bench.proposing.begin_list(bench.desk.study.id)
    idle(qtbot, bench)
    assert bench.told.proposed[3:] == bench.ids[2:], "the list does what is left"
    bench.proposing.begin_list(bench.desk.study.id)
    idle(qtbot, bench)
    assert [(run.done, run.total) for run in bench.told.lists] == [(2, 2), (0, 0)]


def test_what_is_asked_twice_while_it_waits_runs_once(gated: Bench, qtbot: QtBot) -> None:
    first, second, *_ = gated.ids
    for image_id in (first, second, second, first):
        gated.proposing.ask(image_id)
    gated.gate.let(2)
    idle(qtbot, gated)
    assert gated.told.proposed == [first, second]


@pytest.mark.parametrize("seen", [False, True])
def test_who_asks_for_what_is_looked_at_ahead_gets_a_run(gated: Bench, qtbot: QtBot, seen: bool) -> None:
    """The run that is under way, where it is one; else a new one."""
    first = gated.ids[0]
    if seen:
        gated.proposing.ask(first)
        gated.gate.let()
        idle(qtbot, gated)
        gated.told.proposed.clear()
    gated.proposing.look_ahead([first])
    if not seen:
        assert gated.gate.arrived() == first
    gated.proposing.ask(first)
    gated.gate.let()
    idle(qtbot, gated)
    assert gated.told.proposed == [first]


def test_looking_at_others_ahead_forgets_those_before(gated: Bench, qtbot: QtBot) -> None:
    first, second, third, fourth = gated.ids
    gated.proposing.look_ahead([first, second])
    assert gated.gate.arrived() == first
    gated.proposing.look_ahead([third, fourth])
    gated.proposing.look_ahead([third])
    gated.gate.let(2)
    idle(qtbot, gated)
    assert gated.gate.looked == [first, third]


def test_opening_does_not_queue_behind_a_run(gated: Bench, qtbot: QtBot) -> None:
    sitting = gated.desk.sitting
    gated.proposing.ask(gated.ids[0])
    assert gated.gate.arrived() == gated.ids[0]
    with qtbot.waitSignal(sitting.desk.opened, timeout=MS):
        sitting.open(gated.ids[1])
    assert gated.proposing.runs_on(gated.ids[0]), "it stands at the gate all the while"


# what is told


def test_work_that_nobody_waits_for_is_not_announced(gated: Bench, qtbot: QtBot) -> None:
    begun: list[Job] = []
    gated.jobs.started.connect(begun.append)
    over: list[Job] = []
    gated.jobs.over.connect(over.append)
    gated.gate.let(4)
    gated.proposing.look_ahead([gated.ids[0]])
    assert not gated.jobs.jobs
    idle(qtbot, gated)
    assert (begun, len(over)) == ([], 1)
    gated.proposing.begin_list(gated.desk.study.id)
    idle(qtbot, gated)
    assert [job.title for job in begun] == ["Proposing"], "one for the whole list"
    gated.proposing.ask(gated.ids[0])
    assert len(begun) == 2
    gated.gate.let()
    idle(qtbot, gated)


def test_a_list_tells_how_far_it_is_and_how_fast(gated: Bench, qtbot: QtBot) -> None:
    told: list[tuple[int, int, str]] = []
    gated.jobs.progressed.connect(lambda _job, done, total, text: told.append((done, total, text)))
    gated.proposing.begin_list(gated.desk.study.id)
    gated.gate.let(4)
    idle(qtbot, gated)
    assert [(done, total) for done, total, _ in told] == [(done, 4) for done in range(5)]
    texts = [text for *_, text in told]
    assert texts[:2] == ["Proposing", "Proposing"]
    assert all("left" in text for text in texts[2:])
    assert texts[-1].endswith("0:00 left")


@pytest.mark.parametrize(
    ("ended_at", "left", "text"),
    [
        ([], 12, "Proposing"),
        ([5.0], 12, "Proposing"),
        ([5.0, 5.0], 12, "Proposing"),
        ([0.0, 1.0, 2.0], 12, "Proposing · 1.0 a second, 0:12 left"),
        ([0.0, 0.5], 125, "Proposing · 2.0 a second, 1:02 left"),
        ([10.0, 20.0], 3, "Proposing · 6.0 a minute, 0:30 left"),
        ([0.0, 1.0], 0, "Proposing · 1.0 a second, 0:00 left"),
    ],
)
def test_pace(ended_at: list[float], left: int, text: str) -> None:
    assert pace(ended_at, left) == text


@given(
    st.lists(st.floats(0, 1e9, allow_subnormal=False), max_size=RATE_OVER).map(sorted), st.integers(0, 10**6)
)
def test_pace_of_anything_is_words(ended_at: list[float], left: int) -> None:
    words = pace(ended_at, left)
    assert words.startswith("Proposing")
    assert (words == "Proposing") == (len(set(ended_at)) < 2)


# cancelled


def test_a_list_cancelled_before_its_first_image_does_nothing(gated: Bench, qtbot: QtBot) -> None:
    gated.proposing.begin_list(gated.desk.study.id)
    gated.proposing.cancel_list()
    assert not gated.jobs.jobs
    (ended,) = gated.told.lists
    assert (ended.done, ended.total, ended.waiting) == (0, 0, None)
    gated.proposing.ask(gated.ids[3])
    gated.gate.let()
    idle(qtbot, gated)
    assert gated.gate.looked == [gated.ids[3]], "and the next work is done"


def test_a_list_cancelled_while_an_image_is_looked_at_stores_nothing_of_it(
    gated: Bench, qtbot: QtBot
) -> None:
    first, second, *_ = gated.ids
    gated.proposing.begin_list(gated.desk.study.id)
    gated.gate.let()
    qtbot.waitUntil(lambda: gated.told.proposed == [first], timeout=MS)
    assert [gated.gate.arrived(), gated.gate.arrived()] == [first, second]
    gated.proposing.cancel_list()
    assert len(gated.told.lists) == 1
    gated.gate.let(20)
    gated.proposing.ask(first)
    idle(qtbot, gated)
    assert gated.done == [first]
    assert gated.told.refused == []


def test_a_list_that_the_bar_cancels_ends_as_well(gated: Bench, qtbot: QtBot) -> None:
    gated.proposing.begin_list(gated.desk.study.id)
    qtbot.waitUntil(lambda: gated.gate.looked == gated.ids[:1], timeout=MS)
    (job,) = gated.jobs.jobs
    job.cancel()
    gated.gate.let(20)
    idle(qtbot, gated)
    (ended,) = gated.told.lists
    assert (ended.done, ended.total) == (0, 4)
    assert gated.gate.looked == [gated.ids[0]]
    gated.proposing.begin_list(gated.desk.study.id)
    idle(qtbot, gated)
    assert gated.done == gated.ids


def test_a_list_cancelled_while_one_that_was_asked_for_runs(gated: Bench, qtbot: QtBot) -> None:
    """What was asked for is done, and a list can be begun at once."""
    last = gated.ids[3]
    gated.proposing.ask(last)
    gated.proposing.begin_list(gated.desk.study.id)
    assert gated.gate.arrived() == last
    gated.proposing.cancel_list()
    assert len(gated.told.lists) == 1
    gated.proposing.begin_list(gated.desk.study.id)
    assert gated.proposing.list_run is not None
    gated.gate.let(20)
    idle(qtbot, gated)
    assert gated.gate.looked == [last, *gated.ids[:3]]
    assert gated.told.lists[1].total == 3


@pytest.mark.parametrize("at", ["Proposing 0%", "Proposing 50%", "Proposing 100%"])
def test_what_was_asked_for_is_cancelled_anywhere_and_can_be_asked_for_again(
    bench: Bench, qtbot: QtBot, at: str
) -> None:
    first = bench.ids[0]
    reached: list[str] = []

    def stop(job: Job, _done: int, _total: int, text: str) -> None:
        if text == at and not reached:
            reached.append(text)
            job.cancel()

    bench.jobs.progressed.connect(stop, Qt.ConnectionType.DirectConnection)  # in the midst of the run
    bench.proposing.ask(first)
    idle(qtbot, bench)
    assert reached == [at]
    assert (bench.done, bench.told.proposed, bench.told.refused) == ([], [], [])
    bench.proposing.ask(first)
    idle(qtbot, bench)
    assert bench.done == [first]


def test_what_was_cancelled_makes_room_while_it_still_winds_up(gated: Bench, qtbot: QtBot) -> None:
    first, second, *_ = gated.ids
    gated.proposing.ask(first)
    assert gated.gate.arrived() == first
    (job,) = gated.jobs.jobs
    job.cancel()
    assert not gated.proposing.runs_on(first)
    gated.proposing.ask(second)
    gated.proposing.ask(first)
    gated.gate.let(3)
    idle(qtbot, gated)
    assert gated.told.proposed == [second, first]


# closing and going on


def test_closing_amid_a_list_leaves_no_half_and_the_next_sitting_goes_on(
    tiny_data: Path, qtbot: QtBot
) -> None:
    with bench_at(tiny_data, gated=True) as bench:
        first, second, *_ = ids = bench.ids
        bench.proposing.begin_list(bench.desk.study.id)
        bench.gate.let()
        qtbot.waitUntil(lambda: bench.told.proposed == [first], timeout=MS)
        assert [bench.gate.arrived(), bench.gate.arrived()] == [first, second]
        bench.proposing.ask(ids[3])
        bench.proposing.close()
        assert not bench.jobs.jobs
        bench.proposing.ask(ids[2])
        bench.proposing.begin_list(bench.desk.study.id)
        assert not bench.jobs.jobs
    assert not [thread for thread in threads() if thread.name.startswith("knuckle-")]
    with bench_at(tiny_data, gated=False) as bench:
        assert bench.done == [first]
        bench.proposing.begin_list(bench.desk.study.id)
        idle(qtbot, bench)
        assert bench.told.proposed == ids[1:]
        assert bench.done == ids


def test_a_window_that_closes_amid_a_run_is_told_nothing_more(tiny_data: Path, qtbot: QtBot) -> None:
    """The sitting leaves, as it does when its window closes; then the program ends."""
    with sit_down(tiny_data) as desk:
        sitting, told = desk.sitting, Told.by(desk.sitting.proposing)
        image_id = sitting.worklist.ids[0]
        sitting.set_propose_ahead(True)
        with qtbot.waitSignal(sitting.desk.opened, timeout=MS):
            sitting.open(image_id)
        sitting.proposing.ask(image_id)
        sitting.proposing.begin_list(desk.study.id)
        sitting.leave()
    assert not [thread for thread in threads() if thread.name.startswith("knuckle-")]
    assert (told.proposed, told.refused, told.lists) == ([], [], [])


# a sitting


def test_a_sitting_has_the_open_image_and_the_next_two_looked_at(tiny_data: Path, qtbot: QtBot) -> None:
    with sit_down(tiny_data) as desk:
        sitting, ids = desk.sitting, desk.sitting.worklist.ids
        told = Told.by(sitting.proposing)
        with qtbot.waitSignal(sitting.desk.opened, timeout=MS):
            sitting.open(ids[0])
        sitting.set_propose_ahead(True)
        qtbot.waitUntil(lambda: told.proposed == ids[:3], timeout=MS)
        assert sitting.review.run == Detections(desk.house.database).newest(ids[0])
        with qtbot.waitSignal(sitting.desk.opened, timeout=MS):
            sitting.open(ids[1])
        assert sitting.review.run is not None, "it is there when it is opened"
        qtbot.waitUntil(lambda: told.proposed == ids, timeout=MS)
        sitting.set_propose_ahead(False)


def test_a_data_person_has_the_worklist_proposed(tiny_data: Path, qtbot: QtBot) -> None:
    with bench_at(tiny_data, gated=False, name="Data D", role=Role.DATA) as bench:
        assert bench.proposing.allowed
        bench.proposing.begin_list(bench.desk.study.id)
        idle(qtbot, bench)
        assert bench.done == bench.ids
        found = bench.runs(bench.ids[0])
        assert found is not None
        assert found.started_by == bench.desk.person.id


def test_without_an_active_version_it_says_so(bench: Bench, qtbot: QtBot) -> None:
    bench.desk.house.models.versions.deactivate(bench.desk.person)
    assert bench.proposing.version is None
    bench.proposing.look_ahead(bench.ids)
    assert not any(map(bench.proposing.runs_on, bench.ids))
    bench.proposing.ask(bench.ids[0])
    bench.proposing.begin_list(bench.desk.study.id)
    idle(qtbot, bench)
    ((image_id, error),) = bench.told.refused
    assert (image_id, str(error)) == (
        bench.ids[0],
        "No version of the detector is active. Activate one (Proposals, Models).",
    )
    (ended,) = bench.told.lists
    assert [(missed.image, missed.reason) for missed in ended.missed] == [(None, str(error))]
    assert bench.done == []


def test_a_run_is_the_same_with_and_without_the_picture_in_memory(bench: Bench, qtbot: QtBot) -> None:
    sitting, image_id = bench.desk.sitting, bench.ids[0]
    with qtbot.waitSignal(sitting.desk.opened, timeout=MS):
        sitting.open(image_id)
    house = bench.desk.house
    found = []
    for kept in (sitting.opener.kept, lambda _image_id: None):
        proposer = proposer_of(house, bench.desk.person, kept)
        run = proposer.propose(image_id, lambda _done, _total, _text: None, again=True)
        assert run is not None
        found.append([(p.joint, p.box, p.confidence, p.flags) for p in run.proposals])
    assert found[0] == found[1]
    assert found[0]
