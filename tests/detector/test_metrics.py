"""Scores: against the paper's tables, against slow counts, and where nothing can be said."""

from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detector.boxes import overlaps
from detector.classes import FINDINGS
from detector.ensemble import combine, select
from detector.measuring.intervals import by_patient, intervals
from detector.measuring.matching import Found, Outcome, Truth, match
from detector.metrics import (
    DetectionCounts,
    FindingCounts,
    FindingScores,
    answers,
    average,
    detection_by_joint,
    detection_counts,
    finding_counts,
)
from tests.detector.candidate_samples import NONE, absent, box, candidate_sets, of

# Tables 2 and 3 of the paper: TP, FP, TN, FN of each fold
TABLE_2 = [(6, 2, 887, 5), (9, 2, 889, 1), (17, 3, 880, 0), (8, 5, 882, 3), (8, 0, 889, 3)]
TABLE_3 = [(24, 1, 965, 8), (24, 0, 967, 8), (28, 1, 969, 3), (27, 1, 969, 4), (24, 0, 969, 7)]


def truth(*joints: tuple[str, list[float], tuple[int, int]]) -> Truth:
    names, boxes, labels = zip(*joints, strict=True)
    return Truth(names, np.array(boxes), np.array(labels, np.int8))


def found(*boxes: tuple[list[float], float, tuple[float, float]]) -> Found:
    """Box, confidence, and how likely ankylosis and subluxation are."""
    return Found(
        np.array([b for b, _, _ in boxes], "f4").reshape(-1, 4),
        np.array([c for _, c, _ in boxes], "f4"),
        np.array([[[0, 1 - p, p] for p in said] for _, _, said in boxes], "f4").reshape(-1, 2, 3),
    )


# --- pairing ----------------------------------------------------------------------------------------------


def test_a_joint_is_detected_above_the_threshold_only() -> None:
    """[0, 29] and [11, 40] share 18 of 40 columns: 0.45."""
    joint = truth(("R-MP2", [0, 0, 29, 10], (0, 0)))
    at = match(joint, found(([11, 0, 40, 10], 0.99, (0, 0))))
    assert at.box_of.tolist() == [-1]
    assert np.isnan(at.iou).all()
    assert at.false_boxes.tolist() == [0]
    above = match(joint, found(([10.75, 0, 40, 10], 0.99, (0, 0))))
    assert above.box_of.tolist() == [0]
    assert above.iou[0] == pytest.approx(18.25 / 40)
    assert above.false_boxes.size == 0


def test_the_surer_of_two_boxes_has_the_joint() -> None:
    joint = truth(("R-MP2", box(0), (0, 0)))
    twice = match(joint, found((box(0), 0.92, (0, 0)), (box(2), 0.97, (0, 0))))
    assert twice.box_of.tolist() == [1]
    assert twice.false_boxes.tolist() == [0]


def test_a_box_takes_the_free_joint_it_overlaps_most() -> None:
    close = truth(("R-MP2", box(0), (0, 0)), ("R-MP3", box(4), (0, 0)))
    one = match(close, found((box(3), 0.95, (0, 0))))
    assert one.box_of.tolist() == [-1, 0]
    two = match(close, found((box(3), 0.95, (0, 0)), (box(3), 0.95, (0, 0))))
    assert two.box_of.tolist() == [1, 0]


def test_boxes_that_mean_nothing_are_false_boxes() -> None:
    joint = truth(("R-MP2", box(0), (0, 0)))
    nowhere = [float("nan"), 0, 20, 20], [0, 0, float("inf"), 20], [20, 20, 0, 0], [5, 5, 5, 5]
    bad = match(joint, found(*((b, 0.99, (0.9, 0.9)) for b in nowhere), (box(1), 0.9, (0, 0))))
    assert bad.box_of.tolist() == [4]
    assert bad.false_boxes.tolist() == [0, 1, 2, 3]


def pair_slowly(
    joints: list[list[float]], boxes: list[list[float]], confidence: list[float]
) -> dict[int, int]:
    """Joint to box, with loops; an IoU of its own."""
    pairs: dict[int, int] = {}
    for k in sorted(range(len(boxes)), key=lambda place: -confidence[place]):
        best, best_iou = -1, 0.45
        for j in range(len(joints)):
            if j not in pairs and iou(joints[j], boxes[k]) > best_iou:
                best, best_iou = j, iou(joints[j], boxes[k])
        if best >= 0:
            pairs[best] = k
    return pairs


