"""A published data set in COCO form, through a mapping that says what its words mean (docs/foreign-sets.md).

The mapping is TOML. Unlike `coco`, categories may be called anything, and file names may have folders. Scores
such as those for erosion and joint space narrowing are kept as the text they are; they are no findings.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from annotator.domain.errors import KnuckleError
from annotator.domain.geometry import Box
from annotator.domain.joints import Joint, Side, joint_named
from annotator.exchange.whole import read_text, unreadable

_SECTIONS = {
    "": {"name", "image", "side", "joints", "scores"},
    "image": {"patient", "date", "hands", "bone", "pixel_spacing_mm"},
    "side": {"from", "words"},
}
_FAULTS = (ValueError, TypeError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class ForeignBox:
    """scores: by the names that the mapping gives them."""

    joint: Joint
    box: Box
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


@dataclass(frozen=True, slots=True)
class SetMapping:
    """patient, date, side: ("attribute", name) or ("name", pattern with one group), None where not given.
    joints: category -> joint with or without side, "" to leave it out. scores: name -> attribute."""

    name: str
    joints: Mapping[str, str]
    patient: tuple[str, str]
    date: tuple[str, str] | None = None
    side: tuple[str, str] | None = None
    side_words: Mapping[str, Side] = field(default_factory=lambda: {side.value: side for side in Side})
    scores: Mapping[str, str] = field(default_factory=dict)
    one_hand: bool = False
    bone_bright: bool = True
    spacing_mm: float | None = None


@dataclass
class ForeignContent:
    """images: that can be brought in. refused: (file name, sentence) of images and boxes that cannot."""

    images: list[ForeignImage] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


def read_mapping(path: Path) -> SetMapping:
    """Raises KnuckleError."""
    try:
        return _mapping(tomllib.loads(read_text(path)))
    except KeyError as error:
        raise unreadable(path, f"{error.args[0]!r} is missing") from error
    except _FAULTS as error:
        raise unreadable(path, error) from error


def _mapping(said: Mapping[str, Any]) -> SetMapping:
    image, side, scores = said["image"], said.get("side", {}), said.get("scores", {})
    for section, known in _SECTIONS.items():
        for key in said.get(section, {}) if section else said:
            if key not in known:
                raise ValueError(f"{key!r} is no word of a mapping")
    joints = {str(category): str(name) for category, name in said["joints"].items()}
    for name in filter(None, joints.values()):
        joint_named(name if name[:2] in ("R-", "L-") else f"R-{name}")
    hands, bone = image.get("hands", "both"), image.get("bone", "bright")
    if hands not in ("one", "both") or bone not in ("bright", "dark"):
        raise ValueError("hands is one or both, bone is bright or dark")
    spacing = image.get("pixel_spacing_mm")
    if spacing is not None and not 0.001 <= float(spacing) <= 10:
        raise ValueError(f"pixel_spacing_mm: {spacing}")
    words = {str(word): Side(name) for word, name in side.get("words", {"R": "R", "L": "L"}).items()}
    return SetMapping(
        _name(said["name"]),
        joints,
        _where(image["patient"]),
        _where(image["date"]) if "date" in image else None,
        _where(side["from"]) if "from" in side else None,
        words,
        {str(name): str(attribute) for name, attribute in scores.items()},
        hands == "one",
        bone == "bright",
        None if spacing is None else float(spacing),
    )


def _name(said: Any) -> str:
    name = str(said).strip()
    if not 1 <= len(name) <= 64 or "\\" in name or not name.isprintable():
        raise ValueError("name has 1 to 64 letters")
    return name


def _where(said: Mapping[str, str]) -> tuple[str, str]:
    ((kind, what),) = said.items()
    if kind not in ("attribute", "name"):
        raise ValueError(f"{kind!r} is neither attribute nor name")
    try:
        if kind == "name" and re.compile(what).groups != 1:
            raise ValueError(f"the pattern {what!r} needs one group in brackets")
    except re.error as error:
        raise ValueError(f"the pattern {what!r} cannot be used: {error}") from error
    return kind, str(what)


def read_set(path: Path, mapping: SetMapping) -> ForeignContent:
    """Raises KnuckleError where it cannot be read, and for categories that the mapping does not name."""
    text = read_text(path)
    try:
        return _content(json.loads(text), mapping, path)
    except (KeyError, IndexError) as error:
        raise unreadable(path, f"{error.args[0]!r} is missing") from error
    except _FAULTS as error:
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
        patient = _found(mapping.patient, name, image)
        if patient is None or not patient.strip() or len(patient) > 64 or "\\" in patient:
            raise ValueError("The mapping finds no patient for it.")
        if not patient.isprintable():
            raise ValueError("Its patient has letters that cannot be written.")
        day = _found(mapping.date, name, image)
        when = date.fromisoformat(day) if day else None
        side = _side(mapping, name, image)
        if mapping.one_hand and side is None:
            raise ValueError("The mapping finds no side for it.")
    except ValueError as error:
        found.refused.append((name, str(error)))
        return
    made: dict[Joint, ForeignBox] = {}
    for category, one in boxes:
        said = mapping.joints[category]
        if not said:
            continue
        try:
            box = _box(said, one, (width, height), mapping, _side(mapping, name, one, image))
            if box.joint in made:
                raise ValueError(f"{box.joint} has two boxes; the first one is taken.")
            made[box.joint] = box
        except ValueError as error:
            found.refused.append((name, f"Annotation {one.get('id')} ({category}): {error}"))
    own = side if mapping.one_hand else None
    found.images.append(ForeignImage(name, width, height, patient, when, own, tuple(made.values())))


def _box(
    said: str, one: Mapping[str, Any], size: tuple[int, int], mapping: SetMapping, side: Side | None
) -> ForeignBox:
    """Raises ValueError with a sentence."""
    if said[:2] not in ("R-", "L-"):
        if side is None:
            raise ValueError("The mapping finds no side for it.")
        said = f"{side.value}-{said}"
    x, y, width, height = (float(value) for value in one["bbox"])
    box = Box(x, y, x + width, y + height).clipped(*size)
    if box is None:
        raise ValueError("The box lies outside the image.")
    scores = {name: _attribute(attribute, one) or "" for name, attribute in mapping.scores.items()}
    return ForeignBox(joint_named(said), box, scores)


def _side(mapping: SetMapping, name: str, *places: Mapping[str, Any]) -> Side | None:
    said = _found(mapping.side, name, *places)
    return None if said is None else mapping.side_words.get(said)


def _found(where: tuple[str, str] | None, name: str, *places: Mapping[str, Any]) -> str | None:
    if where is None:
        return None
    kind, what = where
    if kind == "name":
        match = re.search(what, name)
        return match[1] if match else None
    return _attribute(what, *places)


def _attribute(name: str, *places: Mapping[str, Any]) -> str | None:
    """Of the first of these that has it, itself or under "attributes"."""
    for place in places:
        for holder in (place, place.get("attributes") or {}):
            if holder.get(name) is not None:
                return str(holder[name])
    return None
