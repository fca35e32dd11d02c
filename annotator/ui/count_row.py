"""How many of what came of an import, large enough to be seen first."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from annotator.ui.sheet_header import set_tone

Count = tuple[int, str, str]
"""The number, what it counts, and its tone."""


def count_row(counts: Iterable[Count]) -> QHBoxLayout:
    """Each number above its word, from the left."""
    row = QHBoxLayout()
    row.setSpacing(28)
    for number, word, tone in counts:
        pair = QVBoxLayout()
        pair.setSpacing(0)
        value, text = QLabel(f"{number:,}"), QLabel(word)
        value.setProperty("size", "large")
        value.setProperty("weight", "bold")
        set_tone(value, tone)
        set_tone(text, "muted")
        pair.addWidget(value)
        pair.addWidget(text)
        row.addLayout(pair)
    row.addStretch(1)
    return row
