"""`train`: a new version from releases."""

import argparse
import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from detector.classes import FINDINGS
from detector.dataset import read_release
from detector.runtime import cores, needed
from detector.verbs.settings import add_settings, settings_of

if TYPE_CHECKING:
    from detector.train import Step
    from detector.training.parts import Part

VERSION = "version"


def add(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    words = "train the detectors on releases and write a version"
    verb = verbs.add_parser(
        "train",
        help=words,
        description=f"{words.capitalize()} to DIR/{VERSION}. The same command goes on where it was broken "
        "off. Several GPUs or machines: torchrun --nproc-per-node N -m detector train ...",
    )
    verb.add_argument("releases", type=Path, nargs="+", metavar="RELEASE", help="folders of releases")
    verb.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="where checkpoints and version go"
    )
    verb.add_argument("--name", help="of the version (default: that of DIR)")
    verb.add_argument("--finding", choices=FINDINGS, help="this detector alone (default: both, in turn)")
    verb.add_argument("--start", type=Path, metavar="VERSION", help="begin with its weights (retraining)")
    verb.add_argument("--fold", type=int, metavar="N", help="hold this fold out, for validation")
    verb.add_argument(
        "--keep", type=int, metavar="N", help="keep this fold out of everything, to measure the version on"
    )
    verb.add_argument(
        "--validation", type=Path, nargs="+", default=[], metavar="RELEASE", help="releases for validation"
    )
    add_settings(verb, "small")
    verb.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    with needed("torch", "train"):
        import torch

        from detector.training.making import assemble, train_detector
        from detector.training.parts import divided, test_part
        from detector.training.processes import processes
        from detector.versions import load_version
    if (count := cores(given.threads)) is not None:
        torch.set_num_threads(count)
    settings, start = settings_of(given), None
    if given.start is not None:
        start = load_version(given.start)
        settings = dataclasses.replace(settings, architecture=start.architecture)
    divisions = [divided(read_release(folder), given.fold, given.keep) for folder in given.releases]
    parts, validation, kept = (list(some) for some in zip(*divisions, strict=True))
    fixed = [test_part(part.release) for part in parts if part.release.contents.test]
    measured = {"test patients": fixed} if fixed else {}
    if given.keep is not None:
        measured[f"fold {given.keep}"] = kept
    validation += [divided(read_release(folder), None)[0] for folder in given.validation]
    weights: dict[str, Path] = {}
    with processes() as ours:
        for finding in (given.finding,) if given.finding else FINDINGS:
            begin = None if start is None else start.weights(finding)
            if given.chain and weights:
                begin = next(iter(weights.values()))
            with progress(finding, given.json) as on_step:
                weights[finding] = train_detector(
                    settings, finding, parts, given.out / finding,
                    start=begin, on_step=on_step, ours=ours, validation=validation,
                )  # fmt: skip
    if not ours.first:
        return 0
    version = assemble(
        given.out / (VERSION if given.finding is None else f"{VERSION}-{given.finding}"),
        given.name or given.out.resolve().name,
        settings.architecture,
        weights,
        trained_on=parts,
        validation=validation,
        tests=measured,
        start=start,
        folds=folds_used(given.fold, given.keep, parts),
        training={
            "settings": dataclasses.asdict(settings),
            "preset": given.preset,
            "chain": given.chain,
        },
        say=said(given.json),
    )
    print(
        json.dumps({"version": str(version.folder), "sha256": version.sha256}) if given.json else version.card
    )
    return 0


def folds_used(held_out: int | None, kept: int | None, parts: Sequence["Part"]) -> dict[str, object]:
    """What a version says of the folds that it was not trained on."""
    used = {"held out": held_out, "kept": kept}
    named: dict[str, object] = {name: fold for name, fold in used.items() if fold is not None}
    return {**named, "of": folds_of(parts)} if named else {}


def folds_of(parts: Sequence["Part"]) -> dict[str, int]:
    """How many folds each release has."""
    return {
        part.release.folder.name: 0 if part.release.folds is None else len(part.release.folds.patients)
        for part in parts
    }


def said(as_json: bool) -> Callable[[str], None]:
    """How words about what is being done are told."""

    def say(words: str) -> None:
        print(json.dumps({"doing": words}) if as_json else words, flush=True)

    return say


@contextmanager
def progress(finding: str, as_json: bool) -> Iterator[Callable[["Step"], None]]:
    """What tells of each step: a JSON line for programs, a bar for people."""
    begun, first = time.monotonic(), 0

    def seconds_left(step: "Step") -> float:
        nonlocal first
        first = first or step.step
        done = step.step - first + 1
        return (time.monotonic() - begun) / done * (step.steps - step.step)

    def line(step: "Step") -> None:
        record = {
            "finding": finding,
            **dataclasses.asdict(step),
            "seconds_left": round(seconds_left(step), 1),
        }
        print(json.dumps(record), flush=True)

    def bar(step: "Step") -> None:
        done = 30 * step.step // step.steps
        minutes, seconds = divmod(round(seconds_left(step)), 60)
        print(
            f"\r{finding:12}[{'#' * done}{'.' * (30 - done)}] step {step.step} of {step.steps}, "
            f"epoch {step.epoch:.1f}, loss {step.loss:.3f}, {minutes}:{seconds:02} left   ",
            end="", file=sys.stderr, flush=True,
        )  # fmt: skip

    yield line if as_json else bar
    if first and not as_json:  # one process alone tells, and nobody of what was done before
        print(file=sys.stderr)
