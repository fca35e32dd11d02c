"""Finds finger joints and their special findings in two-hand radiographs; knows no DICOM, window or store.

    version = detector.load_version(detector.shipped_version())
    result = detector.Detector(version).detect(pixels)      # uint16 [H, W], bone bright

This much needs neither torch nor `onnx`; training and explaining by autograd do.
"""

from detector.classes import CLASSES, FINDINGS
from detector.detect import Detector, Result
from detector.ensemble import Candidates, Detections
from detector.errors import DetectorError
from detector.shipped import shipped_version
from detector.versions import ScanSettings, Version, load_version, verify_version

__all__ = [
    "CLASSES",
    "FINDINGS",
    "Candidates",
    "Detections",
    "Detector",
    "DetectorError",
    "Result",
    "ScanSettings",
    "Version",
    "load_version",
    "shipped_version",
    "verify_version",
]
