"""Reads a version, and refuses a wrong one with a sentence."""

from __future__ import annotations

import stat
from pathlib import Path

from detector import png
from detector.detect import Detector
from detector.errors import DetectorError
from detector.files import file_sha256
from detector.networks.stored import places, weights
from detector.version.golden import check_golden
from detector.version.onnx_file import check_graph
from detector.version.record import ADVICE, parse
from detector.version.values import (
    EXPECTED,
    GOLDEN,
    RECORD,
    Version,
    explaining_file,
    graph_file,
    weights_file,
)

NETWORKS = (".onnx", ".safetensors")
LARGEST = 1_000_000_000  # bytes of a file; a detector of full width has 100 MB


def load_version(folder: Path) -> Version:
    """A version, after a look at its files: they are all there, have their hashes, and its ONNX files refer
    to its own weights alone; no network is there that has no hash. Raises DetectorError for anything else."""
    folder = folder.resolve()  # "." has no name
    try:
        check_file(folder, RECORD)
        version = parse((folder / RECORD).read_bytes(), folder)
        for name, digest in version.files.items():
            check_file(folder, name)
            if file_sha256(folder / name) != digest:
                raise DetectorError(f"{name} of {version.name} has changed since it was written.", ADVICE)
        refuse_unnamed(version)
        for finding in version.findings:
            check_detector(version, finding)
    except OSError as error:
        raise DetectorError(
            f"The version in {folder.name} cannot be read ({error.strerror or error}).", ADVICE
        ) from error
    return version


def verify_version(folder: Path) -> Version:
    """`load_version`, and then: all weights are finite, and the detectors say of the golden image what they
    said of it when the version was written. For a version from elsewhere, and one whose hash has changed.

    Two boxes are the same by an IoU of 0.8 and probabilities within 0.02, raw scores within 0.01; ONNX
    Runtime runs it, in f32. Raises DetectorError.
    """
    version = load_version(folder)
    try:
        for finding in version.findings:
            weights(version.weights(finding), version.architecture)
        pixels = png.decode((version.folder / GOLDEN).read_bytes())
        expected = (version.folder / EXPECTED).read_bytes()
    except (OSError, ValueError) as error:
        raise DetectorError(f"The golden image of {version.name} cannot be read.", ADVICE) from error
    check_golden(Detector(version, runtime="onnxruntime", precision="f32"), pixels, expected)
    return version


def check_file(folder: Path, name: str) -> None:
    """Raises DetectorError unless this is a plain file, no link to elsewhere, and not beyond all measure."""
    try:
        found = (folder / name).lstat()
    except (FileNotFoundError, NotADirectoryError) as error:
        if name == RECORD:
            raise DetectorError(
                f"{folder.name} is no version of a detector: it holds no {RECORD}.",
                "Choose the folder of a version.",
            ) from error
        raise DetectorError(f"{folder.name} lacks {name}.", ADVICE) from error
    if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
        raise DetectorError(f"{name} in {folder.name} is no plain file of a version.", ADVICE)


def refuse_unnamed(version: Version) -> None:
    """Raises DetectorError for a network that no hash vouches for; other files are nobody's business."""
    for path in sorted(version.folder.iterdir()):
        if path.suffix.lower() in NETWORKS and path.name not in version.files:
            raise DetectorError(
                f"{version.folder.name} holds {path.name[:80]}, which {RECORD} does not name.",
                f"Take it away. {ADVICE}",
            )


def check_detector(version: Version, finding: str) -> None:
    """Raises DetectorError unless weights and ONNX files of a detector are those of the architecture."""
    found = places(version.weights(finding), version.architecture)
    for name in (graph_file(finding), explaining_file(finding)):
        if name in version.files:
            check_graph(version.folder / name, weights_file(finding), found)
