"""The loss on images that are not trained on, after each epoch, to be watched. Nothing is chosen by it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import nn

from detector.config import TrainingSettings
from detector.training.crops import Crop, LabelledPage, crop, places
from detector.training.loss import Loss
from detector.windows import WINDOW

MOST = 64
"""Crops, spread over all joints: enough to see where it goes, in the time of a few steps."""

Forward = Callable[[nn.Module, Sequence[Crop], int], Loss]


class Validation:
    """The same crops after every epoch, not changed at random. Without pages there are none."""

    def __init__(self, pages: Sequence[LabelledPage], settings: TrainingSettings) -> None:
        every, plain = places(pages), dataclasses.replace(settings.augmentation, chance=0.0)
        chosen = np.unique(np.linspace(0, len(every) - 1, min(MOST, len(every))).round().astype(int))
        self._batch = settings.batch
        self.crops = [
            crop(pages[page], joint, WINDOW, plain, np.random.default_rng([settings.seed, 4, number]))
            for number, (page, joint) in enumerate(every[chosen].tolist())
        ]

    def loss(self, model: nn.Module, forward: Forward) -> float | None:
        """Divided by N as in training; None without crops. The network trains on afterwards as if nobody had
        looked."""
        if not self.crops:
            return None
        model.eval()
        with torch.no_grad():
            parts = [forward(model, some, WINDOW) for some in self._batches()]
        model.train()
        whole = sum(float(part.confidence + part.localisation) for part in parts)
        return whole / max(1.0, sum(float(part.joints) for part in parts))

    def _batches(self) -> Iterator[list[Crop]]:
        for first in range(0, len(self.crops), self._batch):
            yield self.crops[first : first + self._batch]
