"""The classes of a detector, the two findings, and which joint each finding is judged on."""

from __future__ import annotations

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


def judged(joint: str, finding: str) -> bool:
    """Whether a finding is judged on a joint, which has a name such as "R-PIP3" or "L-IP1": subluxation is
    not on the thumb IP (paper, Data preparation)."""
    return finding == FINDINGS[0] or not joint.partition("-")[2].startswith("IP")
