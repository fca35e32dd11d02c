"""Writes the ONNX file of a detector, operator by operator from the table of layers.

The file holds no weights: every one refers to its bytes in the safetensors file beside it (ONNX, "External
Data"), so that weights are stored once and both files cannot differ. Needs the `onnx` package, which reading
the file does not.

    values [n, 1, h, w]  ->  scores [n, A, 3], offsets [n, A, 4]     as model.SSD300.forward

What a layer of the trunk hands on is named after it ("conv7" is behind the rectifier, "pool4" a pool), and so
is what a head says before it is put in rows ("conv7_scores", [n, B * 3, rows, columns]).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, checker, helper

from detector.classes import CLASSES
from detector.config import Architecture
from detector.networks import layers
from detector.networks.layers import Convolution, Pool
from detector.networks.stored import NORMALISATION, SCALE, Place, places

OPSET = 17
FORMAT = 9
"""Version of ONNX's own format, that of OPSET."""

VALUES, SCORES, OFFSETS = "values", "scores", "offsets"
FLOAT = TensorProto.FLOAT
CONSTANTS: Mapping[str, tuple[int, Sequence[float]]] = {
    "three_channels": (TensorProto.INT64, [1, 3, 1, 1]),
    "channels": (TensorProto.INT64, [1]),
    "norm_least": (FLOAT, [layers.NORM_LEAST]),
    "rows_of_scores": (TensorProto.INT64, [0, -1, len(CLASSES)]),
    "rows_of_offsets": (TensorProto.INT64, [0, -1, 4]),
}


def write_graph(architecture: Architecture, weights: Path, out: Path) -> None:
    """Writes the ONNX file of a network beside its weights, in the same folder.

    Raises DetectorError where `weights` does not hold exactly the weights of this architecture, ValueError
    for files in two folders, OSError where a file cannot be read or written.
    """
    write_model(network, architecture, weights, out)


def write_model(
    build: Callable[[Architecture, Path], ModelProto], architecture: Architecture, weights: Path, out: Path
) -> None:
    """Writes what `build` makes of an architecture and its weights, and checks it."""
    if weights.parent.resolve() != out.parent.resolve():
        raise ValueError("an ONNX file refers to weights in its own folder")
    out.write_bytes(build(architecture, weights).SerializeToString(deterministic=True))
    checker.check_model(str(out), full_check=True)


def network(architecture: Architecture, weights: Path) -> ModelProto:
    """The network as a model, with weights that refer to this file. Raises DetectorError and OSError."""
    nodes = [*trunk(architecture), *heads(architecture)]
    stored = initialisers(places(weights, architecture), weights.name)
    return model("knuckle-ssd300", nodes, outputs(), [*stored, *constants()])


def model(
    name: str, nodes: Sequence[NodeProto], outputs: Sequence[ValueInfoProto], tensors: Sequence[TensorProto]
) -> ModelProto:
    """A model of these nodes, fed with `values`."""
    graph = helper.make_graph(nodes, name, [floats(VALUES, "n", 1, "h", "w")], outputs, tensors)
    opset = helper.make_opsetid("", OPSET)
    return helper.make_model(graph, opset_imports=[opset], ir_version=FORMAT, producer_name="knuckle")


def outputs() -> list[ValueInfoProto]:
    return [floats(SCORES, "n", "boxes", len(CLASSES)), floats(OFFSETS, "n", "boxes", 4)]


def floats(name: str, *shape: int | str) -> ValueInfoProto:
    """What goes in or comes out. A side of the shape that has a name may be of any length; sides of one name
    are taken to be of one length, and a wrong one spoils the run."""
    return helper.make_tensor_value_info(name, FLOAT, shape)


def trunk(architecture: Architecture) -> Iterator[NodeProto]:
    """`values` in three channels, and all layers up to the last."""
    yield helper.make_node("Expand", [VALUES, "three_channels"], ["gray"])
    before = "gray"
    for layer in layers.trunk(architecture):
        if isinstance(layer, Pool):
            yield pool(layer, before)
        else:
            yield from convolution(layer, before, architecture.batch_norm)
        before = layer.name


