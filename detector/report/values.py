"""What a report is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from detector.measuring.choice import Choice
from detector.measuring.scoring import Evaluation, Parts


@dataclass(frozen=True, eq=False)
class Report:
    """kind: "crossval" or "evaluation". title: of the page. facts: what was measured on what, name -> words.
    evaluations: by the name of the scan; results: what each was made from. choice: between two scans. about:
    anything that JSON can hold, for report.json alone."""

    kind: str
    title: str
    facts: Mapping[str, str]
    evaluations: Mapping[str, Evaluation]
    results: Mapping[str, Parts]
    choice: Choice | None = None
    about: Mapping[str, object] = field(default_factory=dict)
