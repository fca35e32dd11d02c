"""From what a layer hands on and the gradients of a score there to a map over the image."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from detector.boxes import Doubles, Floats
from detector.config import Architecture
from detector.networks import layers
from detector.networks.layers import Pool
from detector.windows import WINDOW


def grad_cam(activations: Floats, gradients: Floats) -> Floats:
    """What a layer hands on and the gradients of a score there, both float32 [C, h, w] -> float32 [h, w].

    Each channel counts with the mean of its gradients over all Z cells (Eq. 6); of the sum of the channels so
    weighted what is below nought is nought (Eq. 7), since it speaks against the class.
    """
    weights = gradients.mean(axis=(1, 2), dtype=np.float64)
    return np.maximum(np.tensordot(weights, activations, axes=1), 0).astype(np.float32)


def layer_cam(activations: Floats, gradients: Floats) -> Floats:
    """As `grad_cam` without the mean of Eq. 6: each cell counts with its own gradients, those above nought
    (LayerCAM, Jiang et al. 2021). With those below too the sum would be nought at Conv4_3, whose length over
    the channels its head does not see."""
    found: Floats = (activations * np.maximum(gradients, 0)).sum(axis=0)
    return found


METHODS: Mapping[str, Callable[[Floats, Floats], Floats]] = {"grad-cam": grad_cam, "layercam": layer_cam}
"""The paper's first."""


def raster(layer: str) -> tuple[float, int]:
    """Where the cells of a layer look: page pixels from the window's edge to the middle of what the first one
    sees, and from one cell to the next. Those of default boxes of levels 3 to 6 lie elsewhere: SSD puts them
    at equal distances whatever the padding.
    """
    first, stride = 0.5, 1
    for one in layers.trunk(Architecture()):
        dilation = 1 if isinstance(one, Pool) else one.dilation
        first += stride * (dilation * (one.kernel - 1) / 2 - one.padding)
        stride *= one.stride
        if one.name == layer:
            break
    return first, stride


def to_pixels(cells: Floats, layer: str, corner: NDArray[np.int64], shape: tuple[int, int]) -> Floats:
    """The map of a window, float32 [h, w], over the pixels of its image, float32 [H, W].

    corner: x and y of the window, page pixels. shape: H and W. Linear between the middles of what the cells
    see, level beyond the outermost, 0 outside the window; then divided by its largest value in the image, so
    that it goes from 0 to 1, or all 0 where nothing is above it.
    """
    heat = np.zeros(shape, np.float32)
    first, stride = raster(layer)
    left, upper = 2 * int(corner[0]), 2 * int(corner[1])
    seen = heat[upper : upper + 2 * WINDOW, left : left + 2 * WINDOW]
    down, across = (
        shares(length, count, first, stride) for length, count in zip(seen.shape, cells.shape, strict=True)
    )
    seen[:] = down @ cells @ across.T
    if (largest := seen.max()) > 0:
        seen /= largest
    return heat


def shares(pixels: int, cells: int, first: float, stride: int) -> Doubles:
    """How much each image pixel of a side of a window takes of each cell: float64 [pixels, cells]."""
    middles = (np.arange(pixels) + 0.5) / 2
    place = np.clip((middles - first) / stride, 0, cells - 1)
    found: Doubles = np.maximum(0, 1 - np.abs(place[:, np.newaxis] - np.arange(cells)))
    return found
