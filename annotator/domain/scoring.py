"""What special findings contribute to the modified total Sharp score, by a table one can read.

It is a contribution, not the score: erosions and narrowed joint spaces without a special finding, wrists and
feet are not in it. Whoever shows a number of this module shows NOTICE beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from annotator.domain.annotations import JointAnnotation, Reading
from annotator.domain.findings import Certainty, Finding
from annotator.domain.joints import JOINTS, Joint
from annotator.domain.words import QT_TRANSLATE_NOOP

NOTICE = QT_TRANSLATE_NOOP("Report", "special findings only, not an mTSS")


@dataclass(frozen=True, slots=True)
class Points:
    """Points of erosion and of joint space narrowing (JSN); a difference of two may be negative."""

    erosion: int = 0
    jsn: int = 0

    @property
    def total(self) -> int:
        return self.erosion + self.jsn

    def __add__(self, other: Points) -> Points:
        return Points(self.erosion + other.erosion, self.jsn + other.jsn)

    def __sub__(self, other: Points) -> Points:
        return Points(self.erosion - other.erosion, self.jsn - other.jsn)

    def larger(self, other: Points) -> Points:
        """The larger of each of the two counts."""
        return Points(max(self.erosion, other.erosion), max(self.jsn, other.jsn))


@dataclass(frozen=True, slots=True)
class Rule:
    """What one finding of a joint counts."""

    finding: Finding
    erosion: int
    jsn: int

    @property
    def points(self) -> Points:
        return Points(self.erosion, self.jsn)


@dataclass(frozen=True, slots=True)
class RuleTable:
    """One row a finding, and what has no JSN. A changed number needs another version.

    without_jsn: the kinds of joint (IP, PIP, MP) whose joint space is not scored. Raises ValueError for a
    finding without a row or with two, and for negative points.
    """

    name: str
    version: str
    source: str
    rules: tuple[Rule, ...]
    without_jsn: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if sorted(rule.finding for rule in self.rules) != sorted(Finding):
            raise ValueError(f"not one row for each finding: {self.rules}")
        if any(rule.erosion < 0 or rule.jsn < 0 for rule in self.rules):
            raise ValueError(f"negative points: {self.rules}")

    def points(self, finding: Finding) -> Points:
        """What the finding counts on a joint whose joint space is scored."""
        return next(rule.points for rule in self.rules if rule.finding is finding)

    def lines(self) -> tuple[str, ...]:
        """The table in words, one line a row, then what has no JSN."""
        rows = [f"{rule.finding}: erosion {rule.erosion}, JSN {rule.jsn}" for rule in self.rules]
        return (*rows, *(f"{kind}: no JSN" for kind in self.without_jsn))


PAPER = RuleTable(
    name=QT_TRANSLATE_NOOP("Report", "special findings"),
    version="1",
    source=QT_TRANSLATE_NOOP(
        "Report", "Izumi et al. 2024, Introduction (doi 10.1038/s41598-024-58242-0): wrists and fingers"
    ),
    rules=(
        Rule(Finding.ANKYLOSIS, erosion=5, jsn=4),
        Rule(Finding.SUBLUXATION, erosion=0, jsn=3),
        Rule(Finding.DISLOCATION, erosion=0, jsn=4),
    ),
    without_jsn=("IP",),
)
"""The paper's points. That the thumb IP has no JSN, and that of two findings the larger count stands, is how
the score is read (van der Heijde 2000); the paper does not spell it out."""


@dataclass(frozen=True, slots=True)
class JointScore:
    """What one judged joint contributes. probable: it rests on a mark that its reader calls probable."""

    joint: Joint
    points: Points
    probable: bool = False


@dataclass(frozen=True, slots=True)
class ReadingScore:
    """What a reading contributes: its judged joints in the order of JOINTS, and those that say nothing.

    unjudged: expected, and neither confirmed nor assessable, so that the total may be too low by them.
    """

    table: RuleTable
    joints: tuple[JointScore, ...]
    unjudged: tuple[Joint, ...] = ()

    @property
    def points(self) -> Points:
        return total(score.points for score in self.joints)

    @property
    def probable(self) -> tuple[Joint, ...]:
        return tuple(score.joint for score in self.joints if score.probable)

    def of(self, joint: Joint) -> JointScore | None:
        """None where the joint was not judged."""
        return next((score for score in self.joints if score.joint == joint), None)


@dataclass(frozen=True, slots=True)
class JointChange:
    joint: Joint
    before: Points
    after: Points

    @property
    def points(self) -> Points:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class ScoreChange:
    """From one visit to a later one, over the joints that were judged at both.

    left_out: judged at one visit only, which is no change.
    """

    table: RuleTable
    joints: tuple[JointChange, ...]
    left_out: tuple[Joint, ...] = ()
    changed: tuple[JointChange, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "changed", tuple(c for c in self.joints if c.before != c.after))

    @property
    def points(self) -> Points:
        return total(change.points for change in self.joints)


def total(points: Iterable[Points]) -> Points:
    return sum(points, Points())


def joint_points(joint: Joint, findings: Iterable[Finding], table: RuleTable = PAPER) -> Points:
    """What these findings of a joint count together: the larger of each count where there are several."""
    found = Points()
    for finding in findings:
        found = found.larger(table.points(finding))
    return Points(found.erosion, 0) if joint.kind in table.without_jsn else found


def joint_score(label: JointAnnotation, table: RuleTable = PAPER) -> JointScore | None:
    """None for a joint that is not confirmed or not assessable: it says nothing, which is not zero.

    A mark counts whether certain or probable.
    """
    if not label.confirmed or label.not_assessable is not None:
        return None
    points = joint_points(label.joint, (mark.finding for mark in label.marks), table)
    certain = (mark.finding for mark in label.marks if mark.certainty is Certainty.CERTAIN)
    return JointScore(label.joint, points, points != joint_points(label.joint, certain, table))


def reading_score(reading: Reading, table: RuleTable = PAPER) -> ReadingScore:
    """Over the joints that the image is expected to show; none where it is excluded."""
    scores = {joint: joint_score(reading.of(joint), table) for joint in reading.expected}
    judged = tuple(score for score in scores.values() if score is not None)
    return ReadingScore(table, judged, tuple(joint for joint, score in scores.items() if score is None))


def change(before: ReadingScore, after: ReadingScore) -> ScoreChange:
    """Raises ValueError for scores by two tables, which cannot be compared."""
    if before.table != after.table:
        raise ValueError(f"scored by two tables: {before.table.version} and {after.table.version}")
    pairs = [(joint, before.of(joint), after.of(joint)) for joint in JOINTS]
    return ScoreChange(
        before.table,
        tuple(JointChange(joint, a.points, b.points) for joint, a, b in pairs if a and b),
        tuple(joint for joint, a, b in pairs if (a is None) != (b is None)),
    )
