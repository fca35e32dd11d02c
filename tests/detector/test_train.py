"""Training for real: it learns, goes on after it was killed, starts from weights, and says what is wrong."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from training_samples import TINY, TINY_NORMALISED, discs

from detector.config import PRESETS, Architecture
from detector.errors import DetectorError
from detector.train import Step, learning_rate, train
from detector.training.checkpoint import FILE
from detector.training.crops import LabelledPage

PAGES = discs(1)


def losses(settings, folder, until=None, **kwargs):
    """The losses of a training; until: it is ended before this step, as by Ctrl+C."""
    told: list[Step] = []

    def on_step(step: Step) -> None:
        told.append(step)
        if step.step == until:
            raise KeyboardInterrupt

    try:
        model = train(settings, "ankylosis", PAGES, folder, on_step=on_step, **kwargs)
    except KeyboardInterrupt:
        model = None
    return told, model


def test_the_paper_s_preset_is_the_paper_s():
    paper = PRESETS["paper"]
    assert paper.architecture == Architecture(width=1.0, batch_norm=False)
    assert (paper.learning_rate, paper.betas, paper.weight_decay) == (0.001, (0.9, 0.999), 0.0005)
    assert (paper.batch, paper.epochs, paper.steps, paper.schedule, paper.large_share) == (
        16,
        200,
        None,
        "constant",
        0,
    )
    assert paper.augmentation.chance == 0.5


def test_it_learns(tmp_path):
    settings = replace(TINY_NORMALISED, epochs=6, learning_rate=0.004, schedule="cosine", batch=4)
    told, model = losses(settings, tmp_path)
    assert [step.step for step in told] == list(range(1, 31))
    assert np.mean([step.loss for step in told[-5:]]) < 0.5 * np.mean([step.loss for step in told[:5]])
    assert told[-1].loss == pytest.approx(told[-1].confidence + told[-1].localisation)
    assert not model.training


@pytest.mark.parametrize("settings", [TINY, TINY_NORMALISED], ids=["plain", "normalised"])
def test_ended_anywhere_it_goes_on_with_the_same_losses(settings, tmp_path):
    whole, model = losses(settings, tmp_path / "whole")
    broken, _ = losses(settings, tmp_path / "broken", until=8)
    rest, resumed = losses(settings, tmp_path / "broken")
    assert [step.step for step in rest] == list(range(7, 11)), "the checkpoint is of step 6"
    assert broken == whole[:8]
    assert rest == whole[6:]
    for name, value in model.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


@pytest.fixture
def one_thread():
    """As in a child: with more, sums are added up in another order."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("one_thread")
def test_killed_by_the_system_it_goes_on(tmp_path):
    """By SIGKILL in the middle of a step, in a process of its own."""
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from training_samples import TINY, discs\n"
        "from detector.train import train\n"
        "kill = lambda step: step.step == 5 and os.kill(os.getpid(), signal.SIGKILL)\n"
        "train(TINY, 'ankylosis', discs(1), Path(sys.argv[1]), on_step=kill)\n"
    )
    run = child(code, tmp_path / "killed")
    assert run.returncode == -9
    whole, _ = losses(TINY, tmp_path / "whole")
    rest, _ = losses(TINY, tmp_path / "killed")
    assert [step.step for step in rest] == list(range(4, 11))
    assert rest == whole[3:]


def test_a_finished_training_is_not_done_again(tmp_path):
    _, model = losses(TINY, tmp_path)
    told, again = losses(TINY, tmp_path)
    assert told == []
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))


def test_retraining_starts_from_the_weights_it_is_given(tmp_path):
    _, model = losses(TINY, tmp_path / "first")
    settings = replace(TINY, learning_rate=1e-9, steps=1)
    _, again = losses(settings, tmp_path / "second", start=model.state_dict())
    for one, two in zip(model.parameters(), again.parameters(), strict=True):
        assert torch.allclose(one, two, atol=1e-6)


@pytest.mark.parametrize(
    ("change", "named"),
    [({"learning_rate": 0.5}, "settings"), ({"seed": 1}, "settings")],
)
def test_a_checkpoint_of_another_training_is_refused(change, named, tmp_path):
    losses(TINY, tmp_path, until=5)
    with pytest.raises(DetectorError, match=rf"belongs to another training \({named}\)"):
        train(replace(TINY, **change), "ankylosis", PAGES, tmp_path)
    with pytest.raises(DetectorError, match=r"belongs to another training \(data\)"):
        train(TINY, "ankylosis", discs(2), tmp_path)
    with pytest.raises(DetectorError, match=r"belongs to another training \(finding\)"):
        train(TINY, "subluxation", PAGES, tmp_path)


