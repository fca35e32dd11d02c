"""Small things to train on, for tests that train."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from detector.config import Architecture, TrainingSettings
from detector.training.crops import LabelledPage

TINY = TrainingSettings(
    architecture=Architecture(width=0.05),
    epochs=1,
    batch=2,
    learning_rate=0.001,
    precision="f32",
    checkpoint_every=3,
)
"""Ten steps of two crops on `discs(1)`, without batch normalisation."""

TINY_NORMALISED = replace(TINY, architecture=Architecture(width=0.05, batch_norm=True))


def discs(count: int) -> list[LabelledPage]:
    """Pages with twenty discs each for joints; those with a hole are "present"."""
    return [page(np.random.default_rng(seed)) for seed in range(count)]


def page(rng: np.random.Generator) -> LabelledPage:
    pixels = np.full((400, 500), 9_000, np.uint16)
    boxes, labels = [], []
    for place in range(20):
        x, y = (
            int(v) for v in np.array([60 + 95 * (place % 5), 55 + 95 * (place // 5)]) + rng.integers(-9, 9, 2)
        )
        label = int(rng.random() < 0.4)
        cv2.circle(pixels, (x, y), 22, 55_000, -1)
        cv2.circle(pixels, (x, y), 12 * label, 9_000, -1)
        boxes.append((x - 27, y - 27, x + 28, y + 28))
        labels.append(label)
    return LabelledPage(pixels, np.array(boxes, np.float32), np.array(labels, np.int8))
