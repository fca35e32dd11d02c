"""Two versions of the detector over the same images, compared joint by joint in SQLite."""

from __future__ import annotations

from sqlalchemy import CTE, ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.sql.selectable import FromClause

from annotator.domain.differences import BOX_DIFFERS
from annotator.domain.findings import Finding
from annotator.domain.joints import JOINTS, Hands
from annotator.domain.proposals import SeenBy
from annotator.store.tables import model_version, proposal, run

_THUMB_IPS = [joint.name for joint in JOINTS if Finding.SUBLUXATION not in joint.findings]
_TWO = (Finding.ANKYLOSIS.value, Finding.SUBLUXATION.value)


def pairs_of(newest: CTE) -> CTE:
    """The newest run (run_id) with the newest one of another version (other_id). mirrored: what one calls
    right the other calls left."""
    ran, other, earlier = run.alias("ran"), run.alias("other"), run.alias("earlier")
    second = (
        select(func.max(earlier.c.id))
        .where(earlier.c.image_id == ran.c.image_id, earlier.c.version_id != ran.c.version_id)
        .scalar_subquery()
    )
    both = Hands.BOTH.value
    turned = and_(ran.c.hands == both, other.c.hands == both, ran.c.right_on_left != other.c.right_on_left)
    swapped = and_(ran.c.hands != both, other.c.hands != both, ran.c.hands != other.c.hands)
    return (
        select(
            newest.c.run_id,
            other.c.id.label("other_id"),
            ran.c.version_id,
            other.c.version_id.label("other_version_id"),
            or_(turned, swapped).label("mirrored"),
        )
        .join(ran, ran.c.id == newest.c.run_id)
        .join(other, other.c.id == second)
        .cte("pairs")
    )


def names_of(pairs: CTE) -> Select[tuple[object, ...]]:
    newer, older = model_version.alias("newer"), model_version.alias("older")
    return (
        select(pairs.c.run_id, newer.c.name.label("newer"), older.c.name.label("older"))
        .join(newer, newer.c.id == pairs.c.version_id)
        .join(older, older.c.id == pairs.c.other_version_id)
    )


def _renamed(joint: ColumnElement[str | None], pairs: CTE) -> ColumnElement[str | None]:
    """The name of a joint in the other run."""
    side = case((func.substr(joint, 1, 1) == "R", "L"), else_="R")
    return case((pairs.c.mirrored, side.concat(func.substr(joint, 2))), else_=joint)


def compared(pairs: CTE) -> Select[tuple[object, ...]]:
    p, q = proposal.alias("p"), proposal.alias("q")
    shared = _iou(p, q)
    differs = or_(*(_otherwise(p, q, finding) for finding in _TWO))
    apart = shared < BOX_DIFFERS
    joined = pairs.join(p, p.c.run_id == pairs.c.run_id).outerjoin(
        q, and_(q.c.run_id == pairs.c.other_id, q.c.joint == _renamed(p.c.joint, pairs))
    )
    return (
        select(
            pairs.c.run_id,
            func.group_concat(case((q.c.id.is_(None), p.c.joint))).label("newer_only"),
            func.group_concat(case((differs, p.c.joint))).label("findings"),
            func.group_concat(case((apart, p.c.joint))).label("apart"),
            func.sum(case((apart, 1 - shared), else_=0.0)).label("apart_by"),
        )
        .select_from(joined)
        .where(p.c.joint.is_not(None))
        .group_by(pairs.c.run_id)
    )


def older_only(pairs: CTE) -> Select[tuple[object, ...]]:
    p, q = proposal.alias("p"), proposal.alias("q")
    name = _renamed(q.c.joint, pairs)
    joined = pairs.join(q, q.c.run_id == pairs.c.other_id).outerjoin(
        p, and_(p.c.run_id == pairs.c.run_id, p.c.joint == name)
    )
    return (
        select(pairs.c.run_id, func.group_concat(name).label("joints"))
        .select_from(joined)
        .where(q.c.joint.is_not(None), p.c.id.is_(None))
        .group_by(pairs.c.run_id)
    )


def _otherwise(p: FromClause, q: FromClause, finding: str) -> ColumnElement[bool]:
    """Both have judged it, and not alike; as `Proposal.marks` has it."""
    unseen = SeenBy.SECOND.value if finding == _TWO[0] else SeenBy.FIRST.value
    judged = p.c.joint.not_in(_THUMB_IPS if finding == _TWO[1] else [])
    found = [one.c[f"{finding}_present"] > one.c[f"{finding}_absent"] for one in (p, q)]
    return and_(judged, p.c.seen_by != unseen, q.c.seen_by != unseen, found[0] != found[1])


def _iou(p: FromClause, q: FromClause) -> ColumnElement[float]:
    wide, high = (
        func.max(0.0, func.min(p.c[f"{axis}1"], q.c[f"{axis}1"]) - func.max(p.c[f"{axis}0"], q.c[f"{axis}0"]))
        for axis in "xy"
    )
    areas = [(one.c.x1 - one.c.x0) * (one.c.y1 - one.c.y0) for one in (p, q)]
    return wide * high / (areas[0] + areas[1] - wide * high)
