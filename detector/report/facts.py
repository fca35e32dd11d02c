"""What was measured on what, in words, for the head of a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

from detector.config import Architecture, TrainingSettings
from detector.folds import tally
from detector.release.values import Release, ReleaseImage
from detector.report.words import count
from detector.version.values import ScanSettings, Version


def of_release(release: Release) -> str:
    source = release.manifest.about.get("source")
    annotations = release.manifest.files.get("annotations.json", "")[:12]
    origin = f", from {source}" if isinstance(source, str) else ""
    return f"{release.folder.name}{origin}, annotations {annotations}"


def of_images(images: Sequence[ReleaseImage]) -> str:
    held = tally(images)
    joints = sum(len(image.joints) for image in images)
    what = ", ".join((count(held.images, "image"), count(held.patients, "patient"), count(joints, "joint")))
    return f"{what}, of which {held.ankylosed} ankylosed and {held.displaced} subluxed or dislocated"


def of_version(version: Version) -> str:
    return f"{version.name} ({version.sha256[:12]}), {of_network(version.architecture)}"


def of_network(architecture: Architecture) -> str:
    norm = "with" if architecture.batch_norm else "without"
    return f"SSD300 on VGG16, {architecture.width:g} of the paper's width, {norm} batch normalisation"


def of_scan(name: str, settings: ScanSettings) -> str:
    passes = f", {len(settings.shifts)} passes" if name == "whole" and len(settings.shifts) > 1 else ""
    return f"{name}, least confidence {settings.t_conf:g}{passes}"


def of_training(settings: TrainingSettings) -> str:
    length = count(settings.epochs, "epoch")
    if settings.steps is not None:
        length = f"{count(settings.steps, 'step')} of at most {length}"
    return (
        f"{length} of {settings.batch} crops a step, Adam {settings.learning_rate:g} ({settings.schedule}), "
        f"weight decay {settings.weight_decay:g}, {settings.precision}, seed {settings.seed}"
    )


def of_seen(seen: Sequence[str], measured: int, certain: bool) -> Mapping[str, str]:
    """A warning where a version was trained on patients it is measured on, or does not say."""
    if seen:
        which = f"{len(seen)} of the {measured} patients"
        if len(seen) == measured:
            which = "the one patient" if measured == 1 else f"all {measured} patients"
        words = f"The version was trained on {which} measured here"
        return {"WARNING": f"{words}: these figures say nothing of new patients."}
    if not certain:
        return {"Training data": "The version does not name its images, so a leak cannot be ruled out."}
    return {"Training data": "The version was trained on none of these patients."}


def now() -> str:
    """Date and program."""
    try:
        program = f"Knuckle {installed('knuckle')}"
    except PackageNotFoundError:
        program = "Knuckle"
    return f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC with {program}"
