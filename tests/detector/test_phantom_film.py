"""What a phantom shows: joint spaces where they are, bridged or displaced bones where it says so."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from detector.phantom import Phantom, draw
from detector.phantom.findings import JOINTS, JointState, joint_states
from detector.phantom.skeleton import Hand, Joint, draw_anatomy, draw_pose, pose_hand

FINGERS = [joint for joint in JOINTS if not joint.endswith("1")]


def middle(phantom: Phantom, name: str) -> NDArray[np.float64]:
    x0, y0, x1, y1 = next(joint.box for joint in phantom.joints if joint.name == name)
    return np.array([(x0 + x1) / 2, (y0 + y1) / 2])


def along_the_finger(phantom: Phantom, name: str) -> NDArray[np.float64]:
    """Grey levels on a line of 0.5 units along the finger through the joint, averaged over a narrow band."""
    side, joint = name.split("-")
    ray = joint[-1]
    axis = middle(phantom, f"{side}-PIP{ray}") - middle(phantom, f"{side}-MP{ray}")
    axis = axis / np.linalg.norm(axis)
    unit = float(np.linalg.norm(middle(phantom, f"{side}-PIP3") - middle(phantom, f"{side}-MP3")))
    across = np.array([axis[1], -axis[0]])
    t = np.linspace(-0.25, 0.25, 101)[:, None, None] * unit
    u = np.linspace(-0.03, 0.03, 9)[None, :, None] * unit
    places = (middle(phantom, name) + t * axis + u * across - 0.5).astype(np.float32)
    smooth = cv2.GaussianBlur(phantom.pixels.astype(np.float32), (0, 0), 1.5)
    levels: NDArray[np.float64] = cv2.remap(smooth, places[..., 0], places[..., 1], cv2.INTER_LINEAR).mean(
        axis=1
    )
    return levels


def space(phantom: Phantom, name: str) -> float:
    """How much darker than the bone on either side the joint's middle is, as a share of the whole range."""
    line = along_the_finger(phantom, name)
    darkest = line[45:56].min()
    return float(min(line[30:42].mean(), line[59:71].mean()) - darkest) / 1023


def pose(states: dict[str, JointState]) -> Hand:
    rng = np.random.Generator(np.random.PCG64(4))
    return pose_hand(draw_anatomy(rng, (1, 2), deviating=False), draw_pose(rng), states)


def offset(joint: Joint) -> tuple[float, float]:
    """The distal surface against the proximal one: across, as a share of the joint width, and along in mm."""
    apart = joint.distal - joint.proximal
    across = np.array([joint.axis[1], -joint.axis[0]])
    return float(apart @ across) / joint.width, float(apart @ joint.axis)


def test_a_normal_joint_shows_its_space_in_the_middle_of_its_box() -> None:
    for seed in (1, 2):
        phantom = draw(seed, findings_rate=0.0, metal=False)
        spaces = {f"{side}-{joint}": space(phantom, f"{side}-{joint}") for side in "RL" for joint in FINGERS}
        assert min(spaces.values()) > 0.025, spaces


def test_an_ankylosed_joint_shows_none() -> None:
    found = 0
    for seed in (1, 2, 3):
        phantom = draw(seed, findings_rate=1.0, metal=False)
        states = joint_states(seed, 1.0, 1)
        for joint in phantom.joints:
            # a finger displaced further in lies across its neighbours, and they would be measured with it
            ray = joint.name[0] + "-MP" + joint.name[-1]
            straight = states[ray].findings == ("ankylosis",)
            if joint.findings == ("ankylosis",) and straight and joint.name[2:] in FINGERS:
                assert space(phantom, joint.name) < 0.025, (seed, joint.name)
                found += 1
    assert found >= 5


def displaced() -> Iterator[tuple[str, JointState]]:
    for seed in range(12):
        for name, state in joint_states(seed, 1.0, 1).items():
            if state.findings and state.findings != ("ankylosis",):
                yield name[2:], state


def test_displaced_surfaces_lie_as_far_apart_as_the_finding_says() -> None:
    normal = pose({})
    for joint in normal.joints.values():
        across, along = offset(joint)
        assert across == pytest.approx(0, abs=0.01)
        assert 0.8 < along < 2.6
    kinds = set()
    for name, state in displaced():
        joint = pose({name: state}).joints[name]
        across, along = offset(joint)
        assert across == pytest.approx(state.shift, abs=0.01)
        assert joint.centre == pytest.approx((joint.proximal + joint.distal) / 2)
        kinds.add(state.findings[-1])
        if "subluxation" in state.findings:
            assert 0.2 < abs(across) < 0.5  # contact in part
        else:
            assert along < -1.0  # slid past the end: none
            assert abs(across) > 0.1
    assert kinds == {"subluxation", "dislocation"}


def test_fused_bones_are_drawn_as_one() -> None:
    apart, fused = (pose({"PIP3": JointState(fused=fused)}) for fused in (False, True))
    assert len(apart.groups) == len(fused.groups) + 1
    assert max(len(group) for group in fused.groups) == 2


def test_a_finding_stays_at_later_visits_and_there_are_more_of_them() -> None:
    first, fourth = (joint_states(3, 0.4, visit) for visit in (1, 4))
    ill = {name for name, state in first.items() if state.findings}
    later = {name for name, state in fourth.items() if state.findings}
    assert ill < later
    for name in ill:
        was, now = first[name].findings, fourth[name].findings
        assert was == now or (was[-1] == "subluxation" and now[-1] == "dislocation")
