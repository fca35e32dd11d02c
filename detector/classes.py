"""The classes of a detector, the two findings, and which joint each finding is judged on."""

from __future__ import annotations

from collections.abc import Collection

CLASSES = ("background", "absent", "present")
"""Order of every array of probabilities (paper, end of "Development of the joint region detector")."""
BACKGROUND, ABSENT, PRESENT = range(3)

FINDINGS = ("ankylosis", "subluxation")
"""One detector each, in this order the first and the second of Algorithm 1. "subluxation" is subluxation or
dislocation, which are one label (paper, Data preparation)."""

TOP = {"ankylosis": 20, "subluxation": 18}
"""M1 and M2: how many joints of two hands each detector looks for (paper, Individual SSD predictions)."""

T_CONF, T_IOU1, T_IOU2 = 0.9, 0.15, 0.45
"""Least confidence of a box; overlap that makes two boxes of one detector one; overlap of the same joint for
both detectors, and of a detected joint (paper, Ensemble mechanism and Evaluation)."""

NOT_SEEN = (0.0, 1.0, 0.0)
"""c_neg of Algorithm 1: what a detector that did not see a box says of it."""


def labels(joint: str, findings: Collection[str]) -> tuple[int, int]:
    """What each detector is to say of a joint, in the order of FINDINGS: 1 present, 0 absent, -1 not judged.

    joint: a name such as "R-PIP3" or "L-IP1". findings: of "ankylosis", "subluxation", "dislocation"; a joint
    can carry more than one. Subluxation is not judged on the thumb IP (paper, Data preparation). Raises
    ValueError for any other finding, and for one on a joint that it is not judged on.
    """
    if unknown := set(findings) - {"ankylosis", "subluxation", "dislocation"}:
        raise ValueError(f"unknown findings: {', '.join(sorted(unknown))}")
    displaced = int("subluxation" in findings or "dislocation" in findings)
    if joint.partition("-")[2].startswith("IP"):
        if displaced:
            raise ValueError(f"subluxation and dislocation are not judged on {joint}")
        displaced = -1
    return int("ankylosis" in findings), displaced
