"""From labelled images to a version: trains the detectors, chooses thresholds and scan on validation images,
measures, and writes the folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from detector.classes import FINDINGS
from detector.config import Architecture, TrainingSettings
from detector.errors import DetectorError
from detector.files import file_sha256
from detector.networks.weights import load_weights, save_weights
from detector.train import OnStep, enough_memory, labelled_page, train
from detector.training.card import card
from detector.training.crops import LabelledPage
from detector.training.parts import Part, refuse_shared
from detector.training.processes import Processes, processes
from detector.training.reached import fitted, measured
from detector.version.values import SCANS, ScanSettings, Version, weights_file
from detector.versions import load_version, write_version

Say = Callable[[str], None]


def silent(words: str) -> None:
    """Where nobody wants to know."""
    del words


def train_detector(
    settings: TrainingSettings,
    finding: str,
    parts: Sequence[Part],
    folder: Path,
    *,
    start: Path | None = None,
    on_step: OnStep | None = None,
    ours: Processes | None = None,
    validation: Sequence[Part] = (),
) -> Path:
    """Trains the detector of a finding in a folder of its own, or goes on there; the file of its weights.

    start: weights to begin with, of the same architecture. ours: as for `train.train`; the first process
    alone reads `start` and writes the file, which may be on another machine. validation: images whose loss
    is told after each epoch. Raises as `train.train`, ReleaseError for images that cannot be read.
    """
    out = folder / weights_file(finding)
    with enough_memory(), processes() if ours is None else nullcontext(ours) as group:
        given = None
        if start is not None and group.first:
            given = load_weights(start, settings.architecture).state_dict()
        pages = labelled_pages(parts, finding)
        watched = labelled_pages(validation, finding) if group.first else []
        model = train(
            settings, finding, pages, folder, start=given, on_step=on_step, ours=group, validation=watched
        )
        if group.first:
            save_weights(model, out)
        group.barrier()
    return out


def labelled_pages(parts: Sequence[Part], finding: str) -> list[LabelledPage]:
    return [labelled_page(part.release, image, finding) for part in parts for image in part.images]


def assemble(
    out: Path,
    name: str,
    architecture: Architecture,
    weights: Mapping[str, Path],
    *,
    trained_on: Sequence[Part],
    validation: Sequence[Part] = (),
    tests: Mapping[str, Sequence[Part]] | None = None,
    start: Version | None = None,
    folds: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
    notes: Sequence[str] = (),
    say: Say = silent,
) -> Version:
    """Writes a version from the weights of its detectors; the one that is there, if it was made of these.

    validation: images not trained on, from which thresholds and the default scan come (`reached.fitted`).
    tests: name -> images by which nothing is chosen; both scans are measured on them. Without validation, or
    with one detector alone, the paper's thresholds and windows stay. start: the version whose weights were
    begun with: what it was trained on, this one was too. folds, training: what is to be recorded of them.
    notes: paragraphs for the end of the card. say: is told what is being done.

    Raises DetectorError for an image that is both trained on and measured on, or where something else is in
    `out`; ReleaseError for images that cannot be read.
    """
    tests = tests or {}
    refuse_shared({"the training images": trained_on, "the validation images": validation})
    refuse_shared({"the training images": trained_on, "the test images": [*chain(*tests.values())]})
    if is_made_of(out, weights):
        return load_version(out)
    made = Made(
        name,
        architecture,
        dict(weights),
        {"training": records(trained_on) + ancestors(start), "validation": records(validation)},
        dict(folds or {}),
        {**(training or {}), "start": None if start is None else [start.name, start.sha256]},
    )
    with TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
        draft = made.write(Path(folder) / "draft", "Draft.")
        metrics: dict[str, Any] = {}
        if draft.complete and any(part.images for part in validation):
            say("Looking at the validation images.")
            draft, metrics["validation"] = fitted(draft, validation)
        for test, parts in tests.items() if draft.complete else ():
            say(f"Looking at {test}.")
            metrics[test] = measured(draft, test, parts)
        say("Writing the version.")
        words = card(draft, metrics, notes)
        return made.write(out, words, draft.scans, draft.default_scan, metrics)


def is_made_of(out: Path, weights: Mapping[str, Path]) -> bool:
    """Whether the version that is there already holds these weights. Raises DetectorError for another."""
    out.parent.mkdir(parents=True, exist_ok=True)
    if not out.exists() or not any(out.iterdir()):
        return False
    there = load_version(out)
    if there.findings == tuple(one for one in FINDINGS if one in weights) and all(
        there.files[weights_file(finding)] == file_sha256(path) for finding, path in weights.items()
    ):
        return True
    raise DetectorError(f"{out} holds another version.", "Choose another folder.")


def ancestors(start: Version | None) -> list[dict[str, Any]]:
    """What the version that was begun with was trained on, and those before it."""
    return [] if start is None else [dict(one) for one in start.data.get("training", [])]


@dataclass(frozen=True)
class Made:
    """What stands in a version whatever is measured of it."""

    name: str
    architecture: Architecture
    models: Mapping[str, Path]
    data: Mapping[str, Any]
    folds: Mapping[str, Any]
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


def records(parts: Sequence[Part]) -> list[dict[str, object]]:
    return [part.record() for part in parts if part.images]
