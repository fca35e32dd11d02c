"""A published data set in COCO form, through a mapping that says what its words mean (docs/foreign-sets.md).

Unlike `coco`, categories may be called anything, and file names may have folders. Scores such as those for
erosion and joint space narrowing are kept as the text they are; they are no findings.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from annotator.domain.errors import KnuckleError
from annotator.domain.geometry import Box
from annotator.domain.joints import Joint, Side
from annotator.exchange.foreign_mapping import FAULTS, SetMapping, attribute, found_in
from annotator.exchange.names import is_plain
from annotator.exchange.whole import read_text, unreadable


@dataclass(frozen=True, slots=True)
class ForeignBox:
    """category: as the set calls it. scores: by the names that the mapping gives them."""

    joint: Joint
    box: Box
    scores: Mapping[str, str]
    category: str


@dataclass(frozen=True, slots=True)
class LooseScores:
    """Scores that no box belongs to. joint: None where the mapping does not say it."""

    category: str
    joint: Joint | None
    scores: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ForeignImage:
    """file_name: as the set has it, folders included. width, height: pixels. side: of a one-hand picture."""

    file_name: str
    width: int
    height: int
    patient: str
    date: date | None
    side: Side | None
    boxes: tuple[ForeignBox, ...]
    loose: tuple[LooseScores, ...] = ()


@dataclass
class ForeignContent:
    """images: that can be brought in. refused: (file name, sentence) of images and boxes that cannot."""

    images: list[ForeignImage] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def read_set(path: Path, mapping: SetMapping) -> ForeignContent:
    """Raises KnuckleError where it cannot be read, and for categories that the mapping does not name."""
    text = read_text(path)
    try:
        return _content(json.loads(text), mapping, path)
    except (KeyError, IndexError) as error:
        raise unreadable(path, f"{error.args[0]!r} is missing") from error
    except FAULTS as error:
        raise unreadable(path, error) from error


def _content(said: Mapping[str, Any], mapping: SetMapping, path: Path) -> ForeignContent:
    categories = {one["id"]: str(one["name"]) for one in said["categories"]}
    images = {one["id"]: one for one in said["images"]}
    if len(images) < len(said["images"]):
        raise ValueError("two images of one id")
    of_image: dict[Any, list[tuple[str, Mapping[str, Any]]]] = {number: [] for number in images}
    for one in said["annotations"]:
        if one["image_id"] not in images:
            raise ValueError(f"annotation {one.get('id')} of image {one['image_id']}, which is not there")
        of_image[one["image_id"]].append((categories[one["category_id"]], one))
    unknown = sorted({name for boxes in of_image.values() for name, _ in boxes} - mapping.joints.keys())
    if unknown:
        raise KnuckleError(
            f"The mapping does not say which joint is {', '.join(map(repr, unknown[:10]))} in {path.name}.",
            'Name it in [joints], or give it "" to leave it out.',
            name=path.name,
        )
    found = ForeignContent()
    for number, image in images.items():
        _add(found, image, of_image[number], mapping)
    return found


def _add(
    found: ForeignContent,
    image: Mapping[str, Any],
    boxes: list[tuple[str, Mapping[str, Any]]],
    mapping: SetMapping,
) -> None:
    name, width, height = str(image["file_name"]), int(image["width"]), int(image["height"])
    try:
        patient = found_in(mapping.patient, name, image)
        if patient is None or not patient.strip() or len(patient) > 64 or "\\" in patient:
            raise ValueError("The mapping finds no patient for it.")
        if not patient.isprintable():
            raise ValueError("Its patient has letters that cannot be written.")
        when = _date(found_in(mapping.date, name, image))
        side = mapping.side_of(name, image)
        if mapping.one_hand and side is None:
            raise ValueError("The mapping finds no side for it.")
    except ValueError as error:
        found.refused.append((name, str(error)))
        return
    made: dict[Joint, ForeignBox] = {}
    for category, one in boxes:
        if not mapping.joints[category]:
            continue
        try:
            box = _box(category, one, (width, height), mapping, mapping.side_of(name, one, image))
            if box.joint in made:
                raise ValueError(f"{box.joint} has two boxes; the first one is taken.")
            made[box.joint] = box
        except ValueError as error:
            found.refused.append((name, f"Annotation {one.get('id')} ({category}): {error}"))
    own = side if mapping.one_hand else None
    found.images.append(ForeignImage(name, width, height, patient, when, own, tuple(made.values())))


def _date(said: str | None) -> date | None:
    """Raises ValueError with a sentence."""
    try:
        return date.fromisoformat(said) if said else None
    except ValueError as error:
        raise ValueError("Its date is neither YYYY-MM-DD nor YYYYMMDD.") from error


def _box(
    category: str, one: Mapping[str, Any], size: tuple[int, int], mapping: SetMapping, side: Side | None
) -> ForeignBox:
    """Raises ValueError with a sentence."""
    joint = mapping.joint(category, side)
    if joint is None:
        raise ValueError("The mapping finds no side for it.")
    x, y, width, height = (float(value) for value in one["bbox"])
    box = Box(x, y, x + width, y + height).clipped(*size)
    if box is None:
        raise ValueError("The box lies outside the image.")
    scores = {name: attribute(of_box, one) or "" for name, of_box in mapping.scores.items()}
    if not all(map(is_plain, scores.values())):
        raise ValueError("Its scores have letters that cannot be written.")
    return ForeignBox(joint, box, scores, category)
