"""The tables of an evaluation: Tables 1 to 3 in the paper's layout with its figures beside, and scores."""

from __future__ import annotations

from detector.classes import FINDINGS
from detector.measuring.scoring import ENSEMBLE, Evaluation
from detector.report import paper
from detector.report.comparisons import against_alone, boxes
from detector.report.table import Row, Table
from detector.report.words import (
    DETECTOR_NAMES,
    FINDING_NAMES,
    NONE,
    SCORE_NAMES,
    count,
    interval,
    mean,
    number,
    with_interval,
)

FINDING_SCORES = ("accuracy", "precision", "recall", "specificity", "f", "mean_iou")
QUARTERS = {
    "true_positive": "True positive", "false_positive": "False positive",
    "true_negative": "True negative", "false_negative": "False negative",
}  # fmt: skip


def all_tables(evaluation: Evaluation) -> tuple[Table, ...]:
    """In the order of a report: Tables 1, 2, 3, the scores of both findings, the ensemble against one
    detector."""
    return (
        detection(evaluation),
        classification("Table 2", evaluation, "subluxation"),
        classification("Table 3", evaluation, "ankylosis"),
        *(scores(evaluation, finding) for finding in reversed(FINDINGS)),
        boxes(evaluation),
        against_alone(evaluation.against_alone),
    )


def is_crossval(evaluation: Evaluation) -> bool:
    return len(evaluation.parts) > 1


def detection(evaluation: Evaluation) -> Table:
    """Table 1: detection rates of both detectors alone and of the ensemble."""
    folds = is_crossval(evaluation)
    parts = tuple(f"{name} (%)" for name in evaluation.parts)
    rows = []
    for name in (*FINDINGS, ENSEMBLE):
        found = evaluation.detection[name]
        cells = [number("rate", one.scores().rate) for one in found.parts]
        if folds:
            cells.append(mean("rate", found.average["rate"]))
        cells.append(f"{found.total.detected} of {found.total.joints}")
        cells.append(interval("rate", found.intervals["rate"]))
        rows.append(Row(DETECTOR_NAMES[name], tuple(cells)))
        rows.append(
            Row(published(evaluation), (*published_rates(evaluation, name), NONE, NONE), published=True)
        )
    together = ("Average (%)",) if folds else ()
    return Table(
        "Table 1",
        "Detection of PIP/IP and MP joints, each detector alone and the ensemble.",
        (*parts, *together, "Joints", "95 % interval"),
        tuple(rows),
        (
            "A joint is detected when a box overlaps its own by an IoU above 0.45, one to one.",
            "The subluxation detector is to find 18 joints an image: not the thumb IP.",
            *without_width(evaluation),
        ),
    )


def published(evaluation: Evaluation) -> str:
    return "Paper" if is_crossval(evaluation) else "Paper, five folds"


def without_width(evaluation: Evaluation) -> tuple[str, ...]:
    """What an interval says where no joint was missed."""
    total = evaluation.detection[ENSEMBLE].total
    if total.detected < total.joints:
        return ()
    most = min(100.0, 300 / max(1, total.joints))
    words = "the ensemble missed no joint, so its interval has no width"
    return (f"Here {words}; by the rule of three it misses {most:.2g} % of joints at most.",)


def published_rates(evaluation: Evaluation, name: str) -> tuple[str, ...]:
    """The paper's cells for the columns of parts, and the average."""
    folds, average = paper.DETECTION[name]
    if not is_crossval(evaluation):
        return (average,)
    return (*(folds if len(evaluation.parts) == paper.FOLDS else [NONE] * len(evaluation.parts)), average)


def classification(name: str, evaluation: Evaluation, finding: str) -> Table:
    """Tables 2 and 3: how many joints were told rightly and wrongly, by the ensemble."""
    found = evaluation.findings[finding]
    theirs = paper.FINDINGS[finding]
    same_folds = len(evaluation.parts) == paper.FOLDS
    rows = []
    for field, label in QUARTERS.items():
        parts = [str(getattr(one, field)) for one in found.parts]
        rows.append(Row(label, (*parts, *summed(evaluation, getattr(found.total, field)))))
        cells = [str(getattr(one, field)) for one in theirs] if same_folds else [NONE] * len(parts)
        total = str(sum(getattr(one, field) for one in theirs))
        rows.append(
            Row(
                published(evaluation),
                (*cells, total) if is_crossval(evaluation) else (total,),
                published=True,
            )
        )
    missed, without = found.total.missed_present, found.total.missed_absent
    verb = "is" if missed == 1 else "are"
    words = f"{count(missed, 'missed joint')} with the finding {verb} among the false negatives"
    note = f"Counted are the detected joints; {words}, {without} without it in none of the counts."
    return Table(
        name,
        f"Classification of {FINDING_NAMES[finding].lower()} by the ensemble, number of joints.",
        (*evaluation.parts, *(("All",) if is_crossval(evaluation) else ())),
        tuple(rows),
        (note,),
    )


def summed(evaluation: Evaluation, total: int) -> tuple[str, ...]:
    return (str(total),) if is_crossval(evaluation) else ()


def scores(evaluation: Evaluation, finding: str) -> Table:
    """The scores of the paper's text with intervals."""
    found = evaluation.findings[finding]
    alone = evaluation.alone[finding]
    rows = []
    for score in FINDING_SCORES:
        cells = [with_interval(score, found.intervals[score])]
        if is_crossval(evaluation):
            cells.insert(0, mean(score, found.average[score]))
        cells += [number(score, getattr(alone.total.scores(), score)), paper.AVERAGES[finding][score]]
        rows.append(Row(SCORE_NAMES[score], tuple(cells)))
    curves = evaluation.curves[finding]
    empty = (NONE,) if is_crossval(evaluation) else ()
    for label, value in (
        ("Average precision", curves.precision_recall.average_precision),
        ("Area under the ROC", curves.roc.area),
        ("Calibration error", curves.calibration.error),
    ):
        rows.append(Row(label, (*empty, number("", value), NONE, NONE)))
    average = ("Average of folds",) if is_crossval(evaluation) else ()
    return Table(
        "",
        f"{FINDING_NAMES[finding]}: scores.",
        (*average, "All joints (95 % interval)", "Its detector alone", "Paper (average of folds)"),
        tuple(rows),
    )
