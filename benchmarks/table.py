"""One line of `make bench`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What was measured, against its target (None: there is none) and what it was compared with."""

    what: str
    value: float
    unit: str
    target: float | None
    baseline: str = ""
