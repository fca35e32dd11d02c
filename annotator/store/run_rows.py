"""The rows of runs with what they propose, inside a transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select

from annotator.domain.geometry import Box
from annotator.domain.joints import Hands, joint_named
from annotator.domain.proposals import Flag, FlagKind, Probabilities, Proposal, Run, SeenBy, Thresholds
from annotator.store.tables import model_version, proposal, proposal_flag, run, run_missing
from annotator.store.values import AnyRow, Columns

_RUN = (
    select(run, model_version.c.sha256)
    .join(model_version, model_version.c.id == run.c.version_id)
    .where(run.c.id == bindparam("run"))
)
_PROPOSALS = select(proposal).where(proposal.c.run_id == bindparam("run")).order_by(proposal.c.id)
_FLAGS = (
    select(proposal_flag)
    .join(proposal, proposal.c.id == proposal_flag.c.proposal_id)
    .where(proposal.c.run_id == bindparam("run"))
    .order_by(proposal_flag.c.proposal_id, proposal_flag.c.place)
)
_MISSING = select(run_missing).where(run_missing.c.run_id == bindparam("run"))
_ADD_PROPOSAL = insert(proposal).returning(proposal.c.id)


def insert_run(connection: Connection, new: Run, started_by: int, at: datetime) -> Run:
    """The run as it is stored, with the ids that it and its proposals got."""
    row = {
        "image_id": new.image_id,
        "version_id": new.version_id,
        "scan": new.scan,
        "runtime": new.runtime,
        **{name: getattr(new.thresholds, name) for name in _THRESHOLDS},
        "hands": new.hands.value,
        "right_on_left": int(new.right_on_left),
        "at": at.isoformat(),
        "started_by": started_by,
    }
    made = connection.execute(insert(run).values(row).returning(run.c.id)).scalar_one()
    for joint, reason in new.missing:
        missed = {"run_id": made, "joint": joint.name, "reason": reason}
        connection.execute(insert(run_missing), missed)
    proposals = []
    for one in new.proposals:
        own = connection.execute(_ADD_PROPOSAL, {"run_id": made, **_columns(one)}).scalar_one()
        for place, flag in enumerate(one.flags):
            said = {"proposal_id": own, "place": place, "kind": flag.kind.value, "reason": flag.reason}
            connection.execute(insert(proposal_flag), said)
        proposals.append(replace(one, id=own))
    return replace(new, id=made, proposals=tuple(proposals), at=at, started_by=started_by)


def fetch_run(connection: Connection, run_id: int) -> Run:
    """A run that is known to be there. Proposals in the order in which the run had them."""
    row = connection.execute(_RUN, {"run": run_id}).one()
    flags: dict[int, list[Flag]] = defaultdict(list)
    for said in connection.execute(_FLAGS, {"run": run_id}):
        flags[said.proposal_id].append(Flag(FlagKind(said.kind), said.reason))
    return Run(
        image_id=row.image_id,
        version_id=row.version_id,
        version_sha256=row.sha256,
        scan=row.scan,
        runtime=row.runtime,
        thresholds=Thresholds(*(row._mapping[name] for name in _THRESHOLDS)),
        proposals=tuple(
            _proposal(one, tuple(flags[one.id])) for one in connection.execute(_PROPOSALS, {"run": run_id})
        ),
        missing=tuple(
            (joint_named(one.joint), one.reason) for one in connection.execute(_MISSING, {"run": run_id})
        ),
        hands=Hands(row.hands),
        right_on_left=bool(row.right_on_left),
        id=row.id,
        at=datetime.fromisoformat(row.at),
        started_by=row.started_by,
    )


def proposals_of(connection: Connection, run_ids: Sequence[int]) -> dict[int, list[Proposal]]:
    """The proposals of several runs, without their flags, in the order in which each run had them."""
    found: dict[int, list[Proposal]] = defaultdict(list)
    wanted = select(proposal).where(proposal.c.run_id.in_(run_ids)).order_by(proposal.c.run_id, proposal.c.id)
    for row in connection.execute(wanted):
        found[row.run_id].append(_proposal(row, ()))
    return found


_THRESHOLDS = ("t_conf", "t_iou1", "t_iou2", "top_first", "top_second")
_CORNERS = ("x0", "y0", "x1", "y1")


def _triple(finding: str) -> tuple[str, str, str]:
    return f"{finding}_background", f"{finding}_absent", f"{finding}_present"


def _columns(said: Proposal) -> Columns:
    return {
        "joint": said.joint.name if said.joint else None,
        **dict(zip(_CORNERS, map(float, said.box.corners), strict=True)),
        "confidence": float(said.confidence),
        **dict(zip(_triple("ankylosis"), map(float, said.ankylosis.values), strict=True)),
        **dict(zip(_triple("subluxation"), map(float, said.subluxation.values), strict=True)),
        "seen_by": said.seen_by.value,
    }


def _proposal(row: AnyRow, flags: tuple[Flag, ...]) -> Proposal:
    columns = row._mapping
    return Proposal(
        joint=joint_named(row.joint) if row.joint else None,
        box=Box(*(columns[name] for name in _CORNERS)),
        confidence=row.confidence,
        ankylosis=Probabilities(*(columns[name] for name in _triple("ankylosis"))),
        subluxation=Probabilities(*(columns[name] for name in _triple("subluxation"))),
        seen_by=SeenBy(row.seen_by),
        flags=flags,
        id=row.id,
    )
