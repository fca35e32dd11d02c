"""What bounds the beam: one field for the film or one for each hand; and the pads the hands lie on."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from detector.phantom.attenuation import Placement
from detector.phantom.texture import Floats

COARSE = 8


@dataclass(frozen=True)
class Diaphragm:
    """share: of the beam let through, float32 [H, W]; hidden: level of what is shut off, as a share of that
    of air; lowest: the row above which the beam is open.
    """

    share: Floats
    hidden: float
    lowest: float


def draw_diaphragm(
    size: tuple[int, int], placements: Sequence[Placement], rng: np.random.Generator
) -> Diaphragm:
    """Most films are cut off somewhere below the wrists, for both hands at once or for each of them."""
    black = rng.random() < 0.3
    if rng.random() < 0.6:
        share = fields(size, placements, rng)
        return Diaphragm(share, 0.0 if rng.random() < 0.12 else rng.uniform(0.92, 1.0), 0.98 * size[0])
    height, width = size
    shut = rng.uniform(0.02, 0.16) if rng.random() < 0.6 else -0.05
    edge = rng.uniform(2, 30) / height
    skew = rng.normal(0, 0.012)
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :]
    share = np.clip((1 - shut - y + np.float32(skew) * x) / np.float32(edge) + 0.5, 0, 1)
    return Diaphragm(share, 0.0 if black else 1.0, (1 - max(shut, 0.0) - abs(skew)) * height)


def fields(size: tuple[int, int], placements: Sequence[Placement], rng: np.random.Generator) -> Floats:
    """Each hand in a field of its own that ends in the forearm, more or less square to it."""
    share = np.ones(size, np.float32)
    half = size[1] // 2
    for placement in placements:
        middle = placement.points(np.array([0.0, 40.0]))
        start = 0 if middle[0] < half else half
        cut = placement.points(np.array([0.0, -rng.uniform(14, 48)]))
        down = placement.points(np.array([0.0, 0.0])) - placement.points(np.array([0.0, 1.0]))
        lean = np.arctan2(down[0], down[1]) * rng.uniform(0.0, 1.0) + rng.normal(0, 0.03)
        soft = rng.uniform(3, 40)
        y, x = np.ogrid[0 : size[0], start : start + half]
        beyond = (y - cut[1]) * np.cos(lean) + (x - cut[0]) * np.sin(lean)
        share[:, start : start + half] = np.clip(0.5 - beyond / soft, 0, 1)
    return share


def add_pads(film: Floats, unit: float, rng: np.random.Generator) -> None:
    """At times the faint shadow of a foam pad or a fold of the sheet, in place on attenuations [H, W]."""
    layer = np.zeros((film.shape[0] // COARSE + 1, film.shape[1] // COARSE + 1), np.float32)
    for _ in range(int(rng.integers(0, 4))):
        centre = np.array(
            [rng.uniform(0.05, 0.95) * layer.shape[1], rng.uniform(0.55, 0.95) * layer.shape[0]]
        )
        turn = np.sort(rng.uniform(0, 2 * np.pi, 7))
        reach = rng.uniform(0.15, 0.6) * unit / COARSE * rng.uniform(0.5, 1.2, 7)
        ring = centre + np.column_stack([np.cos(turn), np.sin(turn)]) * reach[:, None]
        pad = np.zeros(layer.shape, np.float32)
        cv2.fillPoly(pad, [np.rint(ring * 16).astype(np.int32)], 1.0, cv2.LINE_AA, 4)
        layer += np.float32(rng.uniform(0.005, 0.045)) * pad
    if layer.any():
        smooth = cv2.GaussianBlur(layer, (0, 0), rng.uniform(0.8, 3.0))
        film += cv2.resize(smooth, (film.shape[1], film.shape[0]), interpolation=cv2.INTER_LINEAR)
