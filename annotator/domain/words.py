"""Words of what a window shows and a command line prints: English, unless whoever shows them translates.

What makes a sentence takes a `Translate`, and gives it each text whole, before {names} are filled in. Where
that is called `translate`, and both of its texts are spelled out, lupdate finds them.
"""

from __future__ import annotations

from collections.abc import Callable

from annotator.domain.findings import Finding, NotAssessable

Translate = Callable[[str, str], str]
"""(context, English text) -> the text in the language of whoever reads it, as QCoreApplication.translate."""


def in_english(_context: str, text: str) -> str:
    """As it is."""
    return text


QT_TRANSLATE_NOOP = in_english
"""Marks a text that is translated elsewhere, by the name that lupdate looks for."""


def counted(number: int, one: str, many: str, **values: object) -> str:
    """The text for one or for many, both translated already, with {n} and what else they name filled in."""
    return (one if number == 1 else many).format(n=f"{number:,}", **values)


def finding_word(finding: Finding, translate: Translate = in_english) -> str:
    return {
        Finding.ANKYLOSIS: translate("Joint", "ankylosis"),
        Finding.SUBLUXATION: translate("Joint", "subluxation"),
        Finding.DISLOCATION: translate("Joint", "dislocation"),
    }[finding]


def reason_word(reason: NotAssessable, translate: Translate = in_english) -> str:
    return {
        NotAssessable.CROPPED: translate("Joint", "cropped"),
        NotAssessable.AMPUTATED: translate("Joint", "amputated"),
        NotAssessable.IMPLANT: translate("Joint", "implant"),
        NotAssessable.OVERLAP: translate("Joint", "overlap"),
        NotAssessable.NOT_VISIBLE: translate("Joint", "not visible"),
    }[reason]
