"""One look of text on every machine: Knuckle brings its letters along, Latin, Japanese and signs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtGui import QFont, QFontDatabase

from annotator.domain.errors import KnuckleError
from annotator.paths import resources

if TYPE_CHECKING:
    from PySide6.QtGui import QGuiApplication

FAMILIES = ("Knuckle Sans", "Knuckle Sans JP", "Knuckle Signs")
"""In the order in which a letter is looked for."""


def install(app: QGuiApplication) -> None:
    """Register the fonts of resources/fonts and make them the application's, 10 point (13 on macOS, where a
    point is a pixel). Raises KnuckleError where one is missing or broken."""
    for file in sorted((resources() / "fonts").glob("*.[ot]tf")):
        if QFontDatabase.addApplicationFont(str(file)) < 0:
            raise _unusable(file.name)
    known = set(QFontDatabase.families())
    for family in FAMILIES:
        if family not in known:
            raise _unusable(family)
    font = QFont(list(FAMILIES))
    font.setPointSize(13 if sys.platform == "darwin" else 10)
    app.setFont(font)


def _unusable(font: str) -> KnuckleError:
    return KnuckleError(f"Knuckle's font {font} cannot be used.", "Install Knuckle again.", font=font)
