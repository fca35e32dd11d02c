"""Writes a version: whole or not at all."""

from __future__ import annotations

import dataclasses
import datetime as dt
import platform
import shutil
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detector import png
from detector.classes import FINDINGS
from detector.config import Architecture
from detector.detect import Detector
from detector.errors import DetectorError
from detector.files import file_sha256, is_taken, whole_folder
from detector.networks.stored import weights as check_weights
from detector.runtime import needed
from detector.version import golden, record
from detector.version.read import load_version
from detector.version.values import (
    CARD,
    EXPECTED,
    GOLDEN,
    RECORD,
    SCANS,
    ScanSettings,
    Version,
    explaining_file,
    graph_file,
    needed_files,
    weights_file,
)

PACKAGES = (
    "knuckle",
    "numpy",
    "opencv-python-headless",
    "onnxruntime",
    "onnx",
    "safetensors",
    "torch",
    "torchvision",
)


def write_version(
    folder: Path,
    *,
    name: str,
    architecture: Architecture,
    models: Mapping[str, Path],
    card: str,
    scans: Mapping[str, ScanSettings] | None = None,
    default_scan: str = SCANS[0],
    default_runtime: tuple[str, str] = ("onnxruntime", "f32"),
    data: Mapping[str, Any] | None = None,
    folds: Mapping[str, Any] | None = None,
    training: Mapping[str, Any] | None = None,
    metrics: Mapping[str, Any] | None = None,
    image: NDArray[np.uint16] | None = None,
    created: str | None = None,
) -> Version:
    """Writes a version to a folder that is empty or not there.

    models: finding -> file of its weights (`weights.save_weights`, or `Version.weights` of another version);
    one detector or both. card: Markdown. scans: the paper's thresholds for a scan that is not named. data,
    folds, training, metrics: anything that JSON can hold. image: the golden image, uint16 [H, W], small; by
    default a part of a phantom radiograph. created: date and time, by default now.

    Raises DetectorError for weights that are not those of the architecture or not finite, a folder that is
    not empty, and where `onnx` is not installed; OSError where the disk will not have it.
    """
    folder = folder.resolve()
    findings = tuple(finding for finding in FINDINGS if finding in models)
    version = Version(
        folder=folder,
        name=name,
        created=created or now(),
        architecture=architecture,
        findings=findings,
        scans={scan: (scans or {}).get(scan, ScanSettings()) for scan in SCANS},
        default_scan=default_scan,
        default_runtime=default_runtime,
        data=dict(data or {}),
        folds=dict(folds or {}),
        training=dict(training or {}),
        metrics=dict(metrics or {}),
        software=software(),
        files={},
        sha256="",
    )
    if is_taken(folder):
        raise DetectorError(f"{folder.name} is there already, and not empty.", "Choose another folder.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with whole_folder(folder) as part:
        for finding in findings:
            write_detector(part, architecture, finding, models[finding])
        (part / CARD).write_text(card, "utf-8")
        pixels = golden.golden_image() if image is None else image
        (part / GOLDEN).write_bytes(png.encode(pixels))
        running = dataclasses.replace(version, folder=part)
        said = golden.say(Detector(running, runtime="onnxruntime", precision="f32"), pixels)
        (part / EXPECTED).write_text(golden.golden_text(said), "utf-8")
        names = (*needed_files(findings), *map(explaining_file, findings))
        hashes = {file: file_sha256(part / file) for file in names}
        text = record.record_text(dataclasses.replace(version, files=hashes))
        record.parse(text.encode(), folder)
        (part / RECORD).write_text(text, "utf-8")
    return load_version(folder)


def write_detector(folder: Path, architecture: Architecture, finding: str, model: Path) -> None:
    with needed("onnx", "train"):
        from detector.explaining.graph import write_explain_graph
        from detector.networks.graph import write_graph
    shutil.copyfile(model, folder / weights_file(finding))
    check_weights(folder / weights_file(finding), architecture)
    write_graph(architecture, folder / weights_file(finding), folder / graph_file(finding))
    write_explain_graph(architecture, folder / weights_file(finding), folder / explaining_file(finding))


def software() -> dict[str, str]:
    """Versions of what has a say in the numbers."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = installed(package)
        except PackageNotFoundError:
            continue
    return found


def now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
