"""Readings of one made-up patient to report on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading
from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.images import Image, ImportedFile
from annotator.domain.joints import JOINTS, Hands, joint_named
from annotator.domain.report import Look, Report, report_of
from annotator.domain.revealing import Reveal, RevealPolicy
from tests.proposal_samples import place

A, S, D = Finding.ANKYLOSIS, Finding.SUBLUXATION, Finding.DISLOCATION
FIRST = date(2015, 3, 1)


def said(
    name: str,
    *findings: Finding,
    probable: bool = False,
    confirmed: bool = True,
    not_assessable: NotAssessable | None = None,
) -> JointAnnotation:
    joint = joint_named(name)
    certainty = Certainty.PROBABLE if probable else Certainty.CERTAIN
    marks = tuple(Mark(finding, certainty) for finding in findings)
    box = None if not_assessable else place(joint)
    return JointAnnotation(joint, box, marks, not_assessable, confirmed)


def reading(
    image_id: int, *labels: JointAnnotation, facts: ImageFacts | None = None, signed: bool = False
) -> Reading:
    """All other joints are normal."""
    normal = {joint: said(joint.name) for joint in JOINTS}
    named = {label.joint: label for label in labels}
    return Reading(image_id, 1, facts or ImageFacts(), {**normal, **named}, signed, started=True)


def image(image_id: int, visit: int, *, day: date | None = None, patient: str = "K-015") -> Image:
    on = day or FIRST + timedelta(days=100 * (visit - 1))
    path, size = f"/films/{image_id}.dcm", (2400, 3000)
    hashes = ("a" * 64, "b" * 64, "c" * 64)
    file = ImportedFile(path, 1, *hashes, "1.2", *size, 10, "PA", on, on, ImageFacts())
    return Image(image_id, 1, patient, visit, file)


def reveal_before(before: Reading) -> Reveal:
    return Reveal(1, RevealPolicy.AT_ONCE, datetime(2020, 1, 1, tzinfo=UTC), before)


def two_visits() -> list[Look]:
    """Every kind of thing that can be said; one joint becomes worse, one is judged once only."""
    first = reading(
        1, said("R-PIP3", A), said("L-MP3", S, probable=True), said("L-IP1", A),
        said("L-PIP2", not_assessable=NotAssessable.CROPPED), said("L-PIP4", A, confirmed=False),
        said("R-MP5", confirmed=False),
        signed=True,
    )  # fmt: skip
    second = reading(2, said("R-PIP3", A), said("L-MP3", A, D), said("L-IP1", A))
    return [Look(image(1, 1), first), Look(image(2, 2), second, reveal_before(reading(2)))]


def many_visits(count: int) -> list[Look]:
    return [Look(image(n, n), replace(two_visits()[0].reading, image_id=n)) for n in range(1, count + 1)]


def report(looks: list[Look] | None = None, *, reader: str = "Dr. A", dates: bool = False) -> Report:
    return report_of(reader, looks or two_visits(), first=FIRST, dates=dates)


def every_state() -> Report:
    """What `two_visits` does not have: images that are not begun, half read, excluded, of one hand, twice a
    visit, and without a date."""
    half = replace(reading(3), annotations={joint_named("R-MP2"): said("R-MP2", A, confirmed=False)})
    cropped = [said("L-MP2", not_assessable=why) for why in NotAssessable]
    looks = [
        *two_visits(),
        Look(image(3, 3), half, reveal_before(half)),
        Look(image(4, 3), replace(half, annotations={}, started=False)),
        Look(image(5, 5), reading(5, facts=ImageFacts(excluded="blurred"), signed=True)),
        Look(image(6, 6), reading(6, facts=ImageFacts(excluded="blurred"))),
        *(Look(image(7 + n, 7 + n), reading(7 + n, one)) for n, one in enumerate(cropped)),
        Look(image(20, 20), reading(20, facts=ImageFacts(hands=Hands.RIGHT))),
    ]
    return report_of("Dr. A", looks, first=None, dates=True)
