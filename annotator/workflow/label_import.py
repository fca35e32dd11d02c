"""Labels out of a file as proposals with their origin, never as annotations (docs/decisions/0013).

**Which image.** Tried in this order, each only where it tells one image of the study: the SOP instance UID;
the name that an export gives the image; the name of its own file; patient code and visit; the pixels, by
their hash. Where a file says how large an image is, or what its pixels are, the image must be so: else it is
another one, for two studies may call their patients alike.

**Which names.** A run keeps on which side the right hand was when its boxes were named. Here the labels say
so themselves, by where their right and left joints lie. Where an image's facts say otherwise its reader sees
the other names, as with the detector's (0009), and such images are told.

What cannot be brought in is told by name and the rest goes on. The same file again adds nothing, and neither
does an image that the file has no box of.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from annotator.domain.errors import KnuckleError, SaveError
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box
from annotator.domain.images import Image, Study
from annotator.domain.joints import Hands, Joint, Side, expected_joints
from annotator.domain.people import Person, Right, demand
from annotator.domain.proposals import (
    NOT_SEEN,
    UNSAID,
    Flag,
    FlagKind,
    Probabilities,
    Proposal,
    Run,
    SeenBy,
    Thresholds,
)
from annotator.domain.versions import ModelVersion
from annotator.domain.words import counted
from annotator.exchange.label_files import ImageLabels, LabelForm, read_labels, sha256_of, size_key
from annotator.exchange.labels import NOTICE, LabelledJoint, labelled
from annotator.exchange.names import collision_key, is_plain
from annotator.store.detections import Detections
from annotator.store.versions import Versions
from annotator.workflow.jobs import Progress
from annotator.workflow.library import Refused

SCAN = "whole"
"""Runs are of a scan, and the labels are of the whole image."""
RUNTIME = "imported labels"
_NO_THRESHOLDS = Thresholds(0.0, 0.0, 0.0, 0, 0)
_PRESENT, _ABSENT = Probabilities(0.0, 0.0, 1.0), Probabilities(0.0, 1.0, 0.0)
_DISPLACED = frozenset({Finding.SUBLUXATION, Finding.DISLOCATION})


class Rule(StrEnum):
    """What told which image labels are of."""

    UID = "SOP instance UID"
    PIXELS = "the same pixels"
    EXPORTED = "name in exports"
    FILE = "file name"
    VISIT = "patient code and visit"
    WRITTEN = "written from this file"


@dataclass(frozen=True)
class Taken:
    """One image whose labels are proposals now. name: as the file calls it. boxes: how many. sides_differ:
    right and left are not as the image's facts have them."""

    name: str
    image: Image
    rule: Rule
    boxes: int
    sides_differ: bool = False

    @property
    def object(self) -> dict[str, Any]:
        code, visit = self.image.patient_code, self.image.visit
        said = {"name": self.name, "patient": code, "visit": visit, "image": self.image.id}
        differ = {"sides": "not as the image says"} if self.sides_differ else {}
        return {**said, "by": self.rule.value, "boxes": self.boxes, **differ}

    @property
    def line(self) -> str:
        differ = "; right and left are not as the image says" if self.sides_differ else ""
        where = f"{self.image.patient_code} visit {self.image.visit}, found by {self.rule.value}"
        return f"{self.name}: {where}, {counted(self.boxes, '{n} box', '{n} boxes')}{differ}"


@dataclass
class Imported:
    """known: images that have had these labels before. without: images that the file has no box of, which
    stay as they are. refused: images, or a joint of one, and why."""

    version: ModelVersion
    taken: list[Taken] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, Any]:
        boxes = sum(one.boxes for one in self.taken)
        known, without = len(self.known), len(self.without)
        return {"images": len(self.taken), "boxes": boxes, "known": known, "without_boxes": without}

    @property
    def object(self) -> dict[str, Any]:
        doubled = {"note": "These labels were imported before: nothing was added."}
        return {
            "notice": NOTICE,
            "version": self.version.name,
            "sha256": self.version.sha256,
            **self.counts,
            **(doubled if self.known and not self.taken else {}),
            "imported": [one.object for one in self.taken],
            "refused": [{"file": one.file, "reason": one.reason} for one in self.refused],
        }


