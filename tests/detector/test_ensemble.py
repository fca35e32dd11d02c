"""Combining: Algorithm 1 once more, line by line, and what must hold for any boxes at all."""

from dataclasses import dataclass
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.ensemble import Candidates, Detections, combine, select
from tests.detector.candidate_samples import NONE, absent, box, candidate_sets, maximum, of

NEG = (0.0, 1.0, 0.0)


Shape = tuple[float, float, float, float]
Output = list[tuple[Shape, tuple[float, ...]]]


@dataclass
class Entry:
    """(b, c1, c2, confidence) of Algorithm 1; b is cx, cy, w, h."""

    b: Shape
    c1: tuple[float, ...]
    c2: tuple[float, ...]
    confidence: float


def iou(one: Shape, two: Shape) -> float:
    """Lines 9 to 11."""
    (cx1, cy1, w1, h1), (cx2, cy2, w2, h2) = one, two
    dx = min(cx1 + w1 / 2, cx2 + w2 / 2) - max(cx1 - w1 / 2, cx2 - w2 / 2)  # line 9
    dy = min(cy1 + h1 / 2, cy2 + h2 / 2) - max(cy1 - h1 / 2, cy2 - h2 / 2)  # line 10
    dx, dy = max(dx, 0.0), max(dy, 0.0)  # correction of line 11
    return dx * dy / (w1 * h1 + w2 * h2 - dx * dy)  # line 11


def algorithm_1(b1: Output, b2: Output, t_iou2: float, m1: int) -> list[Entry]:
    """Lines 3 to 29 of Algorithm 1, with the corrections of lines 11, 17 to 18 and 19, indices from 0."""
    b: list[Entry] = []  # line 3
    b_prime: list[Entry] = []  # line 4
    remaining = dict(enumerate(b2))
    for shape1, c1 in b1:  # line 5
        matched = False
        for j in range(len(b2)):  # line 6
            if j not in remaining:  # line 7
                continue  # line 8
            shape2, c2 = b2[j]
            if iou(shape1, shape2) > t_iou2:  # line 12
                if maximum(c1) > maximum(c2):  # line 13
                    b.append(Entry(shape1, c1, c2, maximum(c1)))  # line 14
                else:  # line 15
                    b.append(Entry(shape2, c1, c2, maximum(c2)))  # line 16
                del remaining[j]  # line 17, for both branches
                matched = True
                break  # line 18
        if not matched:  # line 19, as meant
            b_prime.append(Entry(shape1, c1, NEG, maximum(c1)))  # line 20
    # lines 21 to 23
    b_prime += [Entry(shape2, NEG, c2, maximum(c2)) for shape2, c2 in remaining.values()]
    if len(b) + len(b_prime) > m1:  # line 24
        ranked = sorted(b_prime, key=lambda entry: -entry.confidence)  # line 26
        # lines 25 and 27; none when the pairs alone are m1 or more
        b += [ranked[k] for k in range(m1 - len(b))]
    else:  # line 28
        b += b_prime  # line 29
    return b


