"""Radiographs brought in, found again and read: what is kept of them, and what never is."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from annotator import __version__
from annotator.domain.annotations import ImageFacts
from annotator.domain.errors import KnuckleError, SaveError
from annotator.domain.geometry import Box
from annotator.domain.images import Study
from annotator.domain.joints import JOINTS, Hands, Side
from annotator.domain.people import Person, Role
from annotator.imaging import thumbnail
from annotator.logs import Logs
from annotator.store.readings import Readings
from annotator.workflow.jobs import Cancelled, Lane
from annotator.workflow.library import ImportResult, Library
from tests.command_line import small_film, small_films
from tests.study_fixtures import Desk, images_of, quietly, sit_down


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    return result.imported, result.known, result.passed, len(result.refused)


# import


def test_what_was_imported_before_a_cancel_stays(
    at_desk: Desk, library: Library, empty: Study, tmp_path: Path
) -> None:
    small_films(tmp_path / "films", range(6))

    def until_three(done: int, _total: int, _text: str) -> None:
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        library.add([tmp_path / "films"], empty, at_desk.person, until_three)
    assert len(images_of(at_desk, empty)) == 3
    again = library.add([tmp_path / "films"], empty, at_desk.person, quietly)
    assert counts(again) == (3, 3, 0, 0)


def test_looking_through_folders_can_be_cancelled_before_a_file_is_read(
    at_desk: Desk, library: Library, empty: Study, tmp_path: Path
) -> None:
    small_films(tmp_path / "films", range(3))
    asked: list[tuple[int, int]] = []

    def at_once(done: int, total: int, _text: str) -> None:
        asked.append((done, total))
        raise Cancelled

    with pytest.raises(Cancelled):
        library.add([tmp_path / "films"], empty, at_desk.person, at_once)
    assert asked == [(0, 0)]
    assert images_of(at_desk, empty) == []


def test_progress_counts_every_file_and_reaches_its_end(
    at_desk: Desk, library: Library, empty: Study, tmp_path: Path
) -> None:
    small_films(tmp_path / "films", range(3))
    (tmp_path / "films" / "notes.txt").write_text("not DICOM")
    seen: list[tuple[int, int]] = []
    library.add(
        [tmp_path / "films"], empty, at_desk.person, lambda done, total, _text: seen.append((done, total))
    )
    assert [step for step in seen if step[1]] == [(n, 4) for n in range(5)]


def test_the_same_image_is_known_whatever_its_file_is_called(
    at_desk: Desk, library: Library, empty: Study, tmp_path: Path
) -> None:
    """By its pixels: twice in one import, as a copy, with another header; and a moved one is followed."""
    film = small_film(tmp_path / "a.dcm", 1)
    copy = Path(shutil.copy(film, tmp_path / "b.dcm"))
    other = small_film(tmp_path / "c.dcm", 1, uid_key="sent again", patient_id="P9")
    first = library.add([film, copy, other, film], empty, at_desk.person, quietly)
    assert counts(first) == (1, 2, 0, 0), "a path named twice is one file"
    assert [image.file.path for image in images_of(at_desk, empty)] == [str(film)]
    film.unlink()
    assert counts(library.add([copy], empty, at_desk.person, quietly)) == (0, 1, 0, 0)
    assert [image.file.path for image in images_of(at_desk, empty)] == [str(copy)]
    hands = library.add([copy], at_desk.study, at_desk.person, quietly)
    assert counts(hands) == (1, 0, 0, 0), "in another study it is another image"


def test_a_link_is_the_file_it_leads_to(
    at_desk: Desk, library: Library, empty: Study, tmp_path: Path
) -> None:
    film = small_film(tmp_path / "real" / "a.dcm", 1)
    link = tmp_path / "link.dcm"
    link.symlink_to(film)
    assert counts(library.add([link, film], empty, at_desk.person, quietly)) == (1, 1, 0, 0)
    (image,) = images_of(at_desk, empty)
    assert image.file.path == str(film)


def test_a_database_that_is_locked_on_the_way_is_told_and_what_is_in_stays(
    at_desk: Desk, library: Library, empty: Study, data: Path, tmp_path: Path
) -> None:
    small_films(tmp_path / "films", range(5))
    with closing(sqlite3.connect(data / "knuckle.sqlite", isolation_level=None)) as other:

        def lock_at_two(done: int, _total: int, _text: str) -> None:
            if done == 2:
                other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(SaveError, match="in use by another program"):
            library.add([tmp_path / "films"], empty, at_desk.person, lock_at_two)
        other.execute("ROLLBACK")
    assert len(images_of(at_desk, empty)) == 2
    assert counts(library.add([tmp_path / "films"], empty, at_desk.person, quietly)) == (3, 2, 0, 0)


@pytest.mark.parametrize(
    ("laterality", "hands", "confirmed", "expected"),
    [
        ("R", Hands.RIGHT, True, {Side.RIGHT}),
        ("L", Hands.LEFT, True, {Side.LEFT}),
        ("B", Hands.BOTH, False, {Side.RIGHT, Side.LEFT}),
        ("", Hands.BOTH, False, {Side.RIGHT, Side.LEFT}),
    ],
)
def test_what_the_file_says_of_its_hands_is_where_a_reading_begins(
    at_desk: Desk,
    library: Library,
    empty: Study,
    tmp_path: Path,
    laterality: str,
    hands: Hands,
    confirmed: bool,
    expected: set[Side],
) -> None:
    library.add([small_film(tmp_path / "a.dcm", 1, laterality=laterality)], empty, at_desk.person, quietly)
    (image,) = images_of(at_desk, empty)
    assert image.file.facts == ImageFacts(hands=hands, right_on_left=True, side_confirmed=confirmed)
    reading = Readings(at_desk.house.database).load(image.id, at_desk.person)
    assert {joint.side for joint in reading.expected} == expected
    assert len(reading.expected) == 10 * len(expected)
    assert reading.facts.side_confirmed is confirmed


def test_patients_and_visits_are_numbered_as_they_come(
    at_desk: Desk, library: Library, empty: Study, tmp_path: Path
) -> None:
    films = [
        small_film(tmp_path / f"{n}.dcm", n, patient_id=whose, study_date=day)
        for n, (whose, day) in enumerate(
            [("B", date(2016, 5, 1)), ("A", date(2014, 1, 1)), ("B", date(2015, 5, 1)), ("Ｂ ", None)]
        )
    ]
    for film in films:
        library.add([film], empty, at_desk.person, quietly)
    listed = [
        (image.patient_code, image.visit, Path(image.file.path).stem) for image in images_of(at_desk, empty)
    ]
    assert listed == [("E-001", 1, "2"), ("E-001", 2, "0"), ("E-001", 3, "3"), ("E-002", 1, "1")]


def test_every_image_gets_its_thumbnail(at_desk: Desk, data: Path) -> None:
    for image in images_of(at_desk, at_desk.study):
        picture = at_desk.sitting.worklist.thumbnail(image.id)
        assert picture is not None
        assert picture.dtype == np.uint8
        assert max(picture.shape) > 90
        assert picture.std() > 10, "hands, not a grey field"
    assert len(list((data / "thumbnails").iterdir())) == 4


def test_a_thumbnail_that_is_missing_or_half_written_is_made_by_the_next_import(
    at_desk: Desk, library: Library, films: Path, data: Path
) -> None:
    first, second, *_ = sorted((data / "thumbnails").iterdir())
    whole = first.read_bytes()
    first.write_bytes(whole[:50])
    second.unlink()
    library.add([films], at_desk.study, at_desk.person, quietly)
    assert first.read_bytes() == whole
    assert thumbnail.read(second) is not None


# reading


def test_what_is_read_is_what_was_imported(at_desk: Desk, library: Library) -> None:
    for image in images_of(at_desk, at_desk.study):
        radiograph = library.read(image)
        assert radiograph.values.shape == (1670, 2010) == (image.file.rows, image.file.columns)
        assert radiograph.pixels_sha256 == image.file.pixels_sha256


def test_a_changed_file_and_one_that_is_gone_are_refused(
    at_desk: Desk, library: Library, moved: Path
) -> None:
    changed, gone, swapped, folder = images_of(at_desk, at_desk.study)
    content = bytearray(Path(changed.file.path).read_bytes())
    content[200_000] ^= 1
    Path(changed.file.path).write_bytes(content)
    os.utime(changed.file.path, ns=(0, changed.file.modified_ns))
    Path(gone.file.path).unlink()
    shutil.copy(folder.file.path, swapped.file.path)
    with pytest.raises(KnuckleError, match="changed since it was imported"):
        library.read(changed)
    with pytest.raises(KnuckleError, match="is not where it was") as told:
        library.read(gone)
    assert gone.file.path in str(told.value)
    assert "Relocate" in told.value.advice
    with pytest.raises(KnuckleError, match="changed since it was imported"):
        library.read(swapped)
    Path(folder.file.path).unlink()
    Path(folder.file.path).mkdir()
    with pytest.raises(KnuckleError, match="not a file"):
        library.read(folder)
    shutil.rmtree(moved)
    with pytest.raises(KnuckleError, match="is not where it was"):
        library.read(folder)


# what is never kept

NAME, PATIENT, ISSUER = "ZEBRAFISH^Quagga=縞馬^速子=しまうま^はやこ", "QX-7741-93", "OKAPI CLINIC"
SECRETS = ("ZEBRAFISH", "Zebrafish", "Quagga", "縞馬", "速子", "しまうま", "QX-7741-93", "OKAPI", "19410203")


def secret_film(path: Path, number: int) -> Path:
    return small_film(
        path,
        number,
        patient_name=NAME,
        patient_id=PATIENT,
        issuer=ISSUER,
        birth_date=date(1941, 2, 3),
        sex="F",
        study_date=date(2015, 3, 4),
    )


def found_in(folder: Path) -> list[tuple[str, str]]:
    """Where a secret stands: in a file's name or in its bytes, in any of the usual spellings."""
    found = []
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for secret in SECRETS:
            spellings = {
                secret.encode(code, "ignore") for code in ("utf-8", "utf-16-le", "cp932", "iso2022_jp")
            }
            if secret in path.name or any(spelling and spelling in content for spelling in spellings):
                found.append((str(path.relative_to(folder)), secret))
    return found


