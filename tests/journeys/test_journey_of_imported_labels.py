"""Labels out of a file come in through the window: as proposals, with what was refused named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from annotator.domain.export_policy import Policy, Whose
from annotator.domain.geometry import Box
from annotator.domain.joints import joint_named
from annotator.domain.people import Role
from annotator.exchange import coco
from annotator.exchange.labels import LabelledImage, LabelledJoint
from annotator.ui.choosing import keep_qt_settings_in
from annotator.ui.label_import_dialog import LabelImportDialog
from annotator.workflow.exporting import Form, Order
from annotator.workflow.jobs import Job
from tests.export_samples import read_films
from tests.journeys.dialogs_driver import asked, choose, close
from tests.journeys.review_driver import BY_HAND, dashed, lines, open_dialog, rows, solid
from tests.journeys.window_driver import PATIENCE_MS, Reader, press_key, reader_at
from tests.study_fixtures import images_of, quietly, sit_down

KEY = "Ctrl+Shift+I"
RUNS = (
    "SELECT run.image_id, model_version.name FROM run"
    " JOIN model_version ON model_version.id = run.version_id ORDER BY run.id"
)


@pytest.fixture
def exported(prepared: Path, tmp_path: Path) -> Path:
    """What Dr. B signed of the first two films, as COCO: an export of another data folder."""
    keep_qt_settings_in(tmp_path / "settings")
    other = shutil.copytree(prepared, tmp_path / "other")
    read_films(other, "Dr. B", only=2)
    out = tmp_path / "書き出し"
    with sit_down(other) as desk:
        order = Order(desk.study, Policy(desk.study.id, Whose.SIGNED), Form.COCO)
        desk.house.exporter().export(order, out, desk.person, quietly)
    return out / coco.FILE


def with_a_stranger(file: Path) -> Path:
    """The first of its two images is none of the study."""
    content = json.loads(file.read_text("utf-8"))
    content["images"][0] |= {"file_name": "gone.png", "patient_code": "", "pixels_sha256": ""}
    file.write_text(json.dumps(content), "utf-8")
    return file


def of_readers(data: Path, out: Path, **boxes: Box) -> Path:
    """A COCO file with a box of each reader on R-PIP2 of the first film."""
    with sit_down(data) as desk:
        file = images_of(desk, desk.study)[0].file
    joint = joint_named("R-PIP2")
    said = tuple(LabelledJoint(joint, box, reader=name) for name, box in boxes.items())
    coco.write(out, [LabelledImage("01-1.png", file.columns, file.rows, joints=said)])
    return out / coco.FILE


def offered(reader: Reader, path: Path) -> LabelImportDialog:
    """The dialog with this path typed into it, once it says what is there."""
    dialog = asked(reader, KEY, LabelImportDialog)
    typed(reader, dialog, path)
    return dialog


def typed(reader: Reader, dialog: LabelImportDialog, path: Path) -> None:
    """Pasted, over what was there: Qt's hands type no kana."""
    reader.qtbot.waitUntil(dialog.isActiveWindow, timeout=PATIENCE_MS)
    press_key(dialog, "Alt+P")
    assert dialog.focusWidget() is dialog.choices.path
    QApplication.clipboard().setText(str(path))
    press_key(dialog.choices.path, "Ctrl+A")
    press_key(dialog.choices.path, "Ctrl+V")
    assert dialog.choices.path.text() == str(path)
    found(reader, dialog)


def chosen(reader: Reader, dialog: LabelImportDialog, button: QPushButton, path: Path) -> None:
    """By Qt's own chooser; then the dialog says what is there."""
    choose(button, path)
    dialog.activateWindow()  # which a screen does when a dialog closes
    reader.qtbot.waitUntil(dialog.isActiveWindow, timeout=PATIENCE_MS)
    found(reader, dialog)


def found(reader: Reader, dialog: LabelImportDialog) -> None:
    reader.qtbot.waitUntil(
        lambda: dialog.import_button.isEnabled() or dialog.note.text().startswith("⚠"), timeout=PATIENCE_MS
    )


