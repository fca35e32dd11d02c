"""Metal on the film: the lead letters R and L, a ring, a pin in a bone."""

import cv2
import numpy as np

from detector.phantom.attenuation import Placement
from detector.phantom.bones import Bone, Doubles
from detector.phantom.texture import Floats

LETTERS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "R": (
        (
            *((0.0, 1.0), (0.0, 0.0), (0.32, 0.0), (0.47, 0.05), (0.56, 0.15), (0.57, 0.28), (0.52, 0.4)),
            *((0.4, 0.48), (0.28, 0.5), (0.0, 0.5)),
        ),
        ((0.3, 0.5), (0.62, 1.0)),
    ),
    "L": (((0.0, 0.0), (0.0, 1.0), (0.56, 1.0)),),
}


def add_letter(
    film: Floats, letter: str, on_left: bool, unit: float, lowest: float, rng: np.random.Generator
) -> None:
    """A lead letter at the outer edge of its half, in place on a film of attenuations float32 [H, W].

    unit: the MP3-PIP3 distance in pixels; lowest: the row above which the letter lies.
    """
    height, width = film.shape
    tall = 0.27 * unit * rng.uniform(0.9, 1.1)
    turn = np.radians(rng.uniform(-12, 12))
    x = unit * rng.uniform(0.15, 0.35)
    place = np.array([x if on_left else width - x - 0.6 * tall, lowest - tall - unit * rng.uniform(0.2, 0.9)])
    c, s = np.cos(turn), np.sin(turn)
    layer = np.zeros((height, width), np.uint8)
    for stroke in LETTERS[letter]:
        points = np.array(stroke) * tall @ np.array([[c, s], [-s, c]]) + place
        fixed = np.rint(points * 16).astype(np.int32)
        cv2.polylines(
            layer, [fixed], False, 255, max(2, round(rng.uniform(0.085, 0.125) * tall)), cv2.LINE_AA, 4
        )
    film += layer.astype(np.float32) * np.float32(3.0 / 255)


def add_ring(film: Floats, bone: Bone, placement: Placement, rng: np.random.Generator) -> None:
    """A finger ring around a proximal phalanx: a band seen from the side, denser at its ends."""
    length = float(bone.stations[-1])
    centre = bone.origin + bone.axis * length * rng.uniform(0.25, 0.45)
    reach, thick = 10.5, rng.uniform(0.3, 1.2)
    ellipse(film, centre, bone, placement, (reach, thick), 2.0)


def ellipse(
    film: Floats, centre: Doubles, bone: Bone, placement: Placement, radii: tuple[float, float], dense: float
) -> None:
    """A metal band: an open ellipse with these half axes in mm, across and along the bone."""
    turn = np.linspace(0, 2 * np.pi, 60)
    ring = (
        centre + np.cos(turn)[:, None] * bone.across * radii[0] + np.sin(turn)[:, None] * bone.axis * radii[1]
    )
    points = np.rint(placement.points(ring) * 16).astype(np.int32)
    layer = np.zeros(film.shape, np.uint8)
    cv2.polylines(layer, [points], True, 255, max(2, round(2.2 * placement.scale)), cv2.LINE_AA, 4)
    film += layer.astype(np.float32) * np.float32(dense / 255)


def add_pin(film: Floats, bone: Bone, placement: Placement, rng: np.random.Generator) -> None:
    """A straight wire through a bone, slightly oblique."""
    length = float(bone.stations[-1])
    aslant = rng.uniform(-3, 3)
    ends = np.array(
        [
            bone.origin + bone.axis * length * 0.12 + bone.across * aslant,
            bone.origin + bone.axis * length * 0.95 - bone.across * aslant,
        ]
    )
    points = np.rint(placement.points(ends) * 16).astype(np.int32)
    layer = np.zeros(film.shape, np.uint8)
    cv2.line(
        layer,
        points[0].tolist(),
        points[1].tolist(),
        255,
        max(2, round(1.3 * placement.scale)),
        cv2.LINE_AA,
        4,
    )
    film += layer.astype(np.float32) * np.float32(1.4 / 255)
