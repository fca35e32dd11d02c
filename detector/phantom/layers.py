"""Takes the two bones of a joint out of a radiograph: the flesh behind, the near bone, the far bone."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.phantom.patch import Floats, Patch, smoothstep
from detector.phantom.sites import Site


@dataclass(frozen=True)
class Layers:
    """flesh + near + far = the levels of the patch, float32 [V, U] each. gap: row of the joint space, counted
    from the centre, in each column, float32 [U]. half: half the breadth of the bones in pixels. bone: how
    much brighter than flesh they are. window: 1 where the flesh was made up and has no grain, float32 [V, U].
    noise: deviation of the grain of the film.
    """

    flesh: Floats
    near: Floats
    far: Floats
    gap: Floats
    half: float
    bone: float
    window: Floats
    noise: float


def separate(patch: Patch, site: Site) -> Layers:
    """The layers of a joint."""
    calm = np.asarray(cv2.GaussianBlur(patch.levels, (0, 0), 1.6), np.float32)
    half = half_width(calm, patch, site)
    gap = trace_gap(calm, patch, site, half)
    inside = half + 0.03 * site.unit
    flesh = beside(calm, patch, inside, site.unit)
    excess = calm - flesh
    middle = np.abs(patch.u[0]) < 0.6 * half
    rows = np.clip(np.rint(gap + patch.v0).astype(int), 0, len(calm) - 1)
    bulge = max(float(np.median(excess[rows, np.arange(len(rows))][middle])) * 0.9, 0.0)
    near_joint = (np.abs(patch.v) < 0.25 * site.unit) & (np.abs(patch.u) < 0.7 * half)
    bone = max(float(np.percentile(excess[near_joint], 75)), 1e-3)
    bulge = min(bulge, 0.7 * bone)
    flesh = flesh + bulge * np.clip(1 - (patch.u / inside) ** 2, 0, 1)
    window = smoothstep((inside - np.abs(patch.u)) / (0.03 * site.unit) + 0.5)
    bones = (patch.levels - flesh) * window
    far = smoothstep((patch.v - gap[None, :]) / 4 + 0.5)
    grain = patch.levels - calm
    noise = 1.4826 * float(np.median(np.abs(grain - np.median(grain))))
    near_bone, far_bone = bones * (1 - far), bones * far
    return Layers(patch.levels - near_bone - far_bone, near_bone, far_bone, gap, half, bone, window, noise)


def half_width(calm: Floats, patch: Patch, site: Site) -> float:
    """Half the breadth of the bones: where the profile across both bone ends falls steepest to the flesh."""
    usual = site.width / 2
    off = np.abs(patch.v[:, 0]) / site.unit
    left, right = edges(calm[(off < 0.16) & (off > 0.05)], patch.u0, usual)
    return float(np.clip((right - left) / 2, 0.8 * usual, 1.25 * usual))


def edges(rows: Floats, middle: int, usual: float) -> tuple[float, float]:
    """Where the mean of some rows falls steepest, left and right of a column, counted from there.

    The edge of the flesh falls steeply as well: the further from the usual place, the less it counts.
    """
    profile = cv2.GaussianBlur(rows.mean(axis=0, keepdims=True), (0, 0), 2.0)[0]
    least, most = int(0.5 * usual), int(1.4 * usual)
    at = np.arange(least, most)
    likely = np.exp(-(((at - usual) / (0.3 * usual)) ** 2) / 2)
    found = [
        float(least + np.argmax(-np.diff(outward[least : most + 1]) * likely))
        for outward in (profile[middle::-1], profile[middle:])
    ]
    return -found[0], found[1]


def trace_gap(calm: Floats, patch: Patch, site: Site, half: float) -> Floats:
    """The dark line between the bones, float32 [U]: the cheapest smooth way from side to side."""
    reach = max(3, round(0.085 * site.unit))
    band = calm[patch.v0 - reach : patch.v0 + reach + 1]
    columns = np.abs(patch.u[0]) <= half
    inside = band[:, columns]
    spread = max(float(np.percentile(inside, 95) - np.percentile(inside, 5)), 1e-3)
    off = np.arange(-reach, reach + 1, dtype=np.float32)[:, None] / reach
    cost = (inside - inside.min()) / spread + 0.25 * off**2
    best, came = cost[:, 0].copy(), np.zeros(cost.shape, np.intp)
    rows = np.arange(len(best))
    for column in range(1, cost.shape[1]):
        ways = np.stack([np.roll(best, step) for step in (-1, 0, 1)])
        ways[0, -1] = ways[2, 0] = np.inf
        ways += np.array([[0.06], [0.0], [0.06]])
        chosen = np.argmin(ways, axis=0)
        came[:, column] = np.clip(rows - (chosen - 1), 0, len(rows) - 1)
        best = ways[chosen, rows] + cost[:, column]
    way = np.zeros(cost.shape[1], np.intp)
    way[-1] = int(np.argmin(best))
    for column in range(cost.shape[1] - 1, 0, -1):
        way[column - 1] = came[way[column], column]
    line = (way - reach).astype(np.float32)
    at = np.flatnonzero(columns)
    whole: NDArray[np.float64] = np.interp(np.arange(len(columns)), at, line)
    return np.asarray(cv2.GaussianBlur(whole[None, :].astype(np.float32), (0, 0), 2.5)[0], np.float32)


def beside(calm: Floats, patch: Patch, inside: float, unit: float) -> Floats:
    """The level of the flesh behind the bones, drawn straight from one side of them to the other."""
    strip = max(2, round(0.02 * unit))
    edge = round(inside)
    right = calm[:, patch.u0 + edge : patch.u0 + edge + strip].mean(axis=1, keepdims=True)
    left = calm[:, patch.u0 - edge - strip + 1 : patch.u0 - edge + 1].mean(axis=1, keepdims=True)
    left, right = (cv2.GaussianBlur(side, (0, 0), 3.0) for side in (left, right))
    share = np.clip(patch.u / (2 * inside) + 0.5, 0, 1)
    behind: Floats = (left * (1 - share) + right * share).astype(np.float32)
    return behind
