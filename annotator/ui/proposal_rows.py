"""What the panel of proposals shows, and its lines in words: what waits, what is missing, what differs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from PySide6.QtCore import QCoreApplication

from annotator.domain.annotations import JointAnnotation
from annotator.domain.differences import Difference, DifferenceKind
from annotator.domain.joint_names import NameStyle
from annotator.domain.joints import Joint
from annotator.domain.proposals import Proposal
from annotator.ui.joint_words import in_words
from annotator.ui.proposal_words import (
    FLAG_SIGN,
    found_signs,
    found_words,
    named,
    seen_short,
    sure,
    told,
)
from annotator.ui.theme import MISSING_SIGN, finding_sign


@dataclass(frozen=True)
class PanelState:
    """All that the panel shows of one image.

    status: a sentence. detail: what the run was done with. proposals: those that wait, at or above the
    threshold, in the order to decide them in. missing: joints that the run did not find, and why.
    differences: shown instead of both where they are not None. current: id of a proposal. below: how many
    wait below the threshold. rest: how many "accept the rest" would take. lowest: the threshold of the run,
    under which nothing is known. threshold: the one in use, 0 to 1.
    """

    status: str = ""
    detail: str = ""
    proposals: tuple[Proposal, ...] = ()
    missing: tuple[tuple[Joint, str], ...] = ()
    differences: tuple[Difference, ...] | None = None
    current: int | None = None
    below: int = 0
    rest: int = 0
    lowest: float = 0.0
    threshold: float = 0.0
    uncertain_first: bool = False
    can_run: bool = False
    can_decide: bool = False


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One line. proposal_id: of the proposal that the line stands for, else `joint` is what it is about.

    cells: sign of the finding, confidence, seen by, sign of a doubt. text: instead of these.
    """

    name: str
    tip: str
    proposal_id: int | None = None
    joint: Joint | None = None
    cells: tuple[str, str, str, str] | None = None
    text: str = ""

    @property
    def line(self) -> str:
        """All of it in a row."""
        return " ".join(part for part in (self.name, *(self.cells or (self.text,))) if part)


def _tr(text: str) -> str:
    return QCoreApplication.translate("ProposalPanel", text)


def rows_of(state: PanelState, style: NameStyle) -> tuple[PanelRow, ...]:
    if state.differences is not None:
        decidable = {proposal.id for proposal in state.proposals}
        return tuple(_difference(one, style, decidable) for one in state.differences)
    waiting = (_waiting(proposal, style) for proposal in state.proposals)
    return (*waiting, *(_missing(joint, reason, style) for joint, reason in state.missing))


def _waiting(proposal: Proposal, style: NameStyle) -> PanelRow:
    flag = FLAG_SIGN if proposal.flags else ""
    cells = (found_signs(proposal), sure(proposal.confidence, digits=3), seen_short(proposal), flag)
    return PanelRow(named(proposal, style), told(proposal, style), proposal.id, proposal.joint, cells)


def _missing(joint: Joint, reason: str, style: NameStyle) -> PanelRow:
    name = style.full(joint)
    tip = _tr("{joint} is missing: {reason}").format(joint=name, reason=reason)
    return PanelRow(f"{MISSING_SIGN} {name}", tip, joint=joint, text=_tr("missing"))


def _difference(one: Difference, style: NameStyle, decidable: Collection[int]) -> PanelRow:
    """A proposal that waits stands for itself, all else for the reader's own joint."""
    name = style.full(one.joint) if one.joint is not None else _tr("no joint")
    text, words = _how(one, style)
    model = [told(one.proposal, style)] if one.proposal is not None else []
    alone = one.proposal if one.proposal is not None and one.proposal.id in decidable else None
    tip = "\n".join([f"{name}: {words}", *model])
    return PanelRow(name, tip, alone.id if alone else None, one.joint, text=text)


def _how(one: Difference, style: NameStyle) -> tuple[str, str]:
    """In a few words, and in a sentence."""
    said, proposal, shared = one.said, one.proposal, sure(one.iou or 0.0)
    if said is None or one.kind is DifferenceKind.MODEL_ONLY:
        confidence = sure(proposal.confidence) if proposal is not None else ""
        return f"{_tr('model only')} {confidence}".rstrip(), _tr("Only the model has a box here.")
    if proposal is None or one.kind is DifferenceKind.READER_ONLY:
        return _tr("you only"), _tr("Only you have a box here, or you rejected that of the model.")
    if one.kind is DifferenceKind.BOX:
        return (
            _tr("box differs, IoU {iou}").format(iou=shared),
            _tr("The boxes share {iou} of their union.").format(iou=shared),
        )
    if one.kind is DifferenceKind.NAME:
        other = named(proposal, style)
        return (
            _tr("name differs, model: {joint}").format(joint=other),
            _tr("The model calls this box {joint}.").format(joint=other),
        )
    return (
        _tr("you {yours}, model {models}").format(yours=_sign(said), models=found_signs(proposal)),
        _tr("You say {yours}, the model says {models}.").format(
            yours=in_words(said), models=found_words(proposal)
        ),
    )


def _sign(said: JointAnnotation) -> str:
    return finding_sign(replace(said, comment=""))[0]
