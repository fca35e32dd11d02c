"""The shapes of bones in millimetres: outline, thickness, cortex and marrow along the axis.

A bone's own coordinates are u (across, towards the thumb) and s (along the axis, from the proximal end).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]

ALONG = np.array([0.0, 0.06, 0.14, 0.28, 0.45, 0.6, 0.75, 0.87, 0.94, 1.0])  # stations of a long bone
EDGE = np.array([0.3, 0.35, 0.4, 0.35, 0.3, 0.3, 0.2, 0.3, 0.45, 0.5])  # at these


@dataclass(frozen=True)
class Bone:
    """A bone laid into the plane of the hand (millimetres, x towards the thumb, y towards the fingertips).

    outline: float64 [N, 2]. origin, axis: where s is 0, and the unit vector along s. across: unit vector
    along u.
    stations: float64 [K], places along s for which half_width, rounding (how far from the outline the full
    thickness is reached), depth (thickness from back to palm), cortex (all in mm) and marrow (0 empty .. 1
    dense trabecular bone) are given, float64 [K] each. mesh: share of net-like against strand-like
    trabeculae; grain: how much they stand out;
    edge: how gently the bone thins out at its outline, 0 round .. 1, float64 [K];
    uneven: how much cortex and marrow vary slowly within the bone.
    plate: how far within the proximal end the floor of its socket shows as a second line, in mm, 0 for none;
    floor: how clearly, 1 usual.
    offset: where in the texture tiles this bone lies, in mm.
    """

    outline: Doubles
    origin: Doubles
    axis: Doubles
    across: Doubles
    stations: Doubles
    half_width: Doubles
    rounding: Doubles
    depth: Doubles
    cortex: Doubles
    marrow: Doubles
    edge: Doubles
    mesh: float
    grain: float
    uneven: float
    plate: float
    offset: tuple[float, float]
    floor: float = 1.0


@dataclass(frozen=True)
class Shape:
    """A long bone in its own coordinates, before it is laid into a hand. kind: metacarpal, proximal, middle,
    distal.

    length and the full widths base, shaft, head in mm; cortex: thickness at mid-shaft in mm; jitter: float64
    [2, 24], small deviations of the two sides of the outline, so that no bone is symmetric. flare: how far
    the ends stand out from the shaft, towards the thumb and away from it, 1 usual. bow: how far the middle
    of the shaft lies towards the thumb, in mm. notch: depth of the hollow in the proximal end and slant: how
    much further distal its side towards the thumb lies, both as a share of half its width.
    """

    kind: str
    length: float
    base: float
    shaft: float
    head: float
    cortex: float
    jitter: Doubles
    offset: tuple[float, float]
    flare: tuple[float, float] = (1.0, 1.0)
    bow: float = 0.0
    notch: float = 0.1
    slant: float = 0.0


def closed_curve(points: Doubles, per_span: int = 8, slack: float = 1.0) -> Doubles:
    """A centripetal Catmull-Rom curve, closed, through points float64 [N, 2]; float64 [N * per_span, 2].

    slack: 1 round, towards 0 ever more angular.
    """
    before, after, later = (np.roll(points, -k, axis=0) for k in (-1, 1, 2))
    step = np.sqrt(np.linalg.norm(after - points, axis=1))[:, None] + 1e-6
    back, ahead = np.roll(step, 1, axis=0), np.roll(step, -1, axis=0)
    leave = (points - before) / back - (after - before) / (back + step) + (after - points) / step
    arrive = (after - points) / step - (later - points) / (step + ahead) + (later - after) / ahead
    leave, arrive = slack * leave * step, slack * arrive * step
    t = (np.arange(per_span) / per_span)[:, None, None]
    curve = (
        (2 * t**3 - 3 * t**2 + 1) * points
        + (t**3 - 2 * t**2 + t) * leave
        + (3 * t**2 - 2 * t**3) * after
        + (t**3 - t**2) * arrive
    )
    ring: Doubles = curve.transpose(1, 0, 2).reshape(-1, 2)
    return ring


def base_side(shape: Shape) -> list[tuple[float, float]]:
    """Half of the proximal end, u and s, from the middle outwards: concave, ridged or flat."""
    w = shape.base / 2
    if shape.kind == "proximal":
        return [
            (0.0, 0.02 * w),
            (0.5 * w, -0.04 * w),
            (0.82 * w, -0.15 * w),
            (0.96 * w, 0.1 * w),
            (w, 0.48 * w),
        ]
    if shape.kind == "metacarpal":
        return [
            (0.0, shape.notch * w),
            (0.3 * w, 0.6 * shape.notch * w),
            (0.62 * w, 0.0),
            (0.9 * w, 0.1 * w),
            (w, 0.36 * w),
            (0.95 * w, 0.8 * w),
        ]
    return [
        (0.0, -0.08 * w),
        (0.45 * w, 0.02 * w),
        (0.8 * w, -0.04 * w),
        (0.96 * w, 0.2 * w),
        (w, 0.52 * w),
    ]


def shaft_side(shape: Shape) -> list[tuple[float, float]]:
    """The flare towards the base, the waist, and the flare towards the head."""
    b, w, h, length = shape.base / 2, shape.shaft / 2, shape.head / 2, shape.length
    if shape.kind == "metacarpal":
        rows = [(w + 0.72 * (b - w), 0.12), (w + 0.36 * (b - w), 0.18), (w + 0.1 * (b - w), 0.27), (w, 0.42)]
        rows += [(w + 0.06 * (h - w), 0.56), (w + 0.2 * (h - w), 0.66), (w + 0.5 * (h - w), 0.76)]
    elif shape.kind == "distal":
        rows = [(w + 0.55 * (b - w), 0.22), (w + 0.16 * (b - w), 0.38), (w, 0.55), (w + 0.5 * (h - w), 0.72)]
    else:
        rows = [(w + 0.7 * (b - w), 0.14), (w + 0.36 * (b - w), 0.26), (w + 0.12 * (b - w), 0.42), (w, 0.6)]
    # a short, broad bone has no room for all of these between its ends
    room = (0.95 * b, length - (2.1 if shape.kind in ("proximal", "middle") else 1.5) * h)
    return [(u, s * length) for u, s in rows if room[0] < s * length < room[1]]


def head_side(shape: Shape) -> list[tuple[float, float]]:
    """Half of the distal end, from the shaft inwards: a ball, two condyles or a tuft."""
    h, length = shape.head / 2, shape.length
    if shape.kind == "metacarpal":
        rows = [(0.93, 1.25), (1.0, 0.93), (0.97, 0.62), (0.86, 0.32), (0.62, 0.07), (0.3, -0.03)]
        rows += [(0.0, -0.05)]
    elif shape.kind == "distal":
        rows = [(0.93, 0.85), (1.0, 0.5), (0.8, 0.18), (0.42, 0.03), (0.0, 0.0)]
    else:
        neck = shape.shaft / shape.head
        rows = [(neck + share * (1 - neck), s) for share, s in ((0.24, 1.95), (0.58, 1.42), (0.86, 1.0))]
        rows += [(1.0, 0.62), (0.94, 0.26), (0.74, 0.03), (0.4, -0.03), (0.0, 0.03)]
    return [(u * h, length - s * h) for u, s in rows]


def outline_of(shape: Shape) -> Doubles:
    """The closed outline in the bone's own coordinates, float64 [N, 2]."""
    side = np.array(base_side(shape) + shaft_side(shape) + head_side(shape))
    count = len(side)
    half = shape.shaft / 2
    sides = []
    for flare, jitter, sign in zip(shape.flare, shape.jitter, (1, -1), strict=True):
        u = np.where(side[:, 0] > half, half + flare * (side[:, 0] - half), side[:, 0])
        sides.append(np.column_stack([sign * u * (1 + jitter[:count]), side[:, 1]]))
    ring = np.vstack([sides[0], sides[1][-2:0:-1]])
    share = np.clip(ring[:, 1] / shape.length, 0, 1)
    ring[:, 1] += shape.slant * ring[:, 0] * np.maximum(1 - 4 * share, 0)
    ring[:, 0] += shape.bow * 4 * share * (1 - share)
    return closed_curve(ring)