def iou(a: list[float], b: list[float]) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    areas = [(c[2] - c[0]) * (c[3] - c[1]) for c in (a, b)]
    return width * height / (sum(areas) - width * height)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    """Joints and boxes in clusters, some of them on each other, with labels that are not always judged."""
    joints, candidates = draw(candidate_sets(12)), draw(candidate_sets(16))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    labels = rng.integers(-1, 2, (len(joints), 2)).astype(np.int8)
    names = tuple(f"R-MP{n % 4 + 2}" for n in range(len(joints)))
    said = rng.choice([0.0, 0.25, 0.5, 0.75, 1.0], (len(candidates), 2, 3)).astype(np.float32)
    return match(Truth(names, joints.boxes, labels), Found(candidates.boxes, candidates.confidence, said))


@settings(max_examples=500)
@given(outcomes())
def test_pairing_is_the_slow_pairing(outcome: Outcome) -> None:
    joints, boxes = outcome.truth.boxes.tolist(), outcome.found.boxes.tolist()
    expected = pair_slowly(joints, boxes, outcome.found.confidence.tolist())
    assert {j: k for j, k in enumerate(outcome.box_of.tolist()) if k >= 0} == expected
    for j, k in expected.items():
        assert outcome.iou[j] == iou(joints[j], boxes[k]) > 0.45
        assert overlaps(outcome.truth.boxes, outcome.found.boxes)[j, k] == outcome.iou[j]
    assert set(outcome.false_boxes.tolist()) == set(range(len(boxes))) - set(expected.values())


# --- counting ---------------------------------------------------------------------------------------------


def count_slowly(cases: list[Outcome], finding: int) -> FindingCounts:
    n = dict.fromkeys(asdict(FindingCounts()), 0.0)
    for case in cases:
        for j in range(len(case.truth.names)):
            label, k = int(case.truth.labels[j, finding]), int(case.box_of[j])
            if label < 0:
                continue
            if k < 0:
                n["missed_present" if label else "missed_absent"] += 1
                n["false_negative"] += label
                continue
            _, no, yes = case.found.probabilities[k, finding]
            n[
                f"{'true' if (yes > no) == bool(label) else 'false'}_{'positive' if yes > no else 'negative'}"
            ] += 1
            n["iou_sum"] += float(case.iou[j])
        for k in set(range(len(case.found.boxes))) - set(case.box_of.tolist()):
            n["false_box_present"] += int(
                case.found.probabilities[k, finding, 2] > case.found.probabilities[k, finding, 1]
            )
    return FindingCounts(**{name: value if name == "iou_sum" else int(value) for name, value in n.items()})


@settings(max_examples=300)
@given(st.lists(outcomes(), max_size=3))
def test_counts_are_the_slow_counts(cases: list[Outcome]) -> None:
    for place, finding in enumerate(FINDINGS):
        fast, slow = asdict(finding_counts(cases, finding)), asdict(count_slowly(cases, place))
        assert fast.pop("iou_sum") == pytest.approx(slow.pop("iou_sum"))
        assert fast == slow
    total = detection_counts(cases)
    assert total.images == len(cases)
    assert total.joints == sum(len(case.truth.names) for case in cases)
    assert total.detected == sum((case.box_of >= 0).sum() for case in cases)
    assert total.false_boxes == sum((len(case.found.boxes) for case in cases), -total.detected)
    assert sum(there for _, there in detection_by_joint(cases).values()) == total.joints
    assert sum(hit for hit, _ in detection_by_joint(cases).values()) == total.detected


@given(st.lists(outcomes(), max_size=4))
def test_counts_of_images_add_up(cases: list[Outcome]) -> None:
    one_by_one = sum((finding_counts([case], "subluxation") for case in cases), FindingCounts())
    together = finding_counts(cases, "subluxation")
    assert asdict(one_by_one) == pytest.approx(asdict(together))


