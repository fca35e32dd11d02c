"""Wrist: outlines of the eight carpal bones, seen at the back and at the palm, and the sesamoids.

Millimetres in the plane of the hand, x towards the thumb, y towards the fingertips, origin in the wrist
joint.
"""

from dataclasses import dataclass

import numpy as np

from detector.phantom.bones import Bone, Doubles, blob

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Carpal:
    """outline: at the back of the hand; depth: thickness from back to palm in mm. palm: how its palmar
    outline lies to that at the back: shift x, y in mm and scale x, y. proximal: of the row at the forearm.
    """

    outline: Points
    depth: float
    palm: tuple[float, float, float, float]
    proximal: bool = False


CARPALS = {
    "capitate": Carpal(
        (
            *((-5.6, 35.2), (-1.5, 35.0), (2.4, 34.4), (5.6, 33.8), (7.2, 31.0), (7.2, 27.0), (7.0, 22.0)),
            *((6.4, 17.6), (4.4, 14.2), (1.6, 12.4), (-1.6, 12.2), (-4.6, 13.8), (-6.0, 17.2), (-5.8, 22.0)),
            *((-6.6, 27.0), (-7.0, 31.5)),
        ),
        15.0,
        (0.3, -0.4, 0.86, 0.95),
    ),
    "hamate": Carpal(
        (
            *((-7.6, 34.6), (-10.4, 34.2), (-13.6, 33.4), (-17.2, 32.6), (-20.4, 30.6), (-21.4, 28.0)),
            *((-18.6, 25.2), (-15.0, 21.6), (-11.4, 17.8), (-8.6, 15.4), (-6.8, 16.4), (-6.6, 20.0)),
            *((-7.0, 25.0), (-7.8, 30.0)),
        ),
        13.0,
        (-0.6, 0.6, 0.9, 0.88),
    ),
    "triquetrum": Carpal(
        (
            *((-9.6, 14.2), (-12.4, 18.2), (-16.0, 22.0), (-19.6, 25.8), (-23.0, 26.4), (-25.2, 23.0)),
            *((-25.0, 18.0), (-22.4, 13.2), (-18.0, 10.4), (-13.2, 10.2), (-10.2, 11.6)),
        ),
        10.5,
        (0.6, -1.0, 0.84, 0.86),
        True,
    ),
    "lunate": Carpal(
        (
            *((-12.6, 9.0), (-10.8, 5.8), (-7.2, 3.7), (-3.2, 3.0), (0.4, 3.6), (2.2, 5.6), (2.4, 8.8)),
            *((1.2, 11.6), (-1.4, 11.2), (-4.6, 11.8), (-7.4, 14.2), (-9.6, 15.6), (-12.0, 13.4)),
        ),
        12.5,
        (0.2, 1.7, 0.88, 0.86),
        True,
    ),
    "scaphoid": Carpal(
        (
            *((2.4, 6.2), (2.8, 9.6), (5.0, 12.2), (7.0, 15.4), (8.0, 19.4), (8.6, 23.2), (11.0, 25.4)),
            *((14.6, 25.0), (18.4, 22.2), (20.6, 18.6), (19.8, 15.4), (17.4, 12.4), (15.0, 8.6), (11.6, 5.2)),
            *((7.4, 3.6), (4.2, 4.0)),
        ),
        11.0,
        (1.1, 1.0, 0.88, 0.86),
        True,
    ),
    "trapezoid": Carpal(
        (
            *((8.6, 33.6), (8.2, 29.4), (8.8, 26.6), (12.0, 26.0), (15.6, 26.4), (17.8, 29.0), (17.6, 33.0)),
            *((15.6, 35.6), (12.0, 36.6)),
        ),
        11.0,
        (0.4, 0.2, 0.74, 0.88),
    ),
    "trapezium": Carpal(
        (
            *((13.6, 30.0), (14.8, 26.4), (17.6, 23.8), (21.8, 22.0), (26.2, 22.6), (28.8, 26.0)),
            *((28.8, 29.6), (26.0, 32.6), (24.2, 36.2), (22.0, 39.4), (19.4, 38.4), (16.4, 34.4)),
        ),
        11.0,
        (-0.4, -0.8, 0.9, 0.88),
    ),
}
LOWER = np.array([0.0, -0.6])  # of the proximal row
HOOK = (-13.2, 28.6)
PISIFORM: Points = (
    *((-15.4, 14.6), (-15.0, 11.0), (-17.2, 8.2), (-20.4, 7.8), (-23.2, 10.4), (-23.4, 14.6)),
    *((-20.8, 17.4), (-17.6, 17.2)),
)


