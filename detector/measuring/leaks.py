"""Whether a version was trained on patients it is measured on: the figures would say nothing of new ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detector.errors import DetectorError
from detector.folds import LeakError, images_of, refuse_leaks
from detector.release.values import Release, ReleaseImage
from detector.version.values import Version

PICTURES = "pictures"
"""In each of a version's data["training"] records: SHA-256 of every image file that was trained on."""


@dataclass(frozen=True)
class Seen:
    """patients: those of a release of whom a version was trained on an image. certain: it says of everything
    it was trained on which images these were, so that there are no others."""

    patients: frozenset[str]
    certain: bool


def pictures(release: Release, images: Iterable[ReleaseImage]) -> dict[str, list[str]]:
    """What a version is to say of the images it was trained on, beside what else it says of them."""
    return {PICTURES: sorted(digest for image in images if (digest := of(release, image)))}


def of(release: Release, image: ReleaseImage) -> str:
    """SHA-256 of an image's file, "" where the manifest does not name it."""
    return release.manifest.files.get(image.file, "")


def seen(version: Version, release: Release) -> Seen:
    """By the files of the images, which are the same in every release that holds them; a patient is seen
    when any of his or her images is."""
    records = version.data.get("training")
    told = [one for one in records if isinstance(one, Mapping)] if isinstance(records, list) else []
    hashes = {digest for one in told for digest in one.get(PICTURES, ())}
    return Seen(
        frozenset(image.patient for image in release.images if of(release, image) in hashes),
        bool(told) and all(PICTURES in one for one in told),
    )


def refuse_leaks_of(release: Release) -> str:
    """That no patient and no picture lies in two folds, or in a fold and the test set; a sentence that says
    so. Raises DetectorError where one does, or the release is not divided."""
    if release.folds is None:
        raise DetectorError(
            "The release is not divided into folds.", "Divide it with python -m detector split RELEASE."
        )
    parts = {
        f"fold {n}": images_of(release, patients) for n, patients in enumerate(release.folds.patients, 1)
    }
    parts["the test set"] = images_of(release, release.contents.test)
    try:
        refuse_leaks(parts)
    except LeakError as error:
        raise DetectorError(f"LEAK: {error}", ADVICE) from error
    refuse_twins(release, parts)
    patients = len({image.patient for images in parts.values() for image in images})
    test = f", and none in the test set of {len(release.contents.test)}" if release.contents.test else ""
    return f"No leak: none of {patients} patients is in two of {len(release.folds.patients)} folds{test}."


def refuse_twins(release: Release, parts: Mapping[str, Iterable[ReleaseImage]]) -> None:
    """Raises DetectorError where two parts hold the same picture, whoever it is said to be of."""
    where: dict[str, tuple[str, str]] = {}
    for name, images in parts.items():
        for image in images:
            before, file = where.setdefault(of(release, image) or image.file, (name, image.file))
            if before != name:
                same = f"{image.file} in {name} is the same picture as {file} in {before}."
                raise DetectorError(f"LEAK: {same}", ADVICE)


ADVICE = "Nothing was trained. Divide the release again with python -m detector split RELEASE --again."
