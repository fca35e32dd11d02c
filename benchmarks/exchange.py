"""5200 joints of 260 images, written in each format and read back, and the memory of ten times as many."""

from __future__ import annotations

import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from annotator.domain.findings import Certainty, Finding, Mark
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS
from annotator.exchange import coco, table, voc, yolo
from annotator.exchange.labels import LabelledImage, LabelledJoint
from benchmarks.table import Row

IMAGES = 260
FORMATS: dict[str, ModuleType] = {"COCO": coco, "VOC": voc, "YOLO": yolo, "CSV": table}
_MARKS = (Mark(Finding.ANKYLOSIS, Certainty.PROBABLE),)


def measure() -> list[Row]:
    return [row for name, form in FORMATS.items() for row in _measured(name, form)]


def _images(count: int) -> Iterator[LabelledImage]:
    for number in range(count):
        joints = tuple(
            LabelledJoint(
                joint,
                Box.around((60.3 + 95 * index, 400.7 + number % 300), 55.25, 60.5),
                _MARKS if (index + number) % 33 == 0 else (),
                confirmed=True,
                reader="Reader 1",
            )
            for index, joint in enumerate(JOINTS)
        )
        yield LabelledImage(f"K-{number:05d}-visit1-image{number}.png", 2010, 1670, "K-001", 1, joints)


def _measured(name: str, form: ModuleType) -> list[Row]:
    images = list(_images(IMAGES))
    with tempfile.TemporaryDirectory(prefix="knuckle-bench-") as folder:
        start = time.perf_counter()
        form.write(Path(folder) / "out", images)
        written = time.perf_counter() - start
        size = sum(path.stat().st_size for path in (Path(folder) / "out").rglob("*") if path.is_file())
        start = time.perf_counter()
        form.read(Path(folder) / "out")
        read = time.perf_counter() - start
    few, many = _peak(form, IMAGES // 10), _peak(form, IMAGES)
    joints = f"{IMAGES * len(JOINTS)} joints"
    return [
        Row(f"{joints} to {name}", written, "s", 1, f"{size / 1e6:.1f} MB; read back in {read:.2f} s"),
        # Names of images are kept, to refuse one that comes twice: some 200 bytes each.
        Row(f"memory for {name}, ten times the images", many - few, "MB", 0.5, f"{many:.1f} MB at most"),
    ]


def _peak(form: ModuleType, count: int) -> float:
    """MB that Python held at most while so many images were made and written one by one."""
    with tempfile.TemporaryDirectory(prefix="knuckle-bench-") as folder:
        tracemalloc.start()
        form.write(Path(folder) / "out", _images(count))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return peak / 1e6
