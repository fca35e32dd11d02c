"""Labels come back as proposals: the boxes that were exported, with their origin, and no reading touched."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.domain.deciding import accept
from annotator.domain.decisions import the_rest
from annotator.domain.errors import KnuckleError, LockedError
from annotator.domain.export_policy import Policy, Whose
from annotator.domain.findings import Finding, Mark, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joints import joint_named
from annotator.domain.people import Role
from annotator.domain.proposals import Run, SeenBy
from annotator.domain.versions import ModelVersion, VersionFolder
from annotator.exchange import coco, voc, yolo
from annotator.exchange.label_files import LabelForm, form_of
from annotator.exchange.labels import LabelledImage, LabelledJoint
from annotator.exporting_command import exporter_of
from annotator.importing_command import importer_of
from annotator.paths import migrations
from annotator.store.check import check
from annotator.store.detections import Detections
from annotator.store.readings import Readings
from annotator.workflow.exporting import Form, Order
from annotator.workflow.label_import import Finder, Imported, Rule, run_of
from annotator.workflow.label_jobs import LabelsFound, LabelSource, look_into
from tests.export_samples import read_films
from tests.store.store_samples import audit_rows
from tests.study_fixtures import Desk, images_of, quietly, sit_down
from tests.workflow.model_driver import MS, Bench, idle

pytestmark = pytest.mark.usefixtures("qapp")

ROUNDING = {"coco": 1e-9, "csv": 0.0, "yolo": 3e-5, "voc": 0.5, "sr": 1e-3}

ONE = (LabelledJoint(joint_named("R-PIP2"), Box(10, 10, 40, 40)),)


@pytest.fixture(scope="module")
def signed(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Dr. A has signed the first two of the four films. Do not change it."""
    data = shutil.copytree(prepared, tmp_path_factory.mktemp("signed") / "data")
    read_films(data, only=2)
    return data


@pytest.fixture
def own(signed: Path, tmp_path: Path) -> Iterator[Desk]:
    with sit_down(shutil.copytree(signed, tmp_path / "data")) as desk:
        yield desk


def export(desk: Desk, out: Path, form: str) -> Path:
    order = Order(desk.study, Policy(desk.study.id, Whose.SIGNED), Form(form))
    exporter_of(desk.house).export(order, out, desk.person, quietly)
    return out


def bring(desk: Desk, path: Path, form: str = "coco", reader: str | None = None) -> Imported:
    images = images_of(desk, desk.study)
    return importer_of(desk.house).add(
        path, LabelForm(form), desk.study, images, desk.person, quietly, reader
    )


def newest(desk: Desk, image_id: int) -> Run:
    found = Detections(desk.house.database).newest(image_id)
    assert found is not None
    return found


def labels(desk: Desk, joints: tuple[LabelledJoint, ...], name: str = "01-1.png") -> LabelledImage:
    file = images_of(desk, desk.study)[0].file
    return LabelledImage(name, file.columns, file.rows, joints=joints)


def written(out: Path, *images: LabelledImage) -> Path:
    coco.write(out, images)
    return out


@pytest.mark.parametrize("form", ROUNDING)
def test_exported_boxes_come_back_as_proposals(own: Desk, tmp_path: Path, form: str) -> None:
    out = export(own, tmp_path / "out", form)
    readings = Readings(own.house.database)
    before = [readings.load(image.id, own.person) for image in images_of(own, own.study)]
    done = bring(own, out, form)
    assert (len(done.taken), done.refused, done.known) == (2, [], [])
    assert {one.rule for one in done.taken} == {Rule.UID if form == "sr" else Rule.EXPORTED}
    for image, reading in zip(images_of(own, own.study)[:2], before[:2], strict=True):
        run = newest(own, image.id).named_for(reading.facts)
        assert (run.runtime, run.missing) == ("imported labels", ())
        boxes = {one.joint: one.box for one in run.proposals}
        assert boxes.keys() == reading.boxes.keys()
        for joint, box in reading.boxes.items():
            far = max(abs(a - b) for a, b in zip(box.corners, boxes[joint].corners, strict=True))
            assert far <= ROUNDING[form], joint
        for one in run.proposals:
            assert one.joint is not None
            said = {mark.finding for mark in reading.of(one.joint).marks}
            displaced = bool(said & {Finding.SUBLUXATION, Finding.DISLOCATION})
            assert (one.confidence, one.not_assessed, one.flags) == (1.0, (), ())
            assert {mark.finding for mark in one.marks} == (
                ({Finding.ANKYLOSIS} & said) | ({Finding.SUBLUXATION} if displaced else set())
            )
        assert readings.load(image.id, own.person) == reading


