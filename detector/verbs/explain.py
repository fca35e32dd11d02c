"""`explain`: where in an image a detector found its reasons."""

import argparse
import io
import json
from pathlib import Path

import cv2
import numpy as np

from detector.boxes import Floats
from detector.classes import CLASSES, FINDINGS, PRESENT
from detector.detect import Detector, Pixels
from detector.ensemble import Candidates, Detections, select
from detector.errors import DetectorError
from detector.explain import LAYERS, Explanation, WindowExplanation, explain, explain_window
from detector.explaining.heat import METHODS
from detector.explaining.onnx_map import RUNTIMES
from detector.explaining.overlay import Picture, overlay
from detector.shipped import version_at
from detector.verbs.predict import numbers, read
from detector.verbs.running import add_threads, add_version
from detector.version.values import SCANS, Version

DRAWN_FROM, MOST_DRAWN = 0.5, 20
"""Of the boxes of a whole window only those are drawn that are this confident, and no more."""


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "show where in an image a detector found its reasons"
    verb = verbs.add_parser(
        "explain",
        help=words,
        description=f"{words.capitalize()} (Grad-CAM): a map over what it looked at around one box, written "
        "as a picture. White is the box, blue the default box whose score is explained.",
    )
    verb.add_argument("image", type=Path, metavar="IMAGE", help="gray PNG of 8 or 16 bits, bone bright")
    what = verb.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--box", type=float, nargs=4, metavar=("X0", "Y0", "X1", "Y1"), help="box to explain, image pixels"
    )
    what.add_argument(
        "--detection", type=int, metavar="K", help="explain number K of what predict finds (1 is the first)"
    )
    verb.add_argument(
        "--finding",
        choices=FINDINGS,
        help="whose detector (default: of a detection the one that says present more; else the first)",
    )
    verb.add_argument(
        "--class", dest="class_", choices=CLASSES[1:], help="explained class (default: the predicted one)"
    )
    verb.add_argument(
        "--layer", default=LAYERS[0], help=f"of the trunk: {', '.join(LAYERS)} ... (default {LAYERS[0]})"
    )
    verb.add_argument(
        "--method",
        choices=tuple(METHODS),
        default=next(iter(METHODS)),
        help="grad-cam, the paper's (default), or layercam, which shows what speaks within its sight",
    )
    verb.add_argument(
        "--whole-window", action="store_true", help="explain all boxes of the window, not this one alone"
    )
    add_version(verb)
    verb.add_argument("--scan", choices=SCANS, help="that finds a detection (default: the version's)")
    verb.add_argument(
        "--runtime", choices=RUNTIMES, default=RUNTIMES[0], help=f"what runs it (default {RUNTIMES[0]})"
    )
    add_threads(verb)
    verb.add_argument(
        "--out", type=Path, metavar="PNG", help="the picture (default: IMAGE-FINDING-LAYER.png, right here)"
    )
    verb.add_argument(
        "--npy", type=Path, metavar="FILE", help="write the map as well, float32 [H, W], 0 to 1"
    )
    verb.add_argument("--overwrite", action="store_true", help="replace files that are there already")
    verb.add_argument("--json", action="store_true", help="print one JSON object")
    verb.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    refuse_kind(given.out, ".png")
    refuse_kind(given.npy, ".npy")
    version = version_at(given.version)
    pixels = read(given.image)
    finding = given.finding or version.findings[0]
    box = np.array(given.box or [], np.float32)
    if given.box is None:
        found = detections(version, given, pixels)
        place = numbered(given.detection, len(found))
        finding, box = given.finding or likelier_finding(found, place), found.boxes[place]
    out = given.out or Path(f"{given.image.stem}-{finding}-{given.layer}.png")
    if not given.overwrite:
        refuse_there(out, given.npy)
    told = (explain_window if given.whole_window else explain)(
        version,
        finding,
        pixels,
        box,
        class_=given.class_,
        layer=given.layer,
        method=given.method,
        runtime=given.runtime,
        threads=given.threads,
    )
    picture = overlay(pixels, told.heat, told.window, box[np.newaxis], drawn(told))
    out.write_bytes(encoded(picture))
    if given.npy is not None:
        with io.BytesIO() as data:
            np.save(data, told.heat)
            given.npy.write_bytes(data.getvalue())
    said = record(given.image, version, box, told) | {"picture": str(out)}
    print(json.dumps(said) if given.json else sentences(given.image, told, out))
    return 0


