"""Who works in a data folder, as the command line lists and changes it, and whom it lets do what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from annotator.app import open_house
from annotator.domain.people import Role
from tests.command_line import names_of, small_film, within
from tests.study_fixtures import sit_down

pytestmark = pytest.mark.usefixtures("qapp")


def test_people_are_listed_and_given_roles_by_an_administrator(data: Path) -> None:
    """Dr. A is administrator of the prepared folder."""
    with open_house(data) as house:
        house.administration.enter("Dr. B", Role.READER)
    given = within("people", "Dr. B", "data", "--by", "Dr. A", "--data", str(data), "--json")
    assert given.code == 0
    assert names_of(data) == [("Dr. A", "administrator"), ("Dr. B", "data")]
    for name, role, by in (
        ("Dr. A", "data", "Dr. A"),
        ("Dr. A", "reader", "Dr. B"),
        ("Nobody", "data", "Dr. A"),
    ):
        refused = within("people", name, role, "--by", by, "--data", str(data), "--json")
        assert refused.code == 1
        assert "error" in json.loads(refused.out)
    assert within("people", "Dr. B", "king", "--by", "Dr. A", "--data", str(data)).code == 2
    listed = json.loads(within("people", "--data", str(data), "--json").out)
    assert listed == {
        "people": [{"name": "Dr. A", "role": "administrator"}, {"name": "Dr. B", "role": "data"}]
    }


def test_a_name_without_a_role_shows_that_person_and_changes_nothing(data: Path) -> None:
    with open_house(data) as house:
        house.administration.enter("Dr. B", Role.DATA)
    before = (data / "knuckle.sqlite").read_bytes()
    for by in ([], ["--by", "Dr. A"]):
        said = within("people", "dr. b", *by, "--data", data, "--json")
        assert (said.code, said.object) == (0, {"people": [{"name": "Dr. B", "role": "data"}]})
    nobody = within("people", "Dr. C", "--data", data, "--json")
    assert nobody.error == "Nobody here is known as Dr. C."
    assert (data / "knuckle.sqlite").read_bytes() == before


def test_import_into_a_folder_that_has_its_people(data: Path, tmp_path: Path) -> None:
    """Dr. A is administrator there; nobody has to say who types the command."""
    film = small_film(tmp_path / "a.dcm", 1)
    assert within("import", film, "--data", data, "--json").object["imported"] == 1
    assert names_of(data) == [("Dr. A", "administrator"), ("command line", "data")]


def test_the_command_line_takes_nobodys_place_as_administrator(tmp_path: Path) -> None:
    """Who signs in first after an import is the one who may do everything."""
    data, film = tmp_path / "data", small_film(tmp_path / "a.dcm", 1)
    assert within("import", film, "--data", data, "--json").code == 0
    with sit_down(data, "Dr. B") as desk:
        assert desk.person.role == "administrator"
    assert within("import", film, "--data", data, "--by", "Dr. B", "--json").object["known"] == 1


def test_a_reader_may_not_import(data: Path, tmp_path: Path) -> None:
    film = small_film(tmp_path / "a.dcm", 1)
    with sit_down(data, "Reader C"):
        before = (data / "knuckle.sqlite").read_bytes()
    said = within("import", film, "--data", data, "--by", "Reader C", "--json")
    assert said.error == "Reader C may not import radiographs."
    assert (data / "knuckle.sqlite").read_bytes() == before
