"""Small pictures of radiographs, kept as PNG files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray


def write(path: Path, picture: NDArray[np.uint8]) -> None:
    """picture: uint8 [h, w]. Through memory, since OpenCV cannot name every file on every system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())


def read(path: Path) -> NDArray[np.uint8] | None:
    """uint8 [h, w], or None where there is no such picture."""
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError:
        return None
    picture = cv2.imdecode(data, cv2.IMREAD_GRAYSCALE) if data.size else None
    return None if picture is None else np.asarray(picture, np.uint8)
