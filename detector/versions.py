"""A version is a folder: a trained model with all that belongs to it.

    FINDING.safetensors   the weights of a detector, float32 (ankylosis and subluxation, or one of them)
    FINDING.onnx          its network, which refers to these weights (FINDING.explain.onnx: the way back)
    version.json          what it is: architecture, classes, thresholds of each scan, data with hashes, folds,
                          metrics, software, and the SHA-256 of every other file
    card.md               for people: what it was trained on, what it can and cannot do
    golden.png, .json     a small radiograph, and what the detectors said of it when this was written

`load_version` checks hashes, `verify_version` weights and golden image as well. A `.pt` or a pickle is never
read. Weights go into torch and out of it by `weights.model_from` and `weights.save_weights`.
"""

from detector.version.read import load_version, verify_version
from detector.version.values import RUNTIMES, SCANS, ScanSettings, Version
from detector.version.write import write_version

__all__ = [
    "RUNTIMES",
    "SCANS",
    "ScanSettings",
    "Version",
    "load_version",
    "verify_version",
    "write_version",
]
