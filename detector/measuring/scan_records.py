"""What a scan said of an image, and how it is kept, so that a report can be written again without a network.

A file holds {"format": "knuckle-scans", "version": 1, "about": {...}, "images": [...]}. Its numbers are those
of the scan to the last bit of float32.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.classes import FINDINGS
from detector.ensemble import Candidates, Detections
from detector.errors import DetectorError
from detector.files import replace_text

FORMAT, VERSION = "knuckle-scans", 1

Scan = Callable[[NDArray[np.uint16]], tuple[Detections, Mapping[str, Candidates]]]
"""Pixels uint16 [H, W], bone bright -> what both detectors say together, and what each says alone by the name
of its finding, out of `ensemble.select`."""


@dataclass(frozen=True, eq=False)
class Scanned:
    """file: of the image in its release. alone: finding -> the boxes of its detector. seconds: of the scan
    alone, from pixels to boxes."""

    file: str
    detections: Detections
    alone: Mapping[str, Candidates]
    seconds: float


def write_scans(path: Path, scans: Sequence[Scanned], about: Mapping[str, object]) -> None:
    """Replaces the file whole or not at all. about: anything that JSON can hold."""
    record = {
        "format": FORMAT,
        "version": VERSION,
        "about": dict(about),
        "images": [of_scanned(one) for one in scans],
    }
    replace_text(path, json.dumps(record, ensure_ascii=False, allow_nan=False))


def read_scans(path: Path) -> tuple[tuple[Scanned, ...], dict[str, Any]]:
    """The scans, and what was said about them. Raises DetectorError for a file that is not of this kind."""
    try:
        record = json.loads(path.read_text("utf-8"))
        if (record["format"], record["version"]) != (FORMAT, VERSION):
            raise ValueError("another format")
        return tuple(to_scanned(one) for one in record["images"]), dict(record["about"])
    except (ValueError, TypeError, KeyError) as error:
        raise DetectorError(f"{path.name} is not as it was written ({error}).", "Delete it.") from error


def of_scanned(one: Scanned) -> dict[str, object]:
    return {
        "file": one.file,
        "seconds": one.seconds,
        "detections": {
            "boxes": digits(one.detections.boxes),
            "first": digits(one.detections.first),
            "second": digits(one.detections.second),
            "confidence": digits(one.detections.confidence),
            "seen_by": one.detections.seen_by.tolist(),
        },
        "alone": {
            finding: {
                "boxes": digits(one.alone[finding].boxes),
                "probabilities": digits(one.alone[finding].probabilities),
            }
            for finding in FINDINGS
        },
    }


def digits(values: NDArray[np.float32]) -> Any:
    """Lists of numbers with the nine digits that tell every float32 from every other."""
    short = [float(f"{value:.9g}") for value in values.ravel().tolist()]
    return np.array(short, np.float64).reshape(values.shape).tolist()


def to_scanned(record: Mapping[str, Any]) -> Scanned:
    said = record["detections"]
    count = len(said["confidence"])
    return Scanned(
        str(record["file"]),
        Detections(
            np.array(said["boxes"], np.float32).reshape(count, 4),
            np.array(said["first"], np.float32).reshape(count, 3),
            np.array(said["second"], np.float32).reshape(count, 3),
            np.array(said["confidence"], np.float32).reshape(count),
            np.array(said["seen_by"], np.str_).reshape(count),
        ),
        {
            finding: Candidates(record["alone"][finding]["boxes"], record["alone"][finding]["probabilities"])
            for finding in FINDINGS
        },
        float(record["seconds"]),
    )
