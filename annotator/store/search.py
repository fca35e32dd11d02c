"""The free text of the worklist: which words are visits, dates, findings or part of a patient code."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from annotator.domain.findings import Finding

_DATE = re.compile(r"\d{4}(-\d{0,2}(-\d{0,2})?)?")
_VISIT = re.compile(r"(?:visit|v)(\d{1,8})")


@dataclass(frozen=True, slots=True)
class Terms:
    """All of them must hold. dates: beginnings of ISO dates; they may be part of a patient code too."""

    visits: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    dates: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def terms(text: str) -> Terms:
    """Words in any order, case and width: "K-015", "visit 2" or "v2", "2015-03", "subluxation" or its first
    four letters or more."""
    text = re.sub(r"\bvisit\s+(?=\d)", "visit", unicodedata.normalize("NFKC", text).casefold())
    visits, findings, dates, codes = [], [], [], []
    for word in text.split():
        found = next((f for f in Finding if len(word) >= 4 and f.value.startswith(word)), None)
        visit = _VISIT.fullmatch(word)
        if visit:
            visits.append(int(visit[1]))
        elif found:
            findings.append(found)
        elif _DATE.fullmatch(word):
            dates.append(word)
        else:
            codes.append(word)
    return Terms(tuple(visits), tuple(findings), tuple(dates), tuple(codes))
