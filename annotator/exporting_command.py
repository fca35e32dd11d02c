"""`knuckle export` and `knuckle compare-releases`: a study as files, and what two releases differ in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotator.app import House
from annotator.domain.errors import KnuckleError
from annotator.domain.export_policy import Policy, Whose
from annotator.domain.findings import Finding
from annotator.domain.images import Study
from annotator.domain.people import Person
from annotator.exchange.release_difference import difference
from annotator.store.exports import Exports
from annotator.terminal import known_studies, person_named
from annotator.workflow.exporting import Exporter, Form, Order
from annotator.workflow.jobs import Progress


@dataclass(frozen=True)
class Wanted:
    """What was typed. readings: signed, all, majority, or a reader's name. findings: their names, apart or
    with commas between; none means all. study: "" means the only one there is. out: None for a dry run."""

    form: str
    out: Path | None
    study: str = ""
    readings: str = Whose.SIGNED.value
    findings: Sequence[str] = ()
    merged: bool = False
    uncertain: bool = True
    not_assessable: bool = False
    seen: bool = True
    without_missing: bool = False


def exporter_of(house: House) -> Exporter:
    """Exports out of an open data folder."""
    return Exporter(Exports(house.database), house.administration.library)


def export(
    house: House, by: Person, wanted: Wanted, progress: Progress, *, as_json: bool
) -> tuple[dict[str, Any], bool]:
    """Export, or say what would be; what is printed, and whether it can be done. Raises KnuckleError."""
    exporter, order = exporter_of(house), _order(house, wanted)
    if wanted.out is None:
        preview = exporter.preview(order, by)
        found = preview.object
    else:
        done = exporter.export(order, wanted.out, by, progress)
        preview, found = done.preview, done.object
    if not as_json:
        found["left_out"] = [one.line for one in preview.selected.left_out]
    return found, preview.obstacle is None


def compare(before: Path, after: Path, *, as_json: bool) -> dict[str, Any]:
    """What two releases differ in. Raises KnuckleError for what is no release."""
    found = difference(before, after)
    return found.object if as_json else {"same": found.same, "differences": found.lines}


def _order(house: House, wanted: Wanted) -> Order:
    study = _study(house, wanted.study)
    whose, reader = _whose(house, wanted.readings)
    policy = Policy(
        study.id,
        whose,
        reader,
        _findings(wanted.findings),
        wanted.merged,
        wanted.uncertain,
        wanted.not_assessable,
        wanted.seen,
    )
    return Order(study, policy, _form(wanted.form), wanted.without_missing)


def _study(house: House, name: str) -> Study:
    known = known_studies(house.administration, name)
    if not known:
        raise KnuckleError("There is no study yet.", "Make one by an import: knuckle import.")
    if len(known) > 1:
        names = ", ".join(study.name for study in known)
        raise KnuckleError(f"There is more than one study: {names}.", "Say which with --study NAME.")
    return known[0]


def _whose(house: House, readings: str) -> tuple[Whose, str]:
    for whose in (Whose.SIGNED, Whose.ALL, Whose.MAJORITY):
        if readings == whose.value:
            return whose, ""
    return Whose.READER, person_named(house.administration, readings).name


def _findings(typed: Sequence[str]) -> frozenset[Finding]:
    names = [name.strip().lower() for text in typed for name in text.split(",") if name.strip()]
    known = {finding.value: finding for finding in Finding}
    for name in names:
        if name not in known:
            raise KnuckleError(f"There is no finding named {name}.", f"There are: {', '.join(known)}.")
    return frozenset(known[name] for name in names) or frozenset(Finding)


def _form(name: str) -> Form:
    try:
        return Form(name)
    except ValueError as error:
        there = ", ".join(form.value for form in Form)
        raise KnuckleError(f"There is no format named {name}.", f"There are: {there}.") from error
