"""People: names in any case and width, roles, who may change them."""

import pytest
from store_samples import Desk

from annotator.domain.errors import KnuckleError, LockedError
from annotator.domain.people import Person, Role


def test_a_person_is_found_in_any_case_and_width(desk: Desk) -> None:
    anna = desk.people.add("  Anna   Ito ", Role.READER, desk.admin)
    assert anna.name == "Anna Ito"
    assert desk.people.find("ＡＮＮＡ　ito") == anna
    assert desk.people.find("Anna") is None
    assert desk.people.all() == [desk.admin, anna]


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\x00b", "anna ITO"])
def test_names_that_are_none_or_taken_are_refused(desk: Desk, name: str) -> None:
    desk.people.add("Anna Ito", Role.READER, desk.admin)
    with pytest.raises(KnuckleError):
        desk.people.add(name, Role.READER, desk.admin)
    assert len(desk.people.all()) == 2


def test_nobody_makes_themselves_administrator_beside_another(desk: Desk) -> None:
    assert desk.people.add("Ben", Role.READER, None).role is Role.READER
    assert desk.people.add("Cleo", Role.DATA, None).role is Role.DATA
    with pytest.raises(LockedError, match="administrator already"):
        desk.people.add("Dora", Role.ADMINISTRATOR, None)


def test_only_an_administrator_adds_people_and_sets_roles(desk: Desk) -> None:
    ben = desk.person("Ben")
    with pytest.raises(LockedError):
        desk.people.add("Cleo", Role.READER, ben)
    with pytest.raises(LockedError):
        desk.people.set_role(ben, Role.ADMINISTRATOR, ben)
    with pytest.raises(LockedError):
        desk.people.set_role(ben, Role.ADMINISTRATOR, Person(99, "Nobody", Role.ADMINISTRATOR))
    assert desk.people.set_role(ben, Role.DATA, desk.admin) == desk.people.find("Ben")


def test_the_last_administrator_stays_one(desk: Desk) -> None:
    with pytest.raises(KnuckleError, match="administrator"):
        desk.people.set_role(desk.admin, Role.READER, desk.admin)
    assert desk.people.find("Admin") == desk.admin
