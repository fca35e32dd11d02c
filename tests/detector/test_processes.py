"""Two processes, as torchrun starts them, reach the weights of one process with the same crops."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from training_samples import TINY, TINY_NORMALISED, discs

from detector.errors import DetectorError
from detector.train import train

TESTS = Path(__file__).parent
CODE = """
import sys
from pathlib import Path
from dataclasses import replace
from training_samples import TINY, discs
from detector.train import train
from detector.networks.weights import save_weights
folder = Path(sys.argv[1])
told = []
model = train(replace(TINY, batch=4), "ankylosis", discs(1), folder, on_step=told.append)
if told:
    save_weights(model, folder / "weights.safetensors")
    (folder / "losses.txt").write_text("\\n".join(repr(step.loss) for step in told))
"""


def test_two_processes_reach_the_weights_of_one(tmp_path):
    (tmp_path / "worker.py").write_text(CODE)
    environment = {
        **os.environ,
        "PYTHONPATH": f"{TESTS}:{TESTS.parents[1]}",
        "OMP_NUM_THREADS": "1",
        "GLOO_SOCKET_IFNAME": "lo",
        "CUDA_VISIBLE_DEVICES": "",
    }
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    run = subprocess.run(
        [*torchrun, str(tmp_path / "worker.py"), str(tmp_path / "two")],
        env=environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    told: list[float] = []
    one = train(
        replace(TINY, batch=4),
        "ankylosis",
        discs(1),
        tmp_path / "one",
        on_step=lambda step: told.append(step.loss),
    )
    losses = [float(line) for line in (tmp_path / "two" / "losses.txt").read_text().split()]
    assert torch.allclose(torch.tensor(losses), torch.tensor(told), atol=1e-5)
    two = load_file(tmp_path / "two" / "weights.safetensors")
    for name, value in one.state_dict().items():
        assert torch.allclose(value, two[name], atol=1e-5), name


def test_too_few_crops_for_the_processes_are_refused(tmp_path):
    with pytest.raises(DetectorError, match="1 crops a step are too few for 1 processes: 2 are needed"):
        train(replace(TINY_NORMALISED, batch=1), "ankylosis", discs(1), tmp_path)
