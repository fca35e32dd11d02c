"""Screen pixels from image pixels: any rectangle of a radiograph, filtered, turned and mirrored."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

Rect = tuple[float, float, float, float]

SMALLEST_SIDE = 48  # of a level, in pixels: below it no thumbnail goes


class Pyramid:
    """The same picture in sizes that fall by the square root of two, each an area average of the first.

    Rendering takes the level whose pixels are just smaller than the screen's (at most 1.42 of them a
    screen pixel), and interpolates linearly there, so every pixel counts and fine trabeculae do not
    turn into false patterns. A level is made when it is first needed. Any thread may render.
    """

    def __init__(self, values: NDArray[np.uint16]) -> None:
        """values: uint16 [H, W]; kept, not copied."""
        self._levels = {0: values}
        octaves = 0
        while min(values.shape) >> octaves >= 2 * SMALLEST_SIDE:
            octaves += 1
        self._count = 1 + 2 * octaves

    @property
    def width(self) -> int:
        return int(self._levels[0].shape[1])

    @property
    def height(self) -> int:
        return int(self._levels[0].shape[0])

    def _level(self, number: int) -> NDArray[np.uint16]:
        """Even levels are octaves, each from the one before; an odd one from the octave under it."""
        if number not in self._levels:
            octave = self._level(number - 1 if number % 2 else number - 2)
            if number % 2:
                step = 2.0 ** (number / 2)
                size = max(1, round(self.width / step)), max(1, round(self.height / step))
            else:
                size = octave.shape[1] // 2, octave.shape[0] // 2
            self._levels[number] = _averaged(octave, size)
        return self._levels[number]

    def render(
        self,
        source_rect: Rect,
        out_w: int,
        out_h: int,
        quarter_turns: int = 0,
        mirrored: bool = False,
        smooth: bool = True,
        out: NDArray[np.uint16] | None = None,
    ) -> NDArray[np.uint16]:
        """uint16 [out_h, out_w]: the rectangle as it lies on the screen.

        source_rect: x0, y0, x1, y1 in image pixels, origin at the outer corner of the top-left pixel;
        beyond the image its border pixels go on. mirrored: left and right changed, before turning.
        quarter_turns: clockwise. smooth: linear above 1:1, else nearest; below 1:1 always filtered.
        out: memory of the result's shape that may be used for it.
        """
        turned = quarter_turns % 2 == 1
        w, h = (out_h, out_w) if turned else (out_w, out_h)
        x0, y0, x1, y1 = source_rect
        step = math.sqrt((x1 - x0) / w * (y1 - y0) / h)
        level = self._level(_level_for(step, self._count))
        scale_x, scale_y = level.shape[1] / self.width, level.shape[0] / self.height
        picture = _sampled(
            level,
            (x0 * scale_x, y0 * scale_y, x1 * scale_x, y1 * scale_y),
            (w, h),
            nearest=not smooth and step < 1.0,
            out=None if turned else out,
        )
        return _oriented(picture, quarter_turns % 4, mirrored)


def _averaged(picture: NDArray[np.uint16], size: tuple[int, int]) -> NDArray[np.uint16]:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), dtype=np.uint16)


def _level_for(step: float, levels: int) -> int:
    """The coarsest level whose pixels are not larger than a screen pixel of `step` image pixels."""
    if step <= 1.0:
        return 0
    return min(int(2.0 * math.log2(step) + 1e-6), levels - 1)


def _sampled(
    level: NDArray[np.uint16],
    rect: Rect,
    size: tuple[int, int],
    nearest: bool,
    out: NDArray[np.uint16] | None,
) -> NDArray[np.uint16]:
    """Sampled at the centres of size = (w, h) equal cells of the rectangle (pixels of the level)."""
    (x0, y0, x1, y1), (w, h) = rect, size
    step_x, step_y = (x1 - x0) / w, (y1 - y0) / h
    # OpenCV counts from pixel centres: position of cell i is x0 + (i + 0.5) step, less half a pixel.
    matrix = np.array([[step_x, 0.0, x0 + step_x / 2 - 0.5], [0.0, step_y, y0 + step_y / 2 - 0.5]])
    flags = (cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
    picture = cv2.warpAffine(level, matrix, (w, h), dst=out, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(picture, dtype=np.uint16)


def _oriented(picture: NDArray[np.uint16], quarter_turns: int, mirrored: bool) -> NDArray[np.uint16]:
    if mirrored:
        picture = np.asarray(cv2.flip(picture, 1), dtype=np.uint16)
    if quarter_turns:
        code = (cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180, cv2.ROTATE_90_COUNTERCLOCKWISE)[quarter_turns - 1]
        picture = np.asarray(cv2.rotate(picture, code), dtype=np.uint16)
    return picture
