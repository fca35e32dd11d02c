"""What a network is made of and how it is trained, as values that are written down with every version."""

from __future__ import annotations

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
