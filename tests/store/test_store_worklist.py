"""The worklist: what is listed, in which order, by which words."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_samples import Desk, box_for, desk_on, film, open_database

from annotator.domain import gestures
from annotator.domain.annotations import Reading, ReadingState
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding, NotAssessable
from annotator.domain.images import SortBy, WorklistQuery, WorklistRow
from annotator.domain.joints import Hands, joint_named
from annotator.domain.people import Person
from annotator.store.search import Terms, terms

PIP3 = joint_named("R-PIP3")


def read(desk: Desk, image_id: int, by: Person, *, joints: int, finding: Finding | None = None) -> Reading:
    """A reading with some joints not assessable, and a finding that is no decision yet."""
    reading = desk.readings.load(image_id, by)
    if finding:
        reading, _ = desk.readings.apply(reading, gestures.draw(reading, PIP3, box_for(PIP3)), by)
        reading, _ = desk.readings.apply(reading, gestures.toggle_finding(reading, PIP3, finding), by)
    for joint in reading.expected[-joints:] if joints else ():
        edit = gestures.set_not_assessable(reading, joint, NotAssessable.CROPPED)
        reading, _ = desk.readings.apply(reading, edit, by)
    return reading


class Ward:
    """Twelve patients with two visits each, of which Anna has read some; Ben has read others."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.anna, self.ben = desk, desk.person("Anna"), desk.person("Ben")
        self.ids: dict[tuple[int, int], int] = {}
        for n in range(1, 13):
            for visit in (1, 2):
                day = date(2013 + visit, n, 10)
                self.ids[n, visit] = desk.image(film(10 * n + visit, patient=f"p{n}", day=day))
        read(desk, self.ids[2, 1], self.anna, joints=3, finding=Finding.ANKYLOSIS)
        read(desk, self.ids[10, 2], self.anna, joints=20)
        desk.readings.sign(read(desk, self.ids[3, 1], self.anna, joints=20), self.anna)
        read(desk, self.ids[4, 1], self.anna, joints=0, finding=Finding.DISLOCATION)
        read(desk, self.ids[5, 1], self.ben, joints=20)

    def query(self, **wanted: object) -> list[tuple[int, int]]:
        query = replace(WorklistQuery(self.desk.study.id, self.anna.id), **wanted)
        places = {image_id: place for place, image_id in self.ids.items()}
        return [places[image_id] for image_id in self.desk.worklist.ids(query)]


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ward]:
    """Shared by the tests of this file, which only read it."""
    database = open_database(tmp_path_factory.mktemp("ward"))
    yield Ward(desk_on(database))
    database.close()


EVERYTHING = [(n, visit) for n in range(1, 13) for visit in (1, 2)]


def test_patients_sort_by_number_and_visits_follow(ward: Ward) -> None:
    assert ward.query() == EVERYTHING
    assert ward.query(descending=True) == EVERYTHING[::-1]


def test_by_date(ward: Ward) -> None:
    by_date = [(n, visit) for visit in (1, 2) for n in range(1, 13)]
    assert ward.query(sort=SortBy.DATE) == by_date
    assert ward.query(sort=SortBy.DATE, descending=True) == by_date[::-1]


def test_by_state_new_first_and_signed_last(ward: Ward) -> None:
    begun = [(2, 1), (4, 1), (10, 2), (3, 1)]
    new = [place for place in EVERYTHING if place not in begun]
    assert ward.query(sort=SortBy.STATE) == new + begun
    assert ward.query(sort=SortBy.STATE, descending=True) == (new + begun)[::-1]


def test_by_progress(ward: Ward) -> None:
    begun = [(4, 1), (2, 1), (3, 1), (10, 2)]
    new = [place for place in EVERYTHING if place not in begun]
    assert ward.query(sort=SortBy.PROGRESS) == new + begun
    assert ward.query(sort=SortBy.PROGRESS, descending=True) == (new + begun)[::-1]


def test_filter_by_state(ward: Ward) -> None:
    assert ward.query(state=ReadingState.IN_PROGRESS) == [(2, 1), (4, 1)]
    assert ward.query(state=ReadingState.COMPLETE) == [(10, 2)]
    assert ward.query(state=ReadingState.SIGNED) == [(3, 1)]
    new = [p for p in EVERYTHING if p not in [(2, 1), (4, 1), (10, 2), (3, 1)]]
    for sort in (SortBy.PATIENT, SortBy.STATE, SortBy.PROGRESS):
        assert ward.query(state=ReadingState.NEW, sort=sort) == new
    assert ward.query(state=ReadingState.IN_PROGRESS, sort=SortBy.PROGRESS) == [(4, 1), (2, 1)]
    assert ward.query(state=ReadingState.IN_PROGRESS, sort=SortBy.DATE, descending=True) == [(4, 1), (2, 1)]