def test_the_search_for_secrets_finds_them(tmp_path: Path) -> None:
    secret_film(tmp_path / "a.dcm", 1)
    (tmp_path / "QX-7741-93.txt").write_text("x")
    names = {name for name, _ in found_in(tmp_path)}
    assert names == {"a.dcm", "QX-7741-93.txt"}


def test_no_patient_is_named_anywhere_in_the_data_folder(
    data: Path, tmp_path: Path, qtbot: QtBot, qapp: object
) -> None:
    """After import, a refusal, opening, reading, a vanished file, a fault, withdrawal, closing."""
    films = [secret_film(tmp_path / "films" / f"{n}.dcm", n) for n in range(3)]
    (tmp_path / "films" / "bad.dcm").write_bytes(films[0].read_bytes()[:-50])
    with sit_down(data) as desk:
        logs = Logs(desk.house.paths, __version__)
        administration = desk.house.administration
        study = administration.create_study("Zoo", "Z", desk.person)
        result = administration.library.add([tmp_path / "films"], study, desk.person, quietly)
        assert counts(result) == (3, 0, 0, 1)
        assert not any(secret in str(result.refused) for secret in SECRETS)
        sitting = desk.house.sitting(desk.person, study)
        first, second, third = sitting.worklist.ids
        with qtbot.waitSignal(sitting.desk.opened):
            sitting.open(first)
        sitting.desk.draw(Box(5, 5, 15, 15), JOINTS[0])
        qtbot.waitUntil(lambda: not desk.house.jobs.jobs)
        films[1].unlink()
        with qtbot.waitSignal(sitting.refused):
            sitting.open(second)
        radiograph = administration.library.read(administration.studies.image(third))
        assert radiograph.facts.identity.patient_id == PATIENT

        def break_down(_progress: object) -> None:
            raise ValueError(radiograph.facts.identity.name)

        told: list[KnuckleError] = []
        desk.house.jobs.submit(Lane.BACK, "Import", break_down, lambda _none: None, told.append)
        qtbot.waitUntil(lambda: bool(told))
        administration.withdraw_patient(administration.studies.image(third), "wrong person", desk.person)
        logs.close()
    assert (data / "logs" / "knuckle.log").stat().st_size > 100
    assert found_in(data) == []


