"""Entries of a header that may be missing, empty, spoilt, single or several."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydicom.dataset import Dataset

from annotator.imaging import refusals


def value(ds: Dataset, keyword: str) -> Any:
    """The value of an entry; None where it is missing, or cannot be converted."""
    try:
        return ds.get(keyword)
    except refusals.DAMAGE:
        return None


def many(found: Any) -> list[Any]:
    """The parts of a value, each in its place, empty ones too; none where the whole is missing or empty."""
    several = isinstance(found, Sequence) and not isinstance(found, str | bytes)
    parts = list(found) if several else [found]
    return [] if all(part is None or part in ("", b"") for part in parts) else parts


def text(ds: Dataset, keyword: str) -> str:
    """The text of an entry, its parts joined as they are in the file; "" where there is none."""
    parts = ("" if part is None else str(part) for part in many(value(ds, keyword)))
    return "\\".join(parts).strip("\0 ")


def numbers(ds: Dataset, keyword: str) -> list[float]:
    """The numbers of an entry, none where it is missing or empty. A part that is no number is NaN."""
    try:
        return [_number(part) for part in many(ds.get(keyword))]
    except refusals.DAMAGE:
        return [math.nan]


def _number(part: Any) -> float:
    try:
        return float(part)
    except (TypeError, ValueError):
        return math.nan
