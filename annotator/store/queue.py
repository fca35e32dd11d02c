"""What is stored of a study's images that says which of them should be read next.

SQLite adds up what is said of each proposal; a row an image comes out, so that memory does not grow with
the proposals. Withdrawn images never count. Images come by patient and visit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Connection, Select, and_, case, func, or_, select
from sqlalchemy.sql.selectable import FromClause

from annotator.domain.annotations import ImageFacts, ReadingState
from annotator.domain.findings import Finding
from annotator.domain.joints import JOINTS, Hands, Joint, joint_named
from annotator.domain.people import Person
from annotator.domain.proposals import FlagKind, SeenBy
from annotator.domain.queue import DetectorSplit, Doubts, Nearest, Place, VersionSplit, named_now
from annotator.domain.revealing import RevealPolicy
from annotator.store import queue_versions
from annotator.store.database import Database
from annotator.store.studies import reveal_policy
from annotator.store.tables import (
    image,
    patient,
    proposal,
    proposal_flag,
    reading,
    reveal,
    run,
    run_missing,
)
from annotator.store.values import AnyRow

_FINISHED = (ReadingState.COMPLETE, ReadingState.SIGNED)
_THUMB_IPS = [joint.name for joint in JOINTS if Finding.SUBLUXATION not in joint.findings]
_PLACE_OF = {joint: place for place, joint in enumerate(JOINTS)}
_OVER = (FlagKind.DUPLICATE.value, FlagKind.RESOLVED.value)


@dataclass(frozen=True, slots=True)
class _Ran:
    """An image with its newest run: what was known of right and left when it ran, and what is known now."""

    place: Place
    run_id: int
    hands: Hands
    right_on_left: bool
    now: ImageFacts

    def named(self, joints: str | None) -> tuple[Joint, ...]:
        """Names of the run, with commas between them, as joints by the names that are right now."""
        then = [joint_named(name) for name in joints.split(",")] if joints else []
        found = named_now(then, self.hands, self.right_on_left, self.now)
        return tuple(sorted(set(found), key=_PLACE_OF.__getitem__))

    def one(self, joint: str | None) -> Joint | None:
        return next(iter(self.named(joint)), None)


class QueueStore:
    """Reads one database; every list is made by a few statements, whatever the number of images."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def doubts(self, study_id: int) -> list[tuple[Place, Doubts]]:
        """Of every image over which a detector has run, what its newest run is least certain of."""
        newest = _newest(study_id)
        with self._database.read() as connection:
            missing = _by_run(connection, _missing(newest))
            flagged = _by_run(connection, _flagged(newest, [kind.value for kind in FlagKind]))
            lowest = _by_run(connection, _lowest(newest))
            nearest = _nearest(connection, newest)
            ran = _ran(connection, newest)
        return [(one.place, _doubts(one, missing, flagged, lowest, nearest)) for one in ran]

    def version_splits(self, study_id: int) -> list[tuple[Place, VersionSplit]]:
        """Of every image over which two versions have run, how the newest run differs from the newest one of
        another version."""
        newest = _newest(study_id)
        pairs = queue_versions.pairs_of(newest)
        with self._database.read() as connection:
            versions = _by_run(connection, queue_versions.names_of(pairs))
            both = _by_run(connection, queue_versions.compared(pairs))
            older = _by_run(connection, queue_versions.older_only(pairs))
            ran = _ran(connection, newest)
        found = []
        for one in ran:
            names = versions.get(one.run_id)
            if names is not None:
                split = _split(one, names, both.get(one.run_id), older.get(one.run_id))
                found.append((one.place, split))
        return found

    def detector_splits(self, study_id: int) -> list[tuple[Place, DetectorSplit]]:
        """Of every image over which a detector has run, what only one of the two detectors has seen."""
        newest = _newest(study_id)
        with self._database.read() as connection:
            alone = _by_run(connection, _seen_alone(newest))
            over = _by_run(connection, _flagged(newest, _OVER))
            ran = _ran(connection, newest)
        found = []
        for one in ran:
            row, overlaps = alone.get(one.run_id), over.get(one.run_id)
            first, second = (row.first_only, row.second_only) if row else (None, None)
            split = DetectorSplit(
                one.named(first),
                one.named(second),
                row.unnamed if row else 0,
                overlaps.boxes if overlaps else 0,
            )
            found.append((one.place, split))
        return found

    def finished(self, study_id: int, reader: Person) -> set[int]:
        """The images that this reader has read to the end."""
        with self._database.read() as connection:
            return set(connection.scalars(_read(study_id, reader, [state.value for state in _FINISHED])))

    def hidden(self, study_id: int, reader: Person) -> set[int]:
        """The images of which the study does not show proposals to this reader yet."""
        every = select(image.c.id).where(image.c.study_id == study_id)
        shown = select(reveal.c.image_id).where(reveal.c.reader_id == reader.id)
        with self._database.read() as connection:
            policy = reveal_policy(connection, study_id)
            if policy is RevealPolicy.AT_ONCE:
                return set()
            states = [ReadingState.SIGNED] if policy is RevealPolicy.SIGNED else list(_FINISHED)
            allowed = set(connection.scalars(_read(study_id, reader, [state.value for state in states])))
            return set(connection.scalars(every)) - allowed - set(connection.scalars(shown))


