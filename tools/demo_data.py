"""The data of the demo model: drawn radiographs, and two-hand radiographs composed of real films.

    python -m tools.demo_data films HANDS LISTS
    python -m tools.demo_data releases OUT --composites COMPOSED

`films` divides the films, before anything is composed of them, and prints how `two_hand_films.py` is to be
run. `releases` writes the releases; without --composites, those of phantoms alone. The same seed gives the
same bytes. docs/demo-model.md has the whole way.
"""

import argparse
import csv
import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import KnuckleError
from annotator.imaging.dicom import read
from detector.dataset import Release, ReleaseError
from detector.release.sources import from_composites, from_phantoms

COMMON, RARE = 0.2, 0.02  # share of joints with a finding: enough to learn from, and as in the paper
HELD_OUT, VALIDATION = 80, 10  # films
LEAST_AGE, LEAST_AGE_TRAINING = 120, 60  # months of bone age

PARTS = ("training", "validation", "heldout")


@dataclass(frozen=True)
class Phantoms:
    """Drawn radiographs for one release: their seeds start at `first` (further on for another --seed)."""

    name: str
    first: int
    count: int
    rate: float


PHANTOMS = (
    Phantoms("training_phantoms", 10_000, 250, COMMON),
    Phantoms("validation_phantoms", 20_000, 30, COMMON),
    Phantoms("heldout_phantoms", 30_000, 60, COMMON),
    Phantoms("heldout_phantoms_rare", 40_000, 60, RARE),
)
STRIDE = 100_000  # between the phantoms of one --seed and the next


@dataclass(frozen=True)
class Composites:
    """Composed radiographs for one release: of which part of the films, and the seed of what is drawn in."""

    name: str
    part: str
    rate: float
    seed: int


COMPOSITES = (
    Composites("validation_composites", "validation", COMMON, 1),
    Composites("training_composites", "training", COMMON, 2),
    Composites("heldout_composites_clean", "heldout", 0.0, 0),
    Composites("heldout_composites", "heldout", COMMON, 3),
    Composites("heldout_composites_rare", "heldout", RARE, 4),
)


@dataclass(frozen=True)
class Run:
    """One run of two_hand_films.py; varied in markers and sides, as clinics are."""

    folder: str
    part: str
    patients: int
    seed: int
    options: str = ""


