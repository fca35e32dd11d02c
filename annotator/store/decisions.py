"""The rows of readers' decisions, inside the transaction of the edit that takes them."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from annotator.domain.annotations import Reading
from annotator.domain.decisions import Decision, Outcome
from annotator.domain.edits import Edit
from annotator.domain.errors import LockedError, ReplacedError, StaleError
from annotator.store.tables import decision, proposal, reveal, run
from annotator.store.values import AnyRow, annotation_from_json, annotation_json, to_json

# Made once: to put a statement together takes longer than to run it.
_RUN_OF = (
    select(run.c.id, run.c.image_id)
    .join(proposal, proposal.c.run_id == run.c.id)
    .where(proposal.c.id == bindparam("proposal"))
)
_NEWEST = select(func.max(run.c.id)).where(run.c.image_id == bindparam("image"))
_REVEALED = select(reveal.c.run_id).where(
    reveal.c.image_id == bindparam("image"),
    reveal.c.reader_id == bindparam("reader"),
    reveal.c.run_id == bindparam("run"),
)
_OF_IMAGE = (
    select(decision)
    .join(proposal, proposal.c.id == decision.c.proposal_id)
    .join(run, run.c.id == proposal.c.run_id)
    .where(run.c.image_id == bindparam("image"), decision.c.reader_id == bindparam("reader"))
)
_OWN = (decision.c.proposal_id == bindparam("own_proposal")) & (
    decision.c.reader_id == bindparam("own_reader")
)
_ONE, _DELETE, _INSERT = select(decision).where(_OWN), delete(decision).where(_OWN), insert(decision)


def of_image(connection: Connection, image_id: int, reader_id: int) -> dict[int, Decision]:
    """A reader's decisions on the proposals of all runs of an image, by proposal."""
    rows = connection.execute(_OF_IMAGE, {"image": image_id, "reader": reader_id})
    return {row.proposal_id: decision_of(row) for row in rows}


def newest_run(connection: Connection, image_id: int) -> int | None:
    """The run whose proposals wait for decisions: the one that was stored last, of whatever version."""
    newest: int | None = connection.scalar(_NEWEST, {"image": image_id})
    return newest


def refuse_wrong(connection: Connection, reading: Reading, edit: Edit, *, new: bool) -> None:
    """Look at an edit's decisions before anything is written.

    new: not the undo or redo of decisions that were taken when they could be. Raises ReplacedError for
    proposals of another image, and new decisions on those of a replaced run; LockedError for proposals that
    this reader was never shown; StaleError where other decisions are stored than the edit found.
    """
    newest = newest_run(connection, reading.image_id) if edit.decisions and new else None
    for change in edit.decisions:
        row = connection.execute(_RUN_OF, {"proposal": change.proposal_id}).first()
        if row is None or row.image_id != reading.image_id or (new and row.id != newest):
            raise ReplacedError("A newer run has replaced these proposals.", "Decide on the new ones.")
        shown = {"image": reading.image_id, "reader": reading.reader_id, "run": row.id}
        if connection.scalar(_REVEALED, shown) is None:
            raise LockedError("These proposals were not shown to you yet.", "Open the image again.")
        if _stored(connection, change.proposal_id, reading.reader_id) != change.before:
            raise StaleError("This proposal was decided on in another window.", "Open the image again.")


def write(connection: Connection, edit: Edit, reader_id: int, at: datetime) -> None:
    """Bring the rows from what an edit found to what it leaves."""
    for change in edit.decisions:
        if change.before is not None:
            connection.execute(_DELETE, {"own_proposal": change.proposal_id, "own_reader": reader_id})
        if change.after is not None:
            row = {
                "proposal_id": change.proposal_id,
                "reader_id": reader_id,
                "outcome": change.after.outcome.value,
                "became": change.after.became and to_json(annotation_json(change.after.became)),
                "moved_iou": change.after.moved_iou,
                "at": at.isoformat(),
            }
            connection.execute(_INSERT, row)


def decision_of(row: AnyRow) -> Decision:
    became = annotation_from_json(json.loads(row.became)) if row.became else None
    return Decision(row.proposal_id, Outcome(row.outcome), became, row.moved_iou)


def _stored(connection: Connection, proposal_id: int, reader_id: int) -> Decision | None:
    row = connection.execute(_ONE, {"own_proposal": proposal_id, "own_reader": reader_id}).first()
    return decision_of(row) if row else None
