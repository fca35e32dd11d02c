"""How well joints are detected and findings classified (paper, Evaluation; Tables 1 to 3).
 Counts of images add up, to folds, to patients or to everything; every score is a fraction of two sums of
counts. A fraction of nothing (0/0) is None, undefined, and never 0 or 1.
 **How the paper counts.** Its Tables 2 and 3 sum to 4499 and 4999 joints over five folds of 50 images, where
18 and 20 joints an image would be 4500 and 5000. They hold all 60 and all 157 joints with the finding, and
Table 1 has one missed joint in 5000 (99.98 %). So the tables hold the joints *which the ensemble detected*:
one missed joint, which carried neither finding, is in none; boxes that are no joint's are in none either; and
the thumb IP is not in Table 2 (18 of 20). What a missed joint *with* a finding would count as, the paper
leaves open, having none.

**The reading taken here**, which agrees with every total of the paper:

- a detected joint on which the finding is judged counts once, by the label of its box: present where the
  probability of present is larger than that of absent. A box that the finding's own detector did not see
  counts as absent (c_neg of Algorithm 1), so a finding there is a false negative;
- a missed joint with the finding is a false negative (and counted apart, in missed_present): nobody is told
  of it;
- a missed joint without the finding is left out (missed_absent): to call it a true negative would reward a
  miss. The detection rate accounts for it;
- boxes that are no joint's are in the false boxes of the detection, and those called present in
  false_box_present;
- mean IoU is over the detected joints on which the finding is judged.
 The averages of the text are means of the folds' scores, not scores of the summed counts (Table 2's F of
0.78).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from detector.boxes import Doubles
from detector.classes import ABSENT, FINDINGS, PRESENT
from detector.measuring.matching import Found, Outcome

Fractions = Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class DetectionScores:
    """rate: share of the joints detected, 0 to 1 (Table 1 has it in %). mean_iou: of the detected joints."""

    rate: float | None
    false_boxes_an_image: float | None
    mean_iou: float | None


@dataclass(frozen=True)
class FindingScores:
    """Of one finding, 0 to 1 (paper, Classification performance)."""

    accuracy: float | None
    precision: float | None
    recall: float | None
    specificity: float | None
    f: float | None
    mean_iou: float | None


@dataclass(frozen=True)
class DetectionCounts:
    """Detection of the joints of some images; iou_sum is over the detected ones."""

    images: int = 0
    joints: int = 0
    detected: int = 0
    false_boxes: int = 0
    iou_sum: float = 0.0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def fractions(self) -> Fractions:
        """Numerator and denominator of each score."""
        return {
            "rate": (self.detected, self.joints),
            "false_boxes_an_image": (self.false_boxes, self.images),
            "mean_iou": (self.iou_sum, self.detected),
        }

    def scores(self) -> DetectionScores:
        return DetectionScores(**{name: share(*parts) for name, parts in self.fractions().items()})


@dataclass(frozen=True)
class FindingCounts:
    """One finding on the joints of some images, counted as the module says.

    missed_present is part of false_negative; missed_absent and false_box_present are in none of the first
    four.
    """

    true_positive: int = 0
    false_positive: int = 0
    true_negative: int = 0
    false_negative: int = 0
    missed_present: int = 0
    missed_absent: int = 0
    false_box_present: int = 0
    iou_sum: float = 0.0

    def __add__(self, other: Self) -> Self:
        return type(self)(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def fractions(self) -> Fractions:
        """Numerator and denominator of each score.

        F is 2 TP / (2 TP + FP + FN): the harmonic mean of precision and recall wherever both are defined and
        not both 0, 0 where there was something to find or something called and no hit, undefined only without
        either.
        """
        tp, fp, tn, fn = self.true_positive, self.false_positive, self.true_negative, self.false_negative
        return {
            "accuracy": (tp + tn, tp + fp + tn + fn),
            "precision": (tp, tp + fp),
            "recall": (tp, tp + fn),
            "specificity": (tn, tn + fp),
            "f": (2 * tp, 2 * tp + fp + fn),
            "mean_iou": (self.iou_sum, tp + fp + tn + fn - self.missed_present),
        }

    def scores(self) -> FindingScores:
        return FindingScores(**{name: share(*parts) for name, parts in self.fractions().items()})


def share(part: float, whole: float) -> float | None:
    """part / whole, None where there is no whole."""
    return part / whole if whole else None


@dataclass(frozen=True, eq=False)
class Answers:
    """One finding on the detected joints it is judged on, n of them, and on the missed ones.

    chance: float64 [n], `chances` of the joint's box. present: bool [n], the truth. iou: float64 [n].
    """

    chance: Doubles
    present: NDArray[np.bool_]
    iou: Doubles
    missed_present: int
    missed_absent: int


def chances(found: Found, finding: str) -> Doubles:
    """present / (present + absent) of each box, float64 [K]: above 0.5 it is called present.

    How likely the finding is in what is a joint, so background is left out of it; 0 where both are 0.
    """
    said = found.probabilities[:, FINDINGS.index(finding)].astype(np.float64)
    present, either = said[:, PRESENT], said[:, PRESENT] + said[:, ABSENT]
    return np.divide(present, either, out=np.zeros_like(present), where=either > 0)


def answers(outcomes: Iterable[Outcome], finding: str) -> Answers:
    """What `finding_counts` counts, joint by joint, for curves.py and galleries."""
    chance, present, iou = [np.zeros(0)], [np.zeros(0, bool)], [np.zeros(0)]
    missed = {1: 0, 0: 0}
    for outcome in outcomes:
        label = outcome.truth.labels[:, FINDINGS.index(finding)]
        seen = outcome.detected & (label >= 0)
        chance.append(chances(outcome.found, finding)[outcome.box_of[seen]])
        present.append(label[seen] == 1)
        iou.append(outcome.iou[seen])
        for value in missed:
            missed[value] += int((~outcome.detected & (label == value)).sum())
    return Answers(np.concatenate(chance), np.concatenate(present), np.concatenate(iou), missed[1], missed[0])


def detection_counts(outcomes: Iterable[Outcome]) -> DetectionCounts:
    """For Table 1. A single detector's outcomes come from `Truth.judged`: 18 joints for subluxation."""
    total = DetectionCounts()
    for outcome in outcomes:
        hits = int(outcome.detected.sum())
        iou = float(np.nansum(outcome.iou))
        total += DetectionCounts(1, len(outcome.truth.names), hits, len(outcome.false_boxes), iou)
    return total


