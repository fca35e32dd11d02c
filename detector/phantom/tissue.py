"""Soft tissue: a smooth outline around the skeleton and how thick the hand is inside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.phantom.attenuation import Placement
from detector.phantom.bones import Doubles
from detector.phantom.carpus import turned
from detector.phantom.skeleton import Hand
from detector.phantom.skin import Fold, folds_of
from detector.phantom.texture import Floats, Textures, sample

MUSCLE = 0.0195  # attenuation per mm
COARSE = 4  # the outline is computed at one in so many pixels
SHARPNESS = 6.5  # how closely neighbouring parts keep their own outline where they meet
PALM = 1.5  # flatness of the palm
FINGER = {1: 10.7, 2: 9.2, 3: 9.5, 4: 8.9, 5: 7.9}  # half width at the proximal phalanx in mm


@dataclass(frozen=True)
class Part:
    """A tapering stretch of flesh from a to b: half widths in mm and thickness from back to palm at both
    ends.
    flat: 1 for a round section, more for one that reaches its full thickness nearer to its outline.
    """

    a: Doubles
    b: Doubles
    width: tuple[float, float]
    depth: tuple[float, float]
    flat: float = 1.0


def parts_of(hand: Hand) -> list[Part]:
    """The flesh around every bone, the ball of the thumb, the edge of the hand, and the forearm."""
    by_number = {ray.number: ray.knots for ray in hand.rays}
    parts = [p for n, knots in by_number.items() for p in finger(n, knots, hand.plump[n - 1])]
    return parts + palm(by_number) + forearm(hand.tilt)


def finger(number: int, knots: Doubles, plump: Doubles) -> list[Part]:
    """One digit; knots: both ends of its metacarpal, then of each phalanx, float64 [K, 2]; plump: of its
    joints and tip.
    """
    w = FINGER[number]
    usual = [1.12, 0.98, 0.78] if number == 1 else [1.12, 1.0, 0.88, 0.78]
    shares = [share * float(own) for share, own in zip(usual, plump, strict=False)]
    depths = [19.0, 15.0, 10.5] if number == 1 else [17.5, 14.5, 12.0, 9.5]
    ends = [point.copy() for point in knots[2:]]
    ends[-1] += (1.2 - 0.45 * w * shares[-1]) * unit(ends[-1] - ends[-2])
    parts = [
        Part(a, b, (w * shares[k], w * shares[k + 1]), (depths[k], depths[k + 1]))
        for k, (a, b) in enumerate(zip(ends[::2], ends[1::2], strict=True))
    ]
    along = unit(knots[1] - knots[0])
    inner = 13.5 if number == 1 else 11.0
    parts.append(Part(knots[0], knots[1] - 3 * along, (14.0, inner), (31.0, 23.5), PALM))
    return parts


def palm(knots: Mapping[int, Doubles]) -> list[Part]:
    """The ball and the web of the thumb, the webs of the fingers, the edge of the hand, and the wrist."""

    def on(number: int, share: float) -> Doubles:
        place: Doubles = knots[number][0] + share * (knots[number][1] - knots[number][0])
        return place

    ball = (on(1, 0.6) + on(2, 0.35)) / 2
    dip = (on(1, 0.8) + on(2, 0.62)) / 2
    edge = np.array([-2.5, 0.0])
    parts = [
        Part(on(1, 0.1), ball, (17.0, 14.0), (35.0, 34.0), PALM),
        Part(on(1, 0.1), np.array([9.0, 0.0]), (13.5, 15.0), (27.0, 28.0), PALM),
        Part(on(1, 0.92), dip, (11.0, 11.0), (25.0, 27.0), 1.3),
        Part(dip, on(2, 0.85), (11.0, 9.0), (27.0, 23.0), 1.3),
        Part(on(5, 0.0) + edge, on(5, 0.75) + edge, (16.0, 10.5), (30.0, 24.0), PALM),
        Part(np.array([-9.5, 24.0]), np.array([-10.0, 0.0]), (22.0, 20.0), (27.0, 29.0), PALM),
        Part(np.array([6.0, 24.0]), np.array([5.0, 0.0]), (22.0, 20.0), (27.0, 29.0), PALM),
    ]
    for number in (2, 3, 4):
        between = (on(number, 1.0) + on(number + 1, 1.0)) / 2
        root = (on(number, 0.3) + on(number + 1, 0.3)) / 2
        parts.append(Part(root, between + 3.5 * unit(between - root), (11.0, 8.0), (29.0, 15.0), 1.3))
    return parts


def forearm(tilt: float) -> list[Part]:
    """Two parallel stretches from the wrist downwards."""
    parts = []
    for side in (-11.0, 8.0):
        low = turned(np.array([-1.5 + side, -6.0]), tilt)
        far = turned(np.array([-2.5 + 1.3 * side, -150.0]), tilt)
        parts.append(Part(low, far, (19.0, 27.0), (31.0, 58.0), 1.2))
    return parts


def unit(vector: Doubles) -> Doubles:
    """The vector with length 1."""
    result: Doubles = vector / np.linalg.norm(vector)
    return result


def thickness(hands: Sequence[tuple[Hand, Placement]], size: tuple[int, int], textures: Textures) -> Floats:
    """How much flesh the beam passes in mm, float32 [H, W] for the size (H, W) of the film."""
    rows, columns = -(-size[0] // COARSE) + 1, -(-size[1] // COARSE) + 1
    total = np.full((rows, columns), 1e-6, np.float32)
    deep, even, folded = (np.zeros((rows, columns), np.float32) for _ in range(3))
    for hand, placement in hands:
        for part in parts_of(hand):
            reach = 1.6 * hand.flesh * max(part.width)
            window = around(np.array([part.a, part.b]), reach, placement, (rows, columns))
            inside, depth = profile(part, hand.flesh, *mm_grid(window, placement))
            weight = np.exp(SHARPNESS * np.maximum(inside, -1.4))
            total[window] += weight
            deep[window] += weight * depth
            even[window] += weight * np.float32(part.flat)
        for fold in folds_of(hand):
            add_fold(folded, fold, placement)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32) * np.float32(COARSE / hands[0][1].scale)
    wavy = 0.026 * sample(textures.slow, x * 0.25, y * 0.25) + 0.012 * sample(textures.slow, x * 0.9, y * 0.7)
    inside = np.asarray(np.log(total) / np.float32(SHARPNESS) + wavy, np.float32)
    depth = np.asarray(deep / total, np.float32) * (1 + 0.035 * sample(textures.slow, x * 0.6 + 20, y * 0.45))
    flat = np.asarray(cv2.GaussianBlur(even / total, (0, 0), 2.5), np.float32)
    height = np.clip(1 - enlarged(inside * flat, size), 0, 1)
    depth = np.asarray(cv2.GaussianBlur(depth, (0, 0), 2.5), np.float32) + folded
    return np.asarray(enlarged(depth, size) * np.sqrt(1 - height * height), np.float32)


def add_fold(folded: Floats, fold: Fold, placement: Placement) -> None:
    """Adds a fold of the skin to the thickness in mm on the coarse grid, in place."""
    reach = 2.2 * max(fold.radii)
    window = around(fold.centre[None, :], reach, placement, folded.shape[:2])
    x, y = mm_grid(window, placement)
    dx, dy = x - fold.centre[0], y - fold.centre[1]
    along = (dx * fold.axis[0] + dy * fold.axis[1]) / fold.radii[1]
    across = (dx * fold.axis[1] - dy * fold.axis[0]) / fold.radii[0]
    folded[window] += np.float32(fold.thick) * np.exp(-(along**2) - across**fold.power)


def around(
    points: Doubles, reach: float, placement: Placement, shape: tuple[int, ...]
) -> tuple[slice, slice]:
    """The part of the coarse grid that lies within reach in mm of points in hand millimetres."""
    pixels = placement.points(points) / COARSE
    margin = reach * placement.scale / COARSE
    low = np.maximum(np.floor(pixels.min(axis=0) - margin), 0).astype(int)
    high = np.maximum(np.ceil(pixels.max(axis=0) + margin), low + 1).astype(int)
    rows, columns = (
        slice(int(min(low[k], shape[1 - k] - 1)), int(min(high[k], shape[1 - k]))) for k in (1, 0)
    )
    return rows, columns


def mm_grid(window: tuple[slice, slice], placement: Placement) -> tuple[Floats, Floats]:
    """x and y in hand millimetres at the places of a window of the coarse grid."""
    y, x = np.mgrid[window].astype(np.float32)
    inverse = np.linalg.inv(placement.matrix)
    origin = inverse @ (np.array([0.5, 0.5]) * COARSE - placement.offset)
    hand_x = (inverse[0, 0] * x + inverse[0, 1] * y) * COARSE + origin[0]
    hand_y = (inverse[1, 0] * x + inverse[1, 1] * y) * COARSE + origin[1]
    return hand_x.astype(np.float32), hand_y.astype(np.float32)


def profile(part: Part, flesh: float, hand_x: Floats, hand_y: Floats) -> tuple[Floats, Floats]:
    """1 on the middle line of a part, 0 on its outline and negative outside; and its thickness in mm."""
    span = part.b - part.a
    dx, dy = hand_x - part.a[0], hand_y - part.a[1]
    t = np.clip((dx * span[0] + dy * span[1]) / float(span @ span), 0, 1)
    across = (dx - t * span[0]) ** 2 + (dy - t * span[1]) ** 2
    width = flesh * (part.width[0] + t * (part.width[1] - part.width[0]))
    return 1 - across / width**2, flesh * (part.depth[0] + t * (part.depth[1] - part.depth[0]))


def enlarged(field: NDArray[np.floating], size: tuple[int, int]) -> Floats:
    """A coarse field at the film's resolution, smoothly."""
    matrix = np.array([[COARSE, 0, (COARSE - 1) / 2], [0, COARSE, (COARSE - 1) / 2]], np.float64)
    large = cv2.warpAffine(
        field, matrix, (size[1], size[0]), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(large, np.float32)
