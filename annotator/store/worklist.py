"""The worklist of a study as one reader sees it, fast enough for 100,000 images.

Four indexes answer it (see `tables`): images by patient and by date, readings by state and by progress.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, func, or_, select

from annotator.domain.annotations import ReadingState
from annotator.domain.images import SortBy, WorklistQuery, WorklistRow
from annotator.domain.joints import Hands, expected_joints
from annotator.store.database import Database
from annotator.store.search import Terms, terms
from annotator.store.tables import image, patient, reading
from annotator.store.values import FINDING_BITS, AnyRow, day, findings_of

_PAGE = 500


class WorklistStore:
    """Reads the worklist of a database; withdrawn images are never in it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ids(self, query: WorklistQuery) -> list[int]:
        """The images that match, in order. Descending is the exact reverse of ascending."""
        words = terms(query.text)
        has_finding = query.finding is not None or bool(words.findings)
        with self._database.read() as connection:
            if query.state is ReadingState.NEW and has_finding:
                found: list[int] = []
            elif query.state is ReadingState.NEW:
                # By state, an order in which an index has them.
                begun = _begun(connection, replace(query, sort=SortBy.STATE), words)
                found = _new(connection, query, words, begun)
            elif query.state is not None or has_finding:
                found = _begun(connection, query, words)
            elif query.sort in (SortBy.STATE, SortBy.PROGRESS):
                begun = _begun(connection, query, words)
                found = _new(connection, query, words, begun) + begun
            else:
                found = _fetch(connection, _images(query, words))
        if query.descending:
            found.reverse()
        return found

    def rows(self, image_ids: Sequence[int], reader_id: int) -> list[WorklistRow]:
        """The lines of these images, in this order; images that are withdrawn or unknown are left out."""
        found: dict[int, WorklistRow] = {}
        with self._database.read() as connection:
            for start in range(0, len(image_ids), _PAGE):
                page = _ROWS.where(image.c.id.in_(image_ids[start : start + _PAGE]))
                for row in connection.execute(page, {"reader": reader_id}):
                    found[row.id] = _line(row)
        return [found[image_id] for image_id in image_ids if image_id in found]

    def counts(self, study_id: int, reader_id: int) -> dict[ReadingState, int]:
        """How many images are in each state, for every state."""
        images = select(func.count()).where(image.c.study_id == study_id, image.c.withdrawn_at.is_(None))
        states = (
            select(reading.c.state, func.count())
            .where(*_of_reader(study_id, reader_id))
            .group_by(reading.c.state)
        )
        with self._database.read() as connection:
            total = connection.execute(images).scalar_one()
            counted = {ReadingState(state): n for state, n in connection.execute(states)}
        started = {state: counted.get(state, 0) for state in ReadingState}
        return {**started, ReadingState.NEW: total - sum(counted.values())}


def _new(connection: Connection, query: WorklistQuery, words: Terms, begun: list[int]) -> list[int]:
    """The images left over from those begun, by patient or date; quicker so than by SQL."""
    out = set(begun)
    return [image_id for image_id in _fetch(connection, _images(query, words)) if image_id not in out]


def _begun(connection: Connection, query: WorklistQuery, words: Terms) -> list[int]:
    """The images that the reader has begun; in the state of the query, where it is one of theirs."""
    states = [state for state in _BEGUN if query.state in (None, ReadingState.NEW, state)]
    wanted = _readings(query, words)
    if query.sort is not SortBy.STATE and len(states) == len(_BEGUN):
        return _fetch(connection, wanted)
    parts = [wanted.where(reading.c.state == state.value) for state in states]
    return [image_id for part in parts for image_id in _fetch(connection, part)]


_BEGUN = (ReadingState.IN_PROGRESS, ReadingState.COMPLETE, ReadingState.SIGNED)


def _fetch(connection: Connection, wanted: Select[int]) -> list[int]:
    """The numbers as one JSON text: half the time of a row each. SQLite keeps a subquery's order for this."""
    numbers = wanted.subquery().c[0]
    found: list[int] = json.loads(connection.scalar(select(func.json_group_array(numbers))) or "[]")
    return found


def _of_reader(study_id: int, reader_id: int) -> tuple[ColumnElement[bool], ...]:
    return reading.c.reader_id == reader_id, reading.c.study_id == study_id, reading.c.listed == 1


def _images(query: WorklistQuery, words: Terms) -> Select[int]:
    """Images whatever their state, by patient or date."""
    place = (image.c.patient_number, image.c.visit, image.c.id)
    order = (image.c.study_date, *place) if query.sort is SortBy.DATE else place
    wanted = select(image.c.id).where(image.c.study_id == query.study_id, image.c.withdrawn_at.is_(None))
    return wanted.where(*_image_words(query, words)).order_by(*order)


def _readings(query: WorklistQuery, words: Terms) -> Select[int]:
    """Images that the reader has begun, in every order but that of their states."""
    place = (reading.c.patient_number, reading.c.visit, reading.c.image_id)
    order = {SortBy.DATE: (reading.c.study_date, *place), SortBy.PROGRESS: (reading.c.progress, *place)}
    wanted = select(reading.c.image_id).where(*_of_reader(query.study_id, query.reader_id))
    for finding in (*words.findings, *([query.finding] if query.finding else [])):
        wanted = wanted.where(reading.c.findings.bitwise_and(FINDING_BITS[finding]) != 0)
    limits = _image_words(query, words)
    if limits:
        chosen = select(image.c.id).where(image.c.study_id == query.study_id, *limits)
        wanted = wanted.where(reading.c.image_id.in_(chosen))
    return wanted.order_by(*order.get(query.sort, place))


def _image_words(query: WorklistQuery, words: Terms) -> list[ColumnElement[bool]]:
    visits = [image.c.visit == visit for visit in words.visits]
    codes = [_code_has(query, code) for code in words.codes]
    dates = [or_(image.c.study_date.startswith(date), _code_has(query, date)) for date in words.dates]
    return [*visits, *codes, *dates]


def _code_has(query: WorklistQuery, part: str) -> ColumnElement[bool]:
    codes = (patient.c.study_id == query.study_id, patient.c.code.icontains(part, autoescape=True))
    return image.c.patient_number.in_(select(patient.c.number).where(*codes))


_ROWS = (
    select(
        image.c.id,
        patient.c.code,
        image.c.visit,
        image.c.study_date,
        image.c.hands,
        image.c.pixels_sha256,
        reading.c.state,
        reading.c.done,
        reading.c.expected,
        reading.c.findings,
        reading.c.excluded,
    )
    .join(patient, patient.c.id == image.c.patient_id)
    .join(
        reading,
        and_(reading.c.image_id == image.c.id, reading.c.reader_id == bindparam("reader")),
        isouter=True,
    )
    .where(image.c.withdrawn_at.is_(None))
)


def _line(row: AnyRow) -> WorklistRow:
    new = row.state is None
    return WorklistRow(
        image_id=row.id,
        patient_code=row.code,
        visit=row.visit,
        study_date=day(row.study_date),
        state=ReadingState.NEW if new else ReadingState(row.state),
        done=0 if new else row.done,
        expected=len(expected_joints(Hands(row.hands))) if new else row.expected,
        findings=frozenset() if new else findings_of(row.findings),
        excluded=bool(row.excluded),
        thumbnail=row.pixels_sha256,
    )
