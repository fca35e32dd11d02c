"""A detector forwards and backwards over one window, by its explaining ONNX file or by torch, with the same
numbers. Only who asks for torch needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from detector.boxes import Floats
from detector.classes import CLASSES
from detector.config import Architecture
from detector.errors import DetectorError
from detector.networks.default_boxes import count
from detector.networks.layers import NORMALISED, trunk
from detector.runtime import cores, needed, onnx_name, onnx_session
from detector.version.values import Version, explaining_file
from detector.windows import WINDOW

RUNTIMES = ("onnxruntime", "torch")

VALUES, SEEDS, SCORES, OFFSETS = "values", "seeds", "scores", "offsets"
"""What goes into the explaining ONNX file and comes out of it, besides layers and what `gradient` names."""


NAMES = tuple(layer.name for layer in trunk(Architecture()))
LAYERS = NAMES[NAMES.index(NORMALISED) :]
"""All layers of the trunk, and those to which the explaining ONNX file goes back."""


def gradient(layer: str) -> str:
    """The explaining ONNX file's name for the gradient at what a layer hands on."""
    return f"{layer}.gradient"


@dataclass(frozen=True)
class BothWays:
    """One network, ready to explain what it says of a window. All arrays are float32; values [1, 1, 300, 300]
    is a window as `windows.model_input` makes it.

    runtime: what runs it, with its version, device and precision. forward: values -> scores [A, 3], not yet
    probabilities, and offsets [A, 4] of all default boxes. back: values, seeds [A, 3] and the name of a layer
    -> what the layer hands on (behind its rectifier), and the gradient there of the sum of scores times
    seeds, both [C, h, w]. Both raise DetectorError where they fail.
    """

    runtime: str
    forward: Callable[[Floats], tuple[Floats, Floats]]
    back: Callable[[Floats, Floats, str], tuple[Floats, Floats]]


def open_both_ways(version: Version, finding: str, runtime: str, threads: int | None = None) -> BothWays:
    """The detector of a finding out of a version. threads: None means all cores, or torch's own choice.

    Raises DetectorError for a finding or runtime that is not there, and files that cannot be used.
    """
    if finding not in version.findings:
        raise DetectorError(
            f'{version.name} has no detector of "{finding}".', f"It has {' and '.join(version.findings)}."
        )
    threads = cores(threads)
    if runtime == "onnxruntime":
        if (name := explaining_file(finding)) not in version.files:  # so no hash was compared
            raise no_way_back(name)
        return by_onnx(version.folder / name, threads)
    if runtime != "torch":
        raise DetectorError(f'"{runtime}" explains nothing.', f"Choose one of {', '.join(RUNTIMES)}.")
    with needed("torch", "train"):
        from detector.explaining.torch_map import by_torch
        from detector.networks.weights import model_from
    return by_torch(model_from(version, finding), threads)


def no_way_back(name: str) -> DetectorError:
    return DetectorError(f"The version has no {name}.", "Explain by torch, or take a version that has one.")


def by_onnx(file: Path, threads: int | None = None) -> BothWays:
    """A file of `explain_graph` with its weights beside it, on the processor by ONNX Runtime."""
    if not file.is_file():
        raise no_way_back(file.name)
    run = onnx_session(file, threads)
    unasked = np.zeros((1, count(WINDOW, WINDOW), len(CLASSES)), np.float32)

    def forward(values: Floats) -> tuple[Floats, Floats]:
        scores, offsets = run([SCORES, OFFSETS], {VALUES: values, SEEDS: unasked})
        return scores[0], offsets[0]

    def back(values: Floats, seeds: Floats, layer: str) -> tuple[Floats, Floats]:
        if layer not in LAYERS:
            raise DetectorError(
                f"{layer} lies before {LAYERS[0]}, and only torch explains it.",
                "Choose the runtime torch (pip install knuckle[train]), or a later layer.",
            )
        handed, gradients = run([layer, gradient(layer)], {VALUES: values, SEEDS: seeds[np.newaxis]})
        return handed[0], gradients[0]

    return BothWays(onnx_name(), forward, back)
