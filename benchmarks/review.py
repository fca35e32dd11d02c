"""The review: proposals from the detector's end to the screen, deciding on them, and runs in the background.

What runs beside the window is compared with the bare detector on the same pixels, in the same process and
with as many threads.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

import detector
from annotator.app import House, cores, open_house
from annotator.desktop import application
from annotator.domain.people import Role
from annotator.imaging import dicom
from annotator.ui import theme
from annotator.ui.main_window import MainWindow
from annotator.workflow import sample
from benchmarks.sitting import open_window, wait_until
from benchmarks.table import Row

BEAT_MS, KEY_MS = 1, 300
LEAST = 18
"""Proposals that an image of the sample has at least."""
ACCEPTED = 3
"""Images whose proposals are accepted one by one."""


def measure() -> list[Row]:
    theme.apply(application(), theme.DARK)
    with tempfile.TemporaryDirectory() as folder:
        data, other = Path(folder) / "data", Path(folder) / "other"
        with open_house(data) as house:
            _prepare(house)
            bare = _bare(sample.files(house.paths.sample))
        shutil.copytree(data, other)
        with open_house(other) as house, open_window(house, other) as window:
            listed, block = _list_run(window)
        with open_house(data) as house, open_window(house, data) as window:
            shown = _shown(window)
            accepted = _accepted(window)
    half, slowest = (
        f"median {statistics.median(times):.0f} ms, slowest {max(times):.0f} ms"
        for times in (shown, accepted)
    )
    return [
        Row(
            "proposals of a run, from its end to the painted window, largest of 12",
            max(shown),
            "ms",
            50.0,
            half,
        ),
        Row("accept one, saved, and go to the next, p95 of 60", _p95(accepted), "ms", 30.0, slowest),
        Row(
            "12 radiographs proposed in the background, through the time of the bare detector",
            listed / bare,
            "",
            1.2,
            f"{bare:.2f} s for 12, {_threads()} threads",
        ),
        Row("longest block of the window meanwhile, with a key every 0.3 s", block, "ms", 50.0),
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


def _list_run(window: MainWindow) -> tuple[float, float]:
    """Seconds of a run over the whole study, from asking for it to its end, with the opening of the version;
    and the longest time in milliseconds for which the window's events waited meanwhile."""
    proposing, study = window.sitting.proposing, window.sitting.study
    loop, last, longest = QEventLoop(), 0.0, 0.0

    def beat() -> None:
        nonlocal last, longest
        now = time.perf_counter()
        longest, last = max(longest, now - last), now

    pulse, reader = QTimer(interval=BEAT_MS), QTimer(interval=KEY_MS)
    pulse.timeout.connect(beat)
    reader.timeout.connect(lambda: QTest.keyClick(window.view, Qt.Key.Key_Tab))
    proposing.list_ended.connect(lambda _run: loop.quit())
    wait_until(lambda: not window.sitting.administration.jobs.jobs)
    begun = last = time.perf_counter()
    pulse.start()
    reader.start()
    proposing.begin_list(study.id)
    loop.exec()
    took = time.perf_counter() - begun
    for timer in (pulse, reader):
        timer.stop()
    return took, 1000 * longest


def _shown(window: MainWindow) -> list[float]:
    """For each image, which nothing was proposed for: from the time at which its run was stored."""
    sitting, times = window.sitting, []
    for image_id in sitting.worklist.ids:
        if not _is_open(window, image_id):
            sitting.open(image_id)
            wait_until(partial(_is_open, window, image_id))
        wait_until(lambda: not sitting.administration.jobs.jobs)
        QTest.keyClick(window.view, Qt.Key.Key_Q)
        wait_until(lambda: sitting.review.run is not None)
        QApplication.processEvents()  # what was to be painted is
        run = sitting.review.run
        if run is None or run.at is None or len(sitting.review.waiting) < LEAST:
            raise RuntimeError("the review has too few proposals to be measured")
        times.append(1000 * (time.time() - run.at.timestamp()))
    return times


def _accepted(window: MainWindow) -> list[float]:
    """From the key to the painted window, for every proposal of some images."""
    sitting, times = window.sitting, []
    for image_id in sitting.worklist.ids[:ACCEPTED]:
        sitting.open(image_id)
        wait_until(partial(_is_open, window, image_id))
        wait_until(lambda: not sitting.administration.jobs.jobs)
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


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]
