"""Divides a release into folds by patient, with images and findings spread evenly.

Izumi et al. 2024, Results, train and test on five folds. They do not say that all visits of a patient lie in
the same fold; here they do, as anything else leaks.

Findings are on 1 to 3 % of the joints, so chance alone leaves folds without any. Every fold gets the same
number of patients, or one more. They are placed one by one, those with the most findings first, each where
the folds stay the most even; then any two are swapped for as long as that makes the folds more even. All of
it is done in whole numbers, so a seed gives the same folds on every machine.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from detector.errors import DetectorError
from detector.release.values import Contents, Folds, Release, ReleaseError, ReleaseImage
from detector.release.write import replace_folds

USUAL_COUNT, LARGEST_COUNT = 5, 100
Counts = NDArray[np.int64]


class LeakError(Exception):
    """A patient stands on both sides of a division; the message names which."""


@dataclass(frozen=True, slots=True)
class FoldPart:
    """One turn of a cross-validation."""

    train: tuple[ReleaseImage, ...]
    held_out: tuple[ReleaseImage, ...]


@dataclass(frozen=True, slots=True)
class PartCounts:
    """How much lies in a part of a release. ankylosed, displaced: joints."""

    patients: int
    images: int
    ankylosed: int
    displaced: int


def split(contents: Contents, *, count: int = USUAL_COUNT, seed: int = 0) -> Folds:
    """Folds of all patients but those of the test set; the same for the same patients, whatever their order.

    Raises DetectorError for fewer than 2 or more than 100 folds, fewer patients than folds, a negative seed.
    """
    return divided(counts_of(contents), count=count, seed=seed)


def divided(
    by_patient: Mapping[str, tuple[int, int, int]], *, count: int = USUAL_COUNT, seed: int = 0
) -> Folds:
    """As `split`, of patients of whom no more is known than what is to be spread, see `counts_of`."""
    if not 2 <= count <= LARGEST_COUNT or seed < 0:
        raise DetectorError(
            f"2 to {LARGEST_COUNT} folds and a seed from 0 are possible, not {count} and {seed}."
        )
    if len(by_patient) < count:
        raise DetectorError(f"{len(by_patient)} patients cannot be divided into {count} folds.")
    codes = sorted(by_patient)
    np.random.Generator(np.random.PCG64(seed)).shuffle(codes)
    counts = np.array([by_patient[code] for code in codes], np.int64)
    places = swapped(counts, placed(counts, count), count)
    groups = [
        sorted(code for code, place in zip(codes, places, strict=True) if place == n) for n in range(count)
    ]
    return Folds(seed, tuple(tuple(group) for group in groups))


def counts_of(contents: Contents) -> dict[str, tuple[int, int, int]]:
    """Patient code -> what is to be spread evenly: images, and ankylosed and displaced joints."""
    found: dict[str, tuple[int, int, int]] = {}
    for image in contents.images:
        if image.patient not in contents.test:
            images, ankylosed, displaced = found.get(image.patient, (0, 0, 0))
            found[image.patient] = images + 1, ankylosed + image.ankylosed, displaced + image.displaced
    return found


def weights(counts: Counts) -> Counts:
    """What a squared deviation counts for in each column: columns weigh the same, whatever their sums."""
    weighed: Counts = np.int64(10**12) // np.maximum(counts.sum(axis=0), 1) ** 2
    return weighed


def placed(counts: Counts, count: int) -> Counts:
    """counts int64 [patients, columns] -> the fold of each patient.

    What a fold has too much of is counted as folds x its sum - the sum of all folds, which is a whole number.
    """
    totals, weight = counts.sum(axis=0), weights(counts)
    places = np.zeros(len(counts), np.int64)
    excess = np.tile(-totals, (count, 1))
    room = np.array([len(counts) // count + (fold < len(counts) % count) for fold in range(count)])
    for patient in np.argsort(-(counts**2 * weight).sum(axis=1), kind="stable"):
        # what the sum of squares grows by, but for a part that is the same for all folds
        growth = (weight * counts[patient] * excess).sum(axis=1)
        fold = min(np.flatnonzero(room), key=lambda fold: (int(growth[fold]), -int(room[fold])))
        places[patient] = fold
        excess[fold] += count * counts[patient]
        room[fold] -= 1
    return places


def swapped(counts: Counts, places: Counts, count: int) -> Counts:
    """The folds of patients after all swaps that make the folds more even."""
    weight, places = weights(counts), places.copy()
    totals = counts.sum(axis=0)
    excess = np.array([count * counts[places == fold].sum(axis=0) - totals for fold in range(count)])
    improved = True
    while improved:
        improved = False
        for patient in range(len(counts)):
            own = places[patient]
            given = counts[patient] - counts  # to the fold of each other patient, by a swap with that one
            growth = (weight * given * (excess[places] - excess[own] + count * given)).sum(axis=1)
            growth[places == own] = 0
            other = int(np.argmin(growth))
            if growth[other] < 0:
                excess[own] -= count * given[other]
                excess[places[other]] += count * given[other]
                places[patient], places[other] = places[other], own
                improved = True
    return places


def write_folds(release: Release, folds: Folds, *, again: bool = False) -> None:
    """Puts folds into a release that has none yet, or the same ones; others are replaced by `again` alone.

    Raises ReleaseError where that is refused, or the folds do not fit the release.
    """
    if release.folds is not None and release.folds != folds and not again:
        raise ReleaseError("The release is divided otherwise already; only --again replaces its folds.")
    replace_folds(release, folds)


def part(release: Release, held_out: int) -> FoldPart:
    """The images of a fold (0, 1, ...) and those of all other folds, after a look for leaks.

    Raises LeakError as `refuse_leaks`, ReleaseError for a release without folds or without this fold.
    """
    if release.folds is None or not 0 <= held_out < len(release.folds.patients):
        raise ReleaseError(f"The release has no fold {held_out + 1}.")
    folds = [images_of(release, fold) for fold in release.folds.patients]
    named = {f"fold {n}": images for n, images in enumerate(folds, 1)}
    refuse_leaks({**named, "the test set": images_of(release, release.contents.test)})
    others = (image for n, images in enumerate(folds) if n != held_out for image in images)
    return FoldPart(tuple(others), folds[held_out])


def images_of(release: Release, patients: Iterable[str]) -> tuple[ReleaseImage, ...]:
    """The images of these patients, in the order of the release."""
    wanted = set(patients)
    return tuple(image for image in release.images if image.patient in wanted)


def refuse_leaks(parts: Mapping[str, Iterable[ReleaseImage]]) -> None:
    """Raises LeakError where a patient has images in two of these parts."""
    patients = {name: {image.patient for image in images} for name, images in parts.items()}
    for (first, some), (second, others) in combinations(patients.items(), 2):
        if both := sorted(some & others):
            raise LeakError(f"Patient {', '.join(both)} is in {first} and in {second}.")


def tally(images: Iterable[ReleaseImage]) -> PartCounts:
    held = tuple(images)
    return PartCounts(
        patients=len({image.patient for image in held}),
        images=len(held),
        ankylosed=sum(image.ankylosed for image in held),
        displaced=sum(image.displaced for image in held),
    )
