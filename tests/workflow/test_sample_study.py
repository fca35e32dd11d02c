"""Which study is the sample: not the one of that name, but the one that was made for it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from annotator.app import House, open_house
from annotator.cli import app
from annotator.domain.people import Role
from annotator.paths import default_data_folder
from annotator.workflow import sample
from tests.study_fixtures import quietly


@pytest.fixture
def sampled_house(sampled: Path, tmp_path: Path, qapp: object) -> Iterator[House]:
    """A data folder with the whole sample study."""
    with open_house(shutil.copytree(sampled / "data", tmp_path / "data")) as house:
        person = house.administration.enter("Demonstration", Role.READER)
        drawn = sampled / "data" / "sample"
        house.administration.library.relocate(drawn, house.paths.sample, person, quietly)
        yield house


def test_a_study_that_somebody_calls_sample_is_theirs(data: Path, qapp: object) -> None:
    with open_house(data) as house:
        administration = house.administration
        person = administration.enter("Dr. A", Role.READER)
        own = administration.create_study(sample.NAME, "X", person)
        assert administration.complete_sample(own, person) is None
        made = administration.sample_study(person)
        assert (made.name, made.id != own.id) == ("Sample 2", True)
        assert administration.sample_study(person) == made
        job = administration.complete_sample(made, person)
        assert job is not None
        job.cancel()


def test_the_sample_is_imported_once_whatever_is_withdrawn(sampled_house: House) -> None:
    administration = sampled_house.administration
    person = administration.enter("Demonstration", Role.READER)
    study = administration.sample_study(person)
    assert administration.complete_sample(study, person) is None
    image = administration.studies.images(study.id)[0]
    administration.withdraw_image(image, "asked for", person)
    assert administration.complete_sample(study, person) is None


@pytest.mark.parametrize("lost", ["02-2.dcm", "02-2.json", "study.txt"])
def test_what_the_folder_lost_is_made_again_in_the_same_study(sampled_house: House, lost: str) -> None:
    administration, folder = sampled_house.administration, sampled_house.paths.sample
    person = administration.enter("Demonstration", Role.READER)
    study = administration.sample_study(person)
    (folder / lost).unlink()
    assert administration.sample_study(person) == study
    assert not sample.is_complete(administration.studies, study, folder)
    made, result = sample.make_sample(administration.studies, administration.library, folder, person, quietly)
    assert (made, result.imported, result.known) == (study, 0, 12)
    assert sample.is_complete(administration.studies, study, folder)


def test_a_folder_of_another_database_says_nothing_of_this_one(
    data: Path, sampled: Path, qapp: object
) -> None:
    shutil.copytree(sampled / "data" / "sample", data / "sample")
    with open_house(data) as house:
        assert sample.find(house.administration.studies, house.paths.sample) is None


def test_the_demonstration_keeps_to_a_folder_of_its_own(
    sampled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless one is named; in the user's own it might become administrator."""
    shutil.copytree(sampled / "data", tmp_path / "demo-data")
    monkeypatch.chdir(tmp_path)
    opened: list[tuple[Path, bool]] = []
    monkeypatch.setattr(
        "annotator.desktop.run",
        lambda data, _reader, *, at_sample=False: opened.append((data, at_sample)) or 0,
    )
    assert CliRunner().invoke(app, ["demo"]).exit_code == 0
    assert CliRunner().invoke(app, ["--data", str(tmp_path / "named"), "demo"]).exit_code == 0
    assert CliRunner().invoke(app, []).exit_code == 0
    said = CliRunner().invoke(app, ["demo", "--headless", "--json"])
    assert json.loads(said.output)["imported"] == 0
    assert (tmp_path / "demo-out" / "1-opened.png").exists()
    assert [(data.name, at_sample) for data, at_sample in opened] == [
        ("demo-data", True), ("named", True), (default_data_folder().name, False),
    ]  # fmt: skip
