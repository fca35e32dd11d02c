"""The figures of an evaluation: Tables 1 to 3 of the paper with intervals, curves, rates of each joint, and
what went wrong.

An evaluation has parts: the folds of a cross-validation, or the one part that a version was measured on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import add
from typing import Generic

import numpy as np

from detector.classes import FINDINGS
from detector.errors import DetectorError
from detector.evaluate import ImageResult
from detector.measuring.cases import Case, cases
from detector.measuring.comparison import Difference, against_alone
from detector.measuring.curves import (
    Calibration,
    Histogram,
    PrecisionRecall,
    Roc,
    calibration,
    iou_histogram,
    precision_recall,
    roc,
)
from detector.measuring.intervals import Counts, Interval, by_patient, intervals
from detector.measuring.matching import Outcome
from detector.metrics import (
    Average,
    DetectionCounts,
    FindingCounts,
    answers,
    average,
    detection_by_joint,
    detection_counts,
    finding_counts,
)
from detector.release.values import JOINTS

ENSEMBLE = "ensemble"
SEED, ROUNDS = 0, 2000

Parts = Mapping[str, Sequence[ImageResult]]


@dataclass(frozen=True)
class Tally(Generic[Counts]):
    """Counts of something in each part, in the order of the parts, and in all of them together.

    average: each score's mean over the parts, as in the paper's text. intervals: each score of all parts
    together with its 95 % interval by bootstrap over patients.
    """

    parts: tuple[Counts, ...]
    total: Counts
    average: Mapping[str, Average]
    intervals: Mapping[str, Interval]


@dataclass(frozen=True, eq=False)
class Curves:
    """Of one finding in all parts together, as the ensemble tells it."""

    precision_recall: PrecisionRecall
    roc: Roc
    calibration: Calibration


@dataclass(frozen=True, eq=False)
class Evaluation:
    """All figures of a scan.

    parts: their names. patients, images: how many. detection: "ankylosis" and "subluxation", each detector
    alone, and "ensemble" (Table 1). findings: as the ensemble tells them (Table 3 and Table 2). alone: as
    each detector tells its own finding by itself. by_joint: joint -> detected by the ensemble, labelled.
    seconds: median of the scans.
    """

    parts: tuple[str, ...]
    patients: int
    images: int
    detection: Mapping[str, Tally[DetectionCounts]]
    findings: Mapping[str, Tally[FindingCounts]]
    alone: Mapping[str, Tally[FindingCounts]]
    against_alone: tuple[Difference, ...]
    curves: Mapping[str, Curves]
    iou: Histogram
    by_joint: Mapping[str, tuple[int, int]]
    cases: tuple[Case, ...]
    seconds: float
    incomplete: int
    """Images on which fewer than the twenty joints are labelled or ignored: boxes on the others count as
    false."""
    ignored: int = 0
    """Ignored places, on which a box is neither found nor false."""


def score(parts: Parts, *, rounds: int = ROUNDS) -> Evaluation:
    """All figures of these parts; the same at every call.

    Raises DetectorError where there is no image.
    """
    images = [one for part in parts.values() for one in part]
    if not images:
        raise DetectorError("There is no image to measure on.", "Choose another part of the release.")
    outcomes = [one.ensemble for one in images]
    by_joint = detection_by_joint(outcomes)
    detection = {
        finding: tally(parts, partial(alone_of, finding), detection_counts, rounds) for finding in FINDINGS
    }
    detection[ENSEMBLE] = tally(parts, ensemble_of, detection_counts, rounds)
    counting = {finding: partial(finding_counts, finding=finding) for finding in FINDINGS}
    return Evaluation(
        parts=tuple(parts),
        patients=len({one.image.patient for one in images}),
        images=len(images),
        detection=detection,
        findings={name: tally(parts, ensemble_of, count, rounds) for name, count in counting.items()},
        alone={
            name: tally(parts, partial(alone_of, name), count, rounds) for name, count in counting.items()
        },
        against_alone=against_alone(images, rounds=rounds),
        curves={finding: curves(outcomes, finding) for finding in FINDINGS},
        iou=iou_histogram(np.concatenate([one.iou for one in outcomes])),
        by_joint={name: by_joint[name] for name in JOINTS if name in by_joint},
        cases=tuple(case for name, part in parts.items() for one in part for case in cases(name, one)),
        seconds=float(np.median([one.seconds for one in images])),
        incomplete=sum(len(one.image.joints) + len(one.image.ignored) < len(JOINTS) for one in images),
        ignored=sum(len(one.image.ignored) for one in images),
    )


def ensemble_of(one: ImageResult) -> Outcome:
    return one.ensemble


def alone_of(finding: str, one: ImageResult) -> Outcome:
    return one.alone[finding]


def tally(
    parts: Parts,
    pick: Callable[[ImageResult], Outcome],
    count: Callable[[Sequence[Outcome]], Counts],
    rounds: int,
) -> Tally[Counts]:
    """Counts what is picked from each image."""
    counts = {name: [count([pick(one)]) for one in part] for name, part in parts.items()}
    of_parts = tuple(reduce(add, each, count([])) for each in counts.values())
    patients = by_patient(
        [one.image.patient for part in parts.values() for one in part],
        [one for each in counts.values() for one in each],
    )
    return Tally(
        of_parts,
        reduce(add, of_parts, count([])),
        average([one.scores() for one in of_parts]),
        intervals(patients, np.random.default_rng(SEED), rounds=rounds),
    )


def curves(outcomes: Sequence[Outcome], finding: str) -> Curves:
    said = answers(outcomes, finding)
    return Curves(
        precision_recall(said.chance, said.present, missed=said.missed_present),
        roc(said.chance, said.present, missed=said.missed_present),
        calibration(said.chance, said.present),
    )
