"""The loss on validation images: told where an epoch ends, and nothing is changed by it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from training_samples import TINY_NORMALISED, discs

from detector.train import Step, train
from detector.training.crops import LabelledPage
from detector.training.validation import MOST, Validation

SHORT = replace(TINY_NORMALISED, epochs=2, batch=2)


def few(page: LabelledPage) -> LabelledPage:
    """Four of its joints: two steps an epoch."""
    return replace(page, boxes=page.boxes[:4], labels=page.labels[:4])


def test_it_is_told_at_the_end_of_each_epoch_and_changes_nothing(tmp_path: Path) -> None:
    watched: list[Step] = []
    alone: list[Step] = []
    learned, held_out = ([few(page)] for page in discs(2))
    first = train(
        SHORT, "ankylosis", learned, tmp_path / "1", on_step=watched.append, validation=held_out
    ).state_dict()
    second = train(SHORT, "ankylosis", learned, tmp_path / "2", on_step=alone.append).state_dict()
    told = [step.step for step in watched if step.validation is not None]
    assert (told, len(watched)) == ([2, 4], 4)
    assert all(np.isfinite(step.validation or 0) for step in watched)
    assert [step.validation for step in alone] == [None] * 4
    assert [step.loss for step in watched] == [step.loss for step in alone]
    assert all(torch.equal(value, second[name]) for name, value in first.items())


def test_it_takes_some_of_many_joints_and_none_of_none() -> None:
    assert len(Validation(discs(5), SHORT).crops) == MOST
    assert len(Validation(discs(1), SHORT).crops) == 20
    assert Validation([], SHORT).crops == []
