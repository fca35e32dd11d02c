"""A published data set of plain pictures: written as DICOM, imported, its boxes brought in as proposals.

Files of an earlier import of the same set are taken as they are, so that it can be done again, after a
cancel or with more pictures; nothing is written over. Scores go into a table beside the DICOM files.
"""

from __future__ import annotations

import csv
import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Image, Study
from annotator.domain.joints import Side
from annotator.domain.people import Person, Right, demand
from annotator.exchange.foreign_coco import ForeignContent, ForeignImage, LooseScores, read_set
from annotator.exchange.foreign_mapping import TABLE, SetMapping, read_mapping
from annotator.exchange.foreign_scores import Scores, join_scores, score_path
from annotator.exchange.label_files import ImageLabels
from annotator.exchange.labels import LabelledJoint
from annotator.exchange.names import below, collision_key, sound, stem
from annotator.exchange.table import harmless
from annotator.exchange.whole import told
from annotator.imaging import dicom, plain
from annotator.imaging.write import BITS_STORED, CrFacts, write_cr
from annotator.store.studies import Studies
from annotator.workflow.jobs import Progress
from annotator.workflow.label_import import Imported, LabelImporter, Rule
from annotator.workflow.library import Library, Refused, is_the_file

Rooms = tuple[Library, Studies, LabelImporter]


@dataclass(frozen=True)
class Brought:
    """scores: the table's name. score_files: by column, what became of their scores."""

    imported: Imported
    pictures: int
    scores: str
    score_files: dict[str, dict[str, int]]

    @property
    def refused(self) -> list[Refused]:
        return self.imported.refused

    @property
    def object(self) -> dict[str, Any]:
        head, *rest = self.imported.object.items()
        files = [("score_files", self.score_files)] if self.score_files else []
        return dict([head, ("pictures", self.pictures), ("scores", self.scores), *files, *rest])


