"""Scores that a published data set has in files of their own, joined to its boxes (docs/foreign-sets.md).

Such a file is one JSON object: file name of an image -> key -> score. A score belongs to the box of its image
whose category its key names, or whose joint that category is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from annotator.domain.errors import KnuckleError
from annotator.domain.joints import Joint, Side
from annotator.exchange.foreign_coco import ForeignContent, ForeignImage, LooseScores
from annotator.exchange.foreign_mapping import FAULTS, ScoreFile, SetMapping
from annotator.exchange.names import below, is_plain
from annotator.exchange.whole import read_text, unreadable

MOST_BYTES = 64 * 1024 * 1024
"""Of one file of scores: two million of them."""
LONGEST = 64
"""Letters of a score."""
_ADVICE = "Correct file and key in the mapping; nothing was changed."


@dataclass
class ScoreCount:
    """What became of the scores of a file. of_boxes: joined. left_out: of categories that the mapping leaves
    out. other_keys: entries that are of another form than its key."""

    of_boxes: int = 0
    without_box: int = 0
    without_image: int = 0
    left_out: int = 0
    other_keys: int = 0

    @property
    def object(self) -> dict[str, int]:
        return asdict(self)


@dataclass
class Scores:
    """counts: by column. loose: of images that the set does not have or that cannot be brought in, by the
    name that the file of scores has. ambiguous: (file name, sentence) of what could belong to two."""

    counts: dict[str, ScoreCount] = field(default_factory=dict)
    loose: list[tuple[str, LooseScores]] = field(default_factory=list)
    ambiguous: list[tuple[str, str]] = field(default_factory=list)


def score_path(one: ScoreFile, folder: Path) -> Path:
    """folder: of the mapping. Raises KnuckleError for a name that leaves it, and where there is no file."""
    path = below(folder, one.file)
    if path is None:
        raise KnuckleError(
            "A file of scores lies outside the folder of the mapping.",
            "Name it from there on, without .. and without a drive.",
        )
    try:
        there = path.is_file()
    except OSError:  # such as a name that is too long
        there = False
    if not there:
        raise KnuckleError(f"There is no file of scores called {path.name}.", _ADVICE, name=path.name)
    return path


def join_scores(content: ForeignContent, mapping: SetMapping, folder: Path) -> Scores:
    """Gives the boxes of content the scores of the mapping's files.

    Raises KnuckleError for a file that cannot be taken, and for one of which no score belongs to a box.
    """
    joining = _Joining(content, mapping)
    for one in mapping.score_files:
        path = score_path(one, folder)
        joining.add(one, path, _read(path))
    content.images = [joining.finished(image) for image in content.images]
    return joining.finished_scores()


class _Joining:
    def __init__(self, content: ForeignContent, mapping: SetMapping) -> None:
        self._mapping = mapping
        self._scores = Scores()
        self._images = {image.file_name: image for image in content.images}
        self._full_names: dict[str, set[str]] = {}
        for name in (*self._images, *(name for name, _ in content.refused)):
            plain = PurePosixPath(name.replace("\\", "/")).name
            self._full_names.setdefault(plain, set()).add(name)
        self._of_box: dict[tuple[str, Joint], dict[str, str]] = {}
        self._of_image: dict[str, dict[str, dict[str, str]]] = {}
        self._of_none: dict[str, dict[str, dict[str, str]]] = {}

    def add(self, one: ScoreFile, path: Path, said: Mapping[str, Mapping[str, str]]) -> None:
        """said: image -> key -> score."""
        count = self._scores.counts[one.column] = ScoreCount()
        done: set[str] = set()
        for name, scores in said.items():
            image = self._image(name)
            if image is not None:
                if image.file_name in done:
                    raise unreadable(path, f"two entries are of {image.file_name}")
                done.add(image.file_name)
            for key, score in scores.items():
                category = one.category(key)
                if category is None:
                    count.other_keys += 1
                elif self._mapping.joints.get(category) == "":
                    count.left_out += 1
                elif image is None:
                    count.without_image += 1
                    self._of_none.setdefault(name, {}).setdefault(category, {})[one.column] = score
                elif (box := self._box(image, category, one.column)) is None:
                    count.without_box += 1
                    of_image = self._of_image.setdefault(image.file_name, {})
                    of_image.setdefault(category, {})[one.column] = score
                else:
                    count.of_boxes += 1
                    self._of_box.setdefault((image.file_name, box), {})[one.column] = score
        if not count.of_boxes and any(image.boxes for image in self._images.values()):
            raise KnuckleError(
                f"No score in {path.name} belongs to a box of the set.", _ADVICE, name=path.name
            )

    def finished(self, image: ForeignImage) -> ForeignImage:
        """With its scores."""
        boxes = tuple(
            replace(
                box, scores=self._all({**box.scores, **self._of_box.get((image.file_name, box.joint), {})})
            )
            for box in image.boxes
        )
        return replace(image, boxes=boxes, loose=self._loose(self._of_image, image.file_name, image.side))

    def finished_scores(self) -> Scores:
        for name in self._of_none:
            side = self._mapping.side_of(name) if self._mapping.one_hand else None
            self._scores.loose += [(name, one) for one in self._loose(self._of_none, name, side)]
        return self._scores

    def _image(self, name: str) -> ForeignImage | None:
        """By its name with folders, else without."""
        found = self._images.get(name)
        names = self._full_names.get(name, set())
        if found is None and len(names) > 1:
            self._scores.ambiguous.append((name, "Its scores could be of several images of this name."))
        elif found is None and names:
            found = self._images.get(next(iter(names)))
        return found

    def _box(self, image: ForeignImage, category: str, column: str) -> Joint | None:
        """The joint of the box that a score belongs to."""
        joints = [box.joint for box in image.boxes if box.category == category]
        if not joints:
            joint = self._mapping.joint(category, image.side)
            joints = [box.joint for box in image.boxes if box.joint == joint]
        if len(joints) == 1 and column not in self._of_box.get((image.file_name, joints[0]), {}):
            return joints[0]
        if joints:
            reason = f"The score of {category!r} ({column}) could be of several boxes, or its box has one."
            self._scores.ambiguous.append((image.file_name, reason))
        return None

    def _loose(
        self, said: Mapping[str, Mapping[str, Mapping[str, str]]], name: str, side: Side | None
    ) -> tuple[LooseScores, ...]:
        return tuple(
            LooseScores(category, self._mapping.joint(category, side), self._all(scores))
            for category, scores in said.get(name, {}).items()
        )

    def _all(self, scores: Mapping[str, str]) -> dict[str, str]:
        return {name: scores.get(name, "") for name in self._mapping.columns}


def _read(path: Path) -> dict[str, dict[str, str]]:
    """Image -> key -> score that is not empty. Raises KnuckleError."""
    text = read_text(path, MOST_BYTES)
    try:
        said = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
        if not isinstance(said, dict):
            raise ValueError("it is no object with images in it")
        return {_plain(name): _scores_of(name, scores) for name, scores in said.items()}
    except FAULTS as error:
        raise unreadable(path, error) from error


def _scores_of(image: str, said: Any) -> dict[str, str]:
    if not isinstance(said, dict):
        raise ValueError(f"{image} is no object with scores in it")
    return {_plain(key): text for key, score in said.items() if (text := _text(key, score))}


def _text(key: str, score: Any) -> str:
    if score is None:
        return ""
    if isinstance(score, bool) or not isinstance(score, str | int | float):
        raise ValueError(f"the score {key} is neither a number nor text")
    text = _plain(str(score))
    if len(text) > LONGEST:
        raise ValueError(f"the score {key} has more than {LONGEST} letters")
    return text


def _plain(text: str) -> str:
    if not is_plain(text):
        raise ValueError("it has letters that cannot be written")
    return text


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    said = dict(pairs)
    if len(said) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is there twice")
    return said


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no score")
