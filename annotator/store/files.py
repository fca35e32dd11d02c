"""Where the images' files are."""

from __future__ import annotations

import os

from sqlalchemy import Connection, select, update

from annotator.domain.people import Person
from annotator.store import audit
from annotator.store.tables import image
from annotator.store.values import path_columns


def paths(connection: Connection, study_id: int | None) -> list[tuple[int, str, int, str, int]]:
    """image_id, path, size, SHA-256 of the file and time of change of every image that is not withdrawn."""
    columns = (image.c.id, image.c.path, image.c.size, image.c.file_sha256, image.c.modified_ns)
    wanted = select(*columns).where(image.c.withdrawn_at.is_(None)).order_by(image.c.id)
    if study_id is not None:
        wanted = wanted.where(image.c.study_id == study_id)
    return [(i, os.fsdecode(path), *rest) for i, path, *rest in connection.execute(wanted)]


def relocate(connection: Connection, old_folder: str, new_folder: str, by: Person) -> int:
    """Rewrite the paths under a folder, withdrawn images' too; folder names stay out of the audit."""
    old, new = (os.path.normpath(folder) for folder in (old_folder, new_folder))
    moved = []
    for image_id, path in connection.execute(select(image.c.id, image.c.path)):
        inside = _below(os.fsdecode(path), old)
        if inside is not None:
            moved.append((image_id, os.path.join(new, inside) if inside else new))
    for image_id, path in moved:
        values = {"path": path_columns(path)}
        connection.execute(update(image).where(image.c.id == image_id).values(values))
    if moved:
        audit.append(connection, by, "relocate", "images", {"images": [image_id for image_id, _ in moved]})
    return len(moved)


def _below(path: str, folder: str) -> str | None:
    """The rest of a path below a folder, "" for the folder itself, None for a path elsewhere."""
    found, wanted = os.path.normcase(os.path.normpath(path)), os.path.normcase(folder)
    if found == wanted:
        return ""
    start = wanted if wanted.endswith(os.sep) else wanted + os.sep
    return os.path.normpath(path)[len(start) :] if found.startswith(start) else None
