"""`knuckle import-labels` and `knuckle import-set`: what others labelled, as proposals with their origin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from annotator.app import House
from annotator.domain.errors import KnuckleError
from annotator.domain.people import Person
from annotator.exchange.label_files import LabelForm
from annotator.terminal import known_studies, study_named
from annotator.workflow.foreign_set import ForeignSet
from annotator.workflow.jobs import Progress
from annotator.workflow.label_import import Imported, LabelImporter


def importer_of(house: House) -> LabelImporter:
    """Brings labels into an open data folder."""
    return house.label_importer()


def import_labels(
    house: House,
    by: Person,
    file: Path,
    form: str,
    study: str,
    reader: str,
    progress: Progress,
    *,
    as_json: bool,
) -> tuple[dict[str, Any], bool]:
    """What is printed, and whether all was brought in. reader: "" for all there are. Raises KnuckleError."""
    known = known_studies(house.administration, study)
    if not known:
        raise KnuckleError("There is no study yet.", "Make one by an import: knuckle import.")
    chosen = study_named(house.administration, study, by)
    images = house.administration.studies.images(chosen.id)
    done = importer_of(house).add(file, _form(form), chosen, images, by, progress, reader or None)
    return _told(done.object, done, as_json), not done.refused


def import_set(
    house: House,
    by: Person,
    coco: Path,
    mapping: Path,
    images: Path,
    out: Path,
    study: str,
    progress: Progress,
    *,
    as_json: bool,
) -> tuple[dict[str, Any], bool]:
    """What is printed, and whether all was brought in. Raises KnuckleError."""
    foreign = ForeignSet.read(coco, mapping)
    chosen = study_named(house.administration, study, by)
    library, studies = house.administration.library, house.administration.studies
    done = foreign.bring(images, out, chosen, (library, studies, importer_of(house)), by, progress)
    return _told(done.object, done.imported, as_json), not done.refused


def _told(found: dict[str, Any], imported: Imported, as_json: bool) -> dict[str, Any]:
    return found if as_json else {**found, "imported": [one.line for one in imported.taken]}


def _form(name: str) -> LabelForm:
    try:
        return LabelForm(name)
    except ValueError as error:
        there = ", ".join(form.value for form in LabelForm)
        raise KnuckleError(f"There is no format named {name}.", f"There are: {there}.") from error
