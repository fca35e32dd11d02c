"""Which labels of a study leave it: what a policy chooses of the readings, and what it leaves out and why.

A reading counts where its image is not excluded by it, and a joint of it where it is confirmed or not
assessable. What is not chosen of a joint's findings (another finding, a probable one, one that readers are
divided on) is unsaid: the box stays, for it was agreed that a joint is there, and nothing is said of that
finding. A joint that may not leave at all is left out with its box, which is kept as a place to be ignored
(see `unsaid`).

**Majority**, over signed readings, is more than half. One reader alone is a majority of one, and is counted
as such. First the sides: readings of a reader who names the hands otherwise than most cannot be compared
joint by joint, and do not vote. Then each joint: assessable or not; then, of those who say it is, each
finding, where subluxation, dislocation and neither are three answers to one question (two when merged). Its
certainty is probable unless more than half of those who see the finding are certain of it. The box is the
median, edge by edge, of the boxes of those who agree on whether the joint is assessable. Where no answer has
more than half, readers are divided, and nothing is said.

**Merged**: a subluxation stands for either displacement, and dislocation is unsaid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from annotator.domain.annotations import JointAnnotation, Reading
from annotator.domain.export_policy import DISPLACED, MAJORITY, Policy, Whose
from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.geometry import Box, median_box
from annotator.domain.images import Image
from annotator.domain.joints import Hands, Joint
from annotator.domain.revealing import Reveal, Seen, seen
from annotator.domain.unsaid import unsaid

T = TypeVar("T")
QUESTIONS = ((Finding.ANKYLOSIS,), DISPLACED)


class Reason(StrEnum):
    """Why something is left out."""

    UNREAD = "not read"
    UNSIGNED = "not signed"
    EXCLUDED = "excluded by the reader"
    SIDES = "readers name the hands differently"
    EMPTY = "no label is left"
    UNCONFIRMED = "not confirmed"
    NOT_ASSESSABLE = "not assessable"
    UNCERTAIN = "only probable"
    SEEN = "the model was seen before"
    DIVIDED = "readers are divided"
    NOT_CHOSEN = "not one of the findings that are chosen"
    NO_BOX = "there is no box"
    FILE = "the file is missing or has changed"


@dataclass(frozen=True, slots=True)
class ReadBy:
    """A reading and its reader's name. reveal: when they first saw proposals of this image. position: of the
    audit row that last changed it, written at changed_at (UTC, aware)."""

    reading: Reading
    reader: str
    reveal: Reveal | None = None
    position: int = 0
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImageReadings:
    """An image and all its readings. days: since the patient's first visit, None without a date."""

    image: Image
    readings: tuple[ReadBy, ...] = ()
    days: int | None = None


@dataclass(frozen=True, slots=True)
class ChosenLabel:
    """A label that leaves. unsaid: findings of which nothing is said. voters: how many readers it is of."""

    joint: Joint
    box: Box | None
    marks: tuple[Mark, ...]
    unsaid: frozenset[Finding]
    not_assessable: NotAssessable | None
    confirmed: bool
    reader: str
    seen: Seen
    voters: int = 1


@dataclass(frozen=True, slots=True)
class SelectedImage:
    """An image with the labels that leave. position, changed_at: of the last change of its readings. ignored,
    unmarked: as in `unsaid`, of joints whose box does not leave."""

    image: Image
    days: int | None
    right_on_left: bool
    labels: tuple[ChosenLabel, ...]
    position: int
    changed_at: datetime | None
    ignored: tuple[Box, ...] = ()
    unmarked: tuple[Joint, ...] = ()


@dataclass(frozen=True, slots=True)
class LeftOut:
    """joint None: the whole image, or this reader's whole reading of it. finding None: the whole joint."""

    image_id: int
    patient_code: str
    visit: int
    reason: Reason
    joint: Joint | None = None
    finding: Finding | None = None
    reader: str = ""

    @property
    def object(self) -> dict[str, object]:
        said: dict[str, object] = {"image": self.image_id, "patient": self.patient_code, "visit": self.visit}
        if self.joint is not None:
            said["joint"] = self.joint.name
        if self.finding is not None:
            said["finding"] = self.finding.value
        return {**said, **({"reader": self.reader} if self.reader else {}), "reason": self.reason.value}

    @property
    def line(self) -> str:
        """In words."""
        where = [f"{self.patient_code} visit {self.visit} image {self.image_id}"]
        where += [str(part) for part in (self.joint, self.finding, self.reader) if part]
        return f"{', '.join(where)}: {self.reason.value}"


