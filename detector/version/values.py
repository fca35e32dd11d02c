"""What a version says of itself, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from detector.classes import FINDINGS, T_CONF, T_IOU1, T_IOU2, TOP
from detector.config import Architecture

FORMAT, FORMAT_VERSION = "knuckle-version", 1
RECORD, CARD, GOLDEN, EXPECTED = "version.json", "card.md", "golden.png", "golden.json"

SCANS = ("windows", "whole")
"""The paper's windows, and one pass over the whole page."""

RUNTIMES: Mapping[str, tuple[str, ...]] = {
    "onnxruntime": ("f32",),
    "torch": ("f32", "bf16"),
    "openvino": ("f32", "bf16", "int8"),
}
"""What can run a network, and the precisions it can do."""


@dataclass(frozen=True)
class ScanSettings:
    """What a scan is done with (paper, Individual SSD predictions and Ensemble mechanism); the paper's
    thresholds hold for windows, another scan has its own.

    t_conf: least confidence. t_iou1, t_iou2: overlap that makes two boxes of one detector one, and two boxes
    of both detectors one joint. top: finding -> M, how many boxes at most. shifts: x and y in page pixels by
    which the page is moved in each pass of a whole scan.
    """

    t_conf: float = T_CONF
    t_iou1: float = T_IOU1
    t_iou2: float = T_IOU2
    top: Mapping[str, int] = field(default_factory=lambda: dict(TOP))
    shifts: tuple[tuple[int, int], ...] = ((0, 0),)


@dataclass(frozen=True)
class Version:
    """A trained model: a folder with one detector or both. What it says has been checked, and so have the
    SHA-256 of its files.

    findings: whose detectors it holds, in the order of classes.FINDINGS. scans: "windows" and "whole" -> what
    each is done with. runtime: name and precision. data: what it was trained on, with hashes; folds: how that
    was divided; training: recipe; metrics; software: name -> version; these five are for people and hold
    anything. sha256: of version.json, which names the hash of every other file, so that it stands for all.
    """

    folder: Path
    name: str
    created: str
    architecture: Architecture
    findings: tuple[str, ...]
    scans: Mapping[str, ScanSettings]
    default_scan: str
    default_runtime: tuple[str, str]
    data: Mapping[str, Any]
    folds: Mapping[str, Any]
    training: Mapping[str, Any]
    metrics: Mapping[str, Any]
    software: Mapping[str, Any]
    files: Mapping[str, str]
    sha256: str

    @property
    def complete(self) -> bool:
        """Whether both detectors are there, as the ensemble needs them."""
        return self.findings == FINDINGS

    def weights(self, finding: str) -> Path:
        return self.folder / weights_file(finding)

    def graph(self, finding: str) -> Path:
        return self.folder / graph_file(finding)

    @property
    def card(self) -> str:
        """What people should know of it, Markdown. Raises OSError where it cannot be read any more."""
        return (self.folder / CARD).read_text("utf-8")


def weights_file(finding: str) -> str:
    return f"{finding}.safetensors"


def graph_file(finding: str) -> str:
    return f"{finding}.onnx"


def explaining_file(finding: str) -> str:
    """The ONNX file of the way back through the network; a version may do without."""
    return f"{finding}.explain.onnx"


def needed_files(findings: tuple[str, ...]) -> Iterator[str]:
    """Every file a version must have besides version.json; none of them in a folder below."""
    for finding in findings:
        yield from (weights_file(finding), graph_file(finding))
    yield from (CARD, GOLDEN, EXPECTED)
