"""Both hands as a small SVG drawing: each joint with the sign and the word of what was said of it.

Signs are drawn, not written, so that they look the same whatever letters a computer has, and dark enough to
be told apart in print without colour. Plain SVG 1.1 shapes and text in the letters of whatever is around it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape

from annotator.domain.annotations import JointAnnotation
from annotator.domain.findings import Certainty, Finding, Mark
from annotator.domain.joints import JOINTS, TEMPLATE, Joint, Row, Side
from annotator.domain.report import ReportedJoint, ReportedVisit
from annotator.domain.words import Translate, in_english
from annotator.exchange.report_words import finding_short, reason_short

WIDTH, HEIGHT = 480, 226
INK, FAINT, RAY = "#16191d", "#6b7480", "#d3d8de"
_ANKYLOSIS, _DISPLACED = "#0a5a96", "#8a4600"
_UNIT = 62.0
"""Pixels of the drawing for the distance from MP3 to PIP3."""
_R = 6.0
"""Half the size of a sign."""


def figure(visit: ReportedVisit, title: str, translate: Translate = in_english) -> str:
    """title: what a screen reader says. The right hand is drawn on the left, as on a film."""
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{escape(title)}</title>",
    ]
    for side in Side:
        parts += _hand(side, visit, translate)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _hand(side: Side, visit: ReportedVisit, translate: Translate) -> Iterator[str]:
    joints = [joint for joint in JOINTS if joint.side is side]
    places = {joint: _place(joint) for joint in joints}
    shown = side in visit.hands.sides and not visit.excluded
    yield from _rays(side, places)
    name = translate("Report", "Right hand") if side is Side.RIGHT else translate("Report", "Left hand")
    missing = translate("Report", "excluded") if visit.excluded else translate("Report", "not on this image")
    label = name if shown else f"{name}: {missing}"
    x, _ = _wrist(side)
    yield _text(x, HEIGHT - 5, label, size=12, colour=INK if shown else FAINT, bold=shown)
    for joint in joints if shown else ():
        said = visit.of(joint)
        if said is not None:
            yield from _joint(said, *places[joint], translate)


def _wrist(side: Side) -> tuple[float, float]:
    """Where MP3 would lie if it were straight above the wrist; the template is measured from it."""
    return WIDTH / 2 + (-2.03 if side is Side.RIGHT else 2.03) * _UNIT, 96.0


def _place(joint: Joint) -> tuple[float, float]:
    across, along = TEMPLATE[joint.row, joint.digit]
    x, y = _wrist(joint.side)
    return x + (-1 if joint.side is Side.RIGHT else 1) * across * _UNIT, y - along * _UNIT


def _rays(side: Side, places: dict[Joint, tuple[float, float]]) -> Iterator[str]:
    """A line a finger, from near the wrist over both joints to the tip."""
    foot = _wrist(side)[0], _wrist(side)[1] + 1.7 * _UNIT
    for digit in range(1, 6):
        near, far = (places[Joint(side, row, digit)] for row in (Row.MP, Row.PIP))
        start = _between(foot, near, 0.18)
        tip = _between(near, far, 1.45)
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (start, near, far, tip))
        yield (
            f'<polyline points="{points}" fill="none" stroke="{RAY}" stroke-width="9" '
            f'stroke-linecap="round" stroke-linejoin="round"/>'
        )


def _between(a: tuple[float, float], b: tuple[float, float], share: float) -> tuple[float, float]:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _joint(joint: ReportedJoint, x: float, y: float, translate: Translate) -> Iterator[str]:
    said = joint.said
    yield f"<g><title>{escape(joint.joint.name)}</title>"
    if said.not_assessable is not None:
        yield _cross(x, y)
    elif said.marks:
        first = x - (len(said.marks) - 1) * (_R + 1)
        for place, mark in enumerate(said.marks):
            yield _SIGNS[mark.finding](first + place * 2 * (_R + 1), y)
    elif said.confirmed:
        yield _tick(x, y)
    else:
        yield _dash(x, y)
    word = _word(said, translate)
    if word:
        yield _text(x, y + _R + 10, word, size=10, colour=INK)
    yield "</g>"


def _word(said: JointAnnotation, translate: Translate) -> str:
    if said.not_assessable is not None:
        return reason_short(said.not_assessable, translate)
    words = [_marked(mark, translate) for mark in said.marks]
    if not said.confirmed:
        words.append(translate("Report", "open"))
    return " ".join(words)


def _marked(mark: Mark, translate: Translate) -> str:
    return finding_short(mark.finding, translate) + ("?" if mark.certainty is Certainty.PROBABLE else "")


def _text(x: float, y: float, words: str, *, size: int, colour: str, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="middle" fill="{colour}"{weight}>'
        f"{escape(words)}</text>"
    )


def _polygon(points: list[tuple[float, float]], colour: str) -> str:
    spelled = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{spelled}" fill="{colour}" stroke="#ffffff" stroke-width="1"/>'


def _diamond(x: float, y: float) -> str:
    r = _R + 1
    return _polygon([(x, y - r), (x + r, y), (x, y + r), (x - r, y)], _ANKYLOSIS)


def _triangle(x: float, y: float) -> str:
    return _polygon([(x, y - _R - 1), (x + _R + 1, y + _R), (x - _R - 1, y + _R)], _DISPLACED)


def _square(x: float, y: float) -> str:
    return _polygon([(x - _R, y - _R), (x + _R, y - _R), (x + _R, y + _R), (x - _R, y + _R)], _DISPLACED)


def _tick(x: float, y: float) -> str:
    circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_R:.1f}" fill="#ffffff" stroke="{FAINT}"/>'
    return circle + _lines(x, y, "-3,0.2 -0.8,2.6 3.2,-2.8", width="1.4")


def _cross(x: float, y: float) -> str:
    ground = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_R + 1:.1f}" fill="#ffffff"/>'
    return ground + _lines(x, y, "-5,-5 5,5", width="2.4") + _lines(x, y, "-5,5 5,-5", width="2.4")


def _dash(x: float, y: float) -> str:
    circle = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_R:.1f}" fill="#ffffff" stroke="{FAINT}"/>'
    return circle + _lines(x, y, "-3,0 3,0", width="2.6")


def _lines(x: float, y: float, points: str, *, width: str) -> str:
    moved = " ".join(
        f"{x + float(a):.1f},{y + float(b):.1f}" for a, b in (pair.split(",") for pair in points.split())
    )
    return (
        f'<polyline points="{moved}" fill="none" stroke="{INK}" stroke-width="{width}" '
        f'stroke-linecap="round"/>'
    )


_SIGNS: dict[Finding, Callable[[float, float], str]] = {
    Finding.ANKYLOSIS: _diamond,
    Finding.SUBLUXATION: _triangle,
    Finding.DISLOCATION: _square,
}
