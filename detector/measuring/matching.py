"""Which joints of an image were found (paper, Evaluation).

Boxes are float [N, 4], x0 y0 x1 y1, in pixels of the full image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.boxes import Doubles, Floats, overlaps
from detector.classes import FINDINGS, NOT_SEEN, T_IOU2
from detector.ensemble import Candidates, Detections, descending


@dataclass(frozen=True, eq=False)
class Truth:
    """The joints of one image as people annotated them, or as they were drawn.

    names: J of them, such as "R-PIP3". boxes: float [J, 4]. labels: int8 [J, 2], in the order of
    classes.FINDINGS, 1 present, 0 absent, -1 not judged or not assessed. Raises ValueError for other
    shapes or labels.
    """

    names: tuple[str, ...]
    boxes: NDArray[np.floating]
    labels: NDArray[np.int8]

    def __post_init__(self) -> None:
        count = len(self.names)
        if self.boxes.shape != (count, 4) or self.labels.shape != (count, len(FINDINGS)):
            raise ValueError(f"{count} joints, boxes {self.boxes.shape}, labels {self.labels.shape}")
        if not np.isin(self.labels, (-1, 0, 1)).all():
            raise ValueError("a label is 1 present, 0 absent or -1 not judged")

    def judged(self, finding: str) -> Truth:
        """Only the joints this finding is judged on: what its detector alone is to find (18 of 20 joints)."""
        kept = np.flatnonzero(self.labels[:, FINDINGS.index(finding)] >= 0)
        return Truth(tuple(self.names[i] for i in kept), self.boxes[kept], self.labels[kept])


@dataclass(frozen=True, eq=False)
class Found:
    """What was found on one image: boxes float32 [K, 4], confidence float32 [K], probabilities float32 [K, 2,
    3].

    The middle axis of the probabilities is classes.FINDINGS, the last classes.CLASSES.
    """

    boxes: Floats
    confidence: Floats
    probabilities: Floats

    @classmethod
    def by_ensemble(cls, detections: Detections) -> Found:
        both = np.stack([detections.first, detections.second], axis=1)
        return cls(detections.boxes, detections.confidence, both)

    @classmethod
    def by_detector(cls, candidates: Candidates, finding: str) -> Found:
        """What one detector found alone; of the other finding it says c_neg, as in Algorithm 1."""
        both = np.tile(np.array(NOT_SEEN, np.float32), (len(candidates), len(FINDINGS), 1))
        both[:, FINDINGS.index(finding)] = candidates.probabilities
        return cls(candidates.boxes, candidates.confidence, both)


@dataclass(frozen=True, eq=False)
class Outcome:
    """Truth and finds of one image, paired.

    box_of: int [J], the place in `found` of each joint's box, -1 for a missed joint. iou: float64 [J],
    between a joint and its box, NaN for a missed joint.
    """

    truth: Truth
    found: Found
    box_of: NDArray[np.intp]
    iou: Doubles

    @property
    def detected(self) -> NDArray[np.bool_]:
        """bool [J]."""
        return self.box_of >= 0

    @property
    def false_boxes(self) -> NDArray[np.intp]:
        """Places in `found` of the boxes that are no joint's."""
        return np.setdiff1d(np.arange(len(self.found.boxes)), self.box_of)


def match(truth: Truth, found: Found, *, t_iou: float = T_IOU2) -> Outcome:
    """Pairs joints with boxes, one to one: a joint is detected by an IoU above t_iou (paper, Evaluation:
    "above 0.45").

    The paper does not say which box counts where several fit. Here the boxes are taken by confidence (of
    equally confident ones the earlier first), and each takes the joint not yet taken that it overlaps most
    (of equal ones the earlier). A second box on a joint is a false box; boxes of no area or with corners that
    are not finite too.
    """
    fit = overlaps(truth.boxes, found.boxes)
    box_of = np.full(len(truth.names), -1, dtype=np.intp)
    iou = np.full(len(truth.names), np.nan)
    for place in descending(found.confidence):
        fitting = np.where(box_of < 0, fit[:, place], 0.0)
        joint = int(fitting.argmax()) if fitting.size else -1
        if joint >= 0 and fitting[joint] > t_iou:
            box_of[joint], iou[joint] = place, fitting[joint]
    return Outcome(truth, found, box_of, iou)
