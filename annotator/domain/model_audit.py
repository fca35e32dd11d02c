"""The audit of a model: what readers made of its proposals, counted by version and confidence."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from annotator.domain.annotations import JointAnnotation, Reading
from annotator.domain.decisions import Decision, Outcome, annotations_from, outcome_of
from annotator.domain.geometry import Box
from annotator.domain.joints import Joint
from annotator.domain.proposals import Proposal, Run

BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 1.0)
"""Edges of the bins of confidence; a bin holds its lower edge, the last one its upper edge too."""


@dataclass(frozen=True, slots=True)
class Case:
    """One proposal that one reader saw, or one box that a reader added by hand (confidence None).

    outcome: None while undecided, and for a box added by hand. moved_iou: 0 to 1, None where there is no box
    to compare.
    """

    version_id: int
    confidence: float | None
    outcome: Outcome | None = None
    moved_iou: float | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """Cases of one version in one bin of confidence [low, high); both None for boxes added by hand.

    moved_iou_mean, moved_iou_median: over the moved ones, None where there are none.
    """

    version_id: int
    low: float | None
    high: float | None
    accepted: int = 0
    moved: int = 0
    relabelled: int = 0
    rejected: int = 0
    undecided: int = 0
    added: int = 0
    moved_iou_mean: float | None = None
    moved_iou_median: float | None = None


def cases_of(reading: Reading, runs: Sequence[Run], decisions: Mapping[int, Decision]) -> list[Case]:
    """What a reader made of the runs that they were shown of an image, as their reading stands now.

    runs: in the order in which they ran, with names as the reader's facts give them. An accepted box that
    was corrected later counts as moved or relabelled, one that was deleted or replaced later as rejected.
    Undecided are proposals of a version's last run that show no joint decided on in an earlier run of it.
    Added by hand, for each version, is a box that comes from no proposal and shows none of its joints but
    rejected ones.
    """
    standing = annotations_from(reading.annotations.values())
    by_version: dict[int, list[Run]] = defaultdict(list)
    for run in runs:
        by_version[run.version_id].append(run)
    cases: list[Case] = []
    for version, own in by_version.items():
        every = [proposal for run in own for proposal in run.proposals]
        taken = [p for p in every if p.id in standing]
        decided = [p for p in every if p.id in standing or p.id in decisions]
        waiting = [p for p in own[-1].proposals if p not in decided and not _shown(p.joint, p.box, decided)]
        cases += [_decided(version, proposal, standing.get(proposal.id)) for proposal in decided]
        cases += [Case(version, proposal.confidence) for proposal in waiting]
        drawn = [said for said in reading.annotations.values() if said.origin is None and said.box]
        covering = [*taken, *waiting]
        cases += [Case(version, None) for a in drawn if a.box and not _shown(a.joint, a.box, covering)]
    return cases


def tallies(cases: Iterable[Case], bins: Sequence[float] = BINS) -> tuple[Tally, ...]:
    """By version, then by confidence, what was added by hand last; bins without a case are left out.

    bins: edges, ascending. Raises ValueError for a confidence outside of them.
    """
    groups: dict[tuple[int, int], list[Case]] = defaultdict(list)
    for case in cases:
        groups[case.version_id, _bin(case.confidence, bins)].append(case)
    return tuple(_tally(version, place, group, bins) for (version, place), group in sorted(groups.items()))


def _decided(version_id: int, proposal: Proposal, said: JointAnnotation | None) -> Case:
    if said is None or said.box is None:
        return Case(version_id, proposal.confidence, Outcome.REJECTED)
    return Case(version_id, proposal.confidence, outcome_of(proposal, said), proposal.shared(said.box))


def _shown(joint: Joint | None, box: Box, proposals: Iterable[Proposal]) -> bool:
    return any(proposal.same_joint(joint, box) for proposal in proposals)


def _bin(confidence: float | None, bins: Sequence[float]) -> int:
    """The place of the bin; one beyond the last for no confidence."""
    if confidence is None:
        return len(bins) - 1
    if not bins[0] <= confidence <= bins[-1]:
        raise ValueError(f"confidence {confidence} is in no bin")
    return min(bisect_right(bins, confidence), len(bins) - 1) - 1


def _tally(version_id: int, place: int, cases: Sequence[Case], bins: Sequence[float]) -> Tally:
    if place == len(bins) - 1:
        return Tally(version_id, None, None, added=len(cases))
    count = {outcome: sum(case.outcome is outcome for case in cases) for outcome in (*Outcome, None)}
    moved = [c.moved_iou for c in cases if c.outcome is Outcome.MOVED and c.moved_iou is not None]
    return Tally(
        version_id,
        bins[place],
        bins[place + 1],
        accepted=count[Outcome.ACCEPTED],
        moved=count[Outcome.MOVED],
        relabelled=count[Outcome.RELABELLED],
        rejected=count[Outcome.REJECTED],
        undecided=count[None],
        moved_iou_mean=fmean(moved) if moved else None,
        moved_iou_median=median(moved) if moved else None,
    )
