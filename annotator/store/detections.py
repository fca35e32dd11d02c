"""Runs of the detector over images: stored whole, shown to readers as their study allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from annotator.domain.annotations import Reading
from annotator.domain.decisions import Decision, Outcome, outcome_of
from annotator.domain.errors import KnuckleError, LockedError
from annotator.domain.joints import Joint
from annotator.domain.people import Person, Right, Role
from annotator.domain.proposals import Run
from annotator.domain.revealing import Reveal, may_show
from annotator.domain.standing import Standing
from annotator.domain.versions import ModelVersion, is_import
from annotator.store import audit, decisions
from annotator.store.database import Database
from annotator.store.people import require
from annotator.store.reading_rows import fetch
from annotator.store.reveal_rows import insert_reveal, reveals_of
from annotator.store.run_rows import fetch_run, insert_run
from annotator.store.studies import reveal_policy
from annotator.store.tables import image, model_version, proposal, run
from annotator.store.values import Json


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an annotation comes from. changed: it is not as it was proposed, in box, joint or finding."""

    proposal_id: int
    run_id: int
    version_id: int
    version: str
    version_sha256: str
    changed: bool


class Detections:
    """What was proposed for the images of a database, and to whom it was shown."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, new: Run, by: Person) -> Run:
        """Store a run with its proposals in one transaction; from now on it is the image's newest.

        Undecided proposals of earlier runs are replaced by it, decisions and readings stay as they are.
        Returns it with its ids. Raises KnuckleError where its version is not the one that was brought in,
        LockedError where the image is withdrawn or the person may not, SaveError where it cannot be written.
        """
        with self._database.write() as connection:
            require(connection, by, Right.READ if by.role is Role.READER else Right.MODELS)
            _study_of(connection, new.image_id)
            version = connection.execute(
                select(model_version).where(model_version.c.id == new.version_id)
            ).first()
            if version is None or version.sha256 != new.version_sha256:
                raise KnuckleError(
                    "The version that ran is not the one that was imported.", "Import it, then run it again."
                )
            at = datetime.now(UTC)
            stored = insert_run(connection, new, by.id, at)
            detail = {
                "run": stored.id,
                "version": "import" if is_import(version.name) else version.name,
                "sha256": version.sha256,
                "scan": stored.scan,
                "proposals": len(stored.proposals),
            }
            audit.append(connection, by, "propose", f"image {stored.image_id}", detail)
        return stored

    def newest(self, image_id: int) -> Run | None:
        """The newest run of an image, whatever its study lets readers see."""
        with self._database.read() as connection:
            found = decisions.newest_run(connection, image_id)
            return fetch_run(connection, found) if found else None

    def is_imported(self, image_id: int) -> bool:
        """Whether the newest run of an image stands for imported labels."""
        with self._database.read() as connection:
            newest = decisions.newest_run(connection, image_id)
            of = select(model_version.c.name).join(run, run.c.version_id == model_version.c.id)
            return newest is not None and is_import(connection.scalar(of.where(run.c.id == newest)) or "")

    def note_import(self, study_id: int, detail: Json, by: Person) -> None:
        """Say in the audit what labels were imported into a study. Raises LockedError for who may not."""
        with self._database.write() as connection:
            require(connection, by, Right.IMPORT)
            audit.append(connection, by, "import labels", f"study {study_id}", detail)

    def has_run(self, image_id: int, version: ModelVersion, scan: str) -> bool:
        """Whether this version has run over the image in this scan."""
        with self._database.read() as connection:
            return connection.scalar(_newest_of(image_id, version, scan)) is not None

    def newest_of(self, image_id: int, version: ModelVersion, scan: str) -> Run | None:
        """The newest run of this version in this scan over the image, also where another ran after it."""
        with self._database.read() as connection:
            found = connection.scalar(_newest_of(image_id, version, scan))
            return fetch_run(connection, found) if found else None

    def unproposed(self, study_id: int, version: ModelVersion, scan: str) -> list[int]:
        """The images of a study that this version has not run over yet in this scan, by patient and visit."""
        done = select(run.c.id).where(
            run.c.version_id == version.id, run.c.image_id == image.c.id, run.c.scan == scan
        )
        wanted = (
            select(image.c.id)
            .where(image.c.study_id == study_id, image.c.withdrawn_at.is_(None), ~done.exists())
            .order_by(image.c.patient_number, image.c.visit, image.c.id)
        )
        with self._database.read() as connection:
            return list(connection.scalars(wanted))

    def standing(self, image_id: int, reader: Person) -> Standing:
        """What this reader is to see of the proposals of an image now. Raises LockedError where the image is
        withdrawn."""
        with self._database.read() as connection:
            policy = reveal_policy(connection, _study_of(connection, image_id))
            shown = reveals_of(connection, image_id, reader.id)
            if not may_show(policy, _own(connection, image_id, reader), revealed=bool(shown)):
                return Standing(policy, hidden=True)
            newest = decisions.newest_run(connection, image_id)
            return Standing(
                policy,
                run=fetch_run(connection, newest) if newest else None,
                decisions=decisions.of_image(connection, image_id, reader.id),
                earlier=tuple(fetch_run(connection, one.run_id) for one in shown if one.run_id != newest),
                revealed=shown[0] if shown else None,
            )

    def reveal(self, image_id: int, reader: Person) -> Reveal | None:
        """Say that a reader is shown the newest run of an image, with what they have said until now.

        Before this nothing of it is shown, and nothing can be decided. Kept is the first time for each run.
        None where there is no run. Raises LockedError where the study does not allow it yet, or the person
        does not read.
        """
        with self._database.read() as connection:
            newest, known = _last_shown(connection, image_id, reader)
        if newest is None or known is not None:
            return known
        with self._database.write() as connection:
            require(connection, reader, Right.READ)
            policy = reveal_policy(connection, _study_of(connection, image_id))
            newest, known = _last_shown(connection, image_id, reader)
            if newest is None or known is not None:
                return known
            before = _own(connection, image_id, reader)
            seen = bool(reveals_of(connection, image_id, reader.id))
            if not may_show(policy, before, revealed=seen):
                raise LockedError("This study shows proposals later.", f"They are shown {policy.value}.")
            detail = {"run": newest, "policy": policy.value}
            at = audit.append(connection, reader, "reveal", f"image {image_id}", detail)
            new = Reveal(newest, policy, at, before)
            insert_reveal(connection, new)
        return new

    def reveals(self, image_id: int, reader: Person) -> list[Reveal]:
        """Each run that this reader was shown of an image, with their reading before it; the first one
        first."""
        with self._database.read() as connection:
            return reveals_of(connection, image_id, reader.id)

    def decisions(self, image_id: int, reader: Person) -> dict[int, Decision]:
        """A reader's decisions on the proposals of all runs of an image, by proposal."""
        with self._database.read() as connection:
            return decisions.of_image(connection, image_id, reader.id)

    def origins(self, reading: Reading) -> Mapping[Joint, Origin]:
        """Where the annotations of a reading come from; those that the reader drew are left out."""
        wanted = {said.origin: joint for joint, said in reading.annotations.items() if said.origin}
        rows = (
            select(proposal.c.id, proposal.c.run_id, model_version.c.name, model_version.c.sha256)
            .join(run, run.c.id == proposal.c.run_id)
            .join(model_version, model_version.c.id == run.c.version_id)
            .where(proposal.c.id.in_(wanted))
        )
        found: dict[Joint, Origin] = {}
        with self._database.read() as connection:
            known = list(connection.execute(rows))
            runs = {one: fetch_run(connection, one) for one in {row.run_id for row in known}}
        for row in known:
            of = runs[row.run_id]
            said = reading.of(wanted[row.id])
            named = next(p for p in of.named_for(reading.facts).proposals if p.id == row.id)
            changed = outcome_of(named, said) is not Outcome.ACCEPTED
            found[said.joint] = Origin(row.id, of.id, of.version_id, row.name, row.sha256, changed)
        return found


def _newest_of(image_id: int, version: ModelVersion, scan: str) -> Select[tuple[Any]]:
    wanted = (run.c.image_id == image_id) & (run.c.version_id == version.id) & (run.c.scan == scan)
    return select(func.max(run.c.id)).where(wanted)


def _study_of(connection: Connection, image_id: int) -> int:
    """Raises LockedError where there is no such image, or it is withdrawn."""
    listed = (image.c.id == image_id) & image.c.withdrawn_at.is_(None)
    study_id: int | None = connection.scalar(select(image.c.study_id).where(listed))
    if study_id is None:
        raise LockedError("This image is not in the study any more.", "Choose another one.")
    return study_id


def _own(connection: Connection, image_id: int, reader: Person) -> Reading:
    """The reader's reading as it is stored. The image is known to be listed."""
    stored = fetch(connection, image_id, reader.id)
    return stored.reading if stored else Reading(image_id, reader.id)


def _last_shown(connection: Connection, image_id: int, reader: Person) -> tuple[int | None, Reveal | None]:
    """The newest run, and when this reader was first shown it."""
    newest = decisions.newest_run(connection, image_id)
    shown = {one.run_id: one for one in reveals_of(connection, image_id, reader.id)}
    return newest, shown.get(newest) if newest else None
