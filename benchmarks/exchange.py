"""5200 joints of 260 images, written in each format and read back, and the memory of ten times as many; the
same many images as a release."""

from __future__ import annotations

import re
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np

from annotator.app import House, open_house
from annotator.domain.annotations import JointAnnotation
from annotator.domain.edits import Action, Edit, JointChange
from annotator.domain.export_policy import Policy, Whose
from annotator.domain.findings import Certainty, Finding, Mark
from annotator.domain.geometry import Box
from annotator.domain.images import Study
from annotator.domain.joints import JOINTS
from annotator.domain.people import Person, Role
from annotator.exchange import coco, table, voc, yolo
from annotator.exchange.labels import LabelledImage, LabelledJoint
from annotator.exporting_command import exporter_of
from annotator.imaging.write import CrFacts, write_cr
from annotator.store.readings import Readings
from annotator.workflow.exporting import Form, Order
from benchmarks.table import Row
from detector.phantom import draw

IMAGES = 260
FORMATS: dict[str, ModuleType] = {"COCO": coco, "VOC": voc, "YOLO": yolo, "CSV": table}
_MARKS = (Mark(Finding.ANKYLOSIS, Certainty.PROBABLE),)


def measure() -> list[Row]:
    rows = [row for name, form in FORMATS.items() for row in _measured(name, form)]
    return [*rows, *_release()]


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


def _release() -> list[Row]:
    """One picture, shifted to be another one in each file; a tenth of them are a study of their own."""
    with tempfile.TemporaryDirectory(prefix="knuckle-bench-") as name:
        folder = Path(name)
        pixels = draw(seed=1).pixels
        for number in range(IMAGES):
            where = folder / "films" / ("few" if number < IMAGES // 10 else "more")
            where.mkdir(parents=True, exist_ok=True)
            facts = CrFacts(uid_key=f"release {number}", patient_id=f"{number // 2}")
            write_cr(where / f"{number:04d}.dcm", np.roll(pixels, number, axis=1), facts)
        with open_house(folder / "data") as house:
            person = house.administration.enter("Benchmark", Role.READER)
            few, all_ = (
                _study(house, name, paths, person)
                for name, paths in (("few", folder / "films" / "few"), ("all", folder / "films"))
            )
            _, memory = _exported(house, few, folder / "few", person)
            seconds, more_memory = _exported(house, all_, folder / "all", person)
    return [
        Row(f"{IMAGES} images of 2010 x 1670 as a release", IMAGES / seconds, "/s", 8),
        Row(
            "memory for a release, ten times the images",
            more_memory - memory,
            "MB",
            20,
            f"{more_memory:.0f} MB at most, Knuckle itself included",
        ),
    ]


def _study(house: House, name: str, films: Path, by: Person) -> Study:
    """A study of these films, on each of which every joint has a box."""
    study = house.administration.create_study(name, "B", by)
    house.administration.library.add([films], study, by, lambda *_: None)
    readings = Readings(house.database)
    for image in house.administration.studies.images(study.id):
        labels = (
            JointAnnotation(joint, Box.around((60.3 + 95 * n, 400.7), 55.25, 60.5), confirmed=True)
            for n, joint in enumerate(JOINTS)
        )
        edit = Edit(Action.CONFIRM, tuple(JointChange(label.joint, None, label) for label in labels))
        readings.apply(readings.load(image.id, by), edit, by)
    return study


def _exported(house: House, study: Study, out: Path, by: Person) -> tuple[float, float]:
    """Seconds, and MB that the process held at most meanwhile."""
    # Linux: forget the peak until now (proc(5), clear_refs).
    Path("/proc/self/clear_refs").write_text("5", "ascii")
    begun = time.perf_counter()
    order = Order(study, Policy(study.id, Whose.ALL), Form.RELEASE)
    exporter_of(house).export(order, out, by, lambda *_: None)
    seconds = time.perf_counter() - begun
    peak = re.search(r"VmHWM:\s*(\d+) kB", Path("/proc/self/status").read_text("ascii"))
    if peak is None:
        raise RuntimeError("the system does not say how much memory was used")
    return seconds, int(peak[1]) / 1024
