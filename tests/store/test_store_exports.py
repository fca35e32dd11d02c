"""What a study has to give: every reading with its reader, what they saw, and when it last changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from detection_samples import review_on
from store_samples import Desk, audit_rows, film

from annotator.domain import gestures
from annotator.domain.annotations import Reading
from annotator.domain.errors import LockedError
from annotator.domain.people import Role
from annotator.domain.selection import ImageReadings
from annotator.store.exports import Exports
from tests.proposal_samples import run_over


def readings(desk: Desk) -> list[ImageReadings]:
    return Exports(desk.database).readings(desk.study.id, desk.admin)


def test_every_reading_comes_with_who_what_and_when(desk: Desk) -> None:
    anna, ben = review_on(desk, "Anna"), review_on(desk, "Ben", run=False)
    later = desk.image(film(2, day=date(2015, 9, 1)))
    undated = desk.image(film(3, day=None))
    other = desk.image(film(4, patient="patient 2", day=date(2014, 1, 1)))
    (first, *others) = readings(desk)
    assert [one.image.id for one in (first, *others)] == [anna.image_id, later, undated, other]
    assert [one.days for one in (first, *others)] == [0, 184, None, 0]
    assert first.readings == ()
    remark(desk, ben.reading)
    remark(desk, anna.reading)
    of_anna, of_ben = readings(desk)[0].readings
    assert (of_anna.reader, of_ben.reader) == ("Anna", "Ben")
    assert (of_anna.reveal, of_ben.reveal) == (anna.standing.revealed, None)
    assert of_ben.reading == desk.readings.load(first.image.id, ben.by)
    rows = audit_rows(desk.database)
    assert (of_ben.position, of_anna.position) == (len(rows) - 1, len(rows))
    assert of_anna.changed_at is not None
    assert of_anna.changed_at.isoformat(timespec="microseconds") == rows[-1].at


def remark(desk: Desk, reading: Reading) -> None:
    """One gesture of the reading's reader."""
    who = next(person for person in desk.people.all() if person.id == reading.reader_id)
    edit = gestures.comment_image(reading, "seen")
    desk.readings.apply(reading, edit, who)


def test_what_changes_no_label_moves_no_position(desk: Desk) -> None:
    anna = review_on(desk, "Anna")
    remark(desk, anna.reading)
    before = position(desk)
    desk.image(replace(film(1), path="/elsewhere/1.dcm"))
    anna.detections.add(run_over(anna.image_id, version_id=anna.version.id), desk.admin)
    Exports(desk.database).note(desk.study.id, {"format": "coco"}, desk.admin)
    desk.image(film(7))
    assert position(desk) == before
    anna.look()
    assert position(desk) == len(audit_rows(desk.database)), "who saw what is part of a label"


def position(desk: Desk) -> int:
    return readings(desk)[0].readings[0].position


def test_withdrawn_images_are_out_and_count_for_the_days(desk: Desk) -> None:
    first, second = desk.image(film(1)), desk.image(film(2, day=date(2015, 3, 11)))
    desk.studies.withdraw_image(first, "consent", desk.admin)
    assert [(one.image.id, one.days) for one in readings(desk)] == [(second, 10)]


def test_an_export_is_noted_and_needs_the_right(desk: Desk) -> None:
    exports, data = Exports(desk.database), desk.person("D", Role.DATA)
    exports.note(desk.study.id, {"format": "coco", "images": 3}, data)
    last = audit_rows(desk.database)[-1]
    assert (last.person, last.action, last.subject) == ("D", "export", f"study {desk.study.id}")
    assert last.detail == '{"format":"coco","images":3}'
    reader = desk.person("R")
    for refused in (lambda: exports.note(desk.study.id, {}, reader), lambda: exports.readings(1, reader)):
        with pytest.raises(LockedError):
            refused()
