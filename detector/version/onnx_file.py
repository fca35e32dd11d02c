"""A look into an ONNX file before anything runs it, without the `onnx` package: it is to hold plain operators
and refer to the weights of its own version, and to nothing else.

An ONNX file is a protocol buffer: fields of a number and a value, of which some are messages again
(onnx.proto of ONNX, and "Encoding" of Protocol Buffers). What is not named here, a version has no need of:
functions, subgraphs, sparse tensors, operators of other domains.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from detector.errors import DetectorError
from detector.networks.stored import Place

LARGEST = 10_000_000  # bytes
ADVICE = "Take the version from where it was made once more."

Message = dict[int, list[bytes | int]]

MODEL_FIELDS = {1, 2, 3, 7, 8}
GRAPH_FIELDS = {1, 2, 5, 11, 12}
NODE_FIELDS = {1, 2, 3, 4, 5}
ATTRIBUTE_FIELDS = {1, 2, 3, 4, 7, 8, 20}
"""Numbers and texts; no tensor, no graph."""
TENSOR_FIELDS = {1, 2, 4, 7, 8, 9, 13, 14}
FLOAT, EXTERNAL = 1, 1


def check_graph(path: Path, weights: str, places: Mapping[str, Place]) -> None:
    """Raises DetectorError unless the file is made of plain operators, and every weight it refers to is one
    of these places in the file `weights`. Raises OSError where it cannot be read."""
    if path.stat().st_size > LARGEST:
        raise DetectorError(f"{path.name} is too large to be a network without weights.", ADVICE)
    try:
        graph = graph_of(path.read_bytes())
        for node in graph.get(1, []):
            for attribute in message(node, NODE_FIELDS).get(5, []):
                message(attribute, ATTRIBUTE_FIELDS)
        referred = [name for tensor in graph.get(5, []) if (name := reference(tensor, weights, places))]
    except (ValueError, IndexError) as error:
        raise DetectorError(f"{path.name} is no network of a version ({error}).", ADVICE) from error
    if not referred:
        raise DetectorError(f"{path.name} does not use the weights of its version.", ADVICE)


def graph_of(data: bytes) -> Message:
    """The graph of a model with operators of ONNX's own alone."""
    model = message(data, MODEL_FIELDS)
    for opset in model.get(8, []):
        if message(opset, {1, 2}).get(1, [b""]) != [b""]:
            raise ValueError("operators of another domain")
    (graph,) = model.get(7, [])
    return message(graph, GRAPH_FIELDS)


def reference(tensor: bytes | int, weights: str, places: Mapping[str, Place]) -> str | None:
    """The weight which a tensor stands for; None for one that holds its numbers itself."""
    found = message(tensor, TENSOR_FIELDS)
    external = [message(entry, {1, 2}) for entry in found.get(13, [])]
    if not external and found.get(14, [0]) == [0]:
        return None
    said = {only_text(entry, 1): only_text(entry, 2) for entry in external}
    name = only_text(found, 8)
    place = places.get(name)
    if place is None:
        raise ValueError(f"no weight is called {name[:80]}")
    wanted = {"location": weights, "offset": str(place.offset), "length": str(place.length)}
    if said != wanted or found.get(14) != [EXTERNAL] or found.get(2) != [FLOAT]:
        raise ValueError(f"{name} is not taken from its place in {weights}")
    if math.prod(dimensions(found)) != math.prod(place.shape):
        raise ValueError(f"{name} is not of its shape")
    return name


def dimensions(tensor: Message) -> list[int]:
    """The shape, be it written number by number or packed."""
    found: list[int] = []
    for value in tensor.get(1, []):
        found += [value] if isinstance(value, int) else packed(value)
    return found


def packed(data: bytes) -> list[int]:
    numbers, at = [], 0
    while at < len(data):
        number, at = varint(data, at)
        numbers.append(number)
    return numbers


def only_text(found: Message, number: int) -> str:
    """Raises ValueError where there is not exactly one."""
    (value,) = found.get(number, [])
    if isinstance(value, int):
        raise ValueError("a number for a text")
    return value.decode("utf-8")


def message(data: bytes | int, allowed: set[int]) -> Message:
    """Field number -> values in their order. Raises ValueError or IndexError for what is no message, or has
    other fields."""
    if isinstance(data, int):
        raise ValueError("a number for a message")
    found: Message = {}
    for number, value in fields(data):
        if number not in allowed:
            raise ValueError(f"it holds field {number}, of which a version has no need")
        found.setdefault(number, []).append(value)
    return found


def fields(data: bytes) -> Iterator[tuple[int, bytes | int]]:
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
            yield key >> 3, value
            continue
        length, at = varint(data, at) if kind == 2 else ({1: 8, 5: 4}.get(kind, -1), at)
        if length < 0 or at + length > len(data):
            raise ValueError("it is damaged")
        yield key >> 3, data[at : at + length]
        at += length


def varint(data: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, lowest first, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("it is damaged")
