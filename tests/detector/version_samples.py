"""Networks with random weights, too small to find a joint and quick to run."""

from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from detector.classes import FINDINGS
from detector.config import Architecture
from detector.model import SSD300
from detector.networks.graph import write_graph
from detector.networks.weights import save_weights
from detector.versions import ScanSettings, Version, write_version

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


def picture(seed: int = 0, size: tuple[int, int] = (420, 380)) -> NDArray[np.uint16]:
    """A radiograph of nothing: blots of many sizes, 10 bits."""
    rng = np.random.default_rng(seed)
    blots = sum(
        scale * cv2.GaussianBlur(rng.standard_normal(size).astype(np.float32), (0, 0), scale)
        for scale in (1, 4, 16)
    )
    spread = (blots - blots.min()) / np.ptp(blots)
    return (1023 * spread).astype(np.uint16)


def make_version(
    folder: Path,
    *,
    findings: tuple[str, ...] = FINDINGS,
    architecture: Architecture = TINY,
    t_conf: float = 0.5,
    default_scan: str = "windows",
) -> Version:
    """A version of random networks that find something on every picture."""
    parts = folder.with_name(f"{folder.name} parts")
    parts.mkdir()
    models = {}
    for seed, finding in enumerate(findings):
        models[finding] = parts / f"{finding}.weights"
        save_weights(network(architecture, seed), models[finding])
    settings = ScanSettings(t_conf=t_conf)
    return write_version(
        folder,
        name="random",
        architecture=architecture,
        models=models,
        card="# Random\n\nFinds nothing that is there.\n",
        scans={"windows": settings, "whole": settings},
        default_scan=default_scan,
        data={"release": "none"},
        metrics={"F": None},
        image=picture(),
        created="2026-11-23T08:00:00+00:00",
    )
