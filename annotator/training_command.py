"""`knuckle train` and `knuckle training`: a new version, without a window."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

from annotator.app import House, cores, has_window
from annotator.domain.errors import KnuckleError
from annotator.domain.people import Person, Right, demand
from annotator.domain.training import Standing, TrainingOptions, TrainingState
from annotator.domain.version_comparison import Comparison, Estimate, Figure
from annotator.domain.words import counted
from annotator.workflow.jobs import Progress
from annotator.workflow.training import Training, Trainings, Wish, demand_torch, is_alive, planned

LOOK_S, GRACE_S = 0.2, 10.0


class Deed(StrEnum):
    """What is to be done with a training."""

    LOOK = "look"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    BRING = "bring"
    ACTIVATE = "activate"


def train(house: House, person: Person, wish: Wish, progress: Progress, *, wait: bool) -> TrainingState:
    """Begin a training; how it stands, with wait once it has ended. Raises KnuckleError where it cannot be
    begun."""
    demand(person, Right.MODELS, "train a version of the detector")
    demand_torch()
    if not house.models.versions.all():
        house.models.bring_shipped(person)
    if wish.options.threads is None:  # whoever sits at the window is not to wait for what runs beside it
        spare = 1 if has_window(house.paths) else 0
        wish = dataclasses.replace(
            wish, options=dataclasses.replace(wish.options, threads=max(1, cores() - spare))
        )
    trainings = trainings_of(house)
    training = trainings.begin(planned(wish, house.models.versions.active(), trainings))
    return attend(training, progress) if wait else whole_look(training)


def do(
    house: House, person: Person, name: str, deed: Deed, progress: Progress, *, wait: bool
) -> TrainingState:
    """Do something with the training of this name, and say how it stands; with wait once it has ended."""
    training = trainings_of(house).training(name)
    if deed in (Deed.BRING, Deed.ACTIVATE):
        _bring(house, person, training, activate=deed is Deed.ACTIVATE)
    elif deed is not Deed.LOOK:
        demand(person, Right.MODELS, "train a version of the detector")
        _DEEDS[deed](training)
    return attend(training, progress) if wait else whole_look(training)


def trainings_of(house: House) -> Trainings:
    return Trainings(house.paths.trainings)


def attend(training: Training, progress: Progress) -> TrainingState:
    """Begin each step when the one before has ended, until nothing is left or nothing goes on."""
    while True:
        state = training.look()
        made = state.progress
        progress(made.step, made.steps, state.stage.value)
        if state.standing is Standing.DUE:
            training.advance()
        elif state.standing not in (Standing.RUNNING, Standing.PAUSED) and not training.behind:
            return state
        elif not training.behind:
            time.sleep(LOOK_S)


def whole_look(training: Training) -> TrainingState:
    """How it stands, with all of its log read."""
    state = training.look()
    while training.behind:
        state = training.look()
    return state


def as_object(state: TrainingState) -> dict[str, Any]:
    """What is printed as JSON; the curves stay where they are."""
    plan, made = state.plan, state.progress
    told = {
        name: getattr(made, name)
        for name in (
            "finding",
            "step",
            "steps",
            "epoch",
            "loss",
            "learning_rate",
            "validation",
            "seconds_left",
        )
    }
    return {
        "name": plan.name,
        "standing": state.standing.value,
        "stage": state.stage.value,
        "release": plan.release,
        "preset": plan.preset,
        "start": plan.start_name or "random",
        **told,
        "message": state.message,
        "version": state.version,
        "comparison": None if state.comparison is None else _comparison(state.comparison),
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {**dataclasses.asdict(comparison), "warnings": list(comparison.warnings())}


def as_lines(state: TrainingState) -> dict[str, Any]:
    """The same for people."""
    found = {name: value for name, value in as_object(state).items() if value not in (None, "")}
    if state.comparison is not None:
        found["comparison"] = _compared(state.comparison)
    return found


def printed(state: TrainingState, as_json: bool) -> tuple[dict[str, Any], bool]:
    """How it stands, and whether that is well."""
    good = state.standing not in (Standing.FAILED, Standing.KILLED)
    return as_object(state) if as_json else as_lines(state), good


def listed(house: House, deed: Deed) -> dict[str, Any]:
    """All trainings, in a line each. Raises KnuckleError where something was to be done with one of them."""
    if deed is not Deed.LOOK:
        raise KnuckleError(
            f"--{deed.value} needs the name of a training.", "See which there are with: knuckle training."
        )
    trainings = trainings_of(house)
    states = [trainings.training(name).look() for name in trainings.names()]
    return {
        "trainings": [
            {"name": one.plan.name, "standing": one.standing.value, "stage": one.stage.value}
            for one in states
        ]
    }


def deed_of(**wanted: bool) -> Deed:
    """Raises KnuckleError for more than one."""
    deeds = [Deed(name) for name, is_wanted in wanted.items() if is_wanted]
    if len(deeds) > 1:
        raise KnuckleError("Only one thing can be done at a time.", "Leave all but one option out.")
    return deeds[0] if deeds else Deed.LOOK


def options(
    epochs: int | None, steps: int | None, batch: int | None, width: float | None, checkpoint: int | None
) -> TrainingOptions:
    return TrainingOptions(epochs, steps, batch, width, checkpoint)


def wish_of(release: Path, preset: str, start: str, name: str, fold: int, given: TrainingOptions) -> Wish:
    """start: "active" or "random". Raises KnuckleError for another."""
    if start not in ("active", "random"):
        raise KnuckleError(f"A training cannot start from {start}.", "Say active or random.")
    return Wish(release, preset, start == "active", name, fold, given)


def _bring(house: House, person: Person, training: Training, *, activate: bool) -> None:
    state = training.look()
    if state.standing is not Standing.FINISHED:
        raise KnuckleError(
            f"The training {state.plan.name} is {state.standing.value}, so there is no version to bring in.",
            "Wait until it is finished, or go on with it (--resume).",
        )
    version = house.models.bring(Path(state.version), person)
    if activate:
        house.models.versions.activate(version.id, person)


def _cancel(training: Training) -> None:
    """The process has some seconds to end by itself."""
    training.cancel()
    end = time.monotonic() + GRACE_S
    while (note := training.folder.note()) is not None and is_alive(note):
        if time.monotonic() > end:
            training.cancel(at_once=True)
        time.sleep(LOOK_S)


_DEEDS: dict[Deed, Callable[[Training], None]] = {
    Deed.PAUSE: Training.pause,
    Deed.RESUME: Training.go_on,
    Deed.CANCEL: _cancel,
}


def _compared(comparison: Comparison) -> dict[str, Any]:
    beside = comparison.active_name or "no version"
    return {
        "measured on": comparison.part,
        "warnings": list(comparison.warnings()),
        f"{comparison.new_name} beside {beside}": [_figure(figure) for figure in comparison.figures],
        "images where they differ": [
            f"{one.file}: {counted(len(one.only_new), '{n} more mistake', '{n} more mistakes')}, "
            f"{len(one.only_active)} fewer"
            for one in comparison.images
        ],
    }


def _figure(figure: Figure) -> str:
    words = f"{figure.name}: {_estimate(figure.new)}"
    if figure.active is not None:
        words += f" against {_estimate(figure.active)}"
    if figure.better is None or figure.difference.value is None:
        return words
    said = f"{words}, {figure.difference.value:+.3f}, {'better' if figure.better else 'worse'}"
    if figure.difference.low is not None and figure.difference.high is not None:
        said += f" ({figure.difference.low:+.3f} to {figure.difference.high:+.3f})"
    return said if figure.apart else f"{said} (unsure: it may be chance)"


def _estimate(estimate: Estimate) -> str:
    if estimate.value is None:
        return "undefined"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"