def test_filter_by_finding_is_by_ones_own_reading(ward: Ward) -> None:
    assert ward.query(finding=Finding.ANKYLOSIS) == [(2, 1)]
    assert ward.query(finding=Finding.DISLOCATION) == [(4, 1)]
    assert ward.query(finding=Finding.SUBLUXATION) == []
    assert ward.query(finding=Finding.ANKYLOSIS, state=ReadingState.NEW) == []
    ben = replace(WorklistQuery(ward.desk.study.id, ward.ben.id), finding=Finding.ANKYLOSIS)
    assert ward.desk.worklist.ids(ben) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("k-010", [(10, 1), (10, 2)]),
        ("Ｋ－０１０", [(10, 1), (10, 2)]),
        ("K-01 v2", [(10, 2), (11, 2), (12, 2)]),
        ("2014-02", [(2, 1)]),
        ("2014-1 visit 1", [(10, 1), (11, 1), (12, 1)]),
        ("ankylosis", [(2, 1)]),
        ("dislo", [(4, 1)]),
        ("ankylosis dislocation", []),
        ("ankylosis v2", []),
        ("%", []),
        ("K_010", []),
        ("nobody", []),
    ],
)
def test_filter_by_words(ward: Ward, text: str, found: list[tuple[int, int]]) -> None:
    assert ward.query(text=text) == found
    assert sorted(ward.query(text=text, sort=SortBy.STATE)) == found
    begun = [place for place in found if place in [(2, 1), (4, 1)]]
    assert ward.query(text=text, state=ReadingState.IN_PROGRESS) == begun


def test_visits_by_word(ward: Ward) -> None:
    assert ward.query(text="Visit 2") == ward.query(text="v2") == [(n, 2) for n in range(1, 13)]
    assert ward.query(text="2015") == [(n, 2) for n in range(1, 13)]


def test_words() -> None:
    assert terms("") == Terms()
    assert terms(" Visit 3  2015-3 ANKY dis k-1 ") == Terms(
        (3,), (Finding.ANKYLOSIS,), ("2015-3",), ("dis", "k-1")
    )


@given(st.text(max_size=30))
def test_any_text_has_words(text: str) -> None:
    assert isinstance(terms(text), Terms)


def test_rows_come_in_the_order_asked_for(ward: Ward) -> None:
    wanted = [ward.ids[4, 1], ward.ids[1, 2], ward.ids[3, 1]]
    in_progress, new, signed = ward.desk.worklist.rows(wanted, ward.anna.id)
    assert in_progress == WorklistRow(
        image_id=wanted[0],
        patient_code="K-004",
        visit=1,
        study_date=date(2014, 4, 10),
        state=ReadingState.IN_PROGRESS,
        done=1,
        expected=20,
        findings=frozenset({Finding.DISLOCATION}),
        excluded=False,
        thumbnail=film(41).pixels_sha256,
    )
    assert (new.state, new.done, new.expected, new.findings) == (ReadingState.NEW, 0, 20, frozenset())
    assert (signed.state, signed.done) == (ReadingState.SIGNED, 20)
    assert [row.state for row in ward.desk.worklist.rows(wanted, ward.ben.id)] == [ReadingState.NEW] * 3
    assert ward.desk.worklist.rows([], ward.anna.id) == []


def test_a_one_hand_image_expects_ten_joints(desk: Desk) -> None:
    file = film()
    image_id = desk.image(replace(file, facts=replace(file.facts, hands=Hands.LEFT)))
    assert desk.worklist.rows([image_id], desk.admin.id)[0].expected == 10


def test_counts(ward: Ward) -> None:
    assert ward.desk.worklist.counts(ward.desk.study.id, ward.anna.id) == {
        ReadingState.NEW: 20,
        ReadingState.IN_PROGRESS: 2,
        ReadingState.COMPLETE: 1,
        ReadingState.SIGNED: 1,
    }
    other = ward.desk.studies.create("Feet", "F", ward.desk.admin)
    assert set(ward.desk.worklist.counts(other.id, ward.anna.id).values()) == {0}


def test_a_page_larger_than_one_statement_is_whole(ward: Ward) -> None:
    wanted = list(ward.ids.values()) * 60
    assert [row.image_id for row in ward.desk.worklist.rows(wanted, ward.anna.id)] == wanted


def test_a_lost_image_is_told(ward: Ward) -> None:
    with pytest.raises(KnuckleError):
        ward.desk.studies.image(10_000)
