"""A release and two versions that err on it in stated ways, compared as the detector compares them."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from annotator.domain.version_comparison import Comparison
from detector.dataset import Release, ReleaseImage, from_phantoms, read_release
from detector.evaluate import ImageResult, evaluate, results
from detector.folds import split, write_folds
from detector.verbs.compare import compared
from tests.detector.scan_samples import PERFECT, Errors, scan_of
from tests.detector.version_samples import make_version

MISSED, STIFF = "R-MP3", "L-PIP2"
NO_JOINT = (40.0, 30.0, 100.0, 90.0)
NEW = {
    0: Errors(missed=dict.fromkeys(("ankylosis", "subluxation"), frozenset({MISSED}))),
    1: Errors(extra=(NO_JOINT,)),
}
"""Of the first image it misses a joint, on the second it has a box too many."""
ACTIVE = {0: Errors(wrong={"ankylosis": frozenset({STIFF})})}
"""On the first image it tells an ankylosis the wrong way round."""


def make_compared(folder: Path, *, patients: int = 3, size: tuple[int, int] = (840, 1000)) -> Comparison:
    """folder: where the release is made and where, in `release`, it stays."""
    made = from_phantoms(folder / "release", range(patients), visits=1, findings_rate=0.2, size=size)
    write_folds(made, split(made.contents, count=patients))
    release = read_release(folder / "release")
    tiny = make_version(folder / "tiny", default_scan="whole")
    versions = [dataclasses.replace(tiny, name=name) for name in ("second", "demo-1")]
    measured = [seen_by(release, errors) for errors in (NEW, ACTIVE)]
    return Comparison.of(compared(release, "All images", release.images, versions, measured))


def seen_by(release: Release, errors: dict[int, Errors]) -> tuple[ImageResult, ...]:
    files = [image.file for image in release.images]

    def of(image: ReleaseImage) -> Errors:
        return errors.get(files.index(image.file), PERFECT)

    return results(release.images, evaluate(release, release.images, scan_of(release, of)))
