"""Synthetic radiographs of two hands, with known joints and findings.

`draw` gives the same bytes for the same arguments. Needs numpy and opencv only.
"""

import numpy as np

from detector.phantom.attenuation import Placement
from detector.phantom.collimation import add_pads, draw_diaphragm
from detector.phantom.film import HAND_LENGTH, Metal, attenuation, draw_exposure, expose, extent, place
from detector.phantom.findings import FINDINGS, JOINTS, SIDES, JointState, joint_states
from detector.phantom.marker import lead_markers
from detector.phantom.skeleton import Anatomy, Hand, draw_anatomy, draw_pose, pose_hand
from detector.phantom.texture import draw_textures
from detector.phantom.truth import Phantom, TrueJoint

__all__ = ["FINDINGS", "Phantom", "TrueJoint", "draw"]

BOX_SIDE = 0.44  # of the MP3-PIP3 distance
UNIT_MM = 45.0  # the MP3-PIP3 distance of the usual hand
SPACING_MM = 0.15  # on a film of the usual size
USUAL_SIZE = (1670, 2010)


def draw(
    seed: int,
    *,
    visit: int = 1,
    findings_rate: float = 0.05,
    size: tuple[int, int] = USUAL_SIZE,
    right_on_left: bool = True,
    metal: bool = True,
) -> Phantom:
    """A radiograph of the patient with this seed at this visit (1, 2, ...).

    Every visit shows the same bones in another positioning and exposure; findings stay and may become more.
    findings_rate: share of the joints with a finding, 0 to 1. size: height and width in pixels.
    right_on_left: the hand on the left of the image is the right one (thumbs are in the middle either way).
    metal: at times a ring or a pin. Raises ValueError for a visit below 1, a rate outside 0 to 1, a negative
    seed or a size below 200 pixels.
    """
    if seed < 0 or visit < 1 or not 0 <= findings_rate <= 1 or min(size) < 200:
        raise ValueError(f"cannot draw seed {seed}, visit {visit}, rate {findings_rate}, size {size}")
    patient = generator(seed, 1)
    anatomies = draw_patient(patient, seed, findings_rate)
    textures = draw_textures(patient)
    wanted, dense = patient.uniform(215, 275), patient.uniform(0.85, 1.15)
    worn = draw_metal(patient, metal)
    zoom = min(size[0] / USUAL_SIZE[0], size[1] / USUAL_SIZE[1])
    states = joint_states(seed, findings_rate, visit)

    rng = generator(seed, 2, visit)
    hands = {side: pose_side(anatomies[side], side, states, rng) for side in SIDES}
    left = "R" if right_on_left else "L"
    turns = {side: float(np.radians(rng.normal(0, 5))) for side in SIDES}
    reach = (fitting(hands[side], side == left, turns[side], size) for side in SIDES)
    scale = min(wanted * zoom, *reach) / UNIT_MM
    top = rng.uniform(0.1, 0.7)
    placed = {
        side: (hand, place(hand, side == left, turns[side], scale, size, top, rng))
        for side, hand in hands.items()
    }
    film = attenuation(placed, textures, size, dense, worn, rng)
    diaphragm = draw_diaphragm(size, [placement for _, placement in placed.values()], rng)
    add_pads(film, scale * UNIT_MM, rng)
    lead = lead_markers(film, left, scale * UNIT_MM, diaphragm.lowest, rng)
    pixels = expose(film, lead, diaphragm, draw_exposure(rng), rng)
    joints = tuple(joint for side in SIDES for joint in truth(side, *placed[side], states))
    return Phantom(pixels, SPACING_MM / zoom, right_on_left, joints)


def generator(*key: int) -> np.random.Generator:
    """A stream of random numbers of its own for each key."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(list(key))))


def draw_patient(rng: np.random.Generator, seed: int, rate: float) -> dict[str, Anatomy]:
    """Both hands of a patient, alike but not the same."""
    deviating = rate > 0 and bool(rng.random() < 0.25)
    return {side: draw_anatomy(rng, (seed, 4, index), deviating) for index, side in enumerate(SIDES)}


def draw_metal(rng: np.random.Generator, wanted: bool) -> Metal:
    """A ring on one patient in ten, a pin in one of twenty-five."""
    draws = rng.random(4)
    ring = ("L" if draws[1] < 0.7 else "R", 4) if wanted and draws[0] < 0.1 else None
    pin = ("R" if draws[3] < 0.5 else "L", 2 + int(draws[3] * 8) % 3) if wanted and draws[2] < 0.04 else None
    return Metal(ring, pin)


def pose_side(anatomy: Anatomy, side: str, states: dict[str, JointState], rng: np.random.Generator) -> Hand:
    """One hand in a pose of its own."""
    own = {joint: states[f"{side}-{joint}"] for joint in JOINTS}
    return pose_hand(anatomy, draw_pose(rng), own)


def fitting(hand: Hand, on_left: bool, turn: float, size: tuple[int, int]) -> float:
    """The largest MP3-PIP3 distance in pixels at which the hand fits its half of the film."""
    breadth = extent(hand, on_left, turn)[0] * 1.06 / UNIT_MM
    return float(min(0.97 * size[1] / 2 / breadth, 0.98 * size[0] / HAND_LENGTH))


def truth(side: str, hand: Hand, placement: Placement, states: dict[str, JointState]) -> list[TrueJoint]:
    """The ten joints of a hand with their boxes."""
    centres = {name: placement.points(joint.centre) for name, joint in hand.joints.items()}
    reach = BOX_SIDE * float(np.linalg.norm(centres["MP3"] - centres["PIP3"])) / 2
    found = []
    for name in JOINTS:
        x, y = (float(v) for v in centres[name])
        box = (x - reach, y - reach, x + reach, y + reach)
        found.append(TrueJoint(f"{side}-{name}", box, states[f"{side}-{name}"].findings))
    return found
