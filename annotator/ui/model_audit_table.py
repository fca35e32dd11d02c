"""The audit of a model as a table: on the screen, on the clipboard, in a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from annotator.domain.model_audit import Tally

NOTHING = "–"


def _tr(text: str) -> str:
    return QCoreApplication.translate("ModelAudit", text)


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Tallies of one bin, or of several, taken together. bin: as it is written.

    moved_iou_median: None also where several bins or versions have moved boxes, since a median cannot be
    told from medians.
    """

    bin: str
    accepted: int
    moved: int
    moved_iou_mean: float | None
    moved_iou_median: float | None
    relabelled: int
    rejected: int
    undecided: int

    @property
    def decided(self) -> int:
        return self.accepted + self.moved + self.relabelled + self.rejected

    @property
    def together(self) -> int:
        return self.decided + self.undecided

    @property
    def share_accepted(self) -> float | None:
        """As it was, of those that were decided on."""
        return self.accepted / self.decided if self.decided else None


def bin_word(low: float, high: float) -> str:
    """The last bin holds its upper edge too."""
    return f"[{_edge(low)}, {_edge(high)}{']' if high >= 1 else ')'}"


def bin_rows(tallies: Sequence[Tally]) -> list[AuditRow]:
    """One for each bin, versions taken together, from the least confidence to the greatest."""
    bins = sorted({(t.low, t.high) for t in tallies if t.low is not None and t.high is not None})
    return [
        together(bin_word(low, high), [t for t in tallies if (t.low, t.high) == (low, high)])
        for low, high in bins
    ]


def together(name: str, tallies: Sequence[Tally]) -> AuditRow:
    moved = [t for t in tallies if t.moved_iou_mean is not None]
    weight = sum(t.moved for t in moved)
    return AuditRow(
        name,
        sum(t.accepted for t in tallies),
        sum(t.moved for t in tallies),
        sum(t.moved * (t.moved_iou_mean or 0.0) for t in moved) / weight if weight else None,
        moved[0].moved_iou_median if len(moved) == 1 else None,
        sum(t.relabelled for t in tallies),
        sum(t.rejected for t in tallies),
        sum(t.undecided for t in tallies),
    )


def added_by_hand(tallies: Sequence[Tally]) -> int:
    return sum(t.added for t in tallies)


def headings() -> list[str]:
    return [
        _tr("Confidence"),
        _tr("Accepted"),
        _tr("Moved"),
        _tr("Mean IoU"),
        _tr("Median IoU"),
        _tr("Relabelled"),
        _tr("Rejected"),
        _tr("Undecided"),
        _tr("Together"),
        _tr("Accepted /\ndecided"),
    ]


def _flat_headings() -> list[str]:
    return [" ".join(heading.split()) for heading in headings()]


def heading_tips() -> list[str]:
    """What each column means, in a sentence, "" where its heading says it."""
    return [
        "",
        _tr("Accepted as proposed."),
        _tr("Accepted with another box."),
        _tr("Of the boxes that were moved, proposed against final."),
        _tr("Of the boxes that were moved. It cannot be told for several bins or versions together."),
        _tr("Another joint, another finding, or not assessable."),
        "",
        _tr("Seen and not decided on yet."),
        "",
        _tr("Share accepted as proposed, of all but the undecided."),
    ]


def table_rows(tallies: Sequence[Tally], *, percent: bool = True) -> list[list[str]]:
    """The bins, all of them together, and what readers added by hand, as texts. percent: else shares of 1."""
    proposals = [t for t in tallies if t.low is not None]
    every = (*bin_rows(proposals), together(_tr("all proposals"), proposals))
    rows = [_texts(row, percent=percent) for row in every]
    hand = [_tr("added by hand"), *[NOTHING] * 7, str(added_by_hand(tallies)), NOTHING]
    return [*rows, hand]


def as_tabs(rows: Sequence[Sequence[str]]) -> str:
    """For the clipboard: a spreadsheet takes it as a table."""
    return "\n".join("\t".join(row) for row in (_flat_headings(), *rows))


def as_csv(study_name: str, version_name: str, tallies: Sequence[Tally]) -> str:
    """Above the headings, a line that says what this is, and what it is not for."""
    made = io.StringIO()
    writer = csv.writer(made)
    writer.writerow(
        [
            _tr("Research use only, not for diagnosis."),
            _tr("Study: {name}").format(name=study_name),
            _tr("Version: {name}").format(name=version_name),
        ]
    )
    writer.writerow(_flat_headings())
    rows = table_rows(tallies, percent=False)
    writer.writerows([["" if text == NOTHING else text for text in row] for row in rows])
    return made.getvalue()


def _texts(row: AuditRow, *, percent: bool) -> list[str]:
    share = row.share_accepted
    told = NOTHING if share is None else f"{100 * share:.1f} %" if percent else f"{share:.4f}"
    return [
        row.bin,
        str(row.accepted),
        str(row.moved),
        _iou(row.moved_iou_mean),
        _iou(row.moved_iou_median),
        str(row.relabelled),
        str(row.rejected),
        str(row.undecided),
        str(row.together),
        told,
    ]


def _iou(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.3f}"


def _edge(value: float) -> str:
    return f"{value:.2f}".removeprefix("0") if 0 < value < 1 else f"{value:g}"
