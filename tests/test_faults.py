"""What can go wrong around the program: a sentence each, nothing lost, and never a traceback."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator import paths
from annotator.imaging import dicom
from annotator.workflow.library import Library
from tests.command_line import (
    ROOT,
    Said,
    elsewhere,
    interrupted,
    knuckle,
    small_film,
    small_films,
    within,
)
from tests.study_fixtures import sit_down

pytestmark = pytest.mark.usefixtures("qapp")


def child(*arguments: object, home: Path, through: Sequence[str] = ()) -> Said:
    """One of tests/fault_children.py, run to its end; through: the program that starts it."""
    run = subprocess.run(
        [*through, sys.executable, "-m", "tests.fault_children", *map(str, arguments)],
        cwd=ROOT, env=elsewhere(home), capture_output=True, text=True, timeout=120, check=False, input="",
    )  # fmt: skip
    assert "Traceback" not in run.stderr, run.stderr
    return Said(run.returncode, run.stdout, run.stderr)


@contextmanager
def beside(*arguments: object, home: Path) -> Iterator[subprocess.Popen[str]]:
    """One of them, at work beside the test."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fault_children", *map(str, arguments)],
        cwd=ROOT, env=elsewhere(home), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            process.kill()


def ordinary(home: Path, *commands: list[object]) -> list[Said]:
    """What commands say to somebody who is held to the permissions of files."""
    lines = [json.dumps([*map(str, arguments), "--json"]) for arguments in commands]
    said = child("verbs", *lines, home=home, through=[sys.executable, "tests/without_rights.py"])
    assert said.code == 0, said.err
    found = [json.loads(line) for line in said.out.splitlines()]
    return [Said(one["code"], one["out"], one["err"]) for one in found]


@dataclass(frozen=True)
class Halting:
    """An import of five films that halts after the third, until somebody reads from the pipe."""

    data: Path
    films: Path
    pipe: Path

    @property
    def halted(self) -> bool:
        return count(self.data, "image") == 3


@pytest.fixture
def halting(tmp_path: Path) -> Halting:
    """In the place of the third small picture stands a pipe, which nobody reads."""
    data, films = tmp_path / "data", small_films(tmp_path / "films", range(5))
    pipe = data / "thumbnails" / f"{dicom.read(films[2]).pixels_sha256}.png"
    pipe.parent.mkdir(parents=True)
    os.mkfifo(pipe)
    return Halting(data, tmp_path / "films", pipe)


def heard(process: subprocess.Popen[str]) -> dict[str, object]:
    assert process.stdout is not None
    found = json.loads(process.stdout.readline())
    assert isinstance(found, dict)
    return found


def told_at_start(said: Said) -> str:
    """What a window that could not be opened told, in a box and on standard error."""
    (line,) = said.out.splitlines()
    box = str(json.loads(line)["box"])
    assert said.code == 1
    assert box in said.err
    return box


def count(data: Path, table: str) -> int:
    try:
        with closing(sqlite3.connect(f"file:{data}/knuckle.sqlite?mode=ro", uri=True)) as database:
            (found,) = database.execute(f"SELECT count(*) FROM {table}").fetchone()
    except sqlite3.OperationalError:  # not there yet, or not yet whole
        return 0
    return int(found)


def sound(data: Path) -> bool:
    return within("check", "--data", data, "--json").object["sound"] is True


# somebody else is there


def test_a_second_instance_is_refused_and_the_first_goes_on(data: Path, tmp_path: Path) -> None:
    (backup,) = within("restore", "--data", data, "--json").object["backups"]
    film = small_film(tmp_path / "a.dcm", 1)
    with beside("hold", data, home=tmp_path) as first:
        assert heard(first) == {"open": True}
        second = child("window", data, "Dr. A", home=tmp_path)
        assert told_at_start(second).startswith(f"Knuckle is open on {data} already.")
        for verb in (["demo", "--headless", "--out", tmp_path / "o"], ["restore", backup, "--by", "Dr. A"]):
            refused = within(*verb, "--data", data, "--json")
            assert refused.error == f"Knuckle is open on {data} already."
        assert within("import", film, "--data", data, "--json").object["imported"] == 1
        assert sound(data)
        _, complaints = first.communicate("")
    assert (first.returncode, complaints) == (0, "")
    assert (count(data, "study"), count(data, "image")) == (2, 5)
    assert not (tmp_path / "o" / "1-opened.png").exists()


def test_what_a_killed_instance_left_is_no_hindrance(data: Path, tmp_path: Path) -> None:
    with beside("hold", data, home=tmp_path) as first:
        assert heard(first) == {"open": True}
        first.kill()
        first.wait()
    assert (data / "knuckle.lock").exists()
    with beside("hold", data, home=tmp_path) as again:
        assert heard(again) == {"open": True}


def test_a_window_shows_what_is_imported_beside_it(data: Path, tmp_path: Path) -> None:
    film = small_film(tmp_path / "a.dcm", 1)
    with sit_down(data) as desk:
        assert len(desk.sitting.worklist.ids) == 4
        said = knuckle("import", film, "--data", data, "--json", home=tmp_path)
        assert said.object["imported"] == 1
        desk.sitting.renew()
        assert len(desk.sitting.worklist.ids) == 5


