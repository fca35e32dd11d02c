"""Which version is meant: the one that comes with Knuckle, or one from elsewhere."""

from __future__ import annotations

from pathlib import Path

from detector.errors import DetectorError
from detector.version.values import RECORD, Version
from detector.versions import load_version, verify_version

BESIDE = Path(__file__).resolve().parent.parent
PLACES = (BESIDE / "annotator" / "_resources" / "models", BESIDE / "resources" / "models")
"""In the wheel, and in a checkout."""


def shipped_version(places: tuple[Path, ...] | None = None) -> Path:
    """Folder of the version that comes with Knuckle; of several the one whose name comes last. places: where
    to look, PLACES without. Raises DetectorError where there is none: everything works without it but what
    needs a model."""
    for place in places or PLACES:
        if found := sorted(place.glob(f"*/{RECORD}")):
            return found[-1].parent
    raise DetectorError(
        "No model comes with this Knuckle.",
        "Name one with --version, or train one: python -m detector train --help.",
    )


def version_at(folder: Path | None) -> Version:
    """The version in this folder, None for the one that comes with Knuckle. What comes from elsewhere is not
    only read but verified, which takes less than a look at a radiograph. Raises DetectorError."""
    if folder is None:
        return load_version(shipped_version())
    return load_version(folder) if folder.resolve().parent in PLACES else verify_version(folder)
