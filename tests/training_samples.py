"""A tiny release and a version trained on it, for tests that train from the desk or the command line."""

from __future__ import annotations

from pathlib import Path

from annotator.domain.training import Standing, TrainingOptions, TrainingPlan, TrainingState
from annotator.workflow.training import Training
from detector.dataset import from_phantoms, read_release
from detector.folds import split, write_folds

TINY = TrainingOptions(steps=3, batch=2, width=0.05, checkpoint_every=1, threads=1)
LONG = TrainingOptions(steps=5000, epochs=5000, batch=2, width=0.05, checkpoint_every=1, threads=1)
"""Nobody waits for its end."""

TINY_WORDS = ["--steps", "3", "--batch", "2", "--width", "0.05", "--start", "random"]


def make_release(folder: Path, patients: int = 2) -> Path:
    """A drawn radiograph of each patient, a fold each."""
    release = from_phantoms(folder, range(patients), visits=1, findings_rate=0.2, size=(420, 520))
    write_folds(release, split(release.contents, count=patients))
    read_release(folder)
    return folder


def end(training: Training) -> None:
    """Whatever runs there does not outlive the test."""
    if training.look().standing in (Standing.RUNNING, Standing.PAUSED):
        training.cancel(at_once=True)


def steps_of(state: TrainingState) -> list[int]:
    """Of the first detector, as its curve has them."""
    return [int(step) for step, _ in state.progress.curves[0].losses] if state.progress.curves else []


def plan_for(release: Path, name: str = "tiny", **more: object) -> TrainingPlan:
    from annotator.workflow import detection

    found = detection.released(release)
    given: dict[str, object] = {"preset": "small", "fold": 1, "options": TINY, **more}
    return TrainingPlan(name, found.folder, found.sha256, **given)  # type: ignore[arg-type] # a test's own
