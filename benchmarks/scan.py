"""The scan of one radiograph by both detectors, against the loop over windows that one would write with
torchvision's own SSD300. What is compared is measured in turn, since processors slow down with heat.

Without a shipped model a network of random weights and of its usual width stands in for it.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.models.detection import ssd300_vgg16

from benchmarks.table import Row
from detector import phantom, windows
from detector.classes import BACKGROUND, CLASSES, FINDINGS
from detector.config import Architecture
from detector.detect import Detector
from detector.ensemble import Candidates, combine, select
from detector.errors import DetectorError
from detector.model import SSD300
from detector.networks import layers
from detector.networks.layers import Convolution
from detector.networks.weights import save_weights
from detector.passes import Pass, passes
from detector.scan import promising, settled
from detector.shipped import shipped_version
from detector.versions import ScanSettings, Version, load_version, write_version

ROUNDS = 3
SIDE = 2048  # of the product of two matrices that the processor's speed is told by
GRID = (6, 7)  # rows and columns of windows of the loop
STAND_IN = "random weights of width 0.25 (no model is shipped)"

COLD = """
import json, pathlib, sys
import numpy, detector
result = detector.Detector(detector.load_version(pathlib.Path(sys.argv[1]))).detect(numpy.load(sys.argv[2]))
status = pathlib.Path("/proc/self/status")
lines = dict(line.split(":", 1) for line in status.read_text().splitlines()) if status.exists() else {}
print(json.dumps([len(result.detections), int(lines.get("VmHWM", "0").split()[0]) / 1000]))
"""


def measure() -> list[Row]:
    pixels = phantom.draw(1).pixels
    with tempfile.TemporaryDirectory() as folder:
        paper = random_version(Path(folder) / "paper", Architecture(1.0), "whole")
        try:
            model, name = load_version(shipped_version()), "the shipped model"
        except DetectorError:
            model = random_version(Path(folder) / "stand-in", Architecture(0.25, batch_norm=True), "windows")
            name = STAND_IN
        np.save(Path(folder) / "pixels.npy", pixels)
        return [
            *scans(pixels, paper, Detector(model), f"{name}, {model.default_scan}, both detectors"),
            *([] if name == STAND_IN else [after_the_network(pixels, Detector(model))]),
            *cold(model.folder, Path(folder) / "pixels.npy"),
        ]


def random_version(folder: Path, architecture: Architecture, scan: str) -> Version:
    """A version of two networks with random weights, which find nothing."""
    weights = folder.with_suffix(".safetensors")
    model = SSD300(architecture)
    for name, head in model.heads.items():
        if name.endswith("_scores") and isinstance(head.bias, torch.Tensor):
            head.bias.data[BACKGROUND :: len(CLASSES)] = 100.0
    save_weights(model, weights)
    return write_version(
        folder,
        name="random",
        architecture=architecture,
        models=dict.fromkeys(FINDINGS, weights),
        card="",
        default_scan=scan,
    )


def scans(pixels: NDArray[np.uint16], paper: Version, shipped: Detector, name: str) -> list[Row]:
    """The rows of the whole way from pixels to boxes."""
    full = Detector(paper)
    networks = [full.network(finding) for finding in FINDINGS]
    page = windows.half_page(pixels)
    whole = windows.model_input(page)[None]
    matrix = torch.rand(SIDE, SIDE)
    work = {
        "loop": loop(page),
        "product": lambda: [matrix @ matrix for _ in range(8)],
        "whole": lambda: [network.run(whole) for network in networks],
        "shipped": lambda: shipped.detect(pixels),
    }
    taken = in_turn(work)
    product = 8 * 2 * SIDE**3 / taken["product"] / 1e9
    rate = len(networks) * operations(paper.architecture, *page.shape) / taken["whole"] / 1e9
    against = f"{{}} of {taken['loop']:.1f} s"
    return [
        Row(
            "baseline: torchvision's ssd300_vgg16, 42 windows one at a time, both detectors",
            taken["loop"],
            "s",
            None,
        ),
        Row(
            "the paper's width, one pass, both detectors",
            taken["whole"],
            "s",
            taken["loop"] / 6,
            against.format("1/6"),
        ),
        Row(
            "the same, billion operations",
            rate,
            "/s",
            0.85 * product,
            f"85 % of {product:.0f} of a 2048 product",
        ),
        Row(name, taken["shipped"], "s", taken["loop"] / 20, against.format("1/20")),
        Row(name, taken["shipped"], "s", 1.2, "3 s if windows won"),
    ]


def loop(page: NDArray[np.uint16]) -> Callable[[], object]:
    """What one would write with torchvision: each window by itself through the whole of its network."""
    network = ssd300_vgg16(weights=None, weights_backbone=None, num_classes=3).eval()
    rows, columns = GRID
    edge = windows.STEP * (max(GRID) - 1) + windows.WINDOW
    padded = np.zeros((edge, edge), np.uint16)
    padded[: page.shape[0], : page.shape[1]] = page
    shown = [
        torch.from_numpy(windows.model_input(padded[y : y + windows.WINDOW, x : x + windows.WINDOW])).expand(
            3, -1, -1
        )
        for y in range(0, rows * windows.STEP, windows.STEP)
        for x in range(0, columns * windows.STEP, windows.STEP)
    ]

    def run() -> None:
        with torch.inference_mode():
            for _ in FINDINGS:
                for window in shown:
                    network([window])

    return run


def in_turn(work: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Median seconds of each, after one round that does not count."""
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(ROUNDS + 1):
        for name, one in work.items():
            start = time.perf_counter()
            one()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds[1:]) for name, seconds in taken.items()}