def _read(study_id: int, reader: Person, states: list[str]) -> Select[int]:
    mine = (reading.c.reader_id == reader.id, reading.c.study_id == study_id)
    return select(reading.c.image_id).where(*mine, reading.c.state.in_(states))


def _newest(study_id: int) -> CTE:
    """Images (image_id) with their newest run (run_id)."""
    listed = (image.c.study_id == study_id, image.c.withdrawn_at.is_(None))
    return (
        select(run.c.image_id, func.max(run.c.id).label("run_id"))
        .join(image, image.c.id == run.c.image_id)
        .where(*listed)
        .group_by(run.c.image_id)
        .cte("newest")
    )


def _ran(connection: Connection, newest: CTE) -> list[_Ran]:
    rows = (
        select(
            image.c.id,
            patient.c.code,
            image.c.visit,
            image.c.hands,
            image.c.right_on_left,
            run.c.id.label("run_id"),
            run.c.hands.label("ran_hands"),
            run.c.right_on_left.label("ran_right_on_left"),
        )
        .join(newest, newest.c.image_id == image.c.id)
        .join(run, run.c.id == newest.c.run_id)
        .join(patient, patient.c.id == image.c.patient_id)
        .order_by(image.c.patient_number, image.c.visit, image.c.id)
    )
    return [
        _Ran(
            Place(row.id, row.code, row.visit),
            row.run_id,
            Hands(row.ran_hands),
            bool(row.ran_right_on_left),
            ImageFacts(Hands(row.hands), bool(row.right_on_left)),
        )
        for row in connection.execute(rows)
    ]


def _by_run(connection: Connection, wanted: Select[tuple[object, ...]]) -> dict[int, AnyRow]:
    return {row.run_id: row for row in connection.execute(wanted)}


def _of(newest: CTE) -> FromClause:
    """The proposals of these runs."""
    return proposal.join(newest, newest.c.run_id == proposal.c.run_id)


def _missing(newest: CTE) -> Select[tuple[object, ...]]:
    joined = run_missing.join(newest, newest.c.run_id == run_missing.c.run_id)
    names = func.group_concat(run_missing.c.joint).label("joints")
    return select(run_missing.c.run_id, names).select_from(joined).group_by(run_missing.c.run_id)


def _flagged(newest: CTE, kinds: Sequence[str]) -> Select[tuple[object, ...]]:
    joined = _of(newest).join(proposal_flag, proposal_flag.c.proposal_id == proposal.c.id)
    boxes = func.count(proposal.c.id.distinct()).label("boxes")
    wanted = select(proposal.c.run_id, boxes).select_from(joined).where(proposal_flag.c.kind.in_(kinds))
    return wanted.group_by(proposal.c.run_id)


def _closeness(finding: str) -> ColumnElement[Any]:
    """1 where presence and absence are the same, 0 where one of them is 0."""
    absent, present = proposal.c[f"{finding}_absent"], proposal.c[f"{finding}_present"]
    return 1 - func.abs(present - absent) / func.nullif(present + absent, 0.0)