def test_the_version_tells_the_origin_and_never_proposes(own: Desk, tmp_path: Path) -> None:
    done = bring(own, export(own, tmp_path / "レントゲン", "csv"), "csv")
    versions = own.house.models.versions
    (version,) = (one for one in versions.all() if one.is_import)
    assert (version.name, version.active) == ("import: レントゲン", False)
    assert version == done.version
    with pytest.raises(KnuckleError, match="stands for imported labels and holds no detector"):
        versions.activate(version.id, own.person)
    assert versions.active() is None
    rows = audit_rows(own.house.database)
    assert [row.action for row in rows[-4:]] == ["import labels", *["propose"] * 2, "import labels"]
    assert json.loads(rows[-1].detail)["boxes"] == 40
    assert not any("レントゲン" in row.detail for row in rows)
    own.house.database.backup()
    assert check(own.house.paths.database, migrations()).problems == ()


def test_the_same_file_again_adds_nothing(own: Desk, tmp_path: Path) -> None:
    out = export(own, tmp_path / "out", "coco")
    bring(own, out / "annotations.json")
    first = newest(own, 1)
    moved = shutil.copy(out / "annotations.json", tmp_path / "other.json")
    again = bring(own, Path(moved))
    assert (len(again.taken), len(again.known), again.refused) == (0, 2, [])
    assert again.object["note"] == "These labels were imported before: nothing was added."
    assert newest(own, 1) == first
    assert len([one for one in own.house.models.versions.all() if one.is_import]) == 1


def test_an_unsaid_finding_is_not_assessed(own: Desk, tmp_path: Path) -> None:
    box, place = Box(10, 10, 40, 40), joint_named
    said = (
        LabelledJoint(place("R-PIP2"), box),
        LabelledJoint(place("R-IP1"), box),
        LabelledJoint(place("R-PIP3"), box, (Mark(Finding.DISLOCATION),)),
        LabelledJoint(place("R-PIP4"), box, (Mark(Finding.ANKYLOSIS),)),
        LabelledJoint(
            place("R-PIP5"),
            box,
            confirmed=True,
            unsaid=frozenset({Finding.SUBLUXATION, Finding.DISLOCATION}),
        ),
        LabelledJoint(place("R-MP2"), box, confirmed=True),
        LabelledJoint(place("R-MP3"), box, not_assessable=NotAssessable.OVERLAP),
        LabelledJoint(place("R-MP4"), not_assessable=NotAssessable.AMPUTATED),
    )
    done = bring(own, written(tmp_path / "out", labels(own, said)))
    assert [(one.rule, one.boxes) for one in done.taken] == [(Rule.FILE, 7)]
    run = newest(own, 1)
    found = {str(one.joint): one for one in run.proposals}
    both = (Finding.ANKYLOSIS, Finding.SUBLUXATION)
    assert {name: (one.seen_by.value, one.not_assessed) for name, one in found.items()} == {
        "R-PIP2": ("first", both),
        "R-IP1": ("second", (Finding.ANKYLOSIS,)),
        "R-PIP3": ("second", (Finding.ANKYLOSIS,)),
        "R-PIP4": ("first", (Finding.SUBLUXATION,)),
        "R-PIP5": ("first", (Finding.SUBLUXATION,)),
        "R-MP2": ("both", ()),
        "R-MP3": ("first", both),
    }
    assert found["R-MP3"].flags[0].reason == "The file says: not assessable (overlap)."
    missing = {str(joint): reason for joint, reason in run.missing}
    assert missing["R-MP4"] == "The file says: not assessable (amputated)."
    assert missing["L-MP4"] == "The file does not name it."
    fresh = replace(Readings(own.house.database).load(1, own.person), annotations={}, signed=False)
    assert [str(one.joint) for one in the_rest(run.proposals, fresh, 0.0)] == ["R-MP2"]
    for name in ("R-PIP2", "R-IP1"):
        after = accept(fresh, found[name]).joints[0].after
        assert after is not None
        assert not after.confirmed
    assert found["R-MP2"].seen_by is SeenBy.BOTH


