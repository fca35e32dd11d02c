"""Readings, radiographs and worklists for the tests of the panels; the store of them is a real database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from annotator.domain import gestures
from annotator.domain.annotations import ImageFacts, JointAnnotation, Reading, ReadingState
from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.images import ImportedFile, WorklistQuery, WorklistRow
from annotator.domain.joints import BOX_SIDE, JOINTS, TEMPLATE, Joint, Side, joint_named
from annotator.domain.people import Person, Role
from annotator.imaging.display import DisplayChain, Look, Rescale, Window
from annotator.imaging.radiograph import Facts, Identity, Radiograph
from annotator.store.database import Database
from annotator.store.people import People
from annotator.store.readings import Readings
from annotator.store.studies import Studies
from annotator.store.worklist import WorklistStore
from annotator.workflow.worklist import Worklist

MIGRATIONS = Path(__file__).resolve().parents[2] / "alembic"
LOOK = Look(Window(512.0, 1024.0))
A, S, D = Finding.ANKYLOSIS, Finding.SUBLUXATION, Finding.DISLOCATION
PROBABLE = Certainty.PROBABLE
LEFT = Qt.MouseButton.LeftButton


def radiograph(height: int = 1670, width: int = 2010) -> Radiograph:
    """10 bit; the stored value is that of the column, 0 at the left edge to 1023 at the right."""
    values = np.broadcast_to(np.linspace(0, 1023, width).astype(np.uint16), (height, width)).copy()
    chain = DisplayChain(10, False, 0, Rescale(), (Window(512.0, 1024.0),), (), False)
    facts = Facts(
        height, width, 10, "2.25.1", "2.25.2", "2.25.3", "MONOCHROME2", "CR", "PA", "B", None, 1.0,
        None, None, Identity("", "", ""), "", "", chain,
    )  # fmt: skip
    return Radiograph(facts, values, "", "")


def boxes(right_on_left: bool = True, unit: float = 248.0) -> dict[Joint, Box]:
    """All twenty, where the template says, thumbs in the middle of the image."""
    found = {}
    for joint in JOINTS:
        across, along = TEMPLATE[joint.row, joint.digit]
        on_left = (joint.side is Side.RIGHT) == right_on_left
        outward, wrist = (-1, 500) if on_left else (1, 1500)
        centre = (wrist + outward * across * unit, 900 - along * unit)
        found[joint] = Box.around(centre, BOX_SIDE * unit, BOX_SIDE * unit)
    return found


def reading(facts: ImageFacts = ImageFacts(), **said: JointAnnotation | None) -> Reading:  # noqa: B008
    """Every joint boxed and confirmed normal, but what is said (R_PIP3=...); None: nothing at all."""
    annotations = {
        j: JointAnnotation(j, box, confirmed=True) for j, box in boxes(facts.right_on_left).items()
    }
    for name, annotation in said.items():
        joint = joint_named(name.replace("_", "-"))
        annotations.pop(joint)
        if annotation is not None:
            annotations[joint] = annotation
    return Reading(1, 1, facts, annotations, started=True)


def said(
    name: str,
    *findings: Finding,
    probable: bool = False,
    reason: NotAssessable | None = None,
    confirmed: bool = False,
    boxed: bool = True,
    comment: str = "",
) -> JointAnnotation:
    joint = joint_named(name)
    certainty = PROBABLE if probable else Certainty.CERTAIN
    marks = tuple(sorted(Mark(finding, certainty) for finding in findings))
    return JointAnnotation(joint, boxes()[joint] if boxed else None, marks, reason, confirmed, comment)


def click(widget: QWidget, at: QPoint | None = None) -> None:
    QTest.mouseClick(widget, LEFT, Qt.KeyboardModifier.NoModifier, at or widget.rect().center())


def film(number: int, patient: str, day: date) -> ImportedFile:
    digest = hashlib.sha256(f"film {number}".encode()).hexdigest()
    return ImportedFile(
        path=f"/films/{number}.dcm", size=1000, file_sha256=digest, pixels_sha256=digest,
        patient_key=hashlib.sha256(patient.encode()).hexdigest(), sop_instance_uid=f"1.2.3.{number}",
        rows=1670, columns=2010, bits_stored=10, view="PA", study_date=day, acquisition_date=day,
        facts=ImageFacts(),
    )  # fmt: skip


@dataclass(frozen=True)
class Shelf:
    """Six images of three patients, two visits each: 1 complete with ankylosis, 2 begun, the others new."""

    database: Database
    worklist: Worklist
    reader: Person
    ids: list[int]


def shelf(folder: Path) -> Shelf:
    database = Database.open(folder / "knuckle.sqlite", backups=folder / "backups", migrations=MIGRATIONS)
    people, studies, readings = People(database), Studies(database), Readings(database)
    reader = people.add("Dr. A", Role.ADMINISTRATOR, None)
    study = studies.create("Hands", "K", reader)
    ids = [
        studies.add_image(study.id, film(n, f"p{n // 2}", date(2015 + n % 2, 1 + n, 3)), reader).image_id
        for n in range(6)
    ]
    _read(readings, ids[0], reader, JOINTS)
    _read(readings, ids[1], reader, JOINTS[:7])
    worklist = Worklist(WorklistStore(database), folder / "thumbnails", WorklistQuery(study.id, reader.id))
    return Shelf(database, worklist, reader, ids)


def _read(readings: Readings, image_id: int, reader: Person, joints: tuple[Joint, ...]) -> None:
    now = readings.load(image_id, reader)
    for joint in joints:
        now, _ = readings.apply(now, gestures.draw(now, joint, boxes()[joint]), reader)
    now, _ = readings.apply(now, gestures.rest_normal(now), reader)
    if joints == JOINTS:
        now, _ = readings.apply(now, gestures.toggle_finding(now, joints[0], A), reader)


class CountingStore:
    """A worklist of very many images that counts the lines it is asked for."""

    def __init__(self, images: int) -> None:
        self._ids = list(range(1, images + 1))
        self.asked = 0

    def ids(self, query: WorklistQuery) -> list[int]:
        return list(self._ids)

    def rows(self, image_ids: list[int], reader_id: int) -> list[WorklistRow]:
        self.asked += len(image_ids)
        return [
            WorklistRow(i, f"K-{i:06d}", 1, date(2015, 3, 1), ReadingState.NEW, 0, 20, frozenset(), False)
            for i in image_ids
        ]

    def counts(self, study_id: int, reader_id: int) -> dict[ReadingState, int]:
        return {ReadingState.NEW: len(self._ids)}
