"""`compare`: two versions on the same images of a release, paired by patient, and box by box."""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from detector.dataset import Release, ReleaseImage, read_release
from detector.detect import Detector
from detector.evaluate import ImageResult, evaluate, results, scan_with
from detector.files import replace_text
from detector.measuring.comparison import VERSION_SCORES, Difference, between
from detector.measuring.scoring import score
from detector.measuring.sights import sight, truth
from detector.report import facts
from detector.report.record import plain_value
from detector.report.words import RESEARCH, UNDEFINED
from detector.shipped import version_at
from detector.verbs.evaluate import leak, part_of
from detector.verbs.running import add_threads, add_version
from detector.version.values import Version

FORMAT, VERSION = "knuckle-comparison", 1

Told = Callable[[str, int, int], None]
"""Gets the name of a version, how many images it has looked at, and of how many."""


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "compare two versions on the same images, paired by patient"
    verb = verbs.add_parser("compare", help=words, description=f"{words.capitalize()}.")
    verb.add_argument("release", type=Path, metavar="RELEASE", help="folder of the release")
    add_version(verb)
    verb.add_argument("--against", type=Path, metavar="DIR", help="the other version (default: none)")
    verb.add_argument(
        "--part", metavar="PART", help="test, the number of a fold, or all (default: as of `evaluate`)"
    )
    verb.add_argument("--out", type=Path, metavar="FILE", help="write the comparison there, as JSON")
    add_threads(verb)
    verb.add_argument("--json", action="store_true", help="tell of progress and print the comparison as JSON")
    verb.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    release = read_release(given.release)
    name, images = part_of(release, given.part)
    versions = [version_at(given.version)]
    if given.against is not None:
        versions.append(version_at(given.against))
    told = as_lines if given.json else as_bar if sys.stderr.isatty() else silently
    measured = [measure(release, images, version, given.threads, told) for version in versions]
    comparison = compared(release, name, images, versions, measured)
    if given.out is not None:
        replace_text(given.out, json.dumps(comparison, ensure_ascii=False, allow_nan=False) + "\n")
    if given.json:
        print(json.dumps({"comparison": str(given.out)} if given.out is not None else comparison))
    else:
        print(plain_text(versions, measured, name), end="")
    return 0


def measure(
    release: Release, images: tuple[ReleaseImage, ...], version: Version, threads: int | None, told: Told
) -> tuple[ImageResult, ...]:
    """By the version's own scan and thresholds, which are what it proposes with."""
    detector = Detector(version, threads=threads)
    scans = evaluate(release, images, scan_with(detector), lambda done, of: told(version.name, done, of))
    return results(images, scans)


def compared(
    release: Release,
    name: str,
    images: tuple[ReleaseImage, ...],
    versions: list[Version],
    measured: list[tuple[ImageResult, ...]],
) -> dict[str, object]:
    """What is printed and kept; null is what is undefined."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "use": RESEARCH,
        "part": f"{name}: {facts.of_images(images)}",
        "patients": len({image.patient for image in images}),
        "versions": [
            {
                "name": version.name,
                "sha256": version.sha256,
                "training": {**leak(version, release, images)},
                "evaluation": plain_value(score({name: each})),
            }
            for version, each in zip(versions, measured, strict=True)
        ],
        "differences": plain_value(differences(measured)),
        "images": [
            {
                "file": image.file,
                "truth": plain_value(truth(measured[0][place])),
                "seen": [plain_value(sight(each[place])) for each in measured],
            }
            for place, image in enumerate(images)
        ],
    }


def differences(measured: list[tuple[ImageResult, ...]]) -> tuple[Difference, ...]:
    return between(*measured, scores=VERSION_SCORES) if len(measured) > 1 else ()


def plain_text(versions: list[Version], measured: list[tuple[ImageResult, ...]], name: str) -> str:
    lines = [" against ".join(version.name for version in versions), RESEARCH, f"Measured on: {name}", ""]
    for one in differences(measured):
        ends = (one.difference.value, one.difference.low, one.difference.high)
        said = "{}: {} against {}, difference {} ({} to {})".format(
            f"{one.finding or 'detection'} {one.score}", *map(number, (one.first, one.second, *ends))
        )
        lines.append(said)
    return "\n".join(lines) + "\n"


def number(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:.3f}"


def as_lines(name: str, done: int, of: int) -> None:
    print(json.dumps({"measured": done, "of": of, "version_name": name}), flush=True)


def as_bar(name: str, done: int, of: int) -> None:
    end = "\n" if done == of else ""
    print(f"\r{name}: image {done} of {of} ", end=end, file=sys.stderr, flush=True)


def silently(name: str, done: int, of: int) -> None:
    """Where nobody looks."""
    del name, done, of
