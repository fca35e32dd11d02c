"""Cross-validation: every fold is held out once, and what was trained on the others is measured on it
(paper, Training setup: five folds).

    OUT/crossval.json        what is done: release, settings, scan; a run goes on only with the same
    OUT/fold-1/scans.json    what was found on the held-out images; a fold that has it is done
    OUT/fold-1/...           whatever `fit` keeps there, so that it can go on where it was ended

Folds may be done by several processes, each in a run of its own with `only`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from detector.errors import DetectorError
from detector.evaluate import ImageResult, OnImage, evaluate, results
from detector.files import bytes_sha256, replace_text
from detector.folds import FoldPart, part
from detector.measuring.leaks import refuse_leaks_of
from detector.measuring.scan_records import Scan, read_scans, write_scans
from detector.release.values import Release
from detector.report.words import count

PLAN, SCANS = "crossval.json", "scans.json"
FORMAT, VERSION = "knuckle-crossval", 1


@dataclass(frozen=True)
class Fold:
    """One turn. number: from 1. folder: its own."""

    number: int
    part: FoldPart
    folder: Path


@dataclass(frozen=True)
class Fitted:
    """What was trained without the held-out images. about: anything that JSON can hold."""

    scan: Scan
    about: Mapping[str, object]


Fit = Callable[[Fold], Fitted]
Say = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Measured:
    """results: of each fold that is done, by its name. about: fold -> what was fitted. missing: numbers of
    those that are not done."""

    results: Mapping[str, tuple[ImageResult, ...]]
    about: Mapping[str, Mapping[str, object]]
    missing: tuple[int, ...]


def crossvalidate(
    release: Release,
    out: Path,
    plan: Mapping[str, object],
    fit: Fit,
    *,
    only: Sequence[int] = (),
    on_image: OnImage | None = None,
    say: Say = print,
) -> Measured:
    """Does every fold that is not done yet, and measures all that are.

    plan: everything that changes the result, as JSON can hold it. fit: trains on a fold's `part.train`, or
    goes on with that. only: numbers of the folds to do now, all by default. say: is told what is done.

    Raises DetectorError for a leak, a release without folds, a fold that there is none of, or an `out` that
    belongs to another plan; ReleaseError for images that cannot be read; and what fit raises.
    """
    say(refuse_leaks_of(release))
    assert release.folds is not None
    folds = len(release.folds.patients)
    if wrong := [number for number in only if not 1 <= number <= folds]:
        raise DetectorError(f"There is no fold {wrong[0]}.", f"Choose from 1 to {folds}.")
    digest = begin(out, {"release": identity(release), **plan})
    found: dict[str, tuple[ImageResult, ...]] = {}
    about: dict[str, Mapping[str, object]] = {}
    missing: list[int] = []
    for number in range(1, folds + 1):
        fold = Fold(number, part(release, number - 1), out / f"fold-{number}")
        done = is_done(fold)
        if not done and only and number not in only:
            missing.append(number)
            continue
        say(f"Fold {number} of {folds}: {'done before' if done else words(fold)}.")
        if not done:
            measure(release, fold, fit, digest, on_image)
        scans, told = read_scans(fold.folder / SCANS)
        if told.get("plan") != digest:
            raise DetectorError(f"{fold.folder.name} belongs to another cross-validation.", OTHER)
        found[f"Fold {number}"] = results(fold.part.held_out, scans)
        about[f"Fold {number}"] = told
    return Measured(found, about, tuple(missing))


def words(fold: Fold) -> str:
    return f"{count(len(fold.part.train), 'image')} to train on, {len(fold.part.held_out)} held out"


def is_done(fold: Fold) -> bool:
    return (fold.folder / SCANS).is_file()


def measure(release: Release, fold: Fold, fit: Fit, plan: str, on_image: OnImage | None) -> None:
    fold.folder.mkdir(parents=True, exist_ok=True)
    fitted = fit(fold)
    scans = evaluate(release, fold.part.held_out, fitted.scan, on_image)
    write_scans(fold.folder / SCANS, scans, {**fitted.about, "fold": fold.number, "plan": plan})


def identity(release: Release) -> str:
    """SHA-256 over the hashes of all files of a release."""
    return bytes_sha256(json.dumps(dict(release.manifest.files), sort_keys=True).encode())


def begin(out: Path, plan: Mapping[str, object]) -> str:
    """Keeps the plan, or compares it with the one that is there; its SHA-256."""
    text = json.dumps({"format": FORMAT, "version": VERSION, "plan": plan}, indent=1, sort_keys=True) + "\n"
    file = out / PLAN
    out.mkdir(parents=True, exist_ok=True)
    # looked at before the plan is looked for: another machine may begin at the same time
    others = [path for path in out.iterdir() if not path.match(f".{PLAN}*.part")]
    if not file.is_file():
        if others:
            raise DetectorError(
                f"{out.name} is not empty, and no cross-validation.", "Choose another folder."
            )
        replace_text(file, text)
    if (before := file.read_text("utf-8", errors="replace")) != text:
        raise DetectorError(f"{out.name} holds another cross-validation{unlike(before, text)}.", OTHER)
    return bytes_sha256(text.encode())


def unlike(before: str, now: str) -> str:
    """Which entries of two plans are not the same."""
    try:
        old, new = (json.loads(text)["plan"] for text in (before, now))
        names = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    except (ValueError, TypeError, KeyError, AttributeError):
        return ""
    return f" (other {', '.join(names)})" if names else ""


OTHER = "Repeat the command it was begun with, or choose another folder."
