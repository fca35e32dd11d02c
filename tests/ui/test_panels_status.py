"""The foot of the window keeps its places, and running jobs are seen and stopped."""

from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from panels_samples import click

from annotator.domain.errors import KnuckleError
from annotator.ui.actions import Actions
from annotator.ui.job_bar import JobBar
from annotator.ui.status_bar import StatusBar
from annotator.workflow.jobs import JobRunner, Lane


@pytest.fixture
def status(qtbot):
    made = StatusBar(Actions())
    qtbot.addWidget(made)
    made.resize(1280, 26)
    made.show()
    return made


@pytest.fixture
def jobs(qtbot):
    runner = JobRunner()
    yield runner
    runner.shutdown()


@pytest.fixture
def bar(qtbot, jobs):
    made = JobBar(jobs)
    made._wait.setInterval(0)
    qtbot.addWidget(made)
    return made


def nothing(_value: object) -> None:
    """For jobs of which nothing is wanted."""


def test_the_saved_time_is_that_of_the_desk_and_a_failed_save_is_loud(status):
    assert status.saved.text() == "nothing to save"
    at = datetime.now(UTC)
    status.set_saved(at)
    assert status.saved.text() == f"✓ saved {at.astimezone():%H:%M:%S}"
    assert status.saved.property("tone") == "ok"
    status.set_unsaved()
    assert status.saved.text() == "⚠ NOT saved"
    assert status.saved.property("tone") == "danger"


def test_what_was_saved_on_another_day_says_which(status):
    at = datetime.now(UTC) - timedelta(days=3)
    status.set_saved(at)
    assert status.saved.text() == f"✓ saved {at.astimezone():%Y-%m-%d %H:%M}"
    assert status.saved.sizeHint().width() <= status.saved.width()


def test_the_parts_keep_their_places_whatever_they_say(status):
    def places():
        parts = (status.saved, status.cursor_at, status.value, status.zoom, status.window_text, status.keys)
        return [(part.geometry().left(), part.geometry().right()) for part in parts]

    status.set_saved(datetime.now(UTC))
    status.set_view("zoom 5 %", "window 1 / 2 (file)")
    status.set_cursor(None, None)
    status.grab()
    before = places()
    status.set_cursor((1999.9, 1669.9), -32768)
    status.set_view("zoom 1600 %", "window 40000 / 65535 (percentiles)")
    status.say("a rather long word that passes " * 4)
    status.grab()
    assert places() == before


def test_cursor_value_and_view_are_shown(status):
    status.set_cursor((1322.44, 861.0), 611)
    assert (status.cursor_at.text(), status.value.text()) == ("x 1322.4  y 861.0", "stored value 611")
    status.set_cursor((-3.0, 5.0), None)
    assert (status.cursor_at.text(), status.value.text()) == ("", "")


def test_a_word_passes_and_the_undo_text_comes_back(status, qtbot):
    status._passing.setInterval(10)
    status.set_undo("subluxation L-MP2")
    assert status.undo.text() == "undo: subluxation L-MP2"
    status.say("Window: bone")
    assert status.said.text() == "Window: bone"
    assert not status.undo.isVisible()
    status.set_undo("")
    qtbot.waitUntil(status.undo.isVisible)
    assert status.undo.text() == ""


def test_the_key_for_the_keys_is_the_readers_own(status):
    assert status.keys.text() == "?  keys"
    status._actions.set_keys({"keys": "F5"})
    assert status.keys.text() == "F5  keys"


def test_a_running_job_is_shown_with_its_progress_and_goes(bar, jobs, qtbot):
    go = Event()

    def work(report):
        while not go.wait(0.01):
            report(3, 9, "Reading films")

    assert bar.isHidden()
    jobs.submit(Lane.BACK, "Import", work, nothing, nothing)
    qtbot.waitUntil(lambda: bar.isVisible() and bar.text.text() == "Reading films 3 / 9")
    assert (bar.bar.value(), bar.bar.maximum()) == (3, 9)
    go.set()
    qtbot.waitUntil(bar.isHidden)


def test_what_is_done_at_once_is_never_shown(bar, jobs, qtbot):
    bar._wait.setInterval(60_000)
    with qtbot.waitSignal(jobs.ended):
        jobs.submit(Lane.FRONT, "Open", lambda _report: 1, nothing, nothing)
    assert bar.isHidden()
    assert not bar._wait.isActive()


def test_cancel_stops_the_job_and_more_jobs_are_counted(bar, jobs, qtbot):
    started, failures = Event(), []

    def work(report):
        started.set()
        while True:
            report(1, 2, "Importing")

    first = jobs.submit(Lane.BACK, "Import", work, nothing, failures.append)
    second = jobs.submit(Lane.BACK, "Thumbnails", lambda _report: None, nothing, failures.append)
    qtbot.waitUntil(lambda: bar.isVisible() and bar.more.text() == "+1")
    assert bar.more.toolTip() == "Thumbnails"
    assert started.wait(10)
    click(bar.stop)
    assert first.cancelled
    assert not second.cancelled
    qtbot.waitUntil(bar.isHidden)
    assert failures == []


def test_a_failed_job_leaves_the_bar(bar, jobs, qtbot):
    def work(_report):
        raise KnuckleError("The folder is gone.", "Choose another.")

    failures = []
    jobs.submit(Lane.BACK, "Import", work, nothing, failures.append)
    qtbot.waitUntil(lambda: bool(failures) and bar.isHidden())
