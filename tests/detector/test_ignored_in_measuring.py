"""A box on an ignored place: not found, not missed, no false box; one for each place."""

import functools
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from release_samples import edit
from scan_samples import PERFECT, Errors, scan_of

from detector.classes import FINDINGS
from detector.dataset import JOINTS, Release, read_release
from detector.ensemble import Candidates
from detector.evaluate import ImageResult, evaluate, match_alone, results
from detector.folds import split
from detector.measuring.calibrate import calibrate
from detector.measuring.cases import CaseKind
from detector.measuring.matching import Found, Truth, match
from detector.measuring.scoring import Evaluation, score
from detector.measuring.sights import sight
from detector.measuring.truth import truth_of
from detector.release.sources import from_phantoms
from detector.report.comparisons import boxes
from detector.report.gallery import pictures

HIDDEN = "R-MP2"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """Three patients at one visit each, small."""
    return from_phantoms(
        tmp_path_factory.mktemp("ignored") / "release",
        range(3),
        1,
        size=(420, 520),
        divide=functools.partial(split, count=3),
    )


def take_out(image: dict[str, Any], *names: str) -> list[list[float]]:
    """The joints of these names are not labelled any more; their boxes."""
    out = [joint["box"] for joint in image["joints"] if joint["name"] in names]
    image["joints"] = [joint for joint in image["joints"] if joint["name"] not in names]
    return out


def hide(record: dict[str, Any], *names: str) -> None:
    record["images"][0]["ignored"] = take_out(record["images"][0], *names)


@pytest.fixture
def hidden(whole: Release, tmp_path: Path) -> Release:
    """The same, one joint of the first image ignored."""
    folder = Path(shutil.copytree(whole.folder, tmp_path / "hidden"))
    edit(folder, "annotations.json", lambda record: hide(record, HIDDEN))
    return read_release(folder)


@pytest.fixture
def bare(whole: Release, tmp_path: Path) -> Release:
    """The same, without a word of that joint, as releases were."""
    folder = Path(shutil.copytree(whole.folder, tmp_path / "bare"))
    edit(folder, "annotations.json", lambda record: take_out(record["images"][0], HIDDEN))
    return read_release(folder)


def measured(scanned: Release, told: Release, errors: Errors = PERFECT) -> tuple[ImageResult, ...]:
    """What a scan that finds the joints of one release is worth by the labels of another."""
    first = scanned.images[0].file
    scan = scan_of(scanned, lambda image: errors if image.file == first else PERFECT)
    return results(told.images, evaluate(told, told.images, scan))


def scored(scanned: Release, told: Release, errors: Errors = PERFECT) -> Evaluation:
    return score({"All images": measured(scanned, told, errors)}, rounds=50)


def test_a_detector_that_finds_an_ignored_joint_is_not_charged(
    whole: Release, hidden: Release, bare: Release
) -> None:
    found, charged = scored(whole, hidden), scored(whole, bare)
    for name in ("ankylosis", "subluxation", "ensemble"):
        counts, before = found.detection[name].total, charged.detection[name].total
        assert (counts.false_boxes, before.false_boxes) == (0, 1)
        assert counts.detected == counts.joints == before.joints
    assert (found.cases, [case.kind for case in charged.cases]) == ((), [CaseKind.FALSE_BOX])
    assert found.by_joint[HIDDEN] == (2, 2)
    assert found.detection["ensemble"].intervals["false_boxes_an_image"].value == 0


def test_a_detector_that_does_not_find_it_has_missed_nothing(whole: Release, hidden: Release) -> None:
    nobody = {finding: frozenset([HIDDEN]) for finding in FINDINGS}
    found = scored(whole, hidden, Errors(missed=nobody))
    counts = found.detection["ensemble"].total
    assert (counts.joints, counts.detected, counts.false_boxes, found.cases) == (59, 59, 0, ())


def test_a_finding_that_is_told_there_is_no_false_one(whole: Release, hidden: Release, bare: Release) -> None:
    wrong = Errors(wrong={finding: frozenset([HIDDEN]) for finding in FINDINGS})
    found, charged = scored(whole, hidden, wrong), scored(whole, bare, wrong)
    for finding in FINDINGS:
        assert found.findings[finding].total.false_box_present == 0
        assert charged.findings[finding].total.false_box_present == 1
        assert found.alone[finding].total.false_box_present == 0


def test_a_second_box_on_it_is_false(whole: Release, hidden: Release) -> None:
    """The more confident one is left out."""
    box = hidden.images[0].ignored[0]
    found = measured(whole, hidden, Errors(extra=(box,)))[0]
    alone = found.alone["ankylosis"]
    (place,) = alone.false_boxes
    assert np.allclose(alone.found.boxes[place], box)
    assert alone.found.confidence[place] < 0.96
    assert len(alone.left_out) == 1
    assert alone.found.confidence[alone.left_out[0]] > 0.98


def test_a_box_that_barely_touches_it_is_false(whole: Release, hidden: Release) -> None:
    x0, y0, x1, y1 = hidden.images[0].ignored[0]
    nobody = {finding: frozenset([HIDDEN]) for finding in FINDINGS}
    aside = (x0 + 0.5 * (x1 - x0), y0, x1 + 0.5 * (x1 - x0), y1)
    found = scored(whole, hidden, Errors(missed=nobody, extra=(aside,)))
    assert found.detection["ensemble"].total.false_boxes == 1
    (case,) = found.cases
    assert case.kind is CaseKind.FALSE_BOX


def box(x: float) -> tuple[float, float, float, float]:
    return x, 0.0, x + 40, 40.0


