"""`python -m detector train` under torchrun, broken off between its detectors, and given bad values."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from training_samples import TINY, discs

from detector.__main__ import main
from detector.dataset import from_phantoms
from detector.release.values import Release
from detector.train import Step, train
from detector.versions import verify_version

TESTS = Path(__file__).parent
SMALL = ("--width", "0.05", "--no-batch-norm", "--steps", "2", "--batch", "2", "--precision", "f32")
SURROUNDINGS = {
    **os.environ,
    "PYTHONPATH": f"{TESTS}:{TESTS.parents[1]}",
    "OMP_NUM_THREADS": "1",
    "GLOO_SOCKET_IFNAME": "lo",
    "CUDA_VISIBLE_DEVICES": "",
}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("verb") / "release"
    return from_phantoms(folder, range(2), visits=1, findings_rate=0.2, size=(420, 520))


def python(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=TESTS.parents[1], env=SURROUNDINGS, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def steps(said: str) -> list[tuple[str, int]]:
    told = [json.loads(line) for line in said.splitlines()]
    return [(line["finding"], line["step"]) for line in told if "step" in line]


# --- several processes ------------------------------------------------------------------------------------

TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")


def test_two_processes_train_both_detectors_one_after_the_other(release: Release, tmp_path: Path) -> None:
    words = ["-m", "detector", "train", release.folder, "--out", tmp_path / "run", "--chain", "--json"]
    done = python(*TORCHRUN, *words, *SMALL)
    assert done.returncode == 0, done.stderr
    both = [(finding, step) for finding in ("ankylosis", "subluxation") for step in (1, 2)]
    assert steps(done.stdout) == both, "the first process alone tells"
    assert verify_version(tmp_path / "run" / "version").complete


APART = """
import os, sys
from pathlib import Path
from training_samples import TINY, discs
from detector.train import train
from detector.networks.weights import save_weights
folder = Path(sys.argv[1]) / os.environ["RANK"]
told = []
model = train(TINY, "ankylosis", discs(1), folder, on_step=told.append)
(folder / "steps.txt").write_text(" ".join(str(step.step) for step in told))
save_weights(model, folder / "weights.safetensors")
"""


def test_machines_without_a_folder_in_common_go_on_together(tmp_path: Path) -> None:
    """The first one holds the checkpoint; the second one begins with an empty folder."""

    def ended(step: Step) -> None:
        if step.step == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(TINY, "ankylosis", discs(1), tmp_path / "0", on_step=ended)
    (tmp_path / "1").mkdir()
    (tmp_path / "worker.py").write_text(APART)
    done = python(*TORCHRUN, tmp_path / "worker.py", tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "0" / "steps.txt").read_text() == "7 8 9 10", "the checkpoint is of step 6"
    assert (tmp_path / "1" / "steps.txt").read_text() == ""
    first, second = (load_file(tmp_path / rank / "weights.safetensors") for rank in "01")
    whole = train(TINY, "ankylosis", discs(1), tmp_path / "whole").state_dict()
    for name, value in first.items():
        assert torch.equal(value, second[name]), name
        assert torch.allclose(value, whole[name], atol=1e-5), name


# --- broken off -------------------------------------------------------------------------------------------


def test_killed_in_the_second_detector_it_does_not_train_the_first_again(
    release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", str(release.folder), "--out", str(tmp_path / "run"), "--json", *SMALL]
    code = (
        "import os, signal, sys\n"
        "from detector.__main__ import main\n"
        "from detector.verbs import train\n"
        "def killed(finding, as_json):\n"
        "    if finding == 'subluxation':\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return telling(finding, as_json)\n"
        "telling, train.progress = train.progress, killed\n"
        "main(sys.argv[1:])\n"
    )
    broken = python("-c", code, *words)
    assert broken.returncode == -signal.SIGKILL
    assert steps(broken.stdout) == [("ankylosis", 1), ("ankylosis", 2)]
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["ankylosis"]
    before = (tmp_path / "run" / "ankylosis" / "ankylosis.safetensors").read_bytes()
    assert main(words) == 0
    assert steps(capsys.readouterr().out) == [("subluxation", 1), ("subluxation", 2)]
    version = verify_version(tmp_path / "run" / "version")
    assert version.complete
    assert version.weights("ankylosis").read_bytes() == before


# --- what cannot be used ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--steps", "0"), "steps is from 1 to"),
        (("--steps=-3",), "steps is from 1 to"),
        (("--steps", "100000000000000000000"), "steps is from 1 to"),
        (("--epochs", "0"), "epochs is from 1 to"),
        (("--batch", "0"), "batch is from 1 to"),
        (("--seed=-1",), "a seed is from 0 to"),
        (("--learning-rate", "nan"), "a learning rate is above 0"),
        (("--learning-rate", "0"), "a learning rate is above 0"),
        (("--learning-rate", "inf"), "a learning rate is above 0"),
        (("--width", "nan"), "a width of nan"),
        (("--threads", "0"), "0 threads are too few"),
    ],
)
@pytest.mark.parametrize("verb", ["train", "crossval"])
def test_bad_values_are_refused_before_anything_is_made(
    verb: str, given: tuple[str, ...], said: str, release: Release, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert main([verb, str(release.folder), "--out", str(tmp_path / "run"), *SMALL, *given]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("verb", ["train", "crossval"])
@pytest.mark.parametrize("given", [("--width", "0.1"), ("--batch-norm",), ("--no-batch-norm",)])
def test_a_version_that_is_begun_with_says_what_the_network_is(
    verb: str, given: tuple[str, ...], release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start = ["--start", str(tmp_path / "nowhere")]
    assert main([verb, str(release.folder), "--out", str(tmp_path / "run"), *start, *given]) == 1
    assert "--width and --batch-norm cannot go with --start" in capsys.readouterr().err


@pytest.mark.parametrize("verb", ["train", "crossval"])
def test_a_file_in_the_place_of_a_folder_is_named(
    verb: str, release: Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("x")
    folder = shutil.copytree(release.folder, tmp_path / "copy")
    assert main(["split", str(folder), "--folds", "2"]) == 0
    capsys.readouterr()
    assert main([verb, str(folder), "--out", str(tmp_path / "taken"), *SMALL]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"{verb}: {tmp_path / 'taken'}")
    assert error.endswith((": File exists", ": Not a directory"))


def test_pages_that_memory_has_no_room_for_are_told_of(release: Release, tmp_path: Path) -> None:
    """The same image a few thousand times, with 30 MB more than there is at the start."""
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from detector.dataset import read_release\n"
        "from detector.errors import DetectorError\n"
        "from detector.training.making import train_detector\n"
        "from detector.training.parts import Part\n"
        "from training_samples import TINY\n"
        "release = read_release(Path(sys.argv[1]))\n"
        "has = int(Path('/proc/self/statm').read_text().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (has + 30_000_000,) * 2)\n"
        "try:\n"
        "    train_detector(TINY, 'ankylosis', [Part(release, release.images * 3000)], Path(sys.argv[2]))\n"
        "except DetectorError as error:\n"
        "    print(error)\n"
    )
    done = python("-c", code, release.folder, tmp_path / "out")
    assert done.stdout.startswith("There is not enough memory to train. "), done.stderr
    assert not (tmp_path / "out").exists()
