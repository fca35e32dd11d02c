"""A table as a value, and as plain text or Markdown."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

HEAD_WIDTH = 18  # characters, for plain text
GAP = "  "


@dataclass(frozen=True)
class Row:
    """label: what stands before the cells. published: it is the paper's, not measured here."""

    label: str
    cells: tuple[str, ...]
    published: bool = False


@dataclass(frozen=True)
class Table:
    """name: "Table 1", or "". title: what it shows. head: above each cell. notes: sentences below it."""

    name: str
    title: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def caption(self) -> str:
        return f"{self.name}. {self.title}" if self.name else self.title


def plain(table: Table) -> str:
    """Columns of characters, numbers to the right, the paper's rows indented."""
    heads = [[""], *(wrapped(cell) or [""] for cell in table.head)]
    depth = max(len(lines) for lines in heads)
    lines = [[[""] * (depth - len(head)) + head for head in heads][column] for column in range(len(heads))]
    rows = [tuple(column[line] for column in lines) for line in range(depth)]
    rows += [(("  " if row.published else "") + row.label, *row.cells) for row in table.rows]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    text = [
        GAP.join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    rule = "-" * (sum(widths) + len(GAP) * (len(widths) - 1))
    notes = [textwrap.fill(note, max(70, len(rule))) for note in table.notes]
    return "\n".join([table.caption, *text[:depth], rule, *text[depth:], *notes])


def wrapped(cell: str) -> list[str]:
    """Lines of a head; a number stays with its sign."""
    return [line.replace("\u00a0", " ") for line in textwrap.wrap(cell.replace(" %", "\u00a0%"), HEAD_WIDTH)]


def markdown(table: Table) -> str:
    """A pipe table with its caption before and its notes after it; the paper's rows in italics."""
    head = "| | " + " | ".join(escaped(cell) for cell in table.head) + " |"
    rule = "| --- |" + " ---: |" * len(table.head)
    rows = []
    for row in table.rows:
        line = [escaped(cell) for cell in (row.label, *row.cells)]
        if row.published:
            line = [f"*{cell}*" for cell in line]
        rows.append("| " + " | ".join(line) + " |")
    notes = [f"\n{escaped(note)}" for note in table.notes]
    caption = f"**{table.name}.** {escaped(table.title)}" if table.name else escaped(table.title)
    return "\n".join([caption, "", head, rule, *rows, *notes])


def escaped(text: str) -> str:
    """No pipe of a cell ends it, and no sign in it means something to Markdown."""
    for sign in "\\|*_<`[":
        text = text.replace(sign, f"\\{sign}")
    return text
