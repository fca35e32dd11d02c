"""The picture of an explanation: what the detector looked at in gray, the map over it, and boxes."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.boxes import Floats
from detector.windows import limits

Picture = NDArray[np.uint8]

MOST_COVER = 0.65
"""Of the gray by the colour, where the map is 1: bone is to be seen everywhere."""

CHOSEN, EXPLAINED = (255, 255, 255), (80, 220, 255)
"""White, and light blue, which the colours of the map do not have (RGB)."""


def overlay(
    pixels: NDArray[np.uint16], heat: Floats, window: Floats, chosen: Floats, explained: Floats
) -> Picture:
    """uint8 [h, w, 3], RGB, of the part of an image that lies in a window.

    pixels: uint16 [H, W]. heat: float32 [H, W], 0 to 1. window: float32 [4]; chosen, explained: boxes,
    float32 [N, 4]; all in image pixels. The colours rise in lightness with the map (matplotlib's "inferno"),
    so that they read the same in gray and by the colour-blind.
    """
    left, upper, right, lower = np.maximum(np.rint(window), 0).astype(int)
    part = pixels[upper:lower, left:right].astype(np.float32)
    low, high = limits(pixels)
    gray = np.clip((part - low) / max(1, high - low), 0, 1)[..., np.newaxis] * 255
    seen = heat[upper:lower, left:right]
    shades = np.rint(seen * 255).astype(np.uint8)
    colour = cv2.cvtColor(cv2.applyColorMap(shades, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    cover = MOST_COVER * seen[..., np.newaxis]
    picture: Picture = np.rint(gray * (1 - cover) + colour * cover).astype(np.uint8)
    corner = np.array([left, upper, left, upper], np.float32)
    for boxes, line, width in ((explained, EXPLAINED, 1), (chosen, CHOSEN, 2)):
        for box in boxes - corner:
            draw(picture, box, line, width)
    return picture


def draw(picture: Picture, box: Floats, colour: tuple[int, int, int], width: int) -> None:
    # opencv counts from the middle of a pixel
    x0, y0, x1, y1 = (int(end) for end in np.rint(np.clip(box, -1e4, 1e5) - 0.5))
    cv2.rectangle(picture, (x0, y0), (x1, y1), (0, 0, 0), width + 2)
    cv2.rectangle(picture, (x0, y0), (x1, y1), colour, width)
