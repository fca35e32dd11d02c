"""Tables that set one way of finding joints beside another."""

from __future__ import annotations

from collections.abc import Sequence

from detector.measuring.choice import Choice
from detector.measuring.comparison import Difference
from detector.measuring.scoring import Evaluation
from detector.report.table import Row, Table
from detector.report.words import (
    DETECTOR_NAMES,
    FINDING_NAMES,
    NONE,
    SCORE_NAMES,
    count,
    number,
    with_interval,
)


def boxes(evaluation: Evaluation) -> Table:
    """Of the boxes: false ones and how well the right ones fit."""
    rows = tuple(
        Row(
            DETECTOR_NAMES[name],
            (
                str(found.total.false_boxes),
                with_interval("false_boxes_an_image", found.intervals["false_boxes_an_image"]),
                with_interval("mean_iou", found.intervals["mean_iou"]),
            ),
        )
        for name, found in evaluation.detection.items()
    )
    head = (
        "False boxes",
        "False boxes an image (95 % interval)",
        "Mean IoU of detected joints (95 % interval)",
    )
    notes: list[str] = []
    if evaluation.incomplete:
        images = count(evaluation.incomplete, "image")
        notes.append(
            f"On {images} fewer than 20 joints are labelled: a box on another joint counts as false."
        )
    if evaluation.ignored:
        places = f"{count(evaluation.ignored, 'place')} {'is' if evaluation.ignored == 1 else 'are'}"
        notes.append(f"{places} ignored: a box there is neither found nor false.")
    return Table("", "Boxes.", head, rows, tuple(notes))


def against_alone(differences: Sequence[Difference]) -> Table:
    """The ensemble against each detector alone."""
    rows = (
        Row(
            f"{DETECTOR_NAMES[one.finding]}: {SCORE_NAMES[one.score]}",
            (
                number(one.score, one.first),
                number(one.score, one.second),
                with_interval(one.score, one.difference, sign=True),
            ),
        )
        for one in differences
    )
    return Table(
        "",
        "The ensemble against each detector alone, on the joints which that detector is to find.",
        ("Ensemble", "Alone", "Difference (95 % interval)"),
        tuple(rows),
    )


def scans(choice: Choice) -> Table:
    """Both scans of the same images, and which of them to take."""
    names = tuple(choice.seconds)
    rows = [
        Row(
            scan_score_name(one.finding, one.score),
            (
                *(with_interval(one.score, one.intervals[name]) for name in names),
                with_interval(one.score, one.difference.difference, sign=True),
                one.better or NONE,
            ),
        )
        for one in choice.scores
    ]
    rows.append(
        Row("Seconds a scan (median)", (*(f"{choice.seconds[n]:.3f}" for n in names), NONE, choice.faster))
    )
    return Table(
        "",
        "Both scans of the same images, by the ensemble.",
        (*(f'"{name}" (95 % interval)' for name in names), "Difference (95 % interval)", "Better"),
        tuple(rows),
        ("Better is a scan whose interval lies wholly on the better side of the other's.",),
    )


def scan_score_name(finding: str, score: str) -> str:
    return f"{FINDING_NAMES[finding]}: {SCORE_NAMES[score]}" if finding else SCORE_NAMES[score]