def operations(architecture: Architecture, height: int, width: int) -> int:
    """Multiplications and additions of all convolutions over an input of this size."""
    heads = dict(zip(layers.SOURCES, layers.heads(architecture), strict=True))
    found = 0
    for layer in layers.trunk(architecture):
        height, width = (after(layer, side) for side in (height, width))
        convolutions = [layer] if isinstance(layer, Convolution) else []
        for one in (*convolutions, *heads.get(layer.name, ())):
            found += 2 * one.inputs * one.outputs * one.kernel**2 * height * width
    return found


def after(layer: layers.Layer, side: int) -> int:
    """How long a side is behind a layer."""
    if isinstance(layer, Convolution):
        return (side + 2 * layer.padding - layer.dilation * (layer.kernel - 1) - 1) // layer.stride + 1
    rest = side + 2 * layer.padding - layer.kernel
    return (-(-rest // layer.stride) if layer.ceil else rest // layer.stride) + 1


def after_the_network(pixels: NDArray[np.uint16], detector: Detector) -> Row:
    """Threshold, decoding, suppression and Algorithm 1, on what the networks said."""
    page, settings = windows.half_page(pixels), detector.settings
    said = {
        finding: [
            (one, *detector.network(finding).run(one.values)) for one in passes(page, detector.scan, settings)
        ]
        for finding in FINDINGS
    }
    taken = []
    for _ in range(30):
        start = time.perf_counter()
        chosen = [finish(said[finding], settings, finding) for finding in FINDINGS]
        combine(*chosen, t_iou=settings.t_iou2)
        taken.append(1000 * (time.perf_counter() - start))
    return Row(
        "after the networks, from scores to combined boxes", statistics.median(taken), "ms", 10, detector.scan
    )


def finish(
    said: list[tuple[Pass, NDArray[np.float32], NDArray[np.float32]]], settings: ScanSettings, finding: str
) -> Candidates:
    found = [promising(one, scores, offsets, settings.t_conf) for one, scores, offsets in said]
    everything = settled(found, (2 * windows.LARGEST, 2 * windows.LARGEST), settings.t_conf)
    return select(everything, t_conf=settings.t_conf, t_iou=settings.t_iou1, top=settings.top[finding])


def cold(folder: Path, pixels: Path) -> list[Row]:
    """A fresh process, from its start to its first result."""
    seconds, megabytes = [], []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        command = [sys.executable, "-c", COLD, str(folder), str(pixels)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds.append(time.perf_counter() - start)
        megabytes.append(json.loads(done.stdout)[1])
    return [
        Row("fresh process: import, load, first result", statistics.median(seconds), "s", 1.5, "median of 3"),
        Row("the same, memory at most", max(megabytes), "MB", 600),
    ]
