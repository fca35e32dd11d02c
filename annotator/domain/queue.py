"""Which images should be read next: what is stored of each as a score and one sentence that says why.

Scores of one kind can be compared with each other, not with those of another kind.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from annotator.domain.annotations import ImageFacts
from annotator.domain.differences import Difference, DifferenceKind
from annotator.domain.findings import Finding
from annotator.domain.joints import Hands, Joint, expected_joints

MOST_NAMED = 4
"""Joints that a sentence names; of more it says how many there are."""
WORTH_TELLING = 0.1
"""A finding is told as one that could be either from this probability of the less probable on."""
KEPT_BACK = "Its place, and why, are told once this study shows you proposals of this image."


class QueueBy(StrEnum):
    LEAST_CERTAIN = "least-certain"
    VERSIONS = "versions"
    DETECTORS = "detectors"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Place:
    """Which image. reader: whose reading it is about, "" where it is about none."""

    image_id: int
    patient_code: str
    visit: int
    reader: str = ""


@dataclass(frozen=True, slots=True)
class QueueItem:
    """score: larger comes first; None, with a sentence that tells nothing, where the study does not show the
    proposals of this image yet: such items come last, in an order that tells nothing either."""

    place: Place
    score: float | None
    why: str


@dataclass(frozen=True, slots=True)
class Nearest:
    """The finding whose presence and absence are nearest to each other, each 0 to 1."""

    joint: Joint | None
    finding: Finding
    present: float
    absent: float


@dataclass(frozen=True, slots=True)
class Doubts:
    """Of the newest run. lowest: the least confidence of a box, 0 to 1, None without boxes. closeness: over
    all findings that were assessed, the sum of (1 - |present - absent| / (present + absent)) squared."""

    missing: tuple[Joint, ...] = ()
    flagged: int = 0
    lowest: float | None = None
    lowest_joint: Joint | None = None
    nearest: Nearest | None = None
    closeness: float = 0.0

    @property
    def score(self) -> float:
        """1 for each joint that is missing or flagged, up to 1 for each finding that could be either, up to 1
        for the least certain box."""
        unsure = 1 - self.lowest if self.lowest is not None else 0.0
        return len(self.missing) + self.flagged + self.closeness + unsure

    @property
    def why(self) -> str:
        parts = [_with_names(self.missing, "missing")] if self.missing else []
        if self.flagged:
            parts.append(f"{_count(self.flagged, 'box')} flagged")
        if self.nearest is not None and min(self.nearest.present, self.nearest.absent) >= WORTH_TELLING:
            near, where = self.nearest, _name(self.nearest.joint)
            parts.append(f"{near.finding} of {where} present {near.present:.2f}, absent {near.absent:.2f}")
        if self.lowest is not None:
            parts.append(f"lowest confidence {self.lowest:.2f} ({_name(self.lowest_joint)})")
        return _sentence(parts)


@dataclass(frozen=True, slots=True)
class VersionSplit:
    """The newest run and the newest one of another version. apart: joints whose boxes share less than
    `differences.BOX_DIFFERS`; apart_by: the sum of 1 - IoU over them."""

    newer: str
    older: str
    newer_only: tuple[Joint, ...] = ()
    older_only: tuple[Joint, ...] = ()
    findings: tuple[Joint, ...] = ()
    apart: tuple[Joint, ...] = ()
    apart_by: float = 0.0

    @property
    def score(self) -> float:
        return len(self.newer_only) + len(self.older_only) + len(self.findings) + self.apart_by

    @property
    def why(self) -> str:
        return _sentence(
            [
                _with_names(self.findings, "with another finding"),
                _with_names(self.newer_only, f"seen by {self.newer} only"),
                _with_names(self.older_only, f"seen by {self.older} only"),
                _with_names(self.apart, "with boxes apart"),
            ]
        )


@dataclass(frozen=True, slots=True)
class DetectorSplit:
    """Of the newest run. first_only: seen by the detector of ankylosis alone, where both judge the joint.
    unnamed: boxes without a name that one alone has seen. overlaps: joints with more than one box."""

    first_only: tuple[Joint, ...] = ()
    second_only: tuple[Joint, ...] = ()
    unnamed: int = 0
    overlaps: int = 0

    @property
    def score(self) -> float:
        return float(len(self.first_only) + len(self.second_only) + self.unnamed + self.overlaps)

    @property
    def why(self) -> str:
        return _sentence(
            [
                _with_names(self.first_only, "seen by the ankylosis detector only"),
                _with_names(self.second_only, "seen by the subluxation detector only"),
                f"{_count(self.unnamed, 'box')} without a name seen by one only" if self.unnamed else "",
                f"{_count(self.overlaps, 'box')} over another" if self.overlaps else "",
            ]
        )


@dataclass(frozen=True, slots=True)
class ReaderSplit:
    """Where a finished reading and the newest run differ; see `differences.differences`."""

    found: tuple[Difference, ...] = ()

    @property
    def score(self) -> float:
        """1 for each difference, 1 - IoU for boxes of one joint."""
        return sum(
            1 - one.iou if one.kind is DifferenceKind.BOX and one.iou is not None else 1 for one in self.found
        )

    @property
    def why(self) -> str:
        return _sentence([_with_names(self._of(kind), words) for kind, words in _KINDS.items()])

    def _of(self, kind: DifferenceKind) -> tuple[Joint | None, ...]:
        return tuple(one.joint for one in self.found if one.kind is kind)


_KINDS = {
    DifferenceKind.FINDING: "with another finding",
    DifferenceKind.MODEL_ONLY: "seen by the model only",
    DifferenceKind.READER_ONLY: "boxed by the reader only",
    DifferenceKind.NAME: "named differently",
    DifferenceKind.BOX: "with boxes apart",
}
Facts = Doubts | VersionSplit | DetectorSplit | ReaderSplit


def queue(facts: Iterable[tuple[Place, Facts]], hidden: Iterable[int] = ()) -> tuple[QueueItem, ...]:
    """The largest score first; images that score the same stay in the order in which they come, and those
    that score nothing are left out.

    hidden: images whose proposals may not be shown yet. They follow in the order in which they come, whatever
    they score, so that neither their place nor their being there tells what the model thinks of them.
    """
    kept_back, scored, hidden_now = frozenset(hidden), [], []
    for place, one in facts:
        if place.image_id in kept_back:
            hidden_now.append(QueueItem(place, None, KEPT_BACK))
        elif (score := round(one.score, 6)) > 0:
            scored.append((score, place, one))
    scored.sort(key=lambda item: -item[0])
    return (*(QueueItem(place, score, one.why) for score, place, one in scored), *hidden_now)


def named_now(
    joints: Sequence[Joint], hands: Hands, right_on_left: bool, now: ImageFacts
) -> tuple[Joint, ...]:
    """Joints of a run as they are called now that right and left may be known better; as `Run.named_for` has
    it. hands, right_on_left: what was known when it ran."""
    if hands is now.hands is Hands.BOTH:
        return tuple(joints if right_on_left == now.right_on_left else (joint.mirrored for joint in joints))
    expected = expected_joints(now.hands)
    if hands is not Hands.BOTH and not any(joint in expected for joint in joints):
        joints = [joint.mirrored for joint in joints]
    return tuple(joint for joint in joints if joint in expected)


def _with_names(joints: Sequence[Joint | None], words: str) -> str:
    """ "2 joints missing (R-MP2, L-PIP3)", or "" of none."""
    if not joints:
        return ""
    named = [joint.name for joint in joints if joint is not None]
    shown = ", ".join(named[:MOST_NAMED]) + (", …" if len(named) > MOST_NAMED else "")
    return f"{_count(len(joints), 'joint')} {words}" + (f" ({shown})" if shown else "")


def _count(number: int, word: str) -> str:
    many = f"{word}es" if word.endswith("x") else f"{word}s"
    return f"{number} {word if number == 1 else many}"


def _name(joint: Joint | None) -> str:
    return joint.name if joint is not None else "a box without a name"


def _sentence(parts: Iterable[str]) -> str:
    told = "; ".join(part for part in parts if part)
    return f"{told[:1].upper()}{told[1:]}."
