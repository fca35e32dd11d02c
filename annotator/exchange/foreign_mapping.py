"""What the words of a published data set mean: a TOML file (docs/foreign-sets.md)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from annotator.domain.joints import Joint, Side, joint_named
from annotator.exchange.names import is_plain
from annotator.exchange.whole import read_text, unreadable

TABLE = ("file", "dicom", "patient_code", "visit", "image", "joint", "category", "x0", "y0", "x1", "y1")
"""The columns of the table of scores, before those of the scores themselves."""
CATEGORY = "{category}"
FAULTS = (ValueError, TypeError, AttributeError, OverflowError, RecursionError)
"""What a foreign file of another shape than expected may raise."""
_SECTIONS = {
    "": {"name", "image", "side", "joints", "scores", "score_file"},
    "image": {"patient", "date", "hands", "bone", "pixel_spacing_mm"},
    "side": {"from", "words"},
}


@dataclass(frozen=True, slots=True)
class ScoreFile:
    """column: of the table. file: below the folder of the mapping. key: of a score, with CATEGORY once."""

    column: str
    file: str
    key: str

    def category(self, key: str) -> str | None:
        """The category that a key of the file names; None for a key of another form."""
        before, _, after = self.key.partition(CATEGORY)
        inside = key[len(before) : len(key) - len(after)]
        return inside if inside and key == f"{before}{inside}{after}" else None


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
    score_files: tuple[ScoreFile, ...] = ()
    one_hand: bool = False
    bone_bright: bool = True
    spacing_mm: float | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of all scores."""
        return *self.scores, *(one.column for one in self.score_files)

    def joint(self, category: str, side: Side | None) -> Joint | None:
        """side: of what has the category. None where the mapping does not say it, or not of which hand."""
        said = self.joints.get(category, "")
        if said and not _with_side(said):
            said = f"{side.value}-{said}" if side else ""
        return joint_named(said) if said else None

    def side_of(self, name: str, *places: Mapping[str, Any]) -> Side | None:
        """Of an image, or a box of it. name: of the image's file. places: where an attribute may be."""
        said = found_in(self.side, name, *places)
        return None if said is None else self.side_words.get(said)


def found_in(where: tuple[str, str] | None, name: str, *places: Mapping[str, Any]) -> str | None:
    """What is in the name of an image, or an attribute of the first of the places that has it."""
    if where is None:
        return None
    kind, what = where
    if kind == "name":
        match = re.search(what, name)
        return match[1] if match else None
    return attribute(what, *places)


def attribute(name: str, *places: Mapping[str, Any]) -> str | None:
    """Of the first of these that has it, itself or under "attributes"."""
    for place in places:
        for holder in (place, place.get("attributes") or {}):
            if holder.get(name) is not None:
                return str(holder[name])
    return None


def read_mapping(path: Path) -> SetMapping:
    """Raises KnuckleError."""
    try:
        return _mapping(tomllib.loads(read_text(path)))
    except KeyError as error:
        raise unreadable(path, f"{error.args[0]!r} is missing") from error
    except FAULTS as error:
        raise unreadable(path, error) from error


def _mapping(said: Mapping[str, Any]) -> SetMapping:
    image, side, scores = said["image"], said.get("side", {}), said.get("scores", {})
    for section, known in _SECTIONS.items():
        _only(known, said.get(section, {}) if section else said)
    joints = {str(category): str(name) for category, name in said["joints"].items()}
    for name in filter(None, joints.values()):
        joint_named(name if _with_side(name) else f"R-{name}")
    hands, bone = image.get("hands", "both"), image.get("bone", "bright")
    if hands not in ("one", "both") or bone not in ("bright", "dark"):
        raise ValueError("hands is one or both, bone is bright or dark")
    spacing = image.get("pixel_spacing_mm")
    if spacing is not None and not 0.001 <= float(spacing) <= 10:
        raise ValueError(f"pixel_spacing_mm: {spacing}")
    words = {str(word): Side(name) for word, name in side.get("words", {"R": "R", "L": "L"}).items()}
    mapping = SetMapping(
        _name(said["name"]),
        joints,
        _where(image["patient"]),
        _where(image["date"]) if "date" in image else None,
        _where(side["from"]) if "from" in side else None,
        words,
        {str(name): str(attribute) for name, attribute in scores.items()},
        _score_files(said.get("score_file", [])),
        hands == "one",
        bone == "bright",
        None if spacing is None else float(spacing),
    )
    _check_columns(mapping.columns)
    return mapping


def _only(known: set[str], said: Mapping[str, Any]) -> None:
    for key in said:
        if key not in known:
            raise ValueError(f"{key!r} is no word of a mapping")


def _with_side(joint: str) -> bool:
    return joint[:2] in ("R-", "L-")


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


def _score_files(said: Any) -> tuple[ScoreFile, ...]:
    if not isinstance(said, list):
        raise ValueError("a table of scores begins with [[score_file]], in two brackets")
    return tuple(map(_score_file, said))


def _score_file(said: Mapping[str, Any]) -> ScoreFile:
    _only({"column", "file", "key"}, said)
    for name in ("column", "file", "key"):
        if not isinstance(said[name], str) or not said[name]:
            raise ValueError(f"{name} of a score_file is text in quotation marks")
    if said["key"].count(CATEGORY) != 1:
        raise ValueError(f"the key {said['key']!r} needs {CATEGORY} once")
    return ScoreFile(said["column"], said["file"], said["key"])


def _check_columns(columns: Sequence[str]) -> None:
    for place, name in enumerate(columns):
        if name in TABLE or name in columns[:place]:
            raise ValueError(f"two columns of the table of scores would be called {name!r}")
        if not name or not is_plain(name):
            raise ValueError(f"a column cannot be called {name!r}")
