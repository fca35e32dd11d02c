"""Listens to a JobRunner, and waits for it."""

from __future__ import annotations

import threading
from threading import Event, current_thread
from typing import Any

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from annotator.domain.errors import KnuckleError
from annotator.workflow.jobs import Job, JobRunner

PATIENCE_S = 20


class Told(QObject):
    """What a runner told, and on which thread."""

    def __init__(self, runner: JobRunner) -> None:
        super().__init__()
        self.results: list[Any] = []
        self.errors: list[KnuckleError] = []
        self.events: list[tuple[str, str]] = []
        self.threads: set[threading.Thread] = set()
        runner.started.connect(lambda job: self._note("started", job))
        runner.progressed.connect(self._progressed)
        runner.ended.connect(lambda job: self._note("ended", job))

    def done(self, result: Any) -> None:
        self.threads.add(current_thread())
        self.results.append(result)

    def failed(self, error: KnuckleError) -> None:
        self.threads.add(current_thread())
        self.errors.append(error)

    def _note(self, event: str, job: Job) -> None:
        self.threads.add(current_thread())
        self.events.append((event, job.title))

    def _progressed(self, job: Job, done: int, total: int, text: str) -> None:
        self.threads.add(current_thread())
        self.events.append((f"{done}/{total} {text}".strip(), job.title))


def wait_for(event: Event) -> None:
    assert event.wait(PATIENCE_S)


def idle(qtbot: QtBot, runner: JobRunner) -> None:
    qtbot.waitUntil(lambda: not runner.jobs, timeout=PATIENCE_S * 1000)
