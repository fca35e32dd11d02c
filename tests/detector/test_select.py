"""Selecting one detector's boxes, any numbers at all, and the values that go in and out."""

from dataclasses import FrozenInstanceError
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from detector.boxes import overlaps
from detector.classes import judged
from detector.dataset import DISPLACEABLE, JOINTS
from detector.ensemble import Candidates, combine, select
from tests.detector.candidate_samples import NONE, absent, box, candidate_sets, maximum, of


def plain_selection(candidates: Candidates, t_conf: float, t_iou: float, top: int) -> list[int]:
    """Places of the boxes kept, as the paper says it, with loops."""
    confidence = [maximum(tuple(c)) for c in candidates.probabilities.tolist()]
    order = sorted(
        (n for n, value in enumerate(confidence) if value >= np.float32(t_conf)), key=lambda n: -confidence[n]
    )
    kept: list[int] = []
    for place in order:
        if all(overlaps(candidates.boxes[[place]], candidates.boxes[[k]])[0, 0] < t_iou for k in kept):
            kept.append(place)
    return kept[:top]


@settings(max_examples=1000)
@given(
    candidate_sets(40),
    st.sampled_from([0.0, 0.5, 0.9, 1.0]),
    st.sampled_from([0.0, 0.15, 0.45, 1.0]),
    st.integers(0, 30),
)
def test_select_is_threshold_then_suppression_then_top(
    candidates: Candidates, t_conf: float, t_iou: float, top: int
) -> None:
    chosen = select(candidates, t_conf=t_conf, t_iou=t_iou, top=top)
    expected = candidates.taken(np.array(plain_selection(candidates, t_conf, t_iou, top), dtype=np.intp))
    assert chosen.boxes.tolist() == expected.boxes.tolist()
    assert chosen.probabilities.tolist() == expected.probabilities.tolist()


@settings(max_examples=500)
@given(candidate_sets(40), st.sampled_from([0.15, 0.45]), st.integers(0, 20))
def test_selected_boxes_keep_apart_and_in_order(candidates: Candidates, t_iou: float, top: int) -> None:
    chosen = select(candidates, t_iou=t_iou, top=top)
    assert len(chosen) <= top
    assert (chosen.confidence >= np.float32(0.9)).all()
    assert all(a >= b for a, b in pairwise(chosen.confidence))
    between = overlaps(chosen.boxes, chosen.boxes)
    assert all(between[i, j] < t_iou for i, j in combinations(range(len(chosen)), 2))
    again = select(chosen, t_iou=t_iou, top=top)
    assert again.boxes.tolist() == chosen.boxes.tolist()


NUMBERS = st.floats(width=32, allow_nan=True, allow_infinity=True)


@settings(max_examples=500)
@given(st.data(), st.integers(0, 12))
def test_any_numbers_at_all_are_survived(data: st.DataObject, count: int) -> None:
    found = [
        select(
            Candidates(
                data.draw(arrays.arrays(np.float32, (count, 4), elements=NUMBERS)),
                data.draw(arrays.arrays(np.float32, (count, 3), elements=NUMBERS)),
            ),
            top=20,
        )
        for _ in range(2)
    ]
    together = combine(*found)
    for boxes_found in (found[0].boxes, found[1].boxes, together.boxes):
        assert np.isfinite(boxes_found).all()
        assert (boxes_found[:, 2:] > boxes_found[:, :2]).all()
    assert np.isfinite(together.confidence).all()


BAD = [
    ([float("nan"), 0, 20, 20], absent(0.95)),
    ([0, 0, float("inf"), 20], absent(0.95)),
    ([float("-inf"), 0, 20, 20], absent(0.95)),
    ([5, 0, 5, 20], absent(0.95)),
    ([0, 7, 20, 7], absent(0.95)),
    ([20, 0, 0, 20], absent(0.95)),
    ([20, 20, 0, 0], absent(0.95)),
    (box(0), (0.0, float("nan"), 0.95)),
    (box(0), (0.0, 0.95, float("nan"))),
    (box(0), (float("nan"), 0.95, 0.0)),
    (box(0), (0.0, float("inf"), 0.0)),
    (box(0), (float("-inf"), 0.95, 0.0)),
]