# the database


@pytest.mark.parametrize("verb", ["import", "demo", "relocate", "restore"])
def test_a_database_of_a_newer_version_is_left_alone(data: Path, tmp_path: Path, verb: str) -> None:
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    shutil.rmtree(data / "backups")
    before = (data / "knuckle.sqlite").read_bytes()
    arguments = {
        "import": [tmp_path],
        "demo": ["--headless", "--out", tmp_path / "out"],
        "relocate": [tmp_path, tmp_path],
        "restore": [data / "knuckle.sqlite", "--by", "Dr. A"],
    }
    said = within(verb, *arguments[verb], "--data", data, "--json")
    assert "newer version of Knuckle" in said.error
    assert (data / "knuckle.sqlite").read_bytes() == before


@contextmanager
def locked(data: Path) -> Iterator[Callable[[], object]]:
    """Another program holds the database; what is yielded lets it go."""
    with closing(
        sqlite3.connect(data / "knuckle.sqlite", isolation_level=None, check_same_thread=False, timeout=20)
    ) as other:
        other.execute("BEGIN EXCLUSIVE")
        yield lambda: other.execute("ROLLBACK")


def test_a_database_that_is_locked_at_the_start_is_told(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("annotator.app.PATIENT_MS", 100)
    with locked(data):
        box = told_at_start(child("window", data, "Dr. A", home=tmp_path))
        assert box.startswith("The database is in use by another program.")
        for verb in (["import", tmp_path], ["demo", "--headless", "--out", tmp_path / "out"]):
            said = within(*verb, "--data", data, "--json")
            assert said.error == "The database is in use by another program."
    assert sound(data)


def open_files(process: int) -> set[Path]:
    """What a process has open now; it may close a file while this looks."""
    found = set()
    for descriptor in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):
            found.add(Path(os.readlink(descriptor)))
    return found


