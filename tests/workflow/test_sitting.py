"""From image to image: what is shown is what was wanted last, and is what was imported."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

import pytest
from pytestqt.qtbot import QtBot

from annotator.domain import gestures
from annotator.domain.annotations import ReadingState
from annotator.domain.errors import KnuckleError, LockedError
from annotator.domain.findings import NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS
from annotator.domain.people import Role
from annotator.workflow.jobs import Lane, Progress
from tests.command_line import small_film, small_films
from tests.study_fixtures import Desk, quietly, sit_down

PATIENCE_S = 20


def show(desk: Desk, qtbot: QtBot, image_id: int) -> None:
    with qtbot.waitSignal(desk.sitting.desk.opened):
        desk.sitting.open(image_id)


def shown(desk: Desk) -> int | None:
    return desk.sitting.desk.image.id if desk.sitting.desk.image else None


def idle(desk: Desk, qtbot: QtBot) -> None:
    """Nothing is on its way any more."""
    qtbot.waitUntil(lambda: not desk.house.jobs.jobs, timeout=PATIENCE_S * 1000)


def path_of(desk: Desk, image_id: int) -> Path:
    return Path(desk.house.administration.studies.image(image_id).file.path)


def complete(desk: Desk, image_id: int) -> None:
    """A reading in which no joint is left to be assessed: the film shows none of them."""
    readings = desk.sitting.desk
    for joint in JOINTS:
        assert readings.perform(
            lambda r, j=joint: gestures.set_not_assessable(r, j, NotAssessable.NOT_VISIBLE)
        )
    assert readings.reading is not None
    assert readings.reading.state is ReadingState.COMPLETE


@pytest.fixture
def own_films(data: Path, films: Path, tmp_path: Path, qapp: object) -> Iterator[Desk]:
    """A desk whose films are copies that a test may damage; their times of change are others."""
    copies = shutil.copytree(films, tmp_path / "copies", copy_function=shutil.copyfile)
    with sit_down(data) as desk:
        desk.house.administration.library.relocate(films, copies, desk.person, quietly)
        yield desk


@pytest.fixture
def busy(at_desk: Desk) -> Iterator[Event]:
    """The front lane is held up until the event is set."""
    go_on = Event()

    def hold(_progress: Progress) -> None:
        assert go_on.wait(PATIENCE_S)

    at_desk.house.jobs.submit(Lane.FRONT, "Held up", hold, lambda _none: None, lambda _error: None)
    yield go_on
    go_on.set()


# next and previous


def test_steps_go_along_the_list_and_stop_at_its_ends(at_desk: Desk, qtbot: QtBot) -> None:
    sitting, ids = at_desk.sitting, at_desk.sitting.worklist.ids
    with qtbot.waitSignal(sitting.desk.opened):
        sitting.step(1)
    assert shown(at_desk) == ids[0], "with nothing open, the first one"
    for expected in (ids[1], ids[2], ids[3]):
        with qtbot.waitSignal(sitting.desk.opened):
            sitting.step(1)
        assert shown(at_desk) == expected
    sitting.step(1)
    idle(at_desk, qtbot)
    assert shown(at_desk) == ids[3]
    with qtbot.waitSignal(sitting.desk.opened):
        sitting.step(-1)
    assert shown(at_desk) == ids[2]


def test_a_step_from_an_image_the_filter_leaves_out_goes_to_the_first(at_desk: Desk, qtbot: QtBot) -> None:
    sitting = at_desk.sitting
    show(at_desk, qtbot, sitting.worklist.ids[0])
    code = sitting.worklist.row(sitting.worklist.ids[-1]).patient_code
    sitting.worklist.set_text(code)
    assert shown(at_desk) not in sitting.worklist.ids
    with qtbot.waitSignal(sitting.desk.opened):
        sitting.step(1)
    assert shown(at_desk) == sitting.worklist.ids[0]
    sitting.worklist.set_text("no such patient")
    sitting.step(1)
    assert sitting.worklist.ids == []
    assert not sitting.next_unread()


def test_next_unread_passes_over_what_is_complete_until_all_is(at_desk: Desk, qtbot: QtBot) -> None:
    sitting, ids = at_desk.sitting, at_desk.sitting.worklist.ids
    show(at_desk, qtbot, ids[1])
    complete(at_desk, ids[1])
    assert sitting.worklist.row(ids[1]).state is ReadingState.COMPLETE
    visited = []
    for _ in range(3):
        with qtbot.waitSignal(sitting.desk.opened):
            assert sitting.next_unread()
        visited.append(shown(at_desk))
        complete(at_desk, ids[0])
    assert visited == [ids[2], ids[3], ids[0]], "on from here, and round the end"
    assert not sitting.next_unread()
    assert sitting.worklist.counts[ReadingState.COMPLETE] == 4


# ahead of time


def test_the_next_image_is_read_before_it_is_wanted(own_films: Desk, qtbot: QtBot) -> None:
    """Its file is then spoilt behind the system's back: only who reads it again would notice."""
    sitting, ids = own_films.sitting, own_films.sitting.worklist.ids
    show(own_films, qtbot, ids[0])
    qtbot.waitUntil(lambda: sitting.opener.ready(ids[1]), timeout=PATIENCE_S * 1000)
    path = path_of(own_films, ids[1])
    before = path.stat()
    with path.open("r+b") as file:
        file.seek(-1000, os.SEEK_END)
        file.write(bytes(1000))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    show(own_films, qtbot, ids[1])
    assert shown(own_films) == ids[1]
    assert not sitting.file_lost


