"""A report as one page of HTML that needs nothing else: no script, no picture or style from elsewhere.

Its parts are kept apart as well, so that the same words and drawings can be painted on paper. Everything
that people typed is escaped. The same report gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from annotator import __version__
from annotator.domain.annotations import ReadingState
from annotator.domain.findings import Certainty, Finding, Mark
from annotator.domain.joints import JOINTS, Joint, Side
from annotator.domain.report import RESEARCH_ONLY, Report, ReportedJoint, ReportedVisit
from annotator.domain.revealing import Seen
from annotator.domain.scoring import NOTICE, JointChange, Points, RuleTable
from annotator.exchange.report_figure import LEGEND, figure
from annotator.exchange.whole import whole_file

SIGNS = {Finding.ANKYLOSIS: "◆", Finding.SUBLUXATION: "▲", Finding.DISLOCATION: "■"}
NORMAL, NOT_ASSESSABLE, OPEN = "✓", "✕", "–"
ROOMY = 3
"""Up to so many images, findings are written out in the table of joints."""
_SHORT = {Finding.ANKYLOSIS: "ank.", Finding.SUBLUXATION: "sub.", Finding.DISLOCATION: "dis."}
_SEEN = {Seen.NO: "not seen", Seen.AFTERWARDS: "seen afterwards", Seen.YES: "seen"}
_STATES = {
    ReadingState.NEW: "not begun",
    ReadingState.IN_PROGRESS: "in progress, not signed",
    ReadingState.COMPLETE: "complete, not signed",
    ReadingState.SIGNED: "signed",
}
_COUNTING = (
    "Of two findings of a joint the larger of each count stands. A probable finding counts as a certain one. "
    "A joint that is not judged counts nothing, which is not zero. (a + b) is erosion + JSN."
)
_CSS = """
@page { size: A4; margin: 12mm; }
body { font: 13px/1.35 "Knuckle Sans", "Helvetica Neue", Arial, "Noto Sans CJK JP", sans-serif;
  color: #16191d; background: #fff; max-width: 60em; margin: 1.2em auto; padding: 0 1em; }
h1 { font-size: 20px; margin: 0 0 .2em; } h2 { font-size: 14px; margin: 1.1em 0 .3em; }
p { margin: .3em 0; } .mark { font-weight: bold; border: 2px solid #16191d; padding: .3em .6em; }
.small { font-size: 11px; color: #454c57; } table { border-collapse: collapse; }
th, td { border: 1px solid #9aa2ad; padding: 2px 6px; text-align: left; vertical-align: top; }
th { background: #eceff3; } td.number { text-align: right; }
.figures { display: flex; flex-wrap: wrap; gap: 6px; }
figure { margin: 0; flex: 1 1 45%; min-width: 320px; border: 1px solid #9aa2ad; }
figcaption { font-weight: bold; padding: 3px 6px; } svg { width: 100%; height: auto; display: block; }
@media print { body { font-size: 8.5pt; margin: 0; max-width: none; padding: 0; }
  figure { min-width: 40%; break-inside: avoid; } tr { break-inside: avoid; } }
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """caption: plain text. svg: a whole drawing."""

    caption: str
    svg: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """title: plain text. head, tables: HTML between which the figures stand."""

    title: str
    head: str
    figures: tuple[Figure, ...]
    tables: str

    @property
    def html(self) -> str:
        """The whole page."""
        figures = "".join(
            f"<figure><figcaption>{escape(one.caption)}</figcaption>{one.svg}</figure>\n"
            for one in self.figures
        )
        return (
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "style-src 'unsafe-inline'\">\n"
            f"<title>{escape(self.title)}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n{self.head}"
            f'<div class="figures">\n{figures}</div>\n{self.tables}</body>\n</html>\n'
        )


def page_of(report: Report) -> ReportPage:
    """The report in words and drawings."""
    drawn = tuple(
        Figure(caption, figure(visit, f"{report.patient_code}, {caption}"))
        for visit in report.visits
        for caption in (_caption(report, visit),)
    )
    return ReportPage(f"{report.patient_code}, {_what(report)}", _head(report), drawn, _tables(report))


def write(out: Path, content: bytes) -> None:
    """A file that is not there yet. Raises KnuckleError, and nothing is left behind."""
    with whole_file(out) as part:
        part.write_bytes(content)


def _what(report: Report) -> str:
    count = len(report.visits)
    if report.whole:
        return f"report over {count} image{'' if count == 1 else 's'}"
    return f"report of visit {report.visits[0].visit}"


def _head(report: Report) -> str:
    return (
        f"<h1>Patient {escape(report.patient_code)}: {escape(_what(report))}</h1>\n"
        f'<p class="mark">{escape(NOTICE[0].upper() + NOTICE[1:])}. {escape(RESEARCH_ONLY)}</p>\n'
        f"<p>Read by {escape(report.reader)}. Written with Knuckle {escape(__version__)}.</p>\n"
    )


def _tables(report: Report) -> str:
    parts = [
        f'<p class="small">{escape(LEGEND)}</p>\n',
        "<h2>Visits and contribution to the modified total Sharp score (special findings only)</h2>\n",
        _table(_visit_headings(report), [_visit_row(report, visit) for visit in report.visits], numbers=True),
        _list(_changes(report)),
        "<h2>Joints</h2>\n",
        _joints(report),
        _list(_unjudged(report)),
        f"<h2>The rule: {escape(report.table.name)}, version {escape(report.table.version)}</h2>\n",
        _rule(report.table),
    ]
    return "".join(parts)


def _visit_headings(report: Report) -> list[str]:
    dates = ["Date"] if report.dated else []
    scores = ["Erosion", "JSN", "Together"]
    return ["Visit", "Day", *dates, "Reading", "Model", "Joints judged", *scores, "Change"]


def _visit_row(report: Report, visit: ReportedVisit) -> list[str]:
    day = "not known" if visit.day is None else str(visit.day)
    dates = [visit.date.isoformat() if visit.date else "not known"] if report.dated else []
    about = [_short_caption(report, visit), day, *dates, _state(visit), _SEEN[visit.seen]]
    if visit.excluded:
        return [*about, *["–"] * 5]
    points, judged, expected = visit.score.points, len(visit.score.joints), len(visit.joints)
    probable = " ?" if visit.score.probable else ""
    counts = [f"{points.erosion}{probable}", f"{points.jsn}{probable}", f"{points.total}{probable}"]
    if not judged:
        counts = ["–"] * 3
    change = visit.change
    told = "–" if change is None else f"{_signed(change.points.total)} since visit {visit.since}"
    return [*about, f"{judged} of {expected}", *counts, told]


def _changes(report: Report) -> Iterator[str]:
    """A line a change, with what was left out of it."""
    if any(visit.score.probable for visit in report.visits):
        yield "?: rests on a finding that the reader calls probable."
    for visit in report.visits:
        change = visit.change
        if change is None:
            continue
        changed = ", ".join(_changed(one) for one in change.changed) or "no joint changed"
        left = f"; judged only once, and left out: {_names(change.left_out)}" if change.left_out else ""
        which = _short_caption(report, visit)
        yield f"Visit {which} against visit {visit.since}, over {len(change.joints)} joints: {changed}{left}."


def _changed(one: JointChange) -> str:
    return f"{one.joint} {_points(one.before)} → {_points(one.after)} ({_signed(one.points.total)})"


def _unjudged(report: Report) -> Iterator[str]:
    for visit in report.visits:
        if visit.excluded:
            continue
        joints = ", ".join(f"{one.joint} ({_why(one)})" for one in visit.unjudged) or "none"
        yield f"Not judged at visit {_short_caption(report, visit)}: {joints}."


def _why(one: ReportedJoint) -> str:
    if one.said.not_assessable is not None:
        return f"not assessable: {one.said.not_assessable.value}"
    return "not confirmed" if one.said.box is not None else "no box"


def _joints(report: Report) -> str:
    """Ten rows, the right hand's images and then the left hand's in columns."""
    captions = [_short_caption(report, visit) for visit in report.visits]
    headings = [
        "Joint",
        *(f"{side}, visit {caption}" for side in ("Right", "Left") for caption in captions),
    ]
    rows = []
    for joint in (one for one in JOINTS if one.side is Side.RIGHT):
        both = [_cell(report, visit, one) for one in (joint, joint.mirrored) for visit in report.visits]
        rows.append([joint.name.removeprefix("R-"), *both])
    return _table(headings, rows)


def _cell(report: Report, visit: ReportedVisit, joint: Joint) -> str:
    one = visit.of(joint)
    if one is None:
        return "excluded" if visit.excluded else "not on image"
    said, roomy = one.said, len(report.visits) <= ROOMY
    if said.not_assessable is not None:
        return f"{NOT_ASSESSABLE} {said.not_assessable.value}"
    if said.marks:
        told = " ".join(_mark(mark, roomy=roomy) for mark in said.marks)
        if one.score is None:
            return f"{told}, {'not confirmed' if roomy else 'open'}"
        return f"{told} ({_points(one.score.points)})"
    if said.confirmed:
        return f"{NORMAL} normal" if roomy else NORMAL
    return f"{OPEN} open" if said.box is not None else f"{OPEN} no box"


def _mark(mark: Mark, *, roomy: bool) -> str:
    doubt = "?" if mark.certainty is Certainty.PROBABLE else ""
    return f"{SIGNS[mark.finding]} {mark.finding.value if roomy else _SHORT[mark.finding]}{doubt}"


def _rule(table: RuleTable) -> str:
    rows = [[rule.finding.value, str(rule.erosion), str(rule.jsn)] for rule in table.rules]
    kinds = ", ".join(table.without_jsn)
    notes = [
        *([f"{kinds}: no JSN (joint space narrowing)."] if kinds else []),
        _COUNTING,
        f"Source: {table.source}.",
    ]
    return _table(["Finding", "Erosion", "JSN"], rows, numbers=True, width="40%") + _list(notes)


def _caption(report: Report, visit: ReportedVisit) -> str:
    day = "" if visit.day is None else f", day {visit.day}"
    return f"Visit {_short_caption(report, visit)}{day}: {_state(visit)}"


def _state(visit: ReportedVisit) -> str:
    if visit.excluded:
        return f"image excluded, {'signed' if visit.signed else 'not signed'}"
    return _STATES[visit.state]


def _short_caption(report: Report, visit: ReportedVisit) -> str:
    """ "2", or "2 (image 17)" where the visit has several."""
    return f"{visit.visit} (image {visit.image_id})" if visit.visit in report.crowded else str(visit.visit)


def _names(joints: Iterable[Joint]) -> str:
    return ", ".join(joint.name for joint in joints)


def _points(points: Points) -> str:
    return f"{points.erosion}\u00a0+\u00a0{points.jsn}"


def _signed(count: int) -> str:
    return f"+{count}" if count > 0 else str(count).replace("-", "−")


def _list(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>\n" for line in lines)


def _table(
    headings: list[str], rows: Iterable[list[str]], *, numbers: bool = False, width: str = "100%"
) -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in headings)
    body = "".join(f"<tr>{''.join(_data(text, numbers) for text in row)}</tr>\n" for row in rows)
    return f'<table width="{width}" cellspacing="0">\n<tr>{head}</tr>\n{body}</table>\n'


def _data(text: str, numbers: bool) -> str:
    is_number = numbers and text.removesuffix(" ?").lstrip("+−-").isdigit()
    return (
        f'<td class="number" align="right">{escape(text)}</td>' if is_number else f"<td>{escape(text)}</td>"
    )
