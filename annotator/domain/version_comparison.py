"""Two versions of the detector on the same images: figures with intervals, and where they differ."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotator.domain.words import counted


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; None where it is undefined."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of both versions on the same images. active: None where none was active."""

    name: str
    new: Estimate
    active: Estimate | None = None

    @property
    def difference(self) -> float | None:
        """New less active."""
        there = None if self.active is None else self.active.value
        return None if there is None or self.new.value is None else self.new.value - there

    @property
    def better(self) -> bool | None:
        """Whether the new version's is the better one; None where neither is, or that cannot be told."""
        if not self.difference:
            return None
        return (self.difference < 0) == (self.name in LESS_IS_BETTER)

    @property
    def apart(self) -> bool:
        """Whether the two intervals do not overlap: a difference that is more than chance."""
        if self.active is None:
            return False
        ends = (self.new.low, self.new.high, self.active.low, self.active.high)
        if any(end is None for end in ends):
            return False
        low, high, other_low, other_high = (float(end or 0) for end in ends)
        return low > other_high or high < other_low


FIGURES = (
    ("joints found", ("detection", "ensemble"), "rate"),
    ("false boxes an image", ("detection", "ensemble"), "false_boxes_an_image"),
    ("mean IoU", ("detection", "ensemble"), "mean_iou"),
    ("ankylosis: F", ("findings", "ankylosis"), "f"),
    ("ankylosis: sensitivity", ("findings", "ankylosis"), "recall"),
    ("ankylosis: specificity", ("findings", "ankylosis"), "specificity"),
    ("subluxation: F", ("findings", "subluxation"), "f"),
    ("subluxation: sensitivity", ("findings", "subluxation"), "recall"),
    ("subluxation: specificity", ("findings", "subluxation"), "specificity"),
)
"""Name, and where it stands in an evaluation of the detector's report."""

AGREED = (
    "{n} label of the release was made by a reader who saw what a version proposed. A box that was taken over"
    " as it is makes that version look better than it is."
)
AGREED_MANY = (
    "{n} labels of the release were made by readers who saw what a version proposed. Boxes that were taken"
    " over as they are make that version look better than it is."
)
LESS_IS_BETTER = frozenset({"false boxes an image"})


@dataclass(frozen=True, slots=True)
class ImageMistakes:
    """What either version gets wrong on an image, and the other does not. together: wrong in both."""

    file: str
    new: tuple[str, ...]
    active: tuple[str, ...]
    together: int

    @property
    def differing(self) -> int:
        return len(self.new) + len(self.active)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions on the same images. part: which those are. images: where both differ, most first.

    warnings: of versions that were trained on patients they are measured on, or do not say.
    """

    part: str
    new_name: str
    active_name: str
    figures: tuple[Figure, ...]
    images: tuple[ImageMistakes, ...]
    warnings: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, new: Mapping[str, Any], active: Mapping[str, Any] | None, *, after_proposals: int = 0
    ) -> Comparison:
        """From two reports of `python -m detector evaluate --json`; active: None where no version was.
        after_proposals: labels of the release whose reader had seen proposals of the image.

        Raises ValueError, KeyError or TypeError for what are none, or reports of different images.
        """
        measured = new["facts"]["Measured on"]
        if active is not None and active["facts"]["Measured on"] != measured:
            raise ValueError("the two versions were measured on different images")
        here, there = _evaluation(new), None if active is None else _evaluation(active)
        figures = tuple(
            Figure(name, _estimate(here, path, key), None if there is None else _estimate(there, path, key))
            for name, path, key in FIGURES
        )
        wrong, before = _mistakes(here), {} if there is None else _mistakes(there)
        files = sorted({*wrong, *before}) if there is not None else ()
        images = [_apart(file, wrong.get(file, Counter()), before.get(file, Counter())) for file in files]
        reports = [new] if active is None else [new, active]
        warned = [f"{one['about']['version']}: {words}" for one in reports for words in _warnings(one)]
        if after_proposals:
            warned.append(counted(after_proposals, AGREED, AGREED_MANY))
        return cls(
            str(measured),
            str(new["about"]["version"]),
            "" if active is None else str(active["about"]["version"]),
            figures,
            tuple(sorted((one for one in images if one.differing), key=lambda one: -one.differing)),
            tuple(warned),
        )

    @classmethod
    def from_json(cls, text: str) -> Comparison:
        """Raises ValueError, KeyError or TypeError for what is none."""
        said = json.loads(text)
        figures = [
            Figure(one["name"], Estimate(**one["new"]), Estimate(**one["active"]) if one["active"] else None)
            for one in said["figures"]
        ]
        images = [
            ImageMistakes(one["file"], tuple(one["new"]), tuple(one["active"]), one["together"])
            for one in said["images"]
        ]
        lists = {"figures": tuple(figures), "images": tuple(images), "warnings": tuple(said["warnings"])}
        return cls(**{**said, **lists})

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=1)


def _evaluation(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of the one scan that was run."""
    (evaluation,) = report["evaluations"].values()
    return dict(evaluation)


def _estimate(evaluation: Mapping[str, Any], path: Sequence[str], key: str) -> Estimate:
    said = evaluation[path[0]][path[1]]["intervals"].get(key)
    return Estimate(None) if said is None else Estimate(said["value"], said["low"], said["high"])


def _mistakes(evaluation: Mapping[str, Any]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for case in evaluation["cases"]:
        words = (case["joint"], case["finding"], case["kind"])
        found.setdefault(case["file"], Counter())[" ".join(word for word in words if word)] += 1
    return found


def _apart(file: str, new: Counter[str], active: Counter[str]) -> ImageMistakes:
    def told(mistakes: Iterable[str]) -> tuple[str, ...]:
        return tuple(sorted(mistakes))

    both = (new & active).total()
    return ImageMistakes(file, told((new - active).elements()), told((active - new).elements()), both)


def _warnings(report: Mapping[str, Any]) -> list[str]:
    facts = report["facts"]
    said = facts.get("WARNING") or facts.get("Training data", "")
    return [] if said.endswith("none of these patients.") else [said]
