"""Opens an image on a real desk, knows what is drawn on it, and takes the disk away."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytestqt.qtbot import QtBot

from annotator.domain.geometry import Box
from annotator.domain.joints import Joint, joint_named
from annotator.workflow.reading import ReadingDesk
from tests.study_fixtures import Desk


def opened(desk: Desk, qtbot: QtBot, place: int = 0) -> ReadingDesk:
    with qtbot.waitSignal(desk.sitting.desk.opened):
        desk.sitting.open(desk.sitting.worklist.ids[place])
    return desk.sitting.desk


def truth(desk: ReadingDesk) -> dict[Joint, Box]:
    assert desk.image is not None
    written = json.loads(Path(desk.image.file.path).with_suffix(".json").read_text())
    return {joint_named(joint["name"]): Box(*joint["box"]) for joint in written["joints"]}


def stored_findings(data: Path) -> list[tuple[str, int]]:
    with sqlite3.connect(data / "knuckle.sqlite") as connection:
        return connection.execute("SELECT joint, confirmed FROM annotation ORDER BY joint").fetchall()


@contextmanager
def locked(data: Path) -> Iterator[None]:
    """Somebody else writes, and takes their time."""
    other = sqlite3.connect(data / "knuckle.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()
