"""From labelled images to a version: trains the detectors, chooses thresholds and scan on validation images,
measures, and writes the folder."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector.classes import FINDINGS
from detector.config import Architecture, TrainingSettings
from detector.detect import Detector
from detector.errors import DetectorError
from detector.evaluate import ImageResult, evaluate, results, scan_with
from detector.folds import images_of
from detector.measuring.calibrate import calibrate
from detector.measuring.choice import choose
from detector.measuring.comparison import between
from detector.measuring.leaks import pictures
from detector.measuring.scoring import ENSEMBLE, Evaluation, score
from detector.measuring.truth import truth_of
from detector.networks.weights import load_weights, save_weights
from detector.release.values import ANNOTATIONS, Release, ReleaseImage
from detector.train import OnStep, labelled_page, train
from detector.training.card import card
from detector.version.values import SCANS, ScanSettings, Version, weights_file
from detector.versions import write_version

LEAST = 0.02
"""Boxes below this are of no use to `calibrate`, whose lowest threshold it is."""

Say = Callable[[str], None]


def silent(words: str) -> None:
    """Where nobody wants to know."""
    del words


@dataclass(frozen=True)
class Part:
    """Some images of a release."""

    release: Release
    images: tuple[ReleaseImage, ...]

    def record(self) -> dict[str, object]:
        """What a version says of it, with the SHA-256 of the images and of annotations.json."""
        return {
            "release": self.release.folder.name,
            "about": dict(self.release.manifest.about),
            "images": len(self.images),
            "patients": len({image.patient for image in self.images}),
            "joints": sum(len(image.joints) for image in self.images),
            "ankylosed": sum(image.ankylosed for image in self.images),
            "displaced": sum(image.displaced for image in self.images),
            "annotations": self.release.manifest.files.get(ANNOTATIONS),
            **pictures(self.release, self.images),
        }


def divided(release: Release, held_out: int | None) -> tuple[Part, Part]:
    """What of a release is trained on, and what is held out: a fold, counted from 1. The release's test
    patients are in neither. Raises DetectorError for a fold that is not there."""
    test = set(release.contents.test)
    rest = tuple(image for image in release.images if image.patient not in test)
    if held_out is None:
        return Part(release, rest), Part(release, ())
    folds = () if release.folds is None else release.folds.patients
    if not 1 <= held_out <= len(folds):
        raise DetectorError(
            f"{release.folder.name} has no fold {held_out}, but {len(folds)}.",
            "Divide it with `python -m detector split`, or name another fold.",
        )
    out = images_of(release, folds[held_out - 1])
    names = {image.file for image in out}
    return Part(release, tuple(one for one in rest if one.file not in names)), Part(release, tuple(out))


def test_part(release: Release) -> Part:
    """The patients that a release keeps out of every fold, for all versions trained on it."""
    return Part(release, images_of(release, release.contents.test))


def train_detector(
    settings: TrainingSettings,
    finding: str,
    parts: Sequence[Part],
    folder: Path,
    *,
    start: Path | None = None,
    on_step: OnStep | None = None,
) -> Path:
    """Trains the detector of a finding in a folder of its own, or goes on there; the file of its weights.

    start: weights to begin with, of the same architecture. Raises as `train.train`, ReleaseError for images
    that cannot be read.
    """
    given = None if start is None else load_weights(start, settings.architecture).state_dict()
    pages = [labelled_page(part.release, image, finding) for part in parts for image in part.images]
    model = train(settings, finding, pages, folder, start=given, on_step=on_step)
    out = folder / weights_file(finding)
    save_weights(model, out)
    return out


def assemble(
    out: Path,
    name: str,
    settings: TrainingSettings,
    weights: Mapping[str, Path],
    *,
    trained_on: Sequence[Part],
    validation: Sequence[Part] = (),
    tests: Mapping[str, Sequence[Part]] | None = None,
    recipe: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
    say: Say = silent,
) -> Version:
    """Writes a version from the weights of its detectors.

    validation: images not trained on; from them come the threshold of the whole scan and the default scan
    (the more accurate one, else the faster one). tests: name -> images by which nothing is chosen; both scans
    are measured on validation and tests. Without validation, or with one detector alone, the paper's
    thresholds and windows stay. notes: paragraphs for the end of the card. say: is told what is being done.

    Raises DetectorError where `out` is not empty, ReleaseError for images that cannot be read.
    """
    made = Made(
        name,
        settings.architecture,
        dict(weights),
        {"training": records(trained_on), "validation": records(validation)},
        {"settings": dataclasses.asdict(settings), **(recipe or {})},
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
        draft = made.write(Path(folder) / "draft", "Draft.")
        metrics: dict[str, Any] = {}
        if draft.complete and any(part.images for part in validation):
            say("Looking at the validation images.")
            draft = replace_scan(draft, "whole", threshold(draft, validation))
            draft, metrics["validation"] = with_best_scan(draft, validation)
        if draft.complete:
            for test, parts in (tests or {}).items():
                say(f"Looking at {test}.")
                metrics[test] = {scan: figures(score({test: scanned(draft, scan, parts)})) for scan in SCANS}
        say("Writing the version.")
        words = card(name, settings.architecture, made.data, draft.default_scan, metrics, notes)
        return made.write(out, words, draft.scans, draft.default_scan, metrics)


@dataclass(frozen=True)
class Made:
    """What stands in a version whatever is measured of it."""

    name: str
    architecture: Architecture
    models: Mapping[str, Path]
    data: Mapping[str, Any]
    training: Mapping[str, Any]

    def write(
        self,
        out: Path,
        words: str,
        scans: Mapping[str, ScanSettings] | None = None,
        default: str = SCANS[0],
        metrics: Mapping[str, Any] | None = None,
    ) -> Version:
        return write_version(
            out, card=words, scans=scans, default_scan=default, metrics=metrics, **vars(self)
        )


def threshold(version: Version, validation: Sequence[Part]) -> float:
    """t_conf of the whole scan."""
    detector = Detector(version, scan="whole")
    pairs = [(detector.candidates(pixels, LEAST), truth_of(image)) for image, pixels in looked_at(validation)]
    return calibrate("whole", [raw for raw, _ in pairs], [truth for _, truth in pairs]).t_conf


def replace_scan(version: Version, scan: str, t_conf: float) -> Version:
    settings = dataclasses.replace(version.scans[scan], t_conf=t_conf)
    return dataclasses.replace(version, scans={**version.scans, scan: settings})


def with_best_scan(version: Version, validation: Sequence[Part]) -> tuple[Version, dict[str, Any]]:
    """The version with the scan to take as its default, and what both reach: scan -> figures."""
    found = {name: scanned(version, name, validation) for name in SCANS}
    evaluations = {name: score({"validation": images}) for name, images in found.items()}
    chosen = choose(evaluations, between(*found.values())).chosen or SCANS[0]
    reached = {name: figures(one) for name, one in evaluations.items()}
    return dataclasses.replace(version, default_scan=chosen), reached


def scanned(version: Version, scan: str, parts: Sequence[Part]) -> tuple[ImageResult, ...]:
    look = scan_with(Detector(version, scan=scan))
    return tuple(
        one for part in parts for one in results(part.images, evaluate(part.release, part.images, look))
    )


def looked_at(parts: Sequence[Part]) -> Iterator[tuple[ReleaseImage, NDArray[np.uint16]]]:
    for part in parts:
        for image in part.images:
            yield image, part.release.pixels(image)


def figures(evaluation: Evaluation) -> dict[str, Any]:
    """The main figures of an evaluation, each as value and 95 % interval, None where it is undefined."""
    whole = evaluation.detection[ENSEMBLE].intervals
    chosen = {
        "detection rate": whole["rate"],
        "false boxes an image": whole["false_boxes_an_image"],
        "mean IoU": whole["mean_iou"],
    }
    for finding in FINDINGS:
        chosen[f"F of {finding}"] = evaluation.findings[finding].intervals["f"]
    for finding in FINDINGS:
        chosen[f"detection rate, {finding} alone"] = evaluation.detection[finding].intervals["rate"]
        chosen[f"F of {finding}, alone"] = evaluation.alone[finding].intervals["f"]
    counts = evaluation.detection[ENSEMBLE].total
    return {
        "images": evaluation.images,
        "joints": counts.joints,
        "missed": counts.joints - counts.detected,
        **{name: [one.value, one.low, one.high] for name, one in chosen.items()},
    }


def records(parts: Sequence[Part]) -> list[dict[str, object]]:
    return [part.record() for part in parts if part.images]
