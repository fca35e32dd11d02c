"""Soft tissue: a smooth outline around the skeleton and how thick the hand is inside it."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.phantom.attenuation import Placement
from detector.phantom.bones import Doubles
from detector.phantom.carpus import turned
from detector.phantom.skeleton import Hand
from detector.phantom.texture import Floats, Textures, sample

MUSCLE = 0.0215  # attenuation per mm
COARSE = 4  # the outline is computed at one in so many pixels
SHARPNESS = 6.5  # how closely neighbouring parts keep their own outline where they meet
PALM = 1.9  # flatness of the palm
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
    parts = [part for number, knots in by_number.items() for part in finger(number, knots)]
    return parts + palm(by_number) + forearm(hand.tilt)


def finger(number: int, knots: Doubles) -> list[Part]:
    """One digit; knots: both ends of its metacarpal, then of each phalanx, float64 [K, 2]."""
    w = FINGER[number]
    shares = [1.12, 0.98, 0.76] if number == 1 else [1.12, 0.98, 0.86, 0.76]
    depths = [19.0, 15.0, 10.5] if number == 1 else [17.5, 14.5, 12.0, 9.5]
    ends = [point.copy() for point in knots[2:]]
    ends[-1] += (1.2 - 0.45 * w * shares[-1]) * unit(ends[-1] - ends[-2])
    parts = [
        Part(a, b, (w * shares[k], w * shares[k + 1]), (depths[k], depths[k + 1]))
        for k, (a, b) in enumerate(zip(ends[::2], ends[1::2], strict=True))
    ]
    along = unit(knots[1] - knots[0])
    inner = 13.5 if number == 1 else 11.0
    parts.append(Part(knots[0], knots[1] - 3 * along, (14.0, inner), (36.0, 28.0), PALM))
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
        Part(on(1, 0.1), ball, (17.0, 14.0), (36.0, 34.0), PALM),
        Part(on(1, 0.1), np.array([9.0, 0.0]), (13.5, 15.0), (30.0, 34.0), PALM),
        Part(on(1, 0.92), dip, (8.0, 8.0), (20.0, 23.0), 1.5),
        Part(dip, on(2, 0.85), (8.0, 7.0), (23.0, 20.0), 1.5),
        Part(on(5, 0.0) + edge, on(5, 0.75) + edge, (16.0, 10.5), (34.0, 24.0), PALM),
        Part(np.array([-9.5, 24.0]), np.array([-10.0, 0.0]), (22.0, 20.0), (36.0, 40.0), PALM),
        Part(np.array([6.0, 24.0]), np.array([5.0, 0.0]), (22.0, 20.0), (36.0, 40.0), PALM),
    ]
    for number in (2, 3, 4):
        between = (on(number, 1.0) + on(number + 1, 1.0)) / 2
        root = (on(number, 0.3) + on(number + 1, 0.3)) / 2
        parts.append(Part(root, between + 3.5 * unit(between - root), (11.0, 8.0), (34.0, 17.0), 1.3))
    return parts


def forearm(tilt: float) -> list[Part]:
    """Two parallel stretches from the wrist downwards."""
    parts = []
    for side in (-11.0, 8.0):
        low = turned(np.array([-1.5 + side, -6.0]), tilt)
        far = turned(np.array([-2.5 + 1.3 * side, -150.0]), tilt)
        parts.append(Part(low, far, (19.0, 27.0), (42.0, 68.0), 1.4))
    return parts


def unit(vector: Doubles) -> Doubles:
    """The vector with length 1."""
    result: Doubles = vector / np.linalg.norm(vector)
    return result


def thickness(hand: Hand, placement: Placement, size: tuple[int, int], textures: Textures) -> Floats:
    """How much flesh the beam passes in mm, float32 [H, W] for the size (H, W) of the film."""
    rows, columns = -(-size[0] // COARSE) + 1, -(-size[1] // COARSE) + 1
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    inverse = np.linalg.inv(placement.matrix)
    origin = inverse @ (np.array([0.5, 0.5]) * COARSE - placement.offset)
    hand_x = (inverse[0, 0] * x + inverse[0, 1] * y) * COARSE + origin[0]
    hand_y = (inverse[1, 0] * x + inverse[1, 1] * y) * COARSE + origin[1]
    total = np.full((rows, columns), 1e-6, np.float32)
    deep = np.zeros((rows, columns), np.float32)
    even = np.zeros((rows, columns), np.float32)
    for part in parts_of(hand):
        inside, depth = profile(part, hand.flesh, hand_x, hand_y)
        weight = np.exp(SHARPNESS * np.maximum(inside, -1.4))
        total += weight
        deep += weight * depth
        even += weight * np.float32(part.flat)
    inside = np.log(total) / np.float32(SHARPNESS) + 0.02 * sample(textures.slow, hand_x * 0.3, hand_y * 0.3)
    depth = deep / total * (1 + 0.025 * sample(textures.slow, hand_x * 0.7 + 20, hand_y * 0.5))
    flat = np.asarray(cv2.GaussianBlur(even / total, (0, 0), 2.5), np.float32)
    height = np.clip(1 - enlarged(inside * flat, size), 0, 1)
    full = enlarged(np.asarray(cv2.GaussianBlur(depth, (0, 0), 2.5), np.float32), size)
    return np.asarray(full * np.sqrt(1 - height * height), np.float32)


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
