"""Wrist and forearm: outlines of the eight carpal bones, radius, ulna and sesamoids.

Millimetres in the plane of the hand, x towards the thumb, y towards the fingertips, origin in the wrist
joint.
"""

import numpy as np

from detector.phantom.bones import Bone, Doubles, blob, closed_curve

Points = tuple[tuple[float, float], ...]

# name -> outline, thickness from back to palm in mm
CARPALS: dict[str, tuple[Points, float]] = {
    "capitate": (
        (
            *((-7.5, 34.6), (-2, 36.4), (5.8, 36), (7.8, 31.5), (6.4, 26.5), (6, 20), (4, 14), (0, 11.2)),
            *((-4.6, 12.2), (-7, 17), (-6.6, 23.5), (-8.2, 29)),
        ),
        15.0,
    ),
    "lunate": (
        (
            *(
                (4.8, 2.6),
                (6.8, 6.5),
                (6, 11.8),
                (3.4, 12.6),
                (-0.3, 11),
                (-4, 12.8),
                (-7.6, 15.4),
                (-11, 13),
            ),
            *((-11, 8), (-9.4, 3.6), (-4.6, 1), (0.8, 0.8)),
        ),
        13.0,
    ),
    "scaphoid": (
        (
            *((6.2, 3.4), (4.6, 8), (5, 13), (6, 18.6), (7.4, 23.4), (11.6, 27.4), (17.4, 28.4), (21, 25)),
            *((21.2, 19.6), (18.4, 15.4), (18.8, 10.4), (15.6, 5.4), (10.6, 2.6)),
        ),
        12.0,
    ),
    "triquetrum": (
        (
            (-8.4, 15.4),
            (-10.6, 9.8),
            (-14, 5.6),
            (-19, 6.2),
            (-22.8, 11),
            (-22.4, 16.4),
            (-18, 20.4),
            (-13, 19.2),
        ),
        11.0,
    ),
    "pisiform": (
        ((-13.2, 10.8), (-14.6, 6.6), (-18.2, 5.4), (-21.2, 8.2), (-20.4, 12.6), (-16.4, 14.4)),
        6.5,
    ),
    "hamate": (
        (
            *((-7.4, 34.4), (-12, 35), (-17, 34), (-22.4, 30.4), (-23, 26), (-18.6, 21.6), (-13, 18.6)),
            *((-8, 13.8), (-5.2, 16.4), (-5.4, 23), (-7.2, 29)),
        ),
        14.0,
    ),
    "hook": (((-11, 29.6), (-10.6, 25), (-13.6, 22.2), (-17, 23.6), (-17.4, 28), (-14.8, 31)), 5.0),
    "trapezoid": (
        (
            (7.4, 37.2),
            (6.2, 31),
            (6.6, 25.6),
            (11.6, 24.8),
            (16.4, 26.6),
            (18, 32.4),
            (15.4, 37.6),
            (11, 39.6),
        ),
        11.0,
    ),
    "trapezium": (
        (
            *(
                (13.6, 29),
                (15.4, 25),
                (20, 22.8),
                (25.4, 23.6),
                (30, 28.4),
                (31, 33),
                (28, 36.4),
                (21.6, 38.6),
            ),
            *((16.6, 35.4),),
        ),
        11.0,
    ),
}

RADIUS: Points = (
    *(
        (-9.6, -2.6),
        (-4, -1.6),
        (2, -0.9),
        (8, 0.6),
        (14, 4.2),
        (18.4, 8.2),
        (21, 8.6),
        (22.6, 4),
        (22.6, -3),
    ),
    *((21, -11), (17.4, -21), (14, -33), (12.6, -50), (13, -80), (14, -130), (-1, -130), (-1.8, -80)),
    *((-2.6, -50), (-3.4, -33), (-6, -20), (-8.6, -11), (-10.4, -6)),
)
ULNA: Points = (
    *((-12.4, -3), (-14.6, -0.6), (-18.4, 0), (-21.4, -0.2), (-24, 3), (-26, 3.8), (-27, 0)),
    *((-26.8, -7), (-24.6, -15), (-23.6, -28), (-24.2, -50), (-25, -80), (-26, -130), (-14, -130)),
    *((-13.4, -80), (-13.2, -50), (-13.6, -28), (-13.6, -15), (-12.2, -8.6)),
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
        mesh=0.3,
        grain=0.22,
        uneven=0.12,
        plate=0.0,
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
        plate = 0.7 if name == "hook" else 0.5
        dense = 0.0 if name == "hook" else rng.uniform(0.85, 1.15)
        deep = depth * rng.uniform(0.92, 1.08)
        if name == "hook":
            bones.append(blob(drawn, deep, offset(rng), plate, dense))
        else:
            bones += halves(drawn, deep, plate, dense, rng)
    for points, head, shaft in ((RADIUS, 31.0, 15.0), (ULNA, 14.0, 11.0)):
        bones.append(forearm_bone(shaped(points, rng, 0.3), tilt, head, shaft, offset(rng)))
    return bones


def halves(points: Doubles, depth: float, plate: float, dense: float, rng: np.random.Generator) -> list[Bone]:
    """A carpal bone whose outline at the back is not that at the palm, so that it shows two contours."""
    middle = points.mean(axis=0)
    back = middle + 0.97 * (points - middle)
    moved = rng.normal(0, 0.7, 2)
    palm = middle + moved + rng.uniform(0.8, 0.93) * (points - middle) + rng.normal(0, 0.4, points.shape)
    place = offset(rng)
    return [blob(back, 0.58 * depth, place, plate, dense), blob(palm, 0.42 * depth, place, plate, dense)]


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
