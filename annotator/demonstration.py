"""`knuckle demo --headless`: import, propose, confirm and sign on the sample study, with pictures of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotator.domain.decisions import Outcome
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box
from annotator.domain.images import Image
from annotator.domain.joints import joint_named
from annotator.domain.people import Person, Role
from annotator.domain.proposals import SAME_JOINT, Proposal
from annotator.store.detections import Detections
from annotator.workflow import sample
from annotator.workflow.jobs import Progress

if TYPE_CHECKING:
    from annotator.app import House
    from annotator.ui.main_window import MainWindow
    from annotator.ui.tour import Tour, Truth

READER = "Demonstration"
NOTICE = "Research use only, not for diagnosis."


def demonstrate(data: Path, out: Path, progress: Progress) -> dict[str, Any]:
    """Work through two radiographs of the sample study in the real window; what was found and drawn.

    Raises KnuckleError where anything on the way fails.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # whatever the desktop of this user prefers
    from annotator.app import open_house
    from annotator.cli_options import COMMAND_LINE
    from annotator.desktop import application
    from annotator.settings import Settings
    from annotator.ui import theme
    from annotator.ui.main_window import MainWindow
    from annotator.ui.tour import Tour

    app = application()
    theme.apply(app, theme.DARK)
    _make(out)
    with open_house(data) as house:
        administration = house.administration
        bearer = administration.enter(COMMAND_LINE, Role.DATA)
        person = administration.enter(READER, Role.READER)
        study, result = sample.make_sample(
            administration.studies, administration.library, administration.sample_folder, bearer, progress
        )
        if not administration.studies.images(study.id):
            raise KnuckleError("The sample study has no images left.", "Give another folder with --data.")
        house.models.bring_shipped(bearer)
        if house.models.versions.active() is None:
            raise KnuckleError("No version of the detector is active.", "Activate one (Proposals, Models).")
        window = MainWindow(house.sitting(person, study), house.jobs, Settings(), house.paths.window_state)
        window.show()
        tour = Tour(window, out)
        ids = window.sitting.worklist.ids
        progress(0, 4, "opening")
        tour.open(ids[0])
        tour.picture("1-opened")
        progress(1, 4, "proposing")
        tour.await_proposals()
        tour.picture("2-proposed")
        image = administration.studies.image(ids[0])
        truth = truth_of(Path(image.file.path))
        progress(2, 4, "accepting")
        if not window.sitting.desk.locked:
            confirm(tour, window, truth)
            tour.picture("3-accepted")
            tour.press("sign")
        tour.picture("4-signed")
        progress(3, 4, "next image")
        tour.next_unread()
        tour.await_proposals()
        tour.picture("5-next")
        readings = [_summary(window, image_id) for image_id in ids]
        window.close()
        window.deleteLater()
        found = _found(house, image, person, truth)
    return {
        "notice": NOTICE,
        "study": study.name,
        "images": len(ids),
        "imported": result.imported,
        **found,
        "readings": readings,
        "pictures": [str(path) for path in tour.pictures],
    }


def confirm(tour: Tour, window: MainWindow, truth: Truth) -> None:
    """Accept what is proposed; what is not is boxed and labelled by hand, as it is known to be."""
    from annotator.ui.tour import Truth

    tour.accept()
    reading = window.sitting.desk.reading
    if reading is not None and reading.missing:
        boxes = {joint: box for joint, box in truth.boxes.items() if joint not in reading.boxes}
        found = {joint: findings for joint, findings in truth.findings.items() if joint in boxes}
        tour.read(Truth(boxes, found))


def _found(house: House, image: Image, person: Person, truth: Truth) -> dict[str, Any]:
    """The version, what it proposed for an image, what this reader accepted of it, and how much is right."""
    detections = Detections(house.database)
    run = detections.newest(image.id)
    if run is None:
        raise KnuckleError("Nothing was proposed.", "Activate a version (Proposals, Models).")
    version = next(one for one in house.models.versions.all() if one.id == run.version_id)
    accepted = [
        decision
        for decision in detections.decisions(image.id, person).values()
        if decision.outcome is Outcome.ACCEPTED
    ]
    named = {
        proposal.joint: proposal
        for proposal in run.named_for(image.file.facts).proposals
        if proposal.joint is not None and proposal.shared(truth.boxes[proposal.joint]) > SAME_JOINT
    }
    right = [joint for joint, one in named.items() if _marked(one) == _known(truth.findings.get(joint, ()))]
    return {
        "version": version.name,
        "scan": run.scan,
        "read": {
            "image": f"{image.patient_code}, visit {image.visit}",
            "proposed": len(run.proposals),
            "accepted": len(accepted),
            "truth": {"right_names": len(named), "of": len(truth.boxes), "findings_right": len(right)},
        },
    }


def _marked(proposal: Proposal) -> set[Finding]:
    return {mark.finding for mark in proposal.marks}


def _known(findings: tuple[Finding, ...]) -> set[Finding]:
    """As the detector says it: subluxation and dislocation are one label to it."""
    return {Finding.SUBLUXATION if one is Finding.DISLOCATION else one for one in findings}


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KnuckleError(f"The folder {folder} cannot be made.", "Choose another with --out.") from error


def truth_of(path: Path) -> Truth:
    """The truth that lies beside a radiograph of the sample study."""
    from annotator.ui.tour import Truth

    written = json.loads(path.with_suffix(".json").read_text("utf-8"))
    joints = {joint_named(joint["name"]): joint for joint in written["joints"]}
    boxes = {joint: Box(*values["box"]) for joint, values in joints.items()}
    found = {joint: tuple(map(Finding, values["findings"])) for joint, values in joints.items()}
    return Truth(boxes, {joint: findings for joint, findings in found.items() if findings})


def _summary(window: Any, image_id: int) -> dict[str, Any]:
    row = window.sitting.worklist.row(image_id)
    return {
        "patient": row.patient_code,
        "visit": row.visit,
        "state": row.state.value,
        "joints": f"{row.done}/{row.expected}",
        "findings": sorted(finding.value for finding in row.findings),
    }