def lay(shape: Shape, origin: Doubles, angle: float, foreshortening: float = 1.0) -> Bone:
    """The bone with its proximal end at origin, at angle radians from +y towards +x, shortened by flexion."""
    axis = np.array([np.sin(angle), np.cos(angle)])
    across = np.array([np.cos(angle), -np.sin(angle)])
    own = outline_of(shape) * [1.0, foreshortening]
    outline = origin + own[:, :1] * across + own[:, 1:] * axis
    length = shape.length * foreshortening
    b, w, h = shape.base / 2, shape.shaft / 2, shape.head / 2
    at = ALONG
    if shape.kind == "distal":
        width = np.array([b, b, 0.8 * b, w * 1.15, w, w, 0.85 * h, h, h, h])
        depth = np.array([1.2, 1.15, 1.2, 1.4, 1.4, 1.3, 1.0, 0.85, 0.75, 0.6]) * width
        marrow = np.array([0.9, 0.9, 0.75, 0.5, 0.35, 0.4, 0.7, 0.8, 0.8, 0.7])
    else:
        width = np.array([b, b, w + 0.6 * (b - w), w + 0.15 * (b - w), w, w, w + 0.3 * (h - w), h, h, h])
        depth = np.array([1.35, 1.4, 1.5, 1.66, 1.78, 1.78, 1.7, 1.6, 1.6, 1.5]) * width
        marrow = np.array([1.1, 1.0, 0.82, 0.48, 0.22, 0.22, 0.5, 0.92, 1.1, 1.1])
    end = np.array([0.62, 0.28, 0.16, 0.26, 0.45, 0.45, 0.34, 0.2, 0.16, 0.18])
    swell = np.array([0.0, 0.0, 0.06, 0.55, 1.05, 1.08, 0.6, 0.12, 0.0, 0.0])
    blunt = np.array([0.55, 0.75, 0.95, 1.0, 1.0, 1.0, 1.0, 0.95, 0.9, 0.75])
    return Bone(
        outline=outline,
        origin=origin,
        axis=axis,
        across=across,
        stations=at * length,
        half_width=width,
        rounding=width * blunt,
        depth=depth,
        cortex=end + (shape.cortex - 0.45) * swell,
        marrow=marrow,
        edge=EDGE,
        mesh=0.5,
        grain=0.32,
        uneven=0.12,
        plate=0.0 if shape.kind == "metacarpal" else 0.2 * b,
        offset=shape.offset,
    )


def blob(
    points: Doubles,
    depth: float,
    offset: tuple[float, float],
    cortex: float = 0.55,
    marrow: float = 1.0,
    steep: float = 0.55,
) -> Bone:
    """A short bone from the points of its outline in hand millimetres, float64 [N, 2].

    steep: within which share of half its width it reaches the full depth.
    """
    outline = closed_curve(points, slack=0.8)
    spread = outline.max(axis=0) - outline.min(axis=0)
    width = float(spread.min()) / 2
    flat = np.ones(2)
    return Bone(
        outline=outline,
        origin=outline.mean(axis=0),
        axis=np.array([0.0, 1.0]),
        across=np.array([1.0, 0.0]),
        stations=np.array([-50.0, 50.0]),
        half_width=width * flat,
        rounding=steep * width * flat,
        depth=depth * flat,
        cortex=cortex * flat,
        marrow=marrow * flat,
        edge=0.4 * flat,
        mesh=0.6,
        grain=0.32,
        uneven=0.25,
        plate=0.0,
        offset=offset,
    )
