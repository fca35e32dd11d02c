"""report.html: one page with everything in it, which opens without a network."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from importlib.resources import files
from itertools import groupby

from detector.measuring.cases import CaseKind
from detector.measuring.scoring import ENSEMBLE, Evaluation
from detector.report import paper
from detector.report.charts import Figure, figures
from detector.report.comparisons import scans
from detector.report.gallery import MOST_PICTURES, Pixels, pictures
from detector.report.hands import hands
from detector.report.markdown import joints
from detector.report.table import Row, Table
from detector.report.tables import all_tables
from detector.report.values import Report
from detector.report.words import NONE, RESEARCH, UNDEFINED, count, interval, number

PLURALS = {CaseKind.FALSE_BOX: "false boxes"} | {
    kind: f"{kind}s" for kind in CaseKind if kind is not CaseKind.FALSE_BOX
}


def page(report: Report, pixels: Pixels) -> str:
    """The whole page. pixels: reads an image for the gallery; what it raises goes through."""
    return "\n".join(parts(report, pixels)) + "\n"


def parts(report: Report, pixels: Pixels) -> Iterator[str]:
    title = escape(report.title)
    yield f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    style = files("detector.report").joinpath("style.css").read_text("utf-8")
    yield f"<style>\n{style}</style></head><body><main>"
    yield f'<p class="research">{RESEARCH}</p><h1>{title}</h1>'
    facts = "".join(fact(name, said) for name, said in report.facts.items())
    yield f'<dl class="facts">{facts}</dl>'
    if report.choice is not None:
        yield f"<h2>Both scans</h2><p><strong>{escape(report.choice.sentence)}</strong></p>"
        yield table(scans(report.choice))
    for name, evaluation in report.evaluations.items():
        yield from section(report, name, evaluation, pixels)
    yield f"<footer><p>Paper: {escape(paper.CITATION)}.</p><p>{RESEARCH}</p></footer></main></body></html>"


def fact(name: str, said: str) -> str:
    style = ' class="warning"' if name.isupper() else ""
    return f"<dt{style}>{escape(name)}</dt><dd{style}>{escape(said)}</dd>"


def section(report: Report, name: str, evaluation: Evaluation, pixels: Pixels) -> Iterator[str]:
    """Everything about one scan."""
    yield f'<h2 id="{escape(name)}">Scan: {escape(name)}</h2>'
    yield f'<div class="key">{"".join(key_figures(evaluation))}</div>'
    yield from (table(one) for one in all_tables(evaluation))
    yield "<h3>Detection rate of each joint by the ensemble (%)</h3>"
    yield f'<figure class="hands-figure">{hands(evaluation.by_joint)}</figure>'
    yield f"<details><summary>As a table</summary>{table(joints(evaluation.by_joint))}</details>"
    yield "<h3>Curves of the ensemble</h3>"
    yield f'<div class="charts">{"".join(figure(one) for one in figures(evaluation))}</div>'
    yield from gallery(report, name, evaluation, pixels)


def key_figures(evaluation: Evaluation) -> Iterator[str]:
    """The five numbers that are asked for first."""
    ensemble = evaluation.detection[ENSEMBLE].intervals
    shown = (
        ("Detection rate, %", "rate", ensemble["rate"], paper.DETECTION[ENSEMBLE][1]),
        ("F, ankylosis", "f", evaluation.findings["ankylosis"].intervals["f"], theirs("ankylosis", "f")),
        (
            "F, subluxation/dislocation", "f", evaluation.findings["subluxation"].intervals["f"],
            theirs("subluxation", "f"),
        ),
        ("Mean IoU", "mean_iou", ensemble["mean_iou"], "0.90"),
        ("False boxes an image", "false_boxes_an_image", ensemble["false_boxes_an_image"], "not given"),
    )  # fmt: skip
    for label, score, found, published in shown:
        value = f"<b>{number(score, found.value)}</b>"
        yield f"<div>{label}{value}<span>{interval(score, found)}</span><span>Paper {published}</span></div>"


def theirs(finding: str, score: str) -> str:
    return paper.AVERAGES[finding][score]


def table(one: Table) -> str:
    """A table in a box of its own that scrolls sideways on a narrow screen."""
    name = f"<b>{escape(one.name)}.</b> " if one.name else ""
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in one.head)
    rows = "".join(row(one_row) for one_row in one.rows)
    notes = "".join(f'<p class="notes">{escape(note)}</p>' for note in one.notes)
    return (
        f'<p class="caption">{name}{escape(one.title)}</p>'
        f'<div class="scroll" tabindex="0"><table aria-label="{escape(one.caption)}">'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{rows}</tbody></table></div>{notes}"
    )


def row(one: Row) -> str:
    style = "published" if one.published else "first"
    cells = "".join(f'<td class="{kind(cell)}">{escape(cell)}</td>' for cell in one.cells)
    return f'<tr class="{style}"><th scope="row">{escape(one.label)}</th>{cells}</tr>'


def kind(cell: str) -> str:
    return "undefined" if cell in (UNDEFINED, NONE) else "number"


def figure(one: Figure) -> str:
    legend = "".join(
        f'<li><svg viewBox="0 0 30 10">{key(style)}</svg>{escape(words)}</li>' for style, words in one.legend
    )
    return (
        f'<figure><h3>{escape(one.title)}</h3>{one.svg}<ul class="legend">{legend}</ul>'
        f'<p class="notes">{escape(one.note)}</p></figure>'
    )


def key(style: str) -> str:
    """What a line or bar of this style looks like, for a legend."""
    if style == "bars":
        return '<rect class="bar" x="4" width="22" height="10"/>'
    return f'<path class="line {style}" d="M0 5H30"/>'


def gallery(report: Report, name: str, evaluation: Evaluation, pixels: Pixels) -> Iterator[str]:
    """Every case with its picture, those of a kind together."""
    yield f"<h3>Misses and false alarms of the ensemble: {len(evaluation.cases)}</h3>"
    if not evaluation.cases:
        yield f"<p>None on {count(evaluation.images, 'image')}.</p>"
        return
    yield f'<p class="notes">{box_key("truth")} true box &ensp; {box_key("found")} found box &ensp; '
    if evaluation.ignored:
        yield f"{box_key('ignored')} ignored place &ensp; "
    yield "thin: other boxes near it</p>"
    if len(evaluation.cases) > MOST_PICTURES:
        yield f'<p class="notes">The first {MOST_PICTURES} have a picture; all are in report.json.</p>'
    order = list(CaseKind)
    cases = sorted(evaluation.cases, key=lambda case: order.index(case.kind))
    by_file = {one.image.file: one for part in report.results[name].values() for one in part}
    drawn = pictures(cases, by_file, pixels)
    for sort, group in groupby(cases, key=lambda case: case.kind):
        held = list(group)
        yield f"<h3>{count(len(held), sort, PLURALS[sort])}</h3>"
        yield f'<div class="gallery">{"".join(next(drawn) for _ in held)}</div>'


def box_key(style: str) -> str:
    """What a box of this style looks like."""
    shape = f'<rect class="{style}" x="2" y="2" width="22" height="10"/>'
    return f'<svg viewBox="0 0 26 14" width="26" height="14">{shape}</svg>'
