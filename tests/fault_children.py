"""Knuckle in a process of its own and in a plight: `python -m tests.fault_children [plight] what ...`.

hold DATA: opens the folder alone, says so, and makes a study once its input ends. window DATA READER: the
real start of the window; every message box is said and accepted, and so is what stands above the
radiograph. cli ARGUMENTS: the command line. verbs LISTS: many of them. Each line said is a JSON object.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from annotator import app, cli, desktop, paths
from annotator.domain.people import Role
from annotator.store import backups
from annotator.ui.main_window import MainWindow
from tests.command_line import within


def say(**what: object) -> None:
    print(json.dumps(what), flush=True)


def hold(data: Path) -> int:
    with app.open_house(data) as house:
        say(open=True)
        sys.stdin.read()
        person = house.administration.enter("Dr. A", Role.READER)
        say(made=house.administration.create_study("Made at the end", "M", person).name)
    return 0


def window(data: Path, reader: str) -> int:
    QApplication.instance() or QApplication(sys.argv[:1])
    watch = QTimer(interval=20)
    watch.timeout.connect(_attend)
    watch.start()
    return desktop.run(data, reader)


def _attend() -> None:
    box = QApplication.activeModalWidget()
    if isinstance(box, QMessageBox):
        say(box=box.text())
        box.accept()
    for shown in QApplication.topLevelWidgets():
        if isinstance(shown, MainWindow) and shown.isVisible():
            bar = shown.message_bar
            say(window=shown.windowTitle(), bar="" if bar.isHidden() else bar.text)
            shown.close()


def verbs(lines: list[str]) -> int:
    """Several commands one after the other, each a JSON list of its arguments."""
    for line in lines:
        said = within(*json.loads(line))
        say(code=said.code, out=said.out, err=said.err)
    return 0


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--package", type=Path, help="where annotator seems to be installed")
    parser.add_argument("--file-size", type=int, help="no file may grow beyond so many bytes")
    parser.add_argument("--patience", type=int, help="ms that a command waits for a locked database")
    parser.add_argument("what", choices=["hold", "window", "cli", "verbs"])
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    plight = parser.parse_args()
    if plight.package:
        paths.PACKAGE = plight.package
    if plight.file_size:
        resource.setrlimit(resource.RLIMIT_FSIZE, (plight.file_size, resource.RLIM_INFINITY))
    if plight.patience:
        app.PATIENT_MS = backups.BUSY_TIMEOUT_MS = plight.patience
    if plight.what == "cli":
        sys.argv[1:] = plight.arguments
        cli.main()
    if plight.what == "hold":
        return hold(Path(plight.arguments[0]))
    if plight.what == "verbs":
        return verbs(plight.arguments)
    return window(Path(plight.arguments[0]), plight.arguments[1])


if __name__ == "__main__":
    sys.exit(main())
