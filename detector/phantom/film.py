"""Images two posed hands as a radiograph: placing, attenuation, scatter, collimation, exposure and grain."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from detector.phantom.attenuation import Placement, add_bones
from detector.phantom.bones import Bone, Doubles
from detector.phantom.collimation import Diaphragm
from detector.phantom.metal import add_pin, add_ring
from detector.phantom.skeleton import Hand
from detector.phantom.texture import Floats, Textures
from detector.phantom.tissue import MUSCLE, thickness

MAX_LEVEL = 1023
HAND_LENGTH = 5.2  # MP3-PIP3 distances from the middle fingertip to where the forearm may be cut off


@dataclass(frozen=True)
class Metal:
    """What a patient wears: (side, ray) of a ring or of a pin in the proximal phalanx, or none."""

    ring: tuple[str, int] | None
    pin: tuple[str, int] | None


@dataclass(frozen=True)
class Exposure:
    """How a film was taken and processed. floor, top: share of the range for air and metal; gamma; contrast:
    of the whole scale; haze: share of scatter over the whole hand; glare: of that over the next
    millimetres, a veil in the joint spaces; grain: noise in levels; soft: blur in pixels; sharpening: share
    of edge enhancement; slope: of the background over the film, x and y.
    """

    floor: float
    top: float
    gamma: float
    contrast: float
    haze: float
    glare: float
    grain: float
    soft: float
    sharpening: float
    slope: tuple[float, float]


def draw_exposure(rng: np.random.Generator) -> Exposure:
    """An exposure of its own for every film."""
    return Exposure(
        floor=rng.uniform(0.04, 0.085),
        top=rng.uniform(0.88, 0.97),
        gamma=rng.uniform(0.82, 1.18),
        contrast=rng.uniform(0.9, 1.25),
        haze=rng.uniform(0.0, 0.03),
        glare=rng.uniform(0.12, 0.28),
        grain=rng.uniform(5.0, 16.0),
        soft=rng.uniform(0.7, 2.1),
        sharpening=rng.uniform(0.3, 1.3),
        slope=(rng.normal(0, 0.004), rng.normal(0, 0.004)),
    )


def extent(hand: Hand, on_left: bool, turn: float) -> Doubles:
    """Breadth and height in millimetres on the film of everything but the forearm, with its flesh."""
    knots = np.vstack([ray.knots for ray in hand.rays]) @ facing(on_left, turn).T
    result: Doubles = np.ptp(knots, axis=0) + 22.0
    return result


def facing(on_left: bool, turn: float) -> Doubles:
    """Hand axes -> film axes: fingers up, the thumb towards the middle, turned by radians."""
    mirror = np.diag([1.0 if on_left else -1.0, -1.0])
    turned: Doubles = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ mirror
    return turned


def place(
    hand: Hand,
    on_left: bool,
    turn: float,
    scale: float,
    size: tuple[int, int],
    top: float,
    rng: np.random.Generator,
) -> Placement:
    """Fingers up, thumb towards the middle, in one half of the film, with a shift of its own.

    turn: radians; scale: pixels per mm; top: share of the free height above the fingertips.
    """
    height, width = size
    matrix = facing(on_left, turn) * scale
    knots = np.vstack([ray.knots for ray in hand.rays]) @ matrix.T
    low, high = knots.min(axis=0) - 11.0 * scale, knots.max(axis=0) + 11.0 * scale
    room = max(0.0, width / 2 - (high[0] - low[0]))
    middle = width / 4 if on_left else 0.75 * width
    left = middle - (high[0] - low[0]) / 2 + rng.uniform(-0.35, 0.35) * min(room, 0.06 * width)
    free = max(0.0, height - HAND_LENGTH * 45 * scale)
    y = 0.025 * height + (top + rng.uniform(-0.2, 0.2)) * 0.8 * free
    return Placement(matrix, np.array([left - low[0], max(y, 0.02 * height) - low[1]]), scale)


def attenuation(
    hands: Mapping[str, tuple[Hand, Placement]],
    textures: Textures,
    size: tuple[int, int],
    dense: float,
    metal: Metal,
    rng: np.random.Generator,
) -> Floats:
    """What both hands take from the beam, float32 [H, W], 0 for air."""
    film = MUSCLE * thickness(list(hands.values()), size, textures)
    for side, (hand, placement) in hands.items():
        add_bones(film, hand.groups, placement, textures, dense)
        for worn, add in ((metal.ring, add_ring), (metal.pin, add_pin)):
            if worn is not None and worn[0] == side:
                add(film, proximal_phalanx(hand, worn[1]), placement, rng)
    film *= unevenness(size, rng)
    return film


def unevenness(size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """How strongly either hand is exposed against the usual, float32 [H, W], changing slowly over it."""
    x = np.linspace(-1, 1, size[1], dtype=np.float32)[None, :]
    y = np.linspace(-1, 1, size[0], dtype=np.float32)[:, None]
    apart, steep = np.float32(rng.normal(0, 0.07)), np.float32(rng.normal(0.1, 0.09))
    result: Floats = 1 + apart * np.clip(x * 5, -1, 1) + np.float32(rng.normal(0, 0.03)) * x + steep * y
    return result


def proximal_phalanx(hand: Hand, ray: int) -> Bone:
    """The bone that starts at the MP joint of this ray."""
    start = hand.joints[f"MP{ray}"].distal
    bones = [bone for group in hand.groups for bone in group]
    return min(bones, key=lambda bone: float(np.linalg.norm(bone.origin - start)))


def expose(
    film: Floats, lead: Floats, diaphragm: Diaphragm, exposure: Exposure, rng: np.random.Generator
) -> NDArray[np.uint16]:
    """Attenuation -> stored values uint16 [H, W], bone bright, 0 to 1023."""
    level = 1 - np.exp(-exposure.contrast * cv2.GaussianBlur(film + lead, (0, 0), exposure.soft))
    height, width = film.shape
    small = cv2.resize(level, (width // 8, height // 8), interpolation=cv2.INTER_AREA)
    haze = cv2.resize(cv2.GaussianBlur(small, (0, 0), 12), (width, height), interpolation=cv2.INTER_LINEAR)
    near = cv2.resize(level, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    near = cv2.resize(cv2.GaussianBlur(near, (0, 0), 2.2), (width, height), interpolation=cv2.INTER_LINEAR)
    bare = 1 - np.minimum(lead, 1)  # letters keep their full level
    level += exposure.haze * (haze - level) + exposure.glare * bare * (near - level)
    if exposure.sharpening > 0:
        coarse = cv2.GaussianBlur(level, (0, 0), 3.0)
        level += exposure.sharpening * (level - coarse)
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :]
    level += exposure.slope[0] * x + exposure.slope[1] * y
    level = np.clip(level, 0, 1.1) ** np.float32(exposure.gamma)
    # letters are laid where the beam is open, or written in later
    share = np.maximum(diaphragm.share, np.minimum(lead, 1))
    level *= share
    stored = MAX_LEVEL * (
        exposure.floor * (share + diaphragm.hidden * (1 - share)) + (exposure.top - exposure.floor) * level
    )
    grain = rng.standard_normal((height, width), dtype=np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), 0.7) * np.float32(2.4)
    # fewer quanta arrive behind dense parts
    stored += grain * exposure.grain * (0.3 + 1.3 * level)
    pixels: NDArray[np.uint16] = np.clip(np.rint(stored), 0, MAX_LEVEL).astype(np.uint16)
    return pixels
