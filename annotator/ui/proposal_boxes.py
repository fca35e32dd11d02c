"""The boxes of proposals as the radiograph shows them: those that wait, and where the model differs."""

from __future__ import annotations

from collections.abc import Iterable

from annotator.domain.joint_names import NameStyle
from annotator.domain.proposals import Proposal
from annotator.ui.joint_box import ShownBox
from annotator.ui.proposal_words import label, told
from annotator.ui.theme import DARK


def proposal_boxes(
    waiting: Iterable[Proposal],
    beside: Iterable[Proposal],
    current: Proposal | None,
    style: NameStyle,
    *,
    locked: bool,
) -> list[ShownBox]:
    """beside: what is shown for comparison alone, and cannot be decided on."""
    editable = {proposal.id: not locked for proposal in waiting}
    every = {proposal.id: proposal for proposal in (*waiting, *beside)}
    return [
        ShownBox(
            proposal.joint,
            proposal.box,
            label(proposal, style),
            DARK.proposal,
            current=current is not None and current.id == proposal_id,
            editable=editable.get(proposal_id, False),
            proposal=proposal_id,
            dashed=True,
            tip=told(proposal, style),
        )
        for proposal_id, proposal in every.items()
    ]
