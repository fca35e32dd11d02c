"""The command line as somebody uses it: in a process of its own, far from this user's real folders."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pytestqt.qtbot import QtBot
from typer.testing import CliRunner

from annotator.cli import app
from annotator.imaging.write import CrFacts, write_cr

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Said:
    """What a command printed, and how it left."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> dict[str, Any]:
        """The one JSON object on standard output, which holds nothing else; nobody saw a traceback."""
        assert "Traceback" not in self.err, self.err
        assert len(self.out.splitlines()) == 1, self.out + self.err
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def error(self) -> str:
        """The sentence of a command that could not be done."""
        found = self.object
        assert (self.code, set(found)) == (1, {"error", "advice"}), self.out
        assert found["error"].endswith(".")
        assert found["advice"].endswith(".")
        return str(found["error"])


def elsewhere(home: Path, **more: str) -> dict[str, str]:
    """This environment with another home folder."""
    return {
        **os.environ,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "share"),
        "COLUMNS": "200",
        **more,
    }


def command(*arguments: object) -> list[str | bytes]:
    """The command `knuckle` with its arguments; bytes are file names that no text can spell."""
    return [sys.executable, "-m", "annotator", *(a if isinstance(a, bytes) else str(a) for a in arguments)]


def knuckle(*arguments: object, home: Path, **environment: str) -> Said:
    """Run a command to its end, in a process of its own."""
    run = subprocess.run(
        command(*arguments),
        cwd=ROOT,
        env=elsewhere(home, **environment),
        capture_output=True,
        timeout=120,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Said(run.returncode, run.stdout.decode(), run.stderr.decode(errors="backslashreplace"))


def interrupted(*arguments: object, home: Path, begun: Callable[[], bool], qtbot: QtBot) -> Said:
    """Ctrl+C once a command has begun, as a terminal does it: all of its processes get the signal."""
    process = subprocess.Popen(
        command(*arguments),
        cwd=ROOT, env=elsewhere(home), text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with process:
        try:
            qtbot.waitUntil(lambda: begun() or process.poll() is not None, timeout=60_000)
            os.killpg(process.pid, signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    return Said(process.returncode, out, err)


def within(*arguments: object) -> Said:
    """Run a command to its end in this process: no new interpreter, the rest is the same."""
    run = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "200"})
    if run.exception is not None and not isinstance(run.exception, SystemExit):
        raise run.exception
    return Said(run.exit_code, run.stdout, run.stderr)


def names_of(data: Path) -> list[tuple[str, str]]:
    """Who is in a data folder, and in which role, in the order in which they came."""
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as database:
        return database.execute("SELECT name, role FROM person ORDER BY id").fetchall()


def small_film(path: Path, number: int, **facts: Any) -> Path:
    """A grey square as a valid CR file; each number has pixels of its own."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.full((40, 60), 300, np.uint16)
    pixels[0, 0] = number
    laterality = facts.pop("laterality", "B")
    whose = {"uid_key": f"small {number}", "patient_id": "P1", **facts}
    write_cr(path, pixels, CrFacts(**whose), laterality=laterality)
    return path


def small_films(folder: Path, numbers: Sequence[int]) -> list[Path]:
    return [small_film(folder / f"{number:03d}.dcm", number) for number in numbers]
