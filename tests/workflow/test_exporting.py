"""A study as files: what the detector sees, whole or not at all, the same bytes again, nobody's name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from annotator.app import House, open_house
from annotator.domain.errors import KnuckleError, LockedError
from annotator.domain.export_policy import Policy, Whose
from annotator.domain.findings import Finding
from annotator.domain.images import Study
from annotator.domain.people import Person, Role
from annotator.exporting_command import exporter_of
from annotator.imaging import dicom
from annotator.workflow.exporting import Exported, Exporter, Form, Order
from annotator.workflow.jobs import Cancelled
from detector.dataset import faults, read_release
from detector.verbs.check import of_release
from tests.command_line import small_film
from tests.export_samples import read_films
from tests.store.store_samples import audit_rows
from tests.study_fixtures import Desk, quietly, sit_down

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(scope="module")
def signed(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prepared data folder; Dr. A has signed all four films. Do not change it."""
    data = shutil.copytree(prepared, tmp_path_factory.mktemp("signed") / "data")
    read_films(data)
    return data


@pytest.fixture
def own(signed: Path, films: Path, tmp_path: Path) -> Iterator[Desk]:
    """A copy of it, with copies of the films; who sits there may export."""
    copies = shutil.copytree(films, tmp_path / "films")
    with sit_down(shutil.copytree(signed, tmp_path / "data")) as desk:
        desk.house.administration.library.relocate(films, copies, desk.person, quietly)
        yield desk


def order(desk: Desk, form: Form = Form.RELEASE, **more: bool) -> Order:
    return Order(desk.study, Policy(desk.study.id), form, **more)


def export(desk: Desk, out: Path, form: Form = Form.RELEASE, **more: bool) -> Exported:
    return exporter_of(desk.house).export(order(desk, form, **more), out, desk.person, quietly)


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def beside(out: Path) -> list[str]:
    return sorted(path.name for path in out.parent.iterdir())


def test_release_is_what_the_detector_sees_and_its_checker_finds_nothing(own: Desk, tmp_path: Path) -> None:
    done = export(own, tmp_path / "out")
    assert of_release(tmp_path / "out")[0] == []
    release = read_release(tmp_path / "out")
    images = own.house.administration.studies.images(own.study.id)
    assert [image.file for image in release.images] == [
        f"images/{image.patient_code}-visit{image.visit}-image{image.id}.png" for image in images
    ]
    for made, image in zip(release.images, images, strict=True):
        radiograph = dicom.read(Path(image.file.path))
        assert np.array_equal(release.pixels(made), radiograph.pixels)
        truth = json.loads(Path(image.file.path).with_suffix(".json").read_text("utf-8"))["joints"]
        spacing = radiograph.facts.spacing
        assert spacing is not None
        assert (made.spacing_mm, made.right_on_left) == (spacing.column_mm, True)
        assert [(joint.name, list(joint.box)) for joint in made.joints] == [
            (joint["name"], joint["box"]) for joint in truth
        ]
        found = [
            {
                *(["ankylosis"] if joint.ankylosis else []),
                *([str(joint.displacement)] if joint.displaced else []),
            }
            for joint in made.joints
        ]
        assert found == [set(joint["findings"]) for joint in truth]
    assert release.folds is not None
    assert sorted(fold[0] for fold in release.folds.patients) == ["K-001", "K-002"]
    about = release.manifest.about
    assert about["notice"] == "Research use only, not for diagnosis."
    days = about["days_since_first_visit"]
    assert isinstance(days, dict)
    first, second = (image.file.study_date for image in images[:2])
    assert first is not None
    assert second is not None
    assert list(days.values())[:2] == [0, (second - first).days]
    assert done.preview.selected.counts.images == 4
    assert about["counts"] == done.preview.selected.counts.object
    assert about["labels_after_proposals"] == 0


