"""The layers of SSD300 on VGG16 as a table: what builds the network in torch, its ONNX file and the way back
through it all read it here, so that they cannot differ (Liu et al. 2016, Fig. 2; Simonyan & Zisserman 2015,
configuration D, with fc6 and fc7 as the convolutions Conv6 and Conv7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from detector.classes import CLASSES
from detector.config import Architecture


@dataclass(frozen=True)
class Convolution:
    """name: the paper's, such as "conv4_3". inputs, outputs: channels. A rectifier follows each."""

    name: str
    inputs: int
    outputs: int
    kernel: int = 3
    stride: int = 1
    padding: int = 1
    dilation: int = 1


@dataclass(frozen=True)
class Pool:
    """Largest of kernel x kernel; ceil: the last, incomplete one counts too."""

    name: str
    kernel: int = 2
    stride: int = 2
    padding: int = 0
    ceil: bool = False


Layer = Convolution | Pool

SOURCES = ("conv4_3", "conv7", "conv8_2", "conv9_2", "conv10_2", "conv11_2")
"""The layers from which boxes are told, one for each level of default boxes, finest first."""

NORMALISED = "conv4_3"
"""Its values are divided by their length over the channels and scaled before the head, not for what follows
(Liu et al. 2016, 3.1, after ParseNet)."""

NORM_SCALE, NORM_LEAST = 20.0, 1e-10
"""Where the learned scale of each channel begins; the least length that is divided by."""

BOXES_A_CELL = (4, 6, 6, 6, 4, 4)
"""Default boxes at each cell of a level (Liu et al. 2016, 2.2 and Fig. 2)."""

BATCH_NORM_LEAST = 1e-3
"""Added to the variance in batch normalisation, in torch and ONNX alike."""


def trunk(architecture: Architecture) -> Iterator[Layer]:
    """All layers in order, each fed by the one before; the first takes three channels."""
    inputs = 3
    for name, full, kernel, stride, padding, dilation in CONVOLUTIONS:
        outputs = architecture.channels(full)
        yield Convolution(name, inputs, outputs, kernel, stride, padding, dilation)
        inputs = outputs
        if name in POOLS:
            yield POOLS[name]


def heads(architecture: Architecture) -> Iterator[tuple[Convolution, Convolution]]:
    """The two heads of each level in the order of SOURCES, no rectifier behind them: scores of the classes
    and offsets of the box. Channel b * 3 + c is class c of default box b, b * 4 + i number i of its offset.
    """
    outputs = {layer.name: layer.outputs for layer in trunk(architecture) if isinstance(layer, Convolution)}
    for source, boxes in zip(SOURCES, BOXES_A_CELL, strict=True):
        yield (
            Convolution(f"{source}_scores", outputs[source], boxes * len(CLASSES)),
            Convolution(f"{source}_offsets", outputs[source], boxes * 4),
        )


CONVOLUTIONS = (
    # name, channels in the paper's network, kernel, stride, padding, dilation
    ("conv1_1", 64, 3, 1, 1, 1),
    ("conv1_2", 64, 3, 1, 1, 1),
    ("conv2_1", 128, 3, 1, 1, 1),
    ("conv2_2", 128, 3, 1, 1, 1),
    ("conv3_1", 256, 3, 1, 1, 1),
    ("conv3_2", 256, 3, 1, 1, 1),
    ("conv3_3", 256, 3, 1, 1, 1),
    ("conv4_1", 512, 3, 1, 1, 1),
    ("conv4_2", 512, 3, 1, 1, 1),
    ("conv4_3", 512, 3, 1, 1, 1),
    ("conv5_1", 512, 3, 1, 1, 1),
    ("conv5_2", 512, 3, 1, 1, 1),
    ("conv5_3", 512, 3, 1, 1, 1),
    ("conv6", 1024, 3, 1, 6, 6),
    ("conv7", 1024, 1, 1, 0, 1),
    ("conv8_1", 256, 1, 1, 0, 1),
    ("conv8_2", 512, 3, 2, 1, 1),
    ("conv9_1", 128, 1, 1, 0, 1),
    ("conv9_2", 256, 3, 2, 1, 1),
    ("conv10_1", 128, 1, 1, 0, 1),
    ("conv10_2", 256, 3, 1, 0, 1),
    ("conv11_1", 128, 1, 1, 0, 1),
    ("conv11_2", 256, 3, 1, 0, 1),
)

POOLS = {
    "conv1_2": Pool("pool1"),
    "conv2_2": Pool("pool2"),
    "conv3_3": Pool("pool3", ceil=True),
    "conv4_3": Pool("pool4"),
    "conv5_3": Pool("pool5", kernel=3, stride=1, padding=1),
}
"""Which pool follows a convolution; pool5 does not reduce, as Liu et al. 2016 change it."""
