"""Writes the ONNX file that explains a detector: the network forwards and, from its scores, backwards.

    values [1, 1, 300, 300], seeds [1, A, 3]  ->  scores [1, A, 3], offsets [1, A, 4],
    and for each of LAYERS, such as "conv7", what it hands on, [1, C, h, w], and "conv7.gradient",
    the gradient there of the sum of scores times seeds

The way back of a convolution is the transposed convolution with the same kernels, that of a rectifier a mask,
of batch normalisation a factor for each channel, of a pool a sum at the places where the largest was found.
It ends where the first head begins: ONNX Runtime goes all the way whatever it is asked for, and from there to
the image is by far the longest part. It needs no weights of its own: all refer to the safetensors file beside
it, as in `graph`. Needs the `onnx` package, which reading the file does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from onnx import ModelProto, NodeProto, TensorProto, helper

from detector.classes import CLASSES
from detector.config import Architecture
from detector.explaining.onnx_map import LAYERS, OFFSETS, SCORES, SEEDS, VALUES, gradient
from detector.networks import graph, layers
from detector.networks.default_boxes import cells, count
from detector.networks.graph import floats
from detector.networks.layers import Convolution, Layer, Pool
from detector.networks.stored import NORMALISATION, SCALE, places
from detector.windows import WINDOW

INT64 = TensorProto.INT64


def write_explain_graph(architecture: Architecture, weights: Path, out: Path) -> None:
    """Writes the explaining ONNX file of a network beside its weights; raises as `graph.write_graph`."""
    graph.write_model(there_and_back, architecture, weights, out)


def there_and_back(architecture: Architecture, weights: Path) -> ModelProto:
    """The model, with weights that refer to this file. Raises DetectorError and OSError."""
    stored = graph.initialisers(places(weights, architecture), weights.name)
    whole = helper.make_graph(
        [*forward(architecture), *seeds(), *backward(architecture)],
        "knuckle-ssd300-explain",
        [floats(VALUES, 1, 1, WINDOW, WINDOW), floats(SEEDS, 1, boxes(), len(CLASSES))],
        [
            floats(SCORES, 1, boxes(), len(CLASSES)),
            floats(OFFSETS, 1, boxes(), 4),
            *(
                floats(name, 1, f"channels of {layer.name}", f"side of {layer.name}", f"side of {layer.name}")
                for layer in layers.trunk(architecture)
                if layer.name in LAYERS
                for name in (layer.name, gradient(layer.name))
            ),
        ],
        [*stored, *graph.constants(), *constants(architecture)],
    )
    opset = helper.make_opsetid("", graph.OPSET)
    return helper.make_model(whole, opset_imports=[opset], ir_version=graph.FORMAT, producer_name="knuckle")


def boxes() -> int:
    return count(WINDOW, WINDOW)


def forward(architecture: Architecture) -> Iterator[NodeProto]:
    """As in `graph`, but the pools that are gone back through tell where they found the largest."""
    for node in graph.trunk(architecture):
        if node.op_type == "MaxPool" and node.output[0] in LAYERS:
            node.output.append(found_at(node.output[0]))
        yield node
    yield from graph.heads(architecture)


def found_at(pool: str) -> str:
    return f"{pool}.found_at"


def constants(architecture: Architecture) -> Iterator[TensorProto]:
    """The few numbers that are no weights."""
    yield helper.make_tensor("in_one_row", INT64, [1], [-1])
    yield helper.make_tensor("one_number", INT64, [1], [1])
    if architecture.batch_norm:
        yield helper.make_tensor("rows_and_columns", INT64, [2], [1, 2])
        yield helper.make_tensor("batch_norm_least", graph.FLOAT, [], [layers.BATCH_NORM_LEAST])
    sizes = cells(WINDOW, WINDOW)
    counts = [rows * columns * b for (rows, columns), b in zip(sizes, layers.BOXES_A_CELL, strict=True)]
    yield helper.make_tensor("boxes_of_levels", INT64, [len(counts)], counts)
    for (head, _), (rows, columns) in zip(layers.heads(architecture), sizes, strict=True):
        yield helper.make_tensor(f"{head.name}.shape", INT64, [4], [1, rows, columns, head.outputs])


def seeds() -> Iterator[NodeProto]:
    """The seeds of each level as its head has its scores: `graph.heads`, turned round."""
    rows = [f"{source}_scores.seeded_rows" for source in layers.SOURCES]
    yield helper.make_node("Split", [SEEDS, "boxes_of_levels"], rows, axis=1)
    for source in layers.SOURCES:
        head = f"{source}_scores"
        shaped = [f"{head}.seeded_rows", f"{head}.shape"]
        yield helper.make_node("Reshape", shaped, [f"{head}.seeded_last"])
        last = [f"{head}.seeded_last"]
        yield helper.make_node("Transpose", last, [gradient(head)], perm=[0, 3, 1, 2])


def backward(architecture: Architecture) -> Iterator[NodeProto]:
    """From the heads to the first of LAYERS: gradient("conv7") is behind conv7's rectifier."""
    heads = dict(zip(layers.SOURCES, (scores for scores, _ in layers.heads(architecture)), strict=True))
    trunk = list(layers.trunk(architecture))
    sides = side_after(trunk)
    after: list[str] = []
    for before, layer in reversed(list(pairwise(trunk))):
        parts = list(after)
        if layer.name in heads:
            yield from head_back(layer.name, heads[layer.name])
            parts.append(f"{layer.name}_scores.back")
        yield helper.make_node("Sum", parts, [gradient(layer.name)])
        if layer.name == LAYERS[0]:
            return
        if isinstance(layer, Pool):
            yield from pool_back(layer.name, before.name)
        else:
            yield from convolution_back(layer, sides[before.name], architecture.batch_norm)
        after = [f"{layer.name}.back"]


