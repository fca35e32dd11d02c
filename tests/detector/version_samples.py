"""Networks with random weights, too small to find a joint and quick to run."""

from pathlib import Path

import torch

from detector.config import Architecture
from detector.graph import write_graph
from detector.model import SSD300
from detector.weights import save_weights

TINY = Architecture(0.05)


def network(architecture: Architecture = TINY, seed: int = 0) -> SSD300:
    """A network in evaluation mode that has something of its own to say everywhere."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = SSD300(architecture).eval()
        for part in model.modules():
            if isinstance(part, torch.nn.Conv2d) and part.bias is not None:
                part.bias.data.normal_(0, 0.1)
            if isinstance(part, torch.nn.BatchNorm2d):
                part.weight.data.uniform_(0.5, 1.5)
                part.bias.data.normal_(0, 0.1)
                part.running_mean.normal_(0, 0.1)
                part.running_var.uniform_(0.5, 2.0)
        model.scale.data.uniform_(5, 20)
    return model


def files(folder: Path, model: SSD300, name: str = "ankylosis") -> Path:
    """Weights and ONNX file of a network in a folder; the ONNX file."""
    save_weights(model, folder / f"{name}.safetensors")
    write_graph(model.architecture, folder / f"{name}.safetensors", folder / f"{name}.onnx")
    return folder / f"{name}.onnx"
