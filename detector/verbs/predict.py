"""`predict`: what both detectors say of images."""

import argparse
import json
import sys
from pathlib import Path

from detector import png
from detector.boxes import Floats
from detector.classes import FINDINGS, PRESENT
from detector.detect import Detector, Pixels, Result
from detector.errors import DetectorError
from detector.shipped import version_at
from detector.verbs.running import add_running, add_version
from detector.version.values import SCANS

MOST_BYTES = 500_000_000


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "find joints and their findings on images"
    verb = verbs.add_parser(
        "predict",
        help=words,
        description=f"{words.capitalize()}. Exit 1 where one of them could not be read; the others are done.",
    )
    verb.add_argument(
        "images", type=Path, nargs="+", metavar="IMAGE", help="8 or 16-bit gray PNG, bone bright"
    )
    add_version(verb)
    verb.add_argument("--scan", choices=SCANS, help="windows or one pass (default: the version's)")
    add_running(verb)
    verb.add_argument("--json", action="store_true", help="print one JSON object an image and line")
    verb.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    version = version_at(given.version)
    detector = Detector(
        version, scan=given.scan, runtime=given.runtime, precision=given.precision, threads=given.threads
    )
    failed = False
    for image in given.images:
        try:
            result = detector.detect(read(image))
        except (DetectorError, OSError) as error:
            failed = True
            words = error if isinstance(error, DetectorError) else error.strerror
            print(f"predict: {image}: {words}", file=sys.stderr)
            continue
        print(json.dumps(record(image, result)) if given.json else table(image, result), flush=True)
    return int(failed)


def read(image: Path) -> Pixels:
    """The pixels of a file as uint16 [H, W]. Raises DetectorError for what is no gray PNG, or OSError."""
    try:
        if image.stat().st_size > MOST_BYTES:
            raise ValueError("It is too large for one radiograph.")
        return png.decode(image.read_bytes(), bits=(8, 16))
    except ValueError as error:
        raise DetectorError(str(error), "Give a gray PNG of 8 or 16 bits, bone bright.") from error


def record(image: Path, result: Result) -> dict[str, object]:
    """What is printed of an image as JSON: boxes x0, y0, x1, y1 in its pixels, chances of background, absent
    and present."""
    found = result.detections
    return {
        "image": str(image),
        "detections": [
            {
                "box": numbers(found.boxes[place], 2),
                "confidence": numbers(found.confidence[place : place + 1], 6)[0],
                FINDINGS[0]: numbers(found.first[place], 6),
                FINDINGS[1]: numbers(found.second[place], 6),
                "seen_by": str(found.seen_by[place]),
            }
            for place in range(len(found))
        ],
    }


def numbers(values: Floats, digits: int) -> list[float]:
    return [round(value, digits) for value in values.tolist()]


def table(image: Path, result: Result) -> str:
    """The same for people, most confident first, and with what it was found; numbered as `explain` counts."""
    found = result.detections
    version = f"{result.version} ({result.version_sha256[:12]})"
    joints = "1 joint" if len(found) == 1 else f"{len(found)} joints"
    corners = "".join(f"{name:>8}" for name in ("x0", "y0", "x1", "y1"))
    lines = [
        f"{image}: {joints} by {version}, scan {result.scan}, {result.runtime}",
        f"    {corners}{'confidence':>12}{FINDINGS[0]:>12}{FINDINGS[1]:>13}  seen by",
    ]
    for place in range(len(found)):
        box = "".join(f"{value:8.1f}" for value in found.boxes[place])
        first, second = found.first[place, PRESENT], found.second[place, PRESENT]
        seen_by = found.seen_by[place]
        # what a detector did not see it did not judge
        one, other = (
            ("-" if seen_by == "second" else f"{first:.3f}"),
            ("-" if seen_by == "first" else f"{second:.3f}"),
        )
        lines.append(f"{place + 1:4}{box}{found.confidence[place]:12.3f}{one:>12}{other:>13}  {seen_by}")
    return "\n".join(lines)
