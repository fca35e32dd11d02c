"""Bridges the joint space in a radiograph with bone."""

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.phantom.displacing import Moved
from detector.phantom.findings import JointState
from detector.phantom.layers import edges
from detector.phantom.patch import Floats, Patch, smoothstep
from detector.phantom.sites import Site

SLOWLY = 0.7  # rows of the shaft that go into one row of the bridge
BESIDE = 1.15  # how far beside the edge of a bone its grain is taken along, against its half breadth
NARROWER = 0.82  # a bone a little away from the joint against its end


def fused(
    moved: Moved, patch: Patch, site: Site, state: JointState, shift: float, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Both bones of a patch grown into one, and where no grain is now, float32 [V, U] each.

    The bridge is made of both shafts, continued into the joint by mirroring, with their own cortex and
    trabeculae. shift: how far the far bone lies across, in pixels.
    """
    bones, unit, half = moved.bones, site.unit, site.width / 2
    long = 1 + abs(state.shift)  # a step is bridged gradually
    before, beyond = (float(rng.uniform(*span)) * long * unit for span in ((0.11, 0.15), (0.16, 0.21)))
    swelling = float(rng.uniform(0.04, 0.18))
    near, far = round(patch.v0 - before), round(patch.v0 + beyond)
    thick = max(2, round(0.04 * unit))
    step = round(shift)
    near_left, near_right = edges(bones[near - thick : near], patch.u0, NARROWER * half)
    found = edges(bones[far : far + thick], patch.u0 + step, NARROWER * half)
    far_left, far_right = (edge + step for edge in found)
    rows = np.arange(len(bones), dtype=np.float32)[:, None]
    share = np.clip((rows - near) / (far - near), 0, 1)
    bend = smoothstep(share)
    left, right = near_left + (far_left - near_left) * bend, near_right + (far_right - near_right) * bend
    swollen = 1 + swelling * np.sin(np.pi * share) ** 2
    place = (patch.u - (left + right) / 2) / ((right - left) / 2 * swollen)  # -1 and 1 are its edges
    drawn = [
        continued(bones, patch.u0, row, place, ends)
        for row, ends in (
            (np.minimum(rows, near - SLOWLY * (rows - near)), (near_left, near_right)),
            (np.maximum(rows, far + SLOWLY * (far - rows)), (far_left, far_right)),
        )
    ]
    filled = mixture(drawn[0], drawn[1], smoothstep((share - 0.5) / 0.6 + 0.5))
    filled *= evening(filled, bones, np.abs(place) < 0.7, (near - thick, near), (far, far + thick), share)
    if state.remnant:
        filled += float(rng.uniform(0.1, 0.22)) * (bones - filled)
    along = smoothstep((rows - near) / 6 + 0.5) * smoothstep((far - rows) / 6 + 0.5)
    bare = moved.bare * (1 - along * (np.abs(place) < BESIDE))
    return np.asarray(bones + along * (filled - bones), np.float32), bare.astype(np.float32)


def continued(
    bones: Floats, u0: int, rows: Floats, place: NDArray[np.floating], ends: tuple[float, float]
) -> Floats:
    """Rows of a shaft, [V, 1], with its edges at `ends`, stretched to the breadth of the bridge: [V, U]."""
    columns = u0 + (ends[0] + ends[1]) / 2 + place * (ends[1] - ends[0]) / 2
    found = cv2.remap(
        bones,
        np.ascontiguousarray(columns, np.float32),
        np.ascontiguousarray(np.broadcast_to(rows, columns.shape), np.float32),
        cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found, np.float32)


def mixture(first: Floats, second: Floats, share: Floats) -> Floats:
    """One goes over into the other, with the grain as strong as in either."""
    mixed = first * (1 - share) + second * share
    calm = cv2.GaussianBlur(mixed, (0, 0), 2.0)
    return np.asarray(calm + (mixed - calm) / np.sqrt(share**2 + (1 - share) ** 2), np.float32)


def evening(
    filled: Floats,
    bones: Floats,
    inner: NDArray[np.bool_],
    near: tuple[int, int],
    far: tuple[int, int],
    share: NDArray[np.floating],
) -> Floats:
    """What makes the bridge change evenly from the brightness of one shaft to that of the other, [V, 1].

    inner: which pixels of each row to judge it by; near, far: rows of the shafts; share: 0 at the near one,
    1 at the far one.
    """
    count = np.maximum(inner.sum(axis=1, keepdims=True), 1)
    level = cv2.GaussianBlur((filled * inner).sum(axis=1, keepdims=True) / count, (0, 0), 4.0)
    start, end = (float(np.mean(bones[slice(*rows)][inner[slice(*rows)]])) for rows in (near, far))
    wanted = start + (end - start) * share
    return np.asarray(np.clip(wanted / np.maximum(level, 1e-3), 0.4, 1.8), np.float32)