def refuse_kind(file: Path | None, suffix: str) -> None:
    """Raises DetectorError for a file whose name says that it is of another kind."""
    if file is not None and file.suffix.lower() != suffix:
        raise DetectorError(f"{file.name} is no name for this file.", f"Let it end in {suffix}.")


def refuse_there(*files: Path | None) -> None:
    """Raises DetectorError for a file that would be lost."""
    for file in files:
        if file is not None and file.exists():
            raise DetectorError(f"{file.name} is there already.", "Name another file, or add --overwrite.")


def detections(version: Version, given: argparse.Namespace, pixels: Pixels) -> Detections:
    return Detector(version, scan=given.scan, threads=given.threads).detect(pixels).detections


def numbered(number: int, count: int) -> int:
    """The place of what people count from 1."""
    if not 1 <= number <= count:
        found = f"Give 1 to {count}." if count else "Give a box instead (--box)."
        raise DetectorError(f"There is no detection {number}; {count} were found.", found)
    return number - 1


def likelier_finding(found: Detections, place: int) -> str:
    """Whose detector says present with the higher probability; one that did not see the box does not."""
    first, second = found.first[place, PRESENT], found.second[place, PRESENT]
    by_second = found.seen_by[place] == "second" or (found.seen_by[place] == "both" and second > first)
    return FINDINGS[int(by_second)]


def drawn(told: Explanation | WindowExplanation) -> Floats:
    """The boxes that were explained, of a whole window one for each joint."""
    if isinstance(told, Explanation):
        return told.default_box[np.newaxis]
    seen = Candidates(told.default_boxes, told.probabilities)
    return select(seen, t_conf=DRAWN_FROM, top=MOST_DRAWN).boxes


def encoded(picture: Picture) -> bytes:
    done, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    assert done
    return data.tobytes()


def record(
    image: Path, version: Version, box: Floats, told: Explanation | WindowExplanation
) -> dict[str, object]:
    """What is printed as JSON."""
    said = {
        "image": str(image),
        "box": numbers(box, 2),
        "finding": told.finding,
        "class": told.class_,
        "layer": told.layer,
        "method": told.method,
        "window": numbers(told.window, 2),
        "empty": not told.heat.any(),
        "version": version.name,
        "version_sha256": version.sha256,
        "runtime": told.runtime,
    }
    if isinstance(told, WindowExplanation):
        return said | {"default_boxes": len(told.default_boxes)}
    return said | {
        "default_box": numbers(told.default_box, 2),
        "overlap": round(told.overlap, 4),
        "probabilities": dict(zip(CLASSES, numbers(told.probabilities, 6), strict=True)),
    }


def sentences(image: Path, told: Explanation | WindowExplanation, out: Path) -> str:
    """The same for people."""
    lines = [f"{image}: {told.method} for {told.finding} {told.class_} at {told.layer}, {told.runtime}"]
    if isinstance(told, Explanation):
        x0, y0, x1, y1 = told.default_box
        where = f"{x0:.1f} {y0:.1f} {x1:.1f} {y1:.1f}, overlapping the chosen one by {told.overlap:.2f}"
        shares = zip(CLASSES, told.probabilities, strict=True)
        lines.append(f"explained is the default box that sees {where}")
        lines.append(f"it says: {', '.join(f'{name} {share:.3f}' for name, share in shares)}")
    else:
        lines.append(f"explained are {len(told.default_boxes)} default boxes that say {told.class_}")
    if not told.heat.any():
        other = "an earlier layer" if told.method == "layercam" else "--method layercam"
        lines.append(f"the map is empty: nothing at this layer speaks for it; try {other}")
    return "\n".join([*lines, f"picture: {out}"])
