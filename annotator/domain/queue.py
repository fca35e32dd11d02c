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
from annotator.domain.words import QT_TRANSLATE_NOOP, Translate, counted, finding_word, in_english

MOST_NAMED = 4
"""Joints that a sentence names; of more it says how many there are."""
WORTH_TELLING = 0.1
"""A finding is told as one that could be either from this probability of the less probable on."""
KEPT_BACK = QT_TRANSLATE_NOOP(
    "Queue", "Its place, and why, are told once this study shows you proposals of this image."
)


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

    def why(self, translate: Translate = in_english) -> str:
        missing = translate("Queue", "{n} joint missing"), translate("Queue", "{n} joints missing")
        flagged = translate("Queue", "{n} box flagged"), translate("Queue", "{n} boxes flagged")
        parts = [
            _with_names(self.missing, missing, translate),
            counted(self.flagged, *flagged) if self.flagged else "",
            self._could_be(translate),
        ]
        if self.lowest is not None:
            text = translate("Queue", "lowest confidence {lowest:.2f} ({joint})")
            parts.append(text.format(lowest=self.lowest, joint=_name(self.lowest_joint, translate)))
        return _sentence(parts, translate)

    def _could_be(self, translate: Translate) -> str:
        near = self.nearest
        if near is None or min(near.present, near.absent) < WORTH_TELLING:
            return ""
        return translate("Queue", "{finding} of {joint} present {present:.2f}, absent {absent:.2f}").format(
            finding=finding_word(near.finding, translate),
            joint=_name(near.joint, translate),
            present=near.present,
            absent=near.absent,
        )


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

    def why(self, translate: Translate = in_english) -> str:
        seen = (
            translate("Queue", "{n} joint seen by {version} only"),
            translate("Queue", "{n} joints seen by {version} only"),
        )
        return _sentence(
            [
                _with_names(self.findings, _kinds(translate)[DifferenceKind.FINDING], translate),
                _with_names(self.newer_only, seen, translate, version=self.newer),
                _with_names(self.older_only, seen, translate, version=self.older),
                _with_names(self.apart, _kinds(translate)[DifferenceKind.BOX], translate),
            ],
            translate,
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

    def why(self, translate: Translate = in_english) -> str:
        first = (
            translate("Queue", "{n} joint seen by the ankylosis detector only"),
            translate("Queue", "{n} joints seen by the ankylosis detector only"),
        )
        second = (
            translate("Queue", "{n} joint seen by the subluxation detector only"),
            translate("Queue", "{n} joints seen by the subluxation detector only"),
        )
        unnamed = (
            translate("Queue", "{n} box without a name seen by one only"),
            translate("Queue", "{n} boxes without a name seen by one only"),
        )
        over = translate("Queue", "{n} box over another"), translate("Queue", "{n} boxes over another")
        return _sentence(
            [
                _with_names(self.first_only, first, translate),
                _with_names(self.second_only, second, translate),
                counted(self.unnamed, *unnamed) if self.unnamed else "",
                counted(self.overlaps, *over) if self.overlaps else "",
            ],
            translate,
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

    def why(self, translate: Translate = in_english) -> str:
        kinds = _kinds(translate).items()
        return _sentence((_with_names(self._of(kind), told, translate) for kind, told in kinds), translate)

    def _of(self, kind: DifferenceKind) -> tuple[Joint | None, ...]:
        return tuple(one.joint for one in self.found if one.kind is kind)


Facts = Doubts | VersionSplit | DetectorSplit | ReaderSplit


def queue(
    facts: Iterable[tuple[Place, Facts]], hidden: Iterable[int] = (), translate: Translate = in_english
) -> tuple[QueueItem, ...]:
    """The largest score first; images that score the same stay in the order in which they come, and those
    that score nothing are left out.

    hidden: images whose proposals may not be shown yet. They follow in the order in which they come, whatever
    they score, so that neither their place nor their being there tells what the model thinks of them.
    """
    kept_back, scored, hidden_now = frozenset(hidden), [], []
    for place, one in facts:
        if place.image_id in kept_back:
            hidden_now.append(QueueItem(place, None, translate("Queue", KEPT_BACK)))
        elif (score := round(one.score, 6)) > 0:
            scored.append((score, place, one))
    scored.sort(key=lambda item: -item[0])
    return (*(QueueItem(place, score, one.why(translate)) for score, place, one in scored), *hidden_now)


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


def _kinds(translate: Translate) -> dict[DifferenceKind, tuple[str, str]]:
    """How a joint that differs is told, and how several are, in the order in which they are told."""
    return {
        DifferenceKind.FINDING: (
            translate("Queue", "{n} joint with another finding"),
            translate("Queue", "{n} joints with another finding"),
        ),
        DifferenceKind.MODEL_ONLY: (
            translate("Queue", "{n} joint seen by the model only"),
            translate("Queue", "{n} joints seen by the model only"),
        ),
        DifferenceKind.READER_ONLY: (
            translate("Queue", "{n} joint boxed by the reader only"),
            translate("Queue", "{n} joints boxed by the reader only"),
        ),
        DifferenceKind.NAME: (
            translate("Queue", "{n} joint named differently"),
            translate("Queue", "{n} joints named differently"),
        ),
        DifferenceKind.BOX: (
            translate("Queue", "{n} joint with boxes apart"),
            translate("Queue", "{n} joints with boxes apart"),
        ),
    }


def _with_names(
    joints: Sequence[Joint | None], told: tuple[str, str], translate: Translate, **values: str
) -> str:
    """ "2 joints missing (R-MP2, L-PIP3)", or "" of none. told: of one and of many."""
    if not joints:
        return ""
    named = [joint.name for joint in joints if joint is not None]
    shown = ", ".join(named[:MOST_NAMED]) + (", …" if len(named) > MOST_NAMED else "")
    words = counted(len(joints), *told, **values)
    return translate("Queue", "{words} ({joints})").format(words=words, joints=shown) if shown else words


def _name(joint: Joint | None, translate: Translate) -> str:
    return joint.name if joint is not None else translate("Queue", "a box without a name")


def _sentence(parts: Iterable[str], translate: Translate) -> str:
    told = translate("Queue", "; ").join(part for part in parts if part)
    return translate("Queue", "{reasons}.").format(reasons=f"{told[:1].upper()}{told[1:]}")
