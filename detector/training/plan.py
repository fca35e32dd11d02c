"""Which crops each step of training shows: follows from the settings alone, so that a training that was
broken off goes on as if it had not been, and several processes divide the same crops among themselves."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from detector.config import TrainingSettings
from detector.windows import WINDOW


class Plan:
    """Crops are one endless row, epoch behind epoch, each of all joints in an order of its own; a step takes
    the next ones, also across the end of an epoch.

    joints: how many an epoch has, at least one.
    """

    def __init__(self, settings: TrainingSettings, joints: int) -> None:
        self.seed, self.joints = settings.seed, joints
        crops = settings.epochs * joints
        large = few(settings)
        most = -(-crops // fewest(settings)) if settings.steps is None else settings.steps
        rng = np.random.default_rng([settings.seed, 1])
        is_large = rng.random(most) < settings.large_share
        taken = np.where(is_large, large, settings.batch).cumsum()
        self.steps = min(most, int(np.searchsorted(taken, crops)) + 1)
        self._sides = np.where(is_large, settings.large, WINDOW)
        self._ends = np.concatenate([[0], taken])

    def side(self, step: int) -> int:
        """Pixels along a side of the crops of this step, which count from 0."""
        return int(self._sides[step])

    def positions(self, step: int) -> range:
        """Which places of the row this step takes."""
        return range(int(self._ends[step]), int(self._ends[step + 1]))

    def joint(self, position: int) -> int:
        """Which joint is at this place of the row, 0 to joints - 1."""
        epoch, place = divmod(position, self.joints)
        return int(order(self.seed, epoch, self.joints)[place])

    def rng(self, position: int) -> np.random.Generator:
        """The random numbers of the crop at this place."""
        return np.random.default_rng([self.seed, 3, position])

    def epoch(self, step: int) -> float:
        """Epochs done after this step."""
        return float(self._ends[step + 1] / self.joints)


def few(settings: TrainingSettings) -> int:
    """Large crops a step: as many as hold the pixels of a step of usual ones, at least two."""
    return max(2, round(settings.batch * WINDOW**2 / settings.large**2))


def fewest(settings: TrainingSettings) -> int:
    """Crops of the smallest step."""
    return min(settings.batch, few(settings)) if settings.large_share else settings.batch


@lru_cache(maxsize=2)
def order(seed: int, epoch: int, joints: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, 2, epoch]).permutation(joints)