class LabelImporter:
    """Brings labels into a data folder; touches no reading."""

    def __init__(self, versions: Versions, detections: Detections) -> None:
        self._versions, self._detections = versions, detections

    def add(
        self,
        path: Path,
        form: LabelForm,
        study: Study,
        images: Sequence[Image],
        by: Person,
        progress: Progress,
        reader: str | None = None,
    ) -> Imported:
        """Labels of a file or folder for these images of a study. reader: whose labels to take, where the
        file has those of several; None for all there are.

        What was brought in before a cancel stays. Raises KnuckleError for a file that cannot be read, one
        with several readers' labels of an image, LockedError without the right, SaveError.
        """
        demand(by, Right.IMPORT, "import labels")
        path = Path(os.path.abspath(path.expanduser()))
        finder = Finder(images)
        offered = _of_one_reader(path, read_labels(path, form, finder.sizes), reader)
        sha256 = sha256_of(path, form)
        name = "".join(letter if is_plain(letter) else "_" for letter in path.name)
        if reader is not None:
            sha256, name = _with(sha256, reader), f"{name} ({reader or 'unnamed'})"
        version = self._versions.register_import(name, sha256, str(path.parent), by)
        imported = Imported(version)
        used: set[int] = set()
        for done, labels in enumerate(offered):
            progress(done, len(offered), labels.name)
            found = finder.find(labels)
            if isinstance(found, str):
                imported.refused.append(Refused(labels.name, found))
            elif found[0].id in used:
                imported.refused.append(Refused(labels.name, "Its image has labels of another name here."))
            else:
                used.add(found[0].id)
                self.take(imported, labels, *found, by)
        progress(len(offered), len(offered), "")
        self.note(imported, study, by, {"format": form.value})
        return imported

    def register(self, name: str, sha256: str, folder: Path, by: Person) -> Imported:
        """Nothing yet, of a file of this name and hash. Raises as `add`."""
        return Imported(self._versions.register_import(name, sha256, str(folder), by))

    def take(self, imported: Imported, labels: ImageLabels, image: Image, rule: Rule, by: Person) -> None:
        """The labels of one image as its newest run, unless it has them."""
        if self._detections.has_run(image.id, imported.version, SCAN):
            imported.known.append(labels.name)
            return
        run, refused = run_of(labels.joints, image, imported.version)
        imported.refused += [Refused(labels.name, reason) for reason in refused]
        if not run.proposals:  # an empty run would put what the detector proposed out of sight
            imported.without.append(labels.name)
            return
        try:
            self._detections.add(run, by)
        except SaveError:
            raise
        except KnuckleError as error:  # it was withdrawn meanwhile
            imported.refused.append(Refused(labels.name, str(error)))
            return
        facts = image.file.facts
        differ = (run.hands, run.right_on_left) != (facts.hands, facts.right_on_left)
        imported.taken.append(Taken(labels.name, image, rule, len(run.proposals), differ))

    def note(self, imported: Imported, study: Study, by: Person, about: dict[str, Any]) -> None:
        """Say it in the audit."""
        counts = {**imported.counts, "refused": len(imported.refused)}
        self._detections.note_import(study.id, {"sha256": imported.version.sha256, **about, **counts}, by)


class Finder:
    """Finds the image that labels are of."""

    def __init__(self, images: Iterable[Image]) -> None:
        self._by: dict[Rule, dict[str, list[Image]]] = {rule: {} for rule in Rule}
        for image in images:
            own = Path(image.file.path).name
            for rule, key in (
                (Rule.UID, image.file.sop_instance_uid),
                (Rule.EXPORTED, collision_key(labelled(image, ()).file_name)),
                (Rule.FILE, collision_key(own)),
                (Rule.VISIT, _visit(image.patient_code, image.visit)),
                (Rule.PIXELS, image.file.pixels_sha256),
            ):
                self._by[rule].setdefault(key, []).append(image)

    @property
    def sizes(self) -> dict[str, tuple[int, int]]:
        """Width and height of the images, by the names that labels of them may have."""
        return {
            size_key(name): (image.file.columns, image.file.rows)
            for images in self._by[Rule.UID].values()
            for image in images
            for name in (Path(image.file.path).name, labelled(image, ()).file_name)
        }

    def find(self, labels: ImageLabels) -> tuple[Image, Rule] | str:
        """The image and the rule, or a sentence why there is none."""
        key = collision_key(labels.name)
        why = ""
        for rule, wanted in (
            (Rule.UID, labels.sop_instance_uid),
            (Rule.EXPORTED, key),
            (Rule.FILE, key),
            (Rule.VISIT, _visit(labels.patient_code, labels.visit)),
            (Rule.PIXELS, labels.pixels_sha256),
        ):
            found = self._by[rule].get(wanted, []) if wanted else []
            if len(found) > 1:
                why = why or f"There are {len(found)} images of this {rule.value} in the study."
            elif found and labels.pixels_sha256 not in ("", found[0].file.pixels_sha256):
                why = why or f"The image of this {rule.value} is another film: its pixels differ."
            elif found:
                return _of_size(labels, found[0], rule)
        return why or "There is no such image in the study."


def _visit(patient_code: str, visit: int) -> str:
    return f"{patient_code} {visit}" if patient_code and visit else ""


def _of_size(labels: ImageLabels, image: Image, rule: Rule) -> tuple[Image, Rule] | str:
    size = image.file.columns, image.file.rows
    if (labels.width or labels.height) and (labels.width, labels.height) != size:
        said = f"{labels.width} x {labels.height}"
        return f"It is {said} pixels large in the file and {size[0]} x {size[1]} in the study."
    return image, rule