def as_output(candidates: Candidates) -> Output:
    return [
        (((x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0), tuple(c))
        for (x0, y0, x1, y1), c in zip(
            candidates.boxes.tolist(), candidates.probabilities.tolist(), strict=True
        )
    ]


def as_entries(found: Detections) -> list[tuple[list[float], list[float], list[float], float]]:
    return list(
        zip(
            found.boxes.tolist(),
            found.first.tolist(),
            found.second.tolist(),
            found.confidence.tolist(),
            strict=True,
        )
    )


@settings(max_examples=3000)
@given(
    candidate_sets(),
    candidate_sets(),
    st.sampled_from([0.15, 0.45, 0.7, 1.0]),  # how crowded one detector's boxes may be
    st.sampled_from([0.45, 0.2, 0.0]),
    st.integers(0, 26),
)
def test_combine_is_algorithm_1(
    first: Candidates, second: Candidates, crowded: float, t_iou: float, top: int
) -> None:
    first = select(first, t_conf=0.5, t_iou=crowded, top=20)
    second = select(second, t_conf=0.5, t_iou=crowded, top=18)
    found = combine(first, second, t_iou=t_iou, top=top)
    expected = algorithm_1(as_output(first), as_output(second), t_iou, top)
    expected.sort(key=lambda entry: -entry.confidence)
    corners = [
        [cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2] for cx, cy, w, h in (entry.b for entry in expected)
    ]
    assert as_entries(found) == [
        (corner, list(entry.c1), list(entry.c2), entry.confidence)
        for corner, entry in zip(corners, expected, strict=True)
    ]


@settings(max_examples=500)
@given(candidate_sets(), candidate_sets())
def test_combine_says_who_saw_what_and_uses_no_box_twice(first: Candidates, second: Candidates) -> None:
    first, second = select(first, t_iou=0.9, top=20), select(second, t_iou=0.9, top=18)
    found = combine(first, second)
    assert len(found) <= 20
    assert all(a >= b for a, b in pairwise(found.confidence))
    # every box of either input: at most once in the result, whoever's box a pair has
    counts = {who: int((found.seen_by == who).sum()) for who in ("both", "first", "second")}
    assert counts["both"] + counts["first"] <= len(first)
    assert counts["both"] + counts["second"] <= len(second)
    assert (found.second[found.seen_by == "first"] == NEG).all()
    assert (found.first[found.seen_by == "second"] == NEG).all()
    sources = {
        "first": rows_of(first.boxes, first.probabilities),
        "second": rows_of(second.boxes, second.probabilities),
        "both": rows_of(first.boxes) + rows_of(second.boxes),
    }
    for place, who in enumerate(found.seen_by.tolist()):
        said = {"first": [found.first], "second": [found.second], "both": []}[who]
        sources[who].remove(tuple(np.concatenate([found.boxes[place], *(c[place] for c in said)]).tolist()))


def rows_of(*columns: np.ndarray) -> list[tuple[float, ...]]:
    return [tuple(row) for row in np.hstack(columns).tolist()]


@settings(max_examples=300)
@given(candidate_sets(), candidate_sets(), st.randoms(use_true_random=False))
def test_combining_does_not_depend_on_the_order_of_what_was_found(
    first: Candidates, second: Candidates, random: Random
) -> None:
    """Without ties: the confidences are made different first."""
    first, second = untied(first, 0), untied(second, 1)
    plain = combine(select(first, top=20), select(second, top=18))
    mixed = combine(select(shuffled(first, random), top=20), select(shuffled(second, random), top=18))
    assert as_entries(mixed) == as_entries(plain)
    assert mixed.seen_by.tolist() == plain.seen_by.tolist()


def untied(candidates: Candidates, offset: int) -> Candidates:
    places = np.arange(len(candidates))
    confidence = 0.9 + (2 * places + offset + 1) / 1000
    return Candidates(candidates.boxes, np.column_stack([1 - confidence, confidence, 0 * confidence]))


def shuffled(candidates: Candidates, random: Random) -> Candidates:
    places = list(range(len(candidates)))
    random.shuffle(places)
    return candidates.taken(np.array(places, dtype=np.intp))


def test_a_pair_gets_box_and_confidence_of_the_surer_detector() -> None:
    ours, theirs = box(100), box(102)
    surer = combine(of((ours, absent(0.98))), of((theirs, (0.05, 0.0, 0.95))))
    assert surer.boxes.tolist() == [ours]
    assert surer.confidence.tolist() == [np.float32(0.98)]
    assert surer.seen_by.tolist() == ["both"]
    assert surer.first[0, 1] == np.float32(0.98)
    assert surer.second[0, 2] == np.float32(0.95)
    assert combine(of((ours, absent(0.95))), of((theirs, absent(0.98)))).boxes.tolist() == [theirs]
    # line 13 asks for more, so the second detector's box stands where both are equally sure
    assert combine(of((ours, absent(0.95))), of((theirs, absent(0.95)))).boxes.tolist() == [theirs]


def test_background_makes_nobody_surer() -> None:
    found = combine(of((box(0), (0.99, 0.4, 0.1))), of((box(1), (0.0, 0.5, 0.5))))
    assert found.boxes.tolist() == [box(1)]
    assert found.confidence.tolist() == [0.5]


def test_an_overlap_must_be_above_the_threshold() -> None:
    """[0, 29] and [11, 40] share 18 of 40 columns: 0.45, which is not above 0.45."""
    first = of(([0, 0, 29, 10], absent(0.99)))
    assert combine(first, of(([11, 0, 40, 10], absent(0.95)))).seen_by.tolist() == ["first", "second"]
    assert combine(first, of(([10.75, 0, 40, 10], absent(0.95)))).seen_by.tolist() == ["both"]


def test_no_pair_comes_from_two_negative_overlaps() -> None:
    """Line 11 as printed: dx and dy are both -18, and their product would be an IoU of 0.68."""
    found = combine(of((box(0, 0), absent(0.99))), of((box(38, 38), absent(0.95))))
    assert found.seen_by.tolist() == ["first", "second"]


def test_a_box_is_matched_once_by_the_most_confident_that_fits() -> None:
    first = of((box(4), absent(0.99)), (box(0), absent(0.98)))
    second = of((box(0), absent(0.97)), (box(1), absent(0.96)))
    found = combine(first, second)
    # the surer box takes the second detector's surer one although the other fits better
    assert found.seen_by.tolist() == ["both", "both"]
    assert found.boxes.tolist() == [box(4), box(0)]
    assert found.second[:, 1].tolist() == [np.float32(0.97), np.float32(0.96)]
    alone = combine(first, second.taken(np.array([0])))
    assert alone.seen_by.tolist() == ["both", "first"]


def test_matched_boxes_after_a_lonely_one_are_not_doubled() -> None:
    """Line 19 as printed would push the later pairs into B' as well."""
    first = of((box(0), absent(0.99)), (box(100), absent(0.98)), (box(200), absent(0.97)))
    second = of((box(100), absent(0.95)), (box(200), absent(0.94)))
    assert combine(first, second).seen_by.tolist() == ["first", "both", "both"]
    assert len(combine(first, second)) == 3


def test_only_what_one_detector_saw_is_cut() -> None:
    first = of(*((box(50 * n), absent(0.99 - n / 100)) for n in range(4)))
    second = of((box(1000), absent(0.999)), (box(150), absent(0.9)))
    found = combine(first, second, top=3)
    assert found.seen_by.tolist() == ["second", "first", "both"]
    assert found.boxes[:, 0].tolist() == [1000.0, 0.0, 150.0]
    assert combine(first, second, top=1).boxes[:, 0].tolist() == [150.0]
    assert combine(first, second, top=0).seen_by.tolist() == ["both"]
    assert len(combine(first, NONE, top=0)) == 0


def test_ties_among_single_boxes_keep_the_first_detectors() -> None:
    first = of((box(0), absent(0.95)), (box(50), absent(0.95)))
    second = of((box(100), absent(0.95)), (box(150), absent(0.95)))
    assert combine(first, second, top=3).boxes[:, 0].tolist() == [0.0, 50.0, 100.0]
    assert combine(first, second, top=1).boxes[:, 0].tolist() == [0.0]


@pytest.mark.parametrize(("first", "second"), [(0, 0), (2, 0), (0, 2)])
def test_empty_inputs_combine(first: int, second: int) -> None:
    two = of((box(0), absent(0.99)), (box(50), absent(0.95)))
    found = combine(two if first else NONE, two if second else NONE)
    assert len(found) == max(first, second)
    assert found.boxes.shape == (len(found), 4)
    assert found.first.shape == found.second.shape == (len(found), 3)
    assert found.confidence.shape == found.seen_by.shape == (len(found),)
    assert {a.dtype for a in (found.boxes, found.first, found.second, found.confidence)} == {
        np.dtype("float32")
    }
    assert set(found.seen_by.tolist()) == ({"first"} if first else {"second"} if second else set())