def test_what_a_missed_joint_and_a_thumb_count_as() -> None:
    hand = truth(
        ("R-IP1", box(0), (1, -1)),
        ("R-MP2", box(100), (0, 0)),
        ("R-MP3", box(200), (1, 0)),
        ("R-MP4", box(300), (0, 1)),
        ("R-MP5", box(400), (0, 1)),
    )
    outcome = match(
        hand,
        found(
            (box(0), 0.99, (0.9, 0.9)),  # subluxation is not judged here, whatever is said
            (box(100), 0.99, (0.9, 0.5)),  # as likely as not is not present
            (box(400), 0.99, (0.1, 0.9)),
            (box(700), 0.99, (0.1, 0.9)),  # no joint
        ),
    )
    assert finding_counts([outcome], "ankylosis") == FindingCounts(
        1, 1, 1, 1, missed_present=1, missed_absent=1, false_box_present=0, iou_sum=3.0
    )
    assert finding_counts([outcome], "subluxation") == FindingCounts(
        1, 0, 1, 1, missed_present=1, missed_absent=1, false_box_present=1, iou_sum=2.0
    )
    assert detection_counts([outcome]) == DetectionCounts(1, 5, 3, 1, 3.0)
    assert detection_by_joint([outcome])["R-MP3"] == (0, 1)
    assert detection_counts([match(hand.judged("subluxation"), outcome.found)]).joints == 4
    said = answers([outcome], "subluxation")
    assert said.chance.tolist() == [0.5, pytest.approx(0.9)]
    assert said.present.tolist() == [False, True]


def test_a_box_the_finding_s_detector_did_not_see_counts_as_absent() -> None:
    joint = truth(("R-MP2", box(0), (1, 1)))
    alone = Found.by_ensemble(combine(select(of((box(0), (0.02, 0.0, 0.98))), top=20), NONE))
    assert finding_counts([match(joint, alone)], "ankylosis").true_positive == 1
    missed = finding_counts([match(joint, alone)], "subluxation")
    assert (missed.false_negative, missed.missed_present) == (1, 0)


def test_one_detector_alone_can_be_scored() -> None:
    joint = truth(("R-MP2", box(0), (0, 1)))
    alone = Found.by_detector(of((box(0), (0.02, 0.0, 0.98)), (box(50), absent(0.95))), "subluxation")
    outcome = match(joint, alone)
    assert finding_counts([outcome], "subluxation").true_positive == 1
    assert finding_counts([outcome], "ankylosis").true_negative == 1
    assert detection_counts([outcome]).false_boxes == 1


@pytest.mark.parametrize("labels", [[(0, 2)], [(0, -2)], [(0, 0), (0, 0)], [(0,)]])
def test_truth_of_another_kind_is_refused(labels: list[tuple[int, ...]]) -> None:
    with pytest.raises(ValueError, match="label"):
        Truth(("R-MP2",), np.array([box(0)]), np.array(labels, np.int8))


# --- scores -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "published"),
    [
        (TABLE_2, {"accuracy": 0.99, "precision": 0.81, "recall": 0.78, "specificity": 0.99, "f": 0.78}),
        (TABLE_3, {"accuracy": 0.99, "precision": 0.98, "recall": 0.81, "specificity": 0.99, "f": 0.88}),
    ],
)
def test_the_paper_s_tables_give_the_paper_s_averages(
    table: list[tuple[int, int, int, int]], published: dict[str, float]
) -> None:
    averages = average([FindingCounts(*row).scores() for row in table])
    for name, value in published.items():
        mean = averages[name].mean
        assert mean is not None
        assert abs(mean - value) < 0.01  # the paper cuts 0.998 to 0.99
    assert averages["f"].defined == 5


def test_the_paper_s_tables_hold_every_joint_but_the_one_missed() -> None:
    """The ground of the reading in detector.metrics."""
    for table, joints, findings in ((TABLE_2, 5 * 50 * 18, 60), (TABLE_3, 5 * 50 * 20, 157)):
        total = sum((FindingCounts(*row) for row in table), FindingCounts())
        called = total.true_positive + total.false_negative
        assert called == findings
        assert called + total.true_negative + total.false_positive == joints - 1


