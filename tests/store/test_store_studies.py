"""Studies: patient codes, visits, images known and new, moved files, withdrawals."""

import json
import os
from datetime import date
from pathlib import Path

import pytest
from store_samples import Desk, audit_rows, box_for, film

from annotator.domain import gestures
from annotator.domain.annotations import ReadingState
from annotator.domain.errors import KnuckleError, LockedError
from annotator.domain.images import WorklistQuery
from annotator.domain.joints import joint_named
from annotator.domain.people import Role
from annotator.store.files import StoredFile

PIP3 = joint_named("R-PIP3")


def test_an_imported_file_comes_back_as_it_was(desk: Desk) -> None:
    file = film(path="/films/山田 花子/ü.dcm")
    added = desk.studies.add_image(desk.study.id, file, desk.admin)
    assert (added.patient_code, added.known) == ("K-001", False)
    image = desk.studies.image(added.image_id)
    assert image.file == file
    assert (image.study_id, image.patient_code, image.visit) == (desk.study.id, "K-001", 1)
    assert desk.studies.images(desk.study.id) == [image]


def test_a_path_that_is_no_unicode_is_kept(desk: Desk) -> None:
    path = os.fsdecode(b"/films/\x8e\xa8.dcm")
    assert desk.studies.image(desk.image(film(path=path))).file.path == path


def test_patients_get_their_codes_in_the_order_of_their_first_import(desk: Desk) -> None:
    codes = [
        desk.studies.add_image(desk.study.id, film(n, patient=who), desk.admin).patient_code
        for n, who in enumerate(["ito", "sato", "ito", "kato"])
    ]
    assert codes == ["K-001", "K-002", "K-001", "K-003"]
    second = desk.studies.create("Feet", "FT", desk.admin)
    assert desk.studies.add_image(second.id, film(1, patient="kato"), desk.admin).patient_code == "FT-001"


def test_the_thousandth_patient_has_four_digits(desk: Desk) -> None:
    desk.image(film(1, patient="p1"))
    with desk.database.write() as connection:
        connection.exec_driver_sql("UPDATE patient SET number = 998, code = 'K-998'")
        connection.exec_driver_sql("UPDATE image SET patient_number = 998")
    for n in (2, 3, 4):
        desk.image(film(n, patient=f"p{n}"))
    ids = desk.worklist.ids(WorklistQuery(desk.study.id, desk.admin.id))
    codes = [row.patient_code for row in desk.worklist.rows(ids, desk.admin.id)]
    assert codes == ["K-998", "K-999", "K-1000", "K-1001"]


def test_the_same_image_twice_is_known(desk: Desk, tmp_path: Path) -> None:
    here = tmp_path / "a.dcm"
    here.write_bytes(b"film")
    first = desk.studies.add_image(desk.study.id, film(path=str(here)), desk.admin)
    written = len(audit_rows(desk.database))
    again = desk.studies.add_image(desk.study.id, film(path="/elsewhere/a.dcm"), desk.admin)
    assert (again.image_id, again.patient_code, again.known) == (first.image_id, "K-001", True)
    assert desk.studies.image(first.image_id).file.path == str(here)
    assert len(audit_rows(desk.database)) == written
    assert len(desk.studies.images(desk.study.id)) == 1


def test_a_known_image_whose_file_is_gone_is_found_at_its_new_path(desk: Desk, tmp_path: Path) -> None:
    first = desk.studies.add_image(desk.study.id, film(path=str(tmp_path / "gone.dcm")), desk.admin)
    again = desk.studies.add_image(desk.study.id, film(path="/new/place.dcm"), desk.admin)
    assert (again.image_id, again.known) == (first.image_id, True)
    assert desk.studies.image(first.image_id).file.path == "/new/place.dcm"


def test_the_same_image_in_two_studies_is_two(desk: Desk) -> None:
    other = desk.studies.create("Feet", "F", desk.admin)
    first = desk.image(film())
    assert desk.studies.add_image(other.id, film(), desk.admin).image_id != first


def visits(desk: Desk) -> dict[int, int]:
    return {image.id: image.visit for image in desk.studies.images(desk.study.id)}


def test_an_earlier_visit_imported_later_moves_the_others_on(desk: Desk) -> None:
    march = desk.image(film(1, day=date(2015, 3, 1)))
    march_too = desk.image(film(2, day=date(2015, 3, 1)))
    assert visits(desk) == {march: 1, march_too: 1}
    undated = desk.image(film(3, day=None))
    june = desk.image(film(4, day=date(2016, 6, 1)))
    other = desk.image(film(5, patient="somebody else", day=date(2016, 6, 1)))
    assert visits(desk) == {march: 1, march_too: 1, june: 2, undated: 3, other: 1}
    anna = desk.person("Anna")
    reading = desk.readings.load(march, anna)
    desk.readings.apply(reading, gestures.draw(reading, PIP3, box_for(PIP3)), anna)
    january = desk.image(film(6, day=date(2014, 1, 1)))
    assert visits(desk) == {january: 1, march: 2, march_too: 2, june: 3, undated: 4, other: 1}
    in_progress = WorklistQuery(desk.study.id, anna.id, state=ReadingState.IN_PROGRESS, text="visit 2")
    assert desk.worklist.ids(in_progress) == [march]


