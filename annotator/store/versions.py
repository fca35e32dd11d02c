"""Versions of the detector: brought in, activated, and where they were used."""

from __future__ import annotations

import json
import os

from sqlalchemy import Connection, func, insert, select, update

from annotator.domain.errors import KnuckleError
from annotator.domain.people import Person, Right
from annotator.domain.versions import (
    ModelVersion,
    VersionFolder,
    VersionUse,
    import_name,
    refuse_activation,
    refuse_foreign,
)
from annotator.store import audit
from annotator.store.database import Database
from annotator.store.people import require
from annotator.store.tables import image, model_version, run, study
from annotator.store.values import AnyRow, path_columns, to_json


class Versions:
    """The versions of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[ModelVersion]:
        """In the order in which they were brought in."""
        with self._database.read() as connection:
            rows = connection.execute(select(model_version).order_by(model_version.c.id))
            return [_version(row) for row in rows]

    def active(self) -> ModelVersion | None:
        """The version that proposes."""
        with self._database.read() as connection:
            row = connection.execute(select(model_version).where(model_version.c.active == 1)).first()
        return _version(row) if row else None

    def register(self, offered: VersionFolder, by: Person) -> ModelVersion:
        """Bring a version in. One that is known by its hash is the same one, in this folder from now on.

        The caller has verified the folder. Raises KnuckleError for other classes or detectors than Knuckle's,
        LockedError without the right.
        """
        refuse_foreign(offered)
        with self._database.write() as connection:
            require(connection, by, Right.MODELS)
            own = model_version.c.sha256 == offered.sha256
            known = connection.execute(select(model_version).where(own)).first()
            folder = path_columns(offered.folder)
            if known is None:
                row = {
                    "name": offered.name,
                    "sha256": offered.sha256,
                    "folder": folder,
                    "created": offered.created,
                    "figures": to_json([list(figure) for figure in offered.figures]),
                    "active": 0,
                }
                connection.execute(insert(model_version).values(row))
            elif known.folder != folder:
                connection.execute(update(model_version).where(own).values(folder=folder))
            now = connection.execute(select(model_version).where(own)).one()
            if known is None or known.folder != folder:
                action = "import version" if known is None else "move version"
                detail = {"name": now.name, "sha256": now.sha256}
                audit.append(connection, by, action, f"version {now.id}", detail)
        return _version(now)

    def register_import(self, file: str, sha256: str, folder: str, by: Person) -> ModelVersion:
        """The version that stands for the labels of a file; the one there is where they are known by their
        hash. It is never active. folder: absolute, that of the file. Raises LockedError without the right,
        KnuckleError where the hash is a detector's."""
        with self._database.write() as connection:
            require(connection, by, Right.IMPORT)
            own = model_version.c.sha256 == sha256
            known = connection.execute(select(model_version).where(own)).first()
            if known is None:
                row = {
                    "name": import_name(file),
                    "sha256": sha256,
                    "folder": path_columns(folder),
                    "created": "",
                    "figures": "[]",
                    "active": 0,
                }
                connection.execute(insert(model_version).values(row))
                known = connection.execute(select(model_version).where(own)).one()
                # without the name of the file, which may name a patient
                audit.append(connection, by, "import labels", f"version {known.id}", {"sha256": sha256})
        found = _version(known)
        if not found.is_import:
            raise KnuckleError("This file belongs to a version of the detector.", "Choose a file of labels.")
        return found

    def activate(self, version_id: int, by: Person) -> None:
        """From now on this version proposes, and no other. Raises KnuckleError where there is none such, and
        for one that stands for imported labels."""
        with self._database.write() as connection:
            require(connection, by, Right.MODELS)
            name = connection.scalar(select(model_version.c.name).where(model_version.c.id == version_id))
            if name is None:
                raise KnuckleError("There is no such version.", "Choose another.")
            refuse_activation(name)
            before = _deactivate(connection)
            chosen = model_version.c.id == version_id
            connection.execute(update(model_version).where(chosen).values(active=1))
            detail = {"name": name, "before": before}
            audit.append(connection, by, "activate version", f"version {version_id}", detail)

    def deactivate(self, by: Person) -> None:
        """From now on no version proposes; what they proposed stays."""
        with self._database.write() as connection:
            require(connection, by, Right.MODELS)
            before = _deactivate(connection)
            if before is not None:
                audit.append(connection, by, "deactivate version", f"version {before}", {})

    def uses(self) -> dict[int, VersionUse]:
        """Where each version was used, by its id; withdrawn images do not count."""
        names = (
            select(run.c.version_id, study.c.name)
            .join(image, image.c.id == run.c.image_id)
            .join(study, study.c.id == image.c.study_id)
            .where(image.c.withdrawn_at.is_(None))
            .group_by(run.c.version_id, study.c.id)
            .order_by(study.c.id)
        )
        counts = (
            select(run.c.version_id, func.count(run.c.image_id.distinct()), func.count())
            .join(image, image.c.id == run.c.image_id)
            .where(image.c.withdrawn_at.is_(None))
            .group_by(run.c.version_id)
        )
        with self._database.read() as connection:
            known = list(connection.scalars(select(model_version.c.id)))
            studies = [tuple(row) for row in connection.execute(names)]
            counted = {version: (images, runs) for version, images, runs in connection.execute(counts)}
        return {
            version: VersionUse(
                tuple(name for used, name in studies if used == version), *counted.get(version, (0, 0))
            )
            for version in known
        }


def _deactivate(connection: Connection) -> int | None:
    """No version is active any more; returns which one was."""
    before = connection.scalar(select(model_version.c.id).where(model_version.c.active == 1))
    connection.execute(update(model_version).where(model_version.c.active == 1).values(active=0))
    return before


def _version(row: AnyRow) -> ModelVersion:
    return ModelVersion(
        row.id,
        row.name,
        row.sha256,
        os.fsdecode(row.folder),
        row.created,
        tuple((name, value) for name, value in json.loads(row.figures)),
        bool(row.active),
    )
