"""`knuckle propose`: the active version over images of the data folder, without a window."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotator.app import House, has_window
from annotator.demonstration import NOTICE
from annotator.domain.errors import KnuckleError, ModelError, SaveError
from annotator.domain.images import Image
from annotator.domain.joints import JOINTS
from annotator.domain.people import Person, Right, demand
from annotator.domain.proposals import Probabilities, Proposal, Run
from annotator.domain.words import counted
from annotator.imaging import dicom, refusals, scan
from annotator.store.detections import Detections
from annotator.terminal import known_studies
from annotator.workflow.jobs import Progress
from annotator.workflow.library import Refused
from annotator.workflow.proposer import Proposer

PIXEL_DIGITS, CHANCE_DIGITS = 2, 6
"""Decimals of what is printed, as `python -m detector predict` has them."""


@dataclass(frozen=True)
class Wanted:
    """paths: files, folders or DICOMDIRs, none means all images. study: its name, empty means all studies.
    again: also where the active version has looked already."""

    paths: tuple[Path, ...] = ()
    study: str = ""
    again: bool = False


@dataclass(frozen=True)
class Proposed:
    """The runs of one version in one scan, by image, and what was refused. hidden: images whose runs are
    stored, and which their study does not let this reader see yet."""

    version: str
    scan: str
    runs: tuple[tuple[Image, Run], ...]
    refused: tuple[Refused, ...]
    hidden: tuple[Image, ...] = ()

    @property
    def object(self) -> dict[str, Any]:
        """What is printed as JSON: boxes x0, y0, x1, y1 in pixels of the image, named as its sides are known
        now; chances of background, absent and present."""
        return self._with([_image(image, run.named_for(image.file.facts)) for image, run in self.runs])

    @property
    def lines(self) -> dict[str, Any]:
        """The same in short: of each image the joints, what is proposed on them, and what is missing."""
        named = ((image, run.named_for(image.file.facts)) for image, run in self.runs)
        return self._with([{"image": image.file.path, "said": in_short(run)} for image, run in named])

    def _with(self, images: list[dict[str, Any]]) -> dict[str, Any]:
        refused = [{"image": one.file, "reason": one.reason} for one in self.refused]
        about = {"notice": NOTICE, "version": self.version, "scan": self.scan}
        hidden = {"hidden": [image.file.path for image in self.hidden]} if self.hidden else {}
        return {**about, "images": images, "refused": refused, **hidden}


def propose(house: House, person: Person, wanted: Wanted, progress: Progress) -> Proposed:
    """Run the active version over the images that it has not seen, and store what it sees; the newest runs.

    What cannot be used is refused with its reason, and the rest goes on. What was done before an interruption
    stays. Raises KnuckleError where there is no such study, no version can be used, or nothing can be stored.
    """
    images, refused = _chosen(house, wanted)
    if all(version.is_import for version in house.models.versions.all()):
        demand(person, Right.MODELS, "bring in a version of the detector")
        house.models.bring_shipped(person)
    # whoever sits at the window is not to wait for what runs beside it
    proposer = house.proposer(person, spare=1 if has_window(house.paths) else 0)
    model = proposer.model()
    runs: list[tuple[Image, Run]] = []
    hidden: list[Image] = []
    for done, image in enumerate(images):
        progress(done, len(images), Path(image.file.path).name)
        try:
            run = _newest(proposer, image, again=wanted.again)
            if _may_see(house, person, image):
                runs.append((image, run))
            else:
                hidden.append(image)
        except (SaveError, ModelError):  # no other image will fare better
            raise
        except KnuckleError as error:
            refused.append(Refused(image.file.path, str(error)))
            continue
        if run.version_id != model.version.id:
            raise KnuckleError(
                "Another version of the detector was activated meanwhile.",
                "What was proposed until then is kept; do it again.",
            )
    progress(len(images), len(images), "")
    return Proposed(model.version.name, model.scan, tuple(runs), tuple(refused), tuple(hidden))


def _may_see(house: House, person: Person, image: Image) -> bool:
    """What is printed is shown: to a reader only as the study allows, and it is written down."""
    if not person.may(Right.READ):
        return True
    detections = Detections(house.database)
    if detections.standing(image.id, person).hidden:
        return False
    detections.reveal(image.id, person)
    return True


def in_short(run: Run) -> str:
    """How many joints were found, what is proposed on them, and what is missing."""
    named = [proposal for proposal in _in_order(run) if proposal.joint is not None]
    found = [f"{one.joint} {mark.finding.value}" for one in named for mark in one.marks]
    missing = [joint.name for joint, _reason in run.missing]
    told = f"{counted(len(named), '{n} joint', '{n} joints')}, {', '.join(found) or 'no finding'}"
    return f"{told}, missing: {' '.join(missing)}" if missing else told


def _newest(proposer: Proposer, image: Image, *, again: bool) -> Run:
    def unheard(_done: int, _total: int, _text: str) -> None:
        """The bar counts images."""

    run = proposer.propose(image.id, unheard, again=again)
    if run is None:
        model = proposer.model()
        run = proposer.detections.newest_of(image.id, model.version, model.scan)
    if run is None:
        raise KnuckleError("What was proposed for this image cannot be found.", "Do it --again.")
    return run


def _chosen(house: House, wanted: Wanted) -> tuple[list[Image], list[Refused]]:
    """The images that are meant, each once, and the paths that are none of them."""
    studies = known_studies(house.administration, wanted.study)
    images = [image for study in studies for image in house.administration.studies.images(study.id)]
    if not wanted.paths:
        return images, []
    by_path: dict[str, list[Image]] = {}
    for image in images:  # a file may be in more than one study
        by_path.setdefault(image.file.path, []).append(image)
    listed = {file.path: file.withdrawn for file in house.administration.studies.files()}
    chosen: dict[int, Image] = {}
    refused = []
    for found in scan.walk(wanted.paths):
        path = os.path.realpath(found.path)
        if path in by_path:
            chosen.update({image.id: image for image in by_path[path]})
        elif found.named or dicom.is_dicom(found.path):
            reason = found.refused or _stranger(found.path, listed.get(path), wanted.study)
            refused.append(Refused(str(found.path), str(reason)))
    return list(chosen.values()), refused


def _stranger(path: Path, withdrawn: bool | None, study: str) -> KnuckleError:
    """Why a file is no image that can be proposed for. withdrawn: None where the folder does not know it."""
    if withdrawn:
        return KnuckleError("This image was withdrawn.", "Leave it out.")
    if withdrawn is not None:
        return KnuckleError(f"This image is not in the study {study}.", "Name its own study, or none.")
    if not os.path.exists(path):
        return refusals.vanished()
    return KnuckleError("This is no image of the data folder.", "Import it first (knuckle import).")


def _image(image: Image, run: Run) -> dict[str, Any]:
    missing = {joint.name: reason for joint, reason in run.missing}
    return {
        "image": image.file.path,
        "joints": [_joint(proposal) for proposal in _in_order(run)],
        "missing": list(missing),
        "missing_reasons": missing,
    }


def _in_order(run: Run) -> Iterator[Proposal]:
    """Of the joints; boxes without a name last, the surest first."""
    place = {joint: place for place, joint in enumerate(JOINTS)}
    last = len(JOINTS)
    return iter(
        sorted(run.proposals, key=lambda p: (place[p.joint] if p.joint else last, -p.confidence, p.id))
    )


def _joint(proposal: Proposal) -> dict[str, Any]:
    return {
        "joint": proposal.joint.name if proposal.joint else None,
        "box": [round(value, PIXEL_DIGITS) for value in proposal.box.corners],
        "confidence": round(proposal.confidence, CHANCE_DIGITS),
        "ankylosis": _chances(proposal.ankylosis),
        "subluxation": _chances(proposal.subluxation),
        "seen_by": proposal.seen_by.value,
        "not_assessed": [finding.value for finding in proposal.not_assessed],
        "flags": [{"kind": flag.kind.value, "reason": flag.reason} for flag in proposal.flags],
    }


def _chances(of: Probabilities) -> list[float]:
    return [round(value, CHANCE_DIGITS) for value in of.values]
