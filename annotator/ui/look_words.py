"""Names of windows, VOI LUTs and spacings in the language of the window; what the file has named stays so."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication

_NUMBERED = re.compile(r"(VOI LUT|Window) (\d+)")
_WORDS = frozenset(
    {"Percentiles", "Full range", "VOI LUT", "file", "percentiles", "full range", "manual"}
    | {"VOI LUT {n}", "Window {n}"}
)
_SPACINGS = frozenset({"calibrated", "detector plane", "file", "scanned film"})


def look_words(name: str) -> str:
    """name: of a preset, or the source of a window, as `imaging.display` gives them."""
    numbered = _NUMBERED.fullmatch(name)
    template = f"{numbered[1]} {{n}}" if numbered else name
    if template not in _WORDS:
        return name
    return _translated("Look", template).format(n=numbered[2] if numbered else "")


def spacing_words(source: str) -> str:
    """source: as `imaging.radiograph.Spacing` has it."""
    return _translated("Spacing", source) if source in _SPACINGS else source


def _translated(context: str, text: str) -> str:
    return QCoreApplication.translate(context, text)