RUNS = (
    Run("training_a", "training", 87, 101),
    Run("training_b", "training", 87, 102, "--right-on right"),
    Run("training_c", "training", 87, 103, "--no-markers"),
    Run("training_d", "training", 40, 104),
    Run("validation_a", "validation", 25, 301),
    Run("validation_b", "validation", 15, 302, "--right-on right --no-markers"),
    # twice as many films as patients, so that each is used once
    Run("heldout", "heldout", HELD_OUT // 2, 201),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; the exit status."""
    given = parser().parse_args(arguments)
    try:
        if given.what == "films":
            divide_films(given.hands, given.lists, given.seed)
            print("\n".join(composer_commands(given.hands, given.lists)))
        else:
            write_releases(given.out, given.composites, given.seed, given.share)
    except (ReleaseError, KnuckleError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m tools.demo_data",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    verbs = top.add_subparsers(dest="what", required=True)
    films = verbs.add_parser("films", help="divide the films into training, validation and held out")
    films.add_argument("hands", type=Path, help="folder with films.csv and films/")
    films.add_argument("lists", type=Path, help="folder for the three lists of films")
    releases = verbs.add_parser("releases", help="write the releases")
    releases.add_argument("out", type=Path, help="folder for the releases; those already there are kept")
    releases.add_argument(
        "--composites", type=Path, metavar="DIR", help="folder with the output folders of two_hand_films.py"
    )
    releases.add_argument(
        "--share", type=float, default=1.0, help="write this share of the phantoms, for a try (default 1)"
    )
    for verb in (films, releases):
        verb.add_argument("--seed", type=int, default=0, help="default 0")
    return top


def divide_films(hands: Path, lists: Path, seed: int) -> None:
    """Writes films_training.txt and so on, one film a line; held-out films are of older children.

    ValueError where there are too few films.
    """
    with (hands / "films.csv").open(newline="", encoding="utf-8") as file:
        ages = {row["film"]: int(row["bone_age_months"] or 0) for row in csv.DictReader(file)}
    rng = random.Random(3 + seed)
    older = sorted(film for film, age in ages.items() if age >= LEAST_AGE)
    if len(older) < HELD_OUT + VALIDATION + 2:
        raise ValueError(f"{len(older)} films of {LEAST_AGE} months or more are too few.")
    held_out = set(rng.sample(older, HELD_OUT))
    validation = set(rng.sample([film for film in older if film not in held_out], VALIDATION))
    known = {film for film, age in ages.items() if age >= LEAST_AGE_TRAINING}
    parts = (known - held_out - validation, validation, held_out)
    lists.mkdir(parents=True, exist_ok=True)
    for part, films in zip(PARTS, parts, strict=True):
        (lists / f"films_{part}.txt").write_text("\n".join(sorted(films)) + "\n", "utf-8")


def composer_commands(hands: Path, lists: Path) -> list[str]:
    """How two_hand_films.py is to be run for each folder."""
    return [
        f"python two_hand_films.py {hands} COMPOSED/{run.folder} --films {lists / f'films_{run.part}.txt'}"
        f" --min-age {LEAST_AGE_TRAINING} --patients {run.patients} --visits 1 --seed {run.seed}"
        f" {run.options}".rstrip()
        for run in RUNS
    ]


def write_releases(out: Path, composed: Path | None, seed: int, share: float) -> None:
    """Writes what is not there yet, and says what it wrote."""
    folders = {} if composed is None else composer_folders(composed)
    out.mkdir(parents=True, exist_ok=True)
    for phantoms in PHANTOMS:
        first = phantoms.first + STRIDE * seed
        seeds = range(first, first + max(1, round(share * phantoms.count)))
        if not (out / phantoms.name).exists():
            swapped = [number for number in seeds if number % 5 == 0]
            told(from_phantoms(out / phantoms.name, seeds, 1, phantoms.rate, swapped=swapped))
    for composites in COMPOSITES if folders else ():
        if not (out / composites.name).exists():
            release = from_composites(
                out / composites.name,
                folders[composites.part],
                pixels_of,
                findings_rate=composites.rate,
                seed=composites.seed + 10 * seed,
            )
            told(release)


def composer_folders(composed: Path) -> dict[str, list[Path]]:
    """Part -> output folders of the composer.

    ValueError where a part has none, or two have a film in common.
    """
    folders = {part: sorted(path.parent for path in composed.glob(f"{part}*/truth.json")) for part in PARTS}
    for part, found in folders.items():
        if not found:
            raise ValueError(f"{composed} has no folder {part}* with a truth.json.")
    refuse_leaks({part: films_of(found) for part, found in folders.items()})
    return folders


def pixels_of(path: Path) -> NDArray[np.uint16]:
    """The pixels of a DICOM file, uint16 [H, W], bone bright."""
    return read(path).pixels


def films_of(folders: Sequence[Path]) -> set[str]:
    """The films in the output of the composer. ValueError for a truth.json that it did not write."""
    films: set[str] = set()
    for folder in folders:
        try:
            for entry in json.loads((folder / "truth.json").read_text("utf-8"))["images"]:
                films |= set(entry["films"].values())
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ValueError(f"{folder / 'truth.json'} is not as two_hand_films.py writes it.") from error
    return films


def refuse_leaks(films: Mapping[str, set[str]]) -> None:
    """ValueError where a film is in two parts."""
    for part, other in combinations(PARTS, 2):
        if both := sorted(films[part] & films[other]):
            raise ValueError(f"Films of {part} are in {other} as well: {', '.join(both[:5])}.")


def told(release: Release) -> None:
    """One line about a release that was written."""
    ankylosed = sum(image.ankylosed for image in release.images)
    displaced = sum(image.displaced for image in release.images)
    joints = f"{ankylosed} joints ankylosed, {displaced} displaced"
    print(f"{release.folder.name}: {len(release.images)} images, {joints}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
