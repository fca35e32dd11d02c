"""What can go wrong while the detector runs: a sentence each, and nothing stored but what really ran."""

from __future__ import annotations

import resource
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.app import open_house
from annotator.domain import gestures
from annotator.domain.errors import KnuckleError, ReplacedError
from annotator.domain.findings import NotAssessable
from annotator.domain.joints import JOINTS
from annotator.domain.people import Role
from annotator.domain.proposals import Run
from annotator.store.check import check
from annotator.workflow.proposing import UNSAVED
from tests.command_line import ROOT
from tests.detector.version_samples import make_version
from tests.detector.version_spoiling import edit
from tests.study_fixtures import quietly, sit_down
from tests.workflow.desk_driver import locked
from tests.workflow.model_driver import MS, Bench, Told, bench_at, bring, idle, proposer_of

Spoil = Callable[[Path], object]


@pytest.fixture
def folder(tiny: Path, tmp_path: Path) -> Path:
    """A version of one's own to spoil."""
    return Path(shutil.copytree(tiny, tmp_path / "own version"))


@pytest.fixture
def own(data: Path, folder: Path, qapp: object) -> Iterator[Bench]:
    """That version is active, and every image waits at the gate."""
    with sit_down(data) as desk:
        bring(desk.house, folder, desk.person)
    with bench_at(data, gated=True) as bench:
        yield bench


def said(run: Run | None) -> list[object]:
    assert run is not None
    return [(p.joint, p.box, p.confidence, p.ankylosis, p.subluxation) for p in run.proposals]


def sound(data: Path) -> bool:
    return check(data / "knuckle.sqlite", ROOT / "alembic").problems == ()


