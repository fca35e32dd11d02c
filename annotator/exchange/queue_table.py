"""A queue of images as CSV, in the form of `table`: UTF-8 with a byte order mark, no formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from annotator.domain.queue import QueueBy, QueueItem
from annotator.domain.report import RESEARCH_ONLY
from annotator.exchange.table import harmless

COLUMNS = ("place", "patient_code", "visit", "image", "reader", "by", "score", "why", "note")


def csv_of(by: QueueBy, items: Iterable[QueueItem]) -> bytes:
    """One row an image, the first to be read first. score: empty where it is kept back."""
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(COLUMNS)
    for place, item in enumerate(items, 1):
        of = item.place
        score = "" if item.score is None else item.score
        about = (harmless(of.patient_code), of.visit, of.image_id, harmless(of.reader), by.value)
        writer.writerow((place, *about, score, harmless(item.why), RESEARCH_ONLY))
    return made.getvalue().encode("utf-8-sig")