def test_a_command_waits_for_a_database_that_is_locked_for_a_moment(
    data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    film = small_film(tmp_path / "a.dcm", 1)
    with (
        locked(data) as let_go,
        beside("cli", "import", film, "--data", data, "--json", home=tmp_path) as waiting,
    ):
        wanted = (data / "knuckle.sqlite").resolve()
        qtbot.waitUntil(lambda: wanted in open_files(waiting.pid), timeout=30_000)
        let_go()
        out, err = waiting.communicate(timeout=60)
    assert Said(waiting.returncode, out, err).object["imported"] == 1


def test_a_database_that_is_locked_during_an_import_keeps_what_was_imported(
    halting: Halting, tmp_path: Path, qtbot: QtBot
) -> None:
    begin = ("--patience", "100", "cli", "import", halting.films, "--data", halting.data, "--json")
    with beside(*begin, home=tmp_path) as importing:
        qtbot.waitUntil(lambda: halting.halted, timeout=30_000)
        with locked(halting.data):
            assert halting.pipe.read_bytes()
            out, err = importing.communicate(timeout=60)
    assert Said(importing.returncode, out, err).error == "The database is in use by another program."
    assert halting.halted
    assert sound(halting.data)


# interruptions


def test_ctrl_c_during_an_import_keeps_what_was_imported(
    halting: Halting, tmp_path: Path, qtbot: QtBot
) -> None:
    """As a terminal does it: the reading process gets the signal as well."""
    said = interrupted(
        "import", halting.films, "--data", halting.data, "--json",
        home=tmp_path, begun=lambda: halting.halted, qtbot=qtbot,
    )  # fmt: skip
    assert (said.code, said.object["error"], said.err) == (130, "Interrupted.", "")
    assert halting.halted
    assert sound(halting.data)


def test_a_fault_of_the_program_is_told_without_its_words(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whose = "adamaY"[::-1]  # so that it is in no line of code, which may be shown

    def fail(*_: object) -> None:
        raise ZeroDivisionError(whose)

    monkeypatch.setattr(Library, "add", fail)
    said = within("import", tmp_path, "--data", data, "--json")
    assert said.error == "knuckle import stopped at a fault in the program."
    note = data / "logs" / "import.txt"
    assert str(note) in said.object["advice"]
    written = note.read_text("utf-8")
    assert "ZeroDivisionError" in written
    assert "in fail" in written
    assert whose not in written + said.out + said.err
    (data / "logs" / "import.txt").unlink()
    (data / "logs" / "import.txt").mkdir()
    assert within("import", tmp_path, "--data", data, "--json").error


# the folder


def test_half_written_preferences_are_told_in_the_window(data: Path, tmp_path: Path) -> None:
    (data / "settings.toml").write_text('theme = "lig')
    said = child("window", data, "Dr. A", home=tmp_path)
    assert said.code == 0
    shown = json.loads(said.out)
    assert "settings.toml.bad" in shown["bar"]
    assert shown["window"] == "Knuckle · Hands · Dr. A"
    assert (data / "settings.toml.bad").read_text() == 'theme = "lig'


def test_half_written_preferences_are_told_on_the_command_line(data: Path, tmp_path: Path) -> None:
    (data / "settings.toml").write_text('theme = "lig')
    said = within("import", small_film(tmp_path / "a.dcm", 1), "--data", data, "--json")
    assert (said.code, said.object["imported"]) == (0, 1)
    assert "settings.toml.bad" in said.err


def test_missing_resources_are_told(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = told_at_start(child("--package", tmp_path / "annotator", "window", data, "Dr. A", home=tmp_path))
    assert box.startswith("Knuckle's own resources folder is missing")
    monkeypatch.setattr(paths, "PACKAGE", tmp_path / "annotator")
    assert "resources folder is missing" in within("check", "--data", data, "--json").error
    assert "alembic folder is missing" in within("import", tmp_path, "--data", data, "--json").error
    out = tmp_path / "out"
    assert "folder is missing" in within("demo", "--headless", "--data", data, "--out", out, "--json").error


@pytest.mark.parametrize(
    "verb", [["import", "x"], ["relocate", "x", "y"], ["check"], ["demo", "--headless", "--out", "{}"]]
)
def test_a_file_in_the_place_of_the_data_folder_is_told(tmp_path: Path, verb: list[str]) -> None:
    (tmp_path / "data").write_text("in the way")
    arguments = [argument.format(tmp_path / "out") for argument in verb]
    for folder in (tmp_path / "data", tmp_path / "data" / "below", tmp_path / ("x" * 300)):
        said = within(*arguments, "--data", folder, "--json")
        assert said.error == f"The data folder {folder} cannot be made or written to."


@pytest.fixture
def shut(data: Path) -> Iterator[Callable[[int, bool], None]]:
    """Set the mode of the data folder, and of all below it; at the end everything may be removed again."""

    def to(mode: int, below: bool) -> None:
        for path in (*(data.rglob("*") if below else ()), data):
            path.chmod(mode)

    yield to
    data.chmod(0o700)
    to(0o700, True)


@pytest.mark.parametrize(("mode", "below"), [(0o555, False), (0o555, True), (0o000, False)])
def test_a_data_folder_that_may_not_be_written_is_told(
    data: Path, tmp_path: Path, shut: Callable[[int, bool], None], mode: int, below: bool
) -> None:
    (backup,) = (path.name for path in (data / "backups").iterdir())
    out = tmp_path / "out"
    shut(mode, below)
    *refused, listed, looked = ordinary(
        tmp_path,
        ["import", tmp_path, "--data", data],
        ["relocate", tmp_path, tmp_path, "--data", data],
        ["restore", backup, "--by", "Dr. A", "--data", data],
        ["demo", "--headless", "--out", out, "--data", data],
        ["restore", "--data", data],
        ["check", "--data", data],
    )
    sentences = [said.error for said in refused]
    assert not [told for told in sentences if "already" in told or "fault" in told], sentences
    assert looked.code == listed.code == (0 if mode else 1)
    assert "fault" not in looked.out + listed.out
    assert looked.object.get("sound", False) is bool(mode)


def test_a_file_that_may_not_be_read_is_refused_by_name(tmp_path: Path) -> None:
    good, secret = small_films(tmp_path / "films", range(2))
    closed = tmp_path / "films" / "closed"
    closed.mkdir()
    secret.chmod(0o000)
    closed.chmod(0o000)
    data = tmp_path / "data"
    asked = (["import", good, secret, closed, "--data", data], ["import", tmp_path / "films", "--data", data])
    for said in ordinary(tmp_path, *asked):
        assert said.code == 1
        assert {item["file"] for item in said.object["refused"]} == {str(secret), str(closed)}
        assert all("permission" in item["reason"] for item in said.object["refused"])
        assert said.object["imported"] + said.object["known"] == 1
    closed.chmod(0o700)


def test_a_full_disk_during_an_import_is_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    small_films(tmp_path / "films", range(40))
    assert within("check", "--data", data, "--json").code == 0
    size = (data / "knuckle.sqlite").stat().st_size
    plight = ("--file-size", size + 20_000)
    said = child(*plight, "cli", "import", tmp_path / "films", "--data", data, "--json", home=tmp_path)
    assert said.error in ("The disk is full.", "The disk could not be read or written.")
    kept = count(data, "image")
    assert 0 < kept < 40
    assert sound(data)
    again = within("import", tmp_path / "films", "--data", data, "--json").object
    assert (again["known"], again["imported"]) == (kept, 40 - kept)


def test_thumbnails_that_cannot_be_kept_are_told_and_made_the_next_time(tmp_path: Path) -> None:
    data, film = tmp_path / "data", small_film(tmp_path / "a.dcm", 1)
    data.mkdir()
    (data / "thumbnails").write_text("in the way")
    said = within("import", film, "--data", data, "--json")
    assert said.error == f"The small pictures of the worklist cannot be written to {data / 'thumbnails'}."
    (data / "thumbnails").unlink()
    assert within("import", film, "--data", data, "--json").object["known"] == 1
    assert len(list((data / "thumbnails").iterdir())) == 1
