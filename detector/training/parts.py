"""Which images of releases are trained on, and which are kept from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from detector.errors import DetectorError
from detector.folds import images_of
from detector.measuring.leaks import of, pictures
from detector.release.values import ANNOTATIONS, Release, ReleaseImage


@dataclass(frozen=True)
class Part:
    """Some images of a release."""

    release: Release
    images: tuple[ReleaseImage, ...]

    def record(self) -> dict[str, object]:
        """What a version says of it, with the SHA-256 of the images and of annotations.json. ignored: places,
        where there are any."""
        ignored = sum(len(image.ignored) for image in self.images)
        return {
            "release": self.release.folder.name,
            "about": dict(self.release.manifest.about),
            "images": len(self.images),
            "patients": len({image.patient for image in self.images}),
            "joints": sum(len(image.joints) for image in self.images),
            "ankylosed": sum(image.ankylosed for image in self.images),
            "displaced": sum(image.displaced for image in self.images),
            **({"ignored": ignored} if ignored else {}),
            "annotations": self.release.manifest.files.get(ANNOTATIONS),
            **pictures(self.release, self.images),
        }


def divided(release: Release, held_out: int | None, kept: int | None = None) -> tuple[Part, Part, Part]:
    """What of a release is trained on, what is held out for validation, and what is kept to measure on.

    held_out, kept: folds, counted from 1, or None. The release's test patients are in none of the three.
    Raises DetectorError for a fold that is not there, or one for both.
    """
    if held_out is not None and held_out == kept:
        raise DetectorError(
            f"Fold {kept} cannot both choose thresholds and be measured on.", "Name two folds, or one."
        )
    test = set(release.contents.test)
    out, apart = fold_of(release, held_out), fold_of(release, kept)
    names = {image.file for part in (out, apart) for image in part.images}
    rest = (image for image in release.images if image.patient not in test and image.file not in names)
    return Part(release, tuple(rest)), out, apart


def fold_of(release: Release, number: int | None) -> Part:
    """Empty for None. Raises DetectorError for a fold that is not there."""
    if number is None:
        return Part(release, ())
    folds = () if release.folds is None else release.folds.patients
    if not 1 <= number <= len(folds):
        raise DetectorError(
            f"{release.folder.name} has no fold {number}, but {len(folds)}.",
            "Divide it with `python -m detector split`, or name another fold.",
        )
    return Part(release, tuple(images_of(release, folds[number - 1])))


def test_part(release: Release) -> Part:
    """The patients that a release keeps out of every fold, for all versions trained on it."""
    return Part(release, images_of(release, release.contents.test))


def halves(parts: Sequence[Part]) -> tuple[list[Part], list[Part]]:
    """Every other patient of each release, and the rest; both are everything where that leaves one empty."""
    first: list[Part] = []
    second: list[Part] = []
    for part in parts:
        patients = sorted({image.patient for image in part.images})
        for half, chosen in ((first, set(patients[::2])), (second, set(patients[1::2]))):
            half.append(Part(part.release, tuple(one for one in part.images if one.patient in chosen)))
    if not any(part.images for part in second):
        return list(parts), list(parts)
    return first, second


def refuse_shared(parts: Mapping[str, Iterable[Part]]) -> None:
    """That nobody is in two of these: no picture, told by its file's SHA-256, and no patient of one release.

    Codes of two releases may be the same for two people, so across releases only pictures tell. Raises
    DetectorError where somebody is.
    """
    seen: dict[tuple[str, str], str] = {}
    for name, some in parts.items():
        for part in some:
            for image in part.images:
                for key in (("", of(part.release, image)), (str(part.release.folder), image.patient)):
                    before = seen.setdefault(key, name)
                    if before != name and key[1]:
                        raise DetectorError(
                            f"LEAK: {part.release.folder.name}/{image.file} is of a patient in {before} and "
                            f"in {name}.",
                            "Nothing was written. Name other releases, or another fold.",
                        )
