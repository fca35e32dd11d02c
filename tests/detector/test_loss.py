"""The loss against its formulas written out box by box (paper, Eqs. 1-5; Liu et al. 2016)."""

import numpy as np
import pytest
import torch

from detector.boxes import overlaps
from detector.classes import ABSENT, BACKGROUND, PRESENT
from detector.networks.default_boxes import default_boxes
from detector.training.loss import UNDECIDED, Targets, loss, targets

DEFAULTS = torch.from_numpy(default_boxes(300, 300))


def corners(defaults: np.ndarray) -> np.ndarray:
    return np.concatenate(
        [defaults[:, :2] - defaults[:, 2:] / 2, defaults[:, :2] + defaults[:, 2:] / 2], axis=1
    )


def joints(seed: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    rng = np.random.default_rng(seed)
    corner = rng.uniform(0, 240, (count, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(40, 60, (count, 2))], axis=1).astype(np.float32)
    return torch.from_numpy(boxes), torch.from_numpy(rng.integers(-1, 2, count).astype(np.int8))


def by_hand(scores: np.ndarray, offsets: np.ndarray, boxes: np.ndarray, labels: np.ndarray):
    """L_conf, L_loc and N of one crop, with loops."""
    defaults = DEFAULTS.numpy()
    share = overlaps(boxes, corners(defaults))
    of = np.where(share.max(axis=0) >= 0.5, share.argmax(axis=0), -1)
    for joint in range(len(boxes)):
        of[share[joint].argmax()] = joint
    logarithm = scores - np.log(np.exp(scores.astype(np.float64)).sum(axis=1, keepdims=True))
    confidence = localisation = 0.0
    count, background = 0, []
    for i, joint in enumerate(of):
        if joint < 0:
            background.append(-logarithm[i, BACKGROUND])
        elif labels[joint] >= 0:
            count += 1
            confidence -= logarithm[i, PRESENT if labels[joint] else ABSENT]
            x0, y0, x1, y1 = boxes[joint].astype(np.float64)
            cx, cy, w, h = defaults[i]
            wanted = ((x0 + x1) / 2 - cx) / w / 0.1, ((y0 + y1) / 2 - cy) / h / 0.1
            wanted += np.log((x1 - x0) / w) / 0.2, np.log((y1 - y0) / h) / 0.2
            for off, want in zip(offsets[i], wanted, strict=True):
                x = abs(off - want)
                localisation += 0.5 * x**2 if x < 1 else x - 0.5
    return confidence + sum(sorted(background)[::-1][: 3 * count]), localisation, count


@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_the_formulas_say(seed):
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randn(3, 8732, 3, generator=generator) * 3
    offsets = torch.randn(3, 8732, 4, generator=generator)
    crops = [joints(10 * seed + i, count) for i, count in enumerate((4, 1, 6))]
    got = loss(scores, offsets, targets(*zip(*crops, strict=True), DEFAULTS))
    parts = [
        by_hand(scores[i].numpy(), offsets[i].numpy(), crops[i][0].numpy(), crops[i][1].numpy())
        for i in range(3)
    ]
    confidence, localisation, count = (sum(part[i] for part in parts) for i in range(3))
    assert int(got.joints) == count
    assert float(got.confidence) == pytest.approx(confidence, rel=1e-4)
    assert float(got.localisation) == pytest.approx(localisation, rel=1e-4)
    assert float(got.mean(got.joints)) == pytest.approx((confidence + localisation) / max(1, count), rel=1e-4)


def test_without_a_joint_it_is_nought():
    none = targets([torch.zeros(0, 4)], [torch.zeros(0, dtype=torch.int8)], DEFAULTS)
    got = loss(torch.randn(1, 8732, 3), torch.randn(1, 8732, 4), none)
    assert int(got.joints) == 0
    assert float(got.mean(got.joints)) == 0


def test_every_joint_has_a_default_box_even_a_tiny_one():
    boxes = torch.tensor([[10.0, 10, 16, 15], [100, 100, 155, 155]])
    wanted = targets([boxes], [torch.tensor([1, 0], dtype=torch.int8)], DEFAULTS)
    assert (wanted.classes == PRESENT).sum() == 1
    assert (wanted.classes == ABSENT).sum() > 1


def test_a_joint_nobody_could_assess_counts_neither_way():
    boxes = torch.tensor([[100.0, 100, 155, 155]])
    undecided = targets([boxes], [torch.tensor([-1], dtype=torch.int8)], DEFAULTS)
    assert set(undecided.classes.unique().tolist()) == {UNDECIDED, BACKGROUND}
    classes = torch.where(undecided.classes == UNDECIDED, UNDECIDED, BACKGROUND)
    classes[0, 0] = ABSENT
    scores = torch.zeros(1, 8732, 3)
    sure = scores.clone()
    sure[undecided.classes == UNDECIDED] = torch.tensor([-50.0, 0, 50])
    wanted = Targets(classes, torch.zeros(1, 8732, 4))
    one, two = (loss(given, torch.zeros(1, 8732, 4), wanted) for given in (scores, sure))
    assert float(one.confidence) == float(two.confidence)


def test_a_perfect_answer_costs_nothing_and_a_wrong_class_does():
    boxes, labels = joints(1, 4)
    labels = labels.clamp(min=0)
    wanted = targets([boxes], [labels], DEFAULTS)
    perfect = torch.nn.functional.one_hot(wanted.classes, 3) * 60.0
    assert float(loss(perfect, wanted.offsets, wanted).mean(torch.tensor(1))) == pytest.approx(0, abs=1e-6)
    swapped = perfect[..., [0, 2, 1]]
    assert float(loss(swapped, wanted.offsets, wanted).confidence) > 50
