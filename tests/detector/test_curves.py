"""Curves against slow counts, at ties, and where nothing can be said."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.measuring.curves import calibration, iou_histogram, precision_recall, roc

# few different chances: ties are common
CASES = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.3, 0.5, 0.7, 0.95, 1.0]), st.booleans()), max_size=40
)


def arrays(cases: list[tuple[float, bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([c for c, _ in cases], float), np.array([p for _, p in cases], bool)


@settings(max_examples=300)
@given(CASES, st.integers(0, 3))
def test_precision_and_recall_are_the_slow_ones(cases: list[tuple[float, bool]], missed: int) -> None:
    curve = precision_recall(*arrays(cases), missed=missed)
    thresholds = sorted({c for c, _ in cases}, reverse=True)
    wanted = sum(p for _, p in cases) + missed
    assert curve.threshold.tolist() == thresholds
    average, before = 0.0, 0.0
    for place, threshold in enumerate(thresholds):
        called = [p for c, p in cases if c >= threshold]
        assert curve.precision[place] == sum(called) / len(called)
        if wanted:
            recall = sum(called) / wanted
            assert curve.recall[place] == recall
            average, before = average + (recall - before) * sum(called) / len(called), recall
        else:
            assert np.isnan(curve.recall[place])
    assert curve.average_precision == (pytest.approx(average) if wanted else None)


@settings(max_examples=300)
@given(CASES, st.integers(0, 3))
def test_the_area_is_how_often_a_present_joint_is_ranked_above_an_absent_one(
    cases: list[tuple[float, bool]], missed: int
) -> None:
    curve = roc(*arrays(cases), missed=missed)
    present = [c for c, p in cases if p] + [-1.0] * missed
    other = [c for c, p in cases if not p]
    if not present or not other:
        assert curve.area is None
        return
    wins = sum((a > b) + (a == b) / 2 for a in present for b in other)
    assert curve.area == pytest.approx(wins / len(present) / len(other))
    assert (curve.false_positive_rate[0], curve.true_positive_rate[0]) == (0.0, 0.0)
    assert (curve.false_positive_rate[-1], curve.true_positive_rate[-1]) == (1.0, 1.0)
    assert all(a > b for a, b in pairwise(curve.threshold))
    for threshold, false_rate, true_rate in zip(
        curve.threshold, curve.false_positive_rate, curve.true_positive_rate, strict=True
    ):
        assert true_rate == sum(c >= threshold for c in present) / len(present)
        assert false_rate == sum(c >= threshold for c in other) / len(other)


@pytest.mark.parametrize(
    ("present", "undefined"), [(True, "false_positive_rate"), (False, "true_positive_rate")]
)
def test_a_rate_of_nothing_is_undefined(present: bool, undefined: str) -> None:
    curve = roc(np.array([0.2, 0.8]), np.array([present, present]))
    assert curve.area is None
    assert np.isnan(getattr(curve, undefined)).all()


@settings(max_examples=300)
@given(CASES, st.integers(1, 12))
def test_calibration_is_the_slow_one(cases: list[tuple[float, bool]], bins: int) -> None:
    result = calibration(*arrays(cases), bins=bins)
    error = 0.0
    for place in range(bins):
        low, high = result.edges[place], result.edges[place + 1]
        inside = [(c, p) for c, p in cases if low <= c < high or (place == bins - 1 and c == 1.0)]
        assert result.count[place] == len(inside)
        if not inside:
            assert np.isnan([result.chance[place], result.observed[place]]).all()
            continue
        mean, observed = (sum(column) / len(inside) for column in zip(*inside, strict=True))
        assert result.chance[place] == pytest.approx(mean)
        assert result.observed[place] == pytest.approx(observed)
        error += abs(mean - observed) * len(inside)
    assert result.edges[0] == 0.0
    assert result.edges[-1] == 1.0
    assert result.error == (pytest.approx(error / len(cases)) if cases else None)


def test_the_histogram_counts_every_detected_joint_once() -> None:
    result = iou_histogram(np.array([0.46, 0.5, 0.9, 1.0, np.nan]), bins=10)
    assert result.count.tolist() == [0, 0, 0, 0, 1, 1, 0, 0, 0, 2]
    assert result.edges.tolist() == pytest.approx([n / 10 for n in range(11)])
    assert iou_histogram(np.zeros(0)).count.sum() == 0


@pytest.mark.parametrize("curve", [precision_recall, roc, calibration])
@pytest.mark.parametrize(
    ("chance", "present"), [([0.5, 0.5], [True]), ([np.nan], [True]), ([1.1], [False]), ([-0.1], [False])]
)
def test_other_numbers_are_refused(curve: object, chance: list[float], present: list[bool]) -> None:
    assert callable(curve)
    with pytest.raises(ValueError, match="chance"):
        curve(np.array(chance), np.array(present))
