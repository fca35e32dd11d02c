"""The log of a training read line by line, its curves, and two versions side by side."""

from __future__ import annotations

import json
from typing import Any

import pytest

from annotator.domain.errors import KnuckleError
from annotator.domain.training import MOST_POINTS, Curve, Progress, TrainingOptions, TrainingPlan
from annotator.domain.version_comparison import Comparison, Estimate, Figure


def line(step: int, finding: str = "ankylosis", **more: Any) -> bytes:
    said = {"finding": finding, "step": step, "steps": 10, "epoch": step / 4, "loss": 9.0 / step}
    rest = {"confidence": 1.0, "localisation": 1.0, "learning_rate": 0.002, "validation": None}
    return json.dumps({**said, **rest, "seconds_left": 10.0 - step, **more}).encode() + b"\n"


def test_a_half_written_line_waits_for_its_end() -> None:
    whole = line(1) + line(2)
    for cut in range(len(whole)):
        progress = Progress().after(whole[:cut])
        assert progress.step == whole[:cut].count(b"\n")
        assert progress.after(whole[cut:]) == Progress().after(whole)


def test_a_line_that_was_cut_off_by_a_kill_is_passed_over() -> None:
    progress = Progress().after(line(1) + line(2)[:30] + b"\n" + b"3\n[]\nnull\n\xff\n" + line(2))
    assert (progress.step, progress.curves[0].losses) == (2, ((1, 9.0), (2, 4.5)))


def test_steps_that_are_done_again_take_the_place_of_those_before() -> None:
    first = Progress().after(line(1) + line(2) + line(3) + line(4, validation=7.0) + line(5))
    again = first.after(line(4, loss=1.0, validation=6.0))
    assert [step for step, _ in again.curves[0].losses] == [1, 2, 3, 4]
    assert again.curves[0].losses[-1] == (4, 1.0)
    assert (again.curves[0].validation, again.validation) == (((1.0, 6.0),), 6.0)


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    curve = Curve("ankylosis")
    for step in range(1, 5001):
        curve = curve.with_step(step, step / 10, float(step), None)
    assert MOST_POINTS / 3 < len(curve.losses) <= MOST_POINTS
    assert curve.losses[0][0] <= curve.stride
    assert curve.losses[-1][0] > 5000 - curve.stride


def test_time_left_counts_the_second_detector_too() -> None:
    assert Progress().seconds_in_all is None
    first = Progress().after(line(5))
    assert (first.seconds_left, first.seconds_in_all) == (5.0, 15.0)
    assert Progress().after(line(10)).seconds_in_all is None, "nobody knows how fast the last step was"
    assert first.after(line(5, "subluxation")).seconds_in_all == 5.0


def test_the_end_is_told() -> None:
    done = Progress().after(line(5) + b'{"doing": "Writing the version."}\n')
    assert (done.doing, done.seconds_left, done.sha256) == ("Writing the version.", None, "")
    assert done.after(b'{"version": "/a", "sha256": "ab"}\n').sha256 == "ab"


@pytest.mark.parametrize("name", ["", "..", "../a", "a/b", "a b", "-a", ".a", "a.", "a" * 61, "é", "a\n"])
def test_names_that_are_no_folder_of_their_own_are_refused(name: str) -> None:
    with pytest.raises(KnuckleError):
        TrainingPlan(name, "/r", "ab", "small", 1)


def test_a_plan_is_written_down_whole() -> None:
    plan = TrainingPlan("a-1", "/r", "ab", "small", 2, options=TrainingOptions(steps=3))
    assert TrainingPlan.from_json(plan.to_json()) == plan
    with pytest.raises(KnuckleError):
        TrainingPlan("a", "/r", "ab", "large", 1)
    with pytest.raises(KnuckleError):
        TrainingPlan("a", "/r", "ab", "small", 1, start="/v", options=TrainingOptions(width=0.5))
    for options in (TrainingOptions(batch=0), TrainingOptions(steps=-1), TrainingOptions(epochs=0)):
        with pytest.raises(KnuckleError, match="at least 1"):
            TrainingPlan("a", "/r", "ab", "small", 1, options=options)
    for text in ("", "{}", "[]", '{"options": {}}'):
        with pytest.raises((ValueError, TypeError, KeyError)):
            TrainingPlan.from_json(text)


def version(
    name: str, rate: float, training: str = "It was trained on none of these patients."
) -> dict[str, Any]:
    def intervals(*keys: str) -> dict[str, Any]:
        return {"intervals": {key: {"value": rate, "low": rate - 0.1, "high": None} for key in keys}}

    evaluation = {
        "detection": {"ensemble": intervals("rate", "false_boxes_an_image", "mean_iou")},
        "findings": {one: intervals("f", "recall") for one in ("ankylosis", "subluxation")},
    }
    return {"name": name, "sha256": name, "training": CLEAN, "evaluation": evaluation}


def box(joint: str | None, *wrong: str, at: float = 0) -> dict[str, Any]:
    return {"box": [at, 0, at + 9, 9], "confidence": 0.9, "joint": joint, "called": [], "wrong": list(wrong)}


