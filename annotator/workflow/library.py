"""Bringing radiographs into a study, finding their files again, and making sure they are still the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotations import ImageFacts
from annotator.domain.errors import KnuckleError, SaveError
from annotator.domain.images import Image, ImportedFile, Study
from annotator.domain.joints import Hands
from annotator.domain.people import Person, Right, demand
from annotator.imaging import dicom, scan, thumbnail
from annotator.imaging.guard import GuardedReader, Inspected
from annotator.imaging.pseudonyms import patient_key
from annotator.imaging.radiograph import Radiograph
from annotator.store.files import StoredFile
from annotator.store.studies import Studies
from annotator.workflow.jobs import Progress


@dataclass(frozen=True)
class Refused:
    """A file that was not taken in, and why."""

    file: str
    reason: str


@dataclass
class ImportResult:
    """imported: new images. known: in the study already. passed: files of a folder that are not DICOM."""

    imported: int = 0
    known: int = 0
    passed: int = 0
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True)
class Relocation:
    """moved: images that point to the new folder now, withdrawn ones too. missing: paths in the new folder
    where an image's file is not, or is another; the image keeps the path that it had."""

    moved: int
    missing: tuple[str, ...]


class Library:
    """The radiographs of all studies: their files stay where they are, their thumbnails are ours."""

    def __init__(self, studies: Studies, thumbnail_folder: Path) -> None:
        self._studies = studies
        self._thumbnails = thumbnail_folder

    def add(self, paths: Sequence[Path], study: Study, by: Person, progress: Progress) -> ImportResult:
        """Import files, folders (with all below them) and DICOMDIRs into a study.

        A named file that is not DICOM is refused, one found in a folder is passed over; every other
        refusal is named with its reason and the rest go on. What was imported before a cancel stays.
        Raises KnuckleError where the person may not import, or database or thumbnails cannot be written.
        """
        demand(by, Right.IMPORT, "import radiographs")
        found = []
        for item in scan.walk(paths):
            progress(0, 0, "")  # looking through a whole disk can be cancelled, too
            found.append(item)
        result = ImportResult()
        salt = self._studies.salt(study.id)
        with GuardedReader() as reader:
            for done, item in enumerate(found):
                progress(done, len(found), item.path.name)
                if item.refused is not None:
                    result.refused += (Refused(str(item.path), str(item.refused)),)
                    continue
                if not item.named and not dicom.is_dicom(item.path):
                    result.passed += 1
                    continue
                try:
                    self._add_one(reader.inspect(item.path), item.path, study, salt, by, result)
                except SaveError:
                    raise
                except KnuckleError as error:
                    result.refused += (Refused(str(item.path), str(error)),)
        progress(len(found), len(found), "")
        return result

    def read(self, image: Image) -> Radiograph:
        """The radiograph of an image, from its file as it was imported.

        Raises KnuckleError where the file has vanished, has changed, or cannot be read.
        """
        path = Path(image.file.path)
        if _is_gone(path):
            raise KnuckleError(
                f"The file of {image.patient_code}, visit {image.visit}, is not where it was: {path}",
                "Put it back, or say where its folder is now (Study, Relocate).",
            )
        return dicom.read(path, image.file.file_sha256)

    def relocate(self, old: Path, new: Path, by: Person, progress: Progress) -> Relocation:
        """Point the images below one folder to another, each whose file is there and the one imported.

        Raises KnuckleError where no image lies below the old folder, or none of their files is in the new.
        """
        demand(by, Right.IMPORT, "relocate radiographs")
        known = self._studies.files()
        old, new = _as_imported(old, [Path(file.path) for file in known]), new.resolve()
        wanted: dict[tuple[Path, str], list[StoredFile]] = {}  # a file may be in more than one study
        for file in known:
            if Path(file.path).is_relative_to(old):
                wanted.setdefault((new / Path(file.path).relative_to(old), file.sha256), []).append(file)
        if not wanted:
            raise KnuckleError(f"No image lies below {old}.", "Give the folder as it was when imported.")
        places: dict[int, str] = {}
        missing = []
        for done, ((path, sha256), of) in enumerate(wanted.items()):
            progress(done, len(wanted), path.name)
            if is_the_file(path, sha256):
                places.update({file.image_id: str(path) for file in of})
            elif not all(file.withdrawn for file in of):  # nobody asks for that one any more
                missing.append(str(path))
        if not places:
            raise KnuckleError(f"None of the images is in {new}.", "Give the folder they were moved to.")
        self._studies.relocate(places, by)
        return Relocation(len(places), tuple(missing))

    def drop_pictures(self, pixels_sha256: Collection[str]) -> None:
        """Delete the thumbnails of pixels that nobody is to see any more.

        Raises KnuckleError where one cannot be deleted.
        """
        for name in pixels_sha256:
            picture = self._thumbnails / f"{name}.png"
            try:
                picture.unlink(missing_ok=True)
            except OSError as error:
                raise KnuckleError(
                    f"The small picture {picture} cannot be deleted.",
                    "It is withdrawn all the same; allow your user to write there, and delete it.",
                ) from error

    def _add_one(
        self, seen: Inspected, path: Path, study: Study, salt: bytes, by: Person, result: ImportResult
    ) -> None:
        file = _imported_file(seen, path, salt)
        added = self._studies.add_image(study.id, file, by)
        if added.known:
            result.known += 1
        else:
            result.imported += 1
        picture = self._thumbnails / f"{file.pixels_sha256}.png"
        if added.withdrawn:
            return
        if not added.known or thumbnail.read(picture) is None:  # an import that broke off may owe one
            _keep(picture, seen.thumbnail)


def _keep(path: Path, picture: NDArray[np.uint8]) -> None:
    try:
        thumbnail.write(path, picture)
    except OSError as error:
        raise SaveError(
            f"The small pictures of the worklist cannot be written to {path.parent}.",
            "Make room on its disk, or allow your user to write there; then import again.",
        ) from error


def _is_gone(path: Path) -> bool:
    """Whether there is nothing; what may not be looked at is not known to be gone."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _as_imported(folder: Path, paths: Sequence[Path]) -> Path:
    """A folder as images' paths spell it, which were found with all links followed."""
    typed = Path(os.path.abspath(folder))
    return typed if any(path.is_relative_to(typed) for path in paths) else typed.resolve()


def is_the_file(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _imported_file(seen: Inspected, path: Path, salt: bytes) -> ImportedFile:
    facts = seen.facts
    return ImportedFile(
        path=str(path.resolve()),
        size=seen.size,
        modified_ns=seen.modified_ns,
        file_sha256=seen.file_sha256,
        pixels_sha256=seen.pixels_sha256,
        patient_key=patient_key(facts.identity, salt),
        sop_instance_uid=facts.sop_instance_uid,
        rows=facts.rows,
        columns=facts.columns,
        bits_stored=facts.bits_stored,
        view=facts.view,
        study_date=facts.study_date,
        acquisition_date=facts.acquisition_date,
        facts=_image_facts(facts.laterality),
    )


def _image_facts(laterality: str) -> ImageFacts:
    """ImageLaterality says which hand a one-hand film shows; of two hands it says nothing of their order."""
    hands = {"R": Hands.RIGHT, "L": Hands.LEFT}.get(laterality, Hands.BOTH)
    return ImageFacts(hands=hands, side_confirmed=hands is not Hands.BOTH)
