"""Studies, their patients and images: imported, found again, moved, withdrawn."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Image, ImportedFile, Study
from annotator.domain.people import Person, Right
from annotator.domain.revealing import RevealPolicy
from annotator.store import audit, files, importing
from annotator.store.database import Database
from annotator.store.files import StoredFile
from annotator.store.importing import Added as Added
from annotator.store.people import require
from annotator.store.tables import image, patient, reading, study
from annotator.store.values import AnyRow, file_of

_AT_FIRST = RevealPolicy.AT_ONCE
_IMAGES = select(image, patient.c.code, patient.c.key.label("patient_key")).join(
    patient, patient.c.id == image.c.patient_id
)


class Studies:
    """The studies of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Study]:
        """In the order in which they were made."""
        with self._database.read() as connection:
            rows = connection.execute(select(study).order_by(study.c.id))
            return [Study(row.id, row.name, row.prefix) for row in rows]

    def create(self, name: str, prefix: str, by: Person) -> Study:
        """A new study. prefix: 1 to 8 letters. Raises KnuckleError for a name that is taken or none."""
        name, prefix = " ".join(name.split()), prefix.strip().upper()
        if not 1 <= len(name) <= 200:
            raise KnuckleError("A study needs a name of up to 200 characters.", "Type one.")
        if not re.fullmatch("[A-Z]{1,8}", prefix):
            raise KnuckleError("A study needs 1 to 8 letters for its patient codes.", "Type them, such as K.")
        with self._database.write() as connection:
            require(connection, by, Right.STUDIES)
            if connection.scalar(select(study.c.id).where(study.c.name == name)):
                raise KnuckleError(
                    f"There is a study named {name} already.", "Choose another name.", name=name
                )
            row = {"name": name, "prefix": prefix, "salt": secrets.token_bytes(32), "reveal": _AT_FIRST.value}
            made = connection.execute(insert(study).values(row).returning(study.c.id)).scalar_one()
            audit.append(connection, by, "create study", f"study {made}", {"name": name, "prefix": prefix})
        return Study(made, name, prefix)

    def salt(self, study_id: int) -> bytes:
        """The 32 secret bytes that patients' identities of this study are hashed with."""
        with self._database.read() as connection:
            salt: bytes | None = connection.scalar(select(study.c.salt).where(study.c.id == study_id))
        if salt is None:
            raise KnuckleError("There is no such study.", "Choose another.")
        return salt

    def reveal_policy(self, study_id: int) -> RevealPolicy:
        """When the readers of a study see proposals."""
        with self._database.read() as connection:
            return reveal_policy(connection, study_id)

    def set_reveal_policy(self, study_id: int, policy: RevealPolicy, by: Person) -> None:
        """Raises LockedError for everybody but administrators. Who has seen proposals of an image has seen
        them: a stricter policy holds for the others."""
        with self._database.write() as connection:
            require(connection, by, Right.REVEAL)
            before = reveal_policy(connection, study_id)
            connection.execute(update(study).where(study.c.id == study_id).values(reveal=policy.value))
            detail = {"before": before.value, "after": policy.value}
            audit.append(connection, by, "set reveal policy", f"study {study_id}", detail)

    def add_image(self, study_id: int, file: ImportedFile, by: Person) -> Added:
        """Import a file. The pixels decide whether it is known; where its file is gone, it gets the new path.

        Raises LockedError without the right, SaveError where it cannot be written.
        """
        with self._database.write() as connection:
            require(connection, by, Right.IMPORT)
            return importing.add_image(connection, study_id, file, by)

    def image(self, image_id: int) -> Image:
        """Raises KnuckleError where there is none, or it is withdrawn."""
        found = self._images(_IMAGES.where(image.c.id == image_id))
        if not found:
            raise KnuckleError("This image is not in the study any more.", "Choose another one.")
        return found[0]

    def images(self, study_id: int) -> list[Image]:
        """By patient and visit, without those withdrawn."""
        with self._database.read() as connection:
            return listed_images(connection, study_id)

    def withdraw_image(self, image_id: int, reason: str, by: Person) -> set[str]:
        """Take an image out of every list and export, for good; its readings are kept, out of sight.

        Returns the SHA-256 of the pixels that no study shows any more.
        """
        return self._withdraw(image_id, None, reason, by)

    def withdraw_patient(self, study_id: int, patient_code: str, reason: str, by: Person) -> set[str]:
        """Take all images of a patient out, and whatever comes later. Returns as `withdraw_image`."""
        with self._database.read() as connection:
            whom = connection.scalar(
                select(patient.c.id).where(patient.c.study_id == study_id, patient.c.code == patient_code)
            )
        if whom is None:
            raise KnuckleError(f"There is no patient {patient_code} in this study.", "Choose another.")
        return self._withdraw(None, whom, reason, by)

    def relocate(self, places: Mapping[int, str], by: Person) -> None:
        """Say where the files of images are now: absolute paths by image id.

        The caller has made sure that each file is there and is the one that was imported.
        """
        with self._database.write() as connection:
            require(connection, by, Right.IMPORT)
            files.relocate(connection, places, by)

    def files(self) -> list[StoredFile]:
        """The files of all images of all studies, withdrawn ones too."""
        with self._database.read() as connection:
            return files.stored_files(connection)

    def _images(self, wanted: Select[Any]) -> list[Image]:
        with self._database.read() as connection:
            return [_image(row) for row in connection.execute(wanted.where(image.c.withdrawn_at.is_(None)))]

    def _withdraw(self, image_id: int | None, patient_id: int | None, reason: str, by: Person) -> set[str]:
        """An image, or a patient with all images."""
        reason = reason.strip()
        if not reason:
            raise KnuckleError("A withdrawal needs a reason.", "Type one.")
        with self._database.write() as connection:
            require(connection, by, Right.WITHDRAW)
            chosen = image.c.id == image_id if patient_id is None else image.c.patient_id == patient_id
            wanted = select(image.c.id).where(chosen, image.c.withdrawn_at.is_(None)).order_by(image.c.id)
            ids = list(connection.scalars(wanted))
            if patient_id is None and not ids:
                raise KnuckleError("This image is not in the study any more.", "Choose another one.")
            subject = f"image {image_id}" if patient_id is None else f"patient {patient_id}"
            at = audit.append(connection, by, "withdraw", subject, {"reason": reason, "images": ids})
            values = {"withdrawn_at": at.isoformat(), "withdrawn_reason": reason}
            unlisted = select(image.c.id).where(chosen)
            connection.execute(update(reading).where(reading.c.image_id.in_(unlisted)).values(listed=0))
            connection.execute(update(image).where(chosen, image.c.withdrawn_at.is_(None)).values(values))
            if patient_id is not None:
                connection.execute(update(patient).where(patient.c.id == patient_id).values(values))
            return importing.unseen(connection, chosen)


def reveal_policy(connection: Connection, study_id: int) -> RevealPolicy:
    """Raises KnuckleError where there is no such study."""
    policy = connection.scalar(select(study.c.reveal).where(study.c.id == study_id))
    if policy is None:
        raise KnuckleError("There is no such study.", "Choose another.")
    return RevealPolicy(policy)


def listed_images(connection: Connection, study_id: int) -> list[Image]:
    """The images of a study that are not withdrawn, by patient and visit."""
    order = (image.c.patient_number, image.c.visit, image.c.id)
    wanted = _IMAGES.where(image.c.study_id == study_id, image.c.withdrawn_at.is_(None)).order_by(*order)
    return [_image(row) for row in connection.execute(wanted)]


def _image(row: AnyRow) -> Image:
    return Image(row.id, row.study_id, row.code, row.visit, file_of(row, row.patient_key))
