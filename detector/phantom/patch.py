"""A piece of a radiograph around a joint, turned so that the finger runs along it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.phantom.sites import Site

Floats = NDArray[np.float32]

SIDEWAYS, PROXIMAL = 0.72, 0.6  # units that a patch holds on either side of the joint, and before it
FEATHER = 0.06  # units over which a change fades out at the edge of the patch


@dataclass(frozen=True)
class Patch:
    """levels: float32 [V, U], grey levels as stored. Row v0 and column u0 are the joint's centre; rows run
    along the finger towards its tip, columns across it towards the thumb, one pixel of the image each.
    matrix: patch column and row -> column and row of the image, float64 [2, 3].
    """

    levels: Floats
    u0: int
    v0: int
    matrix: NDArray[np.float64]

    @property
    def u(self) -> Floats:
        """Pixels across the finger from the centre, [1, U]."""
        return np.arange(self.levels.shape[1], dtype=np.float32)[None, :] - self.u0

    @property
    def v(self) -> Floats:
        """Pixels along the finger from the centre, [V, 1]."""
        return np.arange(self.levels.shape[0], dtype=np.float32)[:, None] - self.v0


def cut(image: Floats, site: Site) -> Patch:
    """The neighbourhood of a joint out of an image float32 [H, W]; beyond its edge, the edge goes on."""
    u0, v0 = round(SIDEWAYS * site.unit), round(PROXIMAL * site.unit)
    size = 2 * u0 + 1, v0 + 1 + round(max(site.reach, 0.3 * site.unit) + 0.15 * site.unit)
    turn = np.stack([site.across, site.axis], axis=1)
    start = site.centre - 0.5 - turn @ np.array([u0, v0], float)
    matrix = np.hstack([turn, start[:, None]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    levels = cv2.warpAffine(image, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return Patch(np.asarray(levels, np.float32), u0, v0, matrix)


def put_back(image: Floats, patch: Patch, changed: Floats, unit: float) -> None:
    """Adds to the image what was changed in the patch; where nothing was, not one level moves."""
    height, width = patch.levels.shape
    margin = FEATHER * unit
    u = np.minimum(patch.u + patch.u0, width - 1 - patch.u0 - patch.u) / margin
    v = np.minimum(patch.v + patch.v0, height - 1 - patch.v0 - patch.v) / margin
    difference = (changed - patch.levels) * smoothstep(u) * smoothstep(v)
    corners = patch.matrix @ np.array([[0, width, 0, width], [0, 0, height, height], [1, 1, 1, 1]], float)
    low = np.maximum(np.floor(corners.min(axis=1)).astype(int) - 1, 0)
    high = np.minimum(np.ceil(corners.max(axis=1)).astype(int) + 2, (image.shape[1], image.shape[0]))
    if (high <= low).any():
        return
    matrix = patch.matrix.copy()
    matrix[:, 2] -= low
    size = int(high[0] - low[0]), int(high[1] - low[1])
    image[low[1] : high[1], low[0] : high[0]] += cv2.warpAffine(
        difference, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT
    )


def smoothstep(x: NDArray[np.floating]) -> Floats:
    """0 below 0, 1 above 1, smooth between."""
    x = np.clip(x, 0, 1)
    step: Floats = (x * x * (3 - 2 * x)).astype(np.float32)
    return step
