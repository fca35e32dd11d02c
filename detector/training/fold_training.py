"""How a fold of a cross-validation is fitted: both detectors trained on the other folds, as a version."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from detector.classes import FINDINGS
from detector.config import TrainingSettings
from detector.detect import Detector
from detector.evaluate import scan_with
from detector.files import file_sha256
from detector.release.values import Release
from detector.train import OnStep
from detector.training.crossval import Fitted, Fold
from detector.training.making import train_detector
from detector.training.parts import Part
from detector.version.values import RECORD, ScanSettings, Version
from detector.versions import load_version, write_version

Progress = Callable[[int, str], AbstractContextManager[OnStep]]
"""For the number of a fold and a finding: what is told of each step."""


@dataclass(frozen=True)
class Recipe:
    """What both detectors of every fold are trained with, and how they look at the held-out images.

    start: finding -> weights to begin with. chain: the second detector begins with the weights of the first.
    scan: name; thresholds: what it is done with. runtime, threads: None for the usual ones.
    """

    settings: TrainingSettings
    scan: str
    thresholds: ScanSettings = dataclasses.field(default_factory=ScanSettings)
    start: Mapping[str, Path] = dataclasses.field(default_factory=dict)
    chain: bool = False
    runtime: str | None = None
    threads: int | None = None

    def plan(self) -> dict[str, object]:
        """All that changes the result, as JSON can hold it."""
        return {
            "settings": dataclasses.asdict(self.settings),
            "scan": self.scan,
            "thresholds": dataclasses.asdict(self.thresholds),
            "start": {finding: file_sha256(file) for finding, file in self.start.items()},
            "chain": self.chain,
            "runtime": self.runtime,
        }


def fit(release: Release, recipe: Recipe, fold: Fold, progress: Progress) -> Fitted:
    """Trains on the fold's `part.train`, or goes on with it; the version lies in the fold's folder.

    Raises DetectorError as `train.train` and `write_version`, ReleaseError for images that cannot be read.
    """
    detector = Detector(
        made(release, recipe, fold, progress),
        scan=recipe.scan,
        runtime=recipe.runtime,
        threads=recipe.threads,
    )
    about = {"version": detector.version.sha256, "scan": detector.scan, "runtime": detector_runtime(detector)}
    return Fitted(scan_with(detector), about)


def detector_runtime(detector: Detector) -> str:
    """What runs its networks, which are opened for that."""
    return " and ".join(dict.fromkeys(detector.network(finding).runtime for finding in FINDINGS))


def made(release: Release, recipe: Recipe, fold: Fold, progress: Progress) -> Version:
    """The version of a fold, which is not made again."""
    folder = fold.folder / "version"
    if (folder / RECORD).is_file():
        return load_version(folder)
    part = Part(release, fold.part.train)
    weights: dict[str, Path] = {}
    for finding in FINDINGS:
        begin = next(iter(weights.values()), None) if recipe.chain else None
        with progress(fold.number, finding) as on_step:
            weights[finding] = train_detector(
                recipe.settings,
                finding,
                [part],
                fold.folder / finding,
                start=begin or recipe.start.get(finding),
                on_step=on_step,
            )
    version = write_version(
        folder,
        name=f"{release.folder.name} without fold {fold.number}",
        architecture=recipe.settings.architecture,
        models=weights,
        card=CARD.format(number=fold.number, release=release.folder.name),
        scans={recipe.scan: recipe.thresholds},
        default_scan=recipe.scan,
        data={"training": [part.record()]},
        folds={"held out": fold.number, "of": 0 if release.folds is None else len(release.folds.patients)},
        training={"settings": dataclasses.asdict(recipe.settings), "chain": recipe.chain},
    )
    for finding in FINDINGS:  # the version holds the weights, and a checkpoint is three times as large
        shutil.rmtree(fold.folder / finding)
    return version


CARD = """# Fold {number}

Trained on {release} without its fold {number}, to be measured on that fold. For research use only, not for
diagnosis; made by a cross-validation, and for nothing else.
"""
