"""A training has ended; whoever decides looks at the images on which the new version and the active one
differ, by keyboard alone, before anything is activated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from annotator.domain.errors import KnuckleError
from annotator.domain.training import TrainingPlan
from annotator.ui.compared_images_dialog import ComparedImagesDialog
from annotator.ui.radiograph_view import ShownBox
from annotator.ui.training_dialog import TrainingDialog
from annotator.workflow import detection
from annotator.workflow.training_folder import TrainingFolder
from detector.dataset import Release, read_release
from tests.compared_samples import MISSED, NO_JOINT, STIFF, make_compared
from tests.journeys.dialogs_driver import asked
from tests.journeys.review_driver import open_dialog
from tests.journeys.window_driver import PATIENCE_MS, Reader, press_key, reader_at
from tests.ui.canvas_driver import wheel


@pytest.fixture
def release(data: Path, tmp_path: Path) -> Release:
    """Of a training that has ended in the data folder."""
    comparison = make_compared(tmp_path)
    facts = detection.released(tmp_path / "release")
    training = TrainingFolder(data / "training" / "second")
    training.make(
        TrainingPlan("second", facts.folder, facts.sha256, "small", 1, active="/v", active_name="demo-1")
    )
    training.keep_comparison(comparison)
    return read_release(tmp_path / "release")


def looked_at(reader: Reader, training: TrainingDialog) -> ComparedImagesDialog:
    press_key(training, "Alt+L")
    reader.qtbot.waitUntil(lambda: isinstance(open_dialog(), ComparedImagesDialog), timeout=PATIENCE_MS)
    dialog = open_dialog()
    assert isinstance(dialog, ComparedImagesDialog)
    return dialog


def picture_comes(reader: Reader, dialog: ComparedImagesDialog, release: Release) -> None:
    """Of the image that the title names, the same in both views."""
    wanted = release.pixels(next(image for image in release.images if image.file == dialog.file))

    def is_there() -> bool:
        shown = [side.view.radiograph for side in (dialog.new, dialog.active)]
        return all(one is not None and np.array_equal(one.values, wanted) for one in shown)

    reader.qtbot.waitUntil(is_there, timeout=PATIENCE_MS)


def wrong(boxes: list[ShownBox]) -> list[str]:
    return sorted(shown.label for shown in boxes if shown.label.startswith("✗"))


def test_where_they_differ_is_looked_at_before_anything_is_activated(
    data: Path, release: Release, qtbot: QtBot
) -> None:
    with reader_at(data, qtbot) as reader:
        training = asked(reader, "Ctrl+Shift+T", TrainingDialog)
        qtbot.waitUntil(training.result_page.look_button.isVisible, timeout=PATIENCE_MS)
        dialog = looked_at(reader, training)

        picture_comes(reader, dialog, release)
        new, active = dialog.new.view, dialog.active.view
        assert dialog.title.text() == "P00000-1.png – 1 of 2"
        assert dialog.new.mistakes.text() == f"✗ {MISSED} not found"
        assert dialog.active.mistakes.text().startswith(f"✗ {STIFF} ankylosis ")
        assert wrong(new.box_layer.boxes) == ["✗ R-MP3 not found"]
        (stiff,) = wrong(active.box_layer.boxes)
        assert stiff.startswith(f"✗ {STIFF} ankylosis ")
        assert (len(new.box_layer.boxes), len(active.box_layer.boxes)) == (20, 20)
        solid = [shown.label for shown in new.box_layer.boxes if not shown.dashed]
        assert solid == ["✗ R-MP3 not found"], "what a version says is dashed"
        assert not dialog.previous_button.isEnabled()

        before = new.view_state.centre
        (missed,) = (shown.box for shown in new.box_layer.boxes if not shown.dashed)
        places = [missed.centre, centre_of(active.box_layer.boxes, stiff)]
        seen = []
        for _place in places:
            press_key(dialog, "Alt+M")
            qtbot.waitUntil(lambda: new.view_state.centre not in [before, *seen], timeout=PATIENCE_MS)
            assert active.view_state == new.view_state
            seen.append(new.view_state.centre)
        assert sorted(seen) == [pytest.approx(place, abs=1) for place in sorted(places)]
        wheel(active, QPoint(100, 100), 2)
        assert new.view_state == active.view_state
        press_key(dialog, "Alt+F")
        qtbot.waitUntil(lambda: active.view_state.fitted, timeout=PATIENCE_MS)

        press_key(dialog, "Alt+N")
        qtbot.waitUntil(lambda: dialog.title.text() == "P00001-1.png – 2 of 2", timeout=PATIENCE_MS)
        picture_comes(reader, dialog, release)
        assert dialog.active.mistakes.text() == "Nothing that the other gets right."
        (false,) = [shown for shown in new.box_layer.boxes if shown.joint is None]
        assert false.label == "✗ no joint"
        assert false.box.corners == pytest.approx(NO_JOINT)
        assert not dialog.next_button.isEnabled()
        press_key(dialog, "Escape")
        qtbot.waitUntil(lambda: open_dialog() is training, timeout=PATIENCE_MS)
        active_version = reader.window.sitting.models.versions.active()
        assert active_version is None or active_version.name != "second"


def centre_of(boxes: list[ShownBox], label: str) -> tuple[float, float]:
    return next(shown.box.centre for shown in boxes if shown.label == label)


def test_an_image_that_was_changed_since_is_told(data: Path, release: Release, qtbot: QtBot) -> None:
    file = release.folder / release.images[0].file
    file.write_bytes(file.read_bytes() + b"x")
    with reader_at(data, qtbot) as reader:
        training = asked(reader, "Ctrl+Shift+T", TrainingDialog)
        qtbot.waitUntil(training.result_page.look_button.isVisible, timeout=PATIENCE_MS)
        dialog = looked_at(reader, training)
        qtbot.waitUntil(lambda: "cannot be shown" in dialog.note.text(), timeout=PATIENCE_MS)
        assert dialog.new.view.radiograph is None
        press_key(dialog, "Alt+N")
        qtbot.waitUntil(lambda: dialog.file == release.images[1].file, timeout=PATIENCE_MS)
        picture_comes(reader, dialog, release)
        assert "cannot be shown" not in dialog.note.text()

        file = release.folder / release.images[0].file
        file.unlink()
        press_key(dialog, "Alt+P")
        qtbot.waitUntil(lambda: "cannot be shown" in dialog.note.text(), timeout=PATIENCE_MS)
        assert dialog.new.view.radiograph is None, "not the image before, under the name of this one"
        dialog.show_refusal(release.images[1].file, KnuckleError("Late.", "Of another."))
        assert "Late." not in dialog.note.text()
