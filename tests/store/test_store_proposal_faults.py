"""Faults: killed in the middle of "accept the rest", and runs of several processes at once."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

from detection_samples import Review, review_on
from proposal_children import accept_rest_and_die, run_some
from store_children import start
from store_samples import MIGRATIONS, audit_rows, desk_on, open_database

from annotator.store.check import check


def begun(folder: Path) -> int:
    """A closed database with one image, and twenty proposals; returns the rows of the audit."""
    desk = desk_on(open_database(folder))
    review_on(desk)
    desk.person("Ben")
    rows = len(audit_rows(desk.database))
    desk.database.close()
    return rows


def stored(folder: Path) -> tuple[int, int, int]:
    """How many joints are done, decisions taken and audit rows written, in a database that is sound."""
    assert check(folder / "knuckle.sqlite", MIGRATIONS).problems == ()
    desk = desk_on(open_database(folder))
    review: Review = review_on(desk, run=False)
    taken = review.detections.decisions(review.image_id, review.by)
    found = review.reading.done, len(taken), len(audit_rows(desk.database))
    desk.database.close()
    return found


def test_killed_in_the_middle_of_accept_the_rest(tmp_path: Path) -> None:
    """Killed at statements all over the transaction, its commit among them, nothing is there; else all."""
    folder, spare = tmp_path / "here", tmp_path / "spare"
    folder.mkdir()
    rows = begun(folder)
    shutil.copytree(folder, spare)
    process, pipe = start(accept_rest_and_die, spare, 0)
    statements = pipe.recv()
    process.join()
    assert stored(spare) == (20, 20, rows + 1)
    assert statements > 60
    for wanted in (1, 2, *range(3, statements - 1, statements // 12), statements - 1, statements):
        process, pipe = start(accept_rest_and_die, folder, wanted)
        process.join()
        pipe.close()
        assert process.exitcode == -signal.SIGKILL
        assert stored(folder) == (0, 0, rows)
    process, pipe = start(accept_rest_and_die, folder, statements + 1)
    assert pipe.recv() == statements
    process.join()
    assert stored(folder) == (20, 20, rows + 1)


def test_several_processes_run_the_detector_at_once(tmp_path: Path) -> None:
    begun(tmp_path)
    started = [start(run_some, tmp_path, 1, name, 25) for name in ("Anna", "Ben")]
    assert [pipe.recv() for _, pipe in started] == [0, 0]
    for process, _ in started:
        process.join()
    report = check(tmp_path / "knuckle.sqlite", MIGRATIONS)
    assert report.problems == ()
    assert (report.counts["runs"], report.counts["proposals"]) == (51, 51 * 20)
