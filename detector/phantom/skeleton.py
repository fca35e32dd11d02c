"""Poses the bones of a hand: anatomy belongs to the patient, the pose to the visit.

Millimetres in the plane of the hand, x towards the thumb, y towards the fingertips, origin in the wrist
joint, for both hands alike; the film mirrors one of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from detector.phantom.bones import Bone, Doubles, Shape, lay
from detector.phantom.carpus import carpal_bones, offset, sesamoid
from detector.phantom.findings import JointState
from detector.phantom.forearm import forearm_bones
from detector.phantom.proportions import (
    CORTEX,
    FAN,
    GAPS,
    LENGTHS,
    METACARPALS,
    NOTCHES,
    SLANTS,
    STURDY,
    WIDTHS,
)

RAYS = (1, 2, 3, 4, 5)


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
    """A posed hand. groups: bones drawn as one (more than one where fused); joints: "PIP3" -> joint.
    plump: width of the flesh at each joint and fingertip of each ray against the usual, float64 [5, 4].
    seed: of what is drawn on its skin.
    """

    groups: tuple[tuple[Bone, ...], ...]
    joints: Mapping[str, Joint]
    rays: tuple[Ray, ...]
    tilt: float
    flesh: float
    plump: Doubles
    seed: tuple[int, ...]


def draw_anatomy(rng: np.random.Generator, seed: tuple[int, ...], deviating: bool) -> Anatomy:
    """A hand of its own; deviating: with the ulnar drift of long-standing disease."""
    slim, cortical = rng.uniform(0.87, 1.03), rng.uniform(0.75, 1.2)
    broad = rng.uniform(0.88, 1.08)
    shapes = {}
    heads = {}
    for ray in RAYS:
        base, head = (np.array(point) + rng.normal(0, 0.7, 2) for point in METACARPALS[ray])
        head[0] = 1 + broad * (head[0] - 1)
        heads[ray] = base, head
        span = float(np.linalg.norm(head - base))
        kinds = ("metacarpal", "proximal", "middle", "distal")
        stretch = rng.normal(1, 0.02)
        for index, kind in enumerate(kinds):
            if ray == 1 and kind == "middle":
                continue
            length = span if index == 0 else LENGTHS[ray][index - 1] * stretch * rng.normal(1, 0.015)
            base_w, shaft_w, head_w = (w * slim * rng.normal(1, 0.025) for w in WIDTHS[ray][index])
            shaft_w *= STURDY[kind]
            cortex = CORTEX[kind] * shaft_w * cortical * rng.normal(1, 0.06)
            jitter = rng.normal(0, 0.022, (2, 24))
            bulk = Shape(kind, length, base_w, shaft_w, head_w, cortex, jitter, offset(rng))
            shapes[ray, kind] = characteristic(bulk, ray, rng)
    gaps = {family: gap * rng.uniform(0.85, 1.2) for family, gap in GAPS.items()}
    lean = np.radians(rng.normal(0, 2.0, (5, 2)))
    drift = np.radians(rng.uniform(4, 22)) if deviating else np.radians(rng.normal(0, 2))
    extra: dict[int, tuple[float, ...]] = {1: (rng.uniform(4.4, 6.0), rng.uniform(4.0, 5.4))}
    for ray, likely in ((2, 0.35), (5, 0.55)):
        if rng.random() < likely:
            extra[ray] = (rng.uniform(2.6, 3.8),)
    return Anatomy(shapes, heads, gaps, lean, float(drift), float(rng.uniform(0.95, 1.2)), seed, extra)


def characteristic(shape: Shape, ray: int, rng: np.random.Generator) -> Shape:
    """The bone with its lopsidedness; the thumb lies obliquely, so that its palmar side shows hollow."""
    flare = (float(rng.normal(0.75, 0.1)), float(rng.normal(1.25, 0.1))) if ray == 1 else None
    bow = float(rng.normal(0.9, 0.3)) if ray == 1 else float(rng.normal(0, 0.3))
    metacarpal = shape.kind == "metacarpal"
    return replace(
        shape,
        flare=flare or (float(rng.normal(1, 0.1)), float(rng.normal(1, 0.1))),
        bow=bow * shape.length / 40,
        notch=NOTCHES[ray] * float(rng.uniform(0.7, 1.3)) if metacarpal else 0.1,
        slant=(SLANTS[ray] if metacarpal else 0.0) + float(rng.normal(0, 0.04)),
    )


def draw_pose(rng: np.random.Generator) -> Pose:
    """A positioning of its own, as two visits differ."""
    bend = 1 - np.abs(rng.normal(0, 0.012, (5, 3)))
    return Pose(
        spread=float(rng.uniform(0.3, 1.5)),
        thumb=float(np.radians(rng.normal(2, 11))),
        fingers=np.radians(rng.normal(0, 2.2, 5)),
        bend=bend,
        tilt=float(np.radians(rng.normal(0, 7))),
    )


def pose_hand(anatomy: Anatomy, pose: Pose, states: Mapping[str, JointState]) -> Hand:
    """All bones of the hand in place; states: "PIP3" -> how that joint is (a joint left out is normal)."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(list(anatomy.seed))))
    wrist = carpal_bones(rng, pose.tilt) + forearm_bones(rng, pose.tilt)
    groups: list[tuple[Bone, ...]] = [(bone,) for bone in wrist]
    joints: dict[str, Joint] = {}
    rays = []
    for ray in RAYS:
        chain, found, knots = pose_ray(ray, anatomy, pose, states)
        groups += chain
        joints |= found
        rays.append(Ray(ray, np.array(knots)))
        groups += [(bone,) for bone in seed_bones(ray, anatomy, chain[0][0], rng)]
    plump = rng.normal(1, 0.03, (5, 1)) * rng.normal(1, 0.025, (5, 4))
    return Hand(tuple(groups), joints, tuple(rays), pose.tilt, anatomy.flesh, plump, anatomy.seed)


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
            chain[-1].append(replace(bone, floor=0.25) if state.remnant else replace(bone, plate=0.0))
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
