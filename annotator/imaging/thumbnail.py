"""The small picture of the worklist."""

from __future__ import annotations

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
