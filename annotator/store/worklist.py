"""The worklist of a study as one reader sees it, fast enough for 100,000 images.

Four indexes answer it (see `tables`): images by patient and by date, readings by state and by progress.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select

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
        with self._database.read() as connection:
            parts = _parts(query, terms(query.text))
            found = [image_id for part in parts for image_id in connection.execute(part).scalars().all()]
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


def _parts(query: WorklistQuery, words: Terms) -> list[Select[int]]:
    """The worklist as selections that follow each other."""
    if query.state is ReadingState.NEW:
        return [] if query.finding else [_new(query, words)]
    if query.state is None and query.sort is SortBy.STATE:
        new = _parts(replace(query, state=ReadingState.NEW), words)
        return new + [_started(replace(query, state=state), words) for state in _STARTED]
    if query.state is not None or query.finding is not None:
        return [_started(query, words)]
    if query.sort is SortBy.PROGRESS:
        return [_new(query, words), _started(query, words)]
    return [_any(query, words)]


_STARTED = (ReadingState.IN_PROGRESS, ReadingState.COMPLETE, ReadingState.SIGNED)


def _of_reader(study_id: int, reader_id: int) -> tuple[ColumnElement[bool], ...]:
    return reading.c.reader_id == reader_id, reading.c.study_id == study_id, reading.c.listed == 1


def _any(query: WorklistQuery, words: Terms) -> Select[int]:
    """Images whatever their state, by patient or date."""
    place = (image.c.patient_number, image.c.visit, image.c.id)
    order = (image.c.study_date, *place) if query.sort is SortBy.DATE else place
    wanted = select(image.c.id).where(image.c.study_id == query.study_id, image.c.withdrawn_at.is_(None))
    return wanted.where(*_image_words(words), *_finding_words(query, words)).order_by(*order)


def _new(query: WorklistQuery, words: Terms) -> Select[int]:
    """Images that the reader has not begun; they have no findings, so none matches a word that names one."""
    begun = select(reading.c.image_id).where(*_of_reader(query.study_id, query.reader_id))
    return _any(query, words).where(image.c.id.not_in(begun))


def _started(query: WorklistQuery, words: Terms) -> Select[int]:
    """Images that the reader has begun, in every order."""
    place = (reading.c.patient_number, reading.c.visit, reading.c.image_id)
    order = {
        SortBy.PATIENT: place,
        SortBy.DATE: (reading.c.study_date, *place),
        SortBy.STATE: place,
        SortBy.PROGRESS: (reading.c.progress, *place),
    }[query.sort]
    wanted = select(reading.c.image_id).where(*_of_reader(query.study_id, query.reader_id))
    if query.state is not None:
        wanted = wanted.where(reading.c.state == query.state.value)
    if query.finding is not None:
        wanted = wanted.where(_has(FINDING_BITS[query.finding]))
    wanted = wanted.where(*(_has(FINDING_BITS[finding]) for finding in words.findings))
    limits = _image_words(words)
    if limits:
        chosen = select(image.c.id).where(image.c.study_id == query.study_id, *limits)
        wanted = wanted.where(reading.c.image_id.in_(chosen))
    return wanted.order_by(*order)


def _has(bit: int) -> ColumnElement[bool]:
    return reading.c.findings.bitwise_and(bit) != 0


def _finding_words(query: WorklistQuery, words: Terms) -> list[ColumnElement[bool]]:
    """For a choice among images: the reader has found it there."""
    own = select(reading.c.image_id).where(*_of_reader(query.study_id, query.reader_id))
    return [image.c.id.in_(own.where(_has(FINDING_BITS[finding]))) for finding in words.findings]


def _image_words(words: Terms) -> list[ColumnElement[bool]]:
    visits = [image.c.visit == visit for visit in words.visits]
    codes = [_code_has(code) for code in words.codes]
    dates = [or_(image.c.study_date.startswith(date), _code_has(date)) for date in words.dates]
    return [*visits, *codes, *dates]


def _code_has(part: str) -> ColumnElement[bool]:
    chosen = select(patient.c.id).where(patient.c.code.icontains(part, autoescape=True))
    return image.c.patient_id.in_(chosen)


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
