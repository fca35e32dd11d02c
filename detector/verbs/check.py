"""`check`: names everything that is wrong with a release."""

import argparse
import dataclasses
import json
from pathlib import Path

from detector.dataset import faults, read_release
from detector.folds import tally


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "look for everything that is wrong with a release; exit 1 where there is any"
    verb = verbs.add_parser("check", help=words, description=f"{words.capitalize()}.")
    verb.add_argument("release", type=Path, metavar="RELEASE", help="folder of the release")
    verb.add_argument("--json", action="store_true", help="print one JSON object")
    verb.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
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
