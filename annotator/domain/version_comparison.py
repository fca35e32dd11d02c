"""Two versions of the detector on the same images: figures with intervals, and where they differ."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from annotator.domain.compared_images import ComparedImage, sight_of, truth_of
from annotator.domain.words import Translate, counted, in_english

FORMAT, VERSION = "knuckle-comparison", 1
"""Of what `python -m detector compare` writes."""

FEWEST = 5
"""Of fewer patients than this, drawing them again and again says nothing of other patients."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval; None where it is undefined."""

    value: float | None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of both versions on the same images. active: None where none was active. difference: new
    less active, with the interval of the difference, paired by patient."""

    name: str
    new: Estimate
    active: Estimate | None = None
    difference: Estimate = Estimate(None)

    @property
    def better(self) -> bool | None:
        """Whether the new version's is the better one; None where neither is, or that cannot be told."""
        if not self.difference.value:
            return None
        return (self.difference.value < 0) == (self.name in LESS_IS_BETTER)

    @property
    def apart(self) -> bool:
        """Whether the interval of the difference leaves out zero: more than chance."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and (low > 0 or high < 0)


FIGURES = (
    ("joints found", "", "rate"),
    ("false boxes an image", "", "false_boxes_an_image"),
    ("mean IoU", "", "mean_iou"),
    ("ankylosis: F", "ankylosis", "f"),
    ("ankylosis: sensitivity", "ankylosis", "recall"),
    ("ankylosis: specificity", "ankylosis", "specificity"),
    ("subluxation: F", "subluxation", "f"),
    ("subluxation: sensitivity", "subluxation", "recall"),
    ("subluxation: specificity", "subluxation", "specificity"),
)
"""Name, and the detector's names of finding ("" of detection) and score."""

LESS_IS_BETTER = frozenset({"false boxes an image"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions on the same images. part: which those are. images: where both differ, most first.

    patients: that were measured on. doubts: version, and why its figures may be worth less than they look, in
    the detector's words. after_proposals: labels of the release whose reader had seen proposals of the image.
    chosen_there: the new version's thresholds come from the images that it is measured on.
    """

    part: str
    new_name: str
    active_name: str
    figures: tuple[Figure, ...]
    images: tuple[ComparedImage, ...]
    patients: int = 0
    doubts: tuple[tuple[str, str], ...] = ()
    after_proposals: int = 0
    chosen_there: bool = False

    @classmethod
    def of(
        cls, said: Mapping[str, Any], *, after_proposals: int = 0, chosen_there: bool = False
    ) -> Comparison:
        """From what `python -m detector compare` wrote, of the new version and the active one or none.

        after_proposals, chosen_there: as in the class. Raises ValueError, KeyError or TypeError for anything
        else.
        """
        if (said["format"], said["version"]) != (FORMAT, VERSION):
            raise ValueError("another format")
        versions, patients = said["versions"], int(said["patients"])
        compared = len(versions) > 1
        images = [
            ComparedImage(one["file"], truth_of(one["truth"]), *map(sight_of, one["seen"]))
            for one in said["images"]
            if compared
        ]
        return cls(
            str(said["part"]),
            str(versions[0]["name"]),
            str(versions[1]["name"]) if compared else "",
            tuple(_figures(said, patients)),
            tuple(sorted((one for one in images if one.differing), key=lambda one: -one.differing)),
            patients,
            tuple((str(one["name"]), words) for one in versions for words in _doubts(one["training"])),
            after_proposals,
            chosen_there,
        )

    @classmethod
    def from_json(cls, text: str) -> Comparison:
        """Raises ValueError, KeyError or TypeError for what is none."""
        said = json.loads(text)
        figures = [
            Figure(
                one["name"],
                Estimate(**one["new"]),
                Estimate(**one["active"]) if one["active"] else None,
                Estimate(**one["difference"]),
            )
            for one in said["figures"]
        ]
        images = [ComparedImage.from_object(one) for one in said["images"]]
        doubts = tuple((name, words) for name, words in said["doubts"])
        lists = {"figures": tuple(figures), "images": tuple(images), "doubts": doubts}
        return cls(**{**said, **lists})

    def warnings(self, translate: Translate = in_english) -> tuple[str, ...]:
        """What makes the figures worth less than they look."""
        told = [f"{name}: {words}" for name, words in self.doubts]
        if self.chosen_there:
            told.append(
                translate(
                    "Training",
                    "The new version's thresholds were chosen on these same images, which favours it a "
                    "little: the release has too few folds to keep one apart.",
                )
            )
        if self.active_name and self.patients < FEWEST:
            one = translate("Training", "{n} patient is too few to tell a difference from chance.")
            many = translate("Training", "{n} patients are too few to tell a difference from chance.")
            told.append(counted(self.patients, one, many))
        if self.after_proposals:
            one = translate(
                "Training",
                "{n} label of the release was made by a reader who saw what a version proposed. A box that "
                "was taken over as it is makes that version look better than it is.",
            )
            many = translate(
                "Training",
                "{n} labels of the release were made by readers who saw what a version proposed. Boxes that "
                "were taken over as they are make that version look better than it is.",
            )
            told.append(counted(self.after_proposals, one, many))
        return tuple(told)

    def to_json(self) -> str:
        return json.dumps(dataclasses.asdict(self), indent=1)


def _figures(said: Mapping[str, Any], patients: int) -> Sequence[Figure]:
    differences = {(one["finding"], one["score"]): one["difference"] for one in said["differences"]}
    figures = []
    for name, finding, score in FIGURES:
        new, *others = (_estimate(one["evaluation"], finding, score) for one in said["versions"])
        apart = differences.get((finding, score))
        difference = Estimate(None) if apart is None else Estimate(apart["value"])
        if apart is not None and patients >= FEWEST:
            difference = Estimate(apart["value"], apart["low"], apart["high"])
        figures.append(Figure(name, new, others[0] if others else None, difference))
    return figures


def _estimate(evaluation: Mapping[str, Any], finding: str, score: str) -> Estimate:
    of = evaluation["findings"][finding] if finding else evaluation["detection"]["ensemble"]
    said = of["intervals"].get(score)
    return Estimate(None) if said is None else Estimate(said["value"], said["low"], said["high"])


def _doubts(training: Mapping[str, str]) -> list[str]:
    """Of a version that was trained on patients it is measured on, or that does not say."""
    said = training.get("WARNING") or training.get("Training data", "")
    return [] if said.endswith("none of these patients.") else [said]
