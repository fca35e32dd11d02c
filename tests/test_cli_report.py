"""`knuckle report`: pages about real films that somebody has read."""

from __future__ import annotations

from pathlib import Path

import pytest

from annotator.domain.annotations import JointAnnotation
from annotator.domain.edits import Action, Edit, JointChange
from annotator.domain.findings import Finding, Mark
from annotator.domain.joints import JOINTS, joint_named
from annotator.domain.people import Role
from annotator.store.readings import Readings
from tests.command_line import Said, within
from tests.languages import shout, spoken
from tests.proposal_samples import place
from tests.study_fixtures import Desk, sit_down

pytestmark = pytest.mark.usefixtures("qapp")


def read(desk: Desk, number: int, *found: str, name: str = "Dr. A") -> None:
    """Everything confirmed on an image of the study, ankylosis on these joints; signed."""
    person = desk.house.administration.enter(name, Role.READER)
    image = desk.house.administration.studies.images(desk.study.id)[number]
    readings = Readings(desk.house.database)
    marks = {joint_named(joint): (Mark(Finding.ANKYLOSIS),) for joint in found}
    labels = [JointAnnotation(joint, place(joint), marks.get(joint, ()), confirmed=True) for joint in JOINTS]
    edit = Edit(Action.ACCEPT, tuple(JointChange(one.joint, None, one) for one in labels))
    after, _ = readings.apply(readings.load(image.id, person), edit, person)
    readings.sign(after, person)


@pytest.fixture
def done(data: Path) -> Path:
    """Dr. A has read both visits of the first patient, and one ankylosis came in between."""
    with sit_down(data) as desk:
        read(desk, 0, "R-PIP3")
        read(desk, 1, "R-PIP3", "L-IP1")
    return data


def report(data: Path, *more: object) -> Said:
    return within("report", "--data", data, "--json", *more)


def test_a_patient_as_html_and_pdf(done: Path, tmp_path: Path) -> None:
    html, pdf = tmp_path / "a.html", tmp_path / "a.pdf"
    said = report(done, "--patient", "K-001", "--out", html)
    assert said.code == 0, said.out
    found = said.object
    assert (found["notice"], found["score"]) == (
        "Research use only, not for diagnosis.", "special findings only, not an mTSS"
    )  # fmt: skip
    assert (found["patient"], found["reader"], found["rule"]) == ("K-001", "Dr. A", "special findings 1")
    first, second = found["visits"]
    assert (first["day"], first["erosion"], first["jsn"], first["change"]) == (0, 5, 4, None)
    assert (second["erosion"], second["jsn"], second["change"], second["since_visit"]) == (10, 4, 5, 1)
    assert (second["state"], second["seen_model"], second["judged"]) == ("signed", "no", 20)
    assert "+5 since visit 1" in html.read_text("utf-8")
    lines = within("report", "--data", done, "--patient", "K-001", "--out", pdf).out.splitlines()
    assert lines[-2:] == [
        "  visit 1, signed, 20 of 20 joints judged: erosion 5, JSN 4",
        "  visit 2, signed, 20 of 20 joints judged: erosion 10, JSN 4, +5 since visit 1",
    ]
    assert pdf.read_bytes().startswith(b"%PDF")


def test_one_image_by_its_file(done: Path, films: Path, tmp_path: Path) -> None:
    out = tmp_path / "b.html"
    found = report(done, "--image", films / "01-2.dcm", "--out", out, "--dates").object
    (visit,) = found["visits"]
    assert (visit["visit"], visit["change"]) == (2, None)
    assert visit["day"] > 0, "counted from the patient's first visit, which is not in the report"
    assert "report of visit 2" in out.read_text("utf-8")


def test_whose_reading_must_be_said_where_several_read(done: Path, tmp_path: Path) -> None:
    with sit_down(done) as desk:
        read(desk, 0, name="Reader B")
    out = tmp_path / "c.html"
    assert (
        report(done, "--patient", "K-001", "--out", out).error == "Several have read this: Dr. A, Reader B."
    )
    found = report(done, "--patient", "K-001", "--reader", "Reader B", "--out", out).object
    assert [visit["state"] for visit in found["visits"]] == ["signed", "new"]
    other = tmp_path / "d.html"
    refused = report(done, "--patient", "K-001", "--reader", "Dr. A", "--by", "Reader B", "--out", other)
    assert refused.error.startswith("Reader B may not have a report of another reader")
    own = report(done, "--patient", "K-001", "--reader", "Reader B", "--by", "Reader B", "--out", other)
    assert own.code == 0


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["--patient", "K-099"], "There is no patient K-099."),
        (["--patient", "K-002"], "Nobody has read this yet."),
        (["--patient", "K-002", "--reader", "Dr. A"], "Patient K-002 was not read by Dr. A."),
        (["--patient", "K-001", "--reader", "Nobody"], "Nobody here is known as Nobody."),
        (["--image", "no-such.dcm"], "no-such.dcm is no image of the data folder."),
        (["--patient", "K-001", "--study", "Feet"], "There is no study named Feet."),
        ([], "A report is of one patient or of one image."),
        (["--patient", "K-001", "--image", "x.dcm"], "A report is of one patient or of one image."),
    ],
)
def test_what_cannot_be_reported(done: Path, tmp_path: Path, given: list[str], told: str) -> None:
    assert report(done, *given, "--out", tmp_path / "e.html").error == told
    assert not (tmp_path / "e.html").exists()


def test_only_new_files_of_two_kinds(done: Path, tmp_path: Path) -> None:
    assert (
        "cannot be written as a.txt" in report(done, "--patient", "K-001", "--out", tmp_path / "a.txt").error
    )
    there = tmp_path / "there.pdf"
    there.write_text("mine")
    assert "is there already" in report(done, "--patient", "K-001", "--out", there).error
    assert there.read_text() == "mine"


def test_a_command_line_speaks_english_whatever_a_window_speaks(done: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.html", tmp_path / "2.html"
    plain = within("report", "--data", done, "--patient", "K-001", "--out", first)
    with spoken(shout):
        said = within("report", "--data", done, "--patient", "K-001", "--out", second)
    assert (plain.code, said.code) == (0, 0)
    assert said.out == plain.out.replace("1.html", "2.html")
    assert second.read_bytes() == first.read_bytes()
