"""`split`: divides a release into folds."""

import argparse
from pathlib import Path

from detector.dataset import Release, read_release
from detector.folds import USUAL_COUNT, images_of, split, tally, write_folds


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "divide a release into folds by patient, with findings spread evenly"
    verb = verbs.add_parser("split", help=words, description=f"{words.capitalize()}.")
    verb.add_argument("release", type=Path, metavar="RELEASE", help="folder of the release")
    verb.add_argument("--folds", type=int, default=USUAL_COUNT, metavar="N", help="how many (default 5)")
    verb.add_argument("--seed", type=int, default=0, metavar="N", help="of the division (default 0)")
    verb.add_argument("--again", action="store_true", help="replace folds that are there already")
    verb.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    # with --again also where the folds that are there are of no use
    release = read_release(given.release, with_folds=not given.again)
    write_folds(release, split(release.contents, count=given.folds, seed=given.seed), again=given.again)
    print(counts_table(read_release(given.release)))
    return 0


def counts_table(release: Release) -> str:
    """How much lies in each fold, a line each."""
    groups = [] if release.folds is None else list(release.folds.patients)
    parts = {f"fold {n}": patients for n, patients in enumerate(groups, 1)}
    if release.contents.test:
        parts["test"] = release.contents.test
    lines = [f"{'':8}{'patients':>10}{'images':>10}{'ankylosed':>12}{'displaced':>12}"]
    for name, patients in parts.items():
        found = tally(images_of(release, patients))
        lines.append(
            f"{name:8}{found.patients:>10}{found.images:>10}{found.ankylosed:>12}{found.displaced:>12}"
        )
    return "\n".join(lines)
