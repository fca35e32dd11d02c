"""How reports write numbers and names. What is not defined is called so, and never 0 or 1."""

from __future__ import annotations

from detector.measuring.intervals import Interval
from detector.metrics import Average

UNDEFINED = "undefined"
NONE = "–"

RESEARCH = "Research use only. Not for diagnosis or any other clinical use."

FINDING_NAMES = {"ankylosis": "Ankylosis", "subluxation": "Subluxation/dislocation"}
DETECTOR_NAMES = {"ankylosis": "Ankylosis", "subluxation": "Subluxation", "ensemble": "Ensemble"}
"""The rows of Table 1, as the paper calls them."""

SCORE_NAMES = {
    "rate": "Detection rate (%)",
    "false_boxes_an_image": "False boxes an image",
    "accuracy": "Accuracy",
    "precision": "Precision",
    "recall": "Recall",
    "specificity": "Specificity",
    "f": "F",
    "mean_iou": "Mean IoU",
}


def number(score: str, value: float | None, *, sign: bool = False) -> str:
    """A score with as many digits as it is worth; sign: with + or −, for a difference."""
    if value is None:
        return UNDEFINED
    factor, places = (100, 2) if score == "rate" else (1, 3)
    text = f"{factor * value:.{places}f}"
    if not sign:
        return text
    if float(text) == 0:
        return text.lstrip("-")
    return f"+{text}" if value > 0 else text.replace("-", "−")


def interval(score: str, found: Interval | None, *, sign: bool = False) -> str:
    """The two ends of an interval."""
    if found is None or found.low is None or found.high is None:
        return UNDEFINED
    return " to ".join(number(score, end, sign=sign) for end in (found.low, found.high))


def with_interval(score: str, found: Interval | None, *, sign: bool = False) -> str:
    """A score and its interval in brackets."""
    if found is None or found.value is None:
        return UNDEFINED
    return f"{number(score, found.value, sign=sign)} ({interval(score, found, sign=sign)})"


def mean(score: str, found: Average) -> str:
    """A mean over folds, and over how many where the score is not defined in all."""
    text = number(score, found.mean)
    if found.mean is None or not found.undefined:
        return text
    return f"{text} (of {found.defined})"


def count(many: int, one: str, more: str | None = None) -> str:
    return f"{many} {one if many == 1 else more or one + 's'}"