def truth(*joints: float, ignored: tuple[float, ...] = ()) -> Truth:
    labels = np.zeros((len(joints), 2), np.int8)
    places = np.array([box(x) for x in ignored]).reshape(-1, 4)
    return Truth(
        JOINTS[1 : len(joints) + 1], np.array([box(x) for x in joints]).reshape(-1, 4), labels, places
    )


def said(*at: tuple[float, float]) -> Candidates:
    """Boxes at x, with a confidence each."""
    chances = np.array([(1 - sure, sure, 0.0) for _, sure in at], np.float32).reshape(-1, 3)
    return Candidates(np.array([box(x) for x, _ in at], np.float32).reshape(-1, 4), chances)


def test_a_labelled_joint_comes_first() -> None:
    """Its box is its own, though it overlaps an ignored place more."""
    outcome = match(truth(0, ignored=(10,)), Found.by_detector(said((8, 0.9)), "ankylosis"))
    assert (outcome.box_of.tolist(), outcome.left_out.tolist(), outcome.false_boxes.tolist()) == ([0], [], [])
    both = match(truth(0, ignored=(10,)), Found.by_detector(said((8, 0.9), (9, 0.8), (9, 0.7)), "ankylosis"))
    assert (both.box_of.tolist(), both.left_out.tolist(), both.false_boxes.tolist()) == ([0], [1], [2])


def test_no_number_of_ignored_places_changes_what_is_found() -> None:
    rng = np.random.default_rng(5)
    for _ in range(50):
        found = Found.by_detector(said(*rng.uniform(0, 300, (12, 2)) % (300, 1)), "ankylosis")
        joints = rng.uniform(0, 300, 5)
        plain, hiding = truth(*joints), truth(*joints, ignored=tuple(rng.uniform(0, 300, 4)))
        before, now = match(plain, found), match(hiding, found)
        assert np.array_equal(before.box_of, now.box_of)
        assert len(now.left_out) <= 4
        assert sorted([*now.left_out, *now.false_boxes]) == before.false_boxes.tolist()


def test_without_joints_and_without_boxes() -> None:
    nothing = match(truth(ignored=(0,)), Found.by_detector(said(), "ankylosis"))
    assert (nothing.left_out.tolist(), nothing.false_boxes.tolist()) == ([], [])
    one = match(truth(ignored=(0,)), Found.by_detector(said((3, 0.9)), "ankylosis"))
    assert (one.left_out.tolist(), one.false_boxes.tolist()) == ([0], [])


def test_one_detector_alone_leaves_out_both_kinds() -> None:
    """Joints that nobody could assess, and places of which nothing is said."""
    known = truth(0, 100, ignored=(200,))
    labels = known.labels.copy()
    labels[1, 0] = -1
    unsure = Truth(known.names, known.boxes, labels, known.ignored)
    outcome = match_alone(unsure, said((0, 0.9), (100, 0.8), (200, 0.7), (200, 0.6), (300, 0.5)), "ankylosis")
    assert outcome.truth.names == known.names[:1]
    assert sorted(outcome.left_out.tolist()) == [1, 2]
    assert outcome.false_boxes.tolist() == [3, 4]


def test_a_threshold_is_not_raised_to_lose_a_box_on_an_ignored_place() -> None:
    """One at 0.6, where the joint is found at 0.4."""
    both = said((0, 0.9), (100, 0.4), *[(200 + 50 * n, 0.6) for n in range(3)])
    raw = dict.fromkeys(FINDINGS, both)
    charged = calibrate("whole", [raw], [truth(0, 100)])
    kept = calibrate("whole", [raw], [truth(0, 100, ignored=(200, 250, 300))])
    assert charged.t_conf > 0.6
    assert kept.t_conf < 0.4
    assert (kept.detection.false_boxes, kept.detection.detected) == (0, 2)


def test_the_truth_of_an_image_has_them(hidden: Release, whole: Release) -> None:
    assert truth_of(hidden.images[0]).ignored.tolist() == [list(hidden.images[0].ignored[0])]
    assert truth_of(whole.images[0]).ignored.shape == (0, 4)
    with pytest.raises(ValueError, match="ignored"):
        Truth((), np.zeros((0, 4)), np.zeros((0, 2), np.int8), np.zeros((3,)))


def test_the_report_tells_them_apart_from_what_nobody_labelled(
    whole: Release, hidden: Release, bare: Release
) -> None:
    found, charged = scored(whole, hidden), scored(whole, bare)
    assert (found.incomplete, charged.incomplete) == (0, 1)
    assert (found.ignored, charged.ignored) == (1, 0)
    (note,) = boxes(found).notes
    assert note == "1 place is ignored: a box there is neither found nor false."
    assert "fewer than 20 joints" in boxes(charged).notes[0]


def test_a_picture_of_a_case_shows_an_ignored_place_beside_it(whole: Release, hidden: Release) -> None:
    x0, y0, x1, y1 = hidden.images[0].ignored[0]
    nobody = {finding: frozenset([HIDDEN]) for finding in FINDINGS}
    aside = (x0 + 0.5 * (x1 - x0), y0, x1 + 0.5 * (x1 - x0), y1)
    found = measured(whole, hidden, Errors(missed=nobody, extra=(aside,)))
    cases = score({"All images": found}, rounds=50).cases
    (picture,) = pictures(cases, {one.image.file: one for one in found}, lambda one: hidden.pixels(one.image))
    assert picture.count('class="ignored faint"') == 1


def test_people_who_look_see_it_as_neither_right_nor_wrong(whole: Release, hidden: Release) -> None:
    seen = sight(measured(whole, hidden)[0])
    (box,) = (one for one in seen.found if one.joint is None)
    assert box.wrong == ()
    assert seen.missed == ()
