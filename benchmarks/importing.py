"""Import of real-size files: inspected in the guarded process, stored with thumbnail and audit row."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from annotator.app import open_house
from annotator.domain.people import Role
from annotator.imaging.write import CrFacts, write_cr
from benchmarks.table import Row
from detector.phantom import draw

FILES = 500


def measure() -> list[Row]:
    """500 different uncompressed files of 2010 x 1670, 6.7 MB each, just written: cached by the system."""
    with tempfile.TemporaryDirectory() as folder:
        films = Path(folder) / "films"
        films.mkdir()
        _write(films)
        with open_house(Path(folder) / "data") as house:
            person = house.administration.enter("Benchmark", Role.DATA)
            study = house.administration.create_study("Import", "B", person)
            begun = time.perf_counter()
            result = house.administration.library.add([films], study, person, lambda *_: None)
            seconds = time.perf_counter() - begun
    if result.imported != FILES:
        raise RuntimeError(f"{result.imported} of {FILES} files were imported")
    return [Row(f"import of {FILES} real-size files", FILES / seconds, "/s", 15.0)]


def _write(folder: Path) -> None:
    """One picture, shifted to be another one in each file."""
    pixels = draw(seed=1).pixels
    for number in range(FILES):
        facts = CrFacts(uid_key=f"import {number}", patient_id=f"{number // 2}")
        write_cr(folder / f"{number:04d}.dcm", np.roll(pixels, number, axis=1), facts)
