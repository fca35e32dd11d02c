"""The charts of an evaluation: precision and recall, ROC, calibration, and how well boxes fit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detector.classes import FINDINGS, T_IOU2
from detector.measuring.scoring import ENSEMBLE, Evaluation
from detector.metrics import FindingScores
from detector.report import paper
from detector.report.chart import Axis, Bar, Frame, Line, Mark, chart, rounded_up, stairs
from detector.report.words import FINDING_NAMES, SCORE_NAMES, count, number

LARGEST_DOT, SMALLEST_DOT = 10.0, 3.0
AS_CALLED = "A dot is what is called present (above 0.5), a diamond the paper's average of folds."


@dataclass(frozen=True)
class Figure:
    """svg: a chart. legend: style and words of each line. title, note: around it."""

    title: str
    svg: str
    legend: tuple[tuple[str, str], ...]
    note: str


def figures(evaluation: Evaluation) -> tuple[Figure, ...]:
    return (
        precision_recall(evaluation), roc(evaluation), calibration(evaluation), overlap(evaluation)
    )  # fmt: skip


def precision_recall(evaluation: Evaluation) -> Figure:
    """Of both findings. Joints that were missed bring recall down at every threshold."""
    lines, marks, legend = [], [], []
    for finding in FINDINGS:
        curve = evaluation.curves[finding].precision_recall
        if curve.average_precision is not None and len(curve.recall):
            lines.append(Line(*stairs(curve.recall, curve.precision), finding))
        here, theirs = evaluation.findings[finding].total.scores(), paper_scores(finding)
        for one, style, who in ((here, finding, "as called"), (theirs, f"{finding} paper", "paper")):
            if one.recall is not None and one.precision is not None:
                marks.append(Mark(one.recall, one.precision, style, words(finding, who, one)))
        area = number("", curve.average_precision)
        legend.append((finding, f"{FINDING_NAMES[finding]}: average precision {area}"))
    svg = chart(
        "Precision against recall", Frame(Axis("Recall"), Axis("Precision")), lines=lines, marks=marks
    )
    return Figure("Precision and recall", svg, tuple(legend), AS_CALLED)


def roc(evaluation: Evaluation) -> Figure:
    """Of both findings."""
    lines, marks, legend = [Line(np.array([0.0, 1.0]), np.array([0.0, 1.0]), "chance")], [], []
    for finding in FINDINGS:
        curve = evaluation.curves[finding].roc
        if curve.area is not None:
            lines.append(Line(curve.false_positive_rate, curve.true_positive_rate, finding))
        here, theirs = evaluation.findings[finding].total.scores(), paper_scores(finding)
        for one, style, who in ((here, finding, "as called"), (theirs, f"{finding} paper", "paper")):
            if one.recall is not None and one.specificity is not None:
                marks.append(Mark(1 - one.specificity, one.recall, style, words(finding, who, one)))
        legend.append((finding, f"{FINDING_NAMES[finding]}: area {number('', curve.area)}"))
    frame = Frame(Axis("1 − specificity"), Axis("Recall"))
    svg = chart("Recall against false alarms", frame, lines=lines, marks=marks)
    return Figure("Receiver operating characteristic", svg, tuple(legend), AS_CALLED)


def paper_scores(finding: str) -> FindingScores:
    return FindingScores(**{name: float(value) for name, value in paper.AVERAGES[finding].items()})


def words(finding: str, who: str, scores: FindingScores) -> str:
    named = ((name, getattr(scores, name)) for name in ("recall", "precision", "specificity"))
    said = ", ".join(f"{SCORE_NAMES[name].lower()} {number(name, value)}" for name, value in named)
    return f"{FINDING_NAMES[finding]}, {who}: {said}"


def calibration(evaluation: Evaluation) -> Figure:
    """How often a finding is there against how likely it was said to be, in tenths."""
    lines, marks, legend = [Line(np.array([0.0, 1.0]), np.array([0.0, 1.0]), "chance")], [], []
    for finding in FINDINGS:
        found = evaluation.curves[finding].calibration
        filled = found.count > 0
        lines.append(Line(found.chance[filled], found.observed[filled], finding))
        most = max(1, int(found.count.max()))
        for chance, observed, many in zip(
            found.chance[filled].tolist(),
            found.observed[filled].tolist(),
            found.count[filled].tolist(),
            strict=True,
        ):
            size = SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * float(np.log1p(many) / np.log1p(most))
            title = (
                f"{FINDING_NAMES[finding]}: {count(many, 'joint')}, said {chance:.3f}, found {observed:.3f}"
            )
            marks.append(Mark(chance, observed, finding, title, size))
        legend.append((finding, f"{FINDING_NAMES[finding]}: mean error {number('', found.error)}"))
    frame = Frame(Axis("Said to be present"), Axis("Is present"))
    svg = chart("Calibration", frame, lines=lines, marks=marks)
    note = (
        "Larger dots are more joints. On the dotted line a joint is ankylosed or displaced as often as said."
    )
    return Figure("Calibration", svg, tuple(legend), note)


def overlap(evaluation: Evaluation) -> Figure:
    """How much the ensemble's boxes overlap those of the joints they found."""
    found = evaluation.iou
    most, ticks = rounded_up(float(found.count.max()))
    bars = [
        Bar(low, high, many, f"{low:.2f} to {high:.2f}: {count(many, 'joint')}")
        for low, high, many in zip(
            found.edges[:-1].tolist(), found.edges[1:].tolist(), found.count.tolist(), strict=True
        )
    ]
    least = Line(np.array([T_IOU2, T_IOU2]), np.array([0.0, most]), "chance")
    frame = Frame(Axis("IoU of box and joint"), Axis("Joints", most, ticks))
    mean = evaluation.detection[ENSEMBLE].total.scores().mean_iou
    return Figure(
        "Overlap of boxes",
        chart("Histogram of IoU", frame, bars=bars, lines=[least]),
        (("bars", f"Ensemble: mean IoU {number('mean_iou', mean)}"),),
        f"A joint is detected above {T_IOU2}, the dotted line.",
    )
