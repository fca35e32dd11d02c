"""What is made outside of the window and shown in it speaks the language of the window."""

from __future__ import annotations

import re
from pathlib import Path

from pytestqt.qtbot import QtBot

from annotator import __version__
from annotator.ui.queue_dialog import WHY, QueueDialog
from annotator.ui.report_dialog import ReportDialog
from tests.journeys.dialogs_driver import asked
from tests.journeys.review_driver import BY_HAND
from tests.journeys.window_driver import PATIENCE_MS, reader_at
from tests.languages import shout, spoken


def test_a_report_and_a_queue_in_the_language_of_the_window(
    proposed_data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    with spoken(shout), reader_at(proposed_data, qtbot, settings=BY_HAND) as reader:
        reader.key("Return")
        report = asked(reader, "Ctrl+P", ReportDialog)
        qtbot.waitUntil(report.html_button.isEnabled, timeout=PATIENCE_MS)
        report.save_html(tmp_path / "a.html")
        html = (tmp_path / "a.html").read_text("utf-8")
        assert '<html lang="EN">' in html
        body = re.sub("<[^>]*>", " ", html[html.index("<body>") :])
        assert "READ BY Dr. A." in body
        assert "IN PROGRESS, NOT SIGNED" in body
        for name in ("Dr. A", __version__, "&nbsp;"):
            body = body.replace(name, "")
        assert not re.search("[a-z]", body)
        report.close()
        reader.window.activateWindow()  # which a screen does when a dialog closes
        qtbot.waitUntil(reader.window.isActiveWindow, timeout=PATIENCE_MS)
        queue = asked(reader, "Ctrl+Shift+N", QueueDialog)
        qtbot.waitUntil(lambda: queue.model.rowCount() > 0, timeout=PATIENCE_MS)
        why = queue.model.text(0, WHY)
        assert re.search(r"LOWEST CONFIDENCE [01]\.\d\d \([RL]-(IP|PIP|MP)\d\)\.$", why)
        assert queue.why.text() == why
        queue.save(tmp_path / "a.csv")
        table = (tmp_path / "a.csv").read_text("utf-8-sig")
        assert table.startswith("place,patient_code,")
        assert why in table
        assert "RESEARCH USE ONLY, NOT FOR DIAGNOSIS." in table
        queue.close()
