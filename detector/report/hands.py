"""How often each joint is detected, on a drawing of two hands as a radiograph shows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from detector.metrics import share
from detector.report.words import UNDEFINED

WIDTH, HEIGHT = 540, 268

# Of a right hand on the left of the picture, thumb towards the middle: x, y of tip, joints and wrist
FINGERS = {
    "1": {"tip": (246, 108), "IP1": (222, 142), "MP1": (184, 178)},
    "2": {"tip": (174, 20), "PIP2": (162, 70), "MP2": (146, 132)},
    "3": {"tip": (114, 8), "PIP3": (112, 58), "MP3": (108, 124)},
    "4": {"tip": (54, 22), "PIP4": (62, 70), "MP4": (70, 131)},
    "5": {"tip": (10, 66), "PIP5": (20, 104), "MP5": (36, 152)},
}  # fmt: skip
WRIST = {"1": (126, 240), "2": (118, 240), "3": (108, 240), "4": (98, 240), "5": (88, 240)}
RADIUS = 16.5
SHADES = ((1.0, "all"), (0.99, "most"), (0.95, "some"), (0.0, "few"))


def hands(by_joint: Mapping[str, tuple[int, int]]) -> str:
    """SVG of both hands. by_joint: name -> how often detected, how often labelled."""
    label = "Share of each joint's appearances in which the ensemble detected it"
    parts = [f'<svg class="hands" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">']
    for side in "RL":
        parts += fingers(side)
        parts.append(f'<text class="side" x="{at(side, 108)}" y="262" text-anchor="middle">{side}</text>')
        for finger in FINGERS.values():
            for name, (x, y) in finger.items():
                if name != "tip":
                    parts.append(joint(f"{side}-{name}", at(side, x), y, by_joint))
    return "".join([*parts, "</svg>"])


def at(side: str, x: int) -> int:
    """Where x lies on the left hand: mirrored."""
    return x if side == "R" else WIDTH - x


def fingers(side: str) -> Iterator[str]:
    for number, finger in FINGERS.items():
        points = [*finger.values(), WRIST[number]]
        for (x0, y0), (x1, y1) in pairwise(points):
            yield f'<path class="bone" d="M{at(side, x0)} {y0}L{at(side, x1)} {y1}"/>'


def joint(name: str, x: int, y: int, by_joint: Mapping[str, tuple[int, int]]) -> str:
    detected, there = by_joint.get(name, (0, 0))
    rate = share(detected, there)
    text = "–" if rate is None else per_cent(rate)
    shade = "none" if rate is None else next(word for least, word in SHADES if rate >= least)
    said = UNDEFINED if rate is None else f"{detected} of {there} detected"
    return (
        f'<g class="joint {shade}"><title>{name}: {said}</title><circle cx="{x}" cy="{y}" r="{RADIUS}"/>'
        f'<text x="{x}" y="{y + 4}" text-anchor="middle">{text}</text></g>'
    )


def per_cent(rate: float) -> str:
    """Never 100 where one was missed."""
    return "100" if rate == 1 else f"{min(100 * rate, 99.9):.1f}"
