"""A real data folder with a small sample study, made once and copied for each test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from annotator.app import House, open_house
from annotator.domain.images import Image, Study
from annotator.domain.people import Person, Role
from annotator.workflow import sample
from annotator.workflow.library import Library
from annotator.workflow.sitting import Sitting
from tests.command_line import knuckle

PATIENTS, VISITS = 2, 2


def quietly(_done: int, _total: int, _text: str) -> None:
    """Progress nobody looks at."""


@pytest.fixture(scope="session")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four drawn radiographs with their truth: two patients, two visits."""
    folder = tmp_path_factory.mktemp("films") / "見本"
    sample.draw_sample(folder, quietly, PATIENTS, VISITS)
    return folder


@pytest.fixture(scope="session")
def prepared(films: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which Dr. A, administrator, has imported the four films into the study Hands."""
    data = tmp_path_factory.mktemp("prepared") / "data"
    with open_house(data) as house:
        person = house.administration.enter("Dr. A", Role.READER)
        study = house.administration.create_study("Hands", "K", person)
        result = house.administration.library.add([films], study, person, quietly)
        assert (result.imported, result.passed, result.refused) == (4, 4, ())
    return data


@pytest.fixture(scope="session")
def sampled(films: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `knuckle demo --headless` made, where a sample study had been cut short: data, out, said.json."""
    folder = tmp_path_factory.mktemp("sampled")
    begun = shutil.copytree(films, folder / "data" / "sample")
    (begun / "02-2.json").rename(begun / "02-2.part")
    said = knuckle(
        "demo", "--headless", "--data", folder / "data", "--out", folder / "out", "--json", home=folder
    )
    assert said.code == 0, said.err
    (folder / "said.json").write_text(json.dumps(said.object), "utf-8")
    return folder


@pytest.fixture
def data(prepared: Path, tmp_path: Path) -> Path:
    """A copy of the prepared data folder."""
    return shutil.copytree(prepared, tmp_path / "data")


@dataclass(frozen=True)
class Desk:
    """An open house with somebody signed in at the first study."""

    house: House
    person: Person
    study: Study
    sitting: Sitting


@contextmanager
def sit_down(data: Path, name: str = "Dr. A", role: Role = Role.READER) -> Iterator[Desk]:
    """Open a data folder and sign in."""
    with open_house(data) as house:
        person = house.administration.enter(name, role)
        study = house.administration.studies.all()[0]
        sitting = house.sitting(person, study)
        yield Desk(house, person, study, sitting)


def images_of(desk: Desk, study: Study) -> list[Image]:
    """By patient and visit, without those withdrawn."""
    return desk.house.administration.studies.images(study.id)


@pytest.fixture
def at_desk(data: Path, qapp: object) -> Iterator[Desk]:
    """Dr. A, signed in at the study Hands."""
    with sit_down(data) as desk:
        yield desk


@pytest.fixture
def library(at_desk: Desk) -> Library:
    return at_desk.house.administration.library


@pytest.fixture
def empty(at_desk: Desk) -> Study:
    """A study without images."""
    return at_desk.house.administration.create_study("Empty", "E", at_desk.person)


@pytest.fixture
def moved(at_desk: Desk, films: Path, tmp_path: Path) -> Path:
    """Copies of the films of the study Hands, where the study knows them to be."""
    copies = shutil.copytree(films, tmp_path / "moved")
    at_desk.house.administration.library.relocate(films, copies, at_desk.person, quietly)
    return copies
