"""Two versions on the same images: what each says of every joint, and how they differ, paired by patient."""

import json
from pathlib import Path

import pytest
from scan_samples import PERFECT, Errors, scan_of
from version_samples import make_version

from detector.__main__ import main
from detector.classes import FINDINGS
from detector.dataset import DISPLACEABLE, Release, from_phantoms, read_release
from detector.errors import DetectorError
from detector.evaluate import ImageResult, evaluate, results
from detector.folds import split, write_folds
from detector.measuring.comparison import VERSION_SCORES, between
from detector.measuring.scoring import score
from detector.measuring.sights import sight, truth
from detector.shipped import shipped_version
from detector.training.parts import divided

NO_JOINT = (2.0, 2.0, 32.0, 32.0)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Three patients at one visit each, a fold each, with many findings."""
    folder = tmp_path_factory.mktemp("compare") / "phantoms"
    made = from_phantoms(folder, range(3), visits=1, findings_rate=0.2, size=(560, 660))
    write_folds(made, split(made.contents, count=3, seed=0))
    return read_release(folder)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Two patients in the size of real radiographs, which the shipped version was made for."""
    return from_phantoms(tmp_path_factory.mktemp("full") / "phantoms", range(2), visits=1, findings_rate=0.2)


def measured(release: Release, errors: Errors) -> tuple[ImageResult, ...]:
    """All images, the first with these errors."""
    first = release.images[0].file
    scan = scan_of(release, lambda image: errors if image.file == first else PERFECT)
    return results(release.images, evaluate(release, release.images, scan))


# --- what a version says of an image ----------------------------------------------------------------------


def test_of_a_perfect_scan_every_box_is_right(release: Release) -> None:
    result = measured(release, PERFECT)[0]
    seen = sight(result)
    assert seen.missed == ()
    assert {box.wrong for box in seen.found} == {()}
    labelled = {joint.joint: joint for joint in truth(result)}
    assert sorted(labelled) == sorted(box.joint or "" for box in seen.found)
    assert len(labelled) == 20
    for box in seen.found:
        assert box.called == labelled[box.joint or ""].present
        assert box.box == pytest.approx(labelled[box.joint or ""].box, abs=1e-3)
        assert box.confidence == pytest.approx(0.99)
    assert any(box.called for box in seen.found)


def test_each_mistake_is_told_of_its_own_box(release: Release) -> None:
    image = release.images[0]
    stiff = next(one.name for one in image.joints if one.ankylosis and one.name in DISPLACEABLE)
    free = next(
        one.name for one in image.joints if one.displacement == "none" and one.name not in (stiff, "R-MP3")
    )
    errors = Errors(
        missed=dict.fromkeys(FINDINGS, frozenset({"R-MP3"})),
        wrong={"ankylosis": frozenset({stiff}), "subluxation": frozenset({free})},
        extra=(NO_JOINT,),
    )
    seen = sight(measured(release, errors)[0])
    assert seen.missed == ("R-MP3",)
    wrong = {box.joint: box.wrong for box in seen.found if box.wrong}
    assert wrong == {
        stiff: ("ankylosis false negative",),
        free: ("subluxation false positive",),
        None: ("false box",),
    }
    assert [box.box for box in seen.found if box.joint is None] == [NO_JOINT]


# --- the command ------------------------------------------------------------------------------------------


def test_two_versions_are_compared_on_the_same_images(
    full: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = make_version(tmp_path / "tiny", default_scan="whole")
    out = tmp_path / "compared.json"
    words = ["compare", str(full.folder), "--part", "all", "--threads", "1"]
    assert main([*words, "--against", str(other.folder), "--json", "--out", str(out)]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["measured"], line["of"]) for line in told[:-1]] == [(1, 2), (2, 2)] * 2
    assert told[-1] == {"comparison": str(out)}

    found = json.loads(out.read_text("utf-8"))
    assert found["part"].startswith("All images: 2 images, 2 patients, 40 joints")
    assert (found["patients"], "esearch use only" in found["use"]) == (2, True)
    shipped = json.loads((shipped_version() / "version.json").read_text("utf-8"))
    assert [one["name"] for one in found["versions"]] == [shipped["name"], other.name]
    here, there = (one["evaluation"] for one in found["versions"])
    for one in found["differences"]:
        first, second = (side["detection"]["ensemble"] for side in (here, there))
        if one["finding"]:
            first, second = (side["findings"][one["finding"]] for side in (here, there))
        assert one["first"] == pytest.approx(first["intervals"][one["score"]]["value"])
        value = second["intervals"][one["score"]]["value"]
        assert one["second"] == (value if value is None else pytest.approx(value))
    assert [(one["finding"], one["score"]) for one in found["differences"]] == [*VERSION_SCORES]

    assert [one["file"] for one in found["images"]] == [image.file for image in full.images]
    for image in found["images"]:
        assert len(image["truth"]) == 20
        new, old = image["seen"]
        assert len(new["missed"]) < len(old["missed"]), "the shipped one finds joints, chance finds none"
        for side in image["seen"]:
            hit = [box["joint"] for box in side["found"] if box["joint"]]
            assert sorted([*hit, *side["missed"]]) == sorted(one["joint"] for one in image["truth"])


def test_for_people_it_prints_the_differences(release: Release, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["compare", str(release.folder), "--part", "1", "--threads", "1"]
    assert main([*words, "--against", str(shipped_version())]) == 0
    said = capsys.readouterr().out
    assert "Measured on: Fold 1" in said
    assert "difference 0.000 (0.000 to 0.000)" in said, "a version differs from itself in nothing"


def test_the_difference_has_an_interval_of_its_own(release: Release) -> None:
    """On the same images: what both get wrong does not make the difference unsure."""
    worse = measured(release, Errors(missed=dict.fromkeys(FINDINGS, frozenset({"R-MP3"}))))
    perfect = measured(release, PERFECT)
    (rate,) = between(perfect, worse, scores=[("", "rate")], rounds=200)
    assert (rate.first, rate.second) == (1.0, pytest.approx(59 / 60))
    assert rate.difference.value == pytest.approx(1 / 60)
    assert rate.difference.low == 0.0
    alone = score({"All images": worse}, rounds=200).detection["ensemble"].intervals["rate"]
    assert alone.value == rate.second


# --- a fold that is kept to measure on --------------------------------------------------------------------


def test_a_kept_fold_neither_trains_nor_chooses(release: Release) -> None:
    trained, watched, kept = divided(release, 1, 3)
    assert release.folds is not None
    patients = [{image.patient for image in part.images} for part in (trained, watched, kept)]
    assert patients == [set(release.folds.patients[place]) for place in (1, 0, 2)]
    with pytest.raises(DetectorError, match="Fold 2 cannot both"):
        divided(release, 2, 2)
    with pytest.raises(DetectorError, match="no fold 4"):
        divided(release, 1, 4)


def test_a_version_is_measured_on_the_fold_that_was_kept(release: Release, tmp_path: Path) -> None:
    tiny = ("--width", "0.05", "--steps", "2", "--batch", "2", "--precision", "f32", "--json")
    words = ["train", str(release.folder), "--out", str(tmp_path / "run"), "--fold", "1", "--keep", "2"]
    assert main([*words, *tiny]) == 0
    record = json.loads((tmp_path / "run/version/version.json").read_text("utf-8"))
    assert record["folds"] == {"held out": 1, "kept": 2, "of": {"phantoms": 3}}
    assert {name: one["whole"]["joints"] for name, one in record["metrics"].items()} == {
        "validation": 20,
        "fold 2": 20,
    }
    assert [one["patients"] for one in record["data"]["training"]] == [1]
