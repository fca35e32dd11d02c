"""The stored weights of a detector: a safetensors file, which the network in torch and the ONNX file share.

Names and shapes follow from the table of layers, so a file can be checked before anything is done with it.
The file is eight bytes with the length of its header, the header (JSON: name -> dtype, shape and place of a
tensor) and the numbers (safetensors, "Format").
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load

from detector.boxes import Floats
from detector.config import Architecture
from detector.errors import DetectorError
from detector.networks import layers
from detector.networks.layers import Convolution

SCALE = "scale"
"""The learned scale of each channel of layers.NORMALISED."""

NORMALISATION = ("1.weight", "1.bias", "1.running_mean", "1.running_var")
"""Of batch normalisation, in the order in which ONNX takes them."""

KIND = "F32"
LARGEST_HEADER = 1_000_000
ADVICE = "Take the version from where it was made once more."


@dataclass(frozen=True)
class Place:
    """Where a tensor lies in its file. offset, length: bytes from the beginning of the file."""

    shape: tuple[int, ...]
    offset: int
    length: int


def shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every weight, float32, as model.SSD300 has them. The count of batches that batch
    normalisation keeps is of no use to anybody, and is not stored."""
    found: dict[str, tuple[int, ...]] = {}
    for layer in layers.trunk(architecture):
        if isinstance(layer, Convolution):
            found[f"trunk.{layer.name}.0.weight"] = kernel(layer)
            for name in NORMALISATION if architecture.batch_norm else ("0.bias",):
                found[f"trunk.{layer.name}.{name}"] = (layer.outputs,)
    for pair in layers.heads(architecture):
        for head in pair:
            found[f"heads.{head.name}.weight"] = kernel(head)
            found[f"heads.{head.name}.bias"] = (head.outputs,)
    first, _ = next(layers.heads(architecture))
    return {**found, SCALE: (first.inputs,)}


def kernel(layer: Convolution) -> tuple[int, ...]:
    return layer.outputs, layer.inputs, layer.kernel, layer.kernel


def places(path: Path, architecture: Architecture) -> dict[str, Place]:
    """Where each weight lies in a file. Raises DetectorError for a file that is none or does not hold exactly
    the weights of this architecture, OSError where it cannot be read."""
    with path.open("rb") as file:
        size = path.stat().st_size
        (length,) = struct.unpack("<Q", (file.read(8) + bytes(8))[:8])
        if not 2 <= length <= min(LARGEST_HEADER, size - 8):
            raise DetectorError(f"{path.name} is no safetensors file.", ADVICE)
        header = file.read(length)
    try:
        found = {name: place(entry, 8 + length) for name, entry in entries(header)}
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise DetectorError(f"{path.name} is no safetensors file.", ADVICE) from error
    refuse_others(path.name, {name: one.shape for name, one in found.items()}, architecture)
    if any(one.offset < 8 + length or one.offset + one.length > size for one in found.values()):
        raise DetectorError(f"{path.name} is cut short.", ADVICE)
    return found


def entries(header: bytes) -> list[tuple[str, dict[str, Any]]]:
    return [(name, entry) for name, entry in json.loads(header).items() if name != "__metadata__"]


def place(entry: Mapping[str, Any], begin: int) -> Place:
    """Raises ValueError, TypeError or KeyError for what is no tensor of float32."""
    shape, (first, last) = entry["shape"], entry["data_offsets"]
    numbers = [*shape, first, last]
    if entry["dtype"] != KIND or any(type(one) is not int or one < 0 for one in numbers):
        raise ValueError("not a tensor of float32")
    if last - first != 4 * math.prod(shape):
        raise ValueError("not as long as its shape")
    return Place(tuple(shape), begin + first, last - first)


def refuse_others(name: str, found: Mapping[str, tuple[int, ...]], architecture: Architecture) -> None:
    """Raises DetectorError where weights are not those of this architecture."""
    wanted = shapes(architecture)
    if found.keys() != wanted.keys():
        odd = sorted(found.keys() ^ wanted.keys())[0]
        fault = f"lacks {odd}" if odd in wanted else f"holds {odd[:80]!r}, which is no weight"
        raise DetectorError(f"{name} {fault} of the network it is said to be.", ADVICE)
    for weight, shape in wanted.items():
        if found[weight] != shape:
            raise DetectorError(f"{weight} in {name} is {list(found[weight])}, not {list(shape)}.", ADVICE)


def weights(path: Path, architecture: Architecture) -> dict[str, Floats]:
    """The weights of a file, checked: the right ones, and all of them finite numbers. Raises DetectorError,
    or OSError where it cannot be read."""
    places(path, architecture)
    try:
        found: dict[str, Floats] = load(path.read_bytes())
    except SafetensorError as error:
        raise DetectorError(f"{path.name} is no safetensors file.", ADVICE) from error
    for name, values in found.items():
        if not np.isfinite(values).all():
            raise DetectorError(f"{name} in {path.name} holds something that is no number.", ADVICE)
    return found


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What the disk refuses safetensors raises OSError, as everything else that is written does."""
    try:
        yield
    except SafetensorError as error:
        told = re.search(r"os error (\d+)", str(error))
        number = int(told[1]) if told else errno.EIO
        raise OSError(number, os.strerror(number), str(path)) from error
