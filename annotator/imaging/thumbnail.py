"""The small pictures of the worklist, made from radiographs and kept as PNG files."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from annotator.imaging.display import default_look, lookup_table, shade
from annotator.imaging.radiograph import Radiograph

WIDTH, HEIGHT = 128, 96


def thumbnail(radiograph: Radiograph) -> NDArray[np.uint8]:
    """uint8 [h <= 96, w <= 128], as the radiograph first looks, with square pixels."""
    values, chain = radiograph.values, radiograph.facts.chain
    tall, wide = values.shape[0] * radiograph.facts.pixel_aspect, float(values.shape[1])
    scale = min(WIDTH / wide, HEIGHT / tall)
    size = (min(max(1, round(wide * scale)), WIDTH), min(max(1, round(tall * scale)), HEIGHT))
    small = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), dtype=np.uint16)
    return shade(small, lookup_table(chain, default_look(chain, values)))


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
