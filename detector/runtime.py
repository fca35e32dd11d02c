"""What runs a network: ONNX Runtime (the default, and the reference whose numbers are recorded), torch or
OpenVINO. In f32 all give the same scores but for the last digits; which one ran is part of every result."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version as installed
from pathlib import Path

import numpy as np

from detector.boxes import Floats
from detector.errors import DetectorError
from detector.version.values import RUNTIMES, Version, weights_file

Answer = tuple[Floats, Floats]
Session = Callable[[list[str], Mapping[str, Floats]], tuple[Floats, Floats]]
"""Names of two outputs, and inputs by their names -> these outputs."""

LESS_MEMORY = "Close other programs, or run it on a machine with more memory."


@dataclass(frozen=True)
class Network:
    """One network, ready to run.

    runtime: what runs it, with its version, device and precision. batch: how many windows at a time are best.
    run: values float32 [n, 1, h, w], as `windows.model_input` makes them -> scores float32 [n, A, 3], not yet
    probabilities, and offsets float32 [n, A, 4] of all default boxes; raises DetectorError where it fails.
    """

    runtime: str
    batch: int
    run: Callable[[Floats], Answer]


def check_runtime(runtime: str, precision: str) -> None:
    """Raises DetectorError for what is no runtime, or a precision it does not have."""
    if runtime not in RUNTIMES:
        raise DetectorError(f'There is no runtime "{runtime}".', f"Choose one of {', '.join(RUNTIMES)}.")
    if precision not in RUNTIMES[runtime]:
        able = ", ".join(RUNTIMES[runtime])
        raise DetectorError(
            f'{runtime} has no precision "{precision}".', f"Choose {able}, or another runtime."
        )


def open_network(
    version: Version, finding: str, *, runtime: str, precision: str, threads: int | None = None
) -> Network:
    """The detector of a finding out of a version. threads: None means all cores.

    Raises DetectorError for a runtime or precision that is not there, and for files that cannot be used.
    """
    check_runtime(runtime, precision)
    threads = cores(threads)
    if runtime == "onnxruntime":
        return onnx_network(version.graph(finding), threads)
    if runtime == "openvino":
        from detector.networks.openvino_runtime import openvino_network

        return openvino_network(version, finding, precision, threads)
    with needed("torch", "train"):
        from detector.networks.torch_runtime import torch_network
        from detector.networks.weights import model_from
    return torch_network(model_from(version, finding), precision, threads)


def cores(threads: int | None) -> int | None:
    """How many cores to use: no more than this process may have. None means all. Raises DetectorError for
    fewer than one."""
    if threads is None:
        return None
    if threads < 1:
        raise DetectorError(f"{threads} threads are too few.", "Give 1 or more.")
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(threads, there)


def onnx_network(file: Path, threads: int | None = None) -> Network:
    """An ONNX file with its weights beside it, on the processor in float32 by ONNX Runtime."""
    run = onnx_session(file, threads)
    return Network(onnx_name(), 1, lambda values: run(["scores", "offsets"], {"values": values}))


def onnx_session(file: Path, threads: int | None = None) -> Session:
    """What runs an ONNX file, from memory: neither file is looked at again. Raises DetectorError for one that
    is of no use; what it gives raises it where it fails."""
    with needed("onnxruntime", ""):
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as faults

    failures = (faults.Fail, faults.RuntimeException, faults.InvalidArgument, faults.EPFail, MemoryError)
    unusable = (*failures, faults.InvalidGraph, faults.InvalidProtobuf, faults.NoSuchFile)
    onnxruntime.disable_telemetry_events()
    share_memory()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = cores(threads) or 0
    options.enable_mem_pattern = False  # it plans for inputs of one size, and holds half as much again
    options.log_severity_level = 4  # what it complains of, it raises as well
    options.add_session_config_entry("session.use_env_allocators", "1")
    options.add_session_config_entry("session.force_spinning_stop", "1")  # other programs want the cores too
    # It would map the weights from their file: whoever writes to that changes what runs, or ends the program.
    weights = file.with_name(weights_file(file.name.partition(".")[0]))
    try:
        if weights.is_file():
            held = weights.read_bytes()
            options.add_external_initializers_from_files_in_memory([weights.name], [held], [len(held)])
        session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    except (*unusable, OSError) as error:
        raise DetectorError(
            f"{file.name} cannot be used by ONNX Runtime ({first_line(error)}).",
            "Take the version from where it was made once more.",
        ) from error

    def run(outputs: list[str], inputs: Mapping[str, Floats]) -> tuple[Floats, Floats]:
        try:
            one, two = session.run(outputs, inputs)
        except failures as error:
            raise DetectorError(f"ONNX Runtime failed ({first_line(error)}).", LESS_MEMORY) from error
        return np.asarray(one), np.asarray(two)

    return run


def onnx_name() -> str:
    return f"onnxruntime {installed('onnxruntime')} CPU f32"


@cache
def share_memory() -> None:
    """Lets all networks of this process take the memory for a run from the same place, one after another;
    else each keeps as much as it needed most."""
    import onnxruntime

    kind, use = onnxruntime.OrtAllocatorType.ORT_ARENA_ALLOCATOR, onnxruntime.OrtMemType.DEFAULT
    onnxruntime.create_and_register_allocator(onnxruntime.OrtMemoryInfo("Cpu", kind, 0, use), None)


@contextmanager
def needed(package: str, extra: str) -> Iterator[None]:
    """Says what to install where a package is missing; a fault of our own is none of that."""
    try:
        yield
    except ImportError as error:
        if (error.name or "").partition(".")[0] == "detector":
            raise
        raise DetectorError(
            f"{package} is not installed here, or cannot be loaded.",
            f"Install it with: pip install {f'knuckle[{extra}]' if extra else package}.",
        ) from error


def first_line(error: BaseException) -> str:
    """The beginning of what a library says, without the paths it may end with."""
    return (str(error).splitlines() or [type(error).__name__])[0][:120]
