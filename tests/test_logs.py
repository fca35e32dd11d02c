"""The log says what went wrong and never whose hand it was."""

import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import qInstallMessageHandler, qWarning

from annotator.domain.errors import KnuckleError
from annotator.logs import Logs, describe, last_crash
from annotator.paths import DataPaths

NAME = "YAMADA^TARO"
START = """
import sys
from pathlib import Path
from annotator.logs import Logs, last_crash
from annotator.paths import DataPaths
data = DataPaths(Path(sys.argv[1]))
data.prepare()
logs = Logs(data, "0.1.0")
"""


@pytest.fixture
def data(tmp_path: Path) -> DataPaths:
    data = DataPaths(tmp_path)
    data.prepare()
    return data


@pytest.fixture
def logs(data: DataPaths) -> Iterator[Logs]:
    logs = Logs(data, "0.1.0")
    yield logs
    logs.close()


def written(data: DataPaths) -> str:
    return (data.logs / "knuckle.log").read_text("utf-8")


def run_and_end(data: DataPaths, ending: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", START + ending, str(data.root)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_log_has_time_level_and_room(data: DataPaths, logs: Logs) -> None:
    logging.getLogger("annotator.store").info("image %d opened", 15)
    assert "INFO annotator.store: image 15 opened" in written(data)


def test_error_is_logged_without_its_words(data: DataPaths, logs: Logs) -> None:
    try:
        Path("missing", NAME).read_bytes()
    except FileNotFoundError:
        logging.getLogger("annotator.imaging").exception("image 15 could not be read")
    text = written(data)
    assert "image 15 could not be read" in text
    assert "FileNotFoundError" in text
    assert "in test_error_is_logged_without_its_words" in text
    assert NAME not in text


def test_causes_are_described_first_and_wordless() -> None:
    try:
        try:
            int(NAME)
        except ValueError as error:
            raise KnuckleError(f"{NAME} is no number.", "Write one.") from error
    except KnuckleError as error:
        text = describe(error)
    assert text.index("ValueError") < text.index("which led to") < text.index("KnuckleError")
    assert NAME not in text


def test_error_that_is_its_own_cause_is_described() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert describe(first).count("ValueError") == 1


def test_qt_is_logged_without_paths_and_goes_on_to_the_listener(data: DataPaths) -> None:
    heard: list[str] = []
    before = qInstallMessageHandler(lambda _kind, _context, message: heard.append(message))
    logs = Logs(data, "0.1.0")
    qWarning(f"cannot open /home/reader/{NAME} 1.dcm")
    logs.close()
    qWarning("afterwards")
    qInstallMessageHandler(before)
    assert "WARNING qt: cannot open <path>" in written(data)
    assert NAME not in written(data)
    assert heard == [f"cannot open /home/reader/{NAME} 1.dcm", "afterwards"]


def test_log_turns_over(data: DataPaths, logs: Logs) -> None:
    for number in range(30_000):
        logging.getLogger("annotator").info("line %d of a very long day " + 60 * "x", number)
    files = list(data.logs.glob("knuckle.log*"))
    assert 1 < len(files) <= 6
    assert all(file.stat().st_size <= 1_000_000 for file in files)


def test_good_end_leaves_no_note(data: DataPaths) -> None:
    assert run_and_end(data, "logs.close()").returncode == 0
    assert last_crash(data) is None
    assert not data.crash.exists()


def test_unexpected_error_leaves_a_wordless_note(data: DataPaths) -> None:
    run = run_and_end(data, f"def open_image(): raise RuntimeError('{NAME}')\nopen_image()")
    assert run.returncode == 1
    note = last_crash(data)
    assert note is not None
    assert "RuntimeError" in note
    assert "in open_image" in note
    assert "Unexpected error" in written(data)
    assert NAME not in note + written(data) + run.stderr


def test_error_in_a_slot_leaves_a_note(data: DataPaths) -> None:
    ending = """
from PySide6.QtCore import QCoreApplication, QTimer
application = QCoreApplication([])
def slot():
    raise RuntimeError
QTimer.singleShot(0, slot)
QTimer.singleShot(1, application.quit)
application.exec()
logs.close()
"""
    assert run_and_end(data, ending).returncode == 0
    assert "in slot" in (last_crash(data) or "")


def test_broken_machine_code_leaves_a_note(data: DataPaths) -> None:
    run = run_and_end(data, "import faulthandler\nfaulthandler._sigsegv()")
    assert run.returncode < 0
    assert "Segmentation fault" in (last_crash(data) or "")


def test_note_is_shown_once_and_put_away(data: DataPaths) -> None:
    data.crash.write_text("Segmentation fault\n" + "  File somewhere\n" * 1000)
    note = last_crash(data)
    assert note is not None
    assert len(note) <= 4000
    Logs(data, "0.1.0").close()
    assert last_crash(data) is None
    assert (data.logs / "crash.txt").read_text().startswith("Segmentation fault")


def test_error_in_a_thread_leaves_a_note(data: DataPaths, logs: Logs) -> None:
    def work() -> None:
        raise LookupError(NAME)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    note = last_crash(data)
    assert note is not None
    assert "LookupError" in note
    assert NAME not in note


def test_interruption_by_the_user_is_no_crash(data: DataPaths) -> None:
    run_and_end(data, "raise KeyboardInterrupt")
    assert last_crash(data) is None


def test_log_that_cannot_be_written_is_told(data: DataPaths) -> None:
    (data.logs / "knuckle.log").mkdir()
    with pytest.raises(KnuckleError, match="log cannot be written"):
        Logs(data, "0.1.0")
