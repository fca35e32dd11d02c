"""report.json: everything of a report in numbers, as the values of `scoring` and `choice` name them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import numpy as np

from detector.report import paper
from detector.report.values import Report
from detector.report.words import RESEARCH

FORMAT, VERSION = "knuckle-report", 1


def record(report: Report) -> dict[str, object]:
    """Nothing but what JSON can hold; null is what is undefined, or not finite."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": report.kind,
        "title": report.title,
        "use": RESEARCH,
        "facts": dict(report.facts),
        "about": plain_value(report.about),
        "evaluations": plain_value(report.evaluations),
        "choice": plain_value(report.choice),
        "paper": {
            "citation": paper.CITATION,
            "detection": plain_value(paper.DETECTION),
            "findings": plain_value(paper.FINDINGS),
            "averages": plain_value(paper.AVERAGES),
        },
    }


def plain_value(value: object) -> object:
    """Values, arrays and mappings as what JSON can hold. Counts are given with their scores."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: plain_value(getattr(value, one.name)) for one in dataclasses.fields(value)}
        scores = getattr(value, "scores", None)
        return {**fields, "scores": plain_value(scores())} if callable(scores) else fields
    if isinstance(value, np.ndarray):
        return plain_value(value.tolist())
    if isinstance(value, np.generic):
        return plain_value(value.item())
    if isinstance(value, Mapping):
        return {str(name): plain_value(one) for name, one in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain_value(one) for one in value]
    return value