def test_images_that_are_not_there_are_told_and_the_rest_goes_on(own: Desk, tmp_path: Path) -> None:
    there = labels(own, ONE)
    small = LabelledImage("02-1.png", 60, 50, joints=ONE)
    twice = replace(there, file_name="K-001-visit1-image1.png")
    out = written(tmp_path / "out", replace(there, file_name="gone.png"), small, there, twice)
    done = bring(own, out)
    assert [one.name for one in done.taken] == ["01-1.png"]
    assert [(one.file, one.reason) for one in done.refused] == [
        ("gone.png", "There is no such image in the study."),
        (
            "02-1.png",
            f"It is 60 x 50 pixels large in the file and {there.width} x {there.height} in the study.",
        ),
        ("K-001-visit1-image1.png", "Its image has labels of another name here."),
    ]


def test_an_image_without_boxes_stays_as_it_is(own: Desk, tmp_path: Path) -> None:
    bare = (LabelledJoint(joint_named("R-MP4"), not_assessable=NotAssessable.AMPUTATED),)
    done = bring(own, written(tmp_path / "out", labels(own, bare)))
    assert (done.without, done.refused, done.taken) == (["01-1.png"], [], [])
    assert Detections(own.house.database).newest(1) is None


def test_a_report_that_names_a_joint_twice(own: Desk) -> None:
    """Other formats are refused by their reader."""
    image = images_of(own, own.study)[0]
    version = ModelVersion(1, "import: x", "ab" * 32, "/x")
    far = replace(ONE[0], joint=joint_named("L-MP2"), box=Box(9000, 0, 9001, 1))
    run, refused = run_of((*ONE, *ONE, far), image, version)
    assert [one.box for one in run.proposals] == [ONE[0].box]
    assert refused == (
        "R-PIP2 is labelled twice; the first one is taken.",
        "The box of L-MP2 lies outside the image.",
    )


def test_a_file_whose_name_no_text_can_spell(own: Desk, tmp_path: Path) -> None:
    out = written(tmp_path / "out", labels(own, ONE))
    odd = tmp_path / os.fsdecode(b"tokyo\xff\n.json")
    (out / "annotations.json").rename(odd)
    assert bring(own, odd).version.name == "import: tokyo__.json"


def test_by_patient_code_and_visit(own: Desk, tmp_path: Path) -> None:
    one = replace(labels(own, (LabelledJoint(joint_named("L-MP2"), Box(1, 1, 9, 9)),)), file_name="x.png")
    (taken,) = bring(own, written(tmp_path / "out", replace(one, patient_code="K-002", visit=2))).taken
    assert (taken.rule, taken.image.patient_code, taken.image.visit) == (Rule.VISIT, "K-002", 2)


def test_labels_know_right_from_left(own: Desk, tmp_path: Path) -> None:
    """The film's facts suppose the right hand on the left half; these labels have it on the right half."""
    wide = labels(own, ()).width
    right, left = Box(wide - 90, 10, wide - 50, 50), Box(50, 10, 90, 50)
    said = (LabelledJoint(joint_named("R-PIP2"), right), LabelledJoint(joint_named("L-PIP2"), left))
    (taken,) = bring(own, written(tmp_path / "out", labels(own, said))).taken
    assert taken.object["sides"] == "not as the image says"
    run = newest(own, 1)
    assert {str(one.joint): one.box for one in run.proposals} == {"R-PIP2": right, "L-PIP2": left}
    assert not run.right_on_left


