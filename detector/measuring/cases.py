"""What the ensemble got wrong, one by one, for people to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from detector.boxes import overlaps
from detector.classes import FINDINGS
from detector.evaluate import ImageResult
from detector.measuring.matching import Truth
from detector.metrics import chances

Corners = tuple[float, float, float, float]
Chances = tuple[float, float, float]


class CaseKind(StrEnum):
    MISSED = "missed joint"
    FALSE_BOX = "false box"
    FALSE_NEGATIVE = "false negative"
    FALSE_POSITIVE = "false positive"


@dataclass(frozen=True)
class FoundBox:
    """A box of the ensemble. said: finding -> background, absent, present."""

    box: Corners
    confidence: float
    said: dict[str, Chances]
    seen_by: str


@dataclass(frozen=True)
class Case:
    """One miss or false alarm of the ensemble.

    part: of the evaluation. file, patient: of the image. finding: of a false negative or a false positive.
    joint: the joint that is missed or wrongly told; of a false box the one it overlaps most, None where it
    touches none. truth_box: of that joint. present: the findings that are there. found: the joint's box or
    the false one; of a missed joint the box that overlaps it most, None where none does. iou: of the two
    boxes, None where one is missing.
    """

    part: str
    file: str
    patient: str
    kind: CaseKind
    finding: str | None
    joint: str | None
    truth_box: Corners | None
    present: tuple[str, ...]
    found: FoundBox | None
    iou: float | None


def cases(part: str, result: ImageResult) -> Iterator[Case]:
    """Every missed joint, then every false box, then every finding not told or told for nothing.

    A missed joint with a finding is one case, not two (it counts as a false negative as well); so is a false
    box that is called present.
    """
    outcome = result.ensemble
    fit = overlaps(outcome.truth.boxes, outcome.found.boxes)
    for joint in np.flatnonzero(~outcome.detected).tolist():
        nearest = best(fit[joint])
        yield case(part, result, CaseKind.MISSED, None, joint, nearest, fit)
    for place in outcome.false_boxes.tolist():
        yield case(part, result, CaseKind.FALSE_BOX, None, best(fit[:, place]), place, fit)
    for index, finding in enumerate(FINDINGS):
        called = chances(outcome.found, finding) > 0.5
        for joint in np.flatnonzero(outcome.detected & (outcome.truth.labels[:, index] >= 0)).tolist():
            place = int(outcome.box_of[joint])
            if called[place] != bool(outcome.truth.labels[joint, index]):
                kind = CaseKind.FALSE_POSITIVE if called[place] else CaseKind.FALSE_NEGATIVE
                yield case(part, result, kind, finding, joint, place, fit)


def best(shares: np.ndarray[tuple[int], np.dtype[np.float64]]) -> int | None:
    """Where the largest overlap is, None where all are nothing."""
    return int(shares.argmax()) if shares.size and shares.max() > 0 else None


def case(
    part: str,
    result: ImageResult,
    kind: CaseKind,
    finding: str | None,
    joint: int | None,
    place: int | None,
    fit: np.ndarray[tuple[int, int], np.dtype[np.float64]],
) -> Case:
    truth = result.ensemble.truth
    return Case(
        part=part,
        file=result.image.file,
        patient=result.image.patient,
        kind=kind,
        finding=finding,
        joint=None if joint is None else truth.names[joint],
        truth_box=None if joint is None else corners(truth.boxes[joint]),
        present=() if joint is None else present(truth, joint),
        found=None if place is None else found_box(result, place),
        iou=None if joint is None or place is None else float(fit[joint, place]),
    )


def present(truth: Truth, joint: int) -> tuple[str, ...]:
    return tuple(finding for finding, label in zip(FINDINGS, truth.labels[joint], strict=True) if label == 1)


def found_box(result: ImageResult, place: int) -> FoundBox:
    said = result.ensemble.found.probabilities[place]
    return FoundBox(
        corners(result.detections.boxes[place]),
        float(result.detections.confidence[place]),
        {finding: (float(a), float(b), float(c)) for finding, (a, b, c) in zip(FINDINGS, said, strict=True)},
        str(result.detections.seen_by[place]),
    )


def corners(box: np.ndarray[tuple[int], np.dtype[np.floating]]) -> Corners:
    x0, y0, x1, y1 = (float(value) for value in box)
    return x0, y0, x1, y1
