"""What the panel of proposals says of the open image."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from annotator.domain.differences import Difference
from annotator.domain.errors import KnuckleError
from annotator.domain.proposals import Run
from annotator.domain.revealing import RevealPolicy
from annotator.domain.versions import is_import
from annotator.domain.words import counted
from annotator.ui.actions import Actions
from annotator.ui.proposal_rows import PanelState
from annotator.ui.proposal_words import scan_word, sure
from annotator.workflow.proposing import ListRun
from annotator.workflow.sitting import Sitting

_LATER = {
    RevealPolicy.ALL_LABELLED: "In this study proposals are shown once you have labelled all joints.",
    RevealPolicy.SIGNED: "In this study proposals are shown once you have signed.",
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Proposals", text)


class PanelWords:
    """Puts together what is known of a sitting's open image and of the detector."""

    def __init__(self, sitting: Sitting, actions: Actions) -> None:
        self._sitting, self._actions = sitting, actions
        self._names: dict[int, str] = {}

    @property
    def can_run_list(self) -> bool:
        proposing = self._sitting.proposing
        return proposing.allowed and proposing.list_run is None and proposing.version is not None

    def missed(self, run: ListRun) -> KnuckleError:
        """Of a worklist of which not every image could be looked at."""
        first = run.missed[0]
        if first.image is None or (not run.done and len(run.missed) == 1):
            return KnuckleError(_tr("Nothing could be proposed for the worklist."), first.reason)
        reasons = list(dict.fromkeys(missed.reason for missed in run.missed))
        others = counted(len(reasons) - 1, _tr("{n} other reason."), _tr("{n} other reasons."))
        more = others if len(reasons) > 1 else ""
        return KnuckleError(
            _tr("Images proposed for: {done}; not possible: {missed}.").format(
                done=run.done, missed=len(run.missed)
            ),
            f"{first.image.patient_code}: {reasons[0]} {more}".rstrip(),
        )

    def state(self, differences: tuple[Difference, ...] | None) -> PanelState:
        """differences: instead of what waits, where it is not None."""
        review, desk, proposing = self._sitting.review, self._sitting.desk, self._sitting.proposing
        image, reading, run = desk.image, desk.reading, review.run
        if image is None or reading is None:
            return PanelState(status=_tr("Open an image: what is proposed for it appears here."))
        if reading.facts.excluded:
            return PanelState(status=_tr("This image is excluded: nothing is proposed for it."))
        busy = self._looks_at(image.id, run)
        can_run = proposing.allowed and not busy and proposing.version is not None
        if run is None:
            wanted = can_run and review.shown and not review.standing.hidden
            return PanelState(status=self._why_none(image.id, busy=busy), can_run=wanted)
        current = review.current
        return PanelState(
            status=self._status(run, busy=busy),
            detail=self._detail(run),
            proposals=review.waiting,
            missing=tuple(
                (joint, reason)
                for joint, reason in run.missing
                if reading.of(joint).box is None and not reading.of(joint).done
            ),
            differences=differences,
            current=current.id if current is not None else None,
            below=len(review.undecided) - len(review.waiting),
            rest=len(review.rest),
            lowest=run.thresholds.t_conf,
            threshold=review.threshold,
            uncertain_first=review.uncertain_first,
            can_run=can_run,
            can_decide=not desk.locked and bool(review.undecided),
        )

    def _looks_at(self, image_id: int, run: Run | None) -> bool:
        """Whether a run comes that was asked for, or of a version that has not run yet: what the active one
        has seen is left alone, however often it is opened."""
        proposing = self._sitting.proposing
        active = proposing.version
        seen = run is not None and active is not None and run.version_id == active.id
        return proposing.asked_for(image_id) if seen else proposing.runs_on(image_id)

    def _why_none(self, image_id: int, *, busy: bool) -> str:
        review, proposing = self._sitting.review, self._sitting.proposing
        if not review.shown:
            return _tr("You have proposals hidden; {key} shows them.").format(
                key=self._actions.key_text("proposal_boxes")
            )
        if review.standing.hidden:
            return _tr(_LATER[review.standing.policy])
        if review.behind:
            return _tr("Proposals cannot be read at the moment; it is tried again.")
        if busy:
            return _tr("The detector looks at this image…")
        problem = proposing.problem(image_id)
        if problem is not None:
            return str(problem)
        if proposing.version is None:
            return _tr("No version of the detector is active.")
        return _tr("Nothing was proposed for this image yet.")

    def _status(self, run: Run, *, busy: bool) -> str:
        if busy:
            return _tr("The detector looks at this image once more…")
        review = self._sitting.review
        waiting = len(review.undecided)
        if waiting:
            left = counted(waiting, _tr("{n} waits"), _tr("{n} wait"))
        elif differing := len(review.differences):
            key = self._actions.key_text("differences")
            one, many = _tr("{n} differs from yours ({key})"), _tr("{n} differ from yours ({key})")
            left = counted(differing, one, many, key=key)
        else:
            left = _tr("none differs from yours")
        text = _tr("{version}: {n} proposed, {left}")
        return text.format(version=self._name(run.version_id), n=len(run.proposals), left=left)

    def _detail(self, run: Run) -> str:
        said = run.thresholds
        active = self._sitting.proposing.version
        if is_import(self._name(run.version_id)):
            return _tr("imported labels")  # no detector looked, so there are no thresholds
        thresholds = [
            _tr("from {least}").format(least=sure(said.t_conf)),
            _tr("IoU {one}, {two}").format(one=sure(said.t_iou1), two=sure(said.t_iou2)),
            _tr("{first} + {second} boxes").format(first=said.top_first, second=said.top_second),
        ]
        lines = [" · ".join(thresholds), f"{scan_word(run.scan)} · {run.runtime}"]
        if active is None:
            lines.insert(0, _tr("no version is active now"))
        elif active.id != run.version_id:
            lines.insert(0, _tr("{version} is active now").format(version=active.name))
        return "\n".join(lines)

    def _name(self, version_id: int) -> str:
        if version_id not in self._names:
            self._names = {version.id: version.name for version in self._sitting.models.versions.all()}
        return self._names.get(version_id, "")
