"""Charts as inline SVG: no script, no font and no file of their own. Colours come from the page's style."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from detector.boxes import Doubles

WIDTH, HEIGHT = 380, 300
LEFT, RIGHT, TOP, BOTTOM = 54, 14, 12, 46
QUARTERS = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Axis:
    """What is drawn along a side. most: the number at its end; ticks: where it is marked."""

    label: str
    most: float = 1.0
    ticks: tuple[float, ...] = QUARTERS


@dataclass(frozen=True, eq=False)
class Line:
    """x, y: float64 [N] in the numbers of the axes. style: class of the page's style."""

    x: Doubles
    y: Doubles
    style: str


@dataclass(frozen=True)
class Mark:
    """A point of its own; style: class of the page's style; title: shown when it is pointed at."""

    x: float
    y: float
    style: str
    title: str
    radius: float = 4.5


@dataclass(frozen=True)
class Bar:
    """From one x to another, this high."""

    x0: float
    x1: float
    y: float
    title: str


@dataclass(frozen=True)
class Frame:
    """Where numbers lie on a chart, in its own pixels, y down."""

    x: Axis
    y: Axis

    def across(self, value: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * value / self.x.most

    def up(self, value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / self.y.most


def chart(
    title: str,
    frame: Frame,
    *,
    lines: Sequence[Line] = (),
    marks: Sequence[Mark] = (),
    bars: Sequence[Bar] = (),
) -> str:
    """One chart. title: read out in place of the picture."""
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
        *axes(frame),
        *(bar(frame, one) for one in bars),
        *(f'<path class="line {one.style}" d="{path(frame, one)}"/>' for one in lines if len(one.x)),
        *(mark(frame, one) for one in marks),
        "</svg>",
    ]
    return "".join(parts)


def axes(frame: Frame) -> Iterable[str]:
    left, right = frame.across(0), frame.across(frame.x.most)
    bottom, top = frame.up(0), frame.up(frame.y.most)
    for tick in frame.x.ticks:
        x = frame.across(tick)
        yield f'<path class="grid" d="M{x:.1f} {bottom:.1f}V{top:.1f}"/>'
        yield f'<text class="tick" x="{x:.1f}" y="{bottom + 16:.1f}" text-anchor="middle">{tick:g}</text>'
    for tick in frame.y.ticks:
        y = frame.up(tick)
        yield f'<path class="grid" d="M{left:.1f} {y:.1f}H{right:.1f}"/>'
        yield f'<text class="tick" x="{left - 7:.1f}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>'
    middle, height = (left + right) / 2, (top + bottom) / 2
    below = f'x="{middle}" y="{HEIGHT - 8}" text-anchor="middle"'
    yield f'<text class="axis" {below}>{escape(frame.x.label)}</text>'
    turned = f'transform="translate(14 {height}) rotate(-90)" text-anchor="middle"'
    yield f'<text class="axis" {turned}>{escape(frame.y.label)}</text>'


def path(frame: Frame, line: Line) -> str:
    """To a tenth of a pixel, without points on the way straight on."""
    points = [
        (round(frame.across(x), 1), round(frame.up(y), 1))
        for x, y in zip(line.x.tolist(), line.y.tolist(), strict=True)
    ]
    kept: list[tuple[float, float]] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        while len(kept) > 1 and on_the_way(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in kept)


def on_the_way(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    """Whether a line along an axis goes from a over b to c without turning back."""
    for along, across in ((0, 1), (1, 0)):
        if a[across] == b[across] == c[across]:
            return (b[along] - a[along]) * (c[along] - b[along]) >= 0
    return False


def mark(frame: Frame, one: Mark) -> str:
    x, y = frame.across(one.x), frame.up(one.y)
    said = f"<title>{escape(one.title)}</title>"
    if one.style.endswith("paper"):  # a diamond, so that it is not told by its colour alone
        r = one.radius + 1
        shape = f"M{x:.1f} {y - r:.1f}l{r} {r}l{-r} {r}l{-r} {-r}z"
        return f'<path class="mark {one.style}" d="{shape}">{said}</path>'
    return f'<circle class="mark {one.style}" cx="{x:.1f}" cy="{y:.1f}" r="{one.radius:.1f}">{said}</circle>'


def bar(frame: Frame, one: Bar) -> str:
    x0, x1, y = frame.across(one.x0) + 0.5, frame.across(one.x1) - 0.5, frame.up(one.y)
    size = f'x="{x0:.1f}" y="{y:.1f}" width="{x1 - x0:.1f}" height="{frame.up(0) - y:.1f}"'
    return f'<rect class="bar" {size}><title>{escape(one.title)}</title></rect>'


def stairs(x: Doubles, y: Doubles) -> tuple[Doubles, Doubles]:
    """The corners of steps: each y holds from the x before up to its own, from 0 on."""
    return np.repeat(np.concatenate([[0.0], x]), 2)[1:-1], np.repeat(y, 2)


def rounded_up(most: float) -> tuple[float, tuple[float, ...]]:
    """The end of an axis for numbers up to this one, and its ticks: 1, 2 or 5 times a power of ten apart."""
    raw = max(most, 1) / 4
    power = 10.0 ** np.floor(np.log10(raw))
    apart = float(next(step * power for step in (1, 2, 5, 10) if step * power >= raw))
    apart = max(apart, 1.0)
    count = int(np.ceil(max(most, 1) / apart))
    return apart * count, tuple(apart * n for n in range(count + 1))
