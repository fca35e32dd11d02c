"""What a version says of an image, box by box and right or wrong, for people to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.classes import FINDINGS
from detector.evaluate import ImageResult
from detector.measuring.cases import CaseKind, Corners, corners, present
from detector.metrics import chances


@dataclass(frozen=True)
class TrueJoint:
    """present: the findings that are there."""

    joint: str
    box: Corners
    present: tuple[str, ...]


@dataclass(frozen=True)
class SaidBox:
    """joint: the one that it found, None for a false box and for one on an ignored place. called: findings
    that it is said to show. wrong: what is wrong with it, as the kind of a case, with the finding where it is
    about one."""

    box: Corners
    confidence: float
    joint: str | None
    called: tuple[str, ...]
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class Sight:
    """missed: joints that no box found."""

    found: tuple[SaidBox, ...]
    missed: tuple[str, ...]


def truth(result: ImageResult) -> tuple[TrueJoint, ...]:
    labelled = result.ensemble.truth
    return tuple(
        TrueJoint(name, corners(labelled.boxes[joint]), present(labelled, joint))
        for joint, name in enumerate(labelled.names)
    )


def sight(result: ImageResult) -> Sight:
    """Of the ensemble."""
    outcome = result.ensemble
    joint_of = {int(place): joint for joint, place in enumerate(outcome.box_of.tolist()) if place >= 0}
    false = {*outcome.false_boxes.tolist()}
    calls = {finding: chances(outcome.found, finding) > 0.5 for finding in FINDINGS}
    found = [
        SaidBox(
            corners(outcome.found.boxes[place]),
            float(outcome.found.confidence[place]),
            None if (joint := joint_of.get(place)) is None else outcome.truth.names[joint],
            tuple(finding for finding in FINDINGS if calls[finding][place]),
            (CaseKind.FALSE_BOX.value,) if place in false else wrong(result, joint, place, calls),
        )
        for place in range(len(outcome.found.boxes))
    ]
    missed = (outcome.truth.names[joint] for joint in np.flatnonzero(~outcome.detected).tolist())
    return Sight(tuple(found), tuple(missed))


def wrong(
    result: ImageResult, joint: int | None, place: int, calls: Mapping[str, NDArray[np.bool_]]
) -> tuple[str, ...]:
    """Findings told for nothing, and those not told, of a joint's box."""
    if joint is None:
        return ()
    labels = result.ensemble.truth.labels[joint]
    mistakes = []
    for finding, label in zip(FINDINGS, labels.tolist(), strict=True):
        called = bool(calls[finding][place])
        if label >= 0 and called != bool(label):
            kind = CaseKind.FALSE_POSITIVE if called else CaseKind.FALSE_NEGATIVE
            mistakes.append(f"{finding} {kind}")
    return tuple(mistakes)
