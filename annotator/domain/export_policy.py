"""What a person chooses to export of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from annotator.domain.findings import Finding

MAJORITY = "majority"
DISPLACED = (Finding.SUBLUXATION, Finding.DISLOCATION)


class Whose(StrEnum):
    """Whose readings are chosen."""

    SIGNED = "signed"
    ALL = "all"
    MAJORITY = MAJORITY
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Policy:
    """What may leave a study. reader: by name, for Whose.READER alone, signed or not. seen: also labels whose
    reader had seen the model's proposals before.

    Raises ValueError for a reader too many or missing, and for no finding at all.
    """

    study_id: int
    whose: Whose = Whose.SIGNED
    reader: str = ""
    findings: frozenset[Finding] = frozenset(Finding)
    merged: bool = False
    uncertain: bool = True
    not_assessable: bool = False
    seen: bool = True

    def __post_init__(self) -> None:
        if bool(self.reader) != (self.whose is Whose.READER):
            raise ValueError(f"{self.whose.value} readings of {self.reader!r}")
        if not self.findings:
            raise ValueError("no finding is chosen")

    def asks(self, question: Sequence[Finding]) -> bool:
        return not self.findings.isdisjoint(question)

    @property
    def judged(self) -> frozenset[Finding]:
        """The findings that something may be said of."""
        if not self.merged or not self.asks(DISPLACED):
            return self.findings
        return (self.findings - set(DISPLACED)) | {Finding.SUBLUXATION}

    @property
    def object(self) -> dict[str, object]:
        """As it is printed and written down; without the study, which has a name only where it is kept."""
        return {
            "readings": self.reader if self.whose is Whose.READER else self.whose.value,
            "of_one_reader": self.whose is Whose.READER,
            "findings": [finding.value for finding in Finding if finding in self.findings],
            "merged": self.merged,
            "uncertain": self.uncertain,
            "not_assessable": self.not_assessable,
            "seen": self.seen,
        }
