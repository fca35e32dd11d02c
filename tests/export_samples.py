"""A study that somebody has read and signed, as its drawn truth says."""

from __future__ import annotations

import json
from pathlib import Path

from annotator.app import open_house
from annotator.domain import gestures
from annotator.domain.annotations import Reading
from annotator.domain.edits import Edit
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box
from annotator.domain.joints import joint_named
from annotator.domain.people import Person, Role
from annotator.store.readings import Readings


def read_films(data: Path, name: str = "Dr. A", *, sign: bool = True, only: int | None = None) -> None:
    """The reader draws and confirms every joint of each film (or of the first few) of the first study."""
    with open_house(data) as house:
        person = house.administration.enter(name, Role.READER)
        study = house.administration.studies.all()[0]
        readings = Readings(house.database)
        for image in house.administration.studies.images(study.id)[:only]:
            reading = _as_drawn(readings, image.id, Path(image.file.path).with_suffix(".json"), person)
            if sign:
                readings.sign(reading, person)


def _as_drawn(readings: Readings, image_id: int, truth: Path, by: Person) -> Reading:
    reading = readings.load(image_id, by)

    def do(edit: Edit) -> Reading:
        return readings.apply(reading, edit, by)[0]

    joints = json.loads(truth.read_text("utf-8"))["joints"]
    for said in joints:
        reading = do(gestures.draw(reading, joint_named(said["name"]), Box(*said["box"])))
    for said in joints:
        for finding in said["findings"]:
            reading = do(gestures.toggle_finding(reading, joint_named(said["name"]), Finding(finding)))
    if gestures.rest_normal_joints(reading):
        reading = do(gestures.rest_normal(reading))
    return reading


def change(data: Path, edit: Edit, name: str = "Dr. A", image: int = 0) -> None:
    """One gesture of a reader on one image of the first study, which is reopened before and signed after."""
    with open_house(data) as house:
        person = house.administration.enter(name, Role.READER)
        study = house.administration.studies.all()[0]
        readings = Readings(house.database)
        image_id = house.administration.studies.images(study.id)[image].id
        reading = readings.reopen(readings.load(image_id, person), "another look", person)
        readings.sign(readings.apply(reading, edit, person)[0], person)
