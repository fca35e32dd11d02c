"""Noise fields: trabeculae, the unevenness of soft tissue, film grain. Every field repeats at its edges."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

TILE = 512  # pixels
TILE_MM = 0.1  # millimetres of bone a tile pixel stands for


@dataclass(frozen=True)
class Textures:
    """Tiles float32 [TILE, TILE], mean 0, deviation 1. strands run along y; mesh and slow along nothing."""

    strands: Floats
    mesh: Floats
    slow: Floats


def smooth_noise(rng: np.random.Generator, across: float, along: float) -> Floats:
    """White noise, smoothed by Gaussians of these deviations in pixels (x, y); mean 0, deviation 1."""
    frequency = np.fft.rfftfreq(TILE)[None, :], np.fft.fftfreq(TILE)[:, None]
    gain = np.exp(-2 * np.pi**2 * ((across * frequency[0]) ** 2 + (along * frequency[1]) ** 2))
    white = np.fft.rfft2(rng.standard_normal((TILE, TILE), dtype=np.float32))
    return standardised(np.fft.irfft2(white * gain, s=(TILE, TILE)))


def standardised(field: NDArray[np.floating]) -> Floats:
    """The field with mean 0 and deviation 1."""
    result: Floats = ((field - field.mean()) / field.std()).astype(np.float32)
    return result


def ridges(field: Floats) -> Floats:
    """Thin bright lines where the field crosses zero: a net of struts instead of blobs."""
    return standardised(np.exp(-np.abs(field) * 2.2))


def draw_textures(rng: np.random.Generator) -> Textures:
    """The three tiles of one patient, so that every visit shows the same bone."""
    strands = ridges(smooth_noise(rng, 1.5, 11.0)) + 0.6 * smooth_noise(rng, 1.0, 5.0)
    mesh = ridges(smooth_noise(rng, 1.8, 2.4)) + 0.5 * smooth_noise(rng, 1.1, 1.3)
    return Textures(standardised(strands), standardised(mesh), smooth_noise(rng, 16.0, 24.0))


def sample(tile: Floats, across_mm: Floats, along_mm: Floats) -> Floats:
    """The tile at places given in millimetres (float32 [H, W] each), repeated without end."""
    x = (across_mm / TILE_MM).astype(np.float32)
    y = (along_mm / TILE_MM).astype(np.float32)
    found = cv2.remap(tile, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return np.asarray(found, np.float32)
