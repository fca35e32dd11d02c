"""Default boxes: how many, where, how large, and the same ones in a window and in the page it is cut from."""

import numpy as np
import pytest
import torch

from detector.config import Architecture
from detector.model import SSD300
from detector.networks.default_boxes import LEVELS, WHOLE_LEVELS, cells, count, decode, default_boxes
from detector.networks.layers import BOXES_A_CELL, SOURCES
from detector.training.loss import encoded


def test_a_window_has_the_8732_boxes_of_ssd300():
    assert cells(300, 300) == [(38, 38), (19, 19), (10, 10), (5, 5), (3, 3), (1, 1)]
    assert len(default_boxes(300, 300)) == count(300, 300) == 8732


@pytest.mark.parametrize("size", [(300, 300), (268, 301), (835, 1005), (417, 333), (450, 450), (299, 302)])
def test_there_is_one_for_every_row_the_network_gives(size):
    network = SSD300(Architecture(width=0.05)).eval()
    with torch.no_grad():
        scores, offsets = network(torch.zeros(1, 1, *size))
    assert scores.shape == (1, count(*size), 3)
    assert offsets.shape == (1, count(*size), 4)


def test_what_is_too_small_for_the_network_is_refused():
    with pytest.raises(ValueError, match="267 pixels"):
        cells(300, 267)


def test_each_level_has_as_many_boxes_a_cell_as_its_head():
    assert tuple(len(level.shapes()) for level in LEVELS) == BOXES_A_CELL
    assert len(LEVELS) == len(SOURCES)


def test_boxes_keep_their_size_whatever_the_size_of_the_input():
    window, page = default_boxes(300, 300), default_boxes(835, 1005)
    for shapes in (window[:, 2:], page[:, 2:]):
        assert np.isclose(shapes.min(), 30 / np.sqrt(2))
    assert set(map(tuple, window[:, 2:].tolist())) == set(map(tuple, page[:, 2:].tolist()))


def test_a_page_has_the_boxes_of_a_window_at_its_corner():
    window, page = default_boxes(300, 300, WHOLE_LEVELS), default_boxes(835, 1005, WHOLE_LEVELS)
    there = set(map(tuple, page.tolist()))
    assert all(box in there for box in map(tuple, window.tolist()))


def test_the_centre_of_a_cell_is_the_centre_of_what_its_value_is_made_of():
    """Of the last level, whose convolutions are unpadded: a shift of the picture by a stride is a shift by a
    cell, and centres are a stride apart, symmetrical in a window."""
    last = default_boxes(300, 300)[-4:]
    assert np.allclose(last[:, :2], 160)
    one, two = (default_boxes(side, side)[-4:, :2].max() for side in (300, 364))
    assert two - one == 64


def test_decoding_undoes_encoding():
    rng = np.random.default_rng(0)
    defaults = default_boxes(300, 300)[rng.choice(8732, 200)]
    corner = rng.uniform(0, 250, (200, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(10, 120, (200, 2))], axis=1).astype(np.float32)
    offsets = encoded(torch.from_numpy(boxes), torch.from_numpy(defaults)).numpy()
    assert np.allclose(decode(offsets, defaults), boxes, atol=1e-3)


def test_a_wild_offset_makes_no_infinite_box():
    defaults = default_boxes(300, 300)[:2]
    assert np.isfinite(decode(np.full((2, 4), 1e4, np.float32), defaults)).all()
