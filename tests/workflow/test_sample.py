"""The sample study: the same for everybody, whole after any interruption, valid, with its truth beside it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from annotator.app import open_house
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, joint_named
from annotator.domain.people import Role
from annotator.imaging.dicom import read
from annotator.imaging.display import default_look, window_source
from annotator.workflow import sample
from annotator.workflow.jobs import Cancelled
from tests.study_fixtures import quietly

pytestmark = pytest.mark.xdist_group("sampled")

NAMES = [f"{patient:02d}-{visit}" for patient in range(1, 7) for visit in (1, 2)]


def test_six_patients_come_twice(sampled: Path) -> None:
    """Made from four films that were there and one whose truth was not whole."""
    drawn = sorted(path.name for path in (sampled / "data" / "sample").iterdir())
    assert drawn == sorted([f"{n}.dcm" for n in NAMES] + [f"{n}.json" for n in NAMES] + [sample.MARK])
    with open_house(sampled / "data") as house:
        (study,) = house.administration.studies.all()
        images = house.administration.studies.images(study.id)
    assert (study.name, study.prefix) == (sample.NAME, sample.PREFIX)
    assert [(image.patient_code, image.visit) for image in images] == [
        (f"S-{patient:03d}", visit) for patient in range(1, 7) for visit in (1, 2)
    ]
    for image in images:
        assert (image.file.columns, image.file.rows, image.file.bits_stored) == (2010, 1670, 10)
    dates = [image.file.study_date for image in images]
    assert all(early and late and early < late for early, late in zip(dates[::2], dates[1::2], strict=True))


def test_the_same_everywhere_to_the_byte(sampled: Path, films: Path, tmp_path: Path) -> None:
    """Drawn in this process and in that of the fixture."""
    again = sample.draw_sample(tmp_path, quietly, 1, 1)
    for path in again:
        for suffix in (".dcm", ".json"):
            there = sampled / "data" / "sample" / path.with_suffix(suffix).name
            assert path.with_suffix(suffix).read_bytes() == there.read_bytes()
    made_anew = sampled / "data" / "sample" / "02-2.json"
    assert made_anew.read_bytes() == (films / "02-2.json").read_bytes()


@pytest.mark.parametrize("number", range(4))
def test_each_look_is_valid_dicom_and_is_what_it_says(sampled: Path, number: int) -> None:
    path = sample.files(sampled / "data" / "sample")[number]
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    assert "CRImage" in lines, "it knew what it looked at"
    assert [line for line in lines if line.startswith("Error")] == []
    photometric, voi = sample.LOOKS[number]
    radiograph = read(path)
    chain = radiograph.facts.chain
    assert radiograph.facts.photometric == photometric
    source = window_source(chain, default_look(chain, radiograph.values))
    assert source == {"window": "file", "lut": "VOI LUT", "none": "percentiles"}[voi]
    assert radiograph.facts.identity.name.startswith("PHANTOM ")
    assert "見本" in radiograph.facts.identity.name


def test_the_truth_beside_each_film(sampled: Path) -> None:
    found: set[Finding] = set()
    for path in sample.files(sampled / "data" / "sample"):
        written = json.loads(path.with_suffix(".json").read_text("utf-8"))
        joints = {joint_named(joint["name"]): joint for joint in written["joints"]}
        assert set(joints) == set(JOINTS)
        assert isinstance(written["right_on_left"], bool)
        for joint, truth in joints.items():
            box = Box(*truth["box"])
            assert box.width == pytest.approx(box.height)
            assert 40 < box.width < 250
            assert -box.width / 2 < box.x0 < 2010 - box.width / 2
            assert -box.height / 2 < box.y0 < 1670 - box.height / 2
            findings = {Finding(name) for name in truth["findings"]}
            assert findings <= set(joint.findings)
            found |= findings
    assert found == set(Finding), "there is something of everything to find"


def test_drawing_can_be_cancelled_and_goes_on_where_it_stopped(sampled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sample"
    folder.mkdir()
    for name in NAMES[1:]:
        for suffix in (".dcm", ".json"):
            shutil.copy(sampled / "data" / "sample" / f"{name}{suffix}", folder)

    def at_once(done: int, _total: int, _text: str) -> None:
        if done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        sample.draw_sample(folder, at_once)
    assert (folder / "01-1.dcm").exists()
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    sample.draw_sample(folder, quietly)
    assert {path: path.stat().st_mtime_ns for path in folder.iterdir()} == before, "what is there stays"


def test_a_sample_cut_short_while_importing_is_completed(sampled: Path, tmp_path: Path) -> None:
    """The films were all drawn; four of them had been imported when the window was closed."""
    data = tmp_path / "data"
    shutil.copytree(sampled / "data" / "sample", data / "sample")
    with open_house(data) as house:
        administration = house.administration
        person = administration.enter("Dr. A", Role.READER)
        study = administration.sample_study(person)

        def is_complete() -> bool:
            return sample.is_complete(administration.studies, study, administration.sample_folder)

        first = sample.files(administration.sample_folder)[:4]
        administration.library.add(first, study, person, quietly)
        assert not is_complete()
        made, result = sample.make_sample(
            administration.studies, administration.library, administration.sample_folder, person, quietly
        )
        assert (made, result.imported, result.known, result.refused) == (study, 8, 4, ())
        assert is_complete()
        (data / "sample" / "03-1.json").unlink()
        assert not is_complete()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "sample").write_text("in the way")
    with pytest.raises(KnuckleError, match="cannot be written"):
        sample.draw_sample(tmp_path / "sample", quietly)
    (tmp_path / "other" / "01-1.part").mkdir(parents=True)
    with pytest.raises(KnuckleError, match="cannot be written"):
        sample.draw_sample(tmp_path / "other", quietly, 1, 1)
