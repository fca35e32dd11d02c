"""The window: start with the sample study, and the next image from key to paint."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from annotator.app import House, open_house
from annotator.desktop import application
from annotator.domain.people import Role
from annotator.imaging import dicom
from annotator.imaging.write import CrFacts, write_cr
from annotator.settings import Settings
from annotator.ui import theme
from annotator.ui.main_window import MainWindow
from annotator.workflow import sample
from benchmarks.table import Row

STARTS, STEPS = 7, 24
START = """
import sys, time
begun = float(sys.argv[2])
from annotator import cli
from annotator.ui.main_window import MainWindow
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication
first = []
painted = MainWindow.event
def event(self, event):
    answer = painted(self, event)
    if event.type() == QEvent.Type.Paint and not first:
        first.append(time.time() - begun)
        QTimer.singleShot(0, self.close)
    return answer
MainWindow.event = event
data = sys.argv[1]
sys.argv = ["knuckle", "--data", data, "--reader", "Benchmark"]
try:
    cli.main()
except SystemExit as left:
    status = left.code
loaded = sorted(m for m in ("torch", "alembic") if m in sys.modules)
print(status, first[0], ",".join(loaded) or "-")
"""


def measure() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        sample_s = _make_sample(data)
        start, loaded = _start(data)
        plain, prefetched = _next_image(data, Path(folder) / "plain", jpeg=False)
        lossless, _ = _next_image(data, Path(folder) / "jpeg", jpeg=True)
    return [
        Row("sample study made at first start", sample_s, "s", 20.0),
        Row(f"start to painted window, warm, median of {STARTS} (also loaded: {loaded})", start, "s", 1.0),
        Row("next image, uncompressed, key to paint, p95", plain, "ms", 60.0),
        Row("next image, JPEG lossless, p95", lossless, "ms", 90.0),
        Row("next image, prefetched, p95", prefetched, "ms", 25.0),
    ]


def _make_sample(data: Path) -> float:
    begun = time.perf_counter()
    with open_house(data) as house:
        person = house.administration.enter("Benchmark", Role.DATA)
        a = house.administration
        sample.make_sample(a.studies, a.library, a.sample_folder, person, lambda *_: None)
    return time.perf_counter() - begun


def _start(data: Path) -> tuple[float, str]:
    """From the start of the process to the first paint of the main window; what slow modules it loaded."""
    times, loaded = [], ""
    for _ in range(STARTS + 1):
        command = [sys.executable, "-c", START, str(data), repr(time.time())]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        _, seconds, loaded = done.stdout.split()
        times.append(float(seconds))
    return statistics.median(times[1:]), loaded


class _Paints(QObject):
    """Leaves the loop at the first paint of the view that shows the wanted image."""

    def __init__(self, window: MainWindow, loop: QEventLoop) -> None:
        super().__init__()
        self._window, self._loop = window, loop
        self.wanted = -1
        self.at = 0.0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            image = self._window.sitting.desk.image
            shown = self._window.view.radiograph is self._window.sitting.desk.radiograph
            if image is not None and image.id == self.wanted and shown:
                watched.removeEventFilter(self)
                QApplication.sendEvent(watched, event)
                self.at = time.perf_counter()
                self._loop.quit()
                return True
        return False


def _next_image(data: Path, folder: Path, *, jpeg: bool) -> tuple[float, float]:
    """p95 of the time from the key to the painted image, without and with prefetching, in milliseconds."""
    app = application()
    theme.apply(app, theme.DARK)
    with open_house(data) as house:
        window = _window_on(house, data, folder, jpeg)
        cold = _steps(window, prefetched=False)
        warm = _steps(window, prefetched=True)
        window.close()
        window.deleteLater()
    return _p95(cold), _p95(warm)


def _window_on(house: House, data: Path, folder: Path, jpeg: bool) -> MainWindow:
    """A study of its own of the sample's pictures, encoded as wanted."""
    a = house.administration
    person = a.enter("Benchmark", Role.DATA)
    folder.mkdir()
    for path in sample.files(a.sample_folder):
        facts = CrFacts(uid_key=f"{path.stem} {jpeg}", patient_id=path.stem[:2])
        write_cr(folder / path.name, dicom.read(path).pixels, facts, jpeg_lossless=jpeg)
    study = a.create_study("JPEG" if jpeg else "Plain", "B", person)
    a.library.add([folder], study, person, lambda *_: None)
    window = MainWindow(house.sitting(person, study), house.jobs, Settings(), data / f"{study.name}.ini")
    window.resize(1920, 1080)
    window.show()
    _wait_until(lambda: window.sitting.desk.image is not None)
    return window


def _steps(window: MainWindow, *, prefetched: bool) -> list[float]:
    times, down = [], True
    ids = window.sitting.worklist.ids
    for _ in range(STEPS):
        here = window.sitting.desk.image
        place = ids.index(here.id) if here else 0
        down = place == 0 or (down and place < len(ids) - 1)
        key = Qt.Key.Key_PageDown if down else Qt.Key.Key_PageUp
        wanted = ids[place + (1 if down else -1)]
        _wait_until(lambda: not window.sitting.administration.jobs.jobs)
        if prefetched:
            _wait_until(lambda ahead=wanted: window.sitting.opener.ready(ahead))
        else:
            window.sitting.opener.forget(wanted)
        loop = QEventLoop()
        paints = _Paints(window, loop)
        paints.wanted = wanted
        window.view.viewport().installEventFilter(paints)
        begun = time.perf_counter()
        QTest.keyClick(window.view, key)
        loop.exec()
        times.append(1000 * (paints.at - begun))
    return times


def _wait_until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not ready() and time.monotonic() < deadline:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
