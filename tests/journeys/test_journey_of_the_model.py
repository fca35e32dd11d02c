"""What is done with the detector as such: runs over one image and all, its versions, its audit, and when a
study shows what it says."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from annotator.domain.joints import JOINTS, joint_named
from annotator.domain.revealing import RevealPolicy
from annotator.store.detections import Detections
from annotator.ui.model_audit_dialog import ModelAuditDialog
from annotator.ui.models_dialog import ModelsDialog
from annotator.ui.study_policy_dialog import StudyPolicyDialog
from annotator.workflow.detection import shipped_folder
from annotator.workflow.proposing import ListRun
from tests.journeys.review_driver import (
    BY_HAND,
    dashed,
    drawn,
    lines,
    open_dialog,
    proposal_of,
    proposals_come,
    rows,
    solid,
)
from tests.journeys.window_driver import NONE, PATIENCE_MS, Reader, in_turn, press_key, reader_at
from tests.study_fixtures import sit_down

LEFT = Qt.MouseButton.LeftButton
DRAWN = joint_named("R-MP3")


def answer(dialog_type: type[QDialog], act: Callable[..., object]) -> Callable[[], bool]:
    """A step that answers the dialog which is open, once it is of this type."""

    def step() -> bool:
        dialog = open_dialog()
        if not isinstance(dialog, dialog_type) or not dialog.isActiveWindow():
            return False
        act(dialog)
        return True

    return step


def status(reader: Reader) -> str:
    return reader.window.panel.status.text()


def have_runs(data: Path) -> int:
    """How many images the detector has looked at, as it is stored."""
    with sit_down(data) as desk:
        detections = Detections(desk.house.database)
        return sum(detections.newest(image_id) is not None for image_id in desk.sitting.worklist.ids)


# one image


def test_clicks_and_keys_are_served_while_the_detector_looks(demo_data: Path, qtbot: QtBot) -> None:
    with reader_at(demo_data, qtbot, settings=BY_HAND) as reader:
        window, proposing = reader.window, reader.window.sitting.proposing
        image = window.sitting.desk.image
        assert image is not None
        come: list[int] = []
        proposing.proposed.connect(come.append)
        assert status(reader) == "Nothing was proposed for this image yet."
        with qtbot.waitSignal(proposing.proposed, timeout=PATIENCE_MS):
            reader.key("Q")
            assert status(reader) == "The detector looks at this image…"
            assert not window.panel.buttons.buttons["propose"].isEnabled()
            box = reader.truth()[DRAWN][0]
            reader.box(box)
            look = window.view.look
            reader.key("[")
            assert proposing.runs_on(image.id)
            assert not come, "it is under way still"
            assert window.view.look != look
            assert solid(window) == {DRAWN}
            assert rows(demo_data, "SELECT joint FROM annotation") == [(str(DRAWN),)], "it is stored"
        assert come == [image.id]
        assert dashed(window) == set(JOINTS) - {DRAWN}, "no run touches what the reader said"
        assert status(reader) == "demo-1: 20 proposed, 19 wait"


def test_a_window_is_closed_while_the_detector_looks(demo_data: Path, qtbot: QtBot) -> None:
    with reader_at(demo_data, qtbot, settings=BY_HAND) as reader:
        reader.key("Q")
    assert not reader.said.of("warning")
    assert have_runs(demo_data) == 0


# the worklist


def test_the_worklist_is_proposed_for_in_the_background_and_cancelled_by_key(
    demo_data: Path, qtbot: QtBot
) -> None:
    with reader_at(demo_data, qtbot, settings=BY_HAND) as reader:
        window, proposing = reader.window, reader.window.sitting.proposing
        with qtbot.waitSignal(proposing.proposed, timeout=PATIENCE_MS):
            reader.key("Shift+Q")
            assert not window.actions_.action("propose_all").isEnabled()
            qtbot.waitUntil(window.job_bar.isVisible, timeout=PATIENCE_MS)
        assert "1 / 4" in window.job_bar.text.text()
        assert window.job_bar.bar.maximum() == 4
        assert len(dashed(window)) == 20, "what is done is shown at once"
        with qtbot.waitSignal(proposing.list_ended, timeout=PATIENCE_MS) as ended:
            reader.key("Ctrl+.")
        assert ended.args is not None
        run: ListRun = ended.args[0]
        assert run.job.cancelled
        assert reader.said.of("info") == [f"Cancelled; images proposed for: {run.done}."]
        qtbot.waitUntil(window.job_bar.isHidden)
        assert window.actions_.action("propose_all").isEnabled()
    assert have_runs(demo_data) == run.done < 4


def test_a_worklist_that_was_under_way_goes_on_in_the_next_window(demo_data: Path, qtbot: QtBot) -> None:
    with reader_at(demo_data, qtbot, settings=BY_HAND) as reader:
        proposing = reader.window.sitting.proposing
        with qtbot.waitSignal(proposing.proposed, timeout=PATIENCE_MS):
            reader.key("Shift+Q")
        assert proposing.list_run is not None
    assert 1 <= have_runs(demo_data) < 4
    with reader_at(demo_data, qtbot, settings=BY_HAND) as reader:
        proposing = reader.window.sitting.proposing
        assert proposing.list_run is not None, "by itself"
        qtbot.waitUntil(lambda: proposing.list_run is None, timeout=PATIENCE_MS)
        assert reader.said.of("info")[-1].startswith("Images proposed for: ")
    assert have_runs(demo_data) == 4
    with reader_at(demo_data, qtbot, settings=BY_HAND) as reader:
        assert reader.window.sitting.proposing.list_run is None, "and not for ever"


# when a study shows proposals


def choose_policy(reader: Reader, policy: RevealPolicy) -> None:
    def act(dialog: StudyPolicyDialog) -> None:
        QTest.mouseClick(dialog.choices[policy], LEFT, NONE, QPoint(12, dialog.choices[policy].height() // 2))
        press_key(dialog.choices[policy], "Return")

    with in_turn(answer(StudyPolicyDialog, act)) as turns:
        reader.key("Ctrl+Shift+S")
    assert not turns


@pytest.mark.parametrize("policy", [RevealPolicy.SIGNED, RevealPolicy.ALL_LABELLED])
def test_who_is_to_read_first_sees_nothing_before(
    proposed_data: Path, qtbot: QtBot, policy: RevealPolicy
) -> None:
    with reader_at(proposed_data, qtbot, settings=BY_HAND) as admin:
        assert len(lines(admin.window)) == 20
        choose_policy(admin, policy)
        assert len(lines(admin.window)) == 20, "what was seen stays seen"
    with reader_at(proposed_data, qtbot, "Dr. B", BY_HAND) as reader:
        window = reader.window
        assert not window.actions_.action("study_policy").isEnabled()
        signs = policy is RevealPolicy.SIGNED
        assert ("once you have signed." if signs else "labelled all joints.") in status(reader)
        assert not lines(window)
        assert not drawn(window)
        reader.key("H")
        assert reader.said.of("warning")[-1].startswith("This study shows what the model sees later.")
        assert not window.actions_.action("differences").isEnabled()
        for _ in JOINTS:
            assert not window.sitting.review.waiting
            reader.key("E")
            reader.key("Return")
        if signs:
            assert "once you have signed." in status(reader)
            reader.key("Ctrl+Return")
        assert status(reader).startswith("demo-1: 20 proposed")
        assert window.actions_.action("differences").isEnabled()
        image, person = window.sitting.desk.image, window.sitting.person
        assert image is not None
    with sit_down(proposed_data, "Dr. B") as desk:
        (shown,) = Detections(desk.house.database).reveals(image.id, person)
        assert shown.policy is policy
        assert set(shown.before.boxes) == set(JOINTS), "what the reader said without the model is kept"


# versions


def test_a_version_is_deactivated_activated_and_a_damaged_one_refused(
    demo_data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    shipped = shipped_folder()
    assert shipped is not None
    damaged = shutil.copytree(shipped, tmp_path / "damaged")
    (damaged / "ankylosis.onnx").write_bytes((damaged / "ankylosis.onnx").read_bytes()[:-100])
    said: list[str] = []

    def click(name: str) -> Callable[[ModelsDialog], None]:
        def act(dialog: ModelsDialog) -> None:
            button = getattr(dialog, name)
            QTest.mouseClick(button, LEFT, NONE, button.rect().center())

        return act

    def choose(dialog: QFileDialog) -> None:
        field = dialog.findChild(QLineEdit)
        assert field is not None
        field.setText(str(damaged))
        dialog.accept()

    def verified() -> bool:
        dialog = open_dialog()
        if not isinstance(dialog, ModelsDialog) or not dialog.import_button.isEnabled():
            return False
        said.append(dialog.note.text())
        dialog.close()
        return True

    with reader_at(demo_data, qtbot, settings=BY_HAND) as reader:
        with in_turn(
            answer(ModelsDialog, click("deactivate_button")), answer(ModelsDialog, click("close_button"))
        ) as turns:
            reader.key("Ctrl+Shift+M")
        assert not turns
        assert status(reader) == "No version of the detector is active."
        assert not reader.window.panel.buttons.buttons["propose"].isEnabled()
        with in_turn(
            answer(ModelsDialog, click("activate_button")),
            answer(ModelsDialog, click("import_button")),
            answer(QFileDialog, choose),
            verified,
        ) as turns:
            reader.window.activateWindow()  # which a screen does when the dialog closes
            qtbot.waitUntil(reader.window.isActiveWindow)
            reader.key("Ctrl+Shift+M")
        assert not turns
        assert status(reader) == "Nothing was proposed for this image yet."
        assert reader.window.panel.buttons.buttons["propose"].isEnabled()
    (why,) = said
    assert "ankylosis.onnx" in why


def test_the_audit_of_the_model_counts_what_readers_decided(proposed_data: Path, qtbot: QtBot) -> None:
    relabelled, moved, rejected = map(joint_named, ("R-MP1", "L-MP4", "R-PIP5"))
    seen: list[list[str]] = []

    def read_table(dialog: ModelAuditDialog) -> None:
        table = dialog.table
        cells = table.model()
        seen.extend(
            [str(cells.index(row, column).data()) for column in range(table.columnCount())]
            for row in range(table.rowCount())
        )
        dialog.close()

    with reader_at(proposed_data, qtbot, settings=BY_HAND) as reader:
        reader.click(proposal_of(reader, relabelled).box.centre)
        reader.key("S")
        reader.click(proposal_of(reader, rejected).box.centre)
        reader.key("Del")
        centre = proposal_of(reader, moved).box.centre
        reader.drag(centre, (centre[0] + 25, centre[1] - 20))
        for joint in JOINTS[:3]:
            reader.click(proposal_of(reader, joint).box.centre)
            reader.key("Return")
        reader.box(reader.truth()[rejected][0])
        with in_turn(answer(ModelAuditDialog, read_table)) as turns:
            reader.key("Ctrl+Shift+A")
            qtbot.waitUntil(lambda: bool(seen), timeout=PATIENCE_MS)
        assert not turns
    every, hand = seen[-2:]
    assert (every[0], hand[0]) == ("all proposals", "added by hand")
    accepted, shifted, mean, _, other, away, open_, together = every[1:9]
    assert (accepted, shifted, other, away, open_, together) == ("3", "1", "1", "1", "14", "20")
    assert 0.4 < float(mean) < 0.8
    assert hand[8] == "1"


def test_somebody_else_begins_with_what_nobody_decided(proposed_data: Path, qtbot: QtBot) -> None:
    with reader_at(proposed_data, qtbot, settings=BY_HAND) as reader:
        reader.key("Shift+A")
        assert not dashed(reader.window)
    with reader_at(proposed_data, qtbot, "Dr. B", BY_HAND) as reader:
        proposals_come(reader)
        assert dashed(reader.window) == set(JOINTS)
        assert not solid(reader.window)
