"""What is said of a proposal in words: how sure, who saw it, what was found, and why it wants a look."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QCoreApplication

from annotator.domain.findings import Finding
from annotator.domain.joint_names import NameStyle
from annotator.domain.proposals import Proposal, SeenBy
from annotator.ui.joint_words import finding_word
from annotator.ui.theme import FINDING_SIGNS, MISSING_SIGN, NORMAL_SIGN

KEPT = 256
"""Wordings of proposals: all of them are shown anew whenever one is decided on."""
FLAG_SIGN = "!"
"""Beside the confidence of a proposal that wants a look."""

_SEEN_BY = {
    SeenBy.BOTH: "seen by both detectors",
    SeenBy.FIRST: "seen by the ankylosis detector alone",
    SeenBy.SECOND: "seen by the subluxation detector alone",
}

_SEEN_BRIEFLY = {
    SeenBy.BOTH: "both detectors",
    SeenBy.FIRST: "ankylosis detector",
    SeenBy.SECOND: "subluxation detector",
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Proposal", text)


def sure(confidence: float, digits: int = 2) -> str:
    """Never rounded up to certainty: with two digits ".97", ".99" for 0.999, "1" for 1 alone."""
    if confidence >= 1:
        return "1"
    # 0.29 * 100 is a little less than 29 in floating point, and is 29 all the same.
    steps = 10**digits
    return f".{min(int(round(confidence * steps, 6)), steps - 1):0{digits}d}"


def found_signs(proposal: Proposal) -> str:
    """The signs of the proposed findings, or that of a normal joint; a question mark for a finding that the
    detector which judges it did not see."""
    signs = [FINDING_SIGNS[mark.finding] for mark in proposal.marks]
    signs += [f"{FINDING_SIGNS[finding]}?" for finding in proposal.not_assessed]
    return " ".join(signs) or NORMAL_SIGN


def found_words(proposal: Proposal) -> str:
    """The proposed findings in words, and what was not assessed."""
    words = [finding_word(mark.finding) for mark in proposal.marks]
    words += [_tr("{finding} not assessed").format(finding=finding_word(f)) for f in proposal.not_assessed]
    return ", ".join(words) or _tr("normal")


def seen_words(proposal: Proposal) -> str:
    if proposal.joint is not None and Finding.SUBLUXATION not in proposal.joint.findings:
        return (
            _tr("seen by the only detector that looks here")
            if proposal.seen_by is SeenBy.FIRST
            else _tr(_SEEN_BY[proposal.seen_by])
        )
    return _tr(_SEEN_BY[proposal.seen_by])


def seen_short(proposal: Proposal) -> str:
    """For a column: which of the two detectors saw the box, by the sign of what it judges."""
    alone = {SeenBy.FIRST: Finding.ANKYLOSIS, SeenBy.SECOND: Finding.SUBLUXATION}.get(proposal.seen_by)
    if alone is None:
        return _tr("both")
    enough = not proposal.not_assessed
    return FINDING_SIGNS[alone] if enough else _tr("{sign} alone").format(sign=FINDING_SIGNS[alone])


def _wants_look(proposal: Proposal) -> str:
    return f" {FLAG_SIGN}" if proposal.flags else ""


def tile_lines(proposal: Proposal) -> tuple[str, ...]:
    """For a tile, from long to short: the proposed findings, the confidence, a sign where it wants a look."""
    signs, flag = found_signs(proposal), _wants_look(proposal)
    found = "" if signs == NORMAL_SIGN else f"{signs} "
    short = f"{found}{sure(proposal.confidence)}{flag}"
    long = f"{found}{_proposed(proposal)}{flag}"
    middle = _tr("prop. {confidence}").format(confidence=sure(proposal.confidence))
    return long, f"{found}{middle}{flag}", short, short.replace(" ", "")


def rejected_lines() -> tuple[str, ...]:
    """For the tile of a joint whose proposal was rejected, and that has no box."""
    return f"{MISSING_SIGN} {_tr('rejected')}", f"{MISSING_SIGN} {_tr('rej.')}", MISSING_SIGN


def standing_lines(proposal: Proposal) -> tuple[str, ...]:
    """For the detail, from long to short: how sure the detectors are, and which of them saw the box."""
    proposed = _proposed(proposal)
    seen = seen_words(proposal), _tr(_SEEN_BRIEFLY[proposal.seen_by]), seen_short(proposal)
    return *(f"{proposed} · {words}" for words in seen), proposed


def _proposed(proposal: Proposal) -> str:
    return _tr("proposed {confidence}").format(confidence=sure(proposal.confidence))


def short_probabilities(proposal: Proposal) -> list[tuple[str, ...]]:
    """For each line of `probability_lines` its wordings from long to short."""
    return [
        (long, *_shorter(proposal, finding))
        for finding, long in zip(proposal.judged, probability_lines(proposal), strict=True)
    ]


def _shorter(proposal: Proposal, finding: Finding) -> tuple[str, ...]:
    sign = FINDING_SIGNS[finding]
    if finding in proposal.not_assessed:
        return (f"{sign} {_tr('not assessed')}",)
    said = proposal.of(finding)
    line = _tr("present {present:.2f}, absent {absent:.2f}").format(present=said.present, absent=said.absent)
    return f"{sign} {finding_word(finding)}: {line}", f"{sign} {line}"


def probability_lines(proposal: Proposal) -> list[str]:
    """For each finding that is judged here its probabilities, or that it was not assessed."""
    return [
        f"{FINDING_SIGNS[finding]} {finding_word(finding)}: {_tr('not assessed')}"
        if finding in proposal.not_assessed
        else _tr(
            "{sign} {finding}: present {present:.2f}, absent {absent:.2f}, background {nothing:.2f}"
        ).format(
            sign=FINDING_SIGNS[finding],
            finding=finding_word(finding),
            present=proposal.of(finding).present,
            absent=proposal.of(finding).absent,
            nothing=proposal.of(finding).background,
        )
        for finding in proposal.judged
    ]


def scan_word(scan: str) -> str:
    """The scan of a version, as it calls it itself, in words."""
    words = {"whole": _tr("one pass"), "windows": _tr("windows")}
    return words.get(scan, scan)


def named(proposal: Proposal, style: NameStyle) -> str:
    """The joint's name, or that it has none."""
    return style.full(proposal.joint) if proposal.joint is not None else _tr("no joint")


@lru_cache(KEPT)
def label(proposal: Proposal, style: NameStyle) -> str:
    """On the radiograph: name, findings that are proposed, confidence, and a sign where it wants a look."""
    signs = found_signs(proposal)
    parts = [named(proposal, style), "" if signs == NORMAL_SIGN else signs, sure(proposal.confidence)]
    return " ".join(part for part in parts if part) + (FLAG_SIGN if proposal.flags else "")


@lru_cache(KEPT)
def told(proposal: Proposal, style: NameStyle) -> str:
    """All of it, line by line, for a tool tip and for a screen reader."""
    head = _tr("{joint}: proposed {finding}, confidence {confidence:.3f}").format(
        joint=named(proposal, style), finding=found_words(proposal), confidence=proposal.confidence
    )
    reasons = [f"{FLAG_SIGN} {flag.reason}" for flag in proposal.flags]
    return "\n".join([head, seen_words(proposal), *probability_lines(proposal), *reasons])
