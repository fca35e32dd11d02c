"""`knuckle report`: a page about a patient or an image, without a window."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotator.app import House
from annotator.domain.errors import KnuckleError
from annotator.domain.images import Image
from annotator.domain.people import Person
from annotator.domain.report import RESEARCH_ONLY, Report
from annotator.domain.scoring import NOTICE
from annotator.exchange import report_page
from annotator.terminal import known_studies, person_named
from annotator.workflow.reporting import Reporting, ReportPage


@dataclass(frozen=True)
class Wanted:
    """patient: a code, else image: the file of one radiograph. study: "" means all studies. reader: "" means
    the only one who has read it. out: ends in .html or .pdf, and is not there yet."""

    out: Path
    patient: str = ""
    image: Path | None = None
    study: str = ""
    reader: str = ""
    dates: bool = False


def report(house: House, by: Person, wanted: Wanted) -> dict[str, Any]:
    """Write the page, and say what is in it. Raises KnuckleError, and then nothing is written."""
    written = _WRITTEN.get(wanted.out.suffix.lower())
    if written is None:
        raise KnuckleError(
            f"A report cannot be written as {wanted.out.name}.", "Let its name end in .html or .pdf."
        )
    reporting = house.reporting()
    image = _chosen(house, wanted)
    about = reporting.images_of(image) if wanted.patient else [image]
    reader = _reader(house, reporting, about, wanted.reader)
    gather = reporting.of_patient if wanted.patient else reporting.of_image
    found = gather(image, reader, by, dates=wanted.dates)
    report_page.write(wanted.out, written(report_page.page_of(found)))
    return _told(found, wanted.out)


def in_lines(told: dict[str, Any]) -> dict[str, Any]:
    """What `report` returns, with a line a visit for people."""
    visits = [
        f"visit {one['visit']}, {one['state']}, {one['judged']} of {one['expected']} joints judged"
        + (f": erosion {one['erosion']}, JSN {one['jsn']}" if one["judged"] else "")
        + (f", {one['change']:+d} since visit {one['since_visit']}" if one["change"] is not None else "")
        for one in told["visits"]
    ]
    return {**told, "visits": visits}


def _told(found: Report, out: Path) -> dict[str, Any]:
    visits = [
        {
            "visit": visit.visit,
            "day": visit.day,
            "state": visit.state.value,
            "seen_model": visit.seen.value,
            "judged": len(visit.score.joints),
            "expected": len(visit.joints),
            "erosion": visit.score.points.erosion,
            "jsn": visit.score.points.jsn,
            "change": visit.change.points.total if visit.change else None,
            "since_visit": visit.since,
        }
        for visit in found.visits
    ]
    about = {"notice": RESEARCH_ONLY, "score": NOTICE, "rule": f"{found.table.name} {found.table.version}"}
    return {**about, "patient": found.patient_code, "reader": found.reader, "out": str(out), "visits": visits}


def _chosen(house: House, wanted: Wanted) -> Image:
    """An image of the patient, or the one whose file is named."""
    if bool(wanted.patient) == (wanted.image is not None):
        raise KnuckleError("A report is of one patient or of one image.", "Give --patient or --image.")
    known = known_studies(house.administration, wanted.study)
    images = [image for study in known for image in house.administration.studies.images(study.id)]
    if wanted.image is None:
        found = [image for image in images if image.patient_code == wanted.patient.strip()]
        what = f"There is no patient {wanted.patient}."
    else:
        path = os.path.realpath(wanted.image)
        found = [image for image in images if image.file.path == path]
        what = f"{wanted.image.name} is no image of the data folder."
    if not found:
        raise KnuckleError(what, "See what is there in the worklist, or import it first.")
    if len({image.study_id for image in found}) > 1:
        raise KnuckleError("More than one study has it.", "Say which with --study NAME.")
    return found[0]


def _reader(house: House, reporting: Reporting, images: list[Image], name: str) -> Person:
    if name:
        return person_named(house.administration, name)
    known = reporting.readers([image.id for image in images])
    if not known:
        raise KnuckleError("Nobody has read this yet.", "Read it first.")
    if len(known) > 1:
        names = ", ".join(person.name for person in known)
        raise KnuckleError(f"Several have read this: {names}.", "Say whose reading with --reader NAME.")
    return known[0]


def _html(page: ReportPage) -> bytes:
    return page.html.encode("utf-8")


def _pdf(page: ReportPage) -> bytes:
    """Drawn by Qt without a display, with the letters that Knuckle brings along."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from annotator.desktop import application
    from annotator.ui.report_drawing import ReportDrawing

    application()
    return ReportDrawing(page).pdf()


_WRITTEN: dict[str, Callable[[ReportPage], bytes]] = {".html": _html, ".htm": _html, ".pdf": _pdf}
