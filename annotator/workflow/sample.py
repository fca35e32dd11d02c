"""The sample study: drawn radiographs with known truth, so that everything can be tried without a patient."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Study
from annotator.domain.people import Person
from annotator.store.studies import Studies
from annotator.workflow.jobs import Progress
from annotator.workflow.library import ImportResult, Library

if TYPE_CHECKING:
    from annotator.imaging.write import Photometric, Voi
    from detector.phantom import Phantom

NAME, PREFIX = "Sample", "S"
PATIENTS, VISITS = 6, 2
FIRST_VISIT = dt.date(2015, 3, 2)
FINDINGS_RATE = 0.08
LOOKS: tuple[tuple[Photometric, Voi], ...] = (
    ("MONOCHROME2", "window"),
    ("MONOCHROME1", "window"),
    ("MONOCHROME2", "lut"),
    ("MONOCHROME2", "none"),
)
NAMES = (
    "PHANTOM^Ichi=見本^一=みほん^いち",
    "PHANTOM^Ni=見本^二=みほん^に",
    "PHANTOM^San=見本^三=みほん^さん",
)


def files(folder: Path, patients: int = PATIENTS, visits: int = VISITS) -> list[Path]:
    """Where the radiographs of the sample lie, drawn or not."""
    return [folder / f"{p:02d}-{v}.dcm" for p in range(1, patients + 1) for v in range(1, visits + 1)]


def is_complete(studies: Studies, study: Study, folder: Path) -> bool:
    """The whole sample lies in the folder and in the study; where an image was withdrawn, it never does."""
    drawn = all(path.exists() and path.with_suffix(".json").exists() for path in files(folder))
    return drawn and len(studies.images(study.id)) >= PATIENTS * VISITS


def draw_sample(
    folder: Path, progress: Progress, patients: int = PATIENTS, visits: int = VISITS
) -> list[Path]:
    """Draws those radiographs that are not there yet, each with its truth beside it as JSON.

    Raises KnuckleError where they cannot be written.
    """
    from detector.phantom import draw  # here, since the start of the program needs no drawing

    _make(folder)
    paths = files(folder, patients, visits)
    for done, path in enumerate(paths):
        progress(done, len(paths), path.name)
        patient, visit = divmod(done, visits)
        truth = path.with_suffix(".json")
        if not (path.exists() and truth.exists()):
            phantom = draw(seed=patient + 1, visit=visit + 1, findings_rate=FINDINGS_RATE)
            _write(path, phantom, patient, visit)
            _write_truth(truth, phantom)
    return paths


def make_sample(
    studies: Studies, library: Library, folder: Path, by: Person, progress: Progress
) -> tuple[Study, ImportResult]:
    """The sample study with its images: drawn, cached in the folder, and imported."""
    paths = draw_sample(folder, progress)
    found = [study for study in studies.all() if study.name == NAME]
    study = found[0] if found else studies.create(NAME, PREFIX, by)
    return study, library.add(paths, study, by, progress)


def _write(path: Path, phantom: Phantom, patient: int, visit: int) -> None:
    from annotator.imaging.write import CrFacts, write_cr

    photometric, voi = LOOKS[(patient * VISITS + visit) % len(LOOKS)]
    facts = CrFacts(
        patient_id=f"PHANTOM-{patient + 1}",
        patient_name=NAMES[patient % len(NAMES)],
        sex="O",
        birth_date=dt.date(1950 + patient, 1, 1),
        study_date=FIRST_VISIT + dt.timedelta(days=37 * patient + 364 * visit),
        uid_key=f"knuckle sample {patient} {visit}",
        model="Phantom",
    )
    write_cr(path, phantom.pixels, facts, photometric=photometric, voi=voi, spacing_mm=phantom.spacing_mm)


def _write_truth(path: Path, phantom: Phantom) -> None:
    joints = [{"name": j.name, "box": list(j.box), "findings": list(j.findings)} for j in phantom.joints]
    unfinished = path.with_suffix(".part")
    try:
        unfinished.write_text(
            json.dumps({"right_on_left": phantom.right_on_left, "joints": joints}, indent=1)
        )
        os.replace(unfinished, path)
    except OSError as error:
        raise _unwritten(path.parent) from error


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritten(folder) from error


def _unwritten(folder: Path) -> KnuckleError:
    return KnuckleError(
        f"The sample radiographs cannot be written to {folder}.",
        "Make room on its disk, or allow your user to write there.",
    )
