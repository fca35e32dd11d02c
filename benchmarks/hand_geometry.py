"""Boxes as a detector might give them, on the hands of `detector.phantom` without drawing these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from annotator.domain.annotations import ImageFacts
from annotator.domain.geometry import Box
from annotator.domain.joints import Joint, expected_joints, joint_named
from annotator.workflow.naming import Sheet
from detector.phantom import SIDES, UNIT_MM, draw_patient, fitting, generator, pose_side, truth
from detector.phantom.film import place
from detector.phantom.findings import joint_states

SIZE = (1670, 2010)
WANTED = (215, 275)
"""MP3-PIP3 distance in pixels, at least and at most."""
BOX_PLACE, BOX_SIDE = 0.035, 0.08
"""Standard deviations of a detected box: its centre in units, and the logarithm of its sides."""
DOUBLE_AWAY = (0.17, 0.4)
"""How far the second box of a joint lies from it, in units: nearer ones are one box after suppression."""


@dataclass(frozen=True)
class Damage:
    """What happened to the boxes. share: of them removed or doubled, either with the same chance. surplus:
    boxes on no joint."""

    share: float = 0.05
    surplus: int = 0


@dataclass(frozen=True)
class Film:
    """truth: the joint that each box lies on (None: on none). removed: the joints without a box."""

    sheet: Sheet
    boxes: tuple[Box, ...]
    truth: tuple[Joint | None, ...]
    confidences: tuple[float, ...]
    seen_by: tuple[str, ...]
    removed: frozenset[Joint]


def film(seed: int, rate: float = 0.4, turn: float = 0.0, damage: Damage = Damage()) -> Film:
    """Two hands of a patient of their own. rate: share of the joints with a finding. turn: of the whole film
    in degrees, clockwise. The facts of the image are true of it as it lies turned."""
    rng = generator(seed, 77)
    right_on_left = bool(rng.random() < 0.7)
    upright = centres(seed, rate, right_on_left)
    height, width = SIZE[::-1] if 45 <= abs(turn) % 180 <= 135 else SIZE
    angle = np.exp(1j * np.radians(turn))
    boxes: list[tuple[Joint | None, complex, float]] = []
    removed = set()
    for joint, (centre, unit) in upright.items():
        at = (centre - complex(SIZE[1], SIZE[0]) / 2) * angle + complex(width, height) / 2
        fate = rng.random() / damage.share if damage.share else np.inf
        if fate < 0.5:
            removed.add(joint)
            continue
        boxes.append((joint, at, unit))
        if fate < 1:
            away = rng.uniform(*DOUBLE_AWAY) * unit * np.exp(2j * np.pi * rng.random())
            boxes.append((joint, at + away, unit))
    unit = float(np.median([unit for *_, unit in boxes]))
    boxes += [(None, complex(*rng.uniform((0, 0), (width, height))), unit) for _ in range(damage.surplus)]
    shuffled = [boxes[k] for k in rng.permutation(len(boxes))]
    reversed_ = np.cos(np.radians(turn)) < -0.5
    facts = ImageFacts(right_on_left=right_on_left != reversed_)
    return Film(
        Sheet(width, height, facts),
        tuple(seen(rng, at, unit) for _, at, unit in shuffled),
        tuple(joint for joint, *_ in shuffled),
        tuple(rng.uniform(0.9, 1, len(shuffled)).tolist()),
        tuple(rng.choice(["both", "both", "both", "both", "first", "second"], len(shuffled)).tolist()),
        frozenset(removed),
    )


def centres(seed: int, rate: float, right_on_left: bool) -> dict[Joint, tuple[complex, float]]:
    """Centre and MP3-PIP3 distance of all twenty joints on an upright film of SIZE, pixels."""
    anatomies = draw_patient(generator(seed, 1), seed, rate)
    states = joint_states(seed, rate, 1)
    rng = generator(seed, 2, 1)
    hands = {side: pose_side(anatomies[side], side, states, rng) for side in SIDES}
    left = "R" if right_on_left else "L"
    turns = {side: float(np.radians(rng.normal(0, 6))) for side in SIDES}
    reach = (fitting(hands[side], side == left, turns[side], SIZE) for side in SIDES)
    scale = min(rng.uniform(*WANTED), *reach) / UNIT_MM
    found = {}
    for side in SIDES:
        placement = place(hands[side], side == left, turns[side], scale, SIZE, rng.uniform(0.1, 0.7), rng)
        for joint in truth(side, hands[side], placement, states):
            x0, y0, x1, y1 = joint.box
            found[joint_named(joint.name)] = complex(x0 + x1, y0 + y1) / 2, (x1 - x0) / 0.44
    return found


def seen(rng: np.random.Generator, at: complex, unit: float) -> Box:
    """A box about this place as a detector gives it, neither quite there nor quite square."""
    x, y = np.array([at.real, at.imag]) + rng.normal(0, BOX_PLACE * unit, 2)
    width, height = 0.44 * unit * np.exp(rng.normal(0, BOX_SIDE, 2))
    return Box.around((float(x), float(y)), float(width), float(height))


def right_names(film: Film, names: Sequence[Joint | None]) -> int:
    """How many joints are right: their name on one of their boxes, or nowhere where they have none."""
    right = 0
    for joint in expected_joints(film.sheet.facts.hands):
        bearing = [lies_on for lies_on, name in zip(film.truth, names, strict=True) if name == joint]
        right += bearing == ([] if joint in film.removed else [joint])
    return right


def turns(seed: int) -> float:
    """How a film lies: a quarter turn or none, and up to 15 degrees askew."""
    rng = generator(seed, 78)
    return float(rng.choice([0, 90, 180, 270]) + rng.uniform(-15, 15))
