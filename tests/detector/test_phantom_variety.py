"""What differs from film to film and from hand to hand: markers, poses, the bones themselves."""

import numpy as np
import pytest
from numpy.typing import NDArray

from detector.phantom import Phantom, draw
from detector.phantom.marker import lead_markers


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def shape_of(phantom: Phantom, side: str) -> NDArray[np.float64]:
    """Distances of the ten joints of a hand to each other, in units: free of place, turn, side and size."""
    boxes = [joint.box for joint in phantom.joints if joint.name.startswith(side)]
    centres = np.array([[(x0 + x1) / 2, (y0 + y1) / 2] for x0, y0, x1, y1 in boxes])
    apart: NDArray[np.float64] = np.linalg.norm(centres[:, None] - centres[None], axis=2)
    return apart * 0.44 / (boxes[0][2] - boxes[0][0])


@pytest.mark.parametrize("seed", range(12))
def test_the_letters_lie_beside_the_hands(seed: int) -> None:
    film = np.zeros((835, 1005), np.float32)
    film[200:, 100:450] = 1.0
    film[200:, 550:900] = 1.0
    film[120:420, :] = 1.0
    lead = lead_markers(film, "R", 120.0, 800.0, generator(seed))
    assert lead.max() > 1.0
    assert not np.any((lead > 0.1) & (film > 0))
    assert lead[:, :500].max() > 1.0
    assert lead[:, 500:].max() > 1.0
    assert max(lead[:, 0].max(), lead[:, -1].max(), lead[0].max()) == 0


def test_letters_differ_between_films() -> None:
    film = np.zeros((835, 1005), np.float32)
    inks = {round(float(lead_markers(film, "L", 120.0, 800.0, generator(seed)).sum())) for seed in range(8)}
    assert len(inks) == 8


def test_the_left_hand_is_not_the_right_one_mirrored() -> None:
    for seed in (1, 2, 3):
        phantom = draw(seed, findings_rate=0.0, size=(668, 804))
        assert np.abs(shape_of(phantom, "R") - shape_of(phantom, "L")).max() > 0.05
