"""What is said of a joint in words, long and short, and the order in which the joints of a hand are seen."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from PySide6.QtCore import QCoreApplication

from annotator.domain.annotations import ImageFacts, JointAnnotation
from annotator.domain.findings import Certainty, Finding, Mark, NotAssessable
from annotator.domain.geometry import Box
from annotator.domain.joints import Hands, Joint, Row, Side
from annotator.ui.theme import (
    DARK,
    FINDING_SIGNS,
    MISSING_SIGN,
    NORMAL_SIGN,
    NOT_ASSESSABLE_SIGN,
    Theme,
    finding_sign,
)

_FINDINGS = {
    Finding.ANKYLOSIS: ("ankylosis", "ankyl.", "A"),
    Finding.SUBLUXATION: ("subluxation", "sublux.", "S"),
    Finding.DISLOCATION: ("dislocation", "disloc.", "D"),
}
_REASONS = {
    NotAssessable.CROPPED: "cropped",
    NotAssessable.AMPUTATED: "amputated",
    NotAssessable.IMPLANT: "implant",
    NotAssessable.OVERLAP: "overlap",
    NotAssessable.NOT_VISIBLE: "not visible",
}
_PLACES = ("R on the left", "R at the top", "R on the right", "R at the bottom")
"""Where a hand on the left is seen after so many clockwise quarter turns."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Joint", text)


def finding_word(finding: Finding) -> str:
    return _tr(_FINDINGS[finding][0])


def reason_word(reason: NotAssessable) -> str:
    return _tr(_REASONS[reason])


def state_lines(annotation: JointAnnotation) -> tuple[str, ...]:
    """The state of a joint with its sign, in wordings from long to short, for places of different width."""
    if annotation.not_assessable is not None:
        word = reason_word(annotation.not_assessable)
        return f"{NOT_ASSESSABLE_SIGN} {word}", NOT_ASSESSABLE_SIGN
    if annotation.marks:
        lines = [" ".join(_mark(mark, length) for mark in annotation.marks) for length in range(3)]
        return tuple(dict.fromkeys([*lines, lines[-1].replace(" ", "")]))
    if annotation.confirmed:
        return f"{NORMAL_SIGN} {_tr('normal')}", NORMAL_SIGN
    if annotation.box is None:
        return (_tr("missing"), MISSING_SIGN)
    return tuple(f"{MISSING_SIGN} {_tr(word)}" for word in ("not yet read", "not read", "open"))


def _mark(mark: Mark, length: int) -> str:
    word = _FINDINGS[mark.finding][length]
    doubt = "?" if mark.certainty is Certainty.PROBABLE else ""
    return f"{FINDING_SIGNS[mark.finding]} {word if length == 2 else _tr(word)}{doubt}"


def state_colour(annotation: JointAnnotation, theme: Theme = DARK) -> str:
    return finding_sign(annotation, theme)[1]


def in_words(annotation: JointAnnotation) -> str:
    """The state of a joint for a tool tip and for a screen reader."""
    if annotation.marks:
        text = ", ".join(
            finding_word(m.finding) + (_tr(" (probable)") if m.certainty is Certainty.PROBABLE else "")
            for m in annotation.marks
        )
    elif annotation.not_assessable is not None:
        text = _tr("not assessable: ") + reason_word(annotation.not_assessable)
    elif annotation.confirmed:
        text = _tr("normal")
    else:
        text = _tr("not yet read") if annotation.box else _tr("no box yet")
    if annotation.marks and not annotation.confirmed:
        text += _tr(", not confirmed yet")
    return text


def sides_seen(facts: ImageFacts, mirrored: bool) -> tuple[Side, ...]:
    """The expected hands from left to right as they are seen."""
    sides = facts.hands.sides
    turned = facts.hands is Hands.BOTH and facts.right_on_left == mirrored
    return tuple(reversed(sides)) if turned else sides


def sides_words(facts: ImageFacts, mirrored: bool, quarter_turns: int = 0) -> str:
    """Which hand is shown, or where the right one is seen. mirrored, quarter_turns: as in ViewState."""
    if facts.hands is not Hands.BOTH:
        return _tr("right hand only") if facts.hands is Hands.RIGHT else _tr("left hand only")
    place = (0 if facts.right_on_left != mirrored else 2) + quarter_turns
    where = _tr(_PLACES[place % len(_PLACES)])
    return where if facts.side_confirmed else _tr("{where} (assumed)").format(where=where)


def digits_seen(side: Side, facts: ImageFacts, boxes: Mapping[Joint, Box], mirrored: bool) -> tuple[int, ...]:
    """The digits of a hand from left to right as they are seen.

    With two hands the thumbs are in the middle. With one hand the boxes tell where the thumb is; without
    them it is where it would be among two.
    """
    rising = (1, 2, 3, 4, 5)
    thumb_left = (side is Side.RIGHT) != facts.right_on_left
    if facts.hands is not Hands.BOTH:
        slope = _slope(side, boxes)
        thumb_left = thumb_left if slope == 0 else slope > 0
    return rising if thumb_left != mirrored else tuple(reversed(rising))


def _slope(side: Side, boxes: Mapping[Joint, Box]) -> float:
    """Positive where the digits rise from left to right on the image, by every pair of boxes of one row."""
    return sum(
        (a.digit - b.digit) * (boxes[a].centre[0] - boxes[b].centre[0])
        for row in Row
        for a, b in product([j for j in boxes if j.side is side and j.row is row], repeat=2)
    )
