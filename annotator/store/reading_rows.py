"""The rows of one reading, inside a transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading
from annotator.domain.edits import FactsChange
from annotator.domain.errors import StaleError
from annotator.domain.joints import Joint
from annotator.store.tables import annotation, image, reading
from annotator.store.values import (
    AnyRow,
    annotation_columns,
    annotation_of,
    facts_columns,
    facts_of,
    side_columns,
    summary_columns,
)


@dataclass(frozen=True, slots=True)
class Stored:
    """A reading as it is in the database. id and version are 0 where there is no row yet."""

    id: int
    version: int
    reading: Reading
    image: AnyRow


_IMAGE = (
    image.c.hands,
    image.c.right_on_left,
    image.c.side_confirmed,
    image.c.study_id,
    image.c.patient_number,
    image.c.visit,
    image.c.study_date,
)

# Made once: to put a statement together takes longer than to run it.
_LISTED_IMAGE = select(*_IMAGE).where(image.c.id == bindparam("image"), image.c.withdrawn_at.is_(None))
_READING = select(reading).where(
    reading.c.image_id == bindparam("image"), reading.c.reader_id == bindparam("reader")
)
_ANNOTATIONS = select(annotation).where(annotation.c.reading_id == bindparam("reading"))
_OWN = (annotation.c.reading_id == bindparam("own_reading")) & (annotation.c.joint == bindparam("own_joint"))
_INSERT, _UPDATE, _DELETE = insert(annotation), update(annotation).where(_OWN), delete(annotation).where(_OWN)
_UPDATE_READING = update(reading).where(
    reading.c.id == bindparam("own_id"), reading.c.version == bindparam("own_version")
)


def fetch(connection: Connection, image_id: int, reader_id: int) -> Stored | None:
    """A reader's reading of an image; a new one with the image's facts where there is none.

    None where there is no such image, or it is withdrawn.
    """
    place = connection.execute(_LISTED_IMAGE, {"image": image_id}).first()
    if place is None:
        return None
    row = connection.execute(_READING, {"image": image_id, "reader": reader_id}).first()
    if row is None:
        return Stored(0, 0, Reading(image_id, reader_id, image_facts(place)), place)
    return Stored(row.id, row.version, reading_of(connection, row), place)


def reading_of(connection: Connection, row: AnyRow) -> Reading:
    """The whole reading of a row of `reading`."""
    rows = connection.execute(_ANNOTATIONS, {"reading": row.id})
    said = {found.joint: found for found in map(annotation_of, rows)}
    return Reading(row.image_id, row.reader_id, facts_of(row), said, row.signed_at is not None, started=True)


def image_facts(row: AnyRow) -> ImageFacts:
    return facts_of({**row._mapping, "excluded": "", "comment": ""})


def unchanged(stored: Stored, memory: Reading) -> bool:
    """Whether a reading in memory is what is stored. A new one may have facts of a while ago."""
    if not stored.version:
        return not memory.started and not memory.signed and not memory.annotations
    return _spelled(memory.annotations) == _spelled(stored.reading.annotations) and (
        replace(memory, annotations={}) == replace(stored.reading, annotations={})
    )


def _spelled(annotations: Mapping[Joint, JointAnnotation]) -> dict[Joint, JointAnnotation]:
    """With marks in the order in which they are loaded."""
    return {joint: replace(said, marks=tuple(sorted(said.marks))) for joint, said in annotations.items()}


def insert_new(connection: Connection, stored: Stored, new: Reading) -> Stored:
    """The row of a reading that begins, with the image's place in the worklist."""
    row = {
        "image_id": new.image_id,
        "reader_id": new.reader_id,
        "version": 1,
        **facts_columns(new.facts),
        **summary_columns(replace(new, started=True)),
        "saved_at": "",
        "listed": 1,
        **{name: stored.image._mapping[name] for name in _PLACE},
    }
    made = connection.execute(insert(reading).values(row).returning(reading.c.id)).scalar_one()
    return Stored(made, 1, replace(new, started=True), stored.image)


_PLACE = ("study_id", "patient_number", "visit", "study_date")


def write(connection: Connection, stored: Stored, after: Reading, at: datetime) -> None:
    """Bring the rows from what is stored to `after`. Raises StaleError where another wrote in between."""
    before = stored.reading.annotations
    for joint in set(before) - set(after.annotations):
        connection.execute(_DELETE, {"own_reading": stored.id, "own_joint": joint.name})
    for joint, said in after.annotations.items():
        if joint not in before:
            connection.execute(_INSERT, {"reading_id": stored.id, **annotation_columns(said)})
        elif before[joint] != said:
            own = {"own_reading": stored.id, "own_joint": joint.name}
            connection.execute(_UPDATE, {**own, **annotation_columns(said)})
    values = {
        **facts_columns(after.facts),
        **summary_columns(after),
        "signed_at": at.isoformat() if after.signed else None,
        "saved_at": at.isoformat(),
        "version": stored.version + 1,
        "own_id": stored.id,
        "own_version": stored.version,
    }
    if connection.execute(_UPDATE_READING, values).rowcount != 1:
        raise StaleError("This reading was changed in another window.", "Open the image again to go on.")


def settle_sides(connection: Connection, image_id: int, change: FactsChange) -> None:
    """What a reader settles of hands and sides is what later readers begin with; readings that exist stay.

    A confirmation counts; taking it back counts where the image has what was taken back.
    """
    before, after = side_columns(change.before), side_columns(change.after)
    if before == after:
        return
    chosen = image.c.id == image_id
    present = connection.execute(select(*_IMAGE).where(chosen)).one()
    if change.after.side_confirmed or side_columns(image_facts(present)) == before:
        connection.execute(update(image).where(chosen).values(after))
