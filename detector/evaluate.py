"""Runs a scan over images of a release and pairs what it finds with what is there (paper, Evaluation).

`evaluate` gives an ImageResult for each image; `scoring.score` makes the tables of them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detector.classes import FINDINGS
from detector.detect import Detector
from detector.ensemble import Candidates, Detections
from detector.measuring.matching import Found, Outcome, Truth, match
from detector.measuring.scan_records import Scan, Scanned
from detector.measuring.truth import truth_of
from detector.release.values import Release, ReleaseImage

OnImage = Callable[[int, int], None]
"""Gets how many images are done, and of how many; what it raises ends the evaluation."""


@dataclass(frozen=True, eq=False)
class ImageResult:
    """Truth and finds of one image.

    ensemble: all labelled joints against what both detectors say together. alone: finding -> the joints that
    this finding is judged on against what its detector found by itself. detections: those of the ensemble, in
    the same order as `ensemble.found`.
    """

    image: ReleaseImage
    detections: Detections
    ensemble: Outcome
    alone: Mapping[str, Outcome]
    seconds: float


def evaluate(
    release: Release, images: Sequence[ReleaseImage], scan: Scan, on_image: OnImage | None = None
) -> tuple[Scanned, ...]:
    """What a scan says of each of these images of a release, in their order.

    Raises ReleaseError for a missing or changed image, and what the scan or on_image raises.
    """
    done: list[Scanned] = []
    for image in images:
        pixels = release.pixels(image)
        begun = time.perf_counter()
        detections, alone = scan(pixels)
        done.append(Scanned(image.file, detections, alone, time.perf_counter() - begun))
        if on_image is not None:
            on_image(len(done), len(images))
    return tuple(done)


def scan_with(detector: Detector) -> Scan:
    """The scan of a detector, with its own settings."""

    def scan(pixels: NDArray[np.uint16]) -> tuple[Detections, Mapping[str, Candidates]]:
        found = detector.detect(pixels)
        return found.detections, found.selected

    return scan


def results(images: Iterable[ReleaseImage], scans: Iterable[Scanned]) -> tuple[ImageResult, ...]:
    """Each image with what was said of it. Raises ValueError for scans of other images, or in other order."""
    paired = tuple(zip(images, scans, strict=True))
    for image, scanned in paired:
        if image.file != scanned.file:
            raise ValueError(f"a scan of {scanned.file} is none of {image.file}")
    return tuple(result(image, scanned) for image, scanned in paired)


def result(image: ReleaseImage, scanned: Scanned) -> ImageResult:
    truth = truth_of(image)
    return ImageResult(
        image,
        scanned.detections,
        match(truth, Found.by_ensemble(scanned.detections)),
        {finding: match_alone(truth, scanned.alone[finding], finding) for finding in FINDINGS},
        scanned.seconds,
    )


def match_alone(truth: Truth, candidates: Candidates, finding: str) -> Outcome:
    """One detector against the joints its finding is judged on: 18 of 20 for subluxation (Table 1).

    A box on a joint that could be judged, but that nobody could assess, is neither a hit nor a false box, and
    is left out as on an ignored place: one box for each such joint. A box of the subluxation detector on a
    thumb IP is a false box, as that is none of the joints it looks for; on an ignored place, which has no
    name, it is left out.
    """
    return match(truth.judged(finding), Found.by_detector(candidates, finding))
