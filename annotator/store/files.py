"""Where the images' files are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from annotator.domain.people import Person
from annotator.store import audit
from annotator.store.tables import image
from annotator.store.values import path_columns


@dataclass(frozen=True, slots=True)
class StoredFile:
    """The file of an image, of whatever study. path: absolute."""

    image_id: int
    path: str
    sha256: str
    withdrawn: bool


def stored_files(connection: Connection) -> list[StoredFile]:
    """The files of all images of all studies, withdrawn ones too."""
    columns = (image.c.id, image.c.path, image.c.file_sha256, image.c.withdrawn_at)
    rows = connection.execute(select(*columns).order_by(image.c.id))
    return [StoredFile(i, os.fsdecode(path), sha256, at is not None) for i, path, sha256, at in rows]


def relocate(connection: Connection, places: Mapping[int, str], by: Person) -> None:
    """Give images other paths, each by its id; names of folders stay out of the audit."""
    for image_id, path in places.items():
        values = {"path": path_columns(path)}
        connection.execute(update(image).where(image.c.id == image_id).values(values))
    if places:
        audit.append(connection, by, "relocate", "images", {"images": list(places)})