def _assessed(finding: str) -> ColumnElement[bool]:
    """Judged on the joint, by a detector that has seen the box."""
    if finding == "ankylosis":
        return proposal.c.seen_by != SeenBy.SECOND.value
    judged = or_(proposal.c.joint.is_(None), proposal.c.joint.not_in(_THUMB_IPS))
    return and_(proposal.c.seen_by != SeenBy.FIRST.value, judged)


def _lowest(newest: CTE) -> Select[tuple[object, ...]]:
    """SQLite takes a column beside min() from the row that has the least."""
    squares = [
        case((_assessed(finding), func.coalesce(_closeness(finding) * _closeness(finding), 0.0)), else_=0.0)
        for finding in _TWO
    ]
    return (
        select(
            proposal.c.run_id,
            func.min(proposal.c.confidence).label("lowest"),
            proposal.c.joint,
            func.sum(squares[0] + squares[1]).label("closeness"),
        )
        .select_from(_of(newest))
        .group_by(proposal.c.run_id)
    )


_TWO = (Finding.ANKYLOSIS.value, Finding.SUBLUXATION.value)


def _nearest(connection: Connection, newest: CTE) -> dict[int, tuple[Finding, AnyRow]]:
    """Of each run, the finding whose presence and absence are nearest, with its joint."""
    found: dict[int, tuple[Finding, AnyRow]] = {}
    for finding in _TWO:
        wanted = (
            select(
                proposal.c.run_id,
                func.max(_closeness(finding)).label("closeness"),
                proposal.c.joint,
                proposal.c[f"{finding}_absent"].label("absent"),
                proposal.c[f"{finding}_present"].label("present"),
            )
            .select_from(_of(newest))
            .where(_assessed(finding))
            .group_by(proposal.c.run_id)
        )
        for row in connection.execute(wanted):
            known = found.get(row.run_id)
            if row.closeness is not None and (known is None or row.closeness > known[1].closeness):
                found[row.run_id] = Finding(finding), row
    return found


def _doubts(
    one: _Ran,
    missing: dict[int, AnyRow],
    flagged: dict[int, AnyRow],
    lowest: dict[int, AnyRow],
    nearest: dict[int, tuple[Finding, AnyRow]],
) -> Doubts:
    absent, flags, least = (rows.get(one.run_id) for rows in (missing, flagged, lowest))
    finding = None
    if one.run_id in nearest:
        which, row = nearest[one.run_id]
        finding = Nearest(one.one(row.joint), which, row.present, row.absent)
    return Doubts(
        missing=one.named(absent.joints) if absent else (),
        flagged=flags.boxes if flags else 0,
        lowest=least.lowest if least else None,
        lowest_joint=one.one(least.joint) if least else None,
        nearest=finding,
        closeness=least.closeness if least else 0.0,
    )


def _split(one: _Ran, names: AnyRow, both: AnyRow | None, older: AnyRow | None) -> VersionSplit:
    return VersionSplit(
        names.newer,
        names.older,
        newer_only=one.named(both.newer_only) if both else (),
        older_only=one.named(older.joints) if older else (),
        findings=one.named(both.findings) if both else (),
        apart=one.named(both.apart) if both else (),
        apart_by=both.apart_by if both else 0.0,
    )


def _seen_alone(newest: CTE) -> Select[tuple[object, ...]]:
    """Thumb IPs are left out: the second detector does not look for them."""
    first, second = proposal.c.seen_by == SeenBy.FIRST.value, proposal.c.seen_by == SeenBy.SECOND.value
    named = proposal.c.joint
    judged = and_(first, named.not_in(_THUMB_IPS))
    alone = and_(or_(first, second), named.is_(None))
    return (
        select(
            proposal.c.run_id,
            func.group_concat(case((judged, named))).label("first_only"),
            func.group_concat(case((second, named))).label("second_only"),
            func.sum(case((alone, 1), else_=0)).label("unnamed"),
        )
        .select_from(_of(newest))
        .where(proposal.c.seen_by != SeenBy.BOTH.value)
        .group_by(proposal.c.run_id)
    )