def test_several_readers_are_imported_one_by_one(own: Desk, tmp_path: Path) -> None:
    joint, boxes = joint_named("R-PIP2"), {"A": Box(10, 10, 40, 40), "B": Box(12, 10, 42, 40)}
    said = tuple(LabelledJoint(joint, box, reader=name) for name, box in boxes.items())
    out = written(tmp_path / "out", labels(own, said))
    with pytest.raises(KnuckleError, match="has labels of several readers: A, B"):
        bring(own, out)
    with pytest.raises(KnuckleError, match="out has no labels by C"):
        bring(own, out, reader="C")
    for name, box in boxes.items():
        assert bring(own, out, reader=name).version.name == f"import: out ({name})"
        assert newest(own, 1).proposals[0].box == box


def test_what_lies_outside(own: Desk, tmp_path: Path) -> None:
    """A foreign box is cut at the edge of the image; a file with one that is all outside is refused."""
    out = written(tmp_path / "out", labels(own, (LabelledJoint(joint_named("R-PIP2"), Box(0, 0, 30, 30)),)))
    file = out / "annotations.json"
    said = json.loads(file.read_text())
    said["annotations"][0]["bbox"] = [-10, -10, 30, 40]
    file.write_text(json.dumps(said))
    bring(own, file)
    assert newest(own, 1).proposals[0].box == Box(0, 0, 20, 30)
    said["annotations"][0]["bbox"] = [-100, -10, 30, 40]
    file.write_text(json.dumps(said))
    with pytest.raises(KnuckleError, match="box beyond the image"):
        bring(own, file)


@pytest.mark.parametrize("name", ["../../x.png", "a/b.png", "=cmd|' /C calc'!A0", ""])
def test_a_name_that_leaves_its_folder_is_refused(own: Desk, tmp_path: Path, name: str) -> None:
    out = written(tmp_path / "out", labels(own, ()))
    text = (out / "annotations.json").read_text().replace('"01-1.png"', json.dumps(name))
    (out / "annotations.json").write_text(text)
    with pytest.raises(KnuckleError, match="cannot name a file"):
        bring(own, out)
    assert [one for one in own.house.models.versions.all() if one.is_import] == []


@pytest.mark.parametrize("form", LabelForm)
def test_what_cannot_be_read(own: Desk, tmp_path: Path, form: LabelForm) -> None:
    bad = tmp_path / "bad"
    for path in (tmp_path / "gone", bad):
        with pytest.raises(KnuckleError):
            bring(own, path, form.value)
    bad.mkdir()
    with pytest.raises(KnuckleError):
        bring(own, bad, form.value)
    file = tmp_path / "file.json"
    file.write_text('{"images": [')
    with pytest.raises(KnuckleError, match="cannot be read"):
        bring(own, file, form.value)
    assert [one for one in own.house.models.versions.all() if one.is_import] == []


def test_a_yolo_folder_of_another_program(own: Desk, tmp_path: Path) -> None:
    joint = joint_named("R-PIP2")
    yolo.write(tmp_path / "out", [labels(own, (LabelledJoint(joint, Box(10, 20, 40, 60)),))])
    (tmp_path / "out" / "labels.csv").unlink()
    shutil.copy(tmp_path / "out" / "labels" / "01-1.txt", tmp_path / "out" / "labels" / "gone.txt")
    done = bring(own, tmp_path / "out", "yolo")
    assert [one.name for one in done.taken] == ["01-1.png"]
    assert [one.file for one in done.refused] == ["gone.png"]
    assert newest(own, 1).proposals[0].box.corners == pytest.approx((10, 20, 40, 60), abs=1e-4)