def test_an_image_read_ahead_whose_file_has_changed_since_is_read_again(
    own_films: Desk, qtbot: QtBot
) -> None:
    sitting, ids = own_films.sitting, own_films.sitting.worklist.ids
    show(own_films, qtbot, ids[0])
    qtbot.waitUntil(lambda: sitting.opener.ready(ids[1]), timeout=PATIENCE_S * 1000)
    path = path_of(own_films, ids[1])
    path.write_bytes(path.read_bytes()[:-2] + b"\0\1")
    with qtbot.waitSignal(sitting.refused) as told:
        sitting.open(ids[1])
    assert told.args is not None
    assert "changed since it was imported" in str(told.args[0])
    assert shown(own_films) == ids[0], "what was open stays"
    assert sitting.last_refused is not None
    assert sitting.last_refused.id == ids[1]


def test_a_file_that_was_only_touched_is_the_same_file(own_films: Desk, qtbot: QtBot) -> None:
    sitting, ids = own_films.sitting, own_films.sitting.worklist.ids
    show(own_films, qtbot, ids[0])
    qtbot.waitUntil(lambda: sitting.opener.ready(ids[1]), timeout=PATIENCE_S * 1000)
    os.utime(path_of(own_films, ids[1]))
    show(own_films, qtbot, ids[1])
    assert not sitting.file_lost


