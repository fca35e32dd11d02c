"""The review: proposals from the detector's end to the screen, deciding on them, and runs in the background.

What runs beside the window is compared with the bare detector on the same pixels, in the same process and
with as many threads.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import detector
from annotator.app import House, cores, open_house
from annotator.desktop import application
from annotator.domain.people import Role
from annotator.imaging import dicom
from annotator.settings import Settings
from annotator.ui import theme
from annotator.ui.main_window import MainWindow
from annotator.workflow import sample
from benchmarks.table import Row

BEAT_MS = 1
PATIENCE_S = 120
ACCEPTED = 3
"""Images whose proposals are accepted one by one."""


def measure() -> list[Row]:
    theme.apply(application(), theme.DARK)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        with open_house(data) as house:
            _prepare(house)
            bare = _bare(sample.files(house.paths.sample))
            with _window(house, data) as window:
                listed, block = _list_run(window)
                shown = _shown(window)
                accepted = _accepted(window)
    return [
        Row("20 proposals on the screen after a run ends, largest of 12", max(shown), "ms", 50.0),
        Row("accept one, saved, and go to the next, p95 of 60", _p95(accepted), "ms", 30.0),
        Row(
            "12 radiographs proposed in the background, through the time of the bare detector",
            listed / bare,
            "",
            1.2,
            f"{bare:.2f} s for 12, {_threads()} threads",
        ),
        Row("longest block of the window meanwhile", block, "ms", 50.0),
    ]


def _threads() -> int:
    return max(1, cores() - 1)


def _prepare(house: House) -> None:
    a = house.administration
    person = a.enter("Benchmark", Role.READER)
    sample.make_sample(a.studies, a.library, a.sample_folder, person, lambda *_: None)
    house.models.bring_shipped(person)


def _bare(paths: list[Path]) -> float:
    """Seconds of the detector alone over pixels in memory, its networks open already."""
    every = [dicom.read(path).pixels for path in paths]
    version = detector.load_version(detector.shipped_version())
    bare = detector.Detector(version, threads=_threads())
    bare.detect(every[0])
    begun = time.perf_counter()
    for pixels in every:
        bare.detect(pixels)
    return time.perf_counter() - begun


@contextmanager
def _window(house: House, data: Path) -> Iterator[MainWindow]:
    person = house.administration.enter("Benchmark", Role.READER)
    study = house.administration.studies.all()[0]
    settings = Settings(propose_ahead=False)
    window = MainWindow(house.sitting(person, study), house.jobs, settings, data / "window.ini")
    window.resize(1920, 1080)
    window.show()
    _wait_until(lambda: window.sitting.desk.image is not None)
    window.view.setFocus()
    yield window
    window.close()
    window.deleteLater()


def _list_run(window: MainWindow) -> tuple[float, float]:
    """Seconds of a run over the whole study, end to end, once the version is open; and the longest time in
    milliseconds for which the window's events waited, the opening of the version included."""
    proposing, study = window.sitting.proposing, window.sitting.study
    loop, ended, last, longest = QEventLoop(), [], time.perf_counter(), 0.0

    def beat() -> None:
        nonlocal last, longest
        now = time.perf_counter()
        longest, last = max(longest, now - last), now

    def first(_image_id: int) -> None:
        ended.append(time.perf_counter())

    pulse = QTimer(interval=BEAT_MS)
    pulse.timeout.connect(beat)
    proposing.proposed.connect(first)
    proposing.list_ended.connect(lambda _run: loop.quit())
    _wait_until(lambda: not window.sitting.administration.jobs.jobs)
    last = time.perf_counter()
    pulse.start()
    proposing.begin_list(study.id)
    loop.exec()
    pulse.stop()
    per_image = (ended[-1] - ended[0]) / (len(ended) - 1)
    return per_image * len(ended), 1000 * longest


def _shown(window: MainWindow) -> list[float]:
    """For each image from the end of its run to the painted window: never shown before."""
    sitting, times = window.sitting, []
    sitting.review.set_shown(False)
    for image_id in sitting.worklist.ids:
        if sitting.desk.image is None or sitting.desk.image.id != image_id:
            sitting.open(image_id)
            _wait_until(lambda wanted=image_id: _is_open(window, wanted))
        _wait_until(lambda: not sitting.administration.jobs.jobs)
        QApplication.processEvents()
        sitting.review.shown = True
        begun = time.perf_counter()
        sitting.proposing.proposed.emit(image_id)
        window.repaint()
        QApplication.processEvents()
        times.append(1000 * (time.perf_counter() - begun))
        if len(sitting.review.waiting) < 18:
            raise RuntimeError("the review has too few proposals to be measured")
        sitting.review.shown = False
    sitting.review.set_shown(True)
    return times


def _accepted(window: MainWindow) -> list[float]:
    """From the key to the painted window, for every proposal of some images."""
    sitting, times = window.sitting, []
    for image_id in sitting.worklist.ids[:ACCEPTED]:
        sitting.open(image_id)
        _wait_until(lambda wanted=image_id: _is_open(window, wanted))
        _wait_until(lambda: not sitting.administration.jobs.jobs)
        while sitting.review.waiting:
            before = len(sitting.review.waiting)
            if sitting.review.current is None:
                sitting.review.choose(sitting.review.waiting[0])
            QApplication.processEvents()
            begun = time.perf_counter()
            QTest.keyClick(window.view, Qt.Key.Key_Return)
            QApplication.processEvents()
            times.append(1000 * (time.perf_counter() - begun))
            if len(sitting.review.waiting) != before - 1:
                raise RuntimeError("a proposal was not accepted")
    return times


def _is_open(window: MainWindow, image_id: int) -> bool:
    image = window.sitting.desk.image
    return image is not None and image.id == image_id


def _wait_until(ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not ready() and time.monotonic() < deadline:
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