@pytest.mark.parametrize("bad", BAD)
def test_rows_that_mean_nothing_are_left_out_and_remove_nothing(
    bad: tuple[list[float], tuple[float, float, float]],
) -> None:
    good = (box(1), absent(0.92))
    assert select(of(bad, good), top=20).boxes.tolist() == [box(1)]
    assert combine(of(bad, good), NONE).boxes.tolist() == [box(1)]
    assert combine(NONE, of(bad, good)).boxes.tolist() == [box(1)]
    assert combine(of(bad), of(good)).seen_by.tolist() == ["second"]


def test_a_probability_at_the_threshold_is_kept() -> None:
    just_below = float(np.nextafter(np.float32(0.9), np.float32(0)))
    chosen = select(of((box(0), (0.1, 0.9, 0.0)), (box(50), (0.1, just_below, 0.0))), top=20)
    assert chosen.boxes.tolist() == [box(0)]


def test_background_alone_is_no_candidate() -> None:
    assert len(select(of((box(0), (0.99, 0.005, 0.005))), top=20)) == 0


def test_overlap_at_the_threshold_removes_whatever_the_class() -> None:
    """[0, 23] and [17, 40] share 6 of 40 columns: exactly 0.15."""
    present, other = ([0, 0, 23, 10], (0.01, 0.0, 0.99)), ([17, 0, 40, 10], (0.05, 0.95, 0.0))
    assert select(of(other, present), top=20).boxes.tolist() == [present[0]]
    apart = ([17.25, 0, 40.25, 10], other[1])
    assert len(select(of(apart, present), top=20)) == 2


def test_a_removed_box_removes_nothing() -> None:
    chain = of((box(0), absent(0.99)), (box(12), absent(0.97)), (box(24), absent(0.95)))
    assert select(chain, top=20).boxes[:, 0].tolist() == [0.0, 24.0]


def test_of_equally_confident_boxes_the_earlier_stays() -> None:
    twins = of((box(3), absent(0.95)), (box(0), absent(0.95)))
    assert select(twins, top=20).boxes.tolist() == [box(3)]


@given(candidate_sets(), candidate_sets())
def test_inputs_stay_as_they_were_and_share_nothing(first: Candidates, second: Candidates) -> None:
    kept = [a for c in (first, second) for a in (c.boxes, c.probabilities)]
    before = [a.copy() for a in kept]
    for array in kept:
        array.flags.writeable = False
    chosen = select(first, top=20), select(second, top=18)
    given_out = combine(*chosen)
    out = [chosen[0].boxes, chosen[0].probabilities, given_out.boxes, given_out.first, given_out.second]
    for array in out:
        array[...] = -1
    assert all((a == b).all() for a, b in zip(kept, before, strict=True))


def test_negative_top_is_refused() -> None:
    with pytest.raises(ValueError, match="top is -1"):
        select(NONE, top=-1)
    with pytest.raises(ValueError, match="top is -1"):
        combine(NONE, NONE, top=-1)


def test_candidates_are_float32_rows_and_frozen() -> None:
    made = Candidates(np.array([[0, 0, 1, 1]]), np.array([[0.0, 1e300, 0.0]]))
    assert made.boxes.dtype == made.probabilities.dtype == np.float32
    assert np.isinf(made.confidence).all()
    with pytest.raises(FrozenInstanceError):
        made.boxes = made.boxes  # type: ignore[misc]
    assert len(Candidates(np.array([]), np.array([]))) == 0


@pytest.mark.parametrize(
    ("boxes_shape", "probabilities_shape"),
    [((2, 4), (1, 3)), ((2, 3), (2, 3)), ((2, 4), (2, 2)), ((4,), (3,)), ((1, 2, 4), (2, 3))],
)
def test_other_shapes_are_refused(boxes_shape: tuple[int, ...], probabilities_shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"boxes|numbers"):
        Candidates(np.zeros(boxes_shape, "f4"), np.zeros(probabilities_shape, "f4"))


def test_subluxation_is_judged_on_18_of_20_joints() -> None:
    assert all(judged(joint, "ankylosis") for joint in JOINTS)
    assert tuple(joint for joint in JOINTS if judged(joint, "subluxation")) == DISPLACEABLE
