"""Heat maps of a joint: made beside the window, kept, superseded and given up; by the shipped model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from pytestqt.qtbot import QtBot

from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding
from annotator.domain.joints import joint_named
from annotator.workflow.detection import HeatMap
from annotator.workflow.heat_maps import HeatAsked, HeatMaps
from annotator.workflow.jobs import Lane, Progress
from tests.study_fixtures import Desk, sit_down
from tests.workflow.desk_driver import opened, truth
from tests.workflow.model_driver import MS, PATIENCE_S, idle_jobs


class Told:
    """What was answered."""

    def __init__(self, maps: HeatMaps) -> None:
        self.ready: list[tuple[HeatAsked, HeatMap]] = []
        self.failed: list[tuple[HeatAsked, KnuckleError]] = []
        maps.ready.connect(lambda asked, heat: self.ready.append((asked, heat)))
        maps.failed.connect(lambda asked, error: self.failed.append((asked, error)))


@pytest.fixture
def desk(data: Path, qapp: object) -> Iterator[Desk]:
    """The shipped version is active."""
    with sit_down(data) as desk:
        assert desk.house.models.bring_shipped(desk.person)
        yield desk


def wanted(desk: Desk, qtbot: QtBot) -> HeatAsked:
    """The heat map of ankylosis on R-PIP3 of the first image, which is open then."""
    reading = opened(desk, qtbot)
    assert reading.image is not None
    version = desk.sitting.proposing.version
    assert version is not None
    return HeatAsked(
        version.id, reading.image.id, truth(reading)[joint_named("R-PIP3")], Finding.ANKYLOSIS, "conv7"
    )


def ask(desk: Desk, asked: HeatAsked) -> None:
    radiograph = desk.sitting.desk.radiograph
    assert radiograph is not None
    desk.sitting.heat_maps.ask(asked, radiograph)


def test_it_lies_over_its_box_and_is_made_once(desk: Desk, qtbot: QtBot) -> None:
    asked, told = wanted(desk, qtbot), Told(desk.sitting.heat_maps)
    ask(desk, asked)
    ask(desk, asked)  # it is on its way
    qtbot.waitUntil(lambda: bool(told.ready), timeout=MS)
    ((of, heat),) = told.ready
    assert of == asked
    x, y = heat.corner
    height, width = heat.values.shape
    assert x <= asked.box.x0 < asked.box.x1 <= x + width
    assert y <= asked.box.y0 < asked.box.y1 <= y + height
    assert 0 <= heat.values.min() <= heat.values.max() <= 1
    ask(desk, asked)
    assert [answer is heat for _, answer in told.ready] == [True, True], "at once, and the same"
    assert told.failed == []


def test_a_later_one_supersedes_and_giving_up_answers_nothing(desk: Desk, qtbot: QtBot) -> None:
    asked, told = wanted(desk, qtbot), Told(desk.sitting.heat_maps)
    later = replace(asked, finding=Finding.SUBLUXATION)
    ask(desk, asked)
    ask(desk, later)
    qtbot.waitUntil(lambda: bool(told.ready), timeout=MS)
    ask(desk, asked)
    desk.sitting.heat_maps.give_up()
    idle_jobs(qtbot, desk.house.jobs)
    assert [of for of, _ in told.ready] == [later]


def test_one_that_the_bar_cancelled_can_be_asked_for_again(desk: Desk, qtbot: QtBot) -> None:
    asked, told = wanted(desk, qtbot), Told(desk.sitting.heat_maps)
    go_on = Event()

    def hold(_progress: Progress) -> None:
        assert go_on.wait(PATIENCE_S)

    desk.house.jobs.submit(Lane.MODEL, "Held up", hold, lambda _none: None, lambda _error: None)
    ask(desk, asked)
    (job,) = (job for job in desk.house.jobs.jobs if job.title == "Heat map")
    job.cancel()
    ask(desk, asked)
    go_on.set()
    qtbot.waitUntil(lambda: bool(told.ready), timeout=MS)
    assert [of for of, _ in told.ready] == [asked]


def test_without_a_version_it_says_so_and_can_be_asked_for_again(desk: Desk, qtbot: QtBot) -> None:
    asked, told = wanted(desk, qtbot), Told(desk.sitting.heat_maps)
    versions = desk.house.models.versions
    version = versions.active()
    assert version is not None
    versions.deactivate(desk.person)
    ask(desk, asked)
    qtbot.waitUntil(lambda: bool(told.failed), timeout=MS)
    assert "No version of the detector is active." in str(told.failed[0][1])
    versions.activate(version.id, desk.person)
    ask(desk, asked)
    qtbot.waitUntil(lambda: bool(told.ready), timeout=MS)


def test_of_another_version_than_the_active_one_none_is_made(desk: Desk, qtbot: QtBot) -> None:
    asked, told = wanted(desk, qtbot), Told(desk.sitting.heat_maps)
    ask(desk, replace(asked, version_id=asked.version_id + 1))
    qtbot.waitUntil(lambda: bool(told.failed), timeout=MS)
    assert "Another version is active now: demo-1." in str(told.failed[0][1])
    assert told.ready == []


def test_whoever_does_not_want_to_wait_is_told_that_none_comes(desk: Desk, qtbot: QtBot) -> None:
    asked = wanted(desk, qtbot)
    with qtbot.waitSignal(desk.sitting.heat_maps.cancelled, timeout=MS) as given_up:
        ask(desk, asked)
        for job in desk.house.jobs.jobs:
            job.cancel()
    assert given_up.args == [asked]
    assert desk.sitting.heat_maps.wanted is None