def test_a_damaged_checkpoint_is_refused(tmp_path):
    losses(TINY, tmp_path, until=5)
    (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:100])
    with pytest.raises(DetectorError, match="cannot be read"):
        train(TINY, "ankylosis", PAGES, tmp_path)


@pytest.mark.parametrize("damage", ["averages gone", "a weight gone", "other shapes", "no run", "step -1"])
def test_a_checkpoint_with_something_else_in_it_is_refused(damage, tmp_path):
    losses(TINY, tmp_path, until=5)
    with safe_open(tmp_path / FILE, "pt") as file:
        about = file.metadata()
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    if damage == "averages gone":
        tensors = {name: value for name, value in tensors.items() if not name.startswith("average.")}
    elif damage == "a weight gone":
        del tensors["model.heads.conv7_offsets.bias"]
    elif damage == "other shapes":
        tensors["square.heads.conv7_offsets.bias"] = torch.zeros(3)
    elif damage == "no run":
        about["run"] = "3"
    else:
        about["step"] = "-1"
    save_file(tensors, tmp_path / FILE, about)
    with pytest.raises(DetectorError, match="cannot be read"):
        train(TINY, "ankylosis", PAGES, tmp_path)


def test_a_loss_that_is_not_finite_ends_it_and_names_its_parts(tmp_path):
    _, model = losses(replace(TINY, steps=1), tmp_path / "first")
    spoilt = {name: value.clone() for name, value in model.state_dict().items()}
    spoilt["heads.conv7_offsets.bias"][0] = float("nan")
    with pytest.raises(DetectorError, match=r"step 1 is not finite: L_conf \d+\.\d+, L_loc nan, N \d+"):
        train(TINY, "ankylosis", PAGES, tmp_path / "second", start=spoilt)
    assert not (tmp_path / "second" / FILE).exists()


def test_without_a_joint_there_is_nothing_to_train_on(tmp_path):
    bare = LabelledPage(np.zeros((400, 400), np.uint16), np.zeros((0, 4), np.float32), np.zeros(0, np.int8))
    with pytest.raises(DetectorError, match="no labelled joint"):
        train(TINY, "ankylosis", [bare], tmp_path)


def test_out_of_memory_says_what_to_lower(tmp_path):
    """With 400 MB more than it has at the start, and 1500 crops a step."""
    code = (
        "import resource, sys\n"
        "from dataclasses import replace\n"
        "from pathlib import Path\n"
        "from training_samples import TINY, discs\n"
        "from detector.errors import DetectorError\n"
        "from detector.train import train\n"
        "pages = discs(1)\n"
        "has = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (has + 400_000_000,) * 2)\n"
        "try:\n"
        "    train(replace(TINY, batch=1500, epochs=200), 'ankylosis', pages, Path(sys.argv[1]))\n"
        "except DetectorError as error:\n"
        "    print(error)\n"
    )
    run = child(code, tmp_path)
    assert run.stdout.strip() == (
        "There is not enough memory to train. Lower --batch or --width, or train on fewer images."
    ), run.stderr


def child(code: str, folder: Path) -> subprocess.CompletedProcess[str]:
    here = {"PYTHONPATH": f"{Path(__file__).parent}:{Path(__file__).parents[2]}", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code, str(folder)]
    return subprocess.run(command, env=here, capture_output=True, text=True, check=False, timeout=300)


def test_the_learning_rate_rises_and_falls_or_stays():
    cosine = replace(TINY, schedule="cosine", learning_rate=1.0)
    rates = [learning_rate(cosine, step, 100) for step in range(100)]
    assert rates[:5] == pytest.approx([0.2, 0.4, 0.6, 0.8, 1.0])
    assert rates[4:] == sorted(rates[4:], reverse=True)
    assert 0 < rates[-1] < 0.01
    assert {learning_rate(TINY, step, 100) for step in range(100)} == {TINY.learning_rate}


@pytest.mark.parametrize(
    "wrong",
    [
        {"batch": 0},
        {"steps": 0},
        {"steps": -3},
        {"checkpoint_every": 0},
        {"seed": -1},
        {"seed": 2**32},
        {"learning_rate": 0},
        {"learning_rate": float("nan")},
        {"learning_rate": float("inf")},
        {"weight_decay": float("nan")},
        {"betas": (0.9, 1.0)},
        {"schedule": "linear"},
        {"precision": "f16"},
        {"large_share": 2},
        {"large": 100},
        {"epochs": 0},
    ],
)
def test_senseless_settings_are_refused(wrong):
    with pytest.raises(ValueError, match=r"at least|is \"|between|is from|is above"):
        replace(TINY, **wrong)