def _of_one_reader(
    path: Path, offered: tuple[ImageLabels, ...], reader: str | None
) -> tuple[ImageLabels, ...]:
    readers = sorted({name for labels in offered for name in labels.readers})
    if reader is not None:
        if reader not in readers:
            known = ", ".join(filter(None, readers)) or "none by name"
            raise KnuckleError(f"{path.name} has no labels by {reader}.", f"There are: {known}.")
        return tuple(labels.by(reader) for labels in offered)
    if any(len(labels.readers) > 1 for labels in offered):
        raise KnuckleError(
            f"{path.name} has labels of several readers: {', '.join(name or 'unnamed' for name in readers)}.",
            "Say whose to import (--reader NAME), one after another.",
        )
    return offered


def _with(sha256: str, reader: str) -> str:
    return hashlib.sha256(f"{sha256}\0{reader}".encode()).hexdigest()


def run_of(
    joints: Sequence[LabelledJoint], image: Image, version: ModelVersion
) -> tuple[Run, tuple[str, ...]]:
    """The labels of an image as a run, and a sentence for each label that is not in it."""
    width, height = image.file.columns, image.file.rows
    proposals: list[Proposal] = []
    missing: dict[Joint, str] = {}
    refused: list[str] = []
    said: set[Joint] = set()
    for label in joints:
        if label.joint in said:
            refused.append(f"{label.joint} is labelled twice; the first one is taken.")
            continue
        said.add(label.joint)
        box = label.box and label.box.clipped(width, height)
        if label.box is not None and box is None:
            refused.append(f"The box of {label.joint} lies outside the image.")
        if box is None:
            reason = f"not assessable ({label.not_assessable.value})" if label.not_assessable else "no box"
            missing[label.joint] = f"The file says: {reason}."
        else:
            proposals.append(_proposal(label, box))
    hands, right_on_left = _sides(proposals, image)
    named = {proposal.joint for proposal in proposals}
    for joint in expected_joints(hands):
        if joint not in named:
            missing.setdefault(joint, "The file does not name it.")
    run = Run(
        image.id,
        version.id,
        version.sha256,
        SCAN,
        RUNTIME,
        _NO_THRESHOLDS,
        tuple(proposals),
        tuple(missing.items()),
        hands,
        right_on_left,
    )
    return run, tuple(refused)


def _proposal(label: LabelledJoint, box: Box) -> Proposal:
    ankylosis, displaced = _said(label, {Finding.ANKYLOSIS}), _said(label, _DISPLACED)
    if Finding.SUBLUXATION not in label.joint.findings:
        displaced = None
    flags: tuple[Flag, ...] = ()
    if label.not_assessable is not None:
        reason = f"The file says: not assessable ({label.not_assessable.value})."
        flags = (Flag(FlagKind.IMPLAUSIBLE, reason),)
    seen = {
        (True, True): SeenBy.BOTH,
        (True, False): SeenBy.FIRST,
        (False, True): SeenBy.SECOND,
    }.get((ankylosis is not None, displaced is not None))
    if seen is None:  # a box alone: by the detector that leaves the joint to be read
        thumb = Finding.SUBLUXATION not in label.joint.findings
        seen = SeenBy.SECOND if thumb else SeenBy.FIRST
        ankylosis, displaced = (None, UNSAID) if thumb else (UNSAID, None)
    return Proposal(label.joint, box, 1.0, ankylosis or NOT_SEEN, displaced or NOT_SEEN, seen, flags)


def _said(label: LabelledJoint, findings: Iterable[Finding]) -> Probabilities | None:
    """Of findings that are one to a detector; None where nothing is said, or not of all of them."""
    wanted = set(findings)
    if wanted & {mark.finding for mark in label.marks}:
        return _PRESENT
    judged = label.confirmed and label.not_assessable is None
    return _ABSENT if judged and not wanted & label.unsaid else None


def _sides(proposals: Sequence[Proposal], image: Image) -> tuple[Hands, bool]:
    """Which hands the labels are of, and whether the right one is on the left, by where their joints lie."""
    facts = image.file.facts
    right, left = _across(proposals, Side.RIGHT), _across(proposals, Side.LEFT)
    if facts.hands is not Hands.BOTH and not (right and left):
        named = Hands.RIGHT if right else Hands.LEFT if left else facts.hands
        return named, facts.right_on_left
    if right and left:
        return Hands.BOTH, sum(right) / len(right) < sum(left) / len(left)
    middle = image.file.columns / 2
    if right:
        return Hands.BOTH, sum(right) / len(right) < middle
    return Hands.BOTH, sum(left) / len(left) > middle if left else facts.right_on_left


def _across(proposals: Sequence[Proposal], side: Side) -> list[float]:
    return [one.box.centre[0] for one in proposals if one.joint is not None and one.joint.side is side]