def brought_in(reader: Reader, dialog: LabelImportDialog) -> None:
    begun(reader, dialog)
    ended(reader, dialog)


def begun(reader: Reader, dialog: LabelImportDialog) -> None:
    with reader.qtbot.waitSignal(dialog.import_asked, timeout=PATIENCE_MS):
        press_key(dialog, "Alt+I")


def ended(reader: Reader, dialog: LabelImportDialog) -> None:
    reader.qtbot.waitUntil(dialog.import_button.isVisible, timeout=PATIENCE_MS)


def said(dialog: LabelImportDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def results(dialog: LabelImportDialog) -> list[tuple[str, str, str]]:
    model = dialog.outcome.model
    return [(model.text(row, 0), model.text(row, 1), model.text(row, 2)) for row in range(model.rowCount())]


def stored(data: Path) -> list[tuple[object, ...]]:
    return rows(data, "SELECT * FROM annotation")


def test_exported_labels_wait_on_the_open_image_at_once(data: Path, exported: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot, settings=BY_HAND) as reader:
        window, image = reader.window, reader.window.sitting.desk.image
        assert image is not None
        assert window.sitting.review.waiting == ()
        dialog = asked(reader, KEY, LabelImportDialog)
        assert "become proposals, never annotations" in said(dialog)
        assert "knuckle import-set" in said(dialog)
        assert not dialog.import_button.isEnabled()
        chosen(reader, dialog, dialog.choices.file_button, exported)
        assert dialog.note.text() == (
            "COCO. Images: 2, in this study: 2. Boxes: 40. Nothing is imported yet."
        )
        assert not dialog.choices.whose.isEnabled(), "the file has labels of one reader"
        assert rows(data, RUNS) == []
        brought_in(reader, dialog)
        assert dialog.note.text() == ("import: annotations.json came in as proposals. Images: 2, boxes: 40.")
        assert dialog.note.property("tone") == "ok"
        assert results(dialog) == [
            (f"K-001-visit{n}-image{n}.png", "proposed",
             f"K-001, visit {n}: 20 boxes; found by name in exports.")
            for n in (1, 2)
        ]  # fmt: skip
        assert len(window.sitting.review.waiting) == 20
        assert (len(dashed(window)), solid(window)) == (20, set())
        assert len(lines(window)) == 20
        close(reader, dialog, dialog.close_button)
        assert rows(data, RUNS) == [(1, "import: annotations.json"), (2, "import: annotations.json")]
        assert stored(data) == []
        joint = window.sitting.review.waiting[0].joint
        reader.click(window.sitting.review.waiting[0].box.centre)
        reader.key("Return")
        assert joint is not None
        assert reader.reading.of(joint).origin is not None, "what was accepted says where it is from"


def test_an_image_that_is_not_there_is_named_and_the_rest_comes_in(
    data: Path, exported: Path, qtbot: QtBot
) -> None:
    with reader_at(data, qtbot, settings=BY_HAND) as reader:
        dialog = offered(reader, with_a_stranger(exported))
        assert "Images: 2, in this study: 1." in dialog.note.text()
        brought_in(reader, dialog)
        assert dialog.note.text() == (
            "⚠ import: annotations.json came in as proposals. Images: 1, boxes: 20. Refused: 1."
        )
        refused, came = results(dialog)
        assert refused == ("gone.png", "refused", "There is no such image in the study.")
        assert came[:2] == ("K-001-visit2-image2.png", "proposed")
        assert dialog.outcome.whole.text() == "gone.png, refused: There is no such image in the study."
        with qtbot.waitSignal(QApplication.clipboard().dataChanged, timeout=PATIENCE_MS):
            press_key(dialog, "Alt+Y")
        assert QApplication.clipboard().text().splitlines() == ["\t".join(refused), "\t".join(came)]
        assert rows(data, RUNS) == [(2, "import: annotations.json")]
        brought_in(reader, dialog)
        assert dialog.note.text().startswith("⚠ These labels were imported before: nothing was added.")
        assert [outcome for _, outcome, _ in results(dialog)] == ["refused", "known already"]
        assert len(rows(data, RUNS)) == 1
        close(reader, dialog, dialog.close_button)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("broken.json", '{"images": [', "⚠ broken.json cannot be read: it is no JSON"),
        ("other.json", '{"images": []}', "⚠ other.json cannot be read: 'categories' is missing."),
        ("notes.txt", "PIP", "⚠ It cannot be told which format of labels notes.txt has. Choose the format,"),
        ("gone.csv", None, "⚠ gone.csv cannot be read: No such file or directory."),
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_another_can_be_chosen(
    data: Path, exported: Path, tmp_path: Path, name: str, content: str | None, told: str, qtbot: QtBot
) -> None:
    if content is not None:
        (tmp_path / name).write_text(content, "utf-8")
    with reader_at(data, qtbot, settings=BY_HAND) as reader:
        dialog = offered(reader, tmp_path / name)
        assert dialog.note.text().startswith(told)
        assert dialog.note.property("tone") == "danger"
        assert not dialog.import_button.isEnabled()
        typed(reader, dialog, exported.parent)
        assert dialog.note.text().startswith("COCO. Images: 2,")
        close(reader, dialog, dialog.close_button)
        assert rows(data, RUNS) == []


def test_a_file_that_breaks_after_it_was_looked_into(data: Path, exported: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot, settings=BY_HAND) as reader:
        dialog = offered(reader, exported)
        exported.write_text("{", "utf-8")
        brought_in(reader, dialog)
        assert dialog.note.text().startswith("⚠ annotations.json cannot be read: it is no JSON")
        assert not dialog.outcome.isVisible()
        close(reader, dialog, dialog.close_button)
        assert rows(data, RUNS) == []


def test_the_format_is_chosen_by_key_where_the_name_says_another(
    data: Path, exported: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    odd = exported.rename(tmp_path / "labels.csv")
    with reader_at(data, qtbot, settings=BY_HAND) as reader:
        dialog = offered(reader, odd)
        assert dialog.note.text().startswith("⚠ labels.csv cannot be read")
        press_key(dialog, "Alt+M")
        QTest.keyClick(dialog.choices.form, Qt.Key.Key_Down)
        assert dialog.choices.form.currentText() == "COCO"
        qtbot.waitUntil(dialog.import_button.isEnabled, timeout=PATIENCE_MS)
        brought_in(reader, dialog)
        assert dialog.note.text().endswith("came in as proposals. Images: 2, boxes: 40.")
        close(reader, dialog, dialog.close_button)


def test_labels_of_several_readers_come_in_one_after_another(
    data: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    keep_qt_settings_in(tmp_path / "settings")
    boxes = {"A": Box(10, 10, 40, 40), "B": Box(12, 10, 42, 40)}
    of_readers(data, tmp_path / "two", **boxes)
    with reader_at(data, qtbot, settings=BY_HAND) as reader:
        dialog = asked(reader, KEY, LabelImportDialog)
        chosen(reader, dialog, dialog.choices.folder_button, tmp_path / "two")
        assert dialog.note.text().endswith("several readers: import them one after another.")
        whose = dialog.choices.whose
        assert [whose.itemText(place) for place in range(whose.count())] == ["A", "B"]
        brought_in(reader, dialog)
        (shown,) = reader.window.sitting.review.waiting
        assert shown.box == boxes["A"]
        press_key(dialog, "Alt+W")
        QTest.keyClick(whose, Qt.Key.Key_Down)
        brought_in(reader, dialog)
        (shown,) = reader.window.sitting.review.waiting
        assert shown.box == boxes["B"]
        assert [name for _, name in rows(data, RUNS)] == ["import: two (A)", "import: two (B)"]
        close(reader, dialog, dialog.close_button)


class Hold:
    """The import waits before its first image until it is let go on."""

    def __init__(self, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("annotator.workflow.jobs.REPORTS_EVERY_S", 0.0)
        self.jobs = reader.window.sitting.administration.jobs
        self._reader, self._go_on, self._job = reader, Event(), list[Job]()
        self.jobs.progressed.connect(self._hold, Qt.ConnectionType.DirectConnection)

    def _hold(self, job: Job, done: int, total: int, _text: str) -> None:
        if not self._job and done < total:
            self._job.append(job)
            self._go_on.wait(PATIENCE_MS / 1000)

    def wait(self) -> Job:
        """Until it waits."""
        self._reader.qtbot.waitUntil(lambda: bool(self._job), timeout=PATIENCE_MS)
        return self._job[0]

    def let_go(self) -> None:
        job = self.wait()
        with self._reader.qtbot.waitSignal(
            self.jobs.over, timeout=PATIENCE_MS, check_params_cb=lambda over: over is job
        ):
            self._go_on.set()


def test_an_import_that_is_stopped_keeps_what_came_in_and_goes_on_later(
    data: Path, exported: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reader_at(data, qtbot, settings=BY_HAND) as reader:
        dialog = offered(reader, exported)
        hold = Hold(reader, monkeypatch)
        begun(reader, dialog)
        hold.wait()
        qtbot.waitUntil(lambda: dialog.note.text() == "Importing: 0 of 2 images.", timeout=PATIENCE_MS)
        assert not dialog.choices.isEnabled()
        with qtbot.waitSignal(dialog.stop_asked, timeout=PATIENCE_MS):
            press_key(dialog, "Alt+T")
        assert dialog.note.text() == "Stopping…"
        hold.let_go()
        ended(reader, dialog)
        assert dialog.note.text().startswith("⚠ The import was stopped. What had come in by then stays")
        assert len(rows(data, RUNS)) == 1
        assert len(reader.window.sitting.review.waiting) == 20
        brought_in(reader, dialog)
        assert [outcome for _, outcome, _ in results(dialog)] == ["proposed", "known already"]
        close(reader, dialog, dialog.close_button)


def test_an_import_goes_on_behind_its_closed_dialog_and_is_told(
    data: Path, exported: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reader_at(data, qtbot, settings=BY_HAND) as reader:
        dialog = offered(reader, with_a_stranger(exported))
        hold = Hold(reader, monkeypatch)
        begun(reader, dialog)
        hold.wait()
        with qtbot.waitSignal(dialog.finished, timeout=PATIENCE_MS):
            press_key(dialog, "Esc")
        hold.let_go()
        assert reader.said.of("info")[-1].endswith("Images: 1, boxes: 20. Refused: 1.")
        (warning,) = reader.said.of("warning")
        assert warning.startswith("Refused of annotations.json: 1. Import the same file again to see")
        assert reader.window.message_bar.isVisible()
        assert len(rows(data, RUNS)) == 1


def test_a_window_closed_in_the_middle_keeps_what_came_in(
    data: Path, exported: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with reader_at(data, qtbot, settings=BY_HAND) as reader:
        dialog = offered(reader, exported)
        hold = Hold(reader, monkeypatch)
        begun(reader, dialog)
        job = hold.wait()
        reader.window.close()
        hold.let_go()
        assert job.cancelled
        assert len(rows(data, RUNS)) == 1


def test_whoever_only_reads_imports_no_labels_and_is_told_why(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot, "Dr. B") as reader:
        assert reader.window.sitting.person.role is Role.READER
        action = reader.window.actions_.action("import_labels")
        assert not action.isEnabled()
        assert action.toolTip().startswith("Your role does not allow this.")
        (menu,) = (one for one in action.associatedObjects() if isinstance(one, QMenu))
        assert menu.toolTipsVisible()
        reader.key(KEY)
        assert open_dialog() is None
    with reader_at(data, qtbot) as reader:
        assert reader.window.actions_.action("import_labels").isEnabled()
