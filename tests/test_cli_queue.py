"""`knuckle queue` on real films that a real model has looked at, and the same beside a window."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.domain.errors import KnuckleError
from annotator.domain.people import Role
from annotator.domain.queue import KEPT_BACK, QueueBy, QueueItem
from annotator.domain.revealing import RevealPolicy
from tests.command_line import Said, within
from tests.languages import shout, spoken
from tests.study_fixtures import sit_down
from tests.test_cli_report import read

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(scope="session")
def looked_at(prepared: Path, tmp_path_factory: pytest.TempPathFactory, qapp: object) -> Path:
    """All four films with proposals."""
    data = shutil.copytree(prepared, tmp_path_factory.mktemp("looked at") / "data")
    assert within("propose", "--data", data, "--json").code == 0
    return data


@pytest.fixture
def seen(looked_at: Path, tmp_path: Path) -> Path:
    return shutil.copytree(looked_at, tmp_path / "seen")


def queue(data: Path, by: str, *more: object) -> Said:
    return within("queue", "--data", data, "--by", by, "--json", *more)


def test_the_least_certain_first_as_json_and_as_table(seen: Path, films: Path, tmp_path: Path) -> None:
    table = tmp_path / "queue.csv"
    found = queue(seen, "least-certain", "--csv", table).object
    assert (found["notice"], found["study"]) == ("Research use only, not for diagnosis.", "Hands")
    images = found["images"]
    assert {Path(image["image"]).name for image in images} == {f"0{p}-{v}.dcm" for p in "12" for v in "12"}
    scores = [image["score"] for image in images]
    assert scores == sorted(scores, reverse=True)
    assert all("lowest confidence" in image["why"].lower() for image in images)
    with table.open(encoding="utf-8-sig", newline="") as file:
        assert [row["why"] for row in csv.DictReader(file)] == [image["why"] for image in images]
    assert "is there already" in queue(seen, "least-certain", "--csv", table).error
    assert queue(seen, "least-certain").object == found


def test_a_slip_in_a_name_makes_no_person(seen: Path) -> None:
    before = within("people", "--data", seen, "--json").object
    assert queue(seen, "least-certain", "--person", "Dr. B").error.startswith(
        "Nobody here is known as Dr. B."
    )
    assert within("people", "--data", seen, "--json").object == before
    assert queue(seen, "least-certain", "--person", "Dr. A").code == 0


def test_a_command_line_speaks_english_whatever_a_window_speaks(seen: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    plain = queue(seen, "least-certain", "--csv", first)
    with spoken(shout):
        assert queue(seen, "least-certain", "--csv", second).out == plain.out
    assert second.read_bytes() == first.read_bytes()


def test_one_version_gives_nothing_to_compare(seen: Path) -> None:
    assert queue(seen, "versions").object["images"] == []
    assert queue(seen, "detectors").code == 0


def test_model_against_reader_once_a_reading_is_signed(seen: Path) -> None:
    assert queue(seen, "reader").object["images"] == []
    with sit_down(seen) as desk:
        read(desk, 0, "R-PIP3")
    (image,) = queue(seen, "reader").object["images"]
    assert (image["patient"], image["visit"], image["reader"]) == ("K-001", 1, "Dr. A")
    assert "with boxes apart" in image["why"], "its boxes were placed anywhere"
    with sit_down(seen) as desk:
        desk.house.administration.enter("Reader B", Role.READER)
    assert queue(seen, "reader", "--person", "Reader B").object["images"] == []


def test_a_reader_is_told_of_what_waits_and_why_when_the_study_allows(seen: Path) -> None:
    with sit_down(seen) as desk:
        studies = desk.house.administration.studies
        studies.set_reveal_policy(desk.study.id, RevealPolicy.SIGNED, desk.person)
        read(desk, 0)
        desk.house.administration.enter("Reader B", Role.READER)
    images = queue(seen, "least-certain", "--person", "Dr. A").object["images"]
    assert len(images) == 3
    assert {(image["score"], image["why"]) for image in images} == {(None, KEPT_BACK)}
    places = [(image["patient"], image["visit"]) for image in images]
    assert places == [("K-001", 2), ("K-002", 1), ("K-002", 2)], "their order tells nothing either"
    assert len(queue(seen, "least-certain", "--person", "Reader B").object["images"]) == 4


@pytest.mark.parametrize(("more", "told"), [(["--study", "Feet"], "There is no study named Feet.")])
def test_what_cannot_be_queued(seen: Path, more: list[str], told: str) -> None:
    assert queue(seen, "least-certain", *more).error == told
    assert within("queue", "--data", seen).code == 2


def test_one_study_must_be_named_where_there_are_several(seen: Path) -> None:
    with sit_down(seen) as desk:
        desk.house.administration.create_study("Other", "O", desk.person)
    said = queue(seen, "least-certain")
    assert said.error == "A queue is of one study; there are: Hands, Other."
    assert queue(seen, "least-certain", "--study", "Other").object["images"] == []


def test_it_is_built_beside_the_window(seen: Path, qtbot: QtBot) -> None:
    with sit_down(seen) as desk:
        done: list[tuple[QueueItem, ...]] = []
        failed: list[KnuckleError] = []
        queueing = desk.house.queueing()
        for by in QueueBy:
            with qtbot.waitSignal(desk.house.jobs.over):
                queueing.build(desk.study, by, desk.person, done.append, failed.append)
        assert [len(items) for items in done][:2] == [4, 0]
        assert (len(done), failed) == (len(QueueBy), [])
