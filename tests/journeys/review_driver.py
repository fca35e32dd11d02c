"""A reader's eyes and hands on proposals: what is drawn, what the panel says, and the keys that decide."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QMenu
from pytestqt.qtbot import QtBot

from annotator.demonstration import truth_of
from annotator.domain.geometry import Box
from annotator.domain.joints import JOINTS, Joint, joint_named
from annotator.domain.proposals import (
    Flag,
    FlagKind,
    Proposal,
    Run,
    SeenBy,
    Thresholds,
)
from annotator.settings import Settings
from annotator.store.detections import Detections
from annotator.ui.joint_box import ShownBox
from annotator.ui.main_window import MainWindow
from tests.journeys.window_driver import PATIENCE_MS, Reader
from tests.proposal_samples import proposed, run_over
from tests.study_fixtures import Desk, quietly

BY_HAND = Settings(propose_ahead=False)
"""The detector runs when it is asked to, so that a test has its two cores for itself."""

D = TypeVar("D", bound=QDialog)

MISSING, UNNAMED, FLAGGED, HALF_SEEN = map(joint_named, ("R-PIP5", "L-MP1", "R-MP2", "L-PIP4"))


def bring_the_demo(desk: Desk) -> None:
    assert desk.house.models.bring_shipped(desk.person)


def propose(desk: Desk, image_id: int) -> Run:
    """As the window does, without one."""
    run = desk.house.proposer(desk.person, spare=0).propose(image_id, quietly, again=True)
    assert run is not None
    return run


def store_mixed(desk: Desk) -> Run:
    """A run of the active version over the first image with what a review can meet: on each joint as it is
    drawn a proposal, each 0.02 surer than the one before, but none for the MISSING one; the UNNAMED one
    has no name, the FLAGGED one lies oddly, and of the HALF_SEEN one nobody knows the displacement."""
    image = desk.house.administration.studies.images(desk.study.id)[0]
    truth = truth_of(Path(image.file.path))
    version = desk.house.models.versions.active()
    assert version is not None
    told = {
        UNNAMED: Flag(FlagKind.UNNAMED, "No joint is left for this box."),
        FLAGGED: Flag(FlagKind.IMPLAUSIBLE, "It lies far from where it is expected."),
    }
    proposals = tuple(
        proposed(
            joint,
            box=truth.boxes[joint],
            confidence=0.55 + 0.02 * place,
            seen_by=SeenBy.FIRST if joint == HALF_SEEN else None,
            flags=(told[joint],) if joint in told else (),
            named=joint != UNNAMED,
        )
        for place, joint in enumerate(JOINTS)
        if joint != MISSING
    )
    run = run_over(image.id, proposals, version_id=version.id, sha256=version.sha256)
    run = replace(run, missing=((MISSING, "no box is near"),), thresholds=Thresholds(0.5, 0.15, 0.45))
    return Detections(desk.house.database).add(run, desk.person)


def proposals_come(reader: Reader) -> None:
    reader.qtbot.waitUntil(lambda: bool(reader.window.sitting.review.waiting), timeout=PATIENCE_MS)


def proposal_of(reader: Reader, joint: Joint) -> Proposal:
    """The one that waits for this joint."""
    return reader.window.sitting.review.by_joint[joint]


def drawn(window: MainWindow) -> dict[Joint | None, ShownBox]:
    """What the radiograph shows, by joint."""
    return {shown.joint: shown for shown in window.view.box_layer.boxes}


def dashed(window: MainWindow) -> set[Joint | None]:
    return {shown.joint for shown in window.view.box_layer.boxes if shown.dashed}


def solid(window: MainWindow) -> set[Joint | None]:
    return {shown.joint for shown in window.view.box_layer.boxes if not shown.dashed}


def lines(window: MainWindow) -> list[str]:
    """Of the panel, as they are read."""
    return [row.line for row in window.panel.list.rows]


def screen(window: MainWindow, around: Box) -> NDArray[np.uint8]:
    """uint8 [h, w, 3]: what the screen shows of a part of the image."""
    view = window.view
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    page = pixels[:, : 3 * image.width()].reshape(image.height(), image.width(), 3)
    (x0, y0), (x1, y1) = (view.image_to_widget(corner).toTuple() for corner in corners(around))
    return page[round(y0) : round(y1), round(x0) : round(x1)].copy()


def corners(box: Box) -> tuple[tuple[float, float], tuple[float, float]]:
    return (box.x0, box.y0), (box.x1, box.y1)


def rows(data: Path, query: str) -> list[tuple[object, ...]]:
    """What is stored in a data folder, open or not."""
    with closing(sqlite3.connect(data / "knuckle.sqlite")) as database:
        return database.execute(query).fetchall()


def menu_that_opens(qtbot: QtBot) -> QMenu:
    qtbot.waitUntil(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def open_dialog() -> QDialog | None:
    """The one that waits for an answer."""
    dialog = QApplication.activeModalWidget()
    return dialog if isinstance(dialog, QDialog) else None


def asked(reader: Reader, keys: str, kind: type[D]) -> D:
    """The dialog that opens upon a key."""
    reader.key(keys)
    reader.qtbot.waitUntil(lambda: isinstance(open_dialog(), kind), timeout=PATIENCE_MS)
    dialog = open_dialog()
    assert isinstance(dialog, kind)
    return dialog
