"""What a release holds, as values. How it is written down stands in `detector/dataset.py`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from detector import png
from detector.files import bytes_sha256

FORMAT, VERSION = "knuckle-release", 1
LARGEST = 10_000  # rows or columns
ANNOTATIONS, FOLDS, MANIFEST, IMAGES = "annotations.json", "folds.json", "manifest.json", "images"

KINDS = ("IP1", "PIP2", "PIP3", "PIP4", "PIP5", "MP1", "MP2", "MP3", "MP4", "MP5")
JOINTS = tuple(f"{side}-{kind}" for side in "RL" for kind in KINDS)
"""The 20 joints on which ankylosis is judged."""

DISPLACEABLE = tuple(joint for joint in JOINTS if not joint.endswith("-IP1"))
"""The 18 joints on which subluxation and dislocation are judged."""

Corners = tuple[float, float, float, float]


class Displacement(StrEnum):
    NONE = "none"
    SUBLUXATION = "subluxation"
    DISLOCATION = "dislocation"


class Certainty(StrEnum):
    CERTAIN = "certain"
    PROBABLE = "probable"


class FaultKind(StrEnum):
    MISSING = "missing"
    CHANGED = "changed"
    EXTRA = "extra"
    PATH = "path"
    UNREADABLE = "unreadable"
    IMAGE = "broken image"
    DEPTH = "bit depth"
    SIZE = "size"
    SAME = "same image"
    JSON = "broken JSON"
    VERSION = "version"
    VALUE = "value"
    JOINT = "unknown joint"
    TWICE = "twice"
    BOX = "box"
    FINDING = "finding not judged"
    PATIENT = "unknown patient"
    LEAK = "patient in two parts"
    NO_FOLD = "image in no fold"


class ReleaseError(Exception):
    """A release that cannot be read or written; the message says why, in sentences."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a release. where: the file, then image and joint, such as
    "annotations.json: images/K-001-1.png: R-PIP3"."""

    kind: FaultKind
    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


@dataclass(frozen=True, slots=True)
class ReleaseJoint:
    """One labelled joint.

    box: x0, y0, x1, y1 in pixels of the full image, origin at the outer corner of the top-left pixel, inside
    the image. ankylosis, displacement: None where it was not assessed; displacement is always None on a thumb
    IP. certainty: of the findings that are present, the lesser one; None without a finding, or where nobody
    said.
    """

    name: str
    box: Corners
    ankylosis: bool | None = None
    displacement: Displacement | None = None
    certainty: Certainty | None = None

    @property
    def displaced(self) -> bool | None:
        """Subluxation and dislocation as the one label that is trained (Izumi et al. 2024, Methods)."""
        return None if self.displacement is None else self.displacement is not Displacement.NONE


@dataclass(frozen=True, slots=True)
class ReleaseImage:
    """One radiograph. file: "images/NAME.png". visit: 1, 2, ... of this patient. width, height: pixels.
    right_on_left: the hand on the left of the image is the right one. ignored: boxes as those of joints,
    places where a joint is of which nothing is said: neither background in training, nor found, missed or a
    false box in measuring."""

    file: str
    patient: str
    visit: int
    width: int
    height: int
    spacing_mm: float | None
    right_on_left: bool
    joints: tuple[ReleaseJoint, ...]
    ignored: tuple[Corners, ...] = ()

    @property
    def ankylosed(self) -> int:
        return sum(joint.ankylosis is True for joint in self.joints)

    @property
    def displaced(self) -> int:
        return sum(joint.displaced is True for joint in self.joints)


@dataclass(frozen=True, slots=True)
class Folds:
    """Patient codes of each fold, and the seed that divided them."""

    seed: int
    patients: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """What annotations.json says. test: patients kept out of every fold."""

    images: tuple[ReleaseImage, ...]
    test: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """about: where the release comes from, free. files: path in the folder -> SHA-256."""

    about: Mapping[str, object]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Release:
    """A release in a folder. folds: None where it was not divided yet."""

    folder: Path
    contents: Contents
    folds: Folds | None
    manifest: Manifest = field(repr=False)

    @property
    def images(self) -> tuple[ReleaseImage, ...]:
        return self.contents.images

    def pixels(self, image: ReleaseImage) -> NDArray[np.uint16]:
        """uint16 [H, W], bone bright, as `windows.half_page` takes it; read and verified at each call.

        Raises ReleaseError for a file that is gone, or is not the one that the manifest names.
        """
        try:
            data = (self.folder / image.file).read_bytes()
        except OSError as error:
            raise ReleaseError(f"{image.file} cannot be read: {error.strerror}.") from error
        if bytes_sha256(data) != self.manifest.files.get(image.file):
            raise ReleaseError(f"{image.file} was changed since the release was made.")
        try:
            pixels = png.decode(data)
        except ValueError as error:
            raise ReleaseError(f"{image.file}: {error}") from error
        if pixels.shape != (image.height, image.width):
            raise ReleaseError(f"{image.file} is not {image.width} x {image.height} pixels large.")
        return pixels
