"""What is open and kept follows the study: visits counted anew, images withdrawn, files gone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from annotator.imaging import dicom
from annotator.imaging.write import CrFacts, write_cr
from annotator.workflow.sample import NAMES
from annotator.workflow.sitting import Sitting
from tests.study_fixtures import Desk, quietly


def show(sitting: Sitting, qtbot: QtBot, image_id: int) -> None:
    with qtbot.waitSignal(sitting.desk.opened):
        sitting.open(image_id)


def an_earlier_film(films: Path, folder: Path) -> Path:
    """Of the first patient, taken before all the others."""
    pixels = np.roll(dicom.read(min(films.glob("*.dcm"))).pixels, 9, axis=1)
    facts = CrFacts(
        uid_key="early", patient_id="PHANTOM-1", patient_name=NAMES[0], study_date=dt.date(2001, 1, 1),
        sex="O", birth_date=dt.date(1950, 1, 1),
    )  # fmt: skip
    write_cr(folder / "early.dcm", pixels, facts)
    return folder / "early.dcm"


def test_a_visit_is_counted_anew_where_it_is_open_and_where_it_is_kept(
    at_desk: Desk, films: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    sitting, ids = at_desk.sitting, list(at_desk.sitting.worklist.ids)
    show(sitting, qtbot, ids[0])
    qtbot.waitUntil(lambda: sitting.opener.ready(ids[1]))
    film = an_earlier_film(films, tmp_path)
    with qtbot.waitSignals([sitting.image_changed, sitting.imported]):
        sitting.import_paths([film])
    assert sitting.desk.image is not None
    assert (sitting.desk.image.id, sitting.desk.image.visit) == (ids[0], 2)
    show(sitting, qtbot, ids[1])
    assert sitting.desk.image.visit == sitting.worklist.row(ids[1]).visit == 3


def pictures(data: Path) -> set[str]:
    return {path.stem for path in (data / "thumbnails").iterdir()}


def test_what_is_withdrawn_leaves_no_picture(at_desk: Desk, data: Path, films: Path, qtbot: QtBot) -> None:
    sitting, administration = at_desk.sitting, at_desk.house.administration
    first, second = sitting.worklist.ids[:2]
    show(sitting, qtbot, second)
    show(sitting, qtbot, first)
    qtbot.waitUntil(lambda: sitting.opener.ready(second))
    image, before = administration.studies.image(first), pictures(data)
    administration.withdraw_image(image, "asked for", at_desk.person)
    sitting.renew()
    assert before - pictures(data) == {image.file.pixels_sha256}
    assert (sitting.opener.ready(first), sitting.opener.ready(second)) == (False, True)
    administration.library.add([films], at_desk.study, at_desk.person, quietly)
    assert image.file.pixels_sha256 not in pictures(data), "importing it again brings nothing back"
    administration.withdraw_patient(administration.studies.image(second), "moved away", at_desk.person)
    assert len(before - pictures(data)) == 2


def test_a_picture_that_another_study_shows_stays(at_desk: Desk, data: Path, films: Path) -> None:
    administration = at_desk.house.administration
    other = administration.create_study("Other", "Q", at_desk.person)
    administration.library.add([films], other, at_desk.person, quietly)
    image, before = administration.studies.images(other.id)[0], pictures(data)
    administration.withdraw_image(image, "asked for", at_desk.person)
    assert pictures(data) == before


def test_the_way_goes_on_behind_images_whose_files_have_vanished(
    at_desk: Desk, moved: Path, qtbot: QtBot
) -> None:
    sitting, ids = at_desk.sitting, at_desk.sitting.worklist.ids
    for image_id in ids[1:3]:
        Path(at_desk.house.administration.studies.image(image_id).file.path).unlink()
    show(sitting, qtbot, ids[0])
    for refused in ids[1:3]:
        with qtbot.waitSignal(sitting.refused):
            sitting.step(1)
        assert sitting.last_refused is not None
        assert sitting.last_refused.id == refused
    with qtbot.waitSignal(sitting.desk.opened):
        sitting.step(1)
    assert sitting.last_refused is None
    with qtbot.waitSignal(sitting.refused):
        sitting.step(-1)
    sitting.open(ids[3])
    assert sitting.last_refused is None, "back at the one that is open"


def test_next_unread_goes_on_behind_a_file_that_has_vanished(
    at_desk: Desk, moved: Path, qtbot: QtBot
) -> None:
    sitting, ids = at_desk.sitting, at_desk.sitting.worklist.ids
    Path(at_desk.house.administration.studies.image(ids[1]).file.path).unlink()
    show(sitting, qtbot, ids[0])
    with qtbot.waitSignal(sitting.refused):
        sitting.next_unread()
    with qtbot.waitSignal(sitting.desk.opened):
        sitting.next_unread()
    assert sitting.desk.image is not None
    assert sitting.desk.image.id == ids[2]


@pytest.mark.parametrize("step", [1, -1])
def test_a_refused_image_that_is_withdrawn_is_not_where_one_is(
    at_desk: Desk, moved: Path, qtbot: QtBot, step: int
) -> None:
    sitting, ids = at_desk.sitting, list(at_desk.sitting.worklist.ids)
    refused, beyond = ids[1 + step], ids[1 + 2 * step] if step > 0 else None
    administration = at_desk.house.administration
    image = administration.studies.image(refused)
    Path(image.file.path).unlink()
    show(sitting, qtbot, ids[1])
    with qtbot.waitSignal(sitting.refused):
        sitting.step(step)
    administration.withdraw_image(image, "asked for", at_desk.person)
    sitting.renew()
    assert sitting.worklist.place(refused) is None
    sitting.step(step)
    qtbot.waitUntil(lambda: not at_desk.house.jobs.jobs)
    assert sitting.desk.image is not None
    assert sitting.desk.image.id == (beyond or ids[1])


def test_a_sitting_that_was_left_is_told_nothing(at_desk: Desk, films: Path, qtbot: QtBot) -> None:
    sitting, jobs = at_desk.sitting, at_desk.house.jobs
    sitting.leave()
    with qtbot.assertNotEmitted(sitting.imported), qtbot.assertNotEmitted(sitting.worklist.changed):
        sitting.import_paths([films])
        qtbot.waitUntil(lambda: not jobs.jobs, timeout=20_000)
