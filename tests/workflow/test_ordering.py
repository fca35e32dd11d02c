"""The worklist in the order of a queue: over real runs and readings, put together beside the window."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest
from pytestqt.qtbot import QtBot

from annotator.domain import gestures
from annotator.domain.annotations import ReadingState
from annotator.domain.images import SortBy
from annotator.domain.people import Role
from annotator.domain.queue import KEPT_BACK, QueueBy
from annotator.domain.revealing import RevealPolicy
from annotator.workflow.jobs import JobRunner, Lane, Progress
from tests.order_samples import ORDERS, read_two, run_twice, run_unsurely
from tests.study_fixtures import Desk, images_of, sit_down
from tests.test_cli_report import read


@pytest.fixture
def ran(at_desk: Desk) -> Desk:
    run_twice(at_desk)
    return at_desk


def films(desk: Desk) -> list[int]:
    """The lines of the list, by their places in the order by patient."""
    places = {image.id: place for place, image in enumerate(images_of(desk, desk.study))}
    return [places[image_id] for image_id in desk.sitting.worklist.ids]


def put_in(desk: Desk, qtbot: QtBot, by: QueueBy) -> None:
    ordering = desk.sitting.ordering
    ordering.choose(by)
    qtbot.waitUntil(lambda: ordering.asked is None)


@contextmanager
def back_lane_busy(jobs: JobRunner) -> Iterator[None]:
    go = Event()

    def work(_progress: Progress) -> None:
        go.wait(30)

    jobs.submit(Lane.BACK, "Import", work, lambda _none: None, lambda _error: None)
    try:
        yield
    finally:
        go.set()


@pytest.mark.parametrize("by", list(QueueBy))
def test_what_should_be_read_next_stands_first(ran: Desk, qtbot: QtBot, by: QueueBy) -> None:
    if by is QueueBy.READER:
        read_two(ran)
    put_in(ran, qtbot, by)
    worklist = ran.sitting.worklist
    assert films(ran) == ORDERS[by]
    assert ran.sitting.ordering.shown is by
    first, last = (worklist.queued(worklist.ids[place]) for place in (0, -1))
    assert first is not None
    assert first.score is not None
    assert first.score > 0
    assert last is None
    assert sorted(worklist.ids) == sorted(image.id for image in images_of(ran, ran.study))


def test_filters_and_search_go_on_top_and_another_order_takes_its_place(ran: Desk, qtbot: QtBot) -> None:
    worklist, ordering = ran.sitting.worklist, ran.sitting.ordering
    worklist.set_sort(SortBy.DATE, True)
    put_in(ran, qtbot, QueueBy.LEAST_CERTAIN)
    worklist.set_text("visit 2")
    assert films(ran) == [3, 1]
    worklist.set_text("")
    worklist.set_state(ReadingState.COMPLETE)
    assert films(ran) == []
    worklist.set_state(None)
    assert films(ran) == [2, 3, 1, 0]
    worklist.refresh()
    assert films(ran) == [2, 3, 1, 0]
    ordering.leave(SortBy.PATIENT, False)
    assert (films(ran), ordering.chosen) == ([0, 1, 2, 3], None)
    assert worklist.queued(worklist.ids[2]) is None
    ordering.leave(SortBy.PATIENT, True)
    assert films(ran) == [3, 2, 1, 0]


def test_the_list_stays_usable_until_the_order_comes(ran: Desk, qtbot: QtBot) -> None:
    worklist, ordering = ran.sitting.worklist, ran.sitting.ordering
    worklist.set_sort(SortBy.PATIENT, True)
    with back_lane_busy(ran.house.jobs):
        ordering.choose(QueueBy.LEAST_CERTAIN)
        assert (ordering.chosen, ordering.shown) == (QueueBy.LEAST_CERTAIN, None)
        assert films(ran) == [3, 2, 1, 0]
        worklist.set_text("visit 2")
        assert films(ran) == [3, 1]
        worklist.set_text("visit 1")
    qtbot.waitUntil(lambda: ordering.shown is QueueBy.LEAST_CERTAIN)
    assert films(ran) == [2, 0]


def test_only_the_order_chosen_last_is_waited_for(ran: Desk, qtbot: QtBot) -> None:
    ordering = ran.sitting.ordering
    with back_lane_busy(ran.house.jobs):
        ordering.choose(QueueBy.LEAST_CERTAIN)
        ordering.choose(QueueBy.DETECTORS)
    qtbot.waitUntil(lambda: not ran.house.jobs.jobs)
    assert (films(ran), ordering.shown) == (ORDERS[QueueBy.DETECTORS], QueueBy.DETECTORS)
    with back_lane_busy(ran.house.jobs):
        ordering.choose(QueueBy.VERSIONS)
        ordering.leave(SortBy.PATIENT, False)
    qtbot.waitUntil(lambda: not ran.house.jobs.jobs)
    assert (films(ran), ordering.chosen) == ([0, 1, 2, 3], None)


def test_an_order_that_was_cancelled_leaves_the_list_as_it_was(ran: Desk, qtbot: QtBot) -> None:
    ordering, jobs = ran.sitting.ordering, ran.house.jobs
    put_in(ran, qtbot, QueueBy.DETECTORS)
    with back_lane_busy(jobs):
        ordering.choose(QueueBy.LEAST_CERTAIN)
        for job in jobs.jobs:
            job.cancel()
    qtbot.waitUntil(lambda: not jobs.jobs)
    assert (ordering.asked, ordering.chosen, ordering.error) == (None, QueueBy.DETECTORS, None)
    assert films(ran) == ORDERS[QueueBy.DETECTORS]


def test_an_order_that_fails_says_so_and_leaves_the_list_as_it_was(
    ran: Desk, qtbot: QtBot, data: Path
) -> None:
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as connection:
        connection.execute("DROP TABLE proposal_flag")
        connection.commit()
    ordering = ran.sitting.ordering
    put_in(ran, qtbot, QueueBy.LEAST_CERTAIN)
    assert ordering.error is not None
    assert (ordering.chosen, films(ran)) == (None, [0, 1, 2, 3])
    put_in(ran, qtbot, QueueBy.VERSIONS)
    assert (ordering.error, films(ran)) == (None, ORDERS[QueueBy.VERSIONS])


def test_a_run_changes_the_order_only_when_it_is_asked_for_anew(ran: Desk, qtbot: QtBot) -> None:
    ordering = ran.sitting.ordering
    put_in(ran, qtbot, QueueBy.LEAST_CERTAIN)
    assert not ordering.outdated
    run_unsurely(ran, 0)
    ran.sitting.proposing.proposed.emit(ran.sitting.worklist.ids[3])
    ran.sitting.renew()
    assert ordering.outdated
    assert films(ran) == [2, 3, 1, 0]
    ordering.anew()
    qtbot.waitUntil(lambda: ordering.asked is None)
    assert (films(ran), ordering.outdated) == ([0, 2, 3, 1], False)


@pytest.mark.parametrize(("by", "outdated"), [(QueueBy.READER, True), (QueueBy.LEAST_CERTAIN, False)])
def test_what_is_read_keeps_its_line(ran: Desk, qtbot: QtBot, by: QueueBy, *, outdated: bool) -> None:
    sitting = ran.sitting
    read_two(ran)
    put_in(ran, qtbot, by)
    before = films(ran)
    with qtbot.waitSignal(sitting.desk.opened):
        sitting.open(images_of(ran, ran.study)[3].id)
    sitting.desk.perform(lambda reading: gestures.exclude(reading, "motion"))
    assert sitting.worklist.row(images_of(ran, ran.study)[3].id).state is ReadingState.COMPLETE
    assert (films(ran), sitting.ordering.outdated) == (before, outdated)


def test_the_next_image_is_the_next_of_the_order(ran: Desk, qtbot: QtBot) -> None:
    sitting = ran.sitting
    first, *rest = (images_of(ran, ran.study)[place].id for place in ORDERS[QueueBy.LEAST_CERTAIN])
    opened: list[int] = []
    sitting.desk.opened.connect(lambda: opened.append(sitting.desk.image.id if sitting.desk.image else 0))
    with qtbot.waitSignal(sitting.desk.opened):
        sitting.open(rest[1])
    put_in(ran, qtbot, QueueBy.LEAST_CERTAIN)
    with qtbot.waitSignal(sitting.desk.opened):
        assert sitting.next_unread(), "the first of a new order, wherever the reader was"
    for wanted in rest:
        with qtbot.waitSignal(sitting.desk.opened):
            if wanted == rest[1]:
                sitting.step(1)
            else:
                assert sitting.next_unread()
    assert opened == [rest[1], first, *rest]


@pytest.mark.parametrize("policy", [RevealPolicy.ALL_LABELLED, RevealPolicy.SIGNED])
def test_the_order_tells_nothing_that_the_study_keeps_back(
    ran: Desk, qtbot: QtBot, policy: RevealPolicy
) -> None:
    ran.house.administration.studies.set_reveal_policy(ran.study.id, policy, ran.person)
    for by in (QueueBy.LEAST_CERTAIN, QueueBy.VERSIONS, QueueBy.DETECTORS):
        put_in(ran, qtbot, by)
        worklist = ran.sitting.worklist
        assert films(ran) == [0, 1, 2, 3], by
        assert worklist.order is not None
        assert worklist.order.placed == 0
        told = [worklist.queued(image_id) for image_id in worklist.ids[1:]]
        assert {(item.score, item.why) for item in told if item is not None} == {(None, KEPT_BACK)}
    read(ran, 2, "R-MP1")
    read(ran, 3)
    put_in(ran, qtbot, QueueBy.READER)
    assert films(ran)[0] == 2, "of what they have signed they may know"


def test_what_is_kept_back_follows_with_the_rest(ran: Desk, qtbot: QtBot) -> None:
    studies, shown = ran.house.administration.studies, images_of(ran, ran.study)[3].id
    with qtbot.waitSignal(ran.sitting.desk.opened):
        ran.sitting.open(shown)
    assert ran.sitting.review.waiting
    studies.set_reveal_policy(ran.study.id, RevealPolicy.SIGNED, ran.person)
    put_in(ran, qtbot, QueueBy.LEAST_CERTAIN)
    assert films(ran) == [3, 0, 1, 2]
    order = ran.sitting.worklist.order
    assert order is not None
    assert (order.placed, order.kept_back) == (1, 2)


def test_who_does_not_read_has_one_line_an_image(data: Path, qapp: object, qtbot: QtBot) -> None:
    with sit_down(data) as desk:
        run_twice(desk)
        read_two(desk)
        read(desk, 2, "R-MP1", "R-MP2", "R-MP3", "R-MP4", "R-MP5", name="Reader B")
        desk.house.administration.enter("Dana", Role.DATA)
    with sit_down(data, "Dana") as dana:
        put_in(dana, qtbot, QueueBy.READER)
        assert films(dana) == [2, 0, 1, 3]
        first = dana.sitting.worklist.queued(dana.sitting.worklist.ids[0])
        assert first is not None
        assert first.place.reader == "Reader B", "the one that differs most"


def test_under_another_policy_what_it_told_is_gone_before_another_one_comes(ran: Desk, qtbot: QtBot) -> None:
    ordering, worklist = ran.sitting.ordering, ran.sitting.worklist
    put_in(ran, qtbot, QueueBy.LEAST_CERTAIN)
    assert any(worklist.queued(image_id) for image_id in worklist.ids)
    ran.house.administration.studies.set_reveal_policy(ran.study.id, RevealPolicy.SIGNED, ran.person)
    with back_lane_busy(ran.house.jobs):
        ordering.policy_changed()
        assert ordering.asked is QueueBy.LEAST_CERTAIN
        assert films(ran) == [0, 1, 2, 3]
        assert not any(worklist.queued(image_id) for image_id in worklist.ids)
    qtbot.waitUntil(lambda: ordering.asked is None)
    assert films(ran) == [0, 1, 2, 3]


def test_who_switches_proposals_off_is_not_told_of_them_by_an_order(ran: Desk, qtbot: QtBot) -> None:
    ordering, worklist = ran.sitting.ordering, ran.sitting.worklist
    put_in(ran, qtbot, QueueBy.LEAST_CERTAIN)
    ran.sitting.review.set_shown(False)
    assert films(ran) == [0, 1, 2, 3]
    assert not any(worklist.queued(image_id) for image_id in worklist.ids)
    ordering.choose(QueueBy.DETECTORS)
    assert (ordering.asked, worklist.order) == (None, None)
    assert ordering.error is not None
    assert "switched off" in ordering.error.message
    ran.sitting.review.set_shown(True)
    put_in(ran, qtbot, QueueBy.DETECTORS)
    assert films(ran) == ORDERS[QueueBy.DETECTORS]
