"""Runs a network in OpenVINO, on the processor and faster than ONNX Runtime.

OpenVINO takes bf16 by itself where a processor has it, so the precision is always set. int8 is made here, of
what OpenVINO itself has: what goes into a convolution of the trunk gets 256 steps between nought and its
largest value on the golden image, and the weights have steps of their own for each channel. The heads and the
length of conv4_3 stay in float32.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from detector import png, windows
from detector.boxes import Floats
from detector.errors import DetectorError
from detector.runtime import LESS_MEMORY, Answer, Network, first_line, needed
from detector.version.values import GOLDEN, Version

# OpenVINO comes with a package that counts its use for its makers: it gives this user a number, kept in the
# home folder, and has a thread to report by. OpenVINO does without where it is not there.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type] # as Python's import system has it

with needed("openvino", "fast"):
    import openvino
    from openvino import opset13 as operators


def openvino_network(version: Version, finding: str, precision: str, threads: int | None) -> Network:
    """The detector of a finding; precision: "f32", "bf16" or "int8". threads: None means all cores.

    Raises DetectorError where OpenVINO cannot take it, or the processor does not have the precision.
    """
    core = openvino.Core()
    core.set_property({"ENABLE_MMAP": False})  # as `runtime.onnx_session`: nothing runs from the file
    if precision != "f32" and precision.upper() not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        raise DetectorError(f"This processor does not have {precision}.", "Choose f32.")
    settings: dict[str, Any] = {
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
        "PERFORMANCE_HINT": "LATENCY",
    }
    if threads is not None:
        settings["INFERENCE_NUM_THREADS"] = threads
    try:
        model = core.read_model(version.graph(finding))
        if precision == "int8":
            quantise(model, largest(core, version, finding))
        compiled = core.compile_model(model, "CPU", settings)
    except RuntimeError as error:
        raise DetectorError(
            f"OpenVINO cannot use {version.graph(finding).name} ({first_line(error)}).", "Use onnxruntime."
        ) from error

    def run(values: Floats) -> Answer:
        try:
            found = compiled([values])
        except RuntimeError as error:
            raise DetectorError(f"OpenVINO failed ({first_line(error)}).", LESS_MEMORY) from error
        return np.array(found["scores"]), np.array(found["offsets"])

    release = openvino.__version__.partition("-")[0]
    return Network(f"openvino {release} CPU {precision}", 1, run)


def convolutions(model: Any) -> dict[str, Any]:
    """The convolutions of the trunk by name."""
    return {
        name: operator
        for operator in model.get_ordered_ops()
        if operator.get_type_name() == "Convolution"
        and "_scores" not in (name := operator.get_friendly_name())
        and "_offsets" not in name
    }


def largest(core: Any, version: Version, finding: str) -> dict[str, np.float32]:
    """The largest number that goes into each convolution on the golden image; none is below nought."""
    model = core.read_model(version.graph(finding))
    found = convolutions(model)
    everywhere = np.array([0, 1, 2, 3])
    model.add_results(
        [operators.result(operators.reduce_max(one.input_value(0), everywhere)) for one in found.values()]
    )
    page = windows.half_page(png.decode((version.folder / GOLDEN).read_bytes()))
    height, width = (max(0, windows.WINDOW - side) for side in page.shape)
    seen = windows.model_input(np.pad(page, ((0, height), (0, width))))[None]
    # two outputs of the network, then those added
    told = list(core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})([seen]).values())[2:]
    return dict(zip(found, map(np.float32, told), strict=True))


def quantise(model: Any, tops: dict[str, np.float32]) -> None:
    """Puts the steps before the convolutions; OpenVINO then reckons these in whole numbers."""
    none = np.float32(0)
    for name, operator in convolutions(model).items():
        top = max(tops[name], np.float32(1e-6))
        values, kernels = operator.input_value(0), operator.input_value(1)
        limit = np.abs(kernels.get_node().get_data()).max(axis=(1, 2, 3), keepdims=True)
        stepped = operators.fake_quantize(values, none, top, none, top, 256)
        operator.input(0).replace_source_output(stepped.output(0))
        stepped = operators.fake_quantize(kernels, -limit, limit, -limit, limit, 255)
        operator.input(1).replace_source_output(stepped.output(0))
