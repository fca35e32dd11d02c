"""One is counted as one, and lupdate finds what is made outside of the window and shown in it."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest

from annotator.domain.queue import QueueBy, queue
from annotator.domain.words import counted
from annotator.exchange.queue_table import csv_of
from annotator.exchange.report_page import page_of
from tests.command_line import ROOT
from tests.queue_samples import EVERY_FACT
from tests.report_samples import every_state, report

LUPDATE = "from PySide6.scripts.pyside_tool import lupdate; lupdate()"


def asked_for() -> set[tuple[str, str]]:
    """Context and English text of all that reports and queues say."""
    asked: set[tuple[str, str]] = set()

    def ask(context: str, text: str) -> str:
        asked.add((context, text))
        return text

    for one in (report(), every_state(), replace(report(), whole=False)):
        page_of(one, ask)
    csv_of(QueueBy.READER, queue(EVERY_FACT, hidden=[0], translate=ask), ask)
    return asked


def test_lupdate_finds_all_that_reports_and_queues_say(tmp_path: Path) -> None:
    out = tmp_path / "found.ts"
    files = [
        str(path) for room in ("domain", "exchange") for path in (ROOT / "annotator" / room).glob("*.py")
    ]
    run = subprocess.run(
        [sys.executable, "-c", LUPDATE, *files, "-ts", str(out)], capture_output=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    found = {
        (context.findtext("name"), message.findtext("source"))
        for context in ET.parse(out).getroot().iter("context")
        for message in context.iter("message")
    }
    asked = asked_for()
    assert {context for context, _ in asked} == {"Report", "Queue", "Joint"}
    assert not asked - found
    assert not {one for one in found if one[0] in ("Report", "Queue")} - asked, "never said"


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, "0 images of A"), (1, "1 image of A"), (2, "2 images of A"), (1200, "1,200 images of A")],
)
def test_one_is_said_as_one(number: int, told: str) -> None:
    assert counted(number, "{n} image of {name}", "{n} images of {name}", name="A") == told
