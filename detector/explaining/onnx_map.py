"""A detector forwards and backwards over one window, by its explaining ONNX file or by torch, with the same
numbers. Only who asks for torch needs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path

import numpy as np

from detector.boxes import Floats
from detector.config import Architecture
from detector.errors import DetectorError
from detector.networks.layers import NORMALISED, trunk
from detector.runtime import LESS_MEMORY, first_line, needed, share_memory
from detector.version.values import Version, explaining_file

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
    if runtime == "onnxruntime":
        return by_onnx(version.folder / explaining_file(finding), threads)
    if runtime != "torch":
        raise DetectorError(f'"{runtime}" explains nothing.', f"Choose one of {', '.join(RUNTIMES)}.")
    with needed("torch", "train"):
        from detector.explaining.torch_map import by_torch
        from detector.networks.weights import load_weights
    return by_torch(load_weights(version.weights(finding), version.architecture), threads)


def by_onnx(file: Path, threads: int | None = None) -> BothWays:
    """A file of `explain_graph` with its weights beside it, on the processor by ONNX Runtime."""
    if not file.is_file():
        raise DetectorError(
            f"The version has no {file.name}.", "Explain by torch, or take a version that has one."
        )
    with needed("onnxruntime", ""):
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as faults

    failures = (faults.Fail, faults.RuntimeException, faults.InvalidArgument, faults.EPFail, MemoryError)
    unusable = (*failures, faults.InvalidGraph, faults.InvalidProtobuf, faults.NoSuchFile)
    share_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or 0
    options.log_severity_level = 4  # what it complains of, it raises as well
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.add_session_config_entry("session.force_spinning_stop", "1")  # other programs want the cores too
    try:
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except unusable as error:
        raise DetectorError(
            f"{file.name} cannot be used by ONNX Runtime ({first_line(error)}).",
            "Take the version from where it was made once more.",
        ) from error
    seeds_shape = next(given.shape for given in session.get_inputs() if given.name == SEEDS)

    def run(outputs: list[str], values: Floats, seeds: Floats) -> tuple[Floats, Floats]:
        try:
            one, two = session.run(outputs, {VALUES: values, SEEDS: seeds})
        except failures as error:
            raise DetectorError(f"ONNX Runtime failed ({first_line(error)}).", LESS_MEMORY) from error
        return one[0], two[0]

    def forward(values: Floats) -> tuple[Floats, Floats]:
        return run([SCORES, OFFSETS], values, np.zeros(seeds_shape, np.float32))

    def back(values: Floats, seeds: Floats, layer: str) -> tuple[Floats, Floats]:
        if layer not in LAYERS:
            raise DetectorError(
                f"{layer} lies before {LAYERS[0]}, and only torch explains it.",
                "Choose the runtime torch (pip install knuckle[train]), or a later layer.",
            )
        return run([layer, gradient(layer)], values, seeds[np.newaxis])

    return BothWays(f"onnxruntime {installed('onnxruntime')} CPU f32", forward, back)