def finding_counts(outcomes: Sequence[Outcome], finding: str) -> FindingCounts:
    """For Tables 2 and 3; the module says what is counted as what."""
    said = answers(outcomes, finding)
    called = said.chance > 0.5
    return FindingCounts(
        true_positive=int((called & said.present).sum()),
        false_positive=int((called & ~said.present).sum()),
        true_negative=int((~called & ~said.present).sum()),
        false_negative=int((~called & said.present).sum()) + said.missed_present,
        missed_present=said.missed_present,
        missed_absent=said.missed_absent,
        false_box_present=sum(
            int((chances(outcome.found, finding)[outcome.false_boxes] > 0.5).sum()) for outcome in outcomes
        ),
        iou_sum=float(said.iou.sum()),
    )


def detection_by_joint(outcomes: Iterable[Outcome]) -> dict[str, tuple[int, int]]:
    """For each joint's name, in order of appearance: how often it was detected, and how often annotated."""
    result: dict[str, tuple[int, int]] = {}
    for outcome in outcomes:
        for name, hit in zip(outcome.truth.names, outcome.detected.tolist(), strict=True):
            detected, there = result.get(name, (0, 0))
            result[name] = detected + hit, there + 1
    return result


@dataclass(frozen=True)
class Average:
    """mean: over the folds in which the score is defined, None where it is in none; and how many folds those
    are."""

    mean: float | None
    defined: int
    undefined: int


def average(folds: Sequence[DetectionScores] | Sequence[FindingScores]) -> dict[str, Average]:
    """Each score averaged over folds, every fold alike, as in the paper's text, without undefined ones."""
    result = {}
    for name in asdict(folds[0]) if folds else ():
        values = [value for fold in folds if (value := getattr(fold, name)) is not None]
        mean = share(sum(values), len(values))
        result[name] = Average(mean, len(values), len(folds) - len(values))
    return result
