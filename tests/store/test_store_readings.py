"""Readings: saved at every gesture, the reader's own, locked when signed."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from store_samples import Desk, audit_rows, box_for, film

from annotator.domain import gestures
from annotator.domain.annotations import ImageFacts, Reading, ReadingState
from annotator.domain.edits import Action
from annotator.domain.errors import KnuckleError, LockedError, SaveError, StaleError
from annotator.domain.findings import Finding, NotAssessable
from annotator.domain.joints import JOINTS, Hands, joint_named
from annotator.domain.people import Person, Role
from annotator.store.reading_rows import fetch, write

PIP3 = joint_named("R-PIP3")


def complete(desk: Desk, reading: Reading, by: Person) -> Reading:
    for joint in reading.expected:
        reading, _ = desk.readings.apply(reading, gestures.draw(reading, joint, box_for(joint)), by)
    return desk.readings.apply(reading, gestures.rest_normal(reading), by)[0]


def test_a_new_reading_begins_with_the_facts_of_the_image(desk: Desk) -> None:
    facts = ImageFacts(Hands.LEFT, right_on_left=False, side_confirmed=True)
    image_id = desk.image(film(facts=facts))
    anna = desk.person("Anna")
    reading = desk.readings.load(image_id, anna)
    assert reading == Reading(image_id, anna.id, facts)
    assert reading.state is ReadingState.NEW


def test_a_gesture_is_there_after_it_was_saved(desk: Desk) -> None:
    image_id, anna = desk.image(film()), desk.person("Anna")
    reading = desk.readings.load(image_id, anna)
    edits = [
        lambda r: gestures.draw(r, PIP3, box_for(PIP3)),
        lambda r: gestures.toggle_finding(r, PIP3, Finding.ANKYLOSIS),
        lambda r: gestures.toggle_finding(r, PIP3, Finding.DISLOCATION),
        lambda r: gestures.next_certainty(r, PIP3),
        lambda r: gestures.comment_joint(r, PIP3, "ossär überbaut 強直"),
        lambda r: gestures.set_not_assessable(r, joint_named("L-MP1"), NotAssessable.AMPUTATED),
        lambda r: gestures.comment_image(r, "poor contrast"),
        gestures.swap_sides,
    ]
    for edit in edits:
        reading, saved_at = desk.readings.apply(reading, edit(reading), anna)
        assert desk.readings.load(image_id, anna) == reading
        assert saved_at.utcoffset() is not None
    assert reading.of(PIP3.mirrored).marks


def test_when_a_reading_was_last_saved_is_known_to_its_reader(desk: Desk) -> None:
    image_id, anna, ben = desk.image(film()), desk.person("Anna"), desk.person("Ben")
    blank = desk.readings.load(image_id, anna)
    assert desk.readings.saved_at(image_id, anna) is None
    drawn, at = desk.readings.apply(blank, gestures.draw(blank, PIP3, box_for(PIP3)), anna)
    assert desk.readings.saved_at(image_id, anna) == at
    assert desk.readings.saved_at(image_id, ben) is None
    _, later = desk.readings.apply(drawn, gestures.confirm(drawn, PIP3), anna)
    assert desk.readings.saved_at(image_id, anna) == later


def test_undo_and_redo_are_saved_and_told_apart(desk: Desk) -> None:
    image_id, anna = desk.image(film()), desk.person("Anna")
    blank = desk.readings.load(image_id, anna)
    edit = gestures.draw(blank, PIP3, box_for(PIP3))
    drawn, _ = desk.readings.apply(blank, edit, anna)
    undone, _ = desk.readings.apply(drawn, edit.inverse, anna, way="undo")
    assert desk.readings.load(image_id, anna) == undone == replace(blank, started=True)
    again, _ = desk.readings.apply(undone, edit, anna, way="redo")
    assert desk.readings.load(image_id, anna) == again == drawn
    ways = [json.loads(e.detail)["way"] for e in audit_rows(desk.database, subject=f"image {image_id}")[1:]]
    assert ways == ["do", "undo", "redo"]


def test_one_gesture_is_one_audit_row_with_before_and_after(desk: Desk) -> None:
    image_id, anna = desk.image(film()), desk.person("Anna")
    reading = desk.readings.load(image_id, anna)
    before = len(audit_rows(desk.database))
    reading, at = desk.readings.apply(reading, gestures.draw(reading, PIP3, box_for(PIP3)), anna)
    (entry,) = audit_rows(desk.database)[before:]
    assert (entry.person, entry.action, entry.subject) == ("Anna", "draw", f"image {image_id}")
    assert entry.at == at.isoformat(timespec="microseconds")
    was, now = json.loads(entry.detail)["joints"]["R-PIP3"]
    assert was is None
    assert now["box"] == list(box_for(PIP3).corners)


def test_another_reader_sees_and_changes_nothing(desk: Desk) -> None:
    image_id, anna, ben = desk.image(film()), desk.person("Anna"), desk.person("Ben")
    reading = desk.readings.load(image_id, anna)
    annas, _ = desk.readings.apply(reading, gestures.draw(reading, PIP3, box_for(PIP3)), anna)
    assert desk.readings.load(image_id, ben) == Reading(image_id, ben.id)
    with pytest.raises(LockedError):
        desk.readings.apply(annas, gestures.confirm(annas, PIP3), ben)
    with pytest.raises(LockedError):
        desk.readings.sign(annas, ben)
    assert desk.readings.load(image_id, anna) == annas
    assert desk.worklist.rows([image_id], ben.id)[0].state is ReadingState.NEW


def test_a_role_that_does_not_read_is_refused(desk: Desk) -> None:
    image_id, dora = desk.image(film()), desk.person("Dora", Role.DATA)
    reading = desk.readings.load(image_id, dora)
    with pytest.raises(LockedError):
        desk.readings.apply(reading, gestures.draw(reading, PIP3, box_for(PIP3)), dora)


def test_only_a_complete_reading_is_signed(desk: Desk) -> None:
    image_id, anna = desk.image(film()), desk.person("Anna")
    reading = desk.readings.load(image_id, anna)
    with pytest.raises(KnuckleError, match="not complete"):
        desk.readings.sign(reading, anna)
    reading, _ = desk.readings.apply(reading, gestures.draw(reading, PIP3, box_for(PIP3)), anna)
    with pytest.raises(KnuckleError, match="not complete"):
        desk.readings.sign(reading, anna)
    assert desk.readings.load(image_id, anna) == reading


def test_signing_locks_every_edit_until_it_is_reopened_with_a_reason(desk: Desk) -> None:
    image_id, anna = desk.image(film()), desk.person("Anna")
    reading = complete(desk, desk.readings.load(image_id, anna), anna)
    signed = desk.readings.sign(reading, anna)
    assert signed.state is ReadingState.SIGNED
    assert desk.readings.load(image_id, anna) == signed
    edits = [
        gestures.set_not_assessable(signed, PIP3, NotAssessable.OVERLAP),
        gestures.comment_image(signed, "late"),
        gestures.swap_sides(signed),
        gestures.exclude(signed, "late"),
        gestures.delete(signed, PIP3),
    ]
    for edit in edits:
        with pytest.raises(LockedError):
            desk.readings.apply(signed, edit, anna)
        with pytest.raises(LockedError):
            desk.readings.apply(reading, edit, anna)
    with pytest.raises(LockedError):
        desk.readings.sign(signed, anna)
    with pytest.raises(KnuckleError, match="reason"):
        desk.readings.reopen(signed, "  ", anna)
    reopened = desk.readings.reopen(signed, "wrong side", anna)
    assert desk.readings.load(image_id, anna) == reopened == reading
    assert json.loads(audit_rows(desk.database)[-1].detail) == {"reason": "wrong side"}
    desk.readings.apply(reopened, edits[0], anna)
    with pytest.raises(KnuckleError, match="not signed"):
        desk.readings.reopen(desk.readings.load(image_id, anna), "again", anna)


def test_an_excluded_image_is_complete_and_can_be_signed(desk: Desk) -> None:
    image_id, anna = desk.image(film()), desk.person("Anna")
    reading = desk.readings.load(image_id, anna)
    reading, _ = desk.readings.apply(reading, gestures.exclude(reading, "foot"), anna)
    assert desk.readings.sign(reading, anna).state is ReadingState.SIGNED
    assert desk.worklist.rows([image_id], anna.id)[0].excluded


def test_an_edit_of_an_outdated_reading_is_refused_and_changes_nothing(desk: Desk) -> None:
    image_id, anna = desk.image(film()), desk.person("Anna")
    blank = desk.readings.load(image_id, anna)
    drawn, _ = desk.readings.apply(blank, gestures.draw(blank, PIP3, box_for(PIP3)), anna)
    written = len(audit_rows(desk.database))
    with pytest.raises(StaleError):
        desk.readings.apply(blank, gestures.draw(blank, PIP3, box_for(PIP3).moved(5, 5)), anna)
    with pytest.raises(StaleError):
        desk.readings.apply(drawn, gestures.draw(blank, PIP3, box_for(PIP3).moved(5, 5)), anna)
    assert desk.readings.load(image_id, anna) == drawn
    assert len(audit_rows(desk.database)) == written


def test_a_row_that_another_wrote_in_between_makes_the_reading_stale(desk: Desk) -> None:
    """Not a failed save, which would be tried again for ever."""
    image_id, anna = desk.image(film()), desk.person("Anna")
    blank = desk.readings.load(image_id, anna)
    drawn, _ = desk.readings.apply(blank, gestures.draw(blank, PIP3, box_for(PIP3)), anna)
    after = gestures.delete(drawn, PIP3).apply(drawn)
    with desk.database.write() as connection:
        stored = fetch(connection, image_id, anna.id)
        assert stored is not None
        write(connection, stored, after, datetime.now(UTC))
        with pytest.raises(StaleError):
            write(connection, stored, after, datetime.now(UTC))


def test_a_text_that_cannot_be_stored_is_a_save_error(desk: Desk) -> None:
    image_id, anna = desk.image(film()), desk.person("Anna")
    blank = desk.readings.load(image_id, anna)
    with pytest.raises(SaveError):
        desk.readings.apply(blank, gestures.comment_image(blank, "half \ud800 a letter"), anna)
    assert desk.readings.load(image_id, anna) == blank


def test_settled_sides_are_the_start_of_later_readings_only(desk: Desk) -> None:
    image_id = desk.image(film())
    anna, ben, cleo = desk.person("Anna"), desk.person("Ben"), desk.person("Cleo")
    bens = desk.readings.load(image_id, ben)
    bens, _ = desk.readings.apply(bens, gestures.draw(bens, PIP3, box_for(PIP3)), ben)
    opened_before = desk.readings.load(image_id, cleo)
    blank = desk.readings.load(image_id, anna)
    swap = gestures.swap_sides(blank)
    annas, _ = desk.readings.apply(blank, swap, anna)
    assert desk.readings.load(image_id, ben) == bens
    later = desk.readings.load(image_id, desk.person("Dan")).facts
    assert later == ImageFacts(right_on_left=False, side_confirmed=True)
    assert desk.studies.image(image_id).file.facts == later
    # Cleo looked at the image before it was settled: what she sees is what is saved.
    cleos, _ = desk.readings.apply(opened_before, gestures.draw(opened_before, PIP3, box_for(PIP3)), cleo)
    assert cleos.facts == ImageFacts()
    assert desk.readings.load(image_id, cleo) == cleos
    desk.readings.apply(annas, swap.inverse, anna, way="undo")
    assert desk.studies.image(image_id).file.facts == ImageFacts()


def test_comment_and_exclusion_stay_with_their_reader(desk: Desk) -> None:
    image_id, anna, ben = desk.image(film()), desk.person("Anna"), desk.person("Ben")
    reading = desk.readings.load(image_id, anna)
    reading, _ = desk.readings.apply(reading, gestures.comment_image(reading, "my view"), anna)
    reading, _ = desk.readings.apply(reading, gestures.exclude(reading, "motion"), anna)
    desk.readings.apply(reading, gestures.confirm_sides(reading), anna)
    assert desk.readings.load(image_id, ben).facts == ImageFacts(side_confirmed=True)


def test_a_withdrawn_image_is_locked(desk: Desk) -> None:
    image_id, anna = desk.image(film()), desk.person("Anna")
    reading = desk.readings.load(image_id, anna)
    reading, _ = desk.readings.apply(reading, gestures.draw(reading, PIP3, box_for(PIP3)), anna)
    desk.studies.withdraw_image(image_id, "consent withdrawn", desk.admin)
    with pytest.raises(KnuckleError):
        desk.readings.load(image_id, anna)
    with pytest.raises(LockedError):
        desk.readings.apply(reading, gestures.delete(reading, PIP3), anna)
    with pytest.raises(LockedError):
        desk.readings.sign(reading, anna)


def test_every_action_has_its_word_in_the_audit(desk: Desk) -> None:
    image_id, anna = desk.image(film()), desk.person("Anna")
    reading = complete(desk, desk.readings.load(image_id, anna), anna)
    assert len(reading.annotations) == len(JOINTS)
    actions = [entry.action for entry in audit_rows(desk.database, subject=f"image {image_id}")]
    assert actions == ["import", *[Action.DRAW.value] * 20, Action.REST_NORMAL.value]
