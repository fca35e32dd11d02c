"""From stored values to grey on the screen: modality, window or VOI LUT, polarity. Never the pixels.

The order is that of DICOM PS3.4 N.2: stored value -> Modality LUT or rescale -> VOI LUT or window ->
polarity, once and last. The whole chain is one table of 2**bits_stored entries, indexed by
`stored value - first_stored`, so that a change of the window costs a table and no frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.uint16]
Floats = NDArray[np.float64]
Function = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]

PERCENTILES = "percentiles"
FULL_RANGE = "full range"
LOW_PERCENT, HIGH_PERCENT = 0.5, 99.5


@dataclass(frozen=True, slots=True)
class Window:
    """A window on the values after the modality step (DICOM PS3.3 C.11.2.1.2 and C.11.2.1.3).

    name: the file's explanation of it, or "percentiles" or "full range"; empty when set by hand.
    Raises ValueError for a centre or width that is no number, or a width that is not positive.
    """

    centre: float
    width: float
    name: str = ""
    function: Function = "LINEAR"

    def __post_init__(self) -> None:
        if not (np.isfinite(self.centre) and np.isfinite(self.width) and self.width > 0):
            raise ValueError(f"no window: centre {self.centre}, width {self.width}")

    def moved_to(self, centre: float, width: float) -> Window:
        """The same function with centre and width set by hand, so without a name."""
        return replace(self, centre=centre, width=width, name="")

    def apply(self, x: Floats) -> Floats:
        """x: values after the modality step; returns 0 (dark end) to 1 (bright end)."""
        if self.function == "SIGMOID":
            exponent = np.clip(-4.0 * (x - self.centre) / self.width, -700.0, 700.0)
            return np.asarray(1.0 / (1.0 + np.exp(exponent)), np.float64)
        if self.function == "LINEAR_EXACT":
            return np.asarray(np.clip((x - self.centre) / self.width + 0.5, 0.0, 1.0), np.float64)
        if self.width <= 1.0:  # a step: the ramp of C.11.2.1.2.1 has no length
            return np.where(x <= self.centre - 0.5, 0.0, 1.0)
        ramp = (x - (self.centre - 0.5)) / (self.width - 1.0) + 0.5
        return np.asarray(np.clip(ramp, 0.0, 1.0), np.float64)


@dataclass(frozen=True, slots=True)
class Rescale:
    """Rescale slope and intercept (PS3.3 C.11.1); the slope may be negative, but not 0."""

    slope: float = 1.0
    intercept: float = 0.0

    def apply(self, stored: NDArray[np.int64]) -> Floats:
        return np.asarray(stored * self.slope + self.intercept, np.float64)


@dataclass(frozen=True, eq=False, slots=True)
class Lut:
    """A LUT of DICOM PS3.3 C.11.1.1 and C.11.2.1.1.

    first: the input value of the first entry; inputs beyond either end take the entry there.
    table: uint16 [N]. bits: entries are 0 ... 2**bits - 1.
    """

    first: int
    table: NDArray[np.uint16]
    bits: int
    name: str = ""

    def apply(self, x: NDArray[np.int64] | Floats) -> Floats:
        """Entries for inputs x, as they are in the table."""
        index = np.clip(np.rint(x).astype(np.int64) - self.first, 0, self.table.size - 1)
        return self.table[index].astype(np.float64)

    def _key(self) -> tuple[int, bytes, int, str]:
        return self.first, self.table.tobytes(), self.bits, self.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())


class ModalityLut(Lut):
    """From stored values to the values that windows speak of."""

    __slots__ = ()


class VoiLut(Lut):
    """From values after the modality step to grey."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class DisplayChain:
    """All that a file says about how its stored values are shown.

    first_stored: the lowest value that can be stored, 0 or -2**(bits_stored - 1).
    inverted: high values are dark (PresentationLUTShape, else MONOCHROME1).
    """

    bits_stored: int
    signed: bool
    first_stored: int
    modality: Rescale | ModalityLut
    windows: tuple[Window, ...]
    voi_luts: tuple[VoiLut, ...]
    inverted: bool

    def after_modality(self) -> Floats:
        """float64 [2**bits_stored]: the value after the modality step of every storable value, in order."""
        return self.modality.apply(np.arange(2**self.bits_stored, dtype=np.int64) + self.first_stored)


@dataclass(frozen=True, slots=True)
class Look:
    """What the reader chose: a window, or a VOI LUT of the file by number; inverted: an extra flip.

    With a voi_lut that the file lacks the window counts; with neither, the full range.
    """

    window: Window | None = None
    voi_lut: int | None = None
    inverted: bool = False


def lookup_table(chain: DisplayChain, look: Look) -> NDArray[np.uint8]:
    """uint8 [2**bits_stored]: grey of each storable value, indexed by stored value - first_stored."""
    x = chain.after_modality()
    lut = _chosen_lut(chain, look)
    if lut is not None:
        grey = np.minimum(lut.apply(x) / (2**lut.bits - 1), 1.0)
    else:
        grey = (look.window or _full_range(chain)).apply(x)
    if chain.inverted != look.inverted:
        grey = 1.0 - grey
    table: NDArray[np.uint8] = np.rint(grey * 255.0).astype(np.uint8)
    return table


