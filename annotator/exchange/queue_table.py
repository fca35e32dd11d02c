"""A queue of images as CSV, in the form of `table`: UTF-8 with a byte order mark, no formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from annotator.domain.queue import QueueBy, QueueItem
from annotator.domain.report import RESEARCH_ONLY
from annotator.domain.words import Translate, in_english
from annotator.exchange.table import harmless

COLUMNS = ("place", "patient_code", "visit", "image", "reader", "by", "score", "why", "note")


def csv_of(by: QueueBy, items: Iterable[QueueItem], translate: Translate = in_english) -> bytes:
    """One row an image, the first to be read first. score: empty where it is kept back. translate: the note;
    names of columns and orders are for programs, and English."""
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(COLUMNS)
    note = translate("Report", RESEARCH_ONLY)
    for place, item in enumerate(items, 1):
        of = item.place
        score = "" if item.score is None else item.score
        about = (harmless(of.patient_code), of.visit, of.image_id, harmless(of.reader), by.value)
        writer.writerow((place, *about, score, harmless(item.why), harmless(note)))
    return made.getvalue().encode("utf-8-sig")
