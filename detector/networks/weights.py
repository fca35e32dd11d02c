"""Weights between the network in torch and their file. Nothing is ever unpickled: a .pt file is not read."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file

from detector.config import Architecture
from detector.errors import DetectorError
from detector.model import SSD300
from detector.networks.stored import refuse_others, weights, writing
from detector.version.values import Version


def save_weights(model: SSD300, path: Path) -> None:
    """Writes the weights of a network as float32 to a safetensors file; raises OSError where it cannot.

    Whatever the network computes with (bf16, channels_last, another device), the file is the same.
    """
    wanted = {
        name: values.detach().to("cpu", torch.float32).contiguous()
        for name, values in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    refuse_others(
        path.name, {name: tuple(values.shape) for name, values in wanted.items()}, model.architecture
    )
    with writing(path):
        save_file(wanted, path)


def load_weights(path: Path, architecture: Architecture) -> SSD300:
    """The network with the weights of a file, on the CPU and in evaluation mode.

    Raises DetectorError where they are not finite or not those of this architecture, OSError where the file
    cannot be read.
    """
    model = SSD300(architecture)
    found = {name: torch.from_numpy(values) for name, values in weights(path, architecture).items()}
    missing, unknown = model.load_state_dict(found, strict=False)
    assert not unknown
    assert all(name.endswith("num_batches_tracked") for name in missing)
    return model.eval()


def model_from(version: Version, finding: str) -> SSD300:
    """The network of a finding out of a version, on the CPU and in evaluation mode. Raises DetectorError
    where the version has none, or as `load_weights`."""
    if finding not in version.findings:
        raise DetectorError(f"{version.name} holds no detector of {finding}.", "Take a version with one.")
    return load_weights(version.weights(finding), version.architecture)
