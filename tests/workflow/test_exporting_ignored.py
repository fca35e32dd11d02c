"""A boxed joint whose label stays, from the study to what a detector that finds it is charged."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from annotator.domain import gestures
from annotator.domain.export_policy import Policy, Whose
from annotator.domain.findings import NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joints import joint_named
from annotator.exporting_command import exporter_of
from annotator.store.readings import Readings
from annotator.workflow.exporting import Exported, Form, Order
from detector.classes import FINDINGS, judged
from detector.dataset import Release, faults, read_release
from detector.ensemble import Candidates, Detections, combine
from detector.evaluate import evaluate, results
from detector.measuring.scoring import score
from detector.train import labelled_page
from tests.export_samples import read_films
from tests.study_fixtures import Desk, quietly, sit_down

pytestmark = pytest.mark.usefixtures("qapp")

HIDDEN = joint_named("L-PIP4")


@pytest.fixture
def own(prepared: Path, tmp_path: Path) -> Iterator[Desk]:
    """Dr. A has read all four films."""
    data = shutil.copytree(prepared, tmp_path / "data")
    read_films(data, sign=False)
    with sit_down(data) as desk:
        yield desk


def export(desk: Desk, out: Path, form: Form = Form.RELEASE, whose: Whose = Whose.ALL) -> Exported:
    order = Order(desk.study, Policy(desk.study.id, whose), form)
    return exporter_of(desk.house).export(order, out, desk.person, quietly)


def left_unconfirmed(desk: Desk, number: int = 0) -> Box:
    """A joint of an image is drawn anew, and nothing said of it; its box."""
    readings = Readings(desk.house.database)
    image = desk.house.administration.studies.images(desk.study.id)[number]
    reading = readings.load(image.id, desk.person)
    box = reading.of(HIDDEN).box
    assert box is not None
    for edit in (gestures.delete, lambda now, joint: gestures.draw(now, joint, box)):
        reading, _ = readings.apply(reading, edit(reading, HIDDEN), desk.person)
    assert reading.of(HIDDEN).untouched
    return box


def finding_everything(truth: Release, release: Release) -> float:
    """False boxes of a detector that finds what one release lists, by what another one lists."""
    known = {truth.pixels(image).tobytes(): image for image in truth.images}

    def scan(pixels: NDArray[np.uint16]) -> tuple[Detections, Mapping[str, Candidates]]:
        joints = known[pixels.tobytes()].joints
        alone = {
            finding: Candidates(
                np.array([one.box for one in joints if judged(one.name, finding)], np.float32),
                np.array([(0.01, 0.98, 0.01) for one in joints if judged(one.name, finding)], np.float32),
            )
            for finding in FINDINGS
        }
        return combine(*alone.values()), alone

    images = results(release.images, evaluate(release, release.images, scan))
    detection = score({"all": images}, rounds=20).detection
    assert {one.total.joints - one.total.detected for one in detection.values()} == {0}
    return sum(one.total.false_boxes for one in detection.values())


def test_an_unconfirmed_joint_is_ignored_and_a_detector_that_finds_it_not_charged(
    own: Desk, tmp_path: Path
) -> None:
    export(own, tmp_path / "whole")
    box = left_unconfirmed(own)
    done = export(own, tmp_path / "out")
    assert faults(tmp_path / "out") == []
    whole, release = read_release(tmp_path / "whole"), read_release(tmp_path / "out")
    first, *others = release.images
    assert HIDDEN.name not in [joint.name for joint in first.joints]
    assert first.ignored == (box.corners,)
    assert [image.ignored for image in others] == [()] * 3
    assert done.preview.selected.counts.ignored == 1
    counts = release.manifest.about["counts"]
    assert isinstance(counts, dict)
    assert (counts["joints"], counts["ignored"]) == (79, 1)
    assert "warnings" not in done.object
    assert finding_everything(whole, release) == 0
    page = labelled_page(release, first, "ankylosis")
    assert np.allclose(page.ignored, np.array([box.corners]) / 2, atol=0.5)
    assert len(page.boxes) == 19


def test_where_nothing_is_ignored_nothing_is_said_of_it(own: Desk, tmp_path: Path) -> None:
    export(own, tmp_path / "out")
    for name in ("annotations.json", "manifest.json"):
        assert "ignored" not in (tmp_path / "out" / name).read_text("utf-8")


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.RELEASE])
def test_other_formats_have_no_word_for_it(own: Desk, tmp_path: Path, form: Form) -> None:
    left_unconfirmed(own)
    done = export(own, tmp_path / "out", form)
    assert done.preview.selected.counts.object.get("ignored") is None
    assert "warnings" not in done.object
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or b"ignored" not in path.read_bytes()


def test_joints_without_any_box_are_warned_of(own: Desk, tmp_path: Path) -> None:
    readings = Readings(own.house.database)
    for number, image in enumerate(own.house.administration.studies.images(own.study.id)[:3], 1):
        reading = readings.load(image.id, own.person)
        reading, _ = readings.apply(reading, gestures.delete(reading, HIDDEN), own.person)
        if number == 3:
            gone = gestures.set_not_assessable(reading, HIDDEN, NotAssessable.AMPUTATED)
            readings.apply(reading, gone, own.person)
        order = Order(own.study, Policy(own.study.id, Whose.ALL), Form.RELEASE)
        preview = exporter_of(own.house).preview(order, own.person)
        many = "1 image has" if number == 1 else "2 images have"
        assert preview.object["warnings"] == [
            f"{many} joints without any box; what is not marked is learned as background."
        ]
    done = export(own, tmp_path / "out")
    assert done.object["warnings"] == preview.object["warnings"]
    assert list(done.object)[-1] == "left_out"
    assert "warnings" not in read_release(tmp_path / "out").manifest.about
