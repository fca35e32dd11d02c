"""An ignored place in training: neither background nor joint, and no crop of its own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from release_samples import image, pixels
from training_samples import TINY, TINY_NORMALISED, discs

from detector.boxes import overlaps
from detector.classes import ABSENT, BACKGROUND, PRESENT
from detector.config import Augmentation
from detector.dataset import write_release
from detector.networks.default_boxes import default_boxes
from detector.train import Step, Training, digest, labelled_page, train
from detector.training.crops import Crop, LabelledPage, crop, places
from detector.training.loss import POSITIVE_IOU, UNDECIDED, Targets, loss, targets
from detector.training.processes import processes
from detector.training.validation import Validation

SIDE = 300
DEFAULTS = torch.from_numpy(default_boxes(SIDE, SIDE))
CORNERS = np.concatenate(
    [DEFAULTS[:, :2] - DEFAULTS[:, 2:] / 2, DEFAULTS[:, :2] + DEFAULTS[:, 2:] / 2], axis=1
)
NEVER, ALWAYS = Augmentation(chance=0.0), Augmentation(chance=1.0)


def classes_of(boxes: object, labels: object, ignored: object = ()) -> NDArray[np.int64]:
    given = (
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(labels, np.int8),
        np.array(ignored, np.float32),
    )
    found = targets(
        [torch.from_numpy(given[0])],
        [torch.from_numpy(given[1])],
        DEFAULTS,
        [torch.from_numpy(given[2].reshape(-1, 4))],
    )
    return found.classes[0].numpy()


def share_with(box: object) -> NDArray[np.float64]:
    """The overlap of each default box with a box."""
    return overlaps(np.array([box], np.float64), CORNERS)[0]


def wanted_of(cut: Crop) -> Targets:
    return targets(
        [torch.from_numpy(cut.boxes)],
        [torch.from_numpy(cut.labels)],
        DEFAULTS,
        [torch.from_numpy(cut.ignored)],
    )


def hiding(page: LabelledPage, *joints: int) -> LabelledPage:
    """The page, with these of its joints ignored."""
    rest = np.setdiff1d(np.arange(len(page.boxes)), joints)
    return replace(page, boxes=page.boxes[rest], labels=page.labels[rest], ignored=page.boxes[list(joints)])


# --- targets ----------------------------------------------------------------------------------------------


def test_no_default_box_of_an_ignored_place_is_background_or_a_joint() -> None:
    joint, place = (100, 100, 155, 155), (200, 60, 255, 115)
    told = classes_of([joint, place], [1, 0])
    hidden = classes_of([joint], [1], [place])
    of_place = told == ABSENT
    assert of_place.sum() > 1
    assert set(hidden[of_place]) == {UNDECIDED}
    assert np.array_equal(hidden[told == PRESENT], told[told == PRESENT])
    assert (hidden == ABSENT).sum() == 0
    untouched = share_with(place) == 0
    assert np.array_equal(hidden[untouched], told[untouched])


def test_a_box_that_is_only_roughly_where_the_joint_is_hides_the_joint_too() -> None:
    """Nobody confirmed it."""
    place, joint = (100, 100, 155, 155), (108, 106, 163, 161)
    hidden = classes_of([], [], [place])
    assert BACKGROUND not in hidden[share_with(joint) >= 0.6]


def test_it_is_as_before_where_nothing_is_ignored() -> None:
    boxes, labels = [(100, 100, 155, 155), (10, 10, 16, 15)], [1, -1]
    before = targets([torch.tensor(boxes, dtype=torch.float32)], [torch.tensor(labels)], DEFAULTS)
    assert np.array_equal(classes_of(boxes, labels), before.classes[0].numpy())


@pytest.mark.parametrize("place", [(200, 200, 206, 205), (-54, 100, 1, 155), (299, 299, 320, 320)], ids=str)
def test_the_best_default_box_of_a_place_stands_for_no_joint_and_for_no_background(place: object) -> None:
    hidden = classes_of([(100, 100, 155, 155)], [1], [place])
    assert hidden[share_with(place).argmax()] == UNDECIDED
    alone = classes_of([], [], [place])
    assert set(np.unique(alone)) == {UNDECIDED, BACKGROUND}


def test_a_labelled_joint_keeps_its_default_boxes() -> None:
    """Also where a place lies on it, and where only its best default box stands for it."""
    joint, tiny = (100, 100, 155, 155), (200, 200, 206, 205)
    told = classes_of([joint, tiny], [1, 0])
    hidden = classes_of([joint, tiny], [1, 0], [joint, (180, 180, 230, 230)])
    assert np.array_equal(told == PRESENT, hidden == PRESENT)
    assert (hidden == ABSENT).sum() == (told == ABSENT).sum() == 1


def test_neighbours_each_have_their_own() -> None:
    """A default box is of the one it overlaps most."""
    joint, place = (100, 100, 155, 155), (130, 100, 185, 155)
    hidden = classes_of([joint], [1], [place])
    nearer = (share_with(place) > share_with(joint)) & (share_with(place) >= POSITIVE_IOU)
    assert set(hidden[nearer]) == {UNDECIDED}
    assert hidden[share_with(joint).argmax()] == PRESENT


def test_an_ignored_place_costs_nothing_whatever_is_said_of_it() -> None:
    place = (200, 60, 255, 115)
    boxes, labels = torch.tensor([[100.0, 100, 155, 155]]), torch.tensor([1], dtype=torch.int8)
    wanted = targets([boxes], [labels], DEFAULTS, [torch.tensor([place], dtype=torch.float32)])
    none = targets([boxes], [labels], DEFAULTS)
    scores = torch.zeros(1, 8732, 3)
    scores[..., BACKGROUND] = 1.0
    sure = scores.clone()
    sure[0, torch.from_numpy(share_with(place) >= POSITIVE_IOU)] = torch.tensor([-50.0, 0, 50])
    offsets = torch.zeros(1, 8732, 4)
    one, two, charged = (
        loss(given, offsets, to) for given, to in ((scores, wanted), (sure, wanted), (sure, none))
    )
    assert float(one.confidence) == float(two.confidence)
    assert int(one.joints) == int(none_of(none))
    assert float(charged.confidence) > float(two.confidence) + 50


def none_of(wanted: Targets) -> int:
    return int((wanted.classes > BACKGROUND).sum())


# --- crops ------------------------------------------------------------------------------------------------


def test_no_crop_is_made_of_one_and_places_are_as_without() -> None:
    page = discs(1)[0]
    hidden = hiding(page, 3, 7)
    assert places([page, hidden]).tolist() == [[0, n] for n in range(20)] + [[1, n] for n in range(18)]


@pytest.mark.parametrize("changes", [NEVER, ALWAYS, Augmentation()], ids=["never", "always", "at 50 %"])
def test_they_move_with_the_pixels_and_are_in_no_crop_a_joint(changes: Augmentation) -> None:
    page = discs(1)[0]
    hidden, seen = hiding(page, *range(0, 20, 2)), 0
    for seed in range(40):
        told = crop(page, 2 * (seed % 10) + 1, SIDE, changes, np.random.default_rng(seed))
        cut = crop(hidden, seed % 10, SIDE, changes, np.random.default_rng(seed))
        assert np.array_equal(told.values, cut.values)
        assert {tuple(box) for box in cut.boxes} <= {tuple(box) for box in told.boxes}
        whole = [box for box in cut.ignored if box.min() >= 0 and box.max() <= SIDE]
        assert {tuple(box) for box in whole} <= {tuple(box) for box in told.boxes}
        seen += len(whole)
    assert seen > 40


def test_no_default_box_of_any_of_them_is_background_however_it_is_cut() -> None:
    """Of what is labelled, less than LEAST_SHARE inside the crop is background; here it is not."""
    page, cut_off = discs(1)[0], 0
    for seed in range(60):
        told = crop(page, 2 * (seed % 10) + 1, SIDE, ALWAYS, np.random.default_rng(seed))
        cut = crop(hiding(page, *range(0, 20, 2)), seed % 10, SIDE, ALWAYS, np.random.default_rng(seed))
        classes, as_told = wanted_of(cut).classes[0].numpy(), wanted_of(told).classes[0].numpy()
        stands = as_told > BACKGROUND
        assert BACKGROUND not in classes[stands], "what stands for a joint there is its own, or undecided"
        for box in cut.ignored:
            over = share_with(box)
            assert BACKGROUND not in classes[over >= POSITIVE_IOU]
            assert classes[over.argmax()] != BACKGROUND
            inside = np.clip(box, 0, SIDE)
            share = np.prod(inside[2:] - inside[:2]) / np.prod(box[2:] - box[:2])
            cut_off += share < 0.75
        assert np.array_equal(classes > BACKGROUND, (classes > BACKGROUND) & stands), "and none is a joint"
    assert cut_off > 20


def test_what_lies_beyond_the_crop_is_not_in_it() -> None:
    pixels_of_it = np.full((900, 900), 20_000, np.uint16)
    page = LabelledPage(
        pixels_of_it,
        np.array([[10, 10, 60, 60]], np.float32),
        np.zeros(1, np.int8),
        np.array([[700, 700, 750, 750], [65, 10, 115, 60]], np.float32),
    )
    for seed in range(10):
        cut = crop(page, 0, SIDE, NEVER, np.random.default_rng(seed))
        assert len(cut.ignored) <= 1


# --- training ---------------------------------------------------------------------------------------------


def test_a_page_of_a_release_has_its_ignored_places(tmp_path: Path) -> None:
    with_them = replace(image("K-001"), ignored=((20.0, 30.0, 60.0, 70.0),))
    release = write_release(tmp_path / "out", [(with_them, pixels(1)), (image("K-002"), pixels(2))])
    for finding in ("ankylosis", "subluxation"):
        page, bare = (labelled_page(release, one, finding) for one in release.images)
        assert np.allclose(page.ignored, [[10, 15, 30, 35]])
        assert page.ignored.dtype == page.boxes.dtype
        assert page.boxes.shape == bare.boxes.shape
        assert bare.ignored.shape == (0, 4)


def test_a_training_is_another_one_with_them_and_the_same_without() -> None:
    page = discs(1)[0]
    moved = replace(page, ignored=np.array([[1, 2, 30, 40]], np.float32))
    assert digest([page]) == digest([replace(page, ignored=np.zeros((0, 4), np.float32))])
    assert digest([page]) != digest([moved])


def test_a_step_hands_them_on_to_the_loss(tmp_path: Path) -> None:
    """Of a page that is ignored nearly everywhere, other default boxes are the hardest background."""
    page = discs(1)[0]
    one = replace(page, boxes=page.boxes[:1], labels=page.labels[:1])
    x, y, size = (
        grid.ravel() for grid in np.meshgrid(range(0, 500, 20), range(0, 400, 20), (30, 60, 120, 240))
    )
    everywhere = np.stack([x - size, y - size, x + size, y + size], axis=1) / 1.0
    costs = []
    with processes() as ours:
        for ignored in (everywhere.astype(np.float32), one.ignored):
            training = Training(TINY, "ankylosis", [replace(one, ignored=ignored)], tmp_path, ours, None)
            cut = crop(training.pages[0], 0, SIDE, NEVER, np.random.default_rng(0))
            with torch.no_grad():
                costs.append(training.forward(training.model.eval(), [cut], SIDE))
    assert 0 < int(costs[0].joints) <= int(costs[1].joints)
    assert float(costs[0].confidence) < float(costs[1].confidence)


def test_the_validation_loss_has_them_too(tmp_path: Path) -> None:
    page = discs(1)[0]
    hidden = hiding(page, *range(1, 20))
    bare = replace(hidden, ignored=np.zeros((0, 4), np.float32))
    assert [len(one.ignored) > 0 for one in Validation([hidden], TINY_NORMALISED).crops] == [True]
    told: dict[str, list[float]] = {}
    for name, watched in (("hidden", hidden), ("bare", bare)):

        def keep(step: Step, name: str = name) -> None:
            if step.validation is not None:
                told.setdefault(name, []).append(step.validation)

        train(TINY_NORMALISED, "ankylosis", [page], tmp_path / name, on_step=keep, validation=[watched])
    assert len(told["hidden"]) == len(told["bare"]) == 1
    assert np.isfinite(told["hidden"]).all()
    assert told["hidden"] != told["bare"]