def test_without_an_id_a_patient_is_known_by_the_dicom_study(
    at_desk: Desk, library: Library, empty: Study, tmp_path: Path
) -> None:
    """Which is of one patient by definition; two of them are never taken for one patient's."""
    films = [
        small_film(tmp_path / f"{n}.dcm", n, patient_id="", uid_key=f"k{n}", study_key=key)
        for n, key in enumerate(["one", "one", "two"])
    ]
    assert counts(library.add(films, empty, at_desk.person, quietly)) == (3, 0, 0, 0)
    assert [image.patient_code for image in images_of(at_desk, empty)] == ["E-001", "E-001", "E-002"]


def test_roles_are_those_that_are_stored(
    at_desk: Desk, library: Library, empty: Study, tmp_path: Path
) -> None:
    """Not those that somebody remembers."""
    film = small_film(tmp_path / "a.dcm", 1)
    data_person = at_desk.house.administration.enter("Data D", Role.DATA)
    assert counts(library.add([film], empty, data_person, quietly)) == (1, 0, 0, 0)
    pretender = Person(at_desk.house.administration.enter("Reader C", Role.READER).id, "Reader C", Role.DATA)
    result = library.add([small_film(tmp_path / "b.dcm", 2)], empty, pretender, quietly)
    assert counts(result) == (0, 0, 0, 1)
    assert len(images_of(at_desk, empty)) == 1
