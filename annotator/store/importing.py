"""One file into a study: known or new, whose, and at which visit."""

from __future__ import annotations

import os
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from annotator.domain.errors import KnuckleError
from annotator.domain.images import ImportedFile
from annotator.domain.people import Person
from annotator.store import audit
from annotator.store.tables import image, patient, reading, study
from annotator.store.values import AnyRow, file_columns, side_columns


@dataclass(frozen=True, slots=True)
class Added:
    """known: the image was in the study before, and nothing was added. withdrawn: nobody is to see it."""

    image_id: int
    patient_code: str
    known: bool
    withdrawn: bool = False


def add_image(connection: Connection, study_id: int, file: ImportedFile, by: Person) -> Added:
    """Inside a write transaction. Equal pixels are the same image, whatever the file says of the patient."""
    known = connection.execute(
        select(image.c.id, image.c.path, image.c.withdrawn_at, patient.c.code)
        .join(patient, patient.c.id == image.c.patient_id)
        .where(image.c.study_id == study_id, image.c.pixels_sha256 == file.pixels_sha256)
    ).first()
    if known is not None:
        _follow(connection, known, file, by)
        return Added(known.id, known.code, known=True, withdrawn=known.withdrawn_at is not None)
    whose = _patient(connection, study_id, file.patient_key)
    row = {
        **file_columns(file),
        **side_columns(file.facts),
        "study_id": study_id,
        "patient_id": whose.id,
        "patient_number": whose.number,
        "visit": 1,
        "withdrawn_at": whose.withdrawn_at,
        "withdrawn_reason": whose.withdrawn_reason,
    }
    image_id = connection.execute(insert(image).values(row).returning(image.c.id)).scalar_one()
    _count_visits(connection, whose.id)
    detail = {"patient": whose.code, "file_sha256": file.file_sha256, "pixels_sha256": file.pixels_sha256}
    audit.append(connection, by, "import", f"image {image_id}", detail)
    return Added(image_id, whose.code, known=False, withdrawn=whose.withdrawn_at is not None)


def visits(connection: Connection, patient_id: int) -> dict[int, int]:
    """The visit of each image of a patient: the rank of its study date among the patient's dates.

    Images without a date are one visit of their own, the last. Withdrawn images count, so that a withdrawal
    renames no other visit.
    """
    day = image.c.study_date
    rank = func.dense_rank().over(order_by=(day.is_(None), day))
    rows = connection.execute(select(image.c.id, rank.label("visit")).where(image.c.patient_id == patient_id))
    return {row.id: row.visit for row in rows}


def unseen(connection: Connection, chosen: ColumnElement[bool]) -> set[str]:
    """The pixels' SHA-256 of the images that are chosen, without those that some study still shows."""
    pixels = select(image.c.pixels_sha256)
    return set(connection.scalars(pixels.where(chosen).except_(pixels.where(image.c.withdrawn_at.is_(None)))))


def _count_visits(connection: Connection, patient_id: int) -> None:
    """An earlier visit may be imported later: number them all anew."""
    stored = select(image.c.id, image.c.visit).where(image.c.patient_id == patient_id)
    before = {row.id: row.visit for row in connection.execute(stored)}
    for image_id, visit in visits(connection, patient_id).items():
        if visit != before[image_id]:
            connection.execute(update(image).where(image.c.id == image_id).values(visit=visit))
            connection.execute(update(reading).where(reading.c.image_id == image_id).values(visit=visit))


def _follow(connection: Connection, known: AnyRow, file: ImportedFile, by: Person) -> None:
    """A known image whose file is gone is the file that was found instead."""
    old = os.fsdecode(known.path)
    if old == file.path or os.path.exists(old):
        return
    place = {name: value for name, value in file_columns(file).items() if name in _PLACE}
    connection.execute(update(image).where(image.c.id == known.id).values(place))
    audit.append(connection, by, "find again", f"image {known.id}", {"file_sha256": file.file_sha256})


_PLACE = ("path", "size", "modified_ns", "file_sha256", "sop_instance_uid")


def _patient(connection: Connection, study_id: int, key: str) -> AnyRow:
    """The patient of a key, with the next code of the study where the key is new."""
    wanted = select(patient).where(patient.c.study_id == study_id, patient.c.key == key)
    found = connection.execute(wanted).first()
    if found is not None:
        return found
    prefix = connection.scalar(select(study.c.prefix).where(study.c.id == study_id))
    if prefix is None:
        raise KnuckleError("There is no such study.", "Choose another.")
    last = connection.scalar(select(func.max(patient.c.number)).where(patient.c.study_id == study_id))
    number = (last or 0) + 1
    row = {"study_id": study_id, "number": number, "code": f"{prefix}-{number:03d}", "key": key}
    connection.execute(insert(patient).values(row))
    return connection.execute(wanted).one()
