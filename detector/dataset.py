"""The release: a frozen data set in a folder, which training and evaluation read.

    images/NAME.png     16-bit gray PNG: the full-size array that `windows.half_page` takes, bone bright
    annotations.json    what is labelled on each image
    folds.json          which patients are in which fold; absent until the release is divided
    manifest.json       SHA-256 of every other file, and where the release comes from

Each JSON file says "format": "knuckle-release", "version": 1, and has no fields but these:

    annotations.json    test: patient codes kept out of every fold
                        images: file, patient (code), visit (1, 2, ...), width, height, spacing_mm (or null),
                                right_on_left (the hand on the left of the image is the right one), joints,
                                ignored ([[x0, y0, x1, y1], ...], absent where there are none)
                        joints: name (R-PIP3 ...), box [x0, y0, x1, y1], ankylosis, displacement, certainty
    folds.json          seed, folds: a list of patient codes for each fold
    manifest.json       about: anything, files: path -> SHA-256

A box is in pixels of the full image, origin at the outer corner of the top-left pixel, and inside the image.
ankylosis: true, false, or null where it was not assessed. displacement: "none", "subluxation", "dislocation",
or null where it was not assessed, and always on a thumb IP. certainty: "certain", "probable" or null, of the
findings that are present (the lesser one of two). A joint that is not listed was not labelled at all.
ignored: places where a joint is of which nothing is said: neither background in training, nor found, missed
or a false box in measuring. A patient's images are all in one fold. docs/release.md has an example.

`faults` names everything that is wrong with a release; `read_release` refuses one whose JSON is wrong.
"""

from detector.release.check import faults, read_release
from detector.release.sources import from_composites, from_phantoms
from detector.release.values import (
    DISPLACEABLE,
    JOINTS,
    Certainty,
    Contents,
    Displacement,
    Fault,
    FaultKind,
    Folds,
    Manifest,
    Release,
    ReleaseError,
    ReleaseImage,
    ReleaseJoint,
)
from detector.release.write import write_release

__all__ = [
    "DISPLACEABLE",
    "JOINTS",
    "Certainty",
    "Contents",
    "Displacement",
    "Fault",
    "FaultKind",
    "Folds",
    "Manifest",
    "Release",
    "ReleaseError",
    "ReleaseImage",
    "ReleaseJoint",
    "faults",
    "from_composites",
    "from_phantoms",
    "read_release",
    "write_release",
]
