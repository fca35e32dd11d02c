"""Which joints of an image were found (paper, Evaluation).

Boxes are float [N, 4], x0 y0 x1 y1, in pixels of the full image.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from detector.boxes import Doubles, Floats, overlaps
from detector.classes import FINDINGS, NOT_SEEN, T_IOU2, judged
from detector.ensemble import Candidates, Detections, descending


@dataclass(frozen=True, eq=False)
class Truth:
    """The joints of one image as people annotated them, or as they were drawn.

    names: J of them, such as "R-PIP3". boxes: float [J, 4]. labels: int8 [J, 2], in the order of
    classes.FINDINGS, 1 present, 0 absent, -1 not judged or not assessed. ignored: float [I, 4], places where
    a joint is of which nothing is said. Raises ValueError for other shapes or labels.
    """

    names: tuple[str, ...]
    boxes: NDArray[np.floating]
    labels: NDArray[np.int8]
    ignored: NDArray[np.floating] = field(default_factory=lambda: np.zeros((0, 4)))

    def __post_init__(self) -> None:
        count = len(self.names)
        if self.boxes.shape != (count, 4) or self.labels.shape != (count, len(FINDINGS)):
            raise ValueError(f"{count} joints, boxes {self.boxes.shape}, labels {self.labels.shape}")
        if self.ignored.ndim != 2 or self.ignored.shape[1] != 4:
            raise ValueError(f"boxes of ignored places: {self.ignored.shape}")
        if not np.isin(self.labels, (-1, 0, 1)).all():
            raise ValueError("a label is 1 present, 0 absent or -1 not judged")

    def judged(self, finding: str) -> Truth:
        """Only the joints this finding is judged on: what its detector alone is to find (18 of 20 joints).

        Those that it could be judged on, and was not, are among the ignored places.
        """
        said = self.labels[:, FINDINGS.index(finding)] >= 0
        kept = np.flatnonzero(said)
        unassessed = ~said & np.array([judged(name, finding) for name in self.names], bool)
        ignored = np.concatenate([self.boxes[unassessed], self.ignored])
        return Truth(tuple(self.names[i] for i in kept), self.boxes[kept], self.labels[kept], ignored)


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
    between a joint and its box, NaN for a missed joint. left_out: int [L], places in `found` of the boxes on
    ignored places, which are no joint's and not false either.
    """

    truth: Truth
    found: Found
    box_of: NDArray[np.intp]
    iou: Doubles
    left_out: NDArray[np.intp]

    @property
    def detected(self) -> NDArray[np.bool_]:
        """bool [J]."""
        return self.box_of >= 0

    @property
    def false_boxes(self) -> NDArray[np.intp]:
        """Places in `found` of the boxes that are no joint's and not left out."""
        taken = np.concatenate([self.box_of, self.left_out])
        return np.setdiff1d(np.arange(len(self.found.boxes)), taken)


def match(truth: Truth, found: Found, *, t_iou: float = T_IOU2) -> Outcome:
    """Pairs joints with boxes, one to one: a joint is detected by an IoU above t_iou (paper, Evaluation:
    "above 0.45").

    The paper does not say which box counts where several fit. Here the boxes are taken by confidence (of
    equally confident ones the earlier first), and each takes the joint not yet taken that it overlaps most
    (of equal ones the earlier). A second box on a joint is a false box; boxes of no area or with corners that
    are not finite too.

    Boxes that are no joint's take ignored places in the same way, one box each, and are left out.
    """
    order = descending(found.confidence)
    box_of, iou = paired(overlaps(truth.boxes, found.boxes), order, t_iou)
    rest = order[~np.isin(order, box_of)]
    on_ignored, _ = paired(overlaps(truth.ignored, found.boxes), rest, t_iou)
    return Outcome(truth, found, box_of, iou, np.sort(on_ignored[on_ignored >= 0]))


def paired(fit: Doubles, order: NDArray[np.intp], t_iou: float) -> tuple[NDArray[np.intp], Doubles]:
    """fit: overlap of J places with K boxes, [J, K]. order: the boxes that may take one, in their turn. The
    box of each place, int [J], -1 for none, and their overlap, NaN for none."""
    box_of = np.full(len(fit), -1, dtype=np.intp)
    iou = np.full(len(fit), np.nan)
    for box in order:
        fitting = np.where(box_of < 0, fit[:, box], 0.0)
        place = int(fitting.argmax()) if fitting.size else -1
        if place >= 0 and fitting[place] > t_iou:
            box_of[place], iou[place] = box, fitting[place]
    return box_of, iou
