"""What a network is made of and how it is trained, as values that are written down with every version."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Architecture:
    """SSD300 on VGG16 (paper, Development of the joint region detector; Liu et al. 2016).

    width: share of the paper's channels in every layer, 1.0 is the paper's network. batch_norm: batch
    normalisation after every convolution but those of the heads; the paper's network has none. Raises
    ValueError for a width outside 0 to 4.
    """

    width: float = 1.0
    batch_norm: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.width <= 4:
            raise ValueError(f"a width of {self.width} is not between 0 and 4")

    def channels(self, full: int) -> int:
        """Channels of a layer that has `full` in the paper's network: a multiple of 4, at least 4."""
        return max(4, 4 * round(full * self.width / 4))


@dataclass(frozen=True)
class Augmentation:
    """What is done to a crop, each with this chance (paper, Experimental setup: 50 % each; it gives no
    amounts).

    turn: degrees, either way. grow: largest factor by which a crop is enlarged or reduced before it is
    brought to size. brightness: added, of a range of 0 to 1. contrast, gamma: largest factor, either way.
    """

    chance: float = 0.5
    turn: float = 12.0
    grow: float = 1.25
    brightness: float = 0.12
    contrast: float = 1.35
    gamma: float = 1.35


@dataclass(frozen=True)
class TrainingSettings:
    """How a detector is trained; the defaults are the paper's (Experimental setup).

    epochs: an epoch shows every joint once. steps: ends there, also within an epoch, if it is given. batch:
    crops a step, over all processes together. schedule: the rate stays ("constant"), or rises over the first
    twentieth of the steps and falls to nought along a cosine ("cosine"). large_share: share of the steps that
    show crops of `large` pixels, in so many fewer that they hold as many pixels; for the scan of a whole
    radiograph in one pass. precision: "f32", "bf16", or "auto": bf16 where the processor has it. seed: of the
    first weights, the order, the crops. checkpoint_every: steps. Raises ValueError with what is wrong, for
    what cannot be trained with.
    """

    architecture: Architecture = Architecture()
    augmentation: Augmentation = Augmentation()
    epochs: int = 200
    steps: int | None = None
    batch: int = 16
    learning_rate: float = 0.001
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float = 0.0005
    schedule: str = "constant"
    large_share: float = 0.0
    large: int = 450
    precision: str = "auto"
    seed: int = 0
    checkpoint_every: int = 100

    def __post_init__(self) -> None:
        for name, most in MOST.items():
            value = getattr(self, name)
            if value is not None and not 1 <= value <= most:
                raise ValueError(f"{name} is from 1 to {most}, not {value}")
        if not 0 <= self.seed < 2**32:
            raise ValueError(f"a seed is from 0 to {2**32 - 1}, not {self.seed}")
        if not 0 < self.learning_rate <= 10:
            raise ValueError(f"a learning rate is above 0 and at most 10, not {self.learning_rate}")
        if not 0 <= self.weight_decay < math.inf or not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError("weight_decay is at least 0, betas are at least 0 and below 1")
        if self.schedule not in ("constant", "cosine"):
            raise ValueError(f'a schedule is "constant" or "cosine", not "{self.schedule}"')
        if self.precision not in ("auto", "f32", "bf16"):
            raise ValueError(f'a precision is "auto", "f32" or "bf16", not "{self.precision}"')
        if not 0 <= self.large_share <= 1 or self.large < 300:
            raise ValueError("large_share is between 0 and 1, large at least 300 pixels")


MOST = {"epochs": 100_000, "steps": 10_000_000, "batch": 100_000, "checkpoint_every": 10_000_000}
"""What is counted, from 1; beyond these a plan would not fit into memory."""

PRESETS = {
    "paper": TrainingSettings(),
    "small": TrainingSettings(
        architecture=Architecture(width=0.25, batch_norm=True),
        epochs=20,
        weight_decay=0.00005,
        learning_rate=0.002,
        schedule="cosine",
        large_share=0.25,
    ),
}
"""paper: as published. small: some hours on two cores of a processor."""