def turned(points: Doubles, angle: float) -> Doubles:
    """Points turned about the wrist joint, radians from +y towards +x."""
    c, s = np.cos(angle), np.sin(angle)
    result: Doubles = points @ np.array([[c, -s], [s, c]])
    return result


def shaped(points: Points, rng: np.random.Generator, amount: float) -> Doubles:
    """The points with small deviations in mm, so that no two patients have the same bone."""
    return np.array(points) + rng.normal(0, amount, (len(points), 2))


def carpal_bones(rng: np.random.Generator, tilt: float) -> list[Bone]:
    """The carpal bones; tilt: angle of the forearm against the hand in radians, followed in part by the
    proximal row.
    """
    bones = []
    middle = np.array([1.0, 35.0])
    breadth = np.array([rng.uniform(0.96, 1.05), rng.uniform(0.97, 1.03)])
    slip = rng.normal(0, 0.5, 2)
    dense = rng.uniform(0.85, 1.1)
    for carpal in CARPALS.values():
        back, palm = both_sides(carpal, rng)
        place, own = offset(rng), dense * rng.uniform(0.7, 1.05)
        share = rng.uniform(0.5, 0.64)
        for outline, deep in ((back, share), (palm, 1 - share)):
            drawn = middle + breadth * (outline - middle)
            drawn = turned(drawn + slip + LOWER, 0.4 * tilt) if carpal.proximal else drawn
            bones.append(blob(drawn, 1.25 * deep * carpal.depth, place, 0.4, own, 0.42))
    pea = turned(shaped(PISIFORM, rng, 0.3) + rng.normal(0, 1.0, 2), 0.4 * tilt)
    bones.append(blob(pea, 7.0, offset(rng), 0.22, 0.85, 0.7))
    bones.append(hook(rng))
    return bones


def both_sides(carpal: Carpal, rng: np.random.Generator) -> tuple[Doubles, Doubles]:
    """The outlines of a carpal bone at the back and at the palm, which cross each other here and there."""
    back = shaped(carpal.outline, rng, 0.22)
    middle = back.mean(axis=0)
    back = middle + rng.normal(1.1, 0.025, 2) * (back - middle)
    shift, scale = np.array(carpal.palm[:2]), np.array(carpal.palm[2:]) * rng.normal(1.03, 0.03, 2)
    palm = middle + shift + rng.normal(0, 0.6, 2) + scale * (back - middle) + rng.normal(0, 0.3, back.shape)
    return back, palm


def hook(rng: np.random.Generator) -> Bone:
    """The hook of the hamate, seen end on: a bright ring with an opening."""
    turn = np.linspace(-0.85 * np.pi, rng.uniform(0.5, 0.95) * np.pi, 12)
    radius = rng.uniform(2.0, 3.0), rng.uniform(3.2, 4.4)
    ring = np.column_stack([np.sin(turn) * radius[0], -np.cos(turn) * radius[1]])
    thick = rng.uniform(0.62, 0.8) + 0.06 * np.sin(2 * turn)[:, None]
    points = np.vstack([ring, thick * ring[::-1]]) + rng.normal(0, 0.12, (24, 2))
    centre = np.array(HOOK) + rng.normal(0, 0.7, 2)
    return blob(centre + turned(points, rng.normal(0.1, 0.25)), 4.2, offset(rng), 0.6, 0.5, 0.3)


def offset(rng: np.random.Generator) -> tuple[float, float]:
    """Where in the texture tiles a bone lies, in mm."""
    return float(rng.uniform(0, 50)), float(rng.uniform(0, 50))


def sesamoid(centre: Doubles, axis: Doubles, size: float, rng: np.random.Generator) -> Bone:
    """A small oval bone beside a metacarpal head; size: its length in mm."""
    turn = np.linspace(0, 2 * np.pi, 9)[:-1]
    across = np.array([axis[1], -axis[0]])
    ring = np.cos(turn)[:, None] * axis * size / 2 + np.sin(turn)[:, None] * across * size * 0.38
    ring = ring * (1 + rng.normal(0, 0.05, (8, 1)))
    return blob(centre + ring, 0.62 * size, offset(rng), 0.22, 1.0)