def test_the_same_export_again_has_the_same_bytes(
    own: Desk, signed: Path, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also from another folder, after another export, and where clocks say something else."""
    first = export(own, tmp_path / "first")
    again = export(own, tmp_path / "again")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    (tmp_path / "far").mkdir()
    with sit_down(shutil.copytree(signed, tmp_path / "far" / "data")) as desk:
        elsewhere = export(desk, tmp_path / "far" / "out")
    assert content(tmp_path / "first") == content(tmp_path / "again") == content(tmp_path / "far" / "out")
    assert first.sha256 == again.sha256 == elsewhere.sha256
    assert str(tmp_path).encode() not in b"".join(content(tmp_path / "first").values())


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.RELEASE])
def test_every_format_has_the_same_bytes_again(own: Desk, tmp_path: Path, form: Form) -> None:
    first, again = export(own, tmp_path / "first", form), export(own, tmp_path / "again", form)
    assert content(tmp_path / "first") == content(tmp_path / "again")
    assert first.sha256 == again.sha256
    assert first.preview.selected.counts.joints == 80


@pytest.mark.parametrize("form", Form)
def test_an_export_is_audited(own: Desk, tmp_path: Path, form: Form) -> None:
    before = len(audit_rows(own.house.database))
    done = export(own, tmp_path / "out", form)
    (row,) = audit_rows(own.house.database)[before:]
    assert (row.person, row.action, row.subject) == ("Dr. A", "export", f"study {own.study.id}")
    said = json.loads(row.detail)
    assert (said["format"], said["sha256"]) == (form.value, done.sha256)
    assert said["audit_position"] == done.preview.selected.position < before + 1


def test_the_position_is_that_of_the_last_change_of_what_was_chosen(own: Desk, tmp_path: Path) -> None:
    done = export(own, tmp_path / "out")
    rows = audit_rows(own.house.database)
    assert rows[done.preview.selected.position - 1].action == "sign"
    assert {row.action for row in rows[done.preview.selected.position :]} == {"relocate", "export"}


def test_who_may_not_export_does_not(own: Desk, tmp_path: Path) -> None:
    reader = own.house.administration.enter("R", Role.READER)
    exporter = exporter_of(own.house)
    with pytest.raises(LockedError):
        exporter.preview(order(own), reader)
    with pytest.raises(LockedError):
        exporter.export(order(own), tmp_path / "out", reader, quietly)
    assert not (tmp_path / "out").exists()


def test_what_cannot_be_audited_is_not_there(own: Desk, tmp_path: Path) -> None:
    with own.house.database.write() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
    with pytest.raises(KnuckleError):
        export(own, tmp_path / "out", Form.COCO)
    assert not [name for name in beside(tmp_path / "out") if "out" in name]


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("at", [0, 2, 4])
def test_a_cancelled_export_leaves_nothing(own: Desk, tmp_path: Path, form: Form, at: int) -> None:
    before = beside(tmp_path / "out"), len(audit_rows(own.house.database))

    def cancelled(done: int, total: int, _text: str) -> None:
        assert total == 4
        if done >= at:
            raise Cancelled

    exporter = exporter_of(own.house)
    with pytest.raises(Cancelled):
        exporter.export(order(own, form), tmp_path / "out", own.person, cancelled)
    assert (beside(tmp_path / "out"), len(audit_rows(own.house.database))) == before


@pytest.mark.parametrize("form", Form)
def test_a_folder_that_holds_something_is_left_alone(own: Desk, tmp_path: Path, form: Form) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    with pytest.raises(KnuckleError, match="not an empty folder"):
        export(own, tmp_path / "out", form)
    assert content(tmp_path / "out") == {"mine": b"mine"}
    (tmp_path / "out" / "mine").unlink()
    export(own, tmp_path / "out", form)
    assert content(tmp_path / "out")


def lose(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def spoil(path: Path) -> None:
    """The size stays."""
    data = bytearray(path.read_bytes())
    data[-7] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("form", [Form.RELEASE, Form.SR])
@pytest.mark.parametrize("damage", [lose, cut, spoil])
def test_an_image_whose_file_is_not_as_it_was(own: Desk, tmp_path: Path, form: Form, damage: object) -> None:
    second = own.house.administration.studies.images(own.study.id)[1]
    assert callable(damage)
    damage(Path(second.file.path))
    name = f"K-001-visit2-image{second.id}"
    with pytest.raises(KnuckleError, match=name):
        export(own, tmp_path / "out", form)
    assert not (tmp_path / "out").exists()
    done = export(own, tmp_path / "out", form, without_missing=True)
    (left,) = (out.object for out in done.preview.selected.left_out)
    assert left == {
        "image": second.id,
        "patient": "K-001",
        "visit": 2,
        "reason": "the file is missing or has changed",
    }
    assert done.preview.selected.counts.images == 3
    if form is Form.RELEASE:
        assert faults(tmp_path / "out") == []
        about = read_release(tmp_path / "out").manifest.about
        assert (about["left_out"], about["counts"]) == ([left], done.preview.selected.counts.object)
    else:
        assert len(content(tmp_path / "out")) == 3


def test_preview_names_every_missing_file(own: Desk) -> None:
    images = own.house.administration.studies.images(own.study.id)
    for image in images[:2]:
        Path(image.file.path).unlink()
    preview = exporter_of(own.house).preview(order(own), own.person)
    assert preview.obstacle is not None
    for image in images[:2]:
        assert f"visit{image.visit}-image{image.id}" in preview.obstacle.message
    assert preview.selected.reasons == {"the file is missing or has changed": 2}
    assert exporter_of(own.house).preview(order(own, Form.COCO), own.person).obstacle is None


def test_nothing_left_is_told_with_its_reasons(own: Desk, tmp_path: Path) -> None:
    exporter, policy = exporter_of(own.house), Policy(own.study.id, Whose.READER, "Nobody")
    with pytest.raises(KnuckleError, match=r"Nothing of the study Hands .* not read \(4\)"):
        exporter.export(Order(own.study, policy, Form.COCO), tmp_path / "out", own.person, quietly)


def test_two_readers_fit_where_there_is_a_place_for_them(signed: Path, tmp_path: Path) -> None:
    data = shutil.copytree(signed, tmp_path / "data")
    read_films(data, "Dr. B", only=1)
    with sit_down(data) as desk:
        for form in (Form.RELEASE, Form.YOLO):
            with pytest.raises(KnuckleError, match="More than one reader labelled K-001-visit1"):
                export(desk, tmp_path / form.value, form)
        assert export(desk, tmp_path / "coco", Form.COCO).preview.selected.counts.joints == 100
        policy = Policy(desk.study.id, Whose.MAJORITY)
        release = Order(desk.study, policy, Form.RELEASE)
        majority = exporter_of(desk.house).export(release, tmp_path / "m", desk.person, quietly)
        assert majority.preview.selected.counts.alone == 60
        assert faults(tmp_path / "m") == []


NAMES = ("=cmd|' /C calc'!A0", "../../x", "+1", "@SUM(1)")


@pytest.fixture
def odd(tmp_path: Path, qapp: object) -> Iterator[tuple[House, Person, Study]]:
    """Patients whose names are traps, read by somebody whose name is one, in a study whose name is."""
    data, films = tmp_path / "odd data", []
    for number, name in enumerate(NAMES):
        film = small_film(tmp_path / "odd" / f"{number}.dcm", number, patient_id=name, patient_name=name)
        box = {"name": "R-PIP3", "box": [1, 2, 11, 12], "findings": ["ankylosis"]}
        film.with_suffix(".json").write_text(json.dumps({"joints": [box]}))
        films.append(film)
    with open_house(data) as house:
        person = house.administration.enter("=cmd|A0", Role.READER)
        study = house.administration.create_study("../../study", "K", person)
        house.administration.library.add(films, study, person, quietly)
    read_films(data, "=cmd|A0", sign=False)
    with open_house(data) as house:
        yield house, person, study


@pytest.mark.parametrize("form", Form)
def test_names_of_patients_never_leave(odd: tuple[House, Person, Study], tmp_path: Path, form: Form) -> None:
    house, person, study = odd
    before = set(tmp_path.rglob("*"))
    exporter: Exporter = exporter_of(house)
    policy = Policy(study.id, Whose.ALL, findings=frozenset({Finding.ANKYLOSIS}))
    exporter.export(Order(study, policy, form), tmp_path / "out", person, quietly)
    written = content(tmp_path / "out")
    now = {path for path in tmp_path.rglob("*") if "odd" not in str(path)}
    assert all((tmp_path / "out") in (path, *path.parents) for path in now - before), (
        "nothing leaves its folder"
    )
    for path, data in written.items():
        assert not path.startswith(("=", "+", "@", "."))
        for name in NAMES:
            assert name.encode() not in data
    if form is Form.CSV:
        assert b"\r\n=" not in written["labels.csv"]
        assert b",=" not in written["labels.csv"]
