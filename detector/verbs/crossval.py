"""`crossval`: trains on all folds but one and measures on that one, fold by fold."""

import argparse
import dataclasses
import json
import os
import sys
from pathlib import Path

from detector.dataset import Release, read_release
from detector.errors import DetectorError
from detector.measuring.leaks import seen
from detector.measuring.scoring import score
from detector.report import Report, facts, plain_text, write
from detector.runtime import cores, needed
from detector.training.crossval import Fitted, Fold, Measured, crossvalidate
from detector.verbs.settings import add_settings, settings_of
from detector.verbs.train import progress
from detector.version.values import RUNTIMES, SCANS, ScanSettings, Version
from detector.versions import load_version


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "train and measure fold by fold, and write a report beside the paper's figures"
    verb = verbs.add_parser(
        "crossval",
        help=words,
        description=f"{words.capitalize()}. Both detectors are trained for every fold. The same command goes "
        "on where it was broken off.",
    )
    verb.add_argument("release", type=Path, metavar="RELEASE", help="folder of a release with folds")
    verb.add_argument("--out", type=Path, required=True, metavar="DIR", help="where everything goes")
    verb.add_argument(
        "--start", type=Path, metavar="VERSION", help="begin with its weights, and use its thresholds"
    )
    verb.add_argument(
        "--only",
        type=int,
        nargs="+",
        default=[],
        metavar="N",
        help="do these folds now, and the report when all are done: several machines can share the work",
    )
    verb.add_argument("--scan", choices=SCANS, default=SCANS[0], help="default windows, the paper's")
    verb.add_argument("--t-conf", type=float, metavar="X", help="least confidence (default: the paper's 0.9)")
    verb.add_argument("--runtime", choices=tuple(RUNTIMES), help="what runs the scan (default onnxruntime)")
    add_settings(verb, "paper")
    verb.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    with needed("torch", "train"):
        import torch

        from detector.training.fold_training import Recipe, fit
    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise DetectorError(
            "A cross-validation runs in one process.", "Give each machine folds of its own, with --only."
        )
    settings = settings_of(given)
    if (count := cores(given.threads)) is not None:
        torch.set_num_threads(count)
    release = read_release(given.release)
    start = None if given.start is None else load_version(given.start)
    begun = {} if start is None else begun_with(start, release)
    if start is not None:
        settings = dataclasses.replace(settings, architecture=start.architecture)
    weights = {} if start is None else {finding: start.weights(finding) for finding in start.findings}
    recipe = Recipe(
        settings, given.scan, thresholds(given, start), weights, given.chain, given.runtime, given.threads
    )

    def fitted(fold: Fold) -> Fitted:
        return fit(release, recipe, fold, lambda _, finding: progress(finding, given.json))

    measured = crossvalidate(release, given.out, recipe.plan(), fitted, only=given.only, say=say)
    if measured.missing:
        say(f"Not done yet: fold {', '.join(map(str, measured.missing))}. The report comes with the last.")
        return 0
    known = {
        "Network": facts.of_network(settings.architecture),
        "Training": facts.of_training(settings),
        **begun,
        "Scan": facts.of_scan(given.scan, recipe.thresholds),
    }
    report = reported(release, measured, known)
    print(plain_text(report) if not given.json else json.dumps({"report": str(given.out)}))
    for file in write(report, given.out, lambda one: release.pixels(one.image)):
        say(str(file))
    return 0


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def thresholds(given: argparse.Namespace, start: Version | None) -> ScanSettings:
    """Those of the version that is begun with, or the paper's; with the least confidence that was given."""
    usual = ScanSettings() if start is None else start.scans[given.scan]
    if given.t_conf is None:
        return usual
    if not 0 < given.t_conf < 1:
        raise DetectorError(f"{given.t_conf} is no confidence.", "Give a number between 0 and 1.")
    return dataclasses.replace(usual, t_conf=given.t_conf)


def begun_with(start: Version, release: Release) -> dict[str, str]:
    """What a report says of the version that was begun with. Raises DetectorError where that was trained on
    a patient of a fold: the patient would be held out in vain."""
    known = seen(start, release)
    folds = () if release.folds is None else release.folds.patients
    if both := sorted({patient for fold in folds for patient in fold} & known.patients):
        raise DetectorError(
            f"LEAK: {start.name} was trained on {len(both)} of the patients that are to be held out.",
            "Nothing was trained. Begin with a version that has seen none of them, or without --start.",
        )
    words = f"{start.name} ({start.sha256[:12]})"
    if not known.certain:
        words += ", which does not name the images it was trained on, so a leak cannot be ruled out"
        say(f"WARNING: {words}.")
    return {"Begun with": words}


def reported(release: Release, measured: Measured, known: dict[str, str]) -> Report:
    evaluation = score(measured.results)
    images = [one.image for part in measured.results.values() for one in part]
    seed = 0 if release.folds is None else release.folds.seed
    ran = dict.fromkeys(str(one["runtime"]) for one in measured.about.values())
    head = {
        "Release": facts.of_release(release),
        "Measured on": facts.of_images(images),
        "Folds": f"{len(measured.results)}, by patient, divided with seed {seed}",
    }
    tail = {"Runtime": " and ".join(ran), "Made": facts.now()}
    scan = str(next(iter(measured.about.values()))["scan"])
    return Report(
        "crossval",
        f"Cross-validation in {len(measured.results)} folds",
        {**head, **known, **tail},
        {scan: evaluation},
        {scan: measured.results},
        about={"folds": measured.about},
    )