def test_a_withdrawn_image_is_gone_from_every_list_and_the_audit_keeps_the_fact(desk: Desk) -> None:
    anna = desk.person("Anna")
    first, second = desk.image(film(1)), desk.image(film(2, day=date(2016, 1, 1)))
    reading = desk.readings.load(first, anna)
    desk.readings.apply(reading, gestures.draw(reading, PIP3, box_for(PIP3)), anna)
    desk.studies.withdraw_image(first, "wrong patient", desk.admin)
    assert [image.id for image in desk.studies.images(desk.study.id)] == [second]
    assert desk.studies.image(second).visit == 2
    withdrawn = {file.image_id: file.withdrawn for file in desk.studies.files()}
    assert withdrawn == {first: True, second: False}
    with pytest.raises(KnuckleError):
        desk.studies.image(first)
    everything = WorklistQuery(desk.study.id, anna.id)
    in_progress = WorklistQuery(desk.study.id, anna.id, state=ReadingState.IN_PROGRESS)
    assert desk.worklist.ids(everything) == [second]
    assert desk.worklist.ids(in_progress) == []
    assert [row.image_id for row in desk.worklist.rows([first, second], anna.id)] == [second]
    counts = desk.worklist.counts(desk.study.id, anna.id)
    assert counts == {**dict.fromkeys(ReadingState, 0), ReadingState.NEW: 1}
    entry = audit_rows(desk.database)[-1]
    assert (entry.action, entry.subject) == ("withdraw", f"image {first}")
    assert json.loads(entry.detail) == {"images": [first], "reason": "wrong patient"}


def test_a_withdrawn_patient_stays_withdrawn(desk: Desk) -> None:
    first, second = desk.image(film(1)), desk.image(film(2, day=date(2016, 1, 1)))
    other = desk.image(film(3, patient="somebody else"))
    desk.studies.withdraw_patient(desk.study.id, "K-001", "consent withdrawn", desk.admin)
    again = desk.studies.add_image(desk.study.id, film(2), desk.admin)
    assert (again.image_id, again.known) == (second, True)
    desk.image(film(4, day=date(2017, 1, 1)))
    assert [image.id for image in desk.studies.images(desk.study.id)] == [other]
    assert desk.worklist.ids(WorklistQuery(desk.study.id, desk.admin.id)) == [other]
    assert json.loads(audit_rows(desk.database, subject="patient 1")[0].detail)["images"] == [
        first,
        second,
    ]


def test_withdrawals_need_a_reason_a_right_and_something_to_withdraw(desk: Desk) -> None:
    image_id = desk.image(film())
    with pytest.raises(KnuckleError, match="reason"):
        desk.studies.withdraw_image(image_id, " ", desk.admin)
    with pytest.raises(LockedError):
        desk.studies.withdraw_image(image_id, "no", desk.person("Anna"))
    with pytest.raises(KnuckleError, match="not in the study"):
        desk.studies.withdraw_image(image_id + 1, "no", desk.admin)
    with pytest.raises(KnuckleError, match="K-007"):
        desk.studies.withdraw_patient(desk.study.id, "K-007", "no", desk.admin)
    assert len(desk.studies.images(desk.study.id)) == 1


def test_moved_files_are_given_their_new_places(desk: Desk) -> None:
    moved, left = desk.image(film(1)), desk.image(film(2))
    desk.studies.relocate({moved: "/neu/Röntgen/1.dcm"}, desk.admin)
    assert desk.studies.image(moved).file.path == "/neu/Röntgen/1.dcm"
    assert desk.studies.image(left).file.path == "/films/2.dcm"
    assert desk.studies.files()[0] == StoredFile(moved, "/neu/Röntgen/1.dcm", film(1).file_sha256, False)
    assert json.loads(audit_rows(desk.database)[-1].detail) == {"images": [moved]}
    with pytest.raises(LockedError):
        desk.studies.relocate({left: "/x"}, desk.person("Anna"))


def test_rights_are_those_of_the_stored_role(desk: Desk) -> None:
    anna, dora = desk.person("Anna"), desk.person("Dora", Role.DATA)
    with pytest.raises(LockedError):
        desk.studies.add_image(desk.study.id, film(), anna)
    assert not desk.studies.add_image(desk.study.id, film(), dora).known
    desk.people.set_role(dora, Role.READER, desk.admin)
    with pytest.raises(LockedError):
        desk.studies.add_image(desk.study.id, film(2), dora)
    with pytest.raises(LockedError):
        desk.studies.create("Feet", "F", dora)


def test_a_study_has_a_name_a_prefix_and_a_salt_of_its_own(desk: Desk) -> None:
    other = desk.studies.create(" Feet  2 ", "ft", desk.admin)
    assert (other.name, other.prefix) == ("Feet 2", "FT")
    assert desk.studies.all() == [desk.study, other]
    assert len(desk.studies.salt(other.id)) == 32
    assert desk.studies.salt(other.id) != desk.studies.salt(desk.study.id)
    for name, prefix in (("Feet 2", "F"), (" ", "F"), ("New", ""), ("New", "K1"), ("New", "ABCDEFGHI")):
        with pytest.raises(KnuckleError):
            desk.studies.create(name, prefix, desk.admin)
    with pytest.raises(KnuckleError):
        desk.studies.salt(99)
    with pytest.raises(KnuckleError):
        desk.studies.add_image(99, film(), desk.admin)


def test_nothing_that_names_a_patient_is_in_the_audit(desk: Desk) -> None:
    file = film(path="/films/Yamada Hanako/1.dcm")
    image_id = desk.image(file)
    desk.studies.add_image(desk.study.id, film(path="/new/Yamada Hanako/1.dcm"), desk.admin)
    desk.studies.relocate({image_id: "/newer/Yamada/1.dcm"}, desk.admin)
    desk.studies.withdraw_image(image_id, "consent", desk.admin)
    told = " ".join(f"{e.subject} {e.detail}" for e in audit_rows(desk.database))
    for secret in ("Yamada", file.patient_key, file.sop_instance_uid):
        assert secret not in told
