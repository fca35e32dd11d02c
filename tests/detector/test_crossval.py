"""Cross-validation: every fold once, leaks refused, going on where it was ended; and for real."""

import dataclasses
import functools
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from release_samples import edit
from scan_samples import scan_of

from detector.__main__ import main
from detector.config import Architecture, TrainingSettings
from detector.dataset import Release, read_release
from detector.errors import DetectorError
from detector.folds import split
from detector.measuring.leaks import Seen, pictures, refuse_leaks_of, seen
from detector.measuring.scan_records import read_scans
from detector.release.sources import from_phantoms
from detector.release.values import Folds, Manifest
from detector.train import OnStep, Step
from detector.training.crossval import SCANS, Fitted, Fold, crossvalidate
from detector.training.fold_training import Recipe, fit
from detector.versions import load_version

PLAN: dict[str, object] = {"settings": {"width": 0.05}}
RECIPE = Recipe(
    TrainingSettings(
        architecture=Architecture(width=0.05), steps=4, batch=2, precision="f32", checkpoint_every=1
    ),
    "whole",
    threads=1,
)


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Four patients, the last kept for testing, in three folds of one."""
    return from_phantoms(
        tmp_path_factory.mktemp("crossval") / "release",
        range(4),
        1,
        findings_rate=0.2,
        size=(420, 520),
        test=[3],
        divide=functools.partial(split, count=3),
    )


def divided(release: Release, *folds: tuple[str, ...]) -> Release:
    """The same with other folds, as no file of a release may have them."""
    return dataclasses.replace(release, folds=Folds(0, folds))


class Fits:
    """Fits with scans made from the truth, and keeps which folds were asked for. fails: the fold at which it
    is ended."""

    def __init__(self, release: Release, fails: int = 0) -> None:
        self.release, self.fails = release, fails
        self.asked: list[int] = []

    def __call__(self, fold: Fold) -> Fitted:
        if fold.number == self.fails:
            raise KeyboardInterrupt
        held_out = {image.patient for image in fold.part.held_out}
        assert held_out.isdisjoint(image.patient for image in fold.part.train)
        assert "P00003" not in held_out | {image.patient for image in fold.part.train}
        self.asked.append(fold.number)
        return Fitted(scan_of(self.release), {"runtime": "truth"})


def silent(words: str) -> None:
    assert words.endswith(".")


# --- the turns --------------------------------------------------------------------------------------------


def test_every_fold_is_held_out_once(release: Release, tmp_path: Path) -> None:
    said: list[str] = []
    fits = Fits(release)
    found = crossvalidate(release, tmp_path / "out", PLAN, fits, say=said.append)
    assert fits.asked == [1, 2, 3]
    assert list(found.results) == ["Fold 1", "Fold 2", "Fold 3"]
    assert found.missing == ()
    held_out = [one.image.patient for results in found.results.values() for one in results]
    assert sorted(held_out) == ["P00000", "P00001", "P00002"]
    assert said[0] == "No leak: none of 4 patients is in two of 3 folds, and none in the test set of 1."
    assert said[1] == "Fold 1 of 3: 2 images to train on, 1 held out."
    assert {about["runtime"] for about in found.about.values()} == {"truth"}
    assert all(one.ensemble.detected.all() for results in found.results.values() for one in results)


def test_a_fold_that_is_done_is_not_done_again(release: Release, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        crossvalidate(release, tmp_path / "out", PLAN, Fits(release, fails=2), say=silent)
    fits = Fits(release)
    first = crossvalidate(release, tmp_path / "out", PLAN, fits, say=silent)
    assert fits.asked == [2, 3]
    again = Fits(release)
    second = crossvalidate(release, tmp_path / "out", PLAN, again, say=silent)
    assert again.asked == []
    for name, results in first.results.items():
        assert [one.ensemble.iou.tolist() for one in results] == [
            one.ensemble.iou.tolist() for one in second.results[name]
        ]


def test_folds_can_be_shared_out(release: Release, tmp_path: Path) -> None:
    fits = Fits(release)
    found = crossvalidate(release, tmp_path / "out", PLAN, fits, only=[3], say=silent)
    assert (fits.asked, found.missing, list(found.results)) == ([3], (1, 2), ["Fold 3"])
    found = crossvalidate(release, tmp_path / "out", PLAN, fits, only=[1, 2], say=silent)
    assert (fits.asked, found.missing) == ([3, 1, 2], ())
    assert list(found.results) == ["Fold 1", "Fold 2", "Fold 3"]
    with pytest.raises(DetectorError, match="no fold 4"):
        crossvalidate(release, tmp_path / "out", PLAN, fits, only=[4], say=silent)


def test_a_folder_of_another_plan_is_left_alone(release: Release, tmp_path: Path) -> None:
    crossvalidate(release, tmp_path / "out", PLAN, Fits(release), say=silent)
    fits = Fits(release)
    with pytest.raises(DetectorError, match=r"another cross-validation \(other settings\)"):
        crossvalidate(release, tmp_path / "out", {"settings": {"width": 1.0}}, fits, say=silent)
    other = divided(release, ("P00000", "P00001"), ("P00002",))
    files = {**release.manifest.files, "folds.json": "0" * 64}
    other = dataclasses.replace(other, manifest=Manifest({}, files))
    with pytest.raises(DetectorError, match=r"\(other release\)"):
        crossvalidate(other, tmp_path / "out", PLAN, fits, say=silent)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("x")
    with pytest.raises(DetectorError, match="not empty"):
        crossvalidate(release, tmp_path / "mine", PLAN, fits, say=silent)
    assert fits.asked == []


def test_scans_of_another_run_are_not_taken_for_its_own(release: Release, tmp_path: Path) -> None:
    crossvalidate(release, tmp_path / "one", PLAN, Fits(release), say=silent)
    other = {"settings": {"width": 1.0}}
    crossvalidate(release, tmp_path / "two", other, Fits(release, fails=0), only=[2], say=silent)
    (tmp_path / "two" / "fold-1").mkdir()
    shutil.copy(tmp_path / "one" / "fold-1" / SCANS, tmp_path / "two" / "fold-1" / SCANS)
    with pytest.raises(DetectorError, match="fold-1 belongs to another"):
        crossvalidate(release, tmp_path / "two", other, Fits(release), say=silent)


# --- leaks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folds", "named"),
    [
        ((("P00000", "P00001"), ("P00001", "P00002")), "Patient P00001 is in fold 1 and in fold 2"),
        ((("P00000", "P00001"), ("P00002", "P00003")), "Patient P00003 is in fold 2 and in the test set"),
    ],
)
def test_a_patient_on_both_sides_is_refused_before_anything_is_trained(
    release: Release, tmp_path: Path, folds: tuple[tuple[str, ...], ...], named: str
) -> None:
    fits = Fits(release)
    with pytest.raises(DetectorError, match=rf"LEAK: {named}.*Nothing was trained"):
        crossvalidate(divided(release, *folds), tmp_path / "out", PLAN, fits, say=silent)
    assert fits.asked == []
    assert not (tmp_path / "out").exists()


def test_the_same_picture_under_two_names_is_a_leak(release: Release) -> None:
    first, second = release.images[:2]
    files = {**release.manifest.files, second.file: release.manifest.files[first.file]}
    twins = dataclasses.replace(release, manifest=Manifest({}, files))
    with pytest.raises(DetectorError, match=r"LEAK: .* is the same picture as"):
        refuse_leaks_of(twins)


def test_an_undivided_release_is_refused(release: Release, tmp_path: Path) -> None:
    with pytest.raises(DetectorError, match="not divided into folds"):
        crossvalidate(
            dataclasses.replace(release, folds=None), tmp_path / "out", PLAN, Fits(release), say=silent
        )


# --- for real ---------------------------------------------------------------------------------------------


@contextmanager
def quiet(number: int, finding: str) -> Iterator[OnStep]:
    yield [].append


def ended_at(fold: int, finding: str, step: int):  # type: ignore[no-untyped-def] # a progress
    """A progress that ends the training there, as Ctrl+C does."""

    @contextmanager
    def progress(number: int, name: str) -> Iterator[OnStep]:
        def tell(done: Step) -> None:
            if (number, name, done.step) == (fold, finding, step):
                raise KeyboardInterrupt

        yield tell

    return progress


@pytest.fixture(scope="module")
def trained(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole cross-validation of tiny networks."""
    out = tmp_path_factory.mktemp("trained") / "out"
    crossvalidate(release, out, RECIPE.plan(), lambda fold: fit(release, RECIPE, fold, quiet), say=silent)
    return out


