"""`check`: names everything that is wrong with a release, or what is wrong with a version."""

import argparse
import dataclasses
import json
from pathlib import Path

from detector.dataset import Fault, FaultKind, faults, read_release
from detector.errors import DetectorError
from detector.folds import tally
from detector.report.words import count
from detector.version.values import RECORD
from detector.versions import verify_version


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "look for what is wrong with a release or a version; exit 1 where there is anything"
    verb = verbs.add_parser(
        "check",
        help=words,
        description=f"{words.capitalize()}. Of a release every fault is named. Of a version the hashes are "
        "compared and the weights read, and its detectors are to say the same of its golden image as ever; "
        "the first fault ends that.",
    )
    verb.add_argument("path", type=Path, metavar="PATH", help="folder of the release or version")
    verb.add_argument("--json", action="store_true", help="print one JSON object")
    verb.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    found, words = of_version(given.path) if (given.path / RECORD).exists() else of_release(given.path)
    if given.json:
        print(json.dumps({"faults": [dataclasses.asdict(fault) for fault in found]}))
    else:
        print(*found, words, sep="\n")
    return int(bool(found))


def of_version(folder: Path) -> tuple[list[Fault], str]:
    """What is wrong, and a sentence on the whole."""
    try:
        version = verify_version(folder)
    except DetectorError as error:
        return [Fault(FaultKind.VERSION, folder.resolve().name, str(error))], "1 fault."
    findings = " and ".join(version.findings)
    return [], f"No fault in the version {version.name} ({version.sha256[:12]}), which tells {findings}."


def of_release(folder: Path) -> tuple[list[Fault], str]:
    """The same of a release."""
    if found := faults(folder):
        return found, f"{count(len(found), 'fault')}."
    release = read_release(folder)
    held = tally(release.images)
    divided = "no folds yet" if release.folds is None else f"{len(release.folds.patients)} folds"
    return [], (
        f"No fault in {count(held.images, 'image')} of {count(held.patients, 'patient')}: {held.ankylosed} "
        f"ankylosed and {held.displaced} displaced joints, {divided}."
    )
