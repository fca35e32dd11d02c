"""Where a training is, on disk, so that it goes on after it was killed.

checkpoint.safetensors holds the weights ("model.") and Adam's averages ("average.", "square."), with what
they belong to in its header, so that one rename replaces all of it at once. Pickles are never written or
read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from detector.errors import DetectorError
from detector.networks.stored import writing
from detector.training.processes import Processes

FILE = "checkpoint.safetensors"


@dataclass(frozen=True)
class Belonging:
    """What a checkpoint belongs to. step: how many are done. run: settings, data, finding: a training goes on
    only with the same."""

    step: int
    run: Mapping[str, object]


def save(folder: Path, model: nn.Module, optimiser: torch.optim.Adam, belonging: Belonging) -> None:
    """Writes the checkpoint in place of the one before, which stays whole until then; raises OSError where it
    cannot."""
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    for name, value in model.named_parameters():
        for key, prefix in STATE.items():
            if value in optimiser.state:
                tensors[f"{prefix}.{name}"] = optimiser.state[value][key]
    about = {"step": str(belonging.step), "run": json.dumps(belonging.run, sort_keys=True)}
    unfinished = folder / f".{FILE}"
    whole = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    with writing(unfinished):
        save_file(whole, unfinished, about)
    with unfinished.open("r+b") as file:  # Windows flushes only what is open for writing
        os.fsync(file.fileno())
    unfinished.replace(folder / FILE)


def resume(folder: Path, model: nn.Module, optimiser: torch.optim.Adam, run: Mapping[str, object]) -> int:
    """Puts weights and averages back as they were; how many steps were done, 0 where there is no checkpoint.

    Raises DetectorError for one that cannot be read, or belongs to other settings or data.
    """
    if not (folder / FILE).exists():
        return 0
    try:
        with safe_open(folder / FILE, "pt") as file:
            about = file.metadata()
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        step, before = int(about["step"]), dict(json.loads(about["run"]))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise unreadable(folder) from error
    if before != json.loads(json.dumps(run)):
        raise DetectorError(
            f"The checkpoint in {folder} belongs to another training ({difference(before, run)}).",
            "Train with the same settings and data, or into another folder.",
        )
    if step < 0 or shapes(tensors) != shapes_wanted(model, step):
        raise unreadable(folder)
    model.load_state_dict(part(tensors, "model"))
    averages = {prefix: part(tensors, prefix) for prefix in STATE.values()}
    for name, value in model.named_parameters():
        if step:
            optimiser.state[value] = {
                "step": torch.tensor(float(step)),
                **{key: averages[prefix][name].to(value) for key, prefix in STATE.items()},
            }
    return step


STATE = {"exp_avg": "average", "exp_avg_sq": "square"}
"""Adam's names of what it keeps of each weight, and the ones in the file."""


def share(model: nn.Module, optimiser: torch.optim.Adam, step: int, ours: Processes) -> int:
    """Gives every process the step, weights and averages of the first one; the step. A checkpoint lies where
    the first process writes, which may be another machine."""
    done = torch.tensor(step)
    ours.take_from_first(done, *model.state_dict().values())
    for value in model.parameters() if done else ():
        if not ours.first:
            optimiser.state[value] = {
                "step": done.float(),
                **{key: torch.zeros_like(value, memory_format=torch.contiguous_format) for key in STATE},
            }
        ours.take_from_first(*(optimiser.state[value][key] for key in STATE))
    return int(done)


def unreadable(folder: Path) -> DetectorError:
    return DetectorError(f"The checkpoint in {folder} cannot be read.", "Take another folder.")


def shapes(tensors: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape) for name, value in tensors.items()}


def shapes_wanted(model: nn.Module, step: int) -> dict[str, tuple[int, ...]]:
    """Of all that a checkpoint of this network holds; before the first step there are no averages."""
    wanted = {f"model.{name}": value for name, value in model.state_dict().items()}
    for prefix in STATE.values() if step else ():
        wanted |= {f"{prefix}.{name}": value for name, value in model.named_parameters()}
    return shapes(wanted)


def part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    beginning = f"{prefix}."
    return {name.removeprefix(beginning): t for name, t in tensors.items() if name.startswith(beginning)}


def difference(before: Mapping[str, object], now: Mapping[str, object]) -> str:
    """Names of what is not the same."""
    names = sorted({*before, *now})
    here = json.loads(json.dumps(now))
    return ", ".join(name for name in names if before.get(name) != here.get(name))