@dataclass(frozen=True, slots=True)
class Counts:
    """joints: labels, one for each reader of a joint. alone: of a majority, those of one reader alone.
    ignored: places, which are told where there are any."""

    images: int
    patients: int
    joints: int
    positives: Mapping[Finding, int]
    alone: int
    ignored: int = 0

    @property
    def object(self) -> dict[str, object]:
        positives = {finding.value: self.positives[finding] for finding in self.positives}
        counts = {"images": self.images, "patients": self.patients, "joints": self.joints}
        ignored = {"ignored": self.ignored} if self.ignored else {}
        return {**counts, **ignored, "positives": positives, "majority_of_one": self.alone}


@dataclass(frozen=True, slots=True)
class Selected:
    """What a policy chooses, in the order of the images, and what it leaves out."""

    policy: Policy
    images: tuple[SelectedImage, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def counts(self) -> Counts:
        labels = [label for image in self.images for label in image.labels]
        found = Counter(mark.finding for label in labels for mark in label.marks)
        return Counts(
            len(self.images),
            len({image.image.patient_code for image in self.images}),
            len(labels),
            {finding: found[finding] for finding in Finding if finding in self.policy.judged},
            sum(label.voters == 1 for label in labels) if self.policy.whose is Whose.MAJORITY else 0,
            sum(len(image.ignored) for image in self.images),
        )

    @property
    def partly_marked(self) -> int:
        """How many images have joints without any box."""
        return sum(bool(image.unmarked) for image in self.images)

    @property
    def position(self) -> int:
        """Of the audit row that last changed anything in what was chosen; 0 where that is nothing."""
        return max((image.position for image in self.images), default=0)

    @property
    def changed_at(self) -> datetime | None:
        return max((one.changed_at for one in self.images if one.changed_at is not None), default=None)

    @property
    def reasons(self) -> dict[str, int]:
        """How often each reason was given, the commonest first."""
        return {
            reason.value: times for reason, times in Counter(o.reason for o in self.left_out).most_common()
        }


def select(readings: Iterable[ImageReadings], policy: Policy) -> Selected:
    """What may leave of these images. Images of which nothing may are left out."""
    images: list[SelectedImage] = []
    left_out: list[LeftOut] = []
    for of in readings:
        choice = _Choice(of, policy)
        if (chosen := choice.made()) is not None:
            images.append(chosen)
        left_out += choice.left_out
    return Selected(policy, tuple(images), tuple(left_out))


@dataclass(frozen=True, slots=True)
class _Vote:
    said: JointAnnotation
    reader: str
    seen: Seen


class _Choice:
    """What is chosen of one image; `left_out` grows meanwhile."""

    def __init__(self, of: ImageReadings, policy: Policy) -> None:
        self._of = of
        self._policy = policy
        self.left_out: list[LeftOut] = []

    def made(self) -> SelectedImage | None:
        heard = self._read()
        if self._policy.whose is Whose.MAJORITY:
            heard = self._comparable(heard)
        if not heard:
            return None
        labels = tuple(
            label for votes in self._votes(heard) if (label := self._label(votes[0].said.joint, votes))
        )
        if not labels:
            self._leave(Reason.EMPTY)
            return None
        size, marked = self._of.image.file, [(one.joint, one.box) for one in labels if one.box is not None]
        of_others = unsaid([one.reading for one in heard], marked, size.columns, size.rows)
        return SelectedImage(
            self._of.image,
            self._of.days,
            heard[0].reading.facts.right_on_left,
            labels,
            max(one.position for one in heard),
            max((one.changed_at for one in heard if one.changed_at is not None), default=None),
            of_others.ignored,
            of_others.unmarked,
        )

    def _leave(
        self, reason: Reason, joint: Joint | None = None, finding: Finding | None = None, reader: str = ""
    ) -> None:
        image = self._of.image
        self.left_out.append(
            LeftOut(image.id, image.patient_code, image.visit, reason, joint, finding, reader)
        )

    def _read(self) -> list[ReadBy]:
        """The readings that the policy names and that do not exclude the image."""
        policy, started = self._policy, [one for one in self._of.readings if one.reading.started]
        named = [one for one in started if _is_named(one, policy)]
        if not named:
            unsigned = bool(started) and policy.whose in (Whose.SIGNED, Whose.MAJORITY)
            self._leave(Reason.UNSIGNED if unsigned else Reason.UNREAD)
        excluding = [one for one in named if one.reading.facts.excluded]
        if policy.whose is Whose.MAJORITY and excluding and 2 * len(excluding) >= len(named):
            self._leave(Reason.DIVIDED if 2 * len(excluding) == len(named) else Reason.EXCLUDED)
            return []
        for one in excluding:
            self._leave(Reason.EXCLUDED, reader=one.reader)
        return [one for one in named if one not in excluding]

    def _comparable(self, heard: list[ReadBy]) -> list[ReadBy]:
        """Those that name the hands as most of them do."""
        if not heard:
            return []
        agreed = _most(heard, _sides)
        if agreed is None:
            self._leave(Reason.SIDES)
            return []
        for one in heard:
            if one not in agreed:
                self._leave(Reason.SIDES, reader=one.reader)
        return agreed

    def _votes(self, heard: list[ReadBy]) -> list[list[_Vote]]:
        """What is said of each joint: by one reader each, or by all of them where the majority is asked."""
        found: dict[tuple[Joint, str], list[_Vote]] = {}
        for one in heard:
            for joint in one.reading.expected:
                if (vote := self._vote(one, joint)) is not None:
                    whose = "" if self._policy.whose is Whose.MAJORITY else one.reader
                    found.setdefault((joint, whose), []).append(vote)
        return list(found.values())

    def _vote(self, one: ReadBy, joint: Joint) -> _Vote | None:
        said = one.reading.of(joint)
        if not said.done:
            if said.box is not None or said.marks:
                self._leave(Reason.UNCONFIRMED, joint, reader=one.reader)
            return None
        knew = seen(said, one.reveal)
        if knew is Seen.YES and not self._policy.seen:
            self._leave(Reason.SEEN, joint, reader=one.reader)
            return None
        return _Vote(said, one.reader, knew)

    def _label(self, joint: Joint, votes: list[_Vote]) -> ChosenLabel | None:
        agreed = _most(votes, lambda vote: vote.said.not_assessable is None)
        if agreed is None:
            self._leave(Reason.DIVIDED, joint)
            return None
        reasons = [vote.said.not_assessable for vote in agreed if vote.said.not_assessable is not None]
        if reasons and not self._policy.not_assessable:
            self._leave(Reason.NOT_ASSESSABLE, joint)
            return None
        marks, unsaid = ((), frozenset()) if reasons else self._findings(joint, agreed)
        return ChosenLabel(
            joint,
            median_box([vote.said.box for vote in agreed if vote.said.box is not None]),
            marks,
            unsaid,
            min(reasons, key=lambda one: (-reasons.count(one), one.value)) if reasons else None,
            all(vote.said.confirmed for vote in agreed),
            MAJORITY if self._policy.whose is Whose.MAJORITY else votes[0].reader,
            max((vote.seen for vote in agreed), key=list(Seen).index),
            len(agreed),
        )

    def _findings(self, joint: Joint, votes: list[_Vote]) -> tuple[tuple[Mark, ...], frozenset[Finding]]:
        marks: list[Mark] = []
        unsaid = set(joint.findings) - self._policy.judged
        for question in QUESTIONS:
            if not self._policy.asks(question) or question[0] not in joint.findings:
                continue
            answer = self._answer(question, votes)
            reason = self._refused(answer)
            if reason is not None:
                self._leave(reason, joint, question[0])
                unsaid |= set(question)
            elif isinstance(answer, Mark):
                marks.append(answer)
        return tuple(sorted(marks)), frozenset(unsaid)

    def _answer(self, question: Sequence[Finding], votes: list[_Vote]) -> Mark | Reason | None:
        """The finding of this question that most see; None: most see none."""
        seen_by = [next((m for m in vote.said.marks if m.finding in question), None) for vote in votes]

        def name(mark: Mark | None) -> Finding | None:
            return None if mark is None else question[0] if self._policy.merged else mark.finding

        agreed = _most(seen_by, name)
        if agreed is None:
            return Reason.DIVIDED
        if (finding := name(agreed[0])) is None:
            return None
        certain = sum(mark is not None and mark.certainty is Certainty.CERTAIN for mark in agreed)
        return Mark(finding, Certainty.CERTAIN if 2 * certain > len(agreed) else Certainty.PROBABLE)

    def _refused(self, answer: Mark | Reason | None) -> Reason | None:
        """Why nothing may be said of a question, where that is so."""
        if isinstance(answer, Reason):
            return answer
        if answer is None:
            return None
        if answer.finding not in self._policy.judged:
            return Reason.NOT_CHOSEN
        if answer.certainty is Certainty.PROBABLE and not self._policy.uncertain:
            return Reason.UNCERTAIN
        return None


def _is_named(one: ReadBy, policy: Policy) -> bool:
    if policy.whose is Whose.READER:
        return one.reader == policy.reader
    return one.reading.signed or policy.whose is Whose.ALL


def _most(of: list[T], answer: Callable[[T], object]) -> list[T] | None:
    """Those who give the answer that more than half give; None where there is no such answer."""
    given, times = Counter(map(answer, of)).most_common(1)[0]
    return [one for one in of if answer(one) == given] if 2 * times > len(of) else None


def _sides(one: ReadBy) -> tuple[Hands, bool]:
    facts = one.reading.facts
    return facts.hands, facts.right_on_left and facts.hands is Hands.BOTH
