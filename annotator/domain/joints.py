"""The twenty joints of two hands: names, order, which findings apply, and where they lie.

Thumb: IP1 and MP1. Other fingers: PIP2 to PIP5 and MP2 to MP5. Digit 1 is the thumb, 5 the little finger.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from annotator.domain.findings import Finding


class Side(StrEnum):
    RIGHT = "R"
    LEFT = "L"

    @property
    def other(self) -> Side:
        return Side.LEFT if self is Side.RIGHT else Side.RIGHT


class Hands(StrEnum):
    """Which hands an image shows, and so which joints are expected on it."""

    BOTH = "both"
    RIGHT = "right"
    LEFT = "left"

    @property
    def sides(self) -> tuple[Side, ...]:
        return {
            Hands.BOTH: (Side.RIGHT, Side.LEFT),
            Hands.RIGHT: (Side.RIGHT,),
            Hands.LEFT: (Side.LEFT,),
        }[self]


class Row(StrEnum):
    """The row of the joint sheet a joint stands in: PIP joints with the IP of the thumb, or MP joints."""

    PIP = "PIP"
    MP = "MP"


@dataclass(frozen=True, slots=True)
class Joint:
    """One of the twenty joints; `name` is how it is stored and exported, such as R-PIP3."""

    side: Side
    row: Row
    digit: int

    @property
    def kind(self) -> str:
        """IP, PIP or MP."""
        return "IP" if self.row is Row.PIP and self.digit == 1 else self.row.value

    @property
    def name(self) -> str:
        return f"{self.side.value}-{self.kind}{self.digit}"

    @property
    def mirrored(self) -> Joint:
        """The same joint of the other hand."""
        return Joint(self.side.other, self.row, self.digit)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings judged on this joint: subluxation and dislocation are not judged on the thumb IP."""
        return _ON_THUMB_IP if self.row is Row.PIP and self.digit == 1 else _ON_OTHERS

    def __str__(self) -> str:
        return self.name


_ON_THUMB_IP, _ON_OTHERS = (Finding.ANKYLOSIS,), tuple(Finding)

JOINTS: tuple[Joint, ...] = tuple(
    Joint(side, row, digit) for side in Side for row in Row for digit in range(1, 6)
)
"""Right hand first, PIP row (with IP1) before MP row, thumb to little finger."""

_EXPECTED = {hands: tuple(joint for joint in JOINTS if joint.side in hands.sides) for hands in Hands}
_BY_NAME = {joint.name: joint for joint in JOINTS}
_NAME = re.compile(r"([RL])-?(MCP|MP|PIP|IP)[ -]?([1-5])")


def joint_named(text: str) -> Joint:
    """The joint of a name, its MCP alias included; raises ValueError for anything else."""
    match = _NAME.fullmatch(text.strip().upper())
    if match is None:
        raise ValueError(f"no such joint: {text!r}")
    side, kind, digit = match.groups()
    name = f"{side}-{'MP' if kind == 'MCP' else kind}{digit}"
    if name not in _BY_NAME:
        raise ValueError(f"no such joint: {text!r}")
    return _BY_NAME[name]


def expected_joints(hands: Hands) -> tuple[Joint, ...]:
    """The joints that a complete reading covers: 20 for both hands, 10 for one."""
    return _EXPECTED[hands]


BOX_SIDE = 0.44
"""Side of a joint box in units of the hand's MP3-PIP3 distance."""

TEMPLATE: dict[tuple[Row, int], tuple[float, float]] = {
    (Row.MP, 1): (-1.13, -0.95),
    (Row.MP, 2): (-0.52, -0.05),
    (Row.MP, 3): (0.0, 0.0),
    (Row.MP, 4): (0.45, -0.15),
    (Row.MP, 5): (0.87, -0.35),
    (Row.PIP, 1): (-1.57, -0.44),
    (Row.PIP, 2): (-0.81, 0.80),
    (Row.PIP, 3): (-0.11, 0.99),
    (Row.PIP, 4): (0.55, 0.78),
    (Row.PIP, 5): (1.18, 0.31),
}
"""Where the joints of a hand lie: across (positive towards the little finger) and along (positive towards
the fingertips) from MP3, in units of the MP3-PIP3 distance. Means over 259 films of the RSNA Pediatric
Bone Age Challenge 2017; thumbs vary by 0.11 to 0.25 units, other joints by 0.13 at most."""
