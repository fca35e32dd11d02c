"""Poses the bones of a hand: anatomy belongs to the patient, the pose to the visit.

Millimetres in the plane of the hand, x towards the thumb, y towards the fingertips, origin in the wrist
joint, for both hands alike; the film mirrors one of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from detector.phantom.bones import Bone, Doubles, Shape, lay
from detector.phantom.carpus import offset, sesamoid, wrist_bones
from detector.phantom.findings import JointState

RAYS = (1, 2, 3, 4, 5)

# ray -> base and head of the metacarpal
METACARPALS = {
    1: ((26.2, 37.2), (52.0, 63.0)),
    2: ((12.2, 37.2), (24.2, 100.0)),
    3: ((1.0, 35.6), (1.0, 102.0)),
    4: ((-9.4, 34.4), (-18.8, 95.2)),
    5: ((-17.0, 32.2), (-35.8, 87.0)),
}
LENGTHS = {  # proximal, middle (none in the thumb), distal phalanx
    1: (30.4, 0.0, 22.5),
    2: (38.6, 23.0, 16.6),
    3: (43.2, 26.8, 17.8),
    4: (40.2, 25.6, 17.8),
    5: (31.4, 18.6, 15.8),
}
WIDTHS = {  # per bone: base, shaft, head
    1: ((14.5, 10.2, 14.8), (14.6, 8.8, 12.4), (0.0, 0.0, 0.0), (13.0, 6.6, 9.4)),
    2: ((16.6, 8.8, 15.4), (15.4, 8.4, 11.4), (12.8, 7.6, 9.7), (10.2, 4.7, 6.8)),
    3: ((14.2, 8.8, 15.2), (15.8, 8.7, 11.8), (13.2, 8.0, 10.0), (10.6, 5.0, 7.2)),
    4: ((11.6, 7.0, 13.2), (14.2, 8.0, 11.0), (12.2, 7.3, 9.4), (10.2, 4.7, 6.9)),
    5: ((12.8, 7.6, 12.4), (12.6, 6.9, 9.3), (10.2, 6.0, 8.0), (8.8, 4.0, 6.0)),
}
CORTEX = {"metacarpal": 0.25, "proximal": 0.2, "middle": 0.19, "distal": 0.2}  # share of the shaft's width
FAN = {1: 36.0, 2: 15.0, 3: 4.5, 4: -5.5, 5: -21.0}  # degrees of the proximal phalanges with fingers spread
GAPS = {"MP": 1.9, "PIP": 1.25, "IP": 1.3, "DIP": 1.0}


@dataclass(frozen=True)
class Anatomy:
    """One hand of one patient. shapes: (ray, kind) -> bone; heads: ray -> base and head of the metacarpal in
    mm;
    gaps: joint family -> space in mm; lean: fixed deviations of PIP and DIP in radians, float64 [5, 2];
    drift: ulnar deviation of the fingers in radians; flesh: width of the soft tissue against the usual;
    seed: of what is drawn at the wrist; sesamoids: ray -> sizes in mm.
    """

    shapes: Mapping[tuple[int, str], Shape]
    heads: Mapping[int, tuple[Doubles, Doubles]]
    gaps: Mapping[str, float]
    lean: Doubles
    drift: float
    flesh: float
    seed: tuple[int, ...]
    sesamoids: Mapping[int, tuple[float, ...]]


@dataclass(frozen=True)
class Pose:
    """How a hand lies at one visit. spread: 0 fingers together, 1 wide apart; thumb: radians away from its
    usual direction; fingers: deviation of each ray in radians, float64 [5]; bend: shortening of each phalanx
    by flexion, float64 [5, 3], 1 none; tilt: of the forearm in radians.
    """

    spread: float
    thumb: float
    fingers: Doubles
    bend: Doubles
    tilt: float


@dataclass(frozen=True)
class Joint:
    """A posed joint: middle of its space, finger axis, middles of both joint surfaces, width in mm."""

    centre: Doubles
    axis: Doubles
    proximal: Doubles
    distal: Doubles
    width: float


@dataclass(frozen=True)
class Ray:
    """A posed ray: knots are both ends of each of its bones from the wrist on, float64 [K, 2]."""

    number: int
    knots: Doubles


@dataclass(frozen=True)
class Hand:
    """A posed hand. groups: bones drawn as one (more than one where fused); joints: "PIP3" -> joint."""

    groups: tuple[tuple[Bone, ...], ...]
    joints: Mapping[str, Joint]
    rays: tuple[Ray, ...]
    tilt: float
    flesh: float


def draw_anatomy(rng: np.random.Generator, seed: tuple[int, ...], deviating: bool) -> Anatomy:
    """A hand of its own; deviating: with the ulnar drift of long-standing disease."""
    slim, cortical = rng.uniform(0.87, 1.03), rng.uniform(0.75, 1.2)
    shapes = {}
    heads = {}
    for ray in RAYS:
        base, head = (np.array(point) + rng.normal(0, 0.7, 2) for point in METACARPALS[ray])
        heads[ray] = base, head
        span = float(np.linalg.norm(head - base))
        kinds = ("metacarpal", "proximal", "middle", "distal")
        stretch = rng.normal(1, 0.02)
        for index, kind in enumerate(kinds):
            if ray == 1 and kind == "middle":
                continue
            length = span if index == 0 else LENGTHS[ray][index - 1] * stretch * rng.normal(1, 0.015)
            base_w, shaft_w, head_w = (w * slim * rng.normal(1, 0.025) for w in WIDTHS[ray][index])
            cortex = CORTEX[kind] * shaft_w * cortical * rng.normal(1, 0.06)
            jitter = rng.normal(0, 0.022, (2, 24))
            shapes[ray, kind] = Shape(kind, length, base_w, shaft_w, head_w, cortex, jitter, offset(rng))
    gaps = {family: gap * rng.uniform(0.85, 1.2) for family, gap in GAPS.items()}
    lean = np.radians(rng.normal(0, 2.0, (5, 2)))
    drift = np.radians(rng.uniform(4, 22)) if deviating else np.radians(rng.normal(0, 2))
    extra: dict[int, tuple[float, ...]] = {1: (rng.uniform(4.4, 6.0), rng.uniform(4.0, 5.4))}
    for ray, likely in ((2, 0.35), (5, 0.55)):
        if rng.random() < likely:
            extra[ray] = (rng.uniform(2.6, 3.8),)
    return Anatomy(shapes, heads, gaps, lean, float(drift), float(rng.uniform(0.94, 1.1)), seed, extra)


def draw_pose(rng: np.random.Generator) -> Pose:
    """A positioning of its own, as two visits differ."""
    bend = 1 - np.abs(rng.normal(0, 0.012, (5, 3)))
    return Pose(
        spread=float(rng.uniform(0.45, 1.3)),
        thumb=float(np.radians(rng.normal(-2, 9))),
        fingers=np.radians(rng.normal(0, 1.6, 5)),
        bend=bend,
        tilt=float(np.radians(rng.normal(0, 5))),
    )


def pose_hand(anatomy: Anatomy, pose: Pose, states: Mapping[str, JointState]) -> Hand:
    """All bones of the hand in place; states: "PIP3" -> how that joint is (a joint left out is normal)."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(list(anatomy.seed))))
    groups: list[tuple[Bone, ...]] = [(bone,) for bone in wrist_bones(rng, pose.tilt)]
    joints: dict[str, Joint] = {}
    rays = []
    for ray in RAYS:
        chain, found, knots = pose_ray(ray, anatomy, pose, states)
        groups += chain
        joints |= found
        rays.append(Ray(ray, np.array(knots)))
        groups += [(bone,) for bone in seed_bones(ray, anatomy, chain[0][0], rng)]
    return Hand(tuple(groups), joints, tuple(rays), pose.tilt, anatomy.flesh)


