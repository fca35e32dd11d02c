"""DICOM SR of a real radiograph file, read back by highdicom and looked at by dciodvfy."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import highdicom.sr
import numpy as np
import pydicom
import pytest
from pydicom.sr.codedict import codes

from annotator.domain.errors import KnuckleError
from annotator.domain.geometry import Box
from annotator.exchange import dicom_sr
from annotator.exchange.dicom_sr import Source
from annotator.exchange.labels import LabelledImage
from annotator.imaging.write import CrFacts, write_cr
from tests.exchange.label_samples import HEIGHT, WIDTH, boxes, film

AT = datetime(2026, 3, 4, 5, 6, 7)  # noqa: DTZ001 - DICOM's times have no zone
FLOAT32 = 2e-4


@pytest.fixture
def source(tmp_path: Path) -> Source:
    path = tmp_path / "film.dcm"
    facts = CrFacts("k", "P1", patient_name="YAMADA^Taro", study_date=date(2015, 3, 4))
    write_cr(path, np.zeros((HEIGHT, WIDTH), np.uint16), facts)
    ds = pydicom.dcmread(path, stop_before_pixels=True)
    return Source(ds.SOPClassUID, ds.SOPInstanceUID, ds.StudyInstanceUID, ds.SeriesInstanceUID)


def written(folder: Path, source: Source, *images: LabelledImage) -> list[Path]:
    dicom_sr.write(folder / "out", [(image, source) for image in images], AT)
    return sorted((folder / "out").iterdir())


def complaints(path: Path) -> list[str]:
    """Errors of dciodvfy (David Clunie's dicom3tools)."""
    done = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).splitlines()
    assert "ComprehensiveSR" in lines  # it knew what it looked at
    return [line for line in lines if line.startswith("Error")]


def test_report_is_valid_and_says_where_the_joints_are(tmp_path: Path, source: Source) -> None:
    (path,) = written(tmp_path, source, film())
    assert complaints(path) == []
    content = highdicom.sr.srread(path).content
    assert isinstance(content, highdicom.sr.MeasurementReport)
    groups = content.get_planar_roi_measurement_groups()
    assert len(groups) == 19
    for group in groups:
        name, region = group.tracking_identifier, group.roi
        assert name is not None
        assert isinstance(region, highdicom.sr.ImageRegion)
        points = region.value
        assert np.array_equal(points[0], points[-1])
        assert len(points) == 5
        expected = boxes(film())[name]
        assert (*points.min(axis=0), *points.max(axis=0)) == pytest.approx(expected.corners, abs=FLOAT32)
        (site,) = group.finding_sites
        assert site.value == codes.SCT.FingerJoint
        assert site.laterality == (codes.SCT.Right if name[0] == "R" else codes.SCT.Left)
    assert len(content.get_image_measurement_groups()) == 1


def test_report_is_read_back(tmp_path: Path, source: Source) -> None:
    written(tmp_path, source, film())
    (report,) = dicom_sr.read(tmp_path / "out")
    assert (report.sop_instance_uid, report.patient_code, report.reader) == (
        source.sop_instance_uid,
        "K-001",
        "Reader 1",
    )
    expected = {label.joint: label for label in film().joints}
    assert len(report.joints) == 20
    for label in report.joints:
        was = expected[label.joint]
        assert replace(label, box=was.box) == was
        if label.box and was.box:
            assert label.box.corners == pytest.approx(was.box.corners, abs=FLOAT32)


def test_one_report_a_reader(tmp_path: Path, source: Source) -> None:
    names = ("山田 太郎", "=a^b\\c 👩", "")
    joints = tuple(label for name in names for label in film(reader=name).joints[:3])
    paths = written(tmp_path, source, replace(film(), joints=joints))
    assert [path.name for path in paths] == [f"K-001-visit1-image1.r{n}.dcm" for n in (1, 2, 3)]
    assert [complaints(path) for path in paths] == [[], [], []]
    assert [report.reader for report in dicom_sr.read(tmp_path / "out")] == list(names)
    assert len({pydicom.dcmread(path).SOPInstanceUID for path in paths}) == 3


def test_nobody_is_named_and_the_same_labels_give_the_same_bytes(tmp_path: Path, source: Source) -> None:
    (path,) = written(tmp_path, source, film())
    assert not any(word in path.read_bytes() for word in (b"YAMADA", b"Taro", b"20150304"))
    assert b"Research use only, not for diagnosis." in path.read_bytes()
    (tmp_path / "again").mkdir()
    (again,) = written(tmp_path / "again", source, film())
    assert path.read_bytes() == again.read_bytes()


def test_what_is_no_report_is_told(tmp_path: Path, source: Source) -> None:
    (path,) = written(tmp_path, source, film())
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    for wrong in (path, tmp_path / "film.dcm", tmp_path / "nothing.dcm", Path(__file__)):
        with pytest.raises(KnuckleError, match="cannot be read"):
            dicom_sr.read(wrong)
    path.write_bytes(whole.replace(b"R-PIP3", b"R-TOE3"))
    with pytest.raises(KnuckleError, match="no such joint"):
        dicom_sr.read(path)


def test_region_that_is_no_box_is_told(tmp_path: Path, source: Source) -> None:
    label = film().joints[0]
    image = LabelledImage("a.png", WIDTH, HEIGHT, joints=(replace(label, box=Box(1, 2, 3, 4)),))
    (path,) = written(tmp_path, source, image)
    ds = pydicom.dcmread(path)
    for element in ds.iterall():
        if element.keyword == "GraphicData":
            element.value = [1, 2, 3, 2, 3, 4, 1, 3.5, 1, 2]
    ds.save_as(path)
    with pytest.raises(KnuckleError, match="no upright box"):
        dicom_sr.read(path)


def test_desk_without_highdicom_says_so(
    tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "annotator.exchange.sr_content", raising=False)
    monkeypatch.delattr("annotator.exchange.sr_content", raising=False)
    for name in [name for name in sys.modules if name.split(".")[0] == "highdicom"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(KnuckleError, match=r"DICOM SR needs highdicom.*knuckle\[sr\]"):
        written(tmp_path, source, film())
