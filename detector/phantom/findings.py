"""Which joints of a patient have which finding, and how far each is displaced or bridged."""

from dataclasses import dataclass

import numpy as np

FINDINGS = ("ankylosis", "subluxation", "dislocation")

SIDES = ("R", "L")
JOINTS = ("IP1", "PIP2", "PIP3", "PIP4", "PIP5", "MP1", "MP2", "MP3", "MP4", "MP5")
NEVER_DISPLACED = ("IP1",)

WORSE_PER_VISIT = 0.35  # by what share the number of findings grows from one visit to the next


@dataclass(frozen=True)
class JointState:
    """How the two bones of a joint lie to each other.

    findings: subset of FINDINGS. shift: displacement of the distal bone across the finger, as a share of the
    joint's width, positive towards the thumb. overlap: how far the distal bone has slid past the end of the
    proximal one, in mm. tilt: additional angle of the distal bone in radians, positive towards the thumb.
    narrowing: share of the joint space that is lost. fused: whether trabeculae run through;
    remnant: whether the old joint surface still shows as a faint line in them.
    """

    findings: tuple[str, ...] = ()
    shift: float = 0.0
    overlap: float = 0.0
    tilt: float = 0.0
    narrowing: float = 0.0
    fused: bool = False
    remnant: bool = False


def joint_states(seed: int, rate: float, visit: int) -> dict[str, JointState]:
    """The state of all twenty joints ("R-PIP3" -> state) of the patient with this seed at this visit.

    rate: share of the joints with a finding at the first visit, 0 to 1. A finding once there stays, and a
    subluxation may have become a dislocation at a later visit.
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, 3])))
    states = {}
    for side in SIDES:
        for joint in JOINTS:
            # one row for each joint: the visit changes what the numbers mean, never which they are
            draws = rng.random(8)
            reached = rate * (1 + WORSE_PER_VISIT * (visit - 1))
            stage = int(draws[0] < reached) * (1 + max(0, visit - 1))
            states[f"{side}-{joint}"] = state_of(joint, stage, draws, rate)
    return states


def state_of(
    joint: str, stage: int, draws: np.ndarray[tuple[int], np.dtype[np.float64]], rate: float
) -> JointState:
    """One joint from its eight random numbers; stage: 0 no finding, then one more with every visit."""
    narrowing = 0.2 * draws[6] + (0.25 * draws[7] if rate > 0 else 0.0)
    if not stage:
        return JointState(shift=0.05 * (draws[1] - 0.5), tilt=0.03 * (draws[2] - 0.5), narrowing=narrowing)
    kind = draws[3]
    if joint in NEVER_DISPLACED or kind < 0.36:
        tilt = 0.3 * (draws[2] - 0.5)
        return JointState(("ankylosis",), 0.06 * (draws[1] - 0.5), 0.0, tilt, 1.0, True, bool(draws[6] < 0.5))
    way = -1.0 if draws[1] < 0.75 else 1.0  # mostly towards the little finger
    dislocated = kind > 0.72 or (kind > 0.6 and stage > 1)
    if dislocated:
        # at the MP joints the phalanx slides below the metacarpal head, at the PIP joints rather beside it
        least, most = (0.12, 0.5) if joint.startswith("MP") else (0.4, 0.9)
        shift = way * (least + (most - least) * draws[4])
        return JointState(
            ("dislocation",), shift, 4.0 + 4.5 * draws[5], way * (0.04 + 0.2 * draws[2]), narrowing
        )
    shift = way * min(0.26 + 0.16 * draws[4] + 0.02 * (stage - 1), 0.45)
    tilt = way * (0.04 + 0.18 * draws[2])
    if kind < 0.42:
        return JointState(("ankylosis", "subluxation"), shift, 0.0, tilt, 1.0, True, bool(draws[6] < 0.5))
    return JointState(("subluxation",), shift, 1.6 * draws[5], tilt, 0.8 * narrowing)
