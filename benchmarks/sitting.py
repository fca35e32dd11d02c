"""The real window on a data folder, as somebody who measures it sits down at it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from annotator.app import House
from annotator.domain.people import Role
from annotator.settings import Settings
from annotator.ui.main_window import MainWindow

PATIENCE_S = 120


@contextmanager
def open_window(house: House, data: Path) -> Iterator[MainWindow]:
    """At its first image. The detector runs only when it is asked to."""
    person = house.administration.enter("Benchmark", Role.READER)
    study = house.administration.studies.all()[0]
    settings = Settings(propose_ahead=False)
    window = MainWindow(house.sitting(person, study), house.jobs, settings, data / "window.ini")
    window.resize(1920, 1080)
    window.show()
    wait_until(lambda: window.sitting.desk.image is not None)
    window.view.setFocus()
    yield window
    window.close()
    window.deleteLater()


def wait_until(ready: Callable[[], bool]) -> None:
    """While the window goes on. Raises RuntimeError after PATIENCE_S."""
    deadline = time.monotonic() + PATIENCE_S
    while not ready():
        if time.monotonic() > deadline:
            raise RuntimeError("it did not come about")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
