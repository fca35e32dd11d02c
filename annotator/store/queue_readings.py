"""Finished readings beside the newest run of their image, a page at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, Select, and_, func, or_, select

from annotator.domain.annotations import JointAnnotation, Reading, ReadingState
from annotator.domain.differences import differences
from annotator.domain.joints import Hands, Joint, joint_named
from annotator.domain.people import Person
from annotator.domain.proposals import Proposal, Run, Thresholds
from annotator.domain.queue import Place, ReaderSplit
from annotator.store.database import Database
from annotator.store.run_rows import proposals_of
from annotator.store.tables import (
    annotation,
    image,
    model_version,
    patient,
    person,
    reading,
    reveal,
    run,
    run_missing,
)
from annotator.store.values import AnyRow, annotation_of, facts_of

PAGE = 200


def reader_splits(
    database: Database,
    study_id: int,
    reader: Person | None,
    on_progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> list[tuple[Place, ReaderSplit]]:
    """Of every finished reading whose reader was shown the model, or that is signed, where it differs from
    the newest run of its image.

    reader: whose readings, None for everybody's. on_progress gets how many were compared, of how many; what
    it raises ends it. A box that the reader rejected counts as seen by the model only. Excluded and withdrawn
    images do not count. Readings come by patient, visit and reader.
    """
    found: list[tuple[Place, ReaderSplit]] = []
    with database.read() as connection:
        rows = connection.execute(_wanted(study_id, reader)).all()
        for start in range(0, len(rows), PAGE):
            on_progress(start, len(rows))
            found += _compared(connection, rows[start : start + PAGE])
    on_progress(len(rows), len(rows))
    return found


def _wanted(study_id: int, reader: Person | None) -> Select[tuple[object, ...]]:
    ran = run.alias("ran")
    newest = select(func.max(ran.c.id)).where(ran.c.image_id == reading.c.image_id).scalar_subquery()
    shown = select(reveal.c.run_id).where(
        reveal.c.image_id == reading.c.image_id, reveal.c.reader_id == reading.c.reader_id
    )
    signed, complete = reading.c.state == ReadingState.SIGNED.value, ReadingState.COMPLETE.value
    finished = or_(signed, and_(reading.c.state == complete, shown.exists()))
    limits = [reading.c.reader_id == reader.id] if reader is not None else []
    return (
        select(
            reading,
            person.c.name,
            patient.c.code,
            run.c.id.label("run_id"),
            run.c.version_id,
            model_version.c.sha256,
            run.c.hands.label("ran_hands"),
            run.c.right_on_left.label("ran_right_on_left"),
        )
        .join(person, person.c.id == reading.c.reader_id)
        .join(image, image.c.id == reading.c.image_id)
        .join(patient, patient.c.id == image.c.patient_id)
        .join(run, run.c.id == newest)
        .join(model_version, model_version.c.id == run.c.version_id)
        .where(reading.c.study_id == study_id, reading.c.listed == 1, finished, reading.c.excluded == "")
        .where(*limits)
        .order_by(reading.c.patient_number, reading.c.visit, reading.c.image_id, person.c.key)
    )


def _compared(connection: Connection, rows: Sequence[AnyRow]) -> list[tuple[Place, ReaderSplit]]:
    said = _annotations(connection, [row.id for row in rows])
    proposals = proposals_of(connection, [row.run_id for row in rows])
    missing = _missing(connection, [row.run_id for row in rows])
    found = []
    for row in rows:
        read = Reading(row.image_id, row.reader_id, facts_of(row), said[row.id], started=True)
        ran = _run(row, tuple(proposals[row.run_id]), tuple(missing[row.run_id])).named_for(read.facts)
        place = Place(row.image_id, row.code, row.visit, row.name)
        found.append((place, ReaderSplit(differences(read, ran.proposals))))
    return found


def _run(row: AnyRow, proposals: tuple[Proposal, ...], missing: tuple[tuple[Joint, str], ...]) -> Run:
    """As far as names need it: without its flags, and not as it was done."""
    hands, right = Hands(row.ran_hands), bool(row.ran_right_on_left)
    thresholds = Thresholds(0.0, 0.0, 0.0)
    return Run(row.image_id, row.version_id, row.sha256, "", "", thresholds, proposals, missing, hands, right)


def _annotations(connection: Connection, ids: list[int]) -> dict[int, dict[Joint, JointAnnotation]]:
    found: dict[int, dict[Joint, JointAnnotation]] = defaultdict(dict)
    for row in connection.execute(select(annotation).where(annotation.c.reading_id.in_(ids))):
        one = annotation_of(row)
        found[row.reading_id][one.joint] = one
    return found


def _missing(connection: Connection, ids: list[int]) -> dict[int, list[tuple[Joint, str]]]:
    found: dict[int, list[tuple[Joint, str]]] = defaultdict(list)
    for row in connection.execute(select(run_missing).where(run_missing.c.run_id.in_(ids))):
        found[row.run_id].append((joint_named(row.joint), row.reason))
    return found
