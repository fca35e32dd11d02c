"""Versions made wrong in ways that no hash shows."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import torch
from safetensors.torch import load_file, save_file


def edit(folder: Path, change: Callable[[dict[str, Any]], object], *, file: str = "version.json") -> None:
    """Changes a JSON file, and puts its new hash into version.json."""
    found = json.loads((folder / file).read_text("utf-8"))
    change(found)
    (folder / file).write_text(json.dumps(found), "utf-8")
    if file != "version.json":
        rehash(folder)


def rehash(folder: Path) -> None:
    """What somebody does who changes a file and wants nobody to see it."""

    def hashes(found: dict[str, Any]) -> None:
        for name in found["files"]:
            found["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()

    edit(folder, hashes)


def reweigh(folder: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    """Changes the weights of one detector, and its hash."""
    path = folder / "ankylosis.safetensors"
    found = {name: values.clone() for name, values in load_file(path).items()}
    change(found)
    save_file(found, path)
    rehash(folder)


def redraw(folder: Path, change: Callable[[onnx.ModelProto], object]) -> None:
    """Changes the ONNX file of one detector, and its hash."""
    path = folder / "ankylosis.onnx"
    model = onnx.load(path, load_external_data=False)
    change(model)
    path.write_bytes(model.SerializeToString())
    rehash(folder)
