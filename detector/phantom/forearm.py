"""Forearm: radius and ulna, with the two rims of the wrist joint and the plate of dense bone below them."""

import numpy as np

from detector.phantom.bones import Bone, Doubles, blob, closed_curve
from detector.phantom.carpus import offset, turned

# the joint surface of the radius from the ulna to the tip of its styloid
SURFACE = ((-10.2, -0.4), (-6.4, 0.6), (-1.6, 0.7), (3.4, 1.5), (8.0, 2.2), (12.6, 3.8), (16.6, 6.8))
RADIUS = (
    *((19.6, 8.2), (21.0, 5.6), (21.0, 0.0), (20.2, -8.0), (17.4, -18.0), (14.0, -30.0), (12.2, -48.0)),
    *((12.0, -80.0), (13.0, -130.0), (-1.4, -130.0), (-2.0, -80.0), (-2.6, -48.0), (-4.2, -30.0)),
    *((-7.4, -18.0), (-9.6, -11.0), (-11.0, -6.0)),
)
ULNA = (
    *((-12.6, -3.4), (-14.2, -0.9), (-17.4, -0.3), (-20.4, -0.7), (-21.6, -0.4), (-23.0, 1.8), (-24.8, 4.4)),
    *((-26.0, 2.8), (-26.2, -1.2), (-25.8, -7.0), (-24.2, -15.0), (-23.4, -28.0), (-24.2, -50.0)),
    *((-25.4, -80.0), (-26.4, -130.0), (-15.2, -130.0), (-14.6, -80.0), (-14.2, -50.0), (-14.6, -28.0)),
    *((-14.4, -15.0), (-12.8, -8.6)),
)


def forearm_bones(rng: np.random.Generator, tilt: float) -> list[Bone]:
    """Radius and ulna; tilt: angle of the forearm against the hand in radians."""
    radius, ulna = np.array(SURFACE + RADIUS), np.array(ULNA)
    bend, close = rng.normal(0, 1.6), rng.uniform(-1.5, 1.5)
    rotated = rng.uniform(0.9, 1.06)
    ulna[:, 1] += rng.normal(-0.6, 1.2) * (ulna[:, 1] > -12)
    tip = np.abs(ulna[:, 0] + 24.4) < 1.9
    ulna[tip & (ulna[:, 1] > 1.5)] += [0.0, rng.uniform(-2.0, 1.2)]
    radius, ulna = bowed(radius, bend, 0.0, rng), bowed(ulna, 0.7 * bend, close, rng)
    count = len(SURFACE)
    lowered = radius.copy()
    lowered[:count, 1] -= rng.uniform(0.8, 3.0) * np.sin(np.linspace(0.35, 0.85 * np.pi, count))
    place = offset(rng)
    bones = [
        long_bone(radius, tilt, (30.0, 14.5 * rotated), place, 0.55),
        long_bone(lowered, tilt, (30.0, 14.5 * rotated), place, 0.45),
        long_bone(ulna, tilt, (14.0, 10.6), offset(rng), 1.0),
        plate(lowered[:count], rng.uniform(1.2, 2.2), tilt, rng),
    ]
    if rng.random() < 0.6:
        bones.append(scar(rng.uniform(-11.0, -7.0), tilt, rng))
    return bones


def bowed(points: Doubles, bend: float, close: float, rng: np.random.Generator) -> Doubles:
    """The outline with a bow of the shaft, an additional distance at its far end, and small deviations."""
    down = np.clip(-points[:, 1] / 80, 0, 1.6)
    aside = bend * np.sin(np.pi * np.minimum(down, 1)) + close * down
    jitter: Doubles = rng.normal(0, 0.28, points.shape)
    return points + np.column_stack([aside, np.zeros(len(points))]) + jitter


def long_bone(
    points: Doubles, angle: float, widths: tuple[float, float], place: tuple[float, float], share: float
) -> Bone:
    """A bone that runs from the wrist downwards; widths: of head and shaft in mm; share: of its thickness."""
    head, shaft = widths
    at = np.array([-12.0, 0.0, 6.0, 14.0, 26.0, 45.0, 140.0])
    width = np.array([head, head, head, 0.85 * head, 0.5 * (head + shaft), shaft, shaft]) / 2
    return Bone(
        outline=turned(closed_curve(points), angle),
        origin=turned(np.array([[points[:, 0].mean(), 0.0]]), angle)[0],
        axis=turned(np.array([[0.0, -1.0]]), angle)[0],
        across=turned(np.array([[1.0, 0.0]]), angle)[0],
        stations=at,
        half_width=width,
        rounding=width * np.array([0.3, 0.35, 0.5, 0.7, 0.9, 1.0, 1.0]),
        depth=share * np.array([13.0, 16.0, 17.0, 16.0, 14.0, 13.0, 13.0]) * shaft / 15,
        cortex=np.array([0.32, 0.32, 0.38, 0.5, 1.4, 2.7, 3.2]),
        marrow=np.array([1.0, 1.0, 0.9, 0.7, 0.4, 0.15, 0.15]),
        edge=np.array([0.5, 0.5, 0.5, 0.3, 0.1, 0.0, 0.0]),
        mesh=0.6,
        grain=0.26,
        uneven=0.12,
        plate=0.0,
        offset=place,
    )


def plate(surface: Doubles, thick: float, angle: float, rng: np.random.Generator) -> Bone:
    """The dense bone below the joint surface of the radius, thickest in its middle."""
    below = np.sin(np.linspace(0.25, 0.9 * np.pi, len(surface)))[:, None] * [0.0, thick]
    ring = np.vstack([surface - [0.0, 0.3], (surface - below)[::-1] - [0.0, 0.3]])
    return blob(turned(ring, angle), rng.uniform(4.5, 8.0), offset(rng), 0.6, 0.9, 0.8)


def scar(level: float, angle: float, rng: np.random.Generator) -> Bone:
    """The thin line that the closed growth plate of the radius leaves."""
    x = np.linspace(-8.0, 18.0, 9)
    y = level - 0.1 * x + rng.normal(0, 0.35, 9)
    thick = rng.uniform(0.35, 0.7, 9)
    ring = np.vstack([np.column_stack([x, y + thick]), np.column_stack([x, y])[::-1]])
    return blob(turned(ring, angle), rng.uniform(1.4, 3.0), offset(rng), 0.5, 0.8, 0.8)
