"""The findings of a joint, how certain they are, and why a joint may not be assessable."""

from dataclasses import dataclass
from enum import StrEnum


class Finding(StrEnum):
    """Ankylosis: the joint space is bridged by bone. Subluxation: the joint surfaces have lost part of
    their contact. Dislocation: all of it. (Izumi et al. 2024, Methods.)"""

    ANKYLOSIS = "ankylosis"
    SUBLUXATION = "subluxation"
    DISLOCATION = "dislocation"

    @property
    def excludes(self) -> "Finding | None":
        """The finding that cannot stand beside this one: a joint is subluxed or dislocated, not both."""
        return {
            Finding.SUBLUXATION: Finding.DISLOCATION,
            Finding.DISLOCATION: Finding.SUBLUXATION,
        }.get(self)


class Certainty(StrEnum):
    CERTAIN = "certain"
    PROBABLE = "probable"


class NotAssessable(StrEnum):
    """Why a joint cannot be judged."""

    CROPPED = "cropped"
    AMPUTATED = "amputated"
    IMPLANT = "implant"
    OVERLAP = "overlap"
    NOT_VISIBLE = "not visible"


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A finding that is present, and how certain the reader is of it."""

    finding: Finding
    certainty: Certainty = Certainty.CERTAIN
