"""Small releases, and ways to damage one."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.dataset import (
    DISPLACEABLE,
    JOINTS,
    Displacement,
    Release,
    ReleaseImage,
    ReleaseJoint,
    write_release,
)
from detector.folds import split
from detector.release.write import Item

ROWS, COLUMNS = 90, 120

NO_BOXES = [
    ([5, 5, 5, 9], "no area"),
    ([5, 9, 8, 9], "no area"),
    ([9, 5, 5, 9], "no area"),
    ([-1, 5, 5, 9], "not inside"),
    ([5, 5, 120.5, 9], "not inside"),
    ([5, 5, 9, 91], "not inside"),
    ([600, 5, 609, 9], "not inside"),
]
"""Boxes that an image of ROWS and COLUMNS cannot have, and what is said of each."""

Change = Callable[[dict[str, Any]], object]


def image(patient: str, visit: int = 1, ankylosed: int = 0, displaced: int = 0) -> ReleaseImage:
    """An image with findings on so many of its joints."""
    joints = tuple(
        ReleaseJoint(
            name,
            (10.0, 10.0, 20.0, 20.0),
            name in DISPLACEABLE[:ankylosed],
            None
            if name not in DISPLACEABLE
            else Displacement.SUBLUXATION
            if name in DISPLACEABLE[:displaced]
            else Displacement.NONE,
        )
        for name in JOINTS
    )
    return ReleaseImage(f"images/{patient}-{visit}.png", patient, visit, COLUMNS, ROWS, None, True, joints)


def pixels(seed: int) -> NDArray[np.uint16]:
    """Grains that differ from seed to seed, 10 bit."""
    return np.random.Generator(np.random.PCG64(seed)).integers(0, 1024, (ROWS, COLUMNS), np.uint16)


def make_release(out: Path) -> Release:
    """Three patients at two visits each, in two folds, the last patient kept for testing."""

    def items() -> Iterator[Item]:
        for number in range(6):
            patient, visit = divmod(number, 2)
            yield image(f"P{patient:05d}", visit + 1, patient, visit), pixels(number)

    return write_release(
        out,
        items(),
        test=["P00002"],
        divide=lambda contents: split(contents, count=2),
        about={"from": "grain"},
    )


def edit(folder: Path, name: str, change: Change, *, signed: bool = True) -> None:
    """Changes a JSON file of a release; signed: its hash in the manifest too, so nothing else is wrong."""
    path = folder / name
    record = json.loads(path.read_text("utf-8"))
    change(record)
    rewrite(folder, name, json.dumps(record).encode(), signed=signed)


def rewrite(folder: Path, name: str, data: bytes, *, signed: bool = True) -> None:
    """Replaces a file of a release; signed: and its hash in the manifest."""
    (folder / name).write_bytes(data)
    if signed and name != "manifest.json":
        manifest = folder / "manifest.json"
        record = json.loads(manifest.read_text("utf-8"))
        record["files"][name] = hashlib.sha256(data).hexdigest()
        manifest.write_text(json.dumps(record), "utf-8")


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
