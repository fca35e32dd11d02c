"""Soft tissue: a smooth outline around the skeleton and how thick the hand is inside it."""

from dataclasses import dataclass

import cv2
import numpy as np

from detector.phantom.attenuation import Placement
from detector.phantom.carpus import turned
from detector.phantom.bones import Doubles
from detector.phantom.skeleton import Hand
from detector.phantom.texture import Floats, Textures, sample

MUSCLE = 0.0215  # attenuation per mm
COARSE = 6  # the outline is computed at one in so many pixels
SHARPNESS = 9.0  # how closely neighbouring parts keep their own outline where they meet
FINGER = {1: 11.2, 2: 9.6, 3: 9.9, 4: 9.3, 5: 8.2}  # half width at the proximal phalanx in mm


@dataclass(frozen=True)
class Part:
    """A tapering stretch of flesh from a to b: half widths in mm and thickness from back to palm at both ends."""

    a: Doubles
    b: Doubles
    width: tuple[float, float]
    depth: tuple[float, float]


def parts_of(hand: Hand) -> list[Part]:
    """The flesh around every bone, the ball of the thumb, the edge of the hand, and the forearm."""
    parts = []
    by_number = {ray.number: ray.knots for ray in hand.rays}
    for number, knots in by_number.items():
        w = FINGER[number]
        # knots: metacarpal base, its head, proximal phalanx start, its end, then the ends of the others
        ends = list(knots[2:])
        ends[-1] = ends[-1] + 1.2 * (ends[-1] - ends[-2]) / np.linalg.norm(ends[-1] - ends[-2])
        shares = [1.14, 0.98, 0.74] if number == 1 else [1.14, 0.98, 0.86, 0.74]
        depths = [19.0, 15.0, 10.0] if number == 1 else [18.5, 15.0, 12.5, 9.0]
        for k in range(len(ends) - 1):
            tip = (
                ends[k + 1] - (w * shares[-1] * 0.45) * unit(ends[k + 1] - ends[k])
                if k == len(ends) - 2
                else ends[k + 1]
            )
            parts.append(Part(ends[k], tip, (w * shares[k], w * shares[k + 1]), (depths[k], depths[k + 1])))
        head_width = 12.5 if number == 1 else 12.0
        parts.append(Part(knots[0], knots[1], (14.0, head_width), (30.0, 21.0)))
    thumb, index, little = by_number[1], by_number[2], by_number[5]
    middle_of_thumb = (thumb[0] + thumb[1]) / 2
    ball = (middle_of_thumb + index[0]) / 2
    web = 0.55 * thumb[1] + 0.45 * (index[0] + 0.55 * (index[1] - index[0]))
    parts.append(Part(thumb[0], ball + [4, 10], (17.0, 14.0), (34.0, 30.0)))
    parts.append(Part(ball, web, (15.0, 9.0), (28.0, 16.0)))
    edge = np.array([-3.5, 0.0])
    parts.append(Part(little[0] + edge, little[1] + edge, (16.0, 12.5), (30.0, 20.0)))
    wrist = np.array([-1.5, 6.0])
    parts.append(Part(wrist + [-7, 18], turned(wrist - [8, 12], hand.tilt), (23.0, 22.0), (36.0, 36.0)))
    parts.append(Part(wrist + [7, 18], turned(wrist + [6, -12], hand.tilt), (23.0, 22.0), (36.0, 36.0)))
    for side in (-9.0, 8.0):
        low = turned(np.array([-1.5 + side, -12.0]), hand.tilt)
        parts.append(
            Part(low, turned(np.array([-2.5 + 1.25 * side, -150.0]), hand.tilt), (20.0, 27.0), (36.0, 52.0))
        )
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
    for part in parts_of(hand):
        inside, depth = profile(part, hand.flesh, hand_x, hand_y)
        weight = np.exp(SHARPNESS * np.maximum(inside, -1.4))
        total += weight
        deep += weight * depth
    inside = np.log(total) / np.float32(SHARPNESS)
    inside += 0.02 * sample(textures.slow, hand_x * 0.3, hand_y * 0.3)
    depth = deep / total * (1 + 0.025 * sample(textures.slow, hand_x * 0.7 + 20, hand_y * 0.5))
    depth = cv2.GaussianBlur(depth, (0, 0), 2.5)
    inside, depth = (enlarged(field, size) for field in (inside, depth))
    dome: Floats = depth * np.sqrt(np.clip(inside, 0, 1))
    return dome


def profile(part: Part, flesh: float, hand_x: Floats, hand_y: Floats) -> tuple[Floats, Floats]:
    """1 on the middle line of a part, 0 on its outline and negative outside; and its thickness in mm."""
    span = part.b - part.a
    dx, dy = hand_x - part.a[0], hand_y - part.a[1]
    t = np.clip((dx * span[0] + dy * span[1]) / float(span @ span), 0, 1)
    across = (dx - t * span[0]) ** 2 + (dy - t * span[1]) ** 2
    width = flesh * (part.width[0] + t * (part.width[1] - part.width[0]))
    return 1 - across / width**2, flesh * (part.depth[0] + t * (part.depth[1] - part.depth[0]))


def enlarged(field: Floats, size: tuple[int, int]) -> Floats:
    """A coarse field at the film's resolution, smoothly."""
    matrix = np.array([[COARSE, 0, (COARSE - 1) / 2], [0, COARSE, (COARSE - 1) / 2]], np.float64)
    large: Floats = cv2.warpAffine(
        field, matrix, (size[1], size[0]), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return large
