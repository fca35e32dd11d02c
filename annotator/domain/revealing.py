"""Read first, reveal later: when a reader of a study may see proposals, and what a label owes to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from annotator.domain.annotations import JointAnnotation, Reading, ReadingState


class RevealPolicy(StrEnum):
    """When proposals are shown to a reader of a study."""

    AT_ONCE = "at once"
    ALL_LABELLED = "after all joints are labelled"
    SIGNED = "after signing"


@dataclass(frozen=True, slots=True)
class Reveal:
    """A reader saw the proposals of a run for the first time. before: their reading at that moment."""

    run_id: int
    policy: RevealPolicy
    at: datetime
    before: Reading


class Seen(StrEnum):
    """Whether the reader of a label had seen the model's proposals of this image. Afterwards: the label is
    as it was before they did."""

    NO = "no"
    AFTERWARDS = "afterwards"
    YES = "yes"


def may_show(policy: RevealPolicy, reading: Reading, *, revealed: bool) -> bool:
    """Whether proposals may be shown to the reader now. revealed: of this image they were once before, which
    no deleted box and no reopening takes back."""
    if revealed or policy is RevealPolicy.AT_ONCE:
        return True
    if policy is RevealPolicy.SIGNED:
        return reading.signed
    complete = reading.state is ReadingState.COMPLETE and not reading.facts.excluded
    return complete or reading.signed


def seen(label: JointAnnotation, reveal: Reveal | None) -> Seen:
    """What an exported label says of its reader. reveal: the first one of this image to this reader."""
    if reveal is None:
        return Seen.NO
    return Seen.AFTERWARDS if reveal.before.annotations.get(label.joint) == label else Seen.YES
