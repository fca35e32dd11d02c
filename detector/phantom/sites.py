"""Where the joints of a radiograph lie, and which way their fingers run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from detector.phantom.findings import JOINTS, SIDES
from detector.phantom.proportions import WIDTHS
from detector.phantom.truth import Box

Point = NDArray[np.float64]

UNIT_MM = 45.0  # the MP3-PIP3 distance of the usual hand
BEFORE_NEXT = 0.2  # units that a displacement keeps away from the centre of the next joint
TO_FINGERTIP = {"IP1": 0.62, "PIP2": 0.95, "PIP3": 0.95, "PIP4": 0.98, "PIP5": 1.0}
"""Distance of the fingertip against the length of the phalanx before the joint."""


@dataclass(frozen=True)
class Site:
    """A joint in a radiograph, in pixels of the full image, origin at the outer corner of the top-left pixel.

    centre: x, y of the joint space. box: x0, y0, x1, y1. axis: unit vector towards the fingertip. across:
    unit vector at right angles to it, towards the thumb's side of the hand. unit: MP3-PIP3 distance of the
    hand. reach: how far along the finger a displacement may be felt, short of the next joint with a box.
    width: usual breadth of the bones at the joint.
    """

    name: str
    centre: Point
    box: Box
    axis: Point
    across: Point
    unit: float
    reach: float
    width: float


def find_sites(boxes: Mapping[str, Box]) -> dict[str, Site]:
    """The sites of one or two hands from their boxes, whose centres are the joint spaces ("R-PIP3" -> box).

    A hand of which not all ten joints are given is left out, as its fingers have no known directions.
    """
    found: dict[str, Site] = {}
    for side in SIDES:
        own = {joint: boxes[f"{side}-{joint}"] for joint in JOINTS if f"{side}-{joint}" in boxes}
        if len(own) == len(JOINTS):
            sites = hand_sites(own)
            found |= {
                f"{side}-{joint}": replace(site, name=f"{side}-{joint}") for joint, site in sites.items()
            }
    return found


def hand_sites(boxes: Mapping[str, Box]) -> dict[str, Site]:
    """The ten sites of a hand."""
    centres = {joint: np.array([(x0 + x1) / 2, (y0 + y1) / 2]) for joint, (x0, y0, x1, y1) in boxes.items()}
    unit = length(centres["PIP3"] - centres["MP3"])
    up, thumb = centres["PIP3"] - centres["MP3"], centres["MP2"] - centres["MP5"]
    hand = 1.0 if up[0] * thumb[1] - up[1] * thumb[0] > 0 else -1.0  # which way the thumb lies from the axis
    found = {}
    for joint in JOINTS:
        ray = joint[-1]
        near, far = centres[f"MP{ray}"], centres["IP1" if ray == "1" else f"PIP{ray}"]
        phalanx = length(far - near)
        axis = (far - near) / max(phalanx, 1e-6)
        across = hand * np.array([-axis[1], axis[0]])
        reach = phalanx - BEFORE_NEXT * unit if joint.startswith("MP") else TO_FINGERTIP[joint] * phalanx
        width = usual_width(joint) * unit / UNIT_MM
        found[joint] = Site(joint, centres[joint], boxes[joint], axis, across, unit, reach, width)
    return found


def usual_width(joint: str) -> float:
    """Mean breadth in mm of the two bone ends that meet in a joint."""
    first = 0 if joint.startswith("MP") else 1
    second = 3 if joint == "IP1" else first + 1
    widths = WIDTHS[int(joint[-1])]
    return (widths[first][2] + widths[second][0]) / 2


def length(vector: Point) -> float:
    return float(np.linalg.norm(vector))
