"""What a reader decides on the proposal that is the current one: each decision is one stored gesture."""

from __future__ import annotations

from annotator.domain import deciding
from annotator.domain.annotations import Reading
from annotator.domain.edits import Edit
from annotator.domain.findings import Finding, Mark
from annotator.domain.geometry import Box
from annotator.domain.joints import Joint
from annotator.domain.proposals import Proposal
from annotator.workflow.reading import ReadingDesk, Then, next_open
from annotator.workflow.reviewing import Review


class Deciding:
    """Each method is False where there is no current proposal, or the gesture was refused or not stored."""

    def __init__(self, desk: ReadingDesk, review: Review) -> None:
        self._desk, self._review = desk, review

    def accept(self, box: Box | None = None, marks: tuple[Mark, ...] | None = None) -> bool:
        """As it is, or with another box or other findings; its joint is the current one then."""
        return self._take(deciding.Correction(box=box, marks=marks))

    def accept_as(self, joint: Joint) -> bool:
        """Under another name."""
        return self._take(deciding.Correction(joint=joint))

    def accept_and_go_on(self) -> bool:
        """As it is; then the next one that waits, else the next joint that is not read."""
        return self._take(deciding.AS_PROPOSED, go_on=True)

    def toggle(self, finding: Finding) -> bool:
        """With this finding where it is proposed without it, and the reverse."""
        current = self._review.current
        if current is None:
            return False
        kept = [mark for mark in current.marks if mark.finding not in (finding, finding.excludes)]
        if all(mark.finding is not finding for mark in current.marks):
            kept.append(Mark(finding))
        return self.accept(marks=tuple(kept))

    def reject(self) -> bool:
        """It is no box to use; then the next one that waits."""
        current = self._review.current
        if current is None:
            return False
        after, before = self._review.after(current), self._review.standing.decisions.get(current.id)

        def rejected(reading: Reading) -> Edit:
            return deciding.reject(reading, current, before=before)

        return self._desk.perform(rejected, self._then(after)) and self._chosen(after)

    def accept_rest(self, rest: tuple[Proposal, ...]) -> bool:
        """All that need no look of their own, as one undo step.

        rest: those that were asked about, out of `Review.rest`; refused where there are none, and where
        another run has replaced them since.
        """
        return self._desk.perform(lambda reading: deciding.accept_rest(reading, rest))

    def _take(self, correction: deciding.Correction, *, go_on: bool = False) -> bool:
        current = self._review.current
        if current is None:
            return False
        before = self._review.standing.decisions.get(current.id)

        def accepted(reading: Reading) -> Edit:
            return deciding.accept(reading, current, correction, before=before)

        if go_on:
            after = self._review.after(current)
            return self._desk.perform(accepted, self._then(after)) and self._chosen(after)
        return self._desk.perform(accepted, lambda _reading: correction.joint or current.joint)

    def _then(self, after: Proposal | None) -> Then:
        """The joint of the next proposal; where none waits the next one that is not read."""
        if after is not None:
            return lambda _reading: after.joint
        return lambda reading: next_open(reading, self._desk.current)

    def _chosen(self, after: Proposal | None) -> bool:
        """One without a joint is none that the desk can go to."""
        if after is not None and after.joint is None:
            self._review.choose(after)
        return True
