"""The log of a training read line by line, its curves, and two reports side by side."""

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
    for text in ("", "{}", "[]", '{"options": {}}'):
        with pytest.raises((ValueError, TypeError, KeyError)):
            TrainingPlan.from_json(text)


def report(
    name: str, rate: float, cases: list[tuple[str, str, str | None, str]], **facts: str
) -> dict[str, Any]:
    def intervals(*keys: str) -> dict[str, Any]:
        return {"intervals": {key: {"value": rate, "low": rate - 0.1, "high": None} for key in keys}}

    listed = [dict(zip(("file", "joint", "finding", "kind"), case, strict=True)) for case in cases]
    evaluation = {
        "detection": {"ensemble": intervals("rate", "false_boxes_an_image", "mean_iou")},
        "findings": {one: intervals("f", "recall") for one in ("ankylosis", "subluxation")},
        "cases": listed,
    }
    known = {"Measured on": "Fold 1: 3 images", "Training data": "It was trained on none of these patients."}
    return {"facts": known | facts, "about": {"version": name}, "evaluations": {"whole": evaluation}}


MISSED = ("b.png", "R-IP1", None, "missed joint")
FALSE_BOX = ("a.png", None, None, "false box")
WRONG = ("a.png", "R-MP2", "ankylosis", "false negative")


def test_two_reports_side_by_side() -> None:
    new = report("new", 0.9, [MISSED, FALSE_BOX, FALSE_BOX])
    old = report("old", 0.8, [FALSE_BOX, WRONG], WARNING="It was trained on all.")
    compared = Comparison.of(new, old)
    assert Comparison.from_json(compared.to_json()) == compared
    assert (compared.new_name, compared.active_name, compared.part) == ("new", "old", "Fold 1: 3 images")
    assert compared.warnings == ("old: It was trained on all.",)
    by_name = {figure.name: figure for figure in compared.figures}
    assert by_name["joints found"].difference == pytest.approx(0.1)
    assert by_name["joints found"].better is True
    assert by_name["false boxes an image"].better is False, "fewer are better"
    assert by_name["ankylosis: specificity"].new == Estimate(None)
    assert by_name["ankylosis: specificity"].better is None
    first, second = compared.images
    assert (first.file, first.new, first.active, first.together) == (
        "a.png",
        ("false box",),
        ("R-MP2 ankylosis false negative",),
        1,
    )
    assert (second.file, second.new, second.active) == ("b.png", ("R-IP1 missed joint",), ())


def test_who_agrees_with_a_version_makes_it_look_good() -> None:
    new, old = report("new", 0.9, []), report("old", 1.0, [])
    (warned,) = Comparison.of(new, old, after_proposals=40).warnings
    assert warned.startswith("40 labels of the release were made by readers who saw")
    assert Comparison.of(new, old).warnings == ()


def test_without_an_active_version_there_is_nothing_to_differ_from() -> None:
    compared = Comparison.of(report("new", 0.9, [MISSED]), None)
    assert (compared.active_name, compared.images) == ("", ())
    assert all(figure.active is None and figure.difference is None for figure in compared.figures)
    assert Comparison.from_json(compared.to_json()) == compared


def test_reports_of_other_images_are_not_compared() -> None:
    other = report("old", 0.9, [], **{"Measured on": "Fold 2: 3 images"})
    with pytest.raises(ValueError, match="different images"):
        Comparison.of(report("new", 0.9, []), other)
    with pytest.raises(KeyError):
        Comparison.of({}, None)


def test_equal_figures_are_neither_better_nor_worse() -> None:
    assert Figure("joints found", Estimate(0.5), Estimate(0.5)).better is None


@pytest.mark.parametrize(
    ("new", "active", "apart"),
    [
        (Estimate(0.9, 0.8, 1.0), Estimate(0.6, 0.5, 0.7), True),
        (Estimate(0.6, 0.5, 0.7), Estimate(0.9, 0.8, 1.0), True),
        (Estimate(0.0, 0.0, 0.0), Estimate(0.9, 0.8, 1.0), True),
        (Estimate(0.9, 0.7, 1.0), Estimate(0.6, 0.5, 0.7), False),
        (Estimate(0.9), Estimate(0.6, 0.5, 0.7), False),
        (Estimate(0.9, 0.8, 1.0), None, False),
    ],
)
def test_intervals_that_overlap_settle_nothing(new: Estimate, active: Estimate | None, apart: bool) -> None:
    assert Figure("joints found", new, active).apart is apart
