"""What a version is given of validation images, its thresholds and its scan, and what it reaches."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.classes import FINDINGS
from detector.detect import Detector
from detector.evaluate import ImageResult, evaluate, results, scan_with
from detector.measuring.calibrate import calibrate
from detector.measuring.choice import choose
from detector.measuring.comparison import between
from detector.measuring.scoring import ENSEMBLE, Evaluation, score
from detector.measuring.truth import truth_of
from detector.release.values import ReleaseImage
from detector.training.parts import Part, halves
from detector.version.values import SCANS, Version

LEAST = 0.02
"""Boxes below this are of no use to `calibrate`, whose lowest threshold it is."""


def fitted(version: Version, validation: Sequence[Part]) -> tuple[Version, dict[str, Any]]:
    """The version with a threshold for the whole scan, and as its default scan the more accurate one, else
    the faster; and scan -> figures.

    The threshold comes from one half of the patients, choice and figures from the other, so that the scan
    whose threshold was fitted has no advantage.
    """
    calibration, rest = halves(validation)
    settings = dataclasses.replace(version.scans["whole"], t_conf=threshold(version, calibration))
    version = dataclasses.replace(version, scans={**version.scans, "whole": settings})
    found = {scan: scanned(version, scan, rest) for scan in SCANS}
    evaluations = {scan: score({"validation": images}) for scan, images in found.items()}
    chosen = choose(evaluations, between(*found.values())).chosen or SCANS[0]
    return dataclasses.replace(version, default_scan=chosen), {
        scan: figures(one) for scan, one in evaluations.items()
    }


def threshold(version: Version, parts: Sequence[Part]) -> float:
    """t_conf of the whole scan."""
    detector = Detector(version, scan="whole")
    pairs = [(detector.candidates(pixels, LEAST), truth_of(image)) for image, pixels in looked_at(parts)]
    return calibrate("whole", [raw for raw, _ in pairs], [truth for _, truth in pairs]).t_conf


def measured(version: Version, name: str, parts: Sequence[Part]) -> dict[str, Any]:
    """Scan -> figures, of these images."""
    return {scan: figures(score({name: scanned(version, scan, parts)})) for scan in SCANS}


def scanned(version: Version, scan: str, parts: Sequence[Part]) -> tuple[ImageResult, ...]:
    look = scan_with(Detector(version, scan=scan))
    return tuple(
        one for part in parts for one in results(part.images, evaluate(part.release, part.images, look))
    )


def looked_at(parts: Sequence[Part]) -> Iterator[tuple[ReleaseImage, NDArray[np.uint16]]]:
    for part in parts:
        for image in part.images:
            yield image, part.release.pixels(image)


def figures(evaluation: Evaluation) -> dict[str, Any]:
    """The main figures of an evaluation, each as value and 95 % interval, None where it is undefined.

    "ensemble less FINDING alone, SCORE" compares both on the joints that this detector is to find.
    """
    whole = evaluation.detection[ENSEMBLE].intervals
    chosen = {
        "detection rate": whole["rate"],
        "false boxes an image": whole["false_boxes_an_image"],
        "mean IoU": whole["mean_iou"],
        **{f"F of {finding}": evaluation.findings[finding].intervals["f"] for finding in FINDINGS},
        **{
            f"{LESS} {one.finding} alone, {one.score}": one.difference
            for one in evaluation.against_alone
            if one.score in COMPARED
        },
    }
    counts = evaluation.detection[ENSEMBLE].total
    return {
        "images": evaluation.images,
        "joints": counts.joints,
        "missed": counts.joints - counts.detected,
        **{name: [one.value, one.low, one.high] for name, one in chosen.items()},
    }


LESS = "ensemble less"
COMPARED = ("rate", "f")