def pose_ray(
    ray: int, anatomy: Anatomy, pose: Pose, states: Mapping[str, JointState]
) -> tuple[list[tuple[Bone, ...]], dict[str, Joint], list[Doubles]]:
    """The bones of a ray from the wrist outwards, fused ones together; its joints; the ends of its bones."""
    base, head = anatomy.heads[ray]
    angle = float(np.arctan2(head[0] - base[0], head[1] - base[1]))
    bone = lay(anatomy.shapes[ray, "metacarpal"], base, angle)
    chain: list[list[Bone]] = [[bone]]
    joints: dict[str, Joint] = {}
    end, knots = head, [base, head]
    families = (
        (("MP", "proximal"), ("IP", "distal"))
        if ray == 1
        else tuple(zip(("MP", "PIP", "DIP"), ("proximal", "middle", "distal"), strict=True))
    )
    previous = anatomy.shapes[ray, "metacarpal"]
    for index, (family, kind) in enumerate(families):
        state = states.get(f"{family}{ray}", JointState())
        shape = anatomy.shapes[ray, kind]
        turned = direction(ray, index, angle, anatomy, pose) + state.tilt
        middle = (angle + turned) / 2
        axis = np.array([np.sin(middle), np.cos(middle)])
        across = np.array([np.cos(middle), -np.sin(middle)])
        width = (previous.head + shape.base) / 2
        gap = anatomy.gaps[family] * (1 - state.narrowing) if not state.fused else 0.1
        start = end + (gap - state.overlap) * axis + state.shift * width * across
        if family != "DIP":
            joints[f"{family}{ray}"] = Joint((end + start) / 2, axis, end, start, width)
        bend = float(pose.bend[ray - 1, index])
        bone = lay(shape, start, turned, bend)
        if state.fused:
            chain[-1].append(bone if state.remnant else replace(bone, plate=0.0))
        else:
            chain.append([bone])
        end = start + shape.length * bend * bone.axis
        knots += [start, end]
        angle, previous = turned, shape
    return [tuple(part) for part in chain], joints, knots


def direction(ray: int, index: int, angle: float, anatomy: Anatomy, pose: Pose) -> float:
    """Angle of a phalanx from +y towards +x; the proximal one, index 0, takes part in spread and drift."""
    if index:
        return angle + float(anatomy.lean[ray - 1, index - 1])
    fan = np.radians(FAN[ray])
    own = float(pose.fingers[ray - 1])
    if ray == 1:
        return float(fan + pose.thumb + own)
    rest = np.radians(FAN[3])
    return float(rest + (fan - rest) * pose.spread + own - anatomy.drift)


def seed_bones(ray: int, anatomy: Anatomy, metacarpal: Bone, rng: np.random.Generator) -> list[Bone]:
    """The sesamoids beside the head of a metacarpal."""
    sizes = anatomy.sesamoids.get(ray, ())
    head = anatomy.heads[ray][1]
    sides = (-1.0, 0.55) if ray == 1 else (-0.7 if ray == 5 else 0.7,)
    found = []
    for size, side in zip(sizes, sides, strict=False):
        reach = side * anatomy.shapes[ray, "metacarpal"].head * 0.48
        centre = head + reach * metacarpal.across - rng.uniform(1.5, 4.0) * metacarpal.axis
        found.append(sesamoid(centre, metacarpal.axis, size, rng))
    return found
