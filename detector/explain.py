"""Where in the picture a detector found its reasons: Grad-CAM (paper, Eqs. 6 and 7, Figs. 6 and 7) for one
box and class, or for all boxes of a window.

What is explained is what a detector says of the 300 x 300 window of the page that has the box in its middle,
cut as `windows` cuts it. So the numbers are near those of a scan, which saw the same joint elsewhere in its
windows, and not the same.

The score that is differentiated, y^c, is that of one default box for class c, before softmax. A default box
of the first level does not look through Conv7 at all, and one of the second not through Conv9_2: the box with
which the scan found a joint cannot in general be explained at a layer of one's choice. So it is taken among
the default boxes whose level sees the layer: of those which, decoded, overlap the chosen box enough to be the
same joint (above t_IoU2, Algorithm 1) the most confident, as in a scan. The one that overlaps it most need
not hold it for a joint: of a trained detector about every other such box says background. Where none names
the same joint, the one that overlaps it most is taken. An `Explanation` says which it is, by how much it
overlaps, and what it says itself: at Conv9_2 the smallest boxes are about three joints wide, and a detector
that was never shown a joint of their size says background whatever it sees, so that the map is empty.

Of Eq. 6: the score of one default box has gradients at nine cells of the layer before its head, and their
mean over all cells is laid upon the whole window. So the map shows where those channels light up that speak
for the class on average of the nine, at this joint or at others, and is often empty. Method "layercam" leaves
the mean out, and shows what speaks for the class within what this box sees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detector.boxes import Floats, overlaps, usable
from detector.classes import ABSENT, CLASSES, PRESENT, T_IOU2
from detector.detect import page_of
from detector.ensemble import Candidates
from detector.errors import DetectorError
from detector.explaining.heat import METHODS, to_pixels
from detector.explaining.onnx_map import NAMES, BothWays, open_both_ways
from detector.networks.default_boxes import count, decode, default_boxes
from detector.networks.layers import SOURCES
from detector.scan import softmax
from detector.version.values import Version
from detector.windows import WINDOW, corner_around, to_image, window_at

LAYERS = ("conv7", "conv9_2")
"""Those which the paper shows."""


@dataclass(frozen=True, eq=False)
class Explanation:
    """heat: float32 [H, W], a number for each pixel of the image, 0 to 1 after division by the largest; all 0
    where nothing speaks for the class, and 0 outside the window. class_: "absent" or "present".

    method: one of heat.METHODS.

    Of the default box whose score was differentiated: default_box, float32 [4], where it sees a joint, image
    pixels; overlap, its IoU with the chosen box; probabilities, float32 [3], in the order of CLASSES. window:
    float32 [4], what the detector looked at, image pixels, which may go beyond the image. runtime: what ran
    the network, with its version, device and precision.
    """

    heat: Floats
    layer: str
    method: str
    finding: str
    class_: str
    overlap: float
    probabilities: Floats
    runtime: str
    default_box: Floats
    window: Floats


@dataclass(frozen=True, eq=False)
class WindowExplanation:
    """As Explanation, for the sum of the scores of several default boxes: default_boxes, float32 [N, 4];
    probabilities, float32 [N, 3]. Where N is 0, heat is all 0."""

    heat: Floats
    layer: str
    method: str
    finding: str
    class_: str
    probabilities: Floats
    runtime: str
    default_boxes: Floats
    window: Floats


@dataclass(frozen=True, eq=False)
class Look:
    """What a detector says of a window. shape: of the image. corner: int64 [2], page pixels. values: float32
    [1, 1, 300, 300]. told: of every default box, image pixels."""

    by: BothWays
    shape: tuple[int, int]
    corner: NDArray[np.int64]
    values: Floats
    told: Candidates

    def heat(self, seeds: Floats, layer: str, method: str) -> Floats:
        """float32 [H, W] for the sum of scores times seeds, float32 [A, 3]."""
        cells = METHODS[method](*self.by.back(self.values, seeds, layer))
        return to_pixels(cells, layer, self.corner, self.shape)

    @property
    def window(self) -> Floats:
        found: Floats = to_image(np.array([[0, 0, WINDOW, WINDOW]], np.float32), self.corner)[0]
        return found


def explain(
    version: Version,
    finding: str,
    pixels: NDArray[np.uint16],
    box: ArrayLike,
    *,
    class_: str | None = None,
    layer: str = "conv7",
    method: str = "grad-cam",
    runtime: str = "onnxruntime",
    threads: int | None = None,
) -> Explanation:
    """Why the detector of a finding says a class of a box.

    pixels: uint16 [H, W], bone bright. box: x0 y0 x1 y1, image pixels. class_: "present", "absent", or None
    for the one which the default box that speaks for this box, of whatever level, holds for more probable.
    layer: one of onnx_map.NAMES. method: one of heat.METHODS, "grad-cam" is the paper's. runtime:
    "onnxruntime" does layers from Conv4_3 on, "torch" needs torch and does all. Both give the same to 1e-4;
    before Conv6 less exactly, as of cells that are all but equal a pool takes one here and another there.
    threads: how many cores, None means all.

    Raises DetectorError where the version has no such detector or lacks the file that explains it, for a box
    that has no area or lies outside the image, for pixels that are no radiograph, for another layer, method,
    class or runtime, and where torch is asked for and not installed.
    """
    refuse_words(class_, layer, method)
    chosen = one_box(box)
    look = looked(open_both_ways(version, finding, runtime, threads), pixels, chosen)
    said, _ = spokesman(look.told, chosen, 0)
    explained, overlap = spokesman(look.told, chosen, first_behind(layer))
    class_ = class_ or likelier(look.told.probabilities[said])
    seeds = np.zeros((len(look.told), len(CLASSES)), np.float32)
    seeds[explained, CLASSES.index(class_)] = 1
    return Explanation(
        look.heat(seeds, layer, method),
        layer,
        method,
        finding,
        class_,
        overlap,
        look.told.probabilities[explained],
        look.by.runtime,
        look.told.boxes[explained],
        look.window,
    )


def explain_window(
    version: Version,
    finding: str,
    pixels: NDArray[np.uint16],
    box: ArrayLike,
    *,
    class_: str | None = None,
    layer: str = "conv7",
    method: str = "grad-cam",
    runtime: str = "onnxruntime",
    threads: int | None = None,
) -> WindowExplanation:
    """Why the detector of a finding says a class anywhere in the window around a box.

    y^c is the sum of the scores of all default boxes whose level sees the layer and of which the class is the
    most probable of the three. class_: None for the one that the most confident box of the window, of
    whatever level, has. All else as in `explain`.
    """
    refuse_words(class_, layer, method)
    look = looked(open_both_ways(version, finding, runtime, threads), pixels, one_box(box))
    told = look.told
    class_ = class_ or likelier(told.probabilities[int(told.confidence.argmax())])
    wanted = CLASSES.index(class_)
    index = np.flatnonzero(told.probabilities.argmax(axis=1) == wanted)
    index = index[index >= first_behind(layer)]
    seeds = np.zeros((len(told), len(CLASSES)), np.float32)
    seeds[index, wanted] = 1
    seen = told.taken(index)
    return WindowExplanation(
        look.heat(seeds, layer, method),
        layer,
        method,
        finding,
        class_,
        seen.probabilities,
        look.by.runtime,
        seen.boxes,
        look.window,
    )


def refuse_words(class_: str | None, layer: str, method: str) -> None:
    """Raises DetectorError for words that mean nothing here."""
    for word, words, known in (
        (class_ or "present", "class that can be explained", CLASSES[1:]),
        (layer, "layer that can be explained", NAMES),
        (method, "method of explaining", tuple(METHODS)),
    ):
        if word not in known:
            raise DetectorError(f'"{word}" is no {words}.', f"Choose one of {', '.join(known)}.")


def one_box(box: ArrayLike) -> Floats:
    """float32 [4]. Raises DetectorError for what is no box."""
    found = np.asarray(box, np.float32)
    if found.shape != (4,) or not usable(found[np.newaxis])[0]:
        raise DetectorError(
            "The box to explain is no box.", "Give x0 y0 x1 y1 in image pixels, x1 and y1 the larger ones."
        )
    return found


def looked(by: BothWays, pixels: NDArray[np.uint16], box: Floats) -> Look:
    """What the detector says of the window around a box."""
    page = page_of(pixels)
    height, width = pixels.shape
    if not overlaps(box[np.newaxis], np.array([[0, 0, width, height]]))[0, 0]:
        raise DetectorError(
            "The box to explain lies outside the image.", f"The image has {width} x {height} pixels."
        )
    corner = corner_around((page.shape[0], page.shape[1]), box)
    values = window_at(page, corner).values
    scores, offsets = by.forward(values)
    boxes = decode(offsets, default_boxes(WINDOW, WINDOW))
    told = Candidates(to_image(boxes, corner), softmax(scores))
    return Look(by, (height, width), corner, values, told)


def first_behind(layer: str) -> int:
    """The first default box whose level sees a layer; all later ones see it too."""
    behind = set(NAMES[NAMES.index(layer) :])
    unseeing = sum(source not in behind for source in SOURCES)
    return count(WINDOW, WINDOW, unseeing)


def spokesman(told: Candidates, box: Floats, first: int) -> tuple[int, float]:
    """Which default box from `first` on speaks for a box, and by how much it overlaps it: the most confident
    of the same joint (of equals the one that overlaps more), or where there is none the one that overlaps
    most (of equals the more confident). Raises DetectorError where none meets it."""
    shares = overlaps(told.boxes[first:], box[np.newaxis])[:, 0]
    confidence = told.confidence[first:]
    same = shares > T_IOU2
    order = (-shares, -np.where(same, confidence, 0)) if same.any() else (-confidence, -shares)
    best = int(np.lexsort(order)[0])
    if not shares[best]:
        raise DetectorError(
            "No box of the detector that sees this layer meets the box to explain.", "Take an earlier layer."
        )
    return first + best, float(shares[best])


def likelier(probabilities: Floats) -> str:
    """The more probable of absent and present."""
    return CLASSES[PRESENT if probabilities[PRESENT] > probabilities[ABSENT] else ABSENT]
