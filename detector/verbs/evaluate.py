"""`evaluate`: measures a version on images of a release."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from detector.dataset import Release, ReleaseImage, read_release
from detector.detect import Detector
from detector.errors import DetectorError
from detector.evaluate import ImageResult, evaluate, results, scan_with
from detector.folds import images_of
from detector.measuring.choice import Choice, choose
from detector.measuring.comparison import between
from detector.measuring.leaks import seen
from detector.measuring.scoring import score
from detector.report import Report, facts, plain_text, record, write
from detector.shipped import version_at
from detector.verbs.running import add_running, add_version
from detector.version.values import SCANS, Version

BOTH = "both"


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "measure a version on images of a release, beside the paper's figures"
    verb = verbs.add_parser("evaluate", help=words, description=f"{words.capitalize()}.")
    verb.add_argument("release", type=Path, metavar="RELEASE", help="folder of the release")
    add_version(verb)
    verb.add_argument(
        "--scan",
        choices=(*SCANS, BOTH),
        help="windows, one pass, or both and which is the more accurate (default: the version's)",
    )
    verb.add_argument(
        "--part",
        metavar="PART",
        help="test, the number of a fold, or all (default: test where the release names one, else all)",
    )
    verb.add_argument("--out", type=Path, metavar="DIR", help="write report.json, report.md and report.html")
    add_running(verb)
    verb.add_argument("--json", action="store_true", help="print what report.json holds")
    verb.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    if given.out is not None and given.out.exists() and not given.out.is_dir():
        raise DetectorError(f"{given.out.name} is a file.", "Name a folder for the report.")
    release = read_release(given.release)
    name, images = part_of(release, given.part)
    version = version_at(given.version)
    scans = SCANS if given.scan == BOTH else (given.scan or version.default_scan,)
    found: dict[str, tuple[ImageResult, ...]] = {}
    known = {
        "Release": facts.of_release(release),
        "Measured on": f"{name}: {facts.of_images(images)}",
        "Version": facts.of_version(version),
    } | leak(version, release, images)
    for scan in scans:
        detector = Detector(
            version, scan=scan, runtime=given.runtime, precision=given.precision, threads=given.threads
        )
        found[scan] = measure(release, images, detector)
        known[f'Scan "{scan}"'] = facts.of_scan(scan, detector.settings)
        known["Runtime"] = " and ".join(
            dict.fromkeys(detector.network(finding).runtime for finding in version.findings)
        )
    report = reported(name, known, found, version)
    print(json.dumps(record(report)) if given.json else plain_text(report), end="\n" if given.json else "")
    if given.out is not None:
        files = write(report, given.out, lambda one: release.pixels(one.image))
        print("\n".join(str(file) for file in files), file=sys.stderr)
    return 0


def part_of(release: Release, wanted: str | None) -> tuple[str, tuple[ReleaseImage, ...]]:
    """The name and images of a part. Raises DetectorError for one that is not there, or empty."""
    folds = () if release.folds is None else release.folds.patients
    wanted = wanted or ("test" if release.contents.test else "all")
    if wanted == "all":
        name, images = "All images", release.images
    elif wanted == "test":
        name, images = "Test set", images_of(release, release.contents.test)
    elif wanted.isdecimal() and 1 <= int(wanted) <= len(folds):
        name, images = f"Fold {int(wanted)}", images_of(release, folds[int(wanted) - 1])
    else:
        there = f"fold 1 to {len(folds)}" if folds else "no fold"
        raise DetectorError(
            f'{release.folder.name} has no part "{wanted}".', f"Choose test, all, or a fold: it has {there}."
        )
    if not images:
        raise DetectorError(f"{release.folder.name} has no images in this part ({name}).", "Choose another.")
    return name, images


def leak(version: Version, release: Release, images: Sequence[ReleaseImage]) -> dict[str, str]:
    """What is to be said of the version's training data; a warning is also told at once."""
    measured = {image.patient for image in images}
    known = seen(version, release)
    said = facts.of_seen(sorted(known.patients & measured), len(measured), known.certain)
    if "WARNING" in said:
        print(f"WARNING: {said['WARNING']}", file=sys.stderr)
    return dict(said)


def measure(release: Release, images: Sequence[ReleaseImage], detector: Detector) -> tuple[ImageResult, ...]:
    with_bar = sys.stderr.isatty()

    def tell(done: int, of: int) -> None:
        print(f"\r{detector.scan}: image {done} of {of} ", end="", file=sys.stderr, flush=True)

    scans = evaluate(release, images, scan_with(detector), tell if with_bar else None)
    if with_bar:
        print(file=sys.stderr)
    return results(images, scans)


def reported(
    name: str, known: dict[str, str], found: dict[str, tuple[ImageResult, ...]], version: Version
) -> Report:
    evaluations = {scan: score({name: each}) for scan, each in found.items()}
    choice: Choice | None = None
    if len(found) > 1:
        choice = choose(evaluations, between(*found.values()))
    about = {"version": version.name, "version_sha256": version.sha256, "part": name}
    return Report(
        "evaluation",
        f"{version.name}: what it finds",
        {**known, "Made": facts.now()},
        evaluations,
        {scan: {name: each} for scan, each in found.items()},
        choice,
        about,
    )
