"""Metal in the hands: a ring, a pin in a bone."""

import cv2
import numpy as np

from detector.phantom.attenuation import Placement
from detector.phantom.bones import Bone, Doubles
from detector.phantom.texture import Floats


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