def test_one_voc_file(own: Desk, tmp_path: Path) -> None:
    voc.write(tmp_path / "out", [labels(own, (LabelledJoint(joint_named("R-MP2"), Box(1, 2, 9, 9)),))])
    done = bring(own, tmp_path / "out" / "Annotations" / "01-1.xml", "voc")
    assert done.version.name == "import: 01-1.xml"
    assert newest(own, 1).proposals[0].box == Box(1, 2, 9, 9)


def test_who_may_not(own: Desk, tmp_path: Path) -> None:
    out = written(tmp_path / "out", labels(own, ()))
    reader = own.house.administration.enter("Dr. R", Role.READER)
    with pytest.raises(LockedError, match="may not import labels"):
        bring(replace(own, person=reader), out)


def test_the_detector_looks_only_where_it_is_asked_to(bench: Bench, tmp_path: Path, qtbot: QtBot) -> None:
    """Opening an image that has imported labels keeps them; an open image has the detector look."""
    first, second = bench.ids[:2]
    bring(bench.desk, written(tmp_path / "out", labels(bench.desk, ONE)))
    imported = newest(bench.desk, first)
    bench.proposing.look_ahead([first, second])
    idle(qtbot, bench)
    assert newest(bench.desk, first) == imported
    assert newest(bench.desk, second).version_id != imported.version_id
    with qtbot.waitSignal(bench.proposing.proposed, timeout=MS):
        bench.proposing.ask(first)
    assert newest(bench.desk, first).version_id != imported.version_id


def test_imports_are_no_versions_to_begin_with(own: Desk, tmp_path: Path, qtbot: QtBot) -> None:
    """The version that comes with Knuckle is still the first of all, and active."""
    version = bring(own, written(tmp_path / "out", labels(own, ONE))).version
    models = own.house.models
    said: list[KnuckleError] = []
    models.about(version, lambda _paper: None, said.append)
    qtbot.waitUntil(lambda: bool(said))
    assert str(said[0]).startswith("These are imported labels, not a detector.")
    assert models.bring_shipped(own.person)
    active = models.versions.active()
    assert active is not None
    assert not active.is_import
    with pytest.raises(KnuckleError, match="is called like imported labels"):
        models.versions.register(VersionFolder("import: x", "ab" * 32, "/x"), own.person)


@pytest.mark.parametrize("form", ROUNDING)
def test_an_exported_folder_tells_its_format(own: Desk, tmp_path: Path, form: str) -> None:
    """As does a file of it, but one of YOLO, whose folder is what can be imported."""
    out = export(own, tmp_path / "out", form)
    assert form_of(out) is LabelForm(form)
    named = {"coco": "annotations.json", "csv": "labels.csv", "voc": "Annotations/*.xml", "sr": "*.dcm"}
    for file in out.glob(named.get(form, "nothing")):
        assert form_of(file) is LabelForm(form)
    assert form_of(tmp_path / "labels" / "01-1.txt") is None
    assert form_of(tmp_path) is None


def test_a_look_into_a_file_counts_and_brings_nothing_in(own: Desk, tmp_path: Path) -> None:
    second = replace(labels(own, ONE, "02-1.png"), joints=(replace(ONE[0], reader="B"),))
    first = labels(own, (replace(ONE[0], reader="A"), LabelledJoint(joint_named("R-MP4"), reader="A")))
    finder = Finder(images_of(own, own.study))

    def look(*images: LabelledImage, name: str) -> LabelsFound:
        return look_into(LabelSource(written(tmp_path / name, *images)), finder)

    apart = look(first, second, replace(second, file_name="gone.png"), name="apart")
    assert (apart.form, apart.images, apart.there, apart.boxes) == (LabelForm.COCO, 3, 2, 3)
    assert (apart.readers, apart.divided) == (("A", "B"), False)
    both = look(replace(first, joints=(*first.joints, *second.joints)), name="both")
    assert (both.readers, both.divided) == (("A", "B"), True)
    assert [one for one in own.house.models.versions.all() if one.is_import] == []
    (tmp_path / "x").mkdir()
    with pytest.raises(KnuckleError, match="It cannot be told which format of labels x has"):
        look_into(LabelSource(tmp_path / "x"), finder)
