"""report.md: the tables, the rate of each joint and every miss and false alarm, without pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from detector.measuring.cases import Case
from detector.measuring.scoring import Evaluation
from detector.metrics import share
from detector.report import paper
from detector.report.comparisons import scans
from detector.report.gallery import heading
from detector.report.table import Row, Table, escaped, markdown
from detector.report.tables import all_tables
from detector.report.values import Report
from detector.report.words import FINDING_NAMES, NONE, RESEARCH, count, number


def markdown_of(report: Report) -> str:
    return "\n\n".join(blocks(report)) + "\n"


def blocks(report: Report) -> Iterator[str]:
    yield f"# {escaped(report.title)}"
    yield f"**{RESEARCH}**"
    yield "\n".join(f"- {escaped(name)}: {escaped(words)}" for name, words in report.facts.items())
    if report.choice is not None:
        yield "## Both scans"
        yield f"**{escaped(report.choice.sentence)}**"
        yield markdown(scans(report.choice))
    for name, evaluation in report.evaluations.items():
        yield f"## Scan: {escaped(name)}"
        yield from (markdown(table) for table in all_tables(evaluation))
        yield markdown(joints(evaluation.by_joint))
        yield "### Misses and false alarms"
        yield listed(evaluation)
    yield f"Paper: {paper.CITATION}."


def joints(by_joint: Mapping[str, tuple[int, int]]) -> Table:
    """Detection rate of each joint by the ensemble, right and left side by side."""
    names = list(dict.fromkeys(name.partition("-")[2] for name in by_joint))
    rows = (Row(name, tuple(cell(by_joint.get(f"{side}-{name}")) for side in "RL")) for name in names)
    return Table(
        "", "Detection rate of each joint by the ensemble (%).", ("Right hand", "Left hand"), tuple(rows)
    )


def cell(found: tuple[int, int] | None) -> str:
    if found is None:
        return NONE
    detected, there = found
    return f"{number('rate', share(detected, there))} ({detected} of {there})"


def listed(evaluation: Evaluation) -> str:
    if not evaluation.cases:
        return f"None on {count(evaluation.images, 'image')}."
    head = ("Image", "Part", "Truth", "Confidence", "Ankylosis", "Subluxation/dislocation", "IoU")
    rows = tuple(Row(heading(case), cells(case)) for case in evaluation.cases)
    return markdown(Table("", f"{count(len(evaluation.cases), 'case')} of the ensemble.", head, rows))


def cells(case: Case) -> tuple[str, ...]:
    there = ", ".join(FINDING_NAMES[finding].lower() for finding in case.present) or NONE
    iou = NONE if case.iou is None else f"{case.iou:.2f}"
    if case.found is None:
        return (case.file, case.part, there, NONE, NONE, NONE, iou)
    chances = (f"{case.found.said[finding][2]:.3f}" for finding in ("ankylosis", "subluxation"))
    return (case.file, case.part, there, f"{case.found.confidence:.3f}", *chances, iou)
