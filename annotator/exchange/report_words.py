"""What a report says, in words: each text is translated whole, then names and numbers are filled in.

All of it is plain text, with what people typed as they typed it; a page escapes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from annotator.domain.annotations import ReadingState
from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.joints import JOINTS, Joint, Side
from annotator.domain.report import RESEARCH_ONLY, Report, ReportedJoint, ReportedVisit
from annotator.domain.revealing import Seen
from annotator.domain.scoring import NOTICE, JointChange, Points
from annotator.domain.words import Translate, counted, finding_word, in_english, reason_word

SIGNS = {Finding.ANKYLOSIS: "◆", Finding.SUBLUXATION: "▲", Finding.DISLOCATION: "■"}
NORMAL, NOT_ASSESSABLE, OPEN, NOTHING = "✓", "✕", "–", "–"
ROOMY = 3
"""Up to so many images, findings are written out in the table of joints."""


@dataclass(frozen=True, slots=True)
class Table:
    title: str
    headings: list[str]
    rows: list[list[str]]


@dataclass(frozen=True, slots=True)
class ReportWords:
    report: Report
    translate: Translate = in_english

    @property
    def language(self) -> str:
        #: No word, but the name of your language as HTML has it, such as ja.
        return self.translate("Report", "en")

    @property
    def title(self) -> str:
        return f"{self.report.patient_code}, {self._what}"

    @property
    def heading(self) -> str:
        text = self.translate("Report", "Patient {patient}: {what}")
        return text.format(patient=self.report.patient_code, what=self._what)

    @property
    def notice(self) -> str:
        notice, text = self.translate("Report", NOTICE), self.translate("Report", "{notice}. {research_only}")
        return text.format(
            notice=f"{notice[:1].upper()}{notice[1:]}",
            research_only=self.translate("Report", RESEARCH_ONLY),
        )

    def written_by(self, version: str) -> str:
        """version: of Knuckle."""
        text = self.translate("Report", "Read by {reader}. Written with Knuckle {version}.")
        return text.format(reader=self.report.reader, version=version)

    def caption(self, visit: ReportedVisit) -> str:
        if visit.day is None:
            text = self.translate("Report", "Visit {visit}: {state}")
        else:
            text = self.translate("Report", "Visit {visit}, day {day}: {state}")
        return text.format(visit=self._which(visit), day=visit.day, state=self._state(visit))

    @property
    def legend(self) -> str:
        """What the signs and the short words mean."""
        findings = [
            f"{SIGNS[one]} {finding_short(one, self.translate)}: {finding_word(one, self.translate)}"
            for one in Finding
        ]
        reasons = ", ".join(
            f"{reason_short(one, self.translate)} {reason_word(one, self.translate)}" for one in NotAssessable
        )
        rest = (
            self.translate("Report", "?: probable"),
            self.translate("Report", "✓ in a circle: normal"),
            self.translate("Report", "✕: not assessable ({reasons})").format(reasons=reasons),
            self.translate("Report", "– in a circle, open: not judged"),
        )
        return " · ".join([*findings, *rest])

    @property
    def visits(self) -> Table:
        title = self.translate(
            "Report", "Visits and contribution to the modified total Sharp score (special findings only)"
        )
        headings = [
            self.translate("Report", "Visit"),
            self.translate("Report", "Day"),
            *([self.translate("Report", "Date")] if self.report.dated else []),
            self.translate("Report", "Reading"),
            self.translate("Report", "Model"),
            self.translate("Report", "Joints judged"),
            self.translate("Report", "Erosion"),
            self.translate("Report", "JSN"),
            self.translate("Report", "Together"),
            self.translate("Report", "Change"),
        ]
        return Table(title, headings, [self._visit(visit) for visit in self.report.visits])

    @property
    def changes(self) -> Iterator[str]:
        """A line a change, with what was left out of it."""
        if any(visit.score.probable for visit in self.report.visits):
            yield self.translate("Report", "?: rests on a finding that the reader calls probable.")
        for visit in self.report.visits:
            change = visit.change
            if change is None:
                continue
            changed = ", ".join(_changed(one) for one in change.changed)
            left = self.translate("Report", "; judged only once, and left out: {joints}")
            yield counted(
                len(change.joints),
                self.translate(
                    "Report", "Visit {visit} against visit {since}, over {n} joint: {changed}{left}."
                ),
                self.translate(
                    "Report", "Visit {visit} against visit {since}, over {n} joints: {changed}{left}."
                ),
                visit=self._which(visit),
                since=visit.since,
                changed=changed or self.translate("Report", "no joint changed"),
                left=left.format(joints=_names(change.left_out)) if change.left_out else "",
            )

    @property
    def joints(self) -> Table:
        """Ten rows, the right hand's images and then the left hand's in columns."""
        visits = self.report.visits
        sides = (
            self.translate("Report", "Right, visit {visit}"),
            self.translate("Report", "Left, visit {visit}"),
        )
        headings = [
            self.translate("Report", "Joint"),
            *(side.format(visit=self._which(visit)) for side in sides for visit in visits),
        ]
        rows = []
        for joint in (one for one in JOINTS if one.side is Side.RIGHT):
            both = [self._cell(visit, one) for one in (joint, joint.mirrored) for visit in visits]
            rows.append([joint.name.removeprefix("R-"), *both])
        return Table(self.translate("Report", "Joints"), headings, rows)

    @property
    def unjudged(self) -> Iterator[str]:
        for visit in self.report.visits:
            if not visit.excluded:
                joints = ", ".join(f"{one.joint} ({self._why(one)})" for one in visit.unjudged)
                text = self.translate("Report", "Not judged at visit {visit}: {joints}.")
                yield text.format(visit=self._which(visit), joints=joints or self.translate("Report", "none"))

    @property
    def rule(self) -> Table:
        table, title = self.report.table, self.translate("Report", "The rule: {name}, version {version}")
        headings = [
            self.translate("Report", "Finding"),
            self.translate("Report", "Erosion"),
            self.translate("Report", "JSN"),
        ]
        rows = [
            [finding_word(rule.finding, self.translate), str(rule.erosion), str(rule.jsn)]
            for rule in table.rules
        ]
        name = self.translate("Report", table.name)
        return Table(title.format(name=name, version=table.version), headings, rows)

    @property
    def rule_notes(self) -> Iterator[str]:
        table = self.report.table
        if table.without_jsn:
            text = self.translate("Report", "{kinds}: no JSN (joint space narrowing).")
            yield text.format(kinds=", ".join(table.without_jsn))
        yield self.translate(
            "Report",
            "Of two findings of a joint the larger of each count stands. A probable finding counts as a "
            "certain one. A joint that is not judged counts nothing, which is not zero. (a + b) is erosion + "
            "JSN.",
        )
        text = self.translate("Report", "Source: {source}.")
        yield text.format(source=self.translate("Report", table.source))

    @property
    def _what(self) -> str:
        if not self.report.whole:
            text = self.translate("Report", "report of visit {visit}")
            return text.format(visit=self.report.visits[0].visit)
        return counted(
            len(self.report.visits),
            self.translate("Report", "report over {n} image"),
            self.translate("Report", "report over {n} images"),
        )

    def _which(self, visit: ReportedVisit) -> str:
        """ "2", or "2 (image 17)" where the visit has several."""
        if visit.visit not in self.report.crowded:
            return str(visit.visit)
        text = self.translate("Report", "{visit} (image {image})")
        return text.format(visit=visit.visit, image=visit.image_id)

    def _visit(self, visit: ReportedVisit) -> list[str]:
        unknown = self.translate("Report", "not known")
        day = unknown if visit.day is None else str(visit.day)
        dates = [visit.date.isoformat() if visit.date else unknown] if self.report.dated else []
        about = [self._which(visit), day, *dates, self._state(visit), self._seen(visit.seen)]
        if visit.excluded:
            return [*about, *[NOTHING] * 5]
        points, judged = visit.score.points, len(visit.score.joints)
        probable = " ?" if visit.score.probable else ""
        counts = [f"{count}{probable}" for count in (points.erosion, points.jsn, points.total)]
        share = self.translate("Report", "{judged} of {expected}")
        return [
            *about,
            share.format(judged=judged, expected=len(visit.joints)),
            *(counts if judged else [NOTHING] * 3),
            self._change(visit),
        ]

    def _change(self, visit: ReportedVisit) -> str:
        if visit.change is None:
            return NOTHING
        text = self.translate("Report", "{points} since visit {visit}")
        return text.format(points=_signed(visit.change.points.total), visit=visit.since)

    def _state(self, visit: ReportedVisit) -> str:
        if visit.excluded and visit.signed:
            return self.translate("Report", "image excluded, signed")
        if visit.excluded:
            return self.translate("Report", "image excluded, not signed")
        return {
            ReadingState.NEW: self.translate("Report", "not begun"),
            ReadingState.IN_PROGRESS: self.translate("Report", "in progress, not signed"),
            ReadingState.COMPLETE: self.translate("Report", "complete, not signed"),
            ReadingState.SIGNED: self.translate("Report", "signed"),
        }[visit.state]

    def _seen(self, seen: Seen) -> str:
        return {
            Seen.NO: self.translate("Report", "not seen"),
            Seen.AFTERWARDS: self.translate("Report", "seen afterwards"),
            Seen.YES: self.translate("Report", "seen"),
        }[seen]

    def _why(self, one: ReportedJoint) -> str:
        if one.said.not_assessable is not None:
            text = self.translate("Report", "not assessable: {reason}")
            return text.format(reason=reason_word(one.said.not_assessable, self.translate))
        if one.said.box is None:
            return self.translate("Report", "no box")
        return self.translate("Report", "not confirmed")

    def _cell(self, visit: ReportedVisit, joint: Joint) -> str:
        one = visit.of(joint)
        if one is None and visit.excluded:
            return self.translate("Report", "excluded")
        if one is None:
            return self.translate("Report", "not on image")
        said, roomy = one.said, len(self.report.visits) <= ROOMY
        if said.not_assessable is not None:
            return f"{NOT_ASSESSABLE} {reason_word(said.not_assessable, self.translate)}"
        if said.marks:
            told = " ".join(self._mark(mark, roomy=roomy) for mark in said.marks)
            return f"{told} ({_points(one.score.points)})" if one.score else self._open(told, roomy=roomy)
        if said.confirmed:
            return f"{NORMAL} " + self.translate("Report", "normal") if roomy else NORMAL
        open_ = self.translate("Report", "no box") if said.box is None else self.translate("Report", "open")
        return f"{OPEN} {open_}"

    def _mark(self, mark: Mark, *, roomy: bool) -> str:
        word = finding_word if roomy else finding_short
        doubt = "?" if mark.certainty is Certainty.PROBABLE else ""
        return f"{SIGNS[mark.finding]} {word(mark.finding, self.translate)}{doubt}"

    def _open(self, told: str, *, roomy: bool) -> str:
        if roomy:
            return self.translate("Report", "{findings}, not confirmed").format(findings=told)
        return self.translate("Report", "{findings}, open").format(findings=told)


def finding_short(finding: Finding, translate: Translate) -> str:
    return {
        Finding.ANKYLOSIS: translate("Report", "ank."),
        Finding.SUBLUXATION: translate("Report", "sub."),
        Finding.DISLOCATION: translate("Report", "dis."),
    }[finding]


def reason_short(reason: NotAssessable, translate: Translate) -> str:
    return {
        NotAssessable.CROPPED: translate("Report", "crop."),
        NotAssessable.AMPUTATED: translate("Report", "amp."),
        NotAssessable.IMPLANT: translate("Report", "impl."),
        NotAssessable.OVERLAP: translate("Report", "overl."),
        NotAssessable.NOT_VISIBLE: translate("Report", "not v."),
    }[reason]


def _changed(one: JointChange) -> str:
    return f"{one.joint} {_points(one.before)} → {_points(one.after)} ({_signed(one.points.total)})"


def _names(joints: Iterable[Joint]) -> str:
    return ", ".join(joint.name for joint in joints)


def _points(points: Points) -> str:
    return f"{points.erosion}\u00a0+\u00a0{points.jsn}"


def _signed(count: int) -> str:
    return f"+{count}" if count > 0 else str(count).replace("-", "−")
