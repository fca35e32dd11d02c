"""Crops to train on: the joint is in them, boxes go where the pixels go, nothing else changes a label."""

import cv2
import numpy as np
import pytest

from detector.config import Augmentation
from detector.training.crops import LEAST_SHARE, Crop, LabelledPage, crop, moved, movement, places

ALWAYS = Augmentation(chance=1.0)
NEVER = Augmentation(chance=0.0)


def page_of_discs() -> LabelledPage:
    """Bright discs on grey, a joint at each: where a disc is, a box has to be."""
    rng = np.random.default_rng(3)
    page = np.full((600, 700), 12_000, np.uint16)
    boxes = []
    for row in range(4):
        for column in range(5):
            x, y = (int(v) for v in np.array([70 + 130 * column, 70 + 140 * row]) + rng.integers(-12, 12, 2))
            cv2.circle(page, (x, y), 18, 60_000, -1, cv2.LINE_AA)
            boxes.append((x + 0.5 - 25, y + 0.5 - 25, x + 0.5 + 25, y + 0.5 + 25))
    labels = np.arange(20) % 2
    return LabelledPage(page, np.array(boxes, np.float32), labels.astype(np.int8))


def disc_in(cut: Crop, box: np.ndarray) -> np.ndarray:
    """Centre of what is bright inside a box, and its area, in pixels of the crop."""
    x0, y0, x1, y1 = (round(float(v)) for v in box)
    part = cut.values[0, y0:y1, x0:x1]
    bright = part > (part.max() + np.median(cut.values)) / 2
    y, x = np.nonzero(bright)
    return np.array([x0 + x.mean() + 0.5, y0 + y.mean() + 0.5, np.sqrt(bright.sum())])


@pytest.mark.parametrize("changes", [NEVER, ALWAYS, Augmentation()], ids=["never", "always", "at 50 %"])
def test_the_disc_of_every_joint_is_in_the_middle_of_its_box(changes):
    source = page_of_discs()
    looked_at = 0
    for seed in range(60):
        cut = crop(source, seed % 20, 300, changes, np.random.default_rng(seed))
        whole = [box for box in cut.boxes if box.min() > 1 and box.max() < 299]
        for box in whole:
            x, y, size = disc_in(cut, box)
            assert abs(x - (box[0] + box[2]) / 2) < 1.5
            assert abs(y - (box[1] + box[3]) / 2) < 1.5
            assert size == pytest.approx(0.64 * (box[2] - box[0]), rel=0.08)
            looked_at += 1
    assert looked_at > 100


def test_the_chosen_joint_is_whole_in_the_crop_and_keeps_its_label():
    source = page_of_discs()
    for seed in range(40):
        joint = seed % 20
        matrix = movement(source.boxes[joint], 300, ALWAYS, np.random.default_rng(seed))
        boxes, kept = moved(source.boxes, matrix, 300)
        (place,) = np.flatnonzero(kept == joint)
        side = 50 * np.sqrt(abs(np.linalg.det(matrix[:, :2])))
        assert boxes[place, 2] - boxes[place, 0] == pytest.approx(side, abs=1e-3)
        cut = crop(source, joint, 300, ALWAYS, np.random.default_rng(seed))
        assert np.array_equal(cut.labels, source.labels[kept])


def test_a_joint_cut_by_the_edge_is_cut_or_left_out():
    straight = np.array([[1.0, 0, 0], [0, 1, 0]])
    hidden = np.array([0.0, 0.2, 1 - LEAST_SHARE, 0.3, 1.0]) * 40
    boxes = np.stack([np.array([-h, 100, 40 - h, 140]) for h in hidden]).astype(np.float32)
    cut, kept = moved(boxes, straight, 300)
    assert kept.tolist() == [0, 1, 2]
    assert np.allclose(cut[:, 0], 0)
    assert np.allclose(cut[:, 2], 40 - hidden[:3])


def test_a_crop_without_changes_neither_turns_nor_resizes():
    source = page_of_discs()
    for seed in range(10):
        matrix = movement(source.boxes[7], 300, NEVER, np.random.default_rng(seed))
        assert np.array_equal(matrix[:, :2], np.eye(2))


def test_what_lies_beyond_the_page_is_nought_whatever_the_exposure():
    source = LabelledPage(
        np.full((200, 200), 30_000, np.uint16),
        np.array([[80, 80, 120, 120]], np.float32),
        np.zeros(1, np.int8),
    )
    darkest = Augmentation(chance=1.0, turn=0, grow=1, brightness=0.2)
    seen = []
    for seed in range(8):
        cut = crop(source, 0, 300, darkest, np.random.default_rng(seed))
        assert (cut.values == 0).sum() > 300 * 300 - 202 * 202
        seen.append(round(float(np.median(cut.values[cut.values > 0])), 4))
    assert len(set(seen)) > 4, "exposures differ"


def test_values_stay_between_nought_and_one_and_the_page_is_not_touched():
    source = page_of_discs()
    before = source.page.copy()
    for seed in range(20):
        cut = crop(source, seed, 450, ALWAYS, np.random.default_rng(seed))
        assert cut.values.shape == (1, 450, 450)
        assert cut.values.dtype == np.float32
        assert 0 <= cut.values.min() <= cut.values.max() <= 1
    assert np.array_equal(source.page, before)


def test_the_same_numbers_give_the_same_crop():
    source = page_of_discs()
    one, two = (crop(source, 4, 300, Augmentation(), np.random.default_rng(9)) for _ in range(2))
    assert np.array_equal(one.values, two.values)
    assert np.array_equal(one.boxes, two.boxes)


def test_an_epoch_has_a_crop_of_every_joint():
    source = page_of_discs()
    assert places([source, source]).tolist() == [[page, joint] for page in range(2) for joint in range(20)]
