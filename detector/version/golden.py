"""The golden image: a small radiograph in every version, with what its detectors said of it when that was
written. They must say the same again, or something is not as it was."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector import phantom
from detector.boxes import Floats, overlaps
from detector.detect import Detector, page_of
from detector.ensemble import Candidates
from detector.errors import DetectorError
from detector.version.record import ADVICE, read_object
from detector.version.values import EXPECTED, GOLDEN
from detector.windows import batches

ROWS = 16
"""Default boxes of the first window whose raw numbers are compared, so that a network that finds nothing can
be told from another one as well."""

NUMBERS_WITHIN, NUMBERS_RELATIVE = 0.01, 0.001
"""How far raw numbers may be off: processors add up in different orders, which makes some 0.00001."""

BOXES_OVERLAP, PROBABILITIES_WITHIN = 0.8, 0.02
"""What makes two boxes the same: of many that are as good as certain, another may come out on top."""

LARGEST_SIDE = 2000


@lru_cache(maxsize=1)
def golden_image() -> NDArray[np.uint16]:
    """uint16 [600, 700], a part of a phantom radiograph with some fingers; drawn once, read-only."""
    pixels = phantom.draw(20_241, findings_rate=0.3, metal=False).pixels[420:1020, 150:850].copy()
    pixels.setflags(write=False)
    return pixels


def say(detector: Detector, pixels: NDArray[np.uint16]) -> dict[str, Any]:
    """What the detectors of a version say of the golden image, as golden.json holds it."""
    return {
        "scan": detector.scan,
        "numbers": {
            finding: raw(detector, finding, pixels).tolist() for finding in detector.version.findings
        },
        "boxes": {
            finding: np.hstack([found.boxes, found.probabilities]).astype(float).round(5).tolist()
            for finding, found in detector.selected(pixels).items()
        },
    }


def raw(detector: Detector, finding: str, pixels: NDArray[np.uint16]) -> Floats:
    """Scores and offsets of some default boxes all over the first window: float32 [ROWS, 7]."""
    window = next(batches(page_of(pixels))).values
    scores, offsets = detector.network(finding).run(window)
    chosen = np.linspace(0, scores.shape[1] - 1, ROWS).round().astype(int)
    return np.hstack([scores[0, chosen], offsets[0, chosen]])


def golden_text(said: Mapping[str, Any]) -> str:
    return json.dumps(said, allow_nan=False) + "\n"


def check_golden(detector: Detector, pixels: NDArray[np.uint16], expected: bytes) -> None:
    """Raises DetectorError where the detectors do not say what golden.json, `expected`, says."""
    wanted = read_object(expected, EXPECTED)
    t_conf = detector.settings.t_conf
    try:
        if wanted["scan"] != detector.scan or max(pixels.shape) > LARGEST_SIDE:
            raise ValueError("another scan, or a large image")
        for finding in detector.version.findings:
            if not close(raw(detector, finding, pixels), table(wanted["numbers"][finding])):
                raise DetectorError(f"The {finding} detector does not say what it said of {GOLDEN}.", ADVICE)
        for finding, found in detector.selected(pixels).items():
            boxes = table(wanted["boxes"][finding])
            if not same(found, Candidates(boxes[:, :4], boxes[:, 4:]), t_conf):
                raise DetectorError(f"The {finding} detector finds other joints on {GOLDEN}.", ADVICE)
    except (ValueError, TypeError, KeyError) as error:
        raise DetectorError(f"{EXPECTED} is not as it should be.", ADVICE) from error


def table(values: Any) -> Floats:
    """Rows of seven numbers. Raises ValueError or TypeError."""
    found = np.array(values, np.float32)
    if found.shape == (0,):
        return np.zeros((0, 7), np.float32)
    if found.ndim != 2 or found.shape[1] != 7 or not np.isfinite(found).all():
        raise ValueError("not seven finite numbers a row")
    return found


def close(found: Floats, wanted: Floats) -> bool:
    return found.shape == wanted.shape and np.allclose(
        found, wanted, atol=NUMBERS_WITHIN, rtol=NUMBERS_RELATIVE
    )


def same(found: Candidates, wanted: Candidates, t_conf: float) -> bool:
    """Whether every box has one on the other side, but for those so near the threshold that they may be
    above it here and below it there."""
    shares = overlaps(found.boxes, wanted.boxes)
    unlike = np.abs(found.probabilities[:, None] - wanted.probabilities[None]).max(axis=2, initial=0)
    pairs = (shares >= BOXES_OVERLAP) & (unlike <= PROBABILITIES_WITHIN)
    sure = [one.confidence >= t_conf + PROBABILITIES_WITHIN for one in (found, wanted)]
    return bool(pairs.any(axis=1)[sure[0]].all() and pairs.any(axis=0)[sure[1]].all())