def test_a_name_that_no_text_can_spell_is_opened_and_watched(
    data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    folder = os.fsencode(tmp_path) + b"/H\xe4nde"
    os.mkdir(folder)
    with sit_down(data) as desk:
        film = Path(os.fsdecode(shutil.copy(small_film(tmp_path / "a.dcm", 1), folder + b"/gr\xf6\xdfe.dcm")))
        desk.house.administration.library.add([film], desk.study, desk.person, quietly)
        desk.sitting.renew()
        show(desk, qtbot, desk.sitting.worklist.ids[-1])
        assert desk.sitting.desk.image is not None
        assert Path(desk.sitting.desk.image.file.path) == film


# what was wanted before is wanted no more


def test_an_image_that_is_superseded_never_shows(at_desk: Desk, busy: Event, qtbot: QtBot) -> None:
    sitting, ids = at_desk.sitting, at_desk.sitting.worklist.ids
    seen: list[int | None] = []
    sitting.desk.opened.connect(lambda: seen.append(shown(at_desk)))
    for image_id in (ids[0], ids[1], ids[0], ids[2]):
        sitting.open(image_id)
    busy.set()
    qtbot.waitUntil(lambda: bool(seen), timeout=PATIENCE_S * 1000)
    qtbot.waitUntil(lambda: sitting.opener.ready(ids[1]), timeout=PATIENCE_S * 1000)
    idle(at_desk, qtbot)
    assert seen == [ids[2]]


def test_who_comes_back_before_the_next_one_is_there_stays(at_desk: Desk, qtbot: QtBot) -> None:
    sitting, ids = at_desk.sitting, at_desk.sitting.worklist.ids
    show(at_desk, qtbot, ids[0])
    with qtbot.assertNotEmitted(sitting.desk.opened):
        sitting.open(ids[3])
        sitting.open(ids[0])
        idle(at_desk, qtbot)
    assert shown(at_desk) == ids[0]
    show(at_desk, qtbot, ids[3])
    assert shown(at_desk) == ids[3]


def test_an_opening_that_somebody_cancelled_can_be_asked_for_again(
    at_desk: Desk, busy: Event, qtbot: QtBot
) -> None:
    sitting, ids = at_desk.sitting, at_desk.sitting.worklist.ids
    sitting.open(ids[0])
    (opening,) = (job for job in at_desk.house.jobs.jobs if job.title == "Opening image")
    opening.cancel()
    busy.set()
    idle(at_desk, qtbot)
    assert shown(at_desk) is None
    show(at_desk, qtbot, ids[0])
    assert shown(at_desk) == ids[0]


def test_an_edit_that_waits_to_be_stored_holds_the_image(at_desk: Desk, data: Path, qtbot: QtBot) -> None:
    sitting, ids = at_desk.sitting, at_desk.sitting.worklist.ids
    show(at_desk, qtbot, ids[0])
    other = sqlite3.connect(data / "knuckle.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert not sitting.desk.draw(Box(100, 100, 200, 200), JOINTS[0])
    with qtbot.waitSignal(sitting.refused) as told:
        sitting.open(ids[1])
    assert told.args is not None
    assert "not stored yet" in str(told.args[0])
    assert shown(at_desk) == ids[0]
    other.execute("ROLLBACK")
    other.close()
    show(at_desk, qtbot, ids[1])
    show(at_desk, qtbot, ids[0])
    assert sitting.desk.reading is not None
    assert sitting.desk.reading.boxes == {JOINTS[0]: Box(100, 100, 200, 200)}


# withdrawn


Withdraw = Callable[[Desk, int], None]


def withdraw_image(desk: Desk, image_id: int) -> None:
    administration = desk.house.administration
    administration.withdraw_image(administration.studies.image(image_id), "consent withdrawn", desk.person)


def withdraw_patient(desk: Desk, image_id: int) -> None:
    administration = desk.house.administration
    administration.withdraw_patient(administration.studies.image(image_id), "moved away", desk.person)


@pytest.mark.parametrize(("withdraw", "left"), [(withdraw_image, [1, 2, 3]), (withdraw_patient, [2, 3])])
def test_what_is_withdrawn_is_gone_from_the_list_and_the_desk(
    at_desk: Desk, data: Path, films: Path, qtbot: QtBot, withdraw: Withdraw, left: list[int]
) -> None:
    sitting, ids = at_desk.sitting, at_desk.sitting.worklist.ids
    show(at_desk, qtbot, ids[1])
    sitting.desk.draw(Box(100, 100, 200, 200), JOINTS[0])
    show(at_desk, qtbot, ids[0])
    qtbot.waitUntil(lambda: sitting.opener.ready(ids[1]), timeout=PATIENCE_S * 1000)
    withdraw(at_desk, ids[0])
    with qtbot.waitSignal(sitting.desk.opened):
        sitting.renew()
    assert shown(at_desk) is None
    assert sitting.worklist.ids == [ids[place] for place in left]
    assert sitting.worklist.total == len(left)
    for gone in {ids[0], ids[1]} - set(sitting.worklist.ids):
        with qtbot.waitSignal(sitting.refused) as told, qtbot.assertNotEmitted(sitting.desk.opened):
            sitting.open(gone)  # though it may lie in memory, ready to be shown
        assert told.args is not None
        assert "not in the study any more" in str(told.args[0])
    library = at_desk.house.administration.library
    assert library.add([films], at_desk.study, at_desk.person, quietly).known == 4
    sitting.renew()
    assert sitting.worklist.total == len(left), "importing it again does not bring it back"
    with sqlite3.connect(data / "knuckle.sqlite") as database:
        (detail,) = database.execute("SELECT detail FROM audit WHERE action = 'withdraw'").fetchone()
        (kept,) = database.execute("SELECT count(*) FROM image").fetchone()
    assert kept == 4
    assert ("consent withdrawn" if withdraw is withdraw_image else "moved away") in detail


def test_an_image_withdrawn_under_an_edit_that_waits_leaves_the_desk(
    at_desk: Desk, data: Path, qtbot: QtBot
) -> None:
    sitting, ids = at_desk.sitting, at_desk.sitting.worklist.ids
    show(at_desk, qtbot, ids[0])
    other = sqlite3.connect(data / "knuckle.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert not sitting.desk.draw(Box(100, 100, 200, 200), JOINTS[0])
    other.execute("ROLLBACK")
    other.close()
    withdraw_image(at_desk, ids[0])
    sitting.renew()
    assert shown(at_desk) is None
    assert not sitting.desk.unsaved


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_withdrawal_needs_a_reason(at_desk: Desk, reason: str) -> None:
    administration = at_desk.house.administration
    image = administration.studies.image(at_desk.sitting.worklist.ids[0])
    for withdraw in (administration.withdraw_image, administration.withdraw_patient):
        with pytest.raises(KnuckleError, match="reason"):
            withdraw(image, reason, at_desk.person)


# roles


def test_a_data_person_looks_but_does_not_read(data: Path, qtbot: QtBot, qapp: object) -> None:
    with sit_down(data, "Data D", Role.DATA) as desk:
        sitting = desk.sitting
        assert sitting.desk.locked
        show(desk, qtbot, sitting.worklist.ids[0])
        with qtbot.waitSignal(sitting.desk.refused) as told, qtbot.assertNotEmitted(sitting.desk.saved):
            assert not sitting.desk.draw(Box(100, 100, 200, 200), JOINTS[0])
        assert told.args is not None
        assert isinstance(told.args[0], LockedError)
        assert not sitting.desk.unsaved
    with sqlite3.connect(data / "knuckle.sqlite") as database:
        assert database.execute("SELECT count(*) FROM reading").fetchone() == (0,)


def test_a_reader_withdraws_nothing_and_makes_no_study(data: Path, qapp: object) -> None:
    with sit_down(data, "Reader C") as desk:
        administration = desk.house.administration
        image = administration.studies.image(desk.sitting.worklist.ids[0])
        for forbidden in (
            lambda: administration.withdraw_image(image, "why not", desk.person),
            lambda: administration.withdraw_patient(image, "why not", desk.person),
            lambda: administration.create_study("Mine", "M", desk.person),
            lambda: administration.library.add([], desk.study, desk.person, quietly),
            lambda: administration.library.relocate(Path("/a"), Path("/b"), desk.person, quietly),
        ):
            with pytest.raises(LockedError, match="Reader C may not"):
                forbidden()
        assert len(administration.studies.images(desk.study.id)) == 4


# imports beside the desk


def test_an_import_that_is_cancelled_shows_what_it_brought(
    at_desk: Desk, tmp_path: Path, qtbot: QtBot
) -> None:
    small_films(tmp_path / "films", range(200))
    jobs, administration = at_desk.house.jobs, at_desk.house.administration
    ended: list[object] = []
    administration.outcomes.imported.connect(lambda *told: ended.append(told))
    administration.outcomes.failed.connect(ended.append)
    importing = at_desk.sitting.import_paths([tmp_path / "films"])
    jobs.progressed.connect(lambda job, done, _total, _text: done > 2 and job.cancel())
    with qtbot.waitSignal(at_desk.sitting.worklist.changed, timeout=PATIENCE_S * 1000):
        qtbot.waitUntil(lambda: importing not in jobs.jobs, timeout=PATIENCE_S * 1000)
    assert ended == []
    brought = len(administration.studies.images(at_desk.study.id)) - 4
    assert 0 < brought < 200
    assert len(at_desk.sitting.worklist.ids) == 4 + brought
