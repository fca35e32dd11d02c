"""What lies on the flesh: capsules and folds of the finger joints, folds across the palm, and the nails."""

from dataclasses import dataclass

import numpy as np

from detector.phantom.bones import Doubles
from detector.phantom.skeleton import Hand, Ray


@dataclass(frozen=True)
class Fold:
    """A thickening in hand millimetres: radii across and along the axis; thick: mm of flesh, negative for a
    crease; power: 2 fading sideways, more for one that ends abruptly.
    """

    centre: Doubles
    axis: Doubles
    radii: tuple[float, float]
    thick: float
    power: int = 2


def folds_of(hand: Hand) -> list[Fold]:
    """The folds and nails of a hand, each somewhat different."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([*hand.seed, 5])))
    found = [fold for ray in hand.rays for fold in finger_folds(ray, rng)]
    for _ in range(3):
        centre = np.array([rng.uniform(-22, 12), rng.uniform(45, 95)])
        lean = rng.normal(0, 0.5)
        axis = np.array([np.sin(lean), np.cos(lean)])
        found.append(Fold(centre, axis, (rng.uniform(14, 24), rng.uniform(1.2, 2.6)), rng.uniform(-2.2, 1.8)))
    return found


def finger_folds(ray: Ray, rng: np.random.Generator) -> list[Fold]:
    """The folds of a digit at each joint and its nail; its knots are those of the skeleton."""
    found = capsules(ray)
    for far, near in zip(ray.knots[3::2], ray.knots[2::2], strict=True):
        axis = (far - near) / np.linalg.norm(far - near)
        for _ in range(2):
            centre = near + rng.normal(0, 2.4) * axis
            found.append(Fold(centre, axis, (7.0, rng.uniform(0.6, 1.3)), rng.uniform(-0.9, 0.9), 4))
    tip = ray.knots[-1]
    axis = (tip - ray.knots[-2]) / np.linalg.norm(tip - ray.knots[-2])
    size = 1.25 if ray.number == 1 else 1.0
    found.append(Fold(tip - 1.5 * axis, axis, (4.6 * size, 5.0 * size), rng.uniform(0.5, 1.4), 6))
    return found


def capsules(ray: Ray) -> list[Fold]:
    """What veils the joint spaces: the capsule and the rims of the sockets at the back and the palm."""
    found = []
    for index, (end, start) in enumerate(zip(ray.knots[1:-1:2], ray.knots[2::2], strict=True)):
        axis = (ray.knots[2 * index + 3] - start) / np.linalg.norm(ray.knots[2 * index + 3] - start)
        across = 4.6 if index else 6.4
        found.append(Fold((end + start) / 2, axis, (across, 1.5), 5.5, 4))
    return found
