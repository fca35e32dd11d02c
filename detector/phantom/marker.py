"""Lead markers: the letters R and L in several makes, some in a frame, some with the initials of a person."""

from dataclasses import dataclass

import cv2
import numpy as np

from detector.phantom.bones import Doubles
from detector.phantom.texture import Floats

FONTS = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
)
INITIALS = "ABCDEFGHKMNSTW"
FINE = 3  # letters are drawn at this many times the film's resolution


@dataclass(frozen=True)
class Marker:
    """A pair of markers. height of the letter and stroke in units; frame: a box around it; initials: below
    it; dense: attenuation; beside: distance to the edge of the film and rise: above the lowest row, in units.
    """

    font: int
    height: float
    stroke: float
    frame: bool
    initials: str
    dense: float
    beside: float
    rise: float


def draw_marker(rng: np.random.Generator) -> Marker:
    """The markers of one film."""
    small = rng.random() < 0.2
    return Marker(
        font=FONTS[int(rng.integers(len(FONTS)))],
        height=float(rng.uniform(0.13, 0.18) if small else rng.uniform(0.2, 0.3)),
        stroke=float(rng.uniform(0.02, 0.065)),
        frame=bool(rng.random() < 0.25),
        initials="".join(rng.choice(list(INITIALS), 2)) if rng.random() < 0.2 else "",
        dense=float(rng.uniform(1.2, 2.4)),
        beside=float(rng.uniform(0.15, 0.5)),
        rise=float(rng.uniform(0.2, 1.1) if rng.random() < 0.85 else rng.uniform(4.2, 5.0)),
    )


def lead_markers(film: Floats, left: str, unit: float, lowest: float, rng: np.random.Generator) -> Floats:
    """Attenuation by both lead letters, float32 [H, W], at the outer edges beside the hands on a film.

    left: the letter on the left; unit: the MP3-PIP3 distance in pixels; lowest: the row above which they lie.
    """
    marker = draw_marker(rng)
    tall = marker.height * unit
    right = "L" if left == "R" else "R"
    x = [max(unit * (marker.beside + rng.normal(0, 0.05)), 1.05 * tall) for _ in "RL"]
    x[1] = film.shape[1] - x[1]
    shifts = unit * rng.normal(0, 0.1, 2)
    rises = (marker.rise, 0.1, 0.4, 4.6, 99.0)  # the last one is the top of the film
    choices = [np.maximum(lowest - 1.9 * tall - unit * rise + shifts, 1.2 * tall) for rise in rises]
    free = (y for y in choices if all(is_free(film, x[k], float(y[k]), tall) for k in (0, 1)))
    y = next(free, choices[-1])
    lead = np.zeros_like(film)
    for k, letter in enumerate((left, right)):
        place = np.array([x[k], y[k]])
        stamp(lead, drawn(letter, marker, tall), place, float(rng.normal(0, 5)), marker.dense)
    return lead


def is_free(film: Floats, x: float, y: float, tall: float) -> bool:
    """Whether no part of a hand lies under a marker at this place."""
    top, left = max(int(y - tall), 0), max(int(x - tall), 0)
    area = film[top : int(y + 1.5 * tall), left : int(x + tall)]
    return area.size > 0 and float(area.max()) < 0.15


def drawn(letter: str, marker: Marker, tall: float) -> Floats:
    """The marker upright in the middle of a square, 0 to 1, at FINE times the film's resolution."""
    side = int(4 * tall * FINE)
    layer = np.zeros((side, side), np.uint8)
    write(layer, letter, marker, tall * FINE, side // 2)
    if marker.initials:
        write(layer, marker.initials, marker, 0.45 * tall * FINE, int(side / 2 + 1.05 * tall * FINE))
    if marker.frame:
        reach, low = int(0.85 * tall * FINE), int((1.5 if marker.initials else 0.85) * tall * FINE)
        corners = (side // 2 - reach, side // 2 - reach), (side // 2 + reach, side // 2 + low)
        cv2.rectangle(layer, *corners, 255, max(2, int(0.06 * tall * FINE)), cv2.LINE_AA)
    return np.asarray(layer, np.float32) / np.float32(255)


def write(
    layer: np.ndarray[tuple[int, ...], np.dtype[np.uint8]],
    text: str,
    marker: Marker,
    tall: float,
    middle: int,
) -> None:
    """Text of this height in fine pixels, centred on a row."""
    scale = cv2.getFontScaleFromHeight(marker.font, max(4, int(tall)))
    thick = max(2, round(marker.stroke * tall))
    (width, height), _ = cv2.getTextSize(text, marker.font, scale, thick)
    start = ((layer.shape[1] - width) // 2, middle + height // 2)
    cv2.putText(layer, text, start, marker.font, scale, 255, thick, cv2.LINE_AA)


def stamp(film: Floats, layer: Floats, place: Doubles, degrees: float, dense: float) -> None:
    """Adds a fine square, turned and brought to the film's resolution, centred on a place in pixels."""
    side = layer.shape[0]
    matrix = cv2.getRotationMatrix2D(((side - 1) / 2, (side - 1) / 2), degrees, 1.0)
    turned = cv2.warpAffine(layer, matrix, (side, side))
    small = cv2.resize(turned, None, fx=1 / FINE, fy=1 / FINE, interpolation=cv2.INTER_AREA)
    left, top = (int(v - small.shape[0] / 2) for v in place)
    area = film[max(top, 0) : top + small.shape[0], max(left, 0) : left + small.shape[1]]
    area += np.float32(dense) * small[max(-top, 0) :, max(-left, 0) :][: area.shape[0], : area.shape[1]]