def shade(
    values: Values, table: NDArray[np.uint8], out: NDArray[np.uint8] | None = None
) -> NDArray[np.uint8]:
    """uint8 of the values' shape: each value looked up. table: from lookup_table.

    out: contiguous memory of that shape to be filled; 0.5 ms a screenful, where fresh memory takes 1.
    """
    full = np.empty(65536, np.uint8)
    full[: table.size] = table
    full[table.size :] = table[-1]
    return np.asarray(cv2.LUT(values, full, dst=out), dtype=np.uint8)


def default_look(chain: DisplayChain, values: Values) -> Look:
    """The file's first VOI LUT, else its first window, else percentiles. values: as Radiograph.values."""
    if chain.voi_luts:
        return Look(window=chain.windows[0] if chain.windows else None, voi_lut=0)
    if chain.windows:
        return Look(window=chain.windows[0])
    return Look(window=percentile_window(chain, values))


def presets(chain: DisplayChain, values: Values) -> list[tuple[str, Look]]:
    """Every look there is to choose from, each with an English name; the file's own come first."""
    found = [(lut.name or f"VOI LUT {i + 1}", Look(voi_lut=i)) for i, lut in enumerate(chain.voi_luts)]
    found += [(w.name or f"Window {i + 1}", Look(window=w)) for i, w in enumerate(chain.windows)]
    found.append(("Percentiles", Look(window=percentile_window(chain, values))))
    found.append(("Full range", Look(window=_full_range(chain))))
    return found


def window_source(chain: DisplayChain, look: Look) -> str:
    """Where the look comes from: "VOI LUT", "file", "percentiles", "full range" or "manual"."""
    if _chosen_lut(chain, look) is not None:
        return "VOI LUT"
    if look.window is None:
        return FULL_RANGE
    if look.window in chain.windows:
        return "file"
    return look.window.name if look.window.name in (PERCENTILES, FULL_RANGE) else "manual"


def window_of(chain: DisplayChain, look: Look) -> Window:
    """The window to show or to start a drag from; for a VOI LUT the range over which it is not flat."""
    lut = _chosen_lut(chain, look)
    if lut is None:
        return look.window or _full_range(chain)
    rising = np.flatnonzero(np.diff(lut.table))
    if rising.size == 0:
        return _full_range(chain)
    return _window_between(lut.first + float(rising[0]), lut.first + float(rising[-1]) + 1.0, "")


def without_lut(chain: DisplayChain, look: Look, values: Values) -> Look:
    """The same look by a window instead of a VOI LUT: the one last used, the file's, or percentiles."""
    window = look.window or (chain.windows[0] if chain.windows else percentile_window(chain, values))
    return Look(window=window, inverted=look.inverted)


def carried_over(chain: DisplayChain, look: Look, values: Values) -> Look:
    """A look of one image taken to another: kept, except a VOI LUT that the other image lacks."""
    if look.voi_lut is None or _chosen_lut(chain, look) is not None:
        return look
    return replace(default_look(chain, values), inverted=look.inverted)


def percentile_window(chain: DisplayChain, values: Values) -> Window:
    """The window between the percentiles 0.5 and 99.5 of the stored values. values: uint16 [H, W]."""
    levels = 2**chain.bits_stored
    counts = cv2.calcHist([values], [0], None, [levels], [0, levels]).ravel().astype(np.float64)
    shares = np.cumsum(counts) / max(values.size, 1)
    low = int(np.searchsorted(shares, LOW_PERCENT / 100.0))
    high = min(int(np.searchsorted(shares, HIGH_PERCENT / 100.0)), levels - 1)
    span = chain.after_modality()[low : high + 1]
    return _window_between(float(span.min()), float(span.max()), PERCENTILES)


def export_table(chain: DisplayChain) -> NDArray[np.uint16]:
    """uint16 [2**bits_stored]: what the detector and exports get for each storable value.

    After modality and polarity, bone bright, without a window. Scale and offset come from the header
    alone: a rescale is linear, so the levels stay whole steps 0 ... 2**bits_stored - 1, in rising
    order of the rescaled value (a negative slope turns them round); a Modality LUT gives its own
    entries, 0 ... 2**bits - 1. Polarity then subtracts from the highest level.
    """
    if isinstance(chain.modality, Rescale):
        levels = np.arange(2**chain.bits_stored, dtype=np.int64)
        turned = (chain.modality.slope < 0) != chain.inverted
        return (levels[::-1] if turned else levels).astype(np.uint16)
    highest = 2**chain.modality.bits - 1
    entries = np.minimum(chain.after_modality(), highest)
    return np.asarray(highest - entries if chain.inverted else entries, dtype=np.uint16)


def _chosen_lut(chain: DisplayChain, look: Look) -> VoiLut | None:
    number = look.voi_lut
    return chain.voi_luts[number] if number is not None and 0 <= number < len(chain.voi_luts) else None


def _full_range(chain: DisplayChain) -> Window:
    x = chain.after_modality()
    return _window_between(float(x.min()), float(x.max()), FULL_RANGE)


def _window_between(low: float, high: float, name: str) -> Window:
    """low is shown black and high white; a range without width gets that of one value."""
    return Window((low + high) / 2, high - low if high > low else 1.0, name, "LINEAR_EXACT")
