"""A picture of every miss and false alarm, with the true and the found boxes drawn into it."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.evaluate import ImageResult
from detector.measuring.cases import Case, CaseKind, Corners, FoundBox
from detector.report.words import FINDING_NAMES, NONE
from detector.windows import limits

SIDE = 200  # pixels of a picture
MARGIN = 2.6  # sides of a box
MOST_PICTURES = 2000
"""Beyond these, cases are listed without a picture: a page of that size opens on no ordinary computer."""

Pixels = Callable[[ImageResult], NDArray[np.uint16]]


@dataclass(frozen=True, eq=False)
class View:
    """A square of an image. x, y: its corner in image pixels; size: its side there."""

    x: float
    y: float
    size: float

    def place(self, box: Corners) -> str:
        """The attributes of a rectangle for a box in image pixels."""
        scale = SIDE / self.size
        x, y = ((box[0] - self.x) * scale, (box[1] - self.y) * scale)
        width, height = ((box[2] - box[0]) * scale, (box[3] - box[1]) * scale)
        return f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'

    def shows(self, box: Corners) -> bool:
        return (
            box[0] < self.x + self.size
            and box[2] > self.x
            and box[1] < self.y + self.size
            and box[3] > self.y
        )


def pictures(cases: Sequence[Case], results: Mapping[str, ImageResult], pixels: Pixels) -> Iterator[str]:
    """A figure in HTML for each case, in their order. results: by file. pixels: reads an image, once for all
    cases in a row that are on it."""
    file, image, low, high = "", np.zeros((1, 1), np.uint16), 0, 0
    for number, case in enumerate(cases):
        result = results[case.file]
        if number >= MOST_PICTURES:
            yield figure(case, "")
            continue
        if case.file != file:
            file, image = case.file, pixels(result)
            low, high = limits(image)
        view = view_of(case)
        yield figure(case, drawing(case, result, view, png(cut(image, view), high - low)))


def view_of(case: Case) -> View:
    """The square around the joint, or around the box where it touches none."""
    box = case.truth_box if case.truth_box is not None and case.kind is not CaseKind.FALSE_BOX else None
    if box is None:
        box = case.found.box if case.found is not None else (0.0, 0.0, 1.0, 1.0)
    size = max(MARGIN * max(box[2] - box[0], box[3] - box[1]), 16.0)
    return View((box[0] + box[2] - size) / 2, (box[1] + box[3] - size) / 2, size)


def cut(image: NDArray[np.uint16], view: View) -> NDArray[np.uint16]:
    """The pixels of a view, SIDE x SIDE; black beyond the image."""
    scale = SIDE / view.size
    # OpenCV counts from the centre of the first pixel
    matrix = np.array([[scale, 0, -view.x * scale], [0, scale, -view.y * scale]])
    matrix[:, 2] += 0.5 * scale - 0.5
    return np.asarray(cv2.warpAffine(image, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR), np.uint16)


def png(pixels: NDArray[np.uint16], span: float) -> str:
    """8-bit gray PNG as a data URI, from its own darkest to its own brightest pixels, but not from less than
    a quarter of what the whole image spans, which would be noise."""
    low, high = np.percentile(pixels, (1, 99.5)).tolist()
    gray = np.clip((pixels.astype(np.float32) - low) / max(1.0, span / 4, high - low), 0, 1) * 255
    _, data = cv2.imencode(".png", gray.astype(np.uint8), [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return f"data:image/png;base64,{base64.b64encode(data.tobytes()).decode()}"


def drawing(case: Case, result: ImageResult, view: View, data: str) -> str:
    """The picture with boxes: those of the case strong, others that reach into it faint, as ignored places
    always are."""
    own = None if case.found is None else case.found.box
    truths = [tuple(box) for box in result.ensemble.truth.boxes.tolist()]
    found = [tuple(box) for box in result.detections.boxes.tolist()]
    ignored = [tuple(box) for box in result.ensemble.truth.ignored.tolist()]
    parts = [f'<svg viewBox="0 0 {SIDE} {SIDE}" role="img" aria-label="{escape(heading(case))}">']
    parts.append(f'<image href="{data}" width="{SIDE}" height="{SIDE}"/>')
    drawn = ("ignored", ignored, None), ("truth", truths, case.truth_box), ("found", found, own)
    for style, boxes, strong in drawn:
        others = (box for box in boxes if box != strong and view.shows(box))
        parts += [f'<rect class="{style} faint" {view.place(box)}/>' for box in others]
        if strong is not None:
            parts.append(f'<rect class="{style}" {view.place(strong)}/>')
    return "".join([*parts, "</svg>"])


def heading(case: Case) -> str:
    finding = "" if case.finding is None else f", {FINDING_NAMES[case.finding].lower()}"
    joint = "" if case.joint is None else f": {case.joint}"
    return f"{case.kind.capitalize()}{finding}{joint}"


def figure(case: Case, picture: str) -> str:
    lines = "".join(f"<div>{escape(line)}</div>" for line in caption(case))
    where = escape(f"{case.part} · {case.file.removeprefix('images/')}")
    return (
        f'<figure class="case">{picture}<figcaption><strong>{escape(heading(case))}</strong>'
        f'<div class="where">{where}</div>{lines}</figcaption></figure>'
    )


def caption(case: Case) -> Iterator[str]:
    """What is there, what was found, how sure it was."""
    if case.kind is not CaseKind.FALSE_BOX:
        there = ", ".join(FINDING_NAMES[finding].lower() for finding in case.present)
        yield f"Truth: {there or 'no finding'}"
    if case.iou is not None:
        yield f"IoU {case.iou:.2f}" + (" with the nearest box" if case.kind is CaseKind.MISSED else "")
    if case.found is None:
        yield "No box touches it" if case.kind is CaseKind.MISSED else NONE
    else:
        yield from said(case.found)


def said(found: FoundBox) -> Iterator[str]:
    seen = {"both": "both detectors", "first": "the ankylosis detector", "second": "the subluxation detector"}
    yield f"Confidence {found.confidence:.3f}, by {seen[found.seen_by]}"
    for finding, (_, absent, present) in found.said.items():
        assessed = found.seen_by in ("both", {"ankylosis": "first", "subluxation": "second"}[finding])
        numbers = f"present {present:.3f}, absent {absent:.3f}" if assessed else "not assessed"
        yield f"{FINDING_NAMES[finding]}: {numbers}"