def overwritten(folder: Path) -> None:
    """In place, as a failing disk or a careless copy does."""
    for path in folder.glob("*.safetensors"):
        with path.open("r+b") as file:
            file.seek(path.stat().st_size // 2)
            file.write(b"\x41" * (path.stat().st_size // 4))


def cut(folder: Path) -> None:
    for path in folder.glob("*.safetensors"):
        with path.open("r+b") as file:
            file.truncate(1000)


def flipped(folder: Path) -> None:
    with (folder / "ankylosis.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        last = file.read(1)[0]
        file.seek(-1, 2)
        file.write(bytes([last ^ 1]))


def swapped(folder: Path) -> None:
    """Another version lies there now."""
    shutil.rmtree(folder)
    make_version(folder, t_conf=0.7, default_scan="whole")


def other_classes(folder: Path) -> None:
    edit(folder, lambda found: found.update(classes=["background", "normal", "eroded"]))


# the folder of the model


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (shutil.rmtree, "The folder of random cannot be read any more."),
        (flipped, "ankylosis.safetensors of random has changed since it was written."),
        (cut, "has changed since it was written."),
        (swapped, "The folder of random holds another version now."),
        (other_classes, "tells background, normal, eroded apart"),
    ],
)
def test_a_spoilt_folder_is_told_once_and_works_again_when_it_is_mended(
    own: Bench, folder: Path, tiny: Path, qtbot: QtBot, spoil: Spoil, told: str
) -> None:
    spoil(folder)
    own.gate.let(20)
    own.proposing.look_ahead(own.ids)
    idle(qtbot, own)
    assert told in str(own.proposing.problem(own.ids[0]))
    own.proposing.ask(own.ids[0])
    own.proposing.begin_list(own.desk.study.id)
    idle(qtbot, own)
    assert own.gate.looked == []
    ((image_id, error),) = own.told.refused
    assert (image_id, str(error)) == (own.ids[0], str(own.proposing.problem(own.ids[0])))
    (ended,) = own.told.lists
    assert [missed.reason for missed in ended.missed] == [str(error)], "not once for every image"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(tiny, folder)
    own.proposing.ask(own.ids[0])
    idle(qtbot, own)
    assert own.done == own.ids[:1]
    assert own.proposing.problem(own.ids[0]) is None


@pytest.mark.parametrize("spoil", [shutil.rmtree, flipped, overwritten, cut, swapped])
def test_what_was_begun_runs_to_its_end_with_what_it_was_begun_with(
    own: Bench, folder: Path, qtbot: QtBot, spoil: Spoil
) -> None:
    first, second, *_ = own.ids
    version = own.proposing.version
    assert version is not None
    own.gate.let()
    own.proposing.ask(first)
    idle(qtbot, own)
    before = own.runs(first)
    own.proposing.ask(first)
    assert own.gate.arrived() == own.gate.arrived() == first
    spoil(folder)
    own.gate.let(2)
    own.proposing.ask(second)
    idle(qtbot, own)
    after = own.runs(first)
    assert before is not None
    assert after is not None
    assert after.id > before.id
    assert said(after) == said(before)
    assert {run.version_sha256 for run in (before, after, own.runs(second)) if run} == {version.sha256}
    assert own.told.refused == []
    proposer = proposer_of(own.desk.house, own.desk.person)  # as after a restart
    with pytest.raises(KnuckleError):
        proposer.propose(second, quietly, again=True)


def test_a_version_activated_meanwhile_runs_from_the_next_image_on(
    own: Bench, tmp_path: Path, qtbot: QtBot
) -> None:
    first, second, *_ = own.ids
    other = make_version(tmp_path / "other", t_conf=0.7, default_scan="whole")
    own.proposing.ask(first)
    assert own.gate.arrived() == first
    bring(own.desk.house, other.folder, own.desk.person)
    own.proposing.ask(second)
    own.gate.let(2)
    idle(qtbot, own)
    runs = own.runs(first), own.runs(second)
    assert [run.version_sha256 == other.sha256 for run in runs if run] == [False, True]
    assert [run.thresholds.t_conf for run in runs if run] == [0.5, 0.7]


# the image


def test_an_image_that_is_closed_meanwhile_has_its_run_when_it_is_opened_again(
    tiny_data: Path, qtbot: QtBot
) -> None:
    with sit_down(tiny_data) as desk:
        sitting, told = desk.sitting, Told.by(desk.sitting.proposing)
        first, second, *_ = sitting.worklist.ids
        for image_id in (first, second):
            with qtbot.waitSignal(sitting.desk.opened, timeout=MS):
                sitting.open(image_id)
            sitting.proposing.ask(first)
        qtbot.waitUntil(lambda: bool(told.proposed), timeout=MS)
        assert sitting.review.run is None, "it is not this image's"
        with qtbot.waitSignal(sitting.desk.opened, timeout=MS):
            sitting.open(first)
        assert sitting.review.run is not None
        assert sitting.review.run.image_id == first


def test_a_reading_that_is_signed_meanwhile_stays_as_it_was(tiny_data: Path, qtbot: QtBot) -> None:
    with bench_at(tiny_data, gated=True) as bench:
        sitting, first = bench.desk.sitting, bench.ids[0]
        bench.proposing.proposed.connect(sitting.proposing.proposed)
        with qtbot.waitSignal(sitting.desk.opened, timeout=MS):
            sitting.open(first)
        bench.proposing.ask(first)
        assert bench.gate.arrived() == first
        for joint in JOINTS:
            assert sitting.desk.perform(
                lambda r, j=joint: gestures.set_not_assessable(r, j, NotAssessable.NOT_VISIBLE)
            )
        assert sitting.desk.sign()
        signed = sitting.desk.reading
        bench.gate.let()
        idle(qtbot, bench)
        assert bench.done == [first]
        assert sitting.review.run is not None
        assert sitting.review.rest == ()
        assert not sitting.deciding.accept_rest(sitting.review.waiting)
        assert sitting.desk.reading == signed
    assert sound(tiny_data)


def test_an_image_that_is_withdrawn_meanwhile_gets_no_run(gated: Bench, qtbot: QtBot) -> None:
    """Told to whoever asked for it; from a list and from what is looked at ahead it is just gone."""
    first, second, third, fourth = gated.ids
    administration, sitting = gated.desk.house.administration, gated.desk.sitting

    def withdraw(image_id: int) -> None:
        image = administration.studies.image(image_id)
        administration.withdraw_image(image, "consent withdrawn", gated.desk.person)

    gated.proposing.ask(first)
    assert gated.gate.arrived() == first
    withdraw(first)
    gated.gate.let()
    qtbot.waitUntil(lambda: bool(gated.told.refused), timeout=MS)
    assert "not in the study any more" in str(gated.told.refused[0][1])
    gated.proposing.look_ahead([second])
    assert gated.gate.arrived() == second
    withdraw(second)
    gated.gate.let()
    qtbot.waitUntil(lambda: not gated.proposing.runs_on(second), timeout=MS)
    assert gated.proposing.problem(second) is None
    gated.proposing.begin_list(gated.desk.study.id)
    qtbot.waitUntil(lambda: third in gated.gate.looked, timeout=MS)
    withdraw(third)
    withdraw(fourth)
    gated.gate.let(2)
    idle(qtbot, gated)
    (ended,) = gated.told.lists
    assert (ended.total, ended.missed) == (2, [])
    assert [gated.runs(image_id) for image_id in (first, second, third, fourth)] == [None] * 4
    assert gated.told.proposed == []
    sitting.renew()
    assert gated.ids == []


def test_a_file_that_has_vanished_is_missed_and_the_others_are_done(
    tiny_data: Path, films: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    copies = Path(shutil.copytree(films, tmp_path / "copies"))
    with bench_at(tiny_data, gated=True) as bench:
        administration = bench.desk.house.administration
        administration.library.relocate(films, copies, bench.desk.person, quietly)
        first, second, *rest = bench.ids
        bench.proposing.begin_list(bench.desk.study.id)
        qtbot.waitUntil(lambda: bench.gate.looked == [first], timeout=MS)
        bench.gate.let()
        qtbot.waitUntil(lambda: bench.gate.looked == [first, second], timeout=MS)
        image = administration.studies.image(second)
        Path(image.file.path).unlink()
        bench.gate.let(20)
        idle(qtbot, bench)
        (ended,) = bench.told.lists
        assert (ended.done, ended.total) == (3, 4)
        assert [missed.image for missed in ended.missed] == [image]
        assert bench.done == [first, *rest]
        bench.proposing.ask(second)
        idle(qtbot, bench)
        ((image_id, error),) = bench.told.refused
        assert (image_id, str(error)) == (second, ended.missed[0].reason)


# the disk


@contextmanager
def full() -> Iterator[None]:
    """No file may grow beyond two pages: no room for the journal of a change."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_a_run_is_not_stored_by_halves(gated: Bench, tiny_data: Path, qtbot: QtBot) -> None:
    first = gated.ids[0]
    gated.proposing.ask(first)
    assert gated.gate.arrived() == first
    gated.gate.let()
    with full():
        qtbot.waitUntil(lambda: bool(gated.told.refused), timeout=MS)
    ((_, error),) = gated.told.refused
    assert error.message in ("The disk is full.", "The disk could not be read or written.")
    assert gated.done == []
    gated.proposing.ask(first)
    gated.gate.let()
    idle(qtbot, gated)
    assert gated.done == [first]
    assert sound(tiny_data)


def test_a_list_is_given_up_when_nothing_can_be_stored(gated: Bench, tiny_data: Path, qtbot: QtBot) -> None:
    """And not at the first time: another program may just have been writing."""
    with locked(tiny_data):
        gated.proposing.begin_list(gated.desk.study.id)
        gated.gate.let(UNSAVED)
        qtbot.waitUntil(lambda: bool(gated.told.lists), timeout=MS)
    (ended,) = gated.told.lists
    assert [missed.image.id for missed in ended.missed if missed.image] == gated.ids[:UNSAVED]
    assert {missed.reason.partition(".")[0] for missed in ended.missed} == {
        "The database is in use by another program"
    }
    with locked(tiny_data):
        gated.proposing.begin_list(gated.desk.study.id)
        gated.gate.let()
        qtbot.waitUntil(lambda: len(gated.gate.looked) == UNSAVED + 2, timeout=MS)
    gated.gate.let(3)
    idle(qtbot, gated)
    assert gated.done == gated.ids[1:], "the first time is no reason to give up"


def test_a_database_that_cannot_be_read_now_is_no_fault_of_the_program(
    bench: Bench, tiny_data: Path, qtbot: QtBot
) -> None:
    """Another program has it for itself; then all goes on."""
    other = sqlite3.connect(tiny_data / "knuckle.sqlite", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    bench.proposing.look_ahead(bench.ids)
    assert "in use by another program" in str(bench.proposing.problem(bench.ids[0]))
    other.execute("ROLLBACK")
    other.close()
    bench.proposing.look_ahead(bench.ids[:1])
    idle(qtbot, bench)
    assert bench.done == bench.ids[:1]
    assert bench.proposing.problem(bench.ids[0]) is None


# two at once


def test_of_two_runs_at_once_both_are_kept_and_the_newest_is_decided_on(
    gated: Bench, tiny_data: Path, qtbot: QtBot
) -> None:
    sitting, first = gated.desk.sitting, gated.ids[0]
    gated.proposing.proposed.connect(sitting.proposing.proposed)
    with qtbot.waitSignal(sitting.desk.opened, timeout=MS):
        sitting.open(first)
    gated.proposing.ask(first)
    assert gated.gate.arrived() == first
    with open_house(tiny_data, alone=False) as other:
        person = other.administration.enter("Data D", Role.DATA)
        theirs = proposer_of(other, person).propose(first, quietly, again=False)
        assert theirs is not None
        gated.gate.let()
        idle(qtbot, gated)
        ours = gated.runs(first)
        assert ours is not None
        assert ours.id > theirs.id
        assert said(ours) == said(theirs)
        assert sitting.review.run == ours
        newest = proposer_of(other, person).propose(first, quietly, again=True)
        assert newest is not None
    refused: list[KnuckleError] = []
    sitting.desk.refused.connect(refused.append)
    shown = sitting.review.waiting[0]
    sitting.review.choose(shown)
    assert not sitting.deciding.reject()
    assert isinstance(refused[0], ReplacedError)
    assert refused[0].advice.endswith(".")
    assert sitting.review.run is not None
    assert sitting.review.run.id == newest.id
    sitting.review.choose(sitting.review.waiting[0])
    assert sitting.deciding.reject()
    assert check(tiny_data / "knuckle.sqlite", ROOT / "alembic").counts["runs"] == 3
    assert sound(tiny_data)
