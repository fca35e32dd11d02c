"""What a report says of one patient by one reader, visit by visit.

Findings, what they contribute by a versioned table, what changed, and what was not judged. Comments and the
reason why an image is excluded stay out of it: they are free text, which may name somebody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from annotator.domain.annotations import JointAnnotation, Reading, ReadingState
from annotator.domain.images import Image
from annotator.domain.joints import JOINTS, Hands, Joint
from annotator.domain.revealing import Reveal, Seen, seen
from annotator.domain.scoring import PAPER, JointScore, ReadingScore, RuleTable, ScoreChange, reading_score
from annotator.domain.scoring import change as score_change
from annotator.domain.words import QT_TRANSLATE_NOOP

RESEARCH_ONLY = QT_TRANSLATE_NOOP("Report", "Research use only, not for diagnosis.")


@dataclass(frozen=True, slots=True)
class Look:
    """One image as one reader read it. reveal: when the reader first saw proposals of it."""

    image: Image
    reading: Reading
    reveal: Reveal | None = None


@dataclass(frozen=True, slots=True)
class ReportedJoint:
    """said: empty where the reader said nothing. score: None where the joint was not judged."""

    joint: Joint
    said: JointAnnotation
    score: JointScore | None


@dataclass(frozen=True, slots=True)
class ReportedVisit:
    """One image. day: since the patient's first visit, None where a date is not known. date: only where dates
    were asked for. joints: those the image is expected to show, in the order of JOINTS. since, change: from
    which earlier visit of the report, and what changed; None where there is none to compare with.
    """

    image_id: int
    visit: int
    day: int | None
    date: date | None
    hands: Hands
    excluded: bool
    state: ReadingState
    seen: Seen
    joints: tuple[ReportedJoint, ...]
    score: ReadingScore
    since: int | None = None
    change: ScoreChange | None = None

    @property
    def signed(self) -> bool:
        return self.state is ReadingState.SIGNED

    def of(self, joint: Joint) -> ReportedJoint | None:
        """None where the image does not show the joint, or is not read at all."""
        return next((one for one in self.joints if one.joint == joint), None)

    @property
    def unjudged(self) -> tuple[ReportedJoint, ...]:
        return tuple(one for one in self.joints if one.score is None)


@dataclass(frozen=True, slots=True)
class Report:
    """visits: by visit, then by image. whole: all images of the patient, not one that was chosen."""

    patient_code: str
    reader: str
    table: RuleTable
    visits: tuple[ReportedVisit, ...]
    whole: bool = True

    @property
    def dated(self) -> bool:
        return any(visit.date is not None for visit in self.visits)

    @property
    def crowded(self) -> frozenset[int]:
        """The visits with more than one image, which are told apart by the image's number."""
        visits = [one.visit for one in self.visits]
        return frozenset(visit for visit in visits if visits.count(visit) > 1)


def report_of(
    reader: str,
    looks: Iterable[Look],
    *,
    first: date | None,
    table: RuleTable = PAPER,
    dates: bool = False,
    whole: bool = True,
) -> Report:
    """A report of what one reader said of one patient.

    reader: the name. first: date of the patient's first visit in the study. dates: with dates, which can tell
    who the patient is. Raises ValueError without images, and for those of several patients or readers.
    """
    ordered = sorted(looks, key=lambda look: (look.image.visit, look.image.id))
    if len({(look.image.study_id, look.image.patient_code) for look in ordered}) != 1:
        raise ValueError("a report is of one patient")
    if len({look.reading.reader_id for look in ordered}) != 1:
        raise ValueError("a report is by one reader")
    visits: list[ReportedVisit] = []
    for look in ordered:
        visits.append(_visit(look, visits, first, table, dates=dates))
    return Report(ordered[0].image.patient_code, reader, table, tuple(visits), whole)


def model_seen(reading: Reading, reveal: Reveal | None) -> Seen:
    """Of a reading as a whole. Afterwards: nothing of it has changed since the reader saw the model."""
    labels = [reading.of(joint) for joint in JOINTS]
    told = {seen(label, reveal) for label in labels if label.joint in reading.annotations}
    if reveal is None:
        return Seen.NO
    if not told:  # whatever will be said of it, the model was seen before
        return Seen.YES
    as_before = set(reveal.before.annotations) == set(reading.annotations)
    return Seen.AFTERWARDS if told <= {Seen.AFTERWARDS} and as_before else Seen.YES


def _visit(
    look: Look, earlier: Sequence[ReportedVisit], first: date | None, table: RuleTable, *, dates: bool
) -> ReportedVisit:
    reading, on = look.reading, look.image.file.study_date
    score = reading_score(reading, table)
    before = next((one for one in reversed(earlier) if _comparable(one, look)), None)
    return ReportedVisit(
        image_id=look.image.id,
        visit=look.image.visit,
        day=(on - first).days if on is not None and first is not None else None,
        date=on if dates else None,
        hands=reading.facts.hands,
        excluded=bool(reading.facts.excluded),
        state=reading.state,
        seen=model_seen(reading, look.reveal),
        joints=tuple(ReportedJoint(joint, reading.of(joint), score.of(joint)) for joint in reading.expected),
        score=score,
        since=before.visit if before else None,
        change=score_change(before.score, score) if before else None,
    )


def _comparable(before: ReportedVisit, look: Look) -> bool:
    """An earlier visit of which some joint is judged there and here."""
    judged = {one.joint for one in before.score.joints}
    return before.visit < look.image.visit and any(
        one.joint in judged for one in reading_score(look.reading).joints
    )