def test_nothing_divided_by_nothing_is_undefined() -> None:
    assert asdict(FindingCounts().scores()) == dict.fromkeys(asdict(FindingCounts().scores()))
    assert asdict(DetectionCounts().scores()) == dict.fromkeys(asdict(DetectionCounts().scores()))
    healthy = FindingCounts(true_negative=5, iou_sum=4.0).scores()
    assert healthy == FindingScores(1.0, None, None, 1.0, None, 0.8)
    unseen = FindingCounts(true_negative=5, false_negative=2, missed_present=2, iou_sum=4.0).scores()
    assert unseen == FindingScores(5 / 7, None, 0.0, 1.0, 0.0, 0.8)
    assert DetectionCounts(images=2).scores().false_boxes_an_image == 0.0


def test_averages_leave_undefined_folds_out_and_say_so() -> None:
    folds = [FindingCounts(*row).scores() for row in ((1, 0, 5, 1), (0, 0, 5, 0), (1, 1, 5, 0))]
    averages = average(folds)
    assert averages["recall"].mean == 0.75
    assert (averages["recall"].defined, averages["recall"].undefined) == (2, 1)
    assert averages["mean_iou"].mean == 0.0
    assert average([FindingCounts().scores()] * 2)["f"].mean is None
    assert average([FindingCounts().scores()] * 2)["f"].undefined == 2
    assert average([]) == {}


# --- intervals --------------------------------------------------------------------------------------------


def test_visits_of_a_patient_stay_together() -> None:
    counts = [DetectionCounts(1, 20, hits) for hits in (20, 19, 18)]
    assert by_patient(["a", "b", "a"], counts) == [DetectionCounts(2, 40, 38), DetectionCounts(1, 20, 19)]
    with pytest.raises(ValueError, match="zip"):
        by_patient(["a"], counts)


def test_intervals_are_those_of_a_slow_bootstrap() -> None:
    rng = np.random.default_rng(5)
    patients = [DetectionCounts(2, 40, int(n), 3, 0.9 * n) for n in rng.integers(30, 41, 25)]
    result = intervals(patients, np.random.default_rng(1), rounds=4000)["rate"]
    slow = []
    for _ in range(4000):
        drawn = [patients[i] for i in rng.integers(25, size=25)]
        slow.append(sum(p.detected for p in drawn) / sum(p.joints for p in drawn))
    assert result.value == pytest.approx(sum(p.detected for p in patients) / 1000)
    assert (result.low, result.high) == pytest.approx(tuple(np.quantile(slow, [0.025, 0.975])), abs=0.003)
    assert (result.rounds, result.undefined) == (4000, 0)


def test_the_same_seed_gives_the_same_interval_and_a_wider_level_a_wider_one() -> None:
    patients = [FindingCounts(n % 3, n % 2, 30, n % 4, iou_sum=20.0) for n in range(20)]
    first, again = (intervals(patients, np.random.default_rng(7), rounds=300) for _ in range(2))
    assert first == again
    narrow = intervals(patients, np.random.default_rng(7), rounds=300, level=0.5)["f"]
    wide = first["f"]
    assert wide.low is not None
    assert narrow.low is not None
    assert wide.low < narrow.low < narrow.high < wide.high  # type: ignore[operator]


def test_undefined_drawings_are_left_out_and_counted() -> None:
    """One patient of three has the finding: in (2/3)^3 of the drawings there is nothing to recall."""
    patients = [
        FindingCounts(true_positive=1),
        FindingCounts(true_negative=1),
        FindingCounts(true_negative=1),
    ]
    result = intervals(patients, np.random.default_rng(0), rounds=3000)
    recall = result["recall"]
    assert (recall.value, recall.low, recall.high) == (1.0, 1.0, 1.0)
    assert recall.undefined / 3000 == pytest.approx(8 / 27, abs=0.04)
    never = intervals([FindingCounts(true_negative=1)], np.random.default_rng(0), rounds=10)["recall"]
    assert (never.value, never.low, never.high, never.undefined) == (None, None, None, 10)
    assert intervals([], np.random.default_rng(0)) == {}


@pytest.mark.parametrize(("rounds", "level"), [(0, 0.95), (10, 0.0), (10, 1.0), (10, float("nan"))])
def test_intervals_of_no_meaning_are_refused(rounds: int, level: float) -> None:
    with pytest.raises(ValueError, match="level"):
        intervals([DetectionCounts(1, 20, 20)], np.random.default_rng(0), rounds=rounds, level=level)
