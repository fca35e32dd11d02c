"""Names of the detector's boxes on 100 phantom hand pairs, and how long they take. Nothing is drawn."""

from __future__ import annotations

import statistics
import time

from annotator.workflow.proposal_naming import name_proposals
from benchmarks.hand_geometry import Damage, Film, film, right_names, turns
from benchmarks.table import Row

FILMS = 100


def measure() -> list[Row]:
    usual = [film(seed, turn=turns(seed)) for seed in range(FILMS)]
    harder = [film(seed, rate=1.0, turn=turns(seed)) for seed in range(FILMS)]
    poorer = [film(seed, turn=turns(seed), damage=Damage(0.2)) for seed in range(FILMS)]
    fuller = [film(seed, turn=turns(seed), damage=Damage(0.05, surplus=2)) for seed in range(FILMS)]
    note = f"{FILMS} phantom hand pairs, turned any quarter"
    return [
        Row("names wrong, 40 % findings, 5 % of boxes removed or doubled", wrong(usual), "%", 1.0, note),
        Row("the same, every joint with a finding", wrong(harder), "%", None, note),
        Row("the same, 40 % findings, 20 % removed or doubled", wrong(poorer), "%", None, note),
        Row("the same, 5 % removed or doubled, 2 boxes on no joint", wrong(fuller), "%", None, note),
        Row("naming the boxes of an image, median", milliseconds(usual), "ms", 15, note),
    ]


def wrong(films: list[Film]) -> float:
    """Per cent of the joints."""
    right = sum(
        right_names(one, name_proposals(one.boxes, one.confidences, one.seen_by, one.sheet).joints)
        for one in films
    )
    return 100 * (1 - right / (20 * len(films)))


def milliseconds(films: list[Film]) -> float:
    """Of the processor, which other programs do not lengthen: one thread works, and waits for nothing."""
    taken = []
    for one in films:
        start = time.process_time()
        name_proposals(one.boxes, one.confidences, one.seen_by, one.sheet)
        taken.append(time.process_time() - start)
    return 1000 * statistics.median(taken)
