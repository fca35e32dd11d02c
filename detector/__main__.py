"""`python -m detector`: parses, hands over, and says how it went. Exit 0 done, 1 not, 2 wrong usage."""

import argparse
import dataclasses
import io
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from detector.dataset import Release, ReleaseError, faults, read_release
from detector.folds import USUAL_COUNT, images_of, split, tally, write_folds

INTERRUPTED = 130
"""The exit status of a command that was ended by Ctrl+C, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one verb; the exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names of files may hold what no terminal can show
            stream.reconfigure(errors="backslashreplace")
    given = parser().parse_args(arguments)
    try:
        done: int = given.run(given)
        return done
    except (ReleaseError, ValueError) as error:
        print(f"{given.verb}: {error}", file=sys.stderr)
    except OSError as error:
        print(f"{given.verb}: {error.strerror or error}", file=sys.stderr)
    except KeyboardInterrupt:
        return INTERRUPTED
    return 1


def parser() -> argparse.ArgumentParser:
    """The verbs and what they take."""
    whole = argparse.ArgumentParser(
        prog="python -m detector",
        description="Finds finger joints and their findings in hand radiographs. Research use only, "
        "not for diagnosis.",
    )
    verbs = whole.add_subparsers(dest="verb", required=True, metavar="VERB")

    words = "divide a release into folds by patient, with findings spread evenly"
    verb = verbs.add_parser("split", help=words, description=f"{words.capitalize()}.")
    verb.add_argument("release", type=Path, metavar="RELEASE", help="folder of the release")
    verb.add_argument("--folds", type=int, default=USUAL_COUNT, metavar="N", help="how many (default 5)")
    verb.add_argument("--seed", type=int, default=0, metavar="N", help="of the division (default 0)")
    verb.add_argument("--again", action="store_true", help="replace folds that are there already")
    verb.set_defaults(run=run_split)

    words = "look for everything that is wrong with a release; exit 1 where there is any"
    verb = verbs.add_parser("check", help=words, description=f"{words.capitalize()}.")
    verb.add_argument("release", type=Path, metavar="RELEASE", help="folder of the release")
    verb.add_argument("--json", action="store_true", help="print one JSON object")
    verb.set_defaults(run=run_check)
    return whole


def run_split(given: argparse.Namespace) -> int:
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


def run_check(given: argparse.Namespace) -> int:
    found = faults(given.release)
    if given.json:
        print(json.dumps({"faults": [dataclasses.asdict(fault) for fault in found]}))
        return int(bool(found))
    for fault in found:
        print(fault)
    if found:
        print(f"{len(found)} fault{'' if len(found) == 1 else 's'}.")
        return 1
    release = read_release(given.release)
    held = tally(release.images)
    divided = "no folds yet" if release.folds is None else f"{len(release.folds.patients)} folds"
    print(
        f"No fault in {held.images} images of {held.patients} patients: {held.ankylosed} ankylosed and "
        f"{held.displaced} displaced joints, {divided}."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