def numbers(folder: Path) -> list[object]:
    """Everything that was found in a fold."""
    scans, _ = read_scans(folder / SCANS)
    return [(one.file, one.detections.boxes.tolist(), one.detections.confidence.tolist()) for one in scans]


def test_each_fold_leaves_a_version_that_has_seen_the_others_only(release: Release, trained: Path) -> None:
    assert release.folds is not None
    for number, held_out in enumerate(release.folds.patients, 1):
        assert sorted(path.name for path in (trained / f"fold-{number}").iterdir()) == [SCANS, "version"]
        version = load_version(trained / f"fold-{number}" / "version")
        known = seen(version, release)
        assert known.certain
        assert known.patients == {"P00000", "P00001", "P00002"} - set(held_out)
        assert version.folds == {"held out": number, "of": 3}


def test_ended_within_a_training_it_goes_on_to_the_same_result(
    release: Release, trained: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        crossvalidate(
            release,
            out,
            RECIPE.plan(),
            lambda fold: fit(release, RECIPE, fold, ended_at(1, "subluxation", 3)),
            only=[1],
            say=silent,
        )
    assert not (out / "fold-1" / SCANS).exists()
    assert (out / "fold-1" / "subluxation" / "checkpoint.safetensors").exists()
    steps: list[int] = []

    @contextmanager
    def counting(number: int, finding: str) -> Iterator[OnStep]:
        yield lambda step: steps.append(step.step)

    found = crossvalidate(
        release, out, RECIPE.plan(), lambda fold: fit(release, RECIPE, fold, counting), only=[1], say=silent
    )
    assert steps == [3, 4], "the first detector is done, the second had two steps kept"
    assert found.missing == (2, 3)
    assert numbers(out / "fold-1") == numbers(trained / "fold-1")


def test_a_version_that_is_there_is_not_trained_again(
    release: Release, trained: Path, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(trained, tmp_path / "out"))
    (out / "fold-2" / SCANS).unlink()

    def fitted(fold: Fold) -> Fitted:
        assert fold.number == 2
        return fit(release, RECIPE, fold, ended_at(2, "ankylosis", 1))

    crossvalidate(release, out, RECIPE.plan(), fitted, say=silent)
    assert numbers(out / "fold-2") == numbers(trained / "fold-2")


def test_from_the_command_line_it_trains_measures_and_reports(
    release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    words = ["crossval", str(release.folder), "--out", str(out), "--preset", "small", "--width", "0.05"]
    words += ["--steps", "1", "--batch", "2", "--no-batch-norm", "--precision", "f32", "--threads", "1"]
    assert main([*words, "--only", "2", "1"]) == 0
    done = capsys.readouterr()
    assert "Not done yet: fold 3." in done.err
    assert not (out / "report.html").exists()
    assert main(words) == 0
    done = capsys.readouterr()
    assert "No leak: none of 4 patients" in done.err
    assert done.err.count("done before") == 2
    for word in ("Table 1. ", "Table 2. ", "Table 3. ", "99.98", "undefined", "Research use only"):
        assert word in done.out
    assert "0.05 of the paper's width, without batch normalisation" in done.out
    found = json.loads((out / "report.json").read_text("utf-8"))
    assert found["evaluations"]["windows"]["parts"] == ["Fold 1", "Fold 2", "Fold 3"]
    assert set(found["about"]["folds"]) == {"Fold 1", "Fold 2", "Fold 3"}
    assert found["facts"]["Runtime"].startswith("onnxruntime ")
    assert (out / "report.md").exists()
    assert (out / "report.html").exists()
    assert main([*words, "--seed", "5"]) == 1
    assert "holds another cross-validation (other settings)" in capsys.readouterr().err


def test_a_version_that_saw_a_patient_is_no_beginning(
    release: Release, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["crossval", str(release.folder), "--out", str(tmp_path / "out"), "--threads", "1"]
    assert main([*words, "--start", str(trained / "fold-1" / "version")]) == 1
    said = capsys.readouterr().err
    assert "LEAK: release without fold 1 was trained on 2 of the patients that are to be held out." in said
    assert not (tmp_path / "out").exists()


def test_under_torchrun_it_says_how_to_share_the_work(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert main(["crossval", str(release.folder), "--out", str(tmp_path / "out")]) == 1
    assert "--only" in capsys.readouterr().err


@pytest.mark.parametrize("value", ["0", "1", "-0.5", "nan"])
def test_an_impossible_confidence_is_refused(
    release: Release, tmp_path: Path, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["crossval", str(release.folder), "--out", str(tmp_path / "out"), f"--t-conf={value}"]
    assert main(words) == 1
    assert "no confidence" in capsys.readouterr().err


# --- evaluate, on a version of a fold ---------------------------------------------------------------------


def test_evaluate_measures_a_fold_and_says_that_nobody_was_seen(
    release: Release, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = str(trained / "fold-2" / "version")
    words = ["evaluate", str(release.folder), "--version", version, "--part", "2", "--threads", "1"]
    assert main([*words, "--out", str(tmp_path / "report")]) == 0
    done = capsys.readouterr()
    assert "Fold 2 (%)" in done.out
    assert "trained on none of these patients" in done.out
    assert "WARNING" not in done.err
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        "report.html", "report.json", "report.md"
    ]  # fmt: skip
    assert main([*words, "--json", "--scan", "both"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["evaluations"]) == ["windows", "whole"]
    assert found["choice"]["sentence"].endswith(".")
    assert set(found["choice"]["seconds"]) == {"windows", "whole"}


def test_evaluate_warns_of_patients_that_were_trained_on(
    release: Release, trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = str(trained / "fold-2" / "version")
    assert main(["evaluate", str(release.folder), "--version", version, "--part", "all"]) == 0
    done = capsys.readouterr()
    assert "WARNING: The version was trained on 2 of the 4 patients measured here" in done.err
    assert "WARNING: The version was trained on 2 of the 4 patients" in done.out
    assert main(["evaluate", str(release.folder), "--version", version]) == 0
    done = capsys.readouterr()
    assert "Test set (%)" in done.out, "where the release names one, it is what is measured"
    assert done.err == ""


@pytest.mark.parametrize("part", ["4", "0", "half", "-1"])
def test_a_part_that_is_not_there_is_refused(
    release: Release, trained: Path, part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["evaluate", str(release.folder), "--version", str(trained / "fold-1" / "version")]
    assert main([*words, f"--part={part}"]) == 1
    assert f'has no part "{part}". Choose test, all, or a fold' in capsys.readouterr().err


def test_an_empty_test_set_is_refused(
    release: Release, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = Path(shutil.copytree(release.folder, tmp_path / "copy"))
    edit(folder, "annotations.json", lambda record: record.update(test=[]))
    edit(folder, "folds.json", lambda record: record["folds"][0].append("P00003"))
    assert read_release(folder).contents.test == ()
    words = ["evaluate", str(folder), "--version", str(trained / "fold-1" / "version"), "--part", "test"]
    assert main(words) == 1
    assert "no images in this part (Test set)" in capsys.readouterr().err


def test_what_a_version_saw_is_known_by_its_pictures(release: Release, trained: Path) -> None:
    version = load_version(trained / "fold-1" / "version")
    first = next(image for image in release.images if image.patient == "P00001")
    told = [{"release": "another", **pictures(release, [first])}]
    assert seen(dataclasses.replace(version, data={"training": told}), release) == Seen(
        frozenset(["P00001"]), certain=True
    )
    for data in ({}, {"training": []}, {"training": [{}, *told]}, {"training": "much"}):
        assert not seen(dataclasses.replace(version, data=data), release).certain
