"""Scans made from the truth of a release: perfect ones, and ones that err in a stated way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.classes import FINDINGS, judged
from detector.dataset import Release, ReleaseImage
from detector.ensemble import Candidates, Detections, combine
from detector.measuring.scan_records import Scan
from detector.measuring.truth import truth_of

Boxes = NDArray[np.float32]


@dataclass(frozen=True)
class Errors:
    """shift: pixels by which every box is moved, right and down. missed: joints that no detector finds, or
    only one of them (finding -> joints). wrong: joints whose finding is told the wrong way round (finding ->
    joints). extra: boxes of both detectors where no joint is."""

    shift: float = 0.0
    missed: Mapping[str, frozenset[str]] | None = None
    wrong: Mapping[str, frozenset[str]] | None = None
    extra: tuple[tuple[float, float, float, float], ...] = ()
    confidence: float = 0.99


PERFECT = Errors()


def scan_of(release: Release, errors: Callable[[ReleaseImage], Errors] = lambda _: PERFECT) -> Scan:
    """A scan that knows each image of the release by its pixels."""
    known = {release.pixels(image).tobytes(): image for image in release.images}

    def scan(pixels: NDArray[np.uint16]) -> tuple[Detections, Mapping[str, Candidates]]:
        image = known[pixels.tobytes()]
        alone = {finding: said(image, finding, errors(image)) for finding in FINDINGS}
        return combine(alone["ankylosis"], alone["subluxation"]), alone

    return scan


def said(image: ReleaseImage, finding: str, errors: Errors) -> Candidates:
    """What one detector says: of every joint that its finding is judged on, but for its errors."""
    truth, place = truth_of(image), FINDINGS.index(finding)
    boxes: list[list[float]] = []
    chances: list[tuple[float, float, float]] = []
    for name, box, label in zip(truth.names, truth.boxes.tolist(), truth.labels[:, place], strict=True):
        if not judged(name, finding) or name in (errors.missed or {}).get(finding, ()):
            continue
        present = (label == 1) != (name in (errors.wrong or {}).get(finding, ()))
        sure = errors.confidence
        boxes.append([value + errors.shift for value in box])
        chances.append((0.004, 0.996 - sure, sure) if present else (0.004, sure, 0.996 - sure))
    boxes += [list(box) for box in errors.extra]
    chances += [(0.05, 0.93, 0.02)] * len(errors.extra)
    return Candidates(np.array(boxes, np.float32), np.array(chances, np.float32))
