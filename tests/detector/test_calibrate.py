"""The threshold of a scan, chosen from what it said of validation images."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.classes import TOP
from detector.ensemble import combine, select
from detector.measuring.calibrate import THRESHOLDS, Raw, at_threshold, best_of, calibrate, middle
from detector.measuring.matching import Found, Truth, match
from detector.metrics import detection_counts
from tests.detector.candidate_samples import NONE, absent, box, candidate_sets, of


def truth(count: int) -> Truth:
    names = tuple(f"R-MP{n + 1}" for n in range(count))
    boxes = np.array([box(100.0 * n) for n in range(count)]).reshape(-1, 4)
    return Truth(names, boxes, np.zeros((count, 2), np.int8))


def said(*confidences: float, false: tuple[float, ...] = ()) -> Raw:
    """Both detectors find each joint as confidently, and boxes where none is."""
    there = [(box(100.0 * n), absent(c)) for n, c in enumerate(confidences)]
    nowhere = [(box(100.0 * n, 500.0), absent(c)) for n, c in enumerate(false)]
    both = of(*there, *nowhere)
    return {"ankylosis": both, "subluxation": both}


def test_windows_keep_the_paper_s_threshold() -> None:
    raw, truths = [said(0.5, 0.5)], [truth(2)]
    kept = calibrate("windows", raw, truths)
    assert (kept.t_conf, kept.detection.detected) == (0.9, 0)
    assert calibrate("whole", raw, truths).t_conf < 0.5


def test_the_threshold_lies_between_joints_and_false_boxes() -> None:
    chosen = calibrate("whole", [said(0.99, 0.61, false=(0.31, 0.2)), said(0.8)], [truth(2), truth(1)])
    assert chosen.t_conf == pytest.approx(0.46)  # the middle of 0.32 to 0.6
    assert (chosen.detection.detected, chosen.detection.false_boxes, chosen.detection_f) == (3, 0, 1.0)
    assert chosen.findings["ankylosis"].true_negative == 3


def test_a_missed_joint_weighs_as_much_as_a_false_box_and_then_more() -> None:
    """At 0.4 all joints and one false box, above it one joint less and no false box: 4 / 5 and 2 / 3; with
    three false boxes of no joint's the higher threshold wins."""
    assert calibrate("whole", [said(0.9, 0.4, false=(0.5,))], [truth(2)]).t_conf < 0.41
    many = said(0.9, 0.4, false=(0.5, 0.5, 0.5))
    assert calibrate("whole", [many], [truth(2)]).t_conf > 0.5


def test_fewest_misses_decide_between_equal_f() -> None:
    """4 of 5 joints with 3 false boxes are F 8 / 12; all 5 with 5 false boxes 10 / 15."""
    raw = [said(0.9, 0.9, 0.9, 0.9, 0.3, false=(0.9, 0.9, 0.9, 0.3, 0.3))]
    chosen = calibrate("whole", raw, [truth(5)])
    low, high = (calibrate("whole", raw, [truth(5)], thresholds=[t]) for t in (0.2, 0.5))
    assert low.detection_f == high.detection_f == 2 / 3
    assert (low.detection.detected, high.detection.detected) == (5, 4)
    assert chosen.t_conf <= 0.3


NONE_SAID: Raw = {"ankylosis": NONE, "subluxation": NONE}


@settings(max_examples=100, deadline=None)
@given(candidate_sets(), candidate_sets(), st.sampled_from(THRESHOLDS))
def test_thresholds_are_tried_as_if_everything_were_selected_anew(first, second, t_conf) -> None:  # type: ignore[no-untyped-def] # hypothesis
    joints = truth(3)
    raw = {"ankylosis": first, "subluxation": second}
    quick = at_threshold(t_conf, [best_of(raw, THRESHOLDS[0])], [joints])
    slow = match(
        joints,
        Found.by_ensemble(combine(*(select(raw[name], t_conf=t_conf, top=top) for name, top in TOP.items()))),
    )
    assert quick.detection == detection_counts([slow])


@pytest.mark.parametrize(
    ("row", "place"),
    [("1", 0), ("0110", 2), ("01110", 2), ("1011", 3), ("1101", 1), ("110011", 5), ("1111", 2)],
)
def test_the_middle_of_the_longest_row(row: str, place: int) -> None:
    assert middle([sign == "1" for sign in row]) == place


def test_nothing_to_choose_by_is_refused() -> None:
    with pytest.raises(ValueError, match="truths"):
        calibrate("whole", [said(0.9)], [])
    with pytest.raises(ValueError, match="truths"):
        calibrate("whole", [said(0.9)], [truth(0)])
    with pytest.raises(ValueError, match="thresholds"):
        calibrate("whole", [said(0.9)], [truth(1)], thresholds=())


def test_detectors_that_find_nothing_have_a_threshold_too() -> None:
    chosen = calibrate("whole", [NONE_SAID], [truth(2)])
    assert chosen.t_conf in THRESHOLDS
    assert chosen.detection_f == 0.0