@dataclass(frozen=True)
class ForeignSet:
    """sha256: over the bytes of the COCO file, of the mapping and of the files of scores that it names."""

    coco: Path
    sha256: str
    mapping: SetMapping
    content: ForeignContent
    scores: Scores

    @classmethod
    def read(cls, coco: Path, mapping: Path) -> ForeignSet:
        """Nothing is written yet. Raises KnuckleError for a file that cannot be read, for categories that the
        mapping does not name, and for scores of which none belongs to a box."""
        coco, mapping = (Path(os.path.abspath(path.expanduser())) for path in (coco, mapping))
        said = read_mapping(mapping)
        content = read_set(coco, said)
        scores = join_scores(content, said, mapping.parent)
        content.refused += scores.ambiguous
        digest = hashlib.sha256()
        with told(coco.name):
            for path in (coco, mapping, *(score_path(one, mapping.parent) for one in said.score_files)):
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return cls(coco, digest.hexdigest(), said, content, scores)

    def bring(
        self, pictures: Path, out: Path, study: Study, rooms: Rooms, by: Person, progress: Progress
    ) -> Brought:
        """Write, import and propose. out: a folder that the DICOM files stay in, made where there is none.

        Pictures and boxes that cannot be taken are told, and the rest goes on. Raises KnuckleError where
        nothing can be written, LockedError without the right.
        """
        demand(by, Right.IMPORT, "import a data set")
        library, studies, importer = rooms
        out = Path(os.path.abspath(out.expanduser()))
        with told(out.name):
            out.mkdir(exist_ok=True)
        refused = [Refused(name, reason) for name, reason in self.content.refused]
        films: dict[Path, ForeignImage] = {}
        names: set[str] = set()
        for done, image in enumerate(self.content.images):
            progress(done, len(self.content.images), PurePosixPath(image.file_name).name)
            path = out / f"{sound(stem(image.file_name))}.dcm"
            twin = (key := collision_key(path.name)) in names
            reason = "Another picture gets the same name." if twin else self._write(path, image, pictures)
            names.add(key)
            if reason:
                refused.append(Refused(image.file_name, reason))
            else:
                films[path] = image
        result = library.add(list(films), study, by, progress)
        refused += [Refused(Path(one.file).name, one.reason) for one in result.refused]
        imported = importer.register(self.coco.name, self.sha256, self.coco.parent, by)
        imported.refused = refused
        not_taken = {one.file for one in result.refused}
        taken = [path for path in films if str(path) not in not_taken]
        images = _found(taken, studies.images(study.id))
        lost = [path for path in taken if path not in images]
        refused += [Refused(films[path].file_name, "It was withdrawn from the study.") for path in lost]
        used: set[int] = set()
        for path, found in images.items():
            if found.id in used:
                refused.append(Refused(films[path].file_name, "It has the pixels of another picture."))
                continue
            used.add(found.id)
            importer.take(imported, _labels(films[path]), found, Rule.WRITTEN, by)
        scores = self._write_scores(out, films, images)
        importer.note(imported, study, by, {"set": self.mapping.name, "scores": self._score_counts()})
        files = {column: count.object for column, count in self.scores.counts.items()}
        return Brought(imported, len(films), scores, files)

    def _write(self, path: Path, image: ForeignImage, pictures: Path) -> str | None:
        """A sentence where it cannot be. Raises KnuckleError where nothing can be written."""
        try:
            film = self._film(pictures.expanduser(), image)
        except KnuckleError as error:
            return str(error)
        return film.write(path, self.mapping)

    def _film(self, pictures: Path, image: ForeignImage) -> _Film:
        """Raises KnuckleError for a picture that cannot be taken."""
        path = below(pictures, image.file_name)
        if path is None:
            raise KnuckleError("The name leads out of the folder of the pictures.", "Correct it in the set.")
        data = plain.read_bytes(path)
        pixels = plain.read_plain(data)
        if pixels.shape != (image.height, image.width):
            size = f"{pixels.shape[1]} x {pixels.shape[0]}"
            raise KnuckleError(
                f"The picture is {size} pixels large, and {image.width} x {image.height} in the set.",
                "Take the pictures that belong to the set.",
            )
        if not self.mapping.bone_bright:
            pixels = (2**BITS_STORED - 1 - pixels).astype(np.uint16)
        facts = CrFacts(
            uid_key="\0".join((self.mapping.name, image.file_name, hashlib.sha256(data).hexdigest())),
            patient_id=image.patient,
            issuer=self.mapping.name,
            study_date=image.date,
            study_key=f"{self.mapping.name} {image.date}",
        )
        return _Film(pixels, facts, image.side)

    def _write_scores(self, out: Path, films: dict[Path, ForeignImage], images: dict[Path, Image]) -> str:
        """A row for each box of the set, with what the set says of it, and for scores without a box; the name
        of the table."""
        if not self.mapping.columns:
            return ""
        target = out / f"scores-{self.sha256[:12]}.csv"
        with told(target.name), tempfile.TemporaryDirectory(dir=out, prefix=".writing-") as folder:
            part = Path(folder) / target.name
            with part.open("x", encoding="utf-8-sig", newline="") as file:
                rows = csv.writer(file)
                rows.writerow([*TABLE, *map(harmless, self.mapping.columns)])
                for path, image in films.items():
                    rows.writerows(self._rows(path, image, images.get(path)))
                for name, loose in self.scores.loose:
                    rows.writerow(self._loose_row((harmless(name), "", "", "", ""), loose))
            os.replace(part, target)
        return target.name

    def _rows(self, path: Path, image: ForeignImage, of: Image | None) -> Iterator[list[object]]:
        who = (of.patient_code, of.visit, of.id) if of else ("", "", "")
        where = (harmless(image.file_name), harmless(path.name), *who)
        for box in image.boxes:
            said = [harmless(box.scores[name]) for name in self.mapping.columns]
            yield [*where, box.joint.name, harmless(box.category), *box.box.corners, *said]
        for loose in image.loose:
            yield self._loose_row(where, loose)

    def _loose_row(self, where: Sequence[object], loose: LooseScores) -> list[object]:
        joint = loose.joint.name if loose.joint else ""
        said = [harmless(loose.scores[name]) for name in self.mapping.columns]
        return [*where, joint, harmless(loose.category), *[""] * 4, *said]

    def _score_counts(self) -> dict[str, dict[str, int]]:
        boxes = [box for image in self.content.images for box in image.boxes]
        return {
            name: dict(sorted(Counter(box.scores[name] for box in boxes if box.scores[name]).items())[:20])
            for name in self.mapping.columns
        }


@dataclass(frozen=True)
class _Film:
    """pixels: uint16 [H, W] of 10 bits, bone bright. side: of a one-hand picture."""

    pixels: NDArray[np.uint16]
    facts: CrFacts
    side: Side | None

    def write(self, path: Path, mapping: SetMapping) -> str | None:
        """Write it unless it is there already; a sentence where another file is. Raises KnuckleError where it
        cannot be written."""
        with told(path.name), tempfile.TemporaryDirectory(dir=path.parent, prefix=".writing-") as folder:
            part = Path(folder) / path.name
            write_cr(
                part,
                self.pixels,
                self.facts,
                photometric="MONOCHROME2" if mapping.bone_bright else "MONOCHROME1",
                spacing_mm=mapping.spacing_mm,
                laterality=self.side.value if self.side else "B",
            )
            if not os.path.lexists(path):
                os.replace(part, path)
            elif not is_the_file(path, hashlib.sha256(part.read_bytes()).hexdigest()):
                return f"{path.name} is there already, and another file."
        return None


def _labels(image: ForeignImage) -> ImageLabels:
    joints = tuple(LabelledJoint(box.joint, box.box, seen=None) for box in image.boxes)
    return ImageLabels(image.file_name, joints, image.width, image.height)


def _found(paths: Sequence[Path], images: Sequence[Image]) -> dict[Path, Image]:
    """The image of each file: its own, or one of the same pixels, which was there before."""
    by_path = {image.file.path: image for image in images}
    by_pixels = {image.file.pixels_sha256: image for image in images}
    found: dict[Path, Image] = {}
    for path in paths:
        image = by_path.get(str(path.resolve())) or by_pixels.get(dicom.read(path).pixels_sha256)
        if image is not None:
            found[path] = image
    return found
