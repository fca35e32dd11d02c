"""`knuckle demo --headless`: import, read, sign and come back on the sample study, with pictures of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box
from annotator.domain.joints import joint_named
from annotator.domain.people import Role
from annotator.workflow import sample
from annotator.workflow.jobs import Progress

if TYPE_CHECKING:
    from annotator.ui.tour import Truth

READER = "Demonstration"
NOTICE = "Research use only, not for diagnosis."


def demonstrate(data: Path, out: Path, progress: Progress) -> dict[str, Any]:
    """Work through two radiographs of the sample study in the real window; what was found and drawn.

    Raises KnuckleError where anything on the way fails.
    """
    os.environ["QT_QPA_PLATFORM"] = "offscreen"  # whatever the desktop of this user prefers
    from annotator.app import open_house
    from annotator.cli import COMMAND_LINE
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
        window = MainWindow(house.sitting(person, study), house.jobs, Settings(), house.paths.window_state)
        window.show()
        tour = Tour(window, out)
        ids = window.sitting.worklist.ids
        progress(0, 3, "reading")
        tour.open(ids[0])
        tour.picture("1-opened")
        image = window.sitting.desk.image
        if image is not None and not window.sitting.desk.locked:
            truth = truth_of(Path(image.file.path))
            tour.read(truth)
            tour.picture("2-read")
            progress(1, 3, "signing")
            tour.press("sign")
        tour.picture("3-signed")
        progress(2, 3, "worklist")
        tour.press("next_unread")
        tour.picture("4-next")
        readings = [_summary(window, image_id) for image_id in ids]
        window.close()
        window.deleteLater()
    return {
        "notice": NOTICE,
        "study": study.name,
        "images": len(ids),
        "imported": result.imported,
        "readings": readings,
        "pictures": [str(path) for path in tour.pictures],
    }


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