def measured(*versions: dict[str, Any], patients: int = 9) -> dict[str, Any]:
    """As the detector writes it. On a.png the first has two boxes too many, the second one and an ankylosis
    that it does not see; on b.png the first misses a joint; on c.png both are right."""
    two_false = [box(None, "false box"), box(None, "false box", at=50)]
    said = {
        "a.png": (
            (two_false, []),
            ([box(None, "false box"), box("R-MP2", UNSEEN)], []),
        ),
        "b.png": (([], ["R-IP1"]), ([box("R-IP1")], [])),
        "c.png": (([box("R-IP1")], []), ([box("R-IP1")], [])),
    }
    difference = {"value": 0.1, "low": 0.05, "high": 0.2, "rounds": 9, "undefined": 0}
    return {
        "format": "knuckle-comparison",
        "version": 1,
        "part": "Fold 1: 3 images",
        "patients": patients,
        "versions": list(versions),
        "differences": [
            {"finding": finding, "score": score, "first": 0.9, "second": 0.8, "difference": difference}
            for finding, score in (("", "rate"), ("", "false_boxes_an_image"))
        ]
        if len(versions) > 1
        else [],
        "images": [
            {
                "file": file,
                "truth": [{"joint": "R-IP1", "box": [0, 0, 9, 9], "present": []}],
                "seen": [{"found": found, "missed": missed} for found, missed in seen[: len(versions)]],
            }
            for file, seen in said.items()
        ],
    }


CLEAN = {"Training data": "It was trained on none of these patients."}
UNSEEN = "ankylosis false negative"
NEW, OLD = version("new", 0.9), version("old", 0.8)


def test_two_versions_side_by_side() -> None:
    old = version("old", 0.8)
    old["training"] = {"WARNING": "It was trained on all."}
    compared = Comparison.of(measured(NEW, old))
    assert Comparison.from_json(compared.to_json()) == compared
    assert (compared.new_name, compared.active_name, compared.part) == ("new", "old", "Fold 1: 3 images")
    assert compared.warnings() == ("old: It was trained on all.",)
    by_name = {figure.name: figure for figure in compared.figures}
    assert by_name["joints found"].difference == Estimate(0.1, 0.05, 0.2)
    assert by_name["joints found"].better is True
    assert by_name["false boxes an image"].better is False, "fewer are better"
    assert by_name["ankylosis: specificity"].new == Estimate(None)
    assert by_name["ankylosis: specificity"].better is None
    first, second = compared.images
    assert (first.file, first.only_new, first.only_active, first.together) == (
        "a.png",
        (("", "false box"),),
        (("R-MP2", UNSEEN),),
        1,
    )
    assert (second.file, second.only_new, second.only_active) == ("b.png", (("R-IP1", "missed joint"),), ())


def test_false_boxes_in_other_places_are_other_mistakes() -> None:
    """A box on an ignored place is none."""
    said = measured(NEW, OLD)
    said["images"] = [
        {
            "file": "a.png",
            "truth": [],
            "seen": [
                {"found": [box(None, "false box"), box(None, at=70)], "missed": []},
                {"found": [box(None, "false box", at=50)], "missed": []},
            ],
        }
    ]
    (image,) = Comparison.of(said).images
    assert (image.only_new, image.only_active, image.together) == (
        (("", "false box"),),
        (("", "false box"),),
        0,
    )
    assert [one.box[0] for one in image.new.false_boxes_apart(image.active)] == [0]


def test_who_agrees_with_a_version_makes_it_look_good() -> None:
    (warned,) = Comparison.of(measured(NEW, OLD), after_proposals=40).warnings()
    assert warned.startswith("40 labels of the release were made by readers who saw")
    assert Comparison.of(measured(NEW, OLD)).warnings() == ()


def test_thresholds_that_were_chosen_on_the_same_images_are_told() -> None:
    (warned,) = Comparison.of(measured(NEW, OLD), chosen_there=True).warnings()
    assert "thresholds were chosen on these same images" in warned


def test_of_few_patients_no_difference_is_sure() -> None:
    compared = Comparison.of(measured(NEW, OLD, patients=4))
    assert compared.warnings() == ("4 patients are too few to tell a difference from chance.",)
    assert compared.figures[0].difference == Estimate(0.1)
    assert not compared.figures[0].apart
    assert Comparison.of(measured(NEW, OLD, patients=5)).figures[0].apart


def test_without_an_active_version_there_is_nothing_to_differ_from() -> None:
    compared = Comparison.of(measured(NEW, patients=1))
    assert (compared.active_name, compared.images, compared.warnings()) == ("", (), ())
    assert all(
        figure.active is None and figure.difference.value is None and figure.better is None
        for figure in compared.figures
    )
    assert Comparison.from_json(compared.to_json()) == compared


@pytest.mark.parametrize("fault", [{"format": "other"}, {"version": 2}, {"versions": None}, {"images": [{}]}])
def test_what_is_no_comparison_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        Comparison.of({**measured(NEW, OLD), **fault})


def test_equal_figures_are_neither_better_nor_worse() -> None:
    assert Figure("joints found", Estimate(0.5), Estimate(0.5), Estimate(0.0)).better is None


@pytest.mark.parametrize(
    ("difference", "apart"),
    [
        (Estimate(0.3, 0.1, 0.5), True),
        (Estimate(-0.3, -0.5, -0.1), True),
        (Estimate(0.3, -0.1, 0.5), False),
        (Estimate(0.3, 0.0, 0.5), False),
        (Estimate(0.3), False),
        (Estimate(None), False),
    ],
)
def test_an_interval_with_zero_in_it_settles_nothing(difference: Estimate, apart: bool) -> None:
    assert Figure("joints found", Estimate(0.9), Estimate(0.6), difference).apart is apart


@pytest.mark.parametrize(
    ("test", "watched", "chosen_there"), [(False, 0, True), (False, 2, False), (True, 0, False)]
)
def test_whether_what_chose_thresholds_is_measured_on(test: bool, watched: int, chosen_there: bool) -> None:
    plan = TrainingPlan("a", "/r", "ab", "small", 1, test=test, watched=watched)
    assert plan.chosen_there is chosen_there


def test_how_far_the_measuring_is() -> None:
    told = Progress().after(b'{"measured": 3, "of": 52, "version_name": "demo-1"}\n')
    assert told.measured == (3, 52, "demo-1")
