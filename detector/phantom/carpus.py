"""Wrist and forearm: outlines of the eight carpal bones, radius, ulna and sesamoids.

Millimetres in the plane of the hand, x towards the thumb, y towards the fingertips, origin in the wrist joint.
"""

import numpy as np

from detector.phantom.bones import Bone, Doubles, blob, closed_curve

Points = tuple[tuple[float, float], ...]

# name -> outline, thickness from back to palm in mm
CARPALS: dict[str, tuple[Points, float]] = {
    "capitate": (
        (
            (-7.3, 33.5),
            (-2, 35.2),
            (5.6, 34.8),
            (6.9, 30.5),
            (5.6, 25),
            (5.3, 18.5),
            (3.2, 13.4),
            (-0.6, 11.8),
        )
        + ((-4.6, 13.6), (-6.2, 18), (-6.4, 24), (-7.6, 29)),
        15.0,
    ),
    "lunate": (
        ((4.2, 2.6), (5.6, 6.2), (4.4, 10.6), (0.6, 9.6), (-3.6, 11), (-8, 13), (-10.6, 9.4), (-9.4, 4))
        + ((-4.6, 1.2), (0.4, 1)),
        13.0,
    ),
    "scaphoid": (
        ((7.2, 3.4), (6.2, 8), (7, 13.4), (9, 18.6), (11.4, 23.2), (15.6, 24.6), (19.2, 21.8), (19.4, 17))
        + ((17.2, 12.4), (15.4, 8), (12.4, 4.6), (9.8, 3)),
        12.0,
    ),
    "triquetrum": (
        ((-9.6, 14.8), (-12, 8.8), (-16, 7.4), (-19.8, 10), (-20.6, 14.4), (-17.8, 18), (-13.6, 18.6)),
        11.0,
    ),
    "pisiform": (((-12.8, 13), (-14, 8.8), (-17.6, 8), (-20.4, 11), (-19.4, 15.2), (-15.4, 16.6)), 9.0),
    "hamate": (
        ((-8.6, 33.4), (-14, 33.2), (-20.4, 30), (-21.2, 26), (-17.6, 21.4), (-12.6, 18.4), (-8, 15.6))
        + ((-6.9, 20), (-7.2, 26), (-8.9, 29.6)),
        14.0,
    ),
    "hook": (((-11.4, 28.6), (-11.2, 24.2), (-14.4, 22.6), (-17, 25), (-16.6, 28.8), (-14, 30.2)), 7.0),
    "trapezoid": (
        ((8.4, 36), (7.9, 30.4), (8.7, 26), (12.8, 25.4), (16.6, 28), (17, 33.4), (13.6, 37.8), (10.6, 37.6)),
        11.0,
    ),
    "trapezium": (
        (
            (14.6, 27.4),
            (17.6, 25.2),
            (22.4, 24.4),
            (27, 27.6),
            (28.4, 32.6),
            (25.6, 36.6),
            (20.4, 37.6),
            (16.8, 34),
        ),
        11.0,
    ),
}

RADIUS: Points = (
    ((-9.6, -2.6), (-4, -1.6), (2, -0.9), (8, 0.6), (14, 4.2), (18.4, 8.2), (21, 8.6), (22.6, 4), (22.6, -3))
    + ((21, -11), (17.4, -21), (14, -33), (12.6, -50), (13, -80), (14, -130), (-1, -130), (-1.8, -80))
    + ((-2.6, -50), (-3.4, -33), (-6, -20), (-8.6, -11), (-10.4, -6))
)
ULNA: Points = (
    ((-12.4, -4.4), (-14.6, -2.2), (-18.4, -1.6), (-21.4, -1.8), (-24.2, 1.6), (-26.4, 2.2), (-27.2, -1.6))
    + (
        (-26.8, -7),
        (-24.6, -15),
        (-23.6, -28),
        (-24.2, -50),
        (-25, -80),
        (-26, -130),
        (-14, -130),
        (-13.4, -80),
    )
    + ((-13.2, -50), (-13.6, -28), (-13.6, -15), (-12.2, -8.6))
)


def turned(points: Doubles, angle: float) -> Doubles:
    """Points turned about the wrist joint, radians from +y towards +x."""
    c, s = np.cos(angle), np.sin(angle)
    result: Doubles = points @ np.array([[c, -s], [s, c]])
    return result


def shaped(points: Points, rng: np.random.Generator, amount: float) -> Doubles:
    """The points with small deviations in mm, so that no two patients have the same bone."""
    return np.array(points) + rng.normal(0, amount, (len(points), 2))


def forearm_bone(
    points: Doubles, angle: float, head: float, shaft: float, offset: tuple[float, float]
) -> Bone:
    """A bone that runs from the wrist downwards, head and shaft widths in mm."""
    at = np.array([-12.0, 0.0, 6.0, 14.0, 26.0, 45.0, 140.0])
    width = np.array([head, head, head, 0.85 * head, 0.5 * (head + shaft), shaft, shaft]) / 2
    return Bone(
        outline=turned(closed_curve(points), angle),
        origin=turned(np.array([[points[:, 0].mean(), 0.0]]), angle)[0],
        axis=turned(np.array([[0.0, -1.0]]), angle)[0],
        across=turned(np.array([[1.0, 0.0]]), angle)[0],
        stations=at,
        half_width=width,
        rounding=width * np.array([0.45, 0.5, 0.55, 0.7, 0.9, 1.0, 1.0]),
        depth=np.array([13.0, 16.0, 17.0, 16.0, 14.0, 13.0, 13.0]) * shaft / 15,
        cortex=np.array([0.6, 0.6, 0.6, 0.7, 1.4, 2.6, 3.2]),
        marrow=np.array([1.0, 1.0, 0.9, 0.7, 0.4, 0.2, 0.2]),
        mesh=0.25,
        offset=offset,
    )


def wrist_bones(rng: np.random.Generator, tilt: float) -> list[Bone]:
    """Carpal bones, radius and ulna; tilt: angle of the forearm against the hand in radians."""
    bones = []
    rows = 0.35 * tilt  # the proximal row follows the forearm in part
    for name, (points, depth) in CARPALS.items():
        drawn = shaped(points, rng, 0.35)
        if name in ("lunate", "scaphoid", "triquetrum", "pisiform"):
            drawn = turned(drawn, rows)
        plate = 0.9 if name == "hook" else 0.6
        dense = 0.2 if name == "hook" else 0.8
        bones.append(blob(drawn, depth * rng.uniform(0.92, 1.08), offset(rng), plate, dense))
    for points, head, shaft in ((RADIUS, 31.0, 15.0), (ULNA, 14.0, 11.0)):
        bones.append(forearm_bone(shaped(points, rng, 0.3), tilt, head, shaft, offset(rng)))
    return bones


def offset(rng: np.random.Generator) -> tuple[float, float]:
    """Where in the texture tiles a bone lies, in mm."""
    return float(rng.uniform(0, 50)), float(rng.uniform(0, 50))


def sesamoid(centre: Doubles, axis: Doubles, size: float, rng: np.random.Generator) -> Bone:
    """A small oval bone beside a metacarpal head; size: its length in mm."""
    turn = np.linspace(0, 2 * np.pi, 9)[:-1]
    across = np.array([axis[1], -axis[0]])
    ring = np.cos(turn)[:, None] * axis * size / 2 + np.sin(turn)[:, None] * across * size * 0.38
    ring = ring * (1 + rng.normal(0, 0.05, (8, 1)))
    return blob(centre + ring, 0.62 * size, offset(rng), 0.45, 1.0)
