"""A scan over a drawn release: perfect, shifted, blind, mistaken; and what the figures say of each."""

import functools
import shutil
from pathlib import Path

import numpy as np
import pytest
from release_samples import edit
from scan_samples import PERFECT, Errors, scan_of

from detector.classes import FINDINGS
from detector.dataset import DISPLACEABLE, JOINTS, Release, ReleaseError, ReleaseImage, read_release
from detector.ensemble import Candidates, combine
from detector.errors import DetectorError
from detector.evaluate import ImageResult, evaluate, match_alone, results
from detector.folds import split
from detector.measuring.cases import CaseKind
from detector.measuring.choice import Choice, choose
from detector.measuring.comparison import between, differing
from detector.measuring.scan_records import Scanned, read_scans, write_scans
from detector.measuring.scoring import Evaluation, score
from detector.measuring.truth import truth_of
from detector.metrics import DetectionCounts, FindingCounts
from detector.release.sources import from_phantoms

NO_JOINT = (2.0, 2.0, 32.0, 32.0)


def blind(*joints: str) -> dict[str, frozenset[str]]:
    """Joints that neither detector finds."""
    return {finding: frozenset(joints) for finding in FINDINGS}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Four patients at one visit each, small, with many findings."""
    return from_phantoms(
        tmp_path_factory.mktemp("evaluate") / "release",
        range(4),
        1,
        findings_rate=0.2,
        size=(420, 520),
        divide=functools.partial(split, count=2),
    )


def measured(release: Release, *errors: Errors) -> tuple[ImageResult, ...]:
    """All images, the first with the first errors and so on, the rest perfect."""
    told = dict(zip((image.file for image in release.images), errors, strict=False))
    scan = scan_of(release, lambda image: told.get(image.file, PERFECT))
    return results(release.images, evaluate(release, release.images, scan))


def scored(release: Release, *errors: Errors) -> Evaluation:
    return score({"All images": measured(release, *errors)}, rounds=200)


def with_finding(image: ReleaseImage, *, ankylosis: bool, on: tuple[str, ...] = DISPLACEABLE) -> str:
    return next(joint.name for joint in image.joints if joint.ankylosis is ankylosis and joint.name in on)


# --- what an evaluation says ------------------------------------------------------------------------------


def test_a_perfect_scan_has_perfect_figures(release: Release) -> None:
    found = scored(release)
    assert (found.parts, found.patients, found.images, found.incomplete) == (("All images",), 4, 4, 0)
    assert {name: one.total.joints for name, one in found.detection.items()} == {
        "ankylosis": 80,
        "subluxation": 72,
        "ensemble": 80,
    }
    for one in found.detection.values():
        assert (one.total.detected, one.total.false_boxes) == (one.total.joints, 0)
        assert one.total.scores().mean_iou == pytest.approx(1, abs=1e-5)
        assert (one.intervals["rate"].low, one.intervals["rate"].high) == (1.0, 1.0)
        assert one.average["rate"].mean == 1.0
    there = {
        "ankylosis": sum(image.ankylosed for image in release.images),
        "subluxation": sum(image.displaced for image in release.images),
    }
    for finding, many in there.items():
        assert many > 0
        counts = found.findings[finding].total
        assert (counts.true_positive, counts.false_positive, counts.false_negative) == (many, 0, 0)
        assert counts.scores().f == found.alone[finding].total.scores().f == 1.0
        assert found.curves[finding].precision_recall.average_precision == 1.0
        assert found.curves[finding].roc.area == 1.0
        assert found.curves[finding].calibration.error == pytest.approx(1 - 0.99 / 0.996, abs=1e-3)
    assert found.by_joint == dict.fromkeys(JOINTS, (4, 4))
    assert found.iou.count.tolist() == [0] * 19 + [80]
    assert found.cases == ()
    assert all(one.difference.value == pytest.approx(0, abs=1e-6) for one in found.against_alone)


def test_boxes_far_off_are_missed_joints_and_false_boxes(release: Release) -> None:
    found = scored(release, Errors(shift=8.0))
    ensemble = found.detection["ensemble"].total
    assert (ensemble.detected, ensemble.false_boxes) == (60, 20)
    assert found.detection["subluxation"].total.detected == 54
    interval = found.detection["ensemble"].intervals["rate"]
    assert interval.value == 0.75
    assert interval.low is not None
    assert interval.high is not None
    assert 0 <= interval.low < 0.75 < interval.high <= 1
    kinds = [case.kind for case in found.cases]
    assert (kinds.count(CaseKind.MISSED), kinds.count(CaseKind.FALSE_BOX)) == (20, 20)
    case = found.cases[0]
    assert (case.file, case.joint) == (release.images[0].file, release.images[0].joints[0].name)
    assert case.found is not None
    assert 0 < (case.iou or 0) <= 0.45
    missed = [joint for joint, (hits, there) in found.by_joint.items() if (hits, there) == (3, 4)]
    assert missed == list(JOINTS)


def test_what_one_detector_misses_the_other_finds(release: Release) -> None:
    thumb, finger = "R-IP1", with_finding(release.images[0], ankylosis=False)
    found = scored(release, Errors(missed={"ankylosis": frozenset([thumb, finger])}))
    assert found.detection["ankylosis"].total.detected == 78
    assert found.detection["subluxation"].total.detected == 72
    assert found.detection["ensemble"].total.detected == 79, "nobody else looks for the thumb IP"
    assert [(case.kind, case.joint, case.found) for case in found.cases] == [(CaseKind.MISSED, thumb, None)]
    rate = next(one for one in found.against_alone if (one.finding, one.score) == ("ankylosis", "rate"))
    assert (rate.first, rate.second) == (79 / 80, 78 / 80)
    assert rate.difference.value == pytest.approx(1 / 80)


def test_a_finding_that_is_told_wrongly_is_a_case_of_its_own(release: Release) -> None:
    image = release.images[0]
    stiff, free = with_finding(image, ankylosis=True), with_finding(image, ankylosis=False)
    found = scored(release, Errors(wrong={"ankylosis": frozenset([stiff, free])}))
    counts = found.findings["ankylosis"].total
    assert (counts.false_negative, counts.false_positive) == (1, 1)
    assert found.findings["subluxation"].total.false_positive == 0
    told = {(case.kind, case.finding, case.joint) for case in found.cases}
    assert told == {
        (CaseKind.FALSE_NEGATIVE, "ankylosis", stiff),
        (CaseKind.FALSE_POSITIVE, "ankylosis", free),
    }
    case = next(case for case in found.cases if case.kind is CaseKind.FALSE_NEGATIVE)
    assert "ankylosis" in case.present
    assert case.found is not None
    assert case.found.seen_by == "both"
    assert case.found.said["ankylosis"] == pytest.approx((0.004, 0.99, 0.006), abs=1e-6)
    assert case.found.box == pytest.approx(case.truth_box, abs=1e-3)
    assert case.patient == image.patient


def test_a_box_where_no_joint_is(release: Release) -> None:
    found = scored(release, Errors(missed=blind("R-MP5"), extra=(NO_JOINT,)))
    missed, case = found.cases
    assert (missed.kind, missed.joint) == (CaseKind.MISSED, "R-MP5")
    assert (case.kind, case.joint, case.truth_box, case.iou) == (CaseKind.FALSE_BOX, None, None, None)
    assert case.found is not None
    assert case.found.box == NO_JOINT
    assert found.detection["ensemble"].total.scores().false_boxes_an_image == 0.25


def test_a_false_box_of_both_detectors_takes_the_place_of_a_thumb(release: Release) -> None:
    """Lines 24 to 29 of Algorithm 1: with 19 pairs only one box of a single detector still joins."""
    cases = scored(release, Errors(extra=(NO_JOINT,))).cases
    assert [case.kind for case in cases] == [CaseKind.MISSED, CaseKind.FALSE_BOX]
    assert cases[0].joint in ("R-IP1", "L-IP1")


def test_a_scan_that_finds_nothing_leaves_scores_undefined(release: Release) -> None:
    found = scored(release, *[Errors(missed=blind(*JOINTS))] * 4)
    assert found.detection["ensemble"].total.scores().mean_iou is None
    scores = found.findings["ankylosis"].total.scores()
    assert (scores.precision, scores.specificity, scores.recall, scores.f) == (None, None, 0.0, 0.0)
    assert found.findings["ankylosis"].intervals["precision"].low is None
    assert found.curves["ankylosis"].roc.area is None
    assert len(found.cases) == 80


def test_parts_are_counted_apart_and_together(release: Release) -> None:
    measures = measured(release, Errors(shift=8.0))
    found = score({"Fold 1": measures[:2], "Fold 2": measures[2:]}, rounds=100)
    table = found.detection["ensemble"]
    assert [one.detected for one in table.parts] == [20, 40]
    assert (table.total.detected, table.average["rate"].mean) == (60, 0.75)
    assert {case.part for case in found.cases} == {"Fold 1"}
    again = score({"Fold 1": measures[:2], "Fold 2": measures[2:]}, rounds=100)
    assert again.detection == found.detection


def test_no_images_are_refused() -> None:
    with pytest.raises(DetectorError, match="no image"):
        score({"The test set": ()})


# --- one detector alone -----------------------------------------------------------------------------------


def test_a_joint_that_nobody_could_assess_is_neither_hit_nor_false_box(release: Release) -> None:
    truth = truth_of(release.images[0])
    names = list(truth.names)
    labels = truth.labels.copy()
    labels[names.index("R-MP2"), 1] = -1
    unsure = type(truth)(truth.names, truth.boxes, labels)
    wanted = [names.index(name) for name in ("R-MP2", "R-MP3", "R-IP1")]
    said = Candidates(truth.boxes[[*wanted, wanted[0]]].astype("f4"), np.array([[0.0, 0.95, 0.05]] * 4, "f4"))
    alone = match_alone(unsure, said, "subluxation")
    assert len(alone.truth.names) == 17
    assert int(alone.detected.sum()) == 1
    assert len(alone.false_boxes) == 2, "the thumb IP, and a second box on the unassessed joint"
    both = match_alone(unsure, said, "ankylosis")
    assert (int(both.detected.sum()), len(both.false_boxes)) == (3, 1)


# --- running and keeping ----------------------------------------------------------------------------------


def test_progress_is_told_and_can_end_it(release: Release) -> None:
    told: list[tuple[int, int]] = []
    scan = scan_of(release)
    evaluate(release, release.images, scan, lambda done, of: told.append((done, of)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]

    def cancel(done: int, of: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(release, release.images, scan, cancel)


def test_a_changed_image_is_refused(release: Release, tmp_path: Path) -> None:
    file = release.folder / release.images[0].file
    before = file.read_bytes()
    try:
        file.write_bytes(before + b"x")
        with pytest.raises(ReleaseError, match="changed"):
            evaluate(release, release.images, lambda _: (combine(NONE, NONE), {}))
    finally:
        file.write_bytes(before)


NONE = Candidates(np.zeros((0, 4), "f4"), np.zeros((0, 3), "f4"))


def test_kept_scans_come_back_to_the_last_bit(release: Release, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    odd = Candidates(rng.random((7, 4)).astype("f4") * 2000, rng.random((7, 3)).astype("f4") ** 8)
    scans = [
        Scanned("images/a.png", combine(odd, odd), {"ankylosis": odd, "subluxation": NONE}, 0.25),
        Scanned("images/b.png", combine(NONE, NONE), {"ankylosis": NONE, "subluxation": odd}, 0.5),
    ]
    write_scans(tmp_path / "scans.json", scans, {"fold": 1})
    read, about = read_scans(tmp_path / "scans.json")
    assert about == {"fold": 1}
    for one, other in zip(scans, read, strict=True):
        assert (one.file, one.seconds) == (other.file, other.seconds)
        for name in ("boxes", "first", "second", "confidence"):
            first, second = getattr(one.detections, name), getattr(other.detections, name)
            assert first.dtype == second.dtype
            assert np.array_equal(first, second)
            assert first.shape == second.shape
        assert one.detections.seen_by.tolist() == other.detections.seen_by.tolist()
        for finding in one.alone:
            assert np.array_equal(one.alone[finding].boxes, other.alone[finding].boxes)
            assert np.array_equal(one.alone[finding].probabilities, other.alone[finding].probabilities)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": "knuckle-scans", "version": 2}', "null"])
def test_a_file_of_another_kind_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "scans.json").write_text(text)
    with pytest.raises(DetectorError, match=r"scans\.json is not as it was written"):
        read_scans(tmp_path / "scans.json")


def test_scans_of_other_images_are_refused(release: Release) -> None:
    scans = evaluate(release, release.images[:2], scan_of(release))
    with pytest.raises(ValueError, match="is none of"):
        results(release.images[:2], scans[::-1])


def test_images_with_few_labels_are_told(release: Release, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(release.folder, tmp_path / "few"))
    edit(folder, "annotations.json", lambda record: record["images"][1]["joints"].pop())
    assert scored(read_release(folder)).incomplete == 1


# --- one way against another ------------------------------------------------------------------------------


def test_differences_are_paired_by_patient() -> None:
    """Both ways err on the same patients, so that each interval is wide and that of the difference is not."""
    rng = np.random.default_rng(4)
    hits = rng.integers(10, 19, 30)
    first = [DetectionCounts(1, 20, int(n) + 1) for n in hits]
    second = [DetectionCounts(1, 20, int(n)) for n in hits]
    found = differing("", "rate", first, second).difference
    assert (found.value, found.low, found.high) == pytest.approx((0.05, 0.05, 0.05))
    swapped = differing("", "rate", second, first).difference
    assert swapped.value == pytest.approx(-0.05)


def test_differences_without_a_score_are_undefined() -> None:
    found = differing("ankylosis", "f", [FindingCounts(true_negative=1)], [FindingCounts(true_positive=1)])
    assert (found.first, found.second, found.difference.value) == (None, 1.0, None)
    assert found.difference.undefined == found.difference.rounds
    with pytest.raises(ValueError, match="patients"):
        differing("", "rate", [DetectionCounts()], [])


def compared(first: tuple[ImageResult, ...], second: tuple[ImageResult, ...]) -> Choice:
    sides = {
        "windows": score({"All images": first}, rounds=300),
        "whole": score({"All images": second}, rounds=300),
    }
    return choose(sides, between(first, second, rounds=300))


def timed(results: tuple[ImageResult, ...], seconds: float) -> tuple[ImageResult, ...]:
    return tuple(ImageResult(one.image, one.detections, one.ensemble, one.alone, seconds) for one in results)


def test_the_more_accurate_scan_is_chosen_however_slow(release: Release) -> None:
    good = timed(measured(release), 3.0)
    bad = timed(measured(release, *[Errors(missed={"ankylosis": frozenset(["R-IP1"])})] * 4), 0.5)
    found = compared(good, bad)
    assert (found.better, found.faster, found.chosen) == ("windows", "whole", "windows")
    assert [one.better for one in found.scores if one.score == "rate"] == ["windows"]
    assert compared(bad, good).chosen == "whole"
    assert found.seconds == {"windows": 3.0, "whole": 0.5}


def test_the_faster_scan_is_chosen_where_intervals_overlap(release: Release) -> None:
    one = timed(measured(release, Errors(extra=(NO_JOINT,))), 3.0)
    other = timed(measured(release), 0.5)
    found = compared(one, other)
    assert (found.better, found.chosen) == (None, "whole")
    assert "overlap" in found.sentence
    assert [score.better for score in found.scores if score.score != "mean_iou"] == [None] * 4


def test_fewer_false_boxes_are_better_and_nobody_decides_between_two_virtues(release: Release) -> None:
    extra = timed(measured(release, *[Errors(missed=blind("R-MP5"), extra=(NO_JOINT,))] * 4), 3.0)
    clean = timed(measured(release, *[Errors(missed=blind("R-MP5"))] * 4), 0.5)
    assert compared(extra, clean).better == "whole"
    unseeing = timed(measured(release, *[Errors(missed=blind("R-MP5", "R-IP1"))] * 4), 0.5)
    found = compared(extra, unseeing)
    assert (found.better, found.chosen) == (None, None)
    assert "Each scan" in found.sentence


def test_a_slight_difference_in_overlap_decides_nothing(release: Release) -> None:
    near = timed(measured(release, *[Errors(shift=1.0)] * 4), 0.5)
    found = compared(timed(measured(release), 3.0), near)
    assert [one.better for one in found.scores if one.score == "mean_iou"] == ["windows"]
    assert found.chosen == "whole"
