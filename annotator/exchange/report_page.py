"""A report as one page of HTML that needs nothing else: no script, no picture or style from elsewhere.

Its parts are kept apart as well, so that the same words and drawings can be painted on paper. Everything
that people typed is escaped. The same report gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from annotator import __version__
from annotator.domain.report import Report
from annotator.domain.words import Translate, in_english
from annotator.exchange.report_figure import figure
from annotator.exchange.report_words import ReportWords, Table
from annotator.exchange.whole import whole_file

_CSS = """
@page { size: A4; margin: 12mm; }
body { font: 13px/1.35 "Knuckle Sans", "Helvetica Neue", Arial, "Noto Sans CJK JP", sans-serif;
  color: #16191d; background: #fff; max-width: 60em; margin: 1.2em auto; padding: 0 1em; }
h1 { font-size: 20px; margin: 0 0 .2em; } h2 { font-size: 14px; margin: 1.1em 0 .3em; }
p { margin: .3em 0; } .mark { font-weight: bold; border: 2px solid #16191d; padding: .3em .6em; }
.small { font-size: 11px; color: #454c57; } table { border-collapse: collapse; }
th, td { border: 1px solid #9aa2ad; padding: 2px 6px; text-align: left; vertical-align: top; }
th { background: #eceff3; } td.number { text-align: right; }
.figures { display: flex; flex-wrap: wrap; gap: 6px; }
figure { margin: 0; flex: 1 1 45%; min-width: 320px; border: 1px solid #9aa2ad; }
figcaption { font-weight: bold; padding: 3px 6px; } svg { width: 100%; height: auto; display: block; }
@media print { body { font-size: 8.5pt; margin: 0; max-width: none; padding: 0; }
  figure { min-width: 40%; break-inside: avoid; } tr { break-inside: avoid; } }
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """caption: plain text. svg: a whole drawing."""

    caption: str
    svg: str


@dataclass(frozen=True, slots=True)
class ReportPage:
    """language: as HTML names it. title: plain text. head, tables: HTML between which the figures stand."""

    language: str
    title: str
    head: str
    figures: tuple[Figure, ...]
    tables: str

    @property
    def html(self) -> str:
        """The whole page."""
        figures = "".join(
            f"<figure><figcaption>{escape(one.caption)}</figcaption>{one.svg}</figure>\n"
            for one in self.figures
        )
        return (
            f'<!DOCTYPE html>\n<html lang="{escape(self.language)}">\n<head>\n<meta charset="utf-8">\n'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "style-src 'unsafe-inline'\">\n"
            f"<title>{escape(self.title)}</title>\n<style>{_CSS}</style>\n</head>\n<body>\n{self.head}"
            f'<div class="figures">\n{figures}</div>\n{self.tables}</body>\n</html>\n'
        )


def page_of(report: Report, translate: Translate = in_english) -> ReportPage:
    """The report in words and drawings."""
    words = ReportWords(report, translate)
    drawn = tuple(
        Figure(caption, figure(visit, f"{report.patient_code}, {caption}", translate))
        for visit in report.visits
        for caption in (words.caption(visit),)
    )
    return ReportPage(words.language, words.title, _head(words), drawn, _tables(words))


def write(out: Path, content: bytes) -> None:
    """A file that is not there yet. Raises KnuckleError, and nothing is left behind."""
    with whole_file(out) as part:
        part.write_bytes(content)


def _head(words: ReportWords) -> str:
    return (
        f"<h1>{escape(words.heading)}</h1>\n"
        f'<p class="mark">{escape(words.notice)}</p>\n'
        f"<p>{escape(words.written_by(__version__))}</p>\n"
    )


def _tables(words: ReportWords) -> str:
    parts = [
        f'<p class="small">{escape(words.legend)}</p>\n',
        _table(words.visits, numbers=True),
        _list(words.changes),
        _table(words.joints),
        _list(words.unjudged),
        _table(words.rule, numbers=True, width="40%"),
        _list(words.rule_notes),
    ]
    return "".join(parts)


def _list(lines: Iterable[str]) -> str:
    return "".join(f"<p>{escape(line)}</p>\n" for line in lines)


def _table(table: Table, *, numbers: bool = False, width: str = "100%") -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in table.headings)
    body = "".join(f"<tr>{''.join(_data(text, numbers) for text in row)}</tr>\n" for row in table.rows)
    return (
        f"<h2>{escape(table.title)}</h2>\n"
        f'<table width="{width}" cellspacing="0">\n<tr>{head}</tr>\n{body}</table>\n'
    )


def _data(text: str, numbers: bool) -> str:
    is_number = numbers and text.removesuffix(" ?").lstrip("+−-").isdigit()
    return (
        f'<td class="number" align="right">{escape(text)}</td>' if is_number else f"<td>{escape(text)}</td>"
    )
