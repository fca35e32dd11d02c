"""One detector over one page: what its network says of every pass, as boxes in image pixels. A test on scores
comes first; only what passes it is decoded."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector import windows
from detector.boxes import Floats
from detector.ensemble import Candidates
from detector.networks.default_boxes import decode, default_boxes
from detector.passes import Pass
from detector.runtime import Network

OnPass = Callable[[], None]

SLACK = 1e-3
"""Below the bound on scores, so that no rounding takes a box away before its probabilities are reckoned."""


def candidates(
    network: Network,
    todo: Iterator[Pass] | Sequence[Pass],
    size: tuple[int, int],
    least: float,
    on_pass: OnPass | None = None,
) -> Candidates:
    """What a network says of all passes: every box with a confidence at or above `least`, in pixels of the
    image of this height and width and clipped to it.

    on_pass: called after every pass; what it raises ends the scan.
    """
    found = []
    for one in todo:
        scores, offsets = network.run(one.values)
        found.append(promising(one, scores, offsets, least))
        if on_pass is not None:
            on_pass()
    return settled(found, size, least)


@dataclass(frozen=True, eq=False)
class Promising:
    """Default boxes that may be joints, one a row: scores float32 [K, 3], offsets [K, 4], the default boxes
    themselves [K, 4], and the corner of their input, int64 [K, 2]."""

    scores: Floats
    offsets: Floats
    defaults: Floats
    corners: NDArray[np.int64]


def promising(one: Pass, scores: Floats, offsets: Floats, least: float) -> Promising:
    """Out of what a network says of a pass: all that pass a test on their scores alone, which takes away no
    box with a confidence at or above `least` and nearly everything else."""
    defaults = grid(one.values.shape[2], one.values.shape[3], one.levels)
    rows = scores[:, : len(defaults)].reshape(-1, 3)
    above = np.maximum(rows[:, 1], rows[:, 2])
    above -= rows[:, 0]
    row = np.flatnonzero(above >= bound(least))
    index, place = np.divmod(row, len(defaults))
    if any(map(math.isfinite, one.core)):
        centres = defaults[place, :2] + one.corners[index]
        low, high = np.array(one.core[:2]), np.array(one.core[2:])
        inside = ((centres >= low) & (centres < high)).all(axis=1)
        row, index, place = row[inside], index[inside], place[inside]
    return Promising(
        rows.take(row, 0),
        offsets[:, : len(defaults)].reshape(-1, 4).take(row, 0),
        defaults.take(place, 0),
        one.corners.take(index, 0),
    )


def settled(found: Sequence[Promising], size: tuple[int, int], least: float) -> Candidates:
    """Those at or above `least`, decoded: in pixels of the image of this height and width, clipped to it."""
    scores, offsets, defaults = (
        np.concatenate([np.zeros((0, width), np.float32), *(getattr(one, name) for one in found)])
        for name, width in (("scores", 3), ("offsets", 4), ("defaults", 4))
    )
    corners = np.concatenate([np.zeros((0, 2), np.int64), *(one.corners for one in found)])
    said = softmax(scores)
    sure = np.flatnonzero(np.maximum(said[:, 1], said[:, 2]) >= np.float32(least))
    boxes = windows.to_image(decode(offsets[sure], defaults[sure]), corners[sure])
    height, width = size
    return Candidates(np.clip(boxes, 0, np.array([width, height, width, height], np.float32)), said[sure])


def bound(least: float) -> float:
    """What the larger foreground score is above that of the background, at the least, where a confidence is
    at or above `least`: the background then has at most 1 - least."""
    most = min(least, 1 - 1e-6)
    return math.log(most / (1 - most)) - SLACK if most > 1e-6 else -math.inf


def softmax(scores: Floats) -> Floats:
    """Probabilities float32 [N, 3] of scores [N, 3]."""
    # column by column: numpy is slow at sums of three
    largest = np.maximum(np.maximum(scores[:, 0], scores[:, 1]), scores[:, 2])
    powers = np.exp(scores - largest[:, None])
    shares: Floats = powers / (powers[:, 0] + powers[:, 1] + powers[:, 2])[:, None]
    return shares


@lru_cache(maxsize=4)
def grid(height: int, width: int, levels: int) -> Floats:
    """The default boxes of an input of this size, not to be written to."""
    found = default_boxes(height, width, levels)
    found.setflags(write=False)
    return found
