"""The network in torch: SSD300 on VGG16 for background, absent and present of one finding (paper, Development
of the joint region detector; Liu et al. 2016). It is trained and explained here; proposing runs its ONNX
file."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torchvision.ops import Conv2dNormActivation

from detector.classes import CLASSES
from detector.config import Architecture
from detector.networks import layers
from detector.networks.layers import Convolution, Pool

OnLayer = Callable[[str, Tensor], Tensor]


class SSD300(nn.Module):
    """Takes any input of at least 268 x 268 pixels; in training it is shown 300 x 300.

    Names of weights are those of the layers: "trunk.conv4_3.0.weight" (convolution), "trunk.conv4_3.1.weight"
    (batch normalisation, where there is any), "heads.conv4_3_scores.weight", "scale".
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.architecture = architecture
        self.trunk = nn.ModuleDict(
            {layer.name: module(layer, architecture.batch_norm) for layer in layers.trunk(architecture)}
        )
        self.heads = nn.ModuleDict(
            {
                head.name: nn.Conv2d(head.inputs, head.outputs, head.kernel, padding=head.padding)
                for pair in layers.heads(architecture)
                for head in pair
            }
        )
        normalised = next(scores for scores, _ in layers.heads(architecture))
        self.scale = nn.Parameter(torch.full((normalised.inputs,), layers.NORM_SCALE))
        self.trunk.apply(start)
        self.heads.apply(start_head)

    def forward(self, values: Tensor, on_layer: OnLayer | None = None) -> tuple[Tensor, Tensor]:
        """values: float [N, 1, h, w], 0 to 1, as `windows.model_input` makes them -> scores [N, A, 3] in the
        order of CLASSES, not yet probabilities (softmax), and offsets [N, A, 4] from `default_boxes(h, w)`.

        on_layer: is handed the name and the values of every layer of the trunk, and returns what goes on in
        their place.
        """
        scores, offsets = [], []
        values = values.expand(-1, 3, -1, -1)
        for name, layer in self.trunk.items():
            values = layer(values)
            if on_layer is not None:
                values = on_layer(name, values)
            if name in layers.SOURCES:
                seen = self.normalised(values) if name == layers.NORMALISED else values
                scores.append(rows(self.heads[f"{name}_scores"](seen), len(CLASSES)))
                offsets.append(rows(self.heads[f"{name}_offsets"](seen), 4))
        return torch.cat(scores, 1), torch.cat(offsets, 1)

    def normalised(self, values: Tensor) -> Tensor:
        """Divided by their length over the channels, times a learned scale (Liu et al. 2016, 3.1)."""
        unit = nn.functional.normalize(values, dim=1, eps=layers.NORM_LEAST)
        return unit * self.scale[:, None, None]


def module(layer: Convolution | Pool, batch_norm: bool) -> nn.Module:
    """A layer of the trunk; a convolution with what follows it."""
    if isinstance(layer, Pool):
        return nn.MaxPool2d(layer.kernel, layer.stride, layer.padding, ceil_mode=layer.ceil)
    convolution: nn.Module = Conv2dNormActivation(
        layer.inputs,
        layer.outputs,
        layer.kernel,
        layer.stride,
        layer.padding,
        dilation=layer.dilation,
        norm_layer=normalisation if batch_norm else None,
        bias=not batch_norm,
    )
    return convolution


def normalisation(channels: int) -> nn.Module:
    return nn.BatchNorm2d(channels, eps=layers.BATCH_NORM_LEAST, momentum=0.03)


def start(part: nn.Module) -> None:
    """Random weights to begin with: variance kept through rectifiers (He et al. 2015), no bias."""
    if isinstance(part, nn.Conv2d):
        nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
        if part.bias is not None:
            nn.init.zeros_(part.bias)


def start_head(part: nn.Module) -> None:
    """Scores and offsets near nought to begin with."""
    if isinstance(part, nn.Conv2d):
        nn.init.xavier_uniform_(part.weight)
        if part.bias is not None:
            nn.init.zeros_(part.bias)


def rows(values: Tensor, width: int) -> Tensor:
    """[N, B * width, rows, columns] -> [N, rows * columns * B, width]: one row for each default box."""
    return values.permute(0, 2, 3, 1).reshape(values.shape[0], -1, width)
