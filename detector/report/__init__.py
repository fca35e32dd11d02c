"""Reports of what was measured: plain text for a terminal, and report.json, report.md and report.html."""

from __future__ import annotations

import json
from pathlib import Path

from detector.files import replace_text
from detector.report.comparisons import scans
from detector.report.gallery import Pixels
from detector.report.markdown import markdown_of
from detector.report.page import page
from detector.report.record import record
from detector.report.table import plain
from detector.report.tables import all_tables
from detector.report.values import Report
from detector.report.words import RESEARCH

__all__ = ["Report", "plain_text", "record", "write"]


def write(report: Report, folder: Path, pixels: Pixels) -> tuple[Path, ...]:
    """Writes report.json, report.md and report.html, each whole or not at all; the files.

    pixels: reads an image for the gallery. Raises OSError where the disk will not have it, and what pixels
    raises.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {
        "report.json": json.dumps(record(report), ensure_ascii=False, allow_nan=False, indent=1) + "\n",
        "report.md": markdown_of(report),
        "report.html": page(report, pixels),
    }
    for name, text in texts.items():
        replace_text(folder / name, text)
    return tuple(folder / name for name in texts)


def plain_text(report: Report) -> str:
    """The tables for a terminal."""
    blocks = [report.title, RESEARCH]
    blocks.append("\n".join(f"{name}: {said}" for name, said in report.facts.items()))
    for name, evaluation in report.evaluations.items():
        blocks.append(f"== Scan: {name} ==")
        blocks += [plain(table) for table in all_tables(evaluation)]
    if report.choice is not None:
        blocks += ["== Both scans ==", plain(scans(report.choice)), report.choice.sentence]
    return "\n\n".join(blocks) + "\n"
