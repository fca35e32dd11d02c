"""How one reader stands to the proposals of one image: what is shown, decided, and still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from annotator.domain.annotations import Reading
from annotator.domain.decisions import Decision, Outcome, RejectedBox, comes_back, the_rest, undecided
from annotator.domain.differences import BOX_DIFFERS, Difference, differences
from annotator.domain.edits import Edit
from annotator.domain.joints import Joint
from annotator.domain.proposals import Proposal, Run
from annotator.domain.revealing import Reveal, RevealPolicy


@dataclass(frozen=True)
class Standing:
    """Loaded when an image is opened, and after a run, signing or reopening; brought along by `after`.

    hidden: the study does not let this reader see proposals yet; then no run is here, if there is one or not.
    run: the newest of the image, with names as when it ran. decisions: on proposals of all runs of the image,
    by their ids. earlier: the runs before it that this reader was shown. revealed: when this reader first saw
    proposals of this image.
    """

    policy: RevealPolicy = RevealPolicy.AT_ONCE
    hidden: bool = False
    run: Run | None = None
    decisions: Mapping[int, Decision] = field(default_factory=dict)
    earlier: tuple[Run, ...] = ()
    revealed: Reveal | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "decisions", MappingProxyType(dict(self.decisions)))

    def named(self, reading: Reading) -> Run | None:
        """The run with names as the reader's facts give them."""
        return self.run.named_for(reading.facts) if self.run else None

    def undecided(self, reading: Reading) -> tuple[Proposal, ...]:
        """What waits for the reader; see `decisions.undecided`."""
        run = self.named(reading)
        return undecided(run, reading, self.decisions.keys(), self._rejected(reading)) if run else ()

    def rest(self, reading: Reading, threshold: float) -> tuple[Proposal, ...]:
        """What "accept the rest" would take; see `decisions.the_rest`."""
        return the_rest(self.undecided(reading), reading, threshold)

    def rejected(self, reading: Reading) -> frozenset[Joint]:
        """The joints whose proposal the reader has rejected, and which have no box since."""
        run = self.named(reading)
        proposals = run.proposals if run is not None else ()
        return frozenset(
            proposal.joint
            for proposal in proposals
            if proposal.joint is not None
            and self._is_rejected(proposal)
            and reading.of(proposal.joint).box is None
        )

    def differences(self, reading: Reading, *, box_differs: float = BOX_DIFFERS) -> tuple[Difference, ...]:
        """Reading and run side by side, without the boxes that the reader has rejected."""
        run, rejected = self.named(reading), self._rejected(reading)
        if run is None:
            return ()
        kept = [
            proposal
            for proposal in run.proposals
            if not self._is_rejected(proposal) and not comes_back(proposal, run.version_id, rejected)
        ]
        return differences(reading, kept, box_differs=box_differs)

    def after(self, edit: Edit) -> Standing:
        """As it is after an edit that was stored; of an undone one, its inverse."""
        decisions = dict(self.decisions)
        for change in edit.decisions:
            decisions.pop(change.proposal_id, None)
            if change.after is not None:
                decisions[change.proposal_id] = change.after
        return replace(self, decisions=decisions)

    def _rejected(self, reading: Reading) -> tuple[RejectedBox, ...]:
        """Of earlier runs: redo can reject one of their boxes again, undo can take that back."""
        return tuple(
            RejectedBox(run.version_id, proposal.joint, proposal.box)
            for run in self.earlier
            for proposal in run.named_for(reading.facts).proposals
            if self._is_rejected(proposal)
        )

    def _is_rejected(self, proposal: Proposal) -> bool:
        decision = self.decisions.get(proposal.id)
        return decision is not None and decision.outcome is Outcome.REJECTED