def convolution(layer: Convolution, before: str, batch_norm: bool) -> Iterator[NodeProto]:
    """A convolution of the trunk with batch normalisation, if there is any, and its rectifier."""
    name, stored = layer.name, f"trunk.{layer.name}"
    convolved = [before, f"{stored}.0.weight"]
    if batch_norm:
        yield convolved_by(layer, convolved, f"{name}.convolved")
        inputs = [f"{name}.convolved", *(f"{stored}.{part}" for part in NORMALISATION)]
        least = layers.BATCH_NORM_LEAST
        yield helper.make_node("BatchNormalization", inputs, [f"{name}.summed"], epsilon=least)
    else:
        yield convolved_by(layer, [*convolved, f"{stored}.0.bias"], f"{name}.summed")
    yield helper.make_node("Relu", [f"{name}.summed"], [name])


def convolved_by(
    layer: Convolution, inputs: Sequence[str], output: str, operator: str = "Conv", **more: Any
) -> NodeProto:
    """operator: "Conv", or "ConvTranspose" for the way back; more: attributes of that one alone."""
    return helper.make_node(
        operator,
        inputs,
        [output],
        kernel_shape=[layer.kernel] * 2,
        strides=[layer.stride] * 2,
        pads=[layer.padding] * 4,
        dilations=[layer.dilation] * 2,
        **more,
    )


def pool(layer: Pool, before: str) -> NodeProto:
    return helper.make_node(
        "MaxPool",
        [before],
        [layer.name],
        kernel_shape=[layer.kernel] * 2,
        strides=[layer.stride] * 2,
        pads=[layer.padding] * 4,
        ceil_mode=int(layer.ceil),
    )


def heads(architecture: Architecture) -> Iterator[NodeProto]:
    """All heads on the outputs of the trunk, and what they say in one row for each default box."""
    yield from normalised()
    for source, pair in zip(layers.SOURCES, layers.heads(architecture), strict=True):
        seen = "unit" if source == layers.NORMALISED else source
        for head, kind in zip(pair, (SCORES, OFFSETS), strict=True):
            stored = f"heads.{head.name}"
            yield convolved_by(head, [seen, f"{stored}.weight", f"{stored}.bias"], head.name)
            yield helper.make_node("Transpose", [head.name], [f"{head.name}.last"], perm=[0, 2, 3, 1])
            yield helper.make_node("Reshape", [f"{head.name}.last", f"rows_of_{kind}"], [f"{head.name}.rows"])
    for kind in (SCORES, OFFSETS):
        rows = [f"{source}_{kind}.rows" for source in layers.SOURCES]
        yield helper.make_node("Concat", rows, [kind], axis=1)


def normalised() -> Iterator[NodeProto]:
    """layers.NORMALISED divided by its length over the channels, times the learned scale: "unit"."""
    source = layers.NORMALISED
    yield helper.make_node("Mul", [source, source], ["squares"])
    yield helper.make_node("ReduceSum", ["squares", "channels"], ["sum_of_squares"], keepdims=1)
    yield helper.make_node("Sqrt", ["sum_of_squares"], ["length"])
    yield helper.make_node("Max", ["length", "norm_least"], ["divisor"])
    yield helper.make_node("Div", [source, "divisor"], ["direction"])
    yield helper.make_node("Mul", ["direction", SCALE], ["unit"])


def initialisers(stored: Mapping[str, Place], file: str) -> list[TensorProto]:
    """The weights as references to their bytes in a file."""
    return [external(name, place, file) for name, place in stored.items()]


def external(name: str, place: Place, file: str) -> TensorProto:
    # the scale is stored [channels], and multiplied with [n, channels, rows, columns]
    shape = (*place.shape, 1, 1) if name == SCALE else place.shape
    tensor = TensorProto(name=name, data_type=FLOAT, dims=shape, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", file), ("offset", place.offset), ("length", place.length)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def constants() -> list[TensorProto]:
    """The few numbers that are no weights."""
    return [
        helper.make_tensor(name, kind, [len(values)], values) for name, (kind, values) in CONSTANTS.items()
    ]
