"""The files of a cross-validation: whole or not there, whoever is killed, and however many write them."""

import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from detector.errors import DetectorError
from detector.files import replace_text
from detector.training.crossval import begin


def test_what_a_kill_left_of_the_plan_does_not_close_the_folder(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from detector.files import replace_text\n"
        "os.fsync = lambda file: os.kill(os.getpid(), signal.SIGKILL)\n"
        "replace_text(Path(sys.argv[1]), '{}')\n"
    )
    out = tmp_path / "out"
    out.mkdir()
    killed = [sys.executable, "-c", code, str(out / "crossval.json")]
    done = subprocess.run(killed, cwd=Path(__file__).parents[2], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = out.iterdir()
    assert left.name.startswith(".crossval.json.")
    (out / ".crossval.json.part").write_text("{", "utf-8")  # as versions before called it
    digest = begin(out, {"settings": 1})
    assert begin(out, {"settings": 1}) == digest
    with pytest.raises(DetectorError, match="another cross-validation"):
        begin(out, {"settings": 2})


def test_two_that_write_the_same_file_do_not_get_into_each_other_s_way(tmp_path: Path) -> None:
    file = tmp_path / "crossval.json"
    texts = [str(number) * 200_000 for number in range(8)]
    with ThreadPoolExecutor(8) as several:
        list(several.map(lambda text: replace_text(file, text), texts))
    assert file.read_text("utf-8") in texts
    assert list(tmp_path.iterdir()) == [file]


def test_a_text_that_cannot_be_put_there_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "crossval.json").mkdir()
    with pytest.raises(OSError, match=r"crossval\.json"):
        replace_text(tmp_path / "crossval.json", "{}")
    assert [path.name for path in tmp_path.iterdir()] == ["crossval.json"]


def test_several_machines_begin_at_the_same_time(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as several:
        digests = list(several.map(begin, [tmp_path / "out"] * 32, [{"settings": 1}] * 32))
    assert len(set(digests)) == 1


def test_a_plan_that_is_damaged_is_another(tmp_path: Path) -> None:
    begin(tmp_path, {"settings": 1})
    (tmp_path / "crossval.json").write_bytes(b"\xff")
    with pytest.raises(DetectorError, match="another cross-validation"):
        begin(tmp_path, {"settings": 1})