def side_after(trunk: list[Layer]) -> dict[str, int]:
    """Rows, or columns, of what each layer hands on of a window."""
    found, side = {}, WINDOW
    for layer in trunk:
        if isinstance(layer, Pool):
            beyond = layer.stride - 1 if layer.ceil else 0
            side = (side + 2 * layer.padding - layer.kernel + beyond) // layer.stride + 1
        else:
            side = (side - reach(layer) - 1) // layer.stride + 1
        found[layer.name] = side
    return found


def reach(layer: Convolution) -> int:
    """By how much a convolution of stride 1 makes a side shorter."""
    return layer.dilation * (layer.kernel - 1) - 2 * layer.padding


def head_back(source: str, head: Convolution) -> Iterator[NodeProto]:
    given = [gradient(head.name), f"heads.{head.name}.weight"]
    if source != layers.NORMALISED:
        yield transposed(head, given, f"{head.name}.back")
        return
    yield transposed(head, given, gradient("unit"))
    yield from normalised_back(gradient("unit"), f"{head.name}.back")


def normalised_back(given: str, handed: str) -> Iterator[NodeProto]:
    """Of u = s x / |x|: what is across x of the gradient times s, divided by |x|."""
    yield helper.make_node("Mul", [given, SCALE], ["scaled"])
    yield helper.make_node("Mul", ["scaled", "direction"], ["scaled.products"])
    yield helper.make_node("ReduceSum", ["scaled.products", "channels"], ["scaled.along"], keepdims=1)
    yield helper.make_node("Mul", ["scaled.along", "direction"], ["scaled.radial"])
    yield helper.make_node("Sub", ["scaled", "scaled.radial"], ["scaled.across"])
    yield helper.make_node("Div", ["scaled.across", "divisor"], [handed])


def convolution_back(layer: Convolution, side: int, batch_norm: bool) -> Iterator[NodeProto]:
    """side: rows, or columns, of what the layer is given."""
    name, stored = layer.name, f"trunk.{layer.name}"
    # behind a rectifier is nothing below nought, so that the sign is 1 where it let something through
    yield helper.make_node("Sign", [name], [f"{name}.mask"])
    yield helper.make_node("Mul", [gradient(name), f"{name}.mask"], [gradient(f"{name}.summed")])
    given = gradient(f"{name}.summed")
    if batch_norm:
        yield from factors(name, stored)
        yield helper.make_node("Mul", [given, f"{name}.factors"], [gradient(f"{name}.convolved")])
        given = gradient(f"{name}.convolved")
    # a stride of 2 reaches sides of two lengths alike
    lost = (side - reach(layer) - 1) % layer.stride
    yield transposed(layer, [given, f"{stored}.0.weight"], f"{name}.back", lost)


def factors(name: str, stored: str) -> Iterator[NodeProto]:
    """By what batch normalisation multiplies each channel."""
    weight, _, _, variance = (f"{stored}.{part}" for part in NORMALISATION)
    yield helper.make_node("Add", [variance, "batch_norm_least"], [f"{name}.variance"])
    yield helper.make_node("Sqrt", [f"{name}.variance"], [f"{name}.deviation"])
    yield helper.make_node("Div", [weight, f"{name}.deviation"], [f"{name}.factor"])
    yield helper.make_node("Unsqueeze", [f"{name}.factor", "rows_and_columns"], [f"{name}.factors"])


def transposed(layer: Convolution, inputs: list[str], output: str, lost: int = 0) -> NodeProto:
    return graph.convolved_by(layer, inputs, output, "ConvTranspose", output_padding=[lost] * 2)


def pool_back(name: str, before: str) -> Iterator[NodeProto]:
    """Each gradient is added where its pool found the largest; places are counted over the whole array."""
    yield helper.make_node("Shape", [before], [f"{name}.shape"])
    yield helper.make_node("Size", [before], [f"{name}.numbers"])
    yield helper.make_node("Reshape", [f"{name}.numbers", "one_number"], [f"{name}.length"])
    yield helper.make_node("ConstantOfShape", [f"{name}.length"], [f"{name}.zeros"])
    yield helper.make_node("Reshape", [gradient(name), "in_one_row"], [f"{name}.gradient_row"])
    yield helper.make_node("Reshape", [found_at(name), "in_one_row"], [f"{name}.places_row"])
    scattered = [f"{name}.zeros", f"{name}.places_row", f"{name}.gradient_row"]
    yield helper.make_node("ScatterElements", scattered, [f"{name}.row"], axis=0, reduction="add")
    yield helper.make_node("Reshape", [f"{name}.row", f"{name}.shape"], [f"{name}.back"])
