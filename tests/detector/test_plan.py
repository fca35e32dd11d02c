"""Which crops a step shows: every joint once an epoch, and the same whoever asks and whenever."""

from collections import Counter
from dataclasses import replace

import numpy as np

from detector.config import TrainingSettings
from detector.training.plan import Plan, few

SETTINGS = TrainingSettings(epochs=3, batch=16, seed=4)


def shown(plan: Plan) -> list[int]:
    return [plan.joint(position) for step in range(plan.steps) for position in plan.positions(step)]


def test_every_joint_once_an_epoch_in_an_order_of_its_own():
    plan = Plan(SETTINGS, 50)
    row = shown(plan)
    epochs = [row[first : first + 50] for first in (0, 50, 100)]
    assert all(sorted(epoch) == list(range(50)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2]


def test_steps_end_when_the_epochs_are_done_or_sooner():
    assert Plan(SETTINGS, 48).steps == 9
    assert Plan(SETTINGS, 50).steps == 10
    assert Plan(replace(SETTINGS, steps=4), 50).steps == 4
    assert Plan(replace(SETTINGS, steps=400), 50).steps == 10
    assert Plan(SETTINGS, 48).epoch(8) == 3


def test_some_steps_show_fewer_and_larger_crops():
    settings = replace(SETTINGS, large_share=0.25, epochs=40)
    plan = Plan(settings, 200)
    sides = Counter(plan.side(step) for step in range(plan.steps))
    assert set(sides) == {300, 450}
    assert 0.2 < sides[450] / plan.steps < 0.3
    assert {len(plan.positions(step)) for step in range(plan.steps) if plan.side(step) == 450} == {
        few(settings)
    }
    assert few(settings) * 450**2 <= 17 * 300**2
    assert all(plan.positions(n).stop == plan.positions(n + 1).start for n in range(plan.steps - 1))


def test_a_second_plan_is_the_same_and_another_seed_is_not():
    settings = replace(SETTINGS, large_share=0.5)
    one, two, other = Plan(settings, 50), Plan(settings, 50), Plan(replace(settings, seed=5), 50)
    assert shown(one) == shown(two) != shown(other)
    assert np.array_equal(one.rng(7).random(3), two.rng(7).random(3))
    assert not np.array_equal(one.rng(7).random(3), one.rng(8).random(3))
