"""The sample study: drawn radiographs with known truth, so that everything can be tried without a patient."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from itertools import count
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
MARK = "study.txt"
"""In the folder: which study is the sample, and whether all of it was imported."""
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


def find(studies: Studies, folder: Path) -> Study | None:
    """The study that was made for the sample in this folder, whatever it or another study is called.

    Where the folder was lost, it is the study of that name that has an image from there.
    """
    known, (mark, _) = studies.all(), _read_mark(folder)
    if mark:
        return next((study for study in known if _mark(studies, study) == mark), None)
    drawn = {str(path.resolve()) for path in files(folder)}
    named = (study for study in known if study.name == NAME)
    return next((s for s in named if any(i.file.path in drawn for i in studies.images(s.id))), None)


def found_or_made(studies: Studies, folder: Path, by: Person) -> Study:
    """The sample study, made (without images) where there is none. Raises KnuckleError as `draw_sample`."""
    study = find(studies, folder)
    if study is None:
        _make(folder)
        taken = {study.name for study in studies.all()}
        names = (NAME if n == 1 else f"{NAME} {n}" for n in count(1))
        study = studies.create(next(name for name in names if name not in taken), PREFIX, by)
        _write_mark(folder, _mark(studies, study), complete=False)
    return study


def is_complete(studies: Studies, study: Study, folder: Path) -> bool:
    """The whole sample lies in the folder, and was imported once; what was withdrawn since stays so."""
    drawn = all(path.exists() and path.with_suffix(".json").exists() for path in files(folder))
    return drawn and _read_mark(folder) == (_mark(studies, study), True)


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
    study = found_or_made(studies, folder, by)
    result = library.add(paths, study, by, progress)
    _write_mark(folder, _mark(studies, study), complete=not result.refused)
    return study, result


def _mark(studies: Studies, study: Study) -> str:
    """What tells a study from every other one, of other databases too: its number and name do not."""
    return hashlib.sha256(b"knuckle sample" + studies.salt(study.id)).hexdigest()


def _read_mark(folder: Path) -> tuple[str, bool]:
    """The mark of the sample study, and whether it is complete; "" where there is no mark to be read."""
    try:
        mark, complete = (folder / MARK).read_text("ascii").split()
    except (OSError, ValueError):
        return "", False
    return mark, complete == "complete"


def _write_mark(folder: Path, mark: str, *, complete: bool) -> None:
    _write_whole(folder / MARK, f"{mark} {'complete' if complete else 'begun'}\n")


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
    _write_whole(path, json.dumps({"right_on_left": phantom.right_on_left, "joints": joints}, indent=1))


def _write_whole(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".part")
    try:
        unfinished.write_text(text, "ascii")
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
