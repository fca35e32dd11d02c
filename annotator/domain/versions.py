"""Versions of the detector: what a folder says of the model in it, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass

from annotator.domain.errors import KnuckleError
from annotator.domain.proposals import Thresholds

CLASSES = ("background", "absent", "present")
"""Order of every triple of probabilities (Izumi et al. 2024, Development of the joint region detector)."""

DETECTORS = ("ankylosis", "subluxation")
"""The first and the second detector of the ensemble. "subluxation" stands for dislocation too."""

IMPORT = "import: "
"""What the name of a version begins with that stands for a file of labels; no detector may be called so."""
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class VersionFolder:
    """What a version says of itself. sha256: of its version.json, which names the hashes of all its files.

    folder: absolute path. created: as the version says it, any text. figures: of its card, such as
    ("ankylosis sensitivity", 0.93), in the order in which they are shown.
    """

    name: str
    sha256: str
    folder: str
    classes: tuple[str, ...] = CLASSES
    findings: tuple[str, ...] = DETECTORS
    created: str = ""
    figures: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version that was brought in. active: it is the one that proposes; at most one is."""

    id: int
    name: str
    sha256: str
    folder: str
    created: str = ""
    figures: tuple[tuple[str, float], ...] = ()
    active: bool = False

    @property
    def is_import(self) -> bool:
        """It stands for imported labels: nothing in it can look at an image."""
        return is_import(self.name)


@dataclass(frozen=True, slots=True)
class VersionUse:
    """Where a version was used. studies: their names, in the order in which they were made."""

    studies: tuple[str, ...] = ()
    images: int = 0
    runs: int = 0


@dataclass(frozen=True, slots=True)
class ScanPaper:
    """What a version does one of its scans with. name: "windows" or "whole". default: it is the one that runs
    where nothing else is asked for."""

    name: str
    default: bool
    thresholds: Thresholds


@dataclass(frozen=True, slots=True)
class VersionPaper:
    """What the folder of a version says for people to read. card: Markdown."""

    card: str
    scans: tuple[ScanPaper, ...]


def import_name(file: str) -> str:
    """The name of the version that stands for labels out of a file of this name."""
    return f"{IMPORT}{file}"[:_LONGEST_NAME]


def is_import(name: str) -> bool:
    return name.startswith(IMPORT)


def refuse_activation(name: str) -> None:
    """Raises KnuckleError for a version that can propose nothing by itself."""
    if is_import(name):
        raise KnuckleError(
            f"The version {name} stands for imported labels and holds no detector.",
            "Activate a version that was trained.",
            name=name,
        )


def refuse_foreign(offered: VersionFolder) -> None:
    """Raises KnuckleError for a version whose proposals Knuckle could not understand."""
    if is_import(offered.name):
        raise KnuckleError(
            f"The version {offered.name} is called like imported labels.",
            f"Give it a name that does not begin with {IMPORT.strip()!r}.",
            name=offered.name,
        )
    if offered.classes != CLASSES:
        raise KnuckleError(
            f"The version {offered.name} tells other classes apart than Knuckle does.",
            f"Take one for {', '.join(CLASSES)}.",
            name=offered.name,
        )
    if offered.findings != DETECTORS:
        raise KnuckleError(
            f"The version {offered.name} does not hold the detectors of {' and '.join(DETECTORS)}.",
            "Take one with both.",
            name=offered.name,
        )
