"""The versions dialog over a real database and the version that is delivered, verified beside the window."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotator.domain.errors import KnuckleError
from annotator.domain.people import Person, Right, Role
from annotator.domain.proposals import Thresholds
from annotator.domain.versions import ModelVersion, ScanPaper, VersionFolder, VersionPaper, VersionUse
from annotator.store.database import Database
from annotator.store.people import People
from annotator.store.versions import Versions
from annotator.ui.models_dialog import ModelsDialog, ModelsSource
from annotator.workflow.jobs import Job, JobRunner, Lane
from detector import DetectorError, load_version, shipped_version
from tests.ui.dialog_driver import in_front

ROOT = Path(__file__).resolve().parents[2]
ALT = Qt.KeyboardModifier.AltModifier
OTHER = VersionFolder("another", "cd" * 32, "/models/gone", created="someday")


class Models:
    """What the window will give the dialog, over real parts."""

    def __init__(self, folder: Path) -> None:
        self.database = Database.open(
            folder / "knuckle.sqlite", backups=folder / "backups", migrations=ROOT / "alembic"
        )
        self.versions = Versions(self.database)
        self.by = People(self.database).add("Admin", Role.ADMINISTRATOR, None)
        self.runner = JobRunner()

    def read(self, folder: Path) -> VersionFolder:
        try:
            found = load_version(folder)
        except DetectorError as error:
            raise KnuckleError(error.message, error.advice) from error
        return VersionFolder(found.name, found.sha256, str(folder), created=found.created)

    def about(
        self,
        version: ModelVersion,
        done: Callable[[VersionPaper], None],
        failed: Callable[[KnuckleError], None],
    ) -> None:
        try:
            found = load_version(Path(version.folder))
        except DetectorError as error:
            failed(KnuckleError(error.message, error.advice))
            return
        scans = tuple(
            ScanPaper(name, name == found.default_scan, Thresholds(s.t_conf, s.t_iou1, s.t_iou2))
            for name, s in found.scans.items()
        )
        done(VersionPaper(found.card, scans))

    def import_folder(
        self, folder: Path, done: Callable[[ModelVersion], None], failed: Callable[[KnuckleError], None]
    ) -> Job:
        return self.runner.submit(
            Lane.BACK, "import", lambda _: self.versions.register(self.read(folder), self.by), done, failed
        )

    def source(self, by: Person | None = None) -> ModelsSource:
        who = by or self.by
        return ModelsSource(
            self.versions.all,
            self.versions.uses,
            self.about,
            lambda version_id: self.versions.activate(version_id, who),
            lambda: self.versions.deactivate(who),
            self.import_folder,
            who.may(Right.MODELS),
        )


@pytest.fixture
def models(qapp: QApplication, tmp_path: Path) -> Iterator[Models]:
    made = Models(tmp_path)
    yield made
    made.runner.shutdown()
    made.database.close()


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[[ModelsSource], ModelsDialog]:
    def show(source: ModelsSource) -> ModelsDialog:
        return in_front(qtbot, ModelsDialog(source))

    return show


Shown = Callable[[ModelsSource], ModelsDialog]


def delivered(models: Models) -> ModelVersion:
    figures = (("detection rate", 0.9992), ("false boxes an image", 0.0))
    return models.versions.register(replace(models.read(shipped_version()), figures=figures), models.by)


def cells(table: object) -> list[list[str]]:
    rows, columns = table.rowCount(), table.columnCount()  # type: ignore[attr-defined]
    return [[table.item(r, c).text() for c in range(columns)] for r in range(rows)]  # type: ignore[attr-defined]


def test_without_a_version_it_says_what_to_do(shown: Shown, models: Models) -> None:
    dialog = shown(models.source())
    assert "Import the folder" in dialog.empty.text()
    assert dialog.empty.isVisible()
    assert dialog.import_button.hasFocus()
    assert not dialog.activate_button.isEnabled()
    assert not dialog.deactivate_button.isEnabled()


def test_all_that_is_known_of_a_version_is_shown(shown: Shown, models: Models) -> None:
    made = delivered(models)
    dialog = shown(models.source())
    page = dialog.page
    assert page.name.text() == made.name
    assert page.hash.text() == f"{made.sha256[:12]}…"
    assert page.hash.toolTip() == made.sha256
    assert page.folder.toolTip() == page.folder.text() == made.folder
    assert page.use.text() == "not used yet"
    assert cells(page.figures) == [["detection rate", "0.9992"], ["false boxes an image", "0"]]
    found = load_version(shipped_version())
    headings = [page.thresholds.horizontalHeaderItem(c) for c in (1, 2)]
    assert [h.text() for h in headings if h] == ["windows", "one pass (default)"]
    assert cells(page.thresholds)[0] == [
        "least confidence", *(f"{found.scans[name].t_conf:g}" for name in ("windows", "whole"))
    ]  # fmt: skip
    assert "research use only" in page.card.toPlainText()
    assert page.card.verticalScrollBar().value() == 0


def test_use_is_told_in_numbers_and_names(shown: Shown, models: Models) -> None:
    made = delivered(models)
    used = {made.id: VersionUse(("Hands", "Feet"), 24, 31)}
    dialog = shown(replace(models.source(), uses=lambda: used))
    assert dialog.page.use.text() == "images: 24 · runs: 31 · studies: Hands, Feet"


def test_a_version_is_activated_and_deactivated_by_keyboard(
    shown: Shown, models: Models, qtbot: QtBot
) -> None:
    models.versions.register(OTHER, models.by)
    made = delivered(models)
    dialog = shown(models.source())
    assert dialog.list.hasFocus()
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    with qtbot.waitSignal(dialog.changed):
        QTest.keyClick(dialog, Qt.Key.Key_A, ALT)
    active = models.versions.active()
    assert active is not None
    assert active.id == made.id
    item = dialog.list.currentItem()
    assert item is not None
    assert item.text().endswith("● active")
    assert dialog.page.name.text().endswith("● active")
    assert not dialog.activate_button.isEnabled()
    assert dialog.list.hasFocus()
    with qtbot.waitSignal(dialog.changed):
        QTest.keyClick(dialog, Qt.Key.Key_D, ALT)
    assert models.versions.active() is None
    assert dialog.note.text().startswith("No version proposes")
    QTest.keyClick(dialog, Qt.Key.Key_C, ALT)
    qtbot.waitUntil(lambda: not dialog.isVisible())


def test_a_folder_that_is_gone_is_told_in_place_of_the_card(shown: Shown, models: Models) -> None:
    models.versions.register(OTHER, models.by)
    delivered(models)
    dialog = shown(models.source())
    assert dialog.page.card.toPlainText().startswith("⚠ ")
    assert not dialog.page.thresholds.isVisible()
    assert dialog.page.no_figures.isVisible()
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    assert "⚠" not in dialog.page.card.toPlainText()
    assert dialog.page.thresholds.isVisible()


def test_a_folder_is_imported_beside_the_window(shown: Shown, models: Models, qtbot: QtBot) -> None:
    dialog = shown(models.source())
    with qtbot.waitSignal(dialog.changed):
        dialog.import_from(shipped_version())
        assert "being verified" in dialog.note.text()
        assert not dialog.import_button.isEnabled()
    assert [version.name for version in models.versions.all()] == [dialog.page.name.text()]
    assert dialog.note.text().endswith("It proposes once it is activated.")
    assert dialog.import_button.isEnabled()
    assert dialog.activate_button.isEnabled()


def test_a_damaged_folder_is_refused_with_message_and_advice(
    shown: Shown, models: Models, qtbot: QtBot, tmp_path: Path
) -> None:
    damaged = Path(shutil.copytree(shipped_version(), tmp_path / "damaged"))
    (damaged / "card.md").write_text("other words", "utf-8")
    with pytest.raises(KnuckleError) as told:
        models.read(damaged)
    dialog = shown(models.source())
    with qtbot.waitSignal(models.runner.over), qtbot.assertNotEmitted(dialog.changed):
        dialog.import_from(damaged)
    assert dialog.note.text() == f"⚠ {told.value}"
    assert dialog.import_button.isEnabled()
    assert models.versions.all() == []


def test_an_import_that_ends_after_the_dialog_was_closed_disturbs_nobody(
    shown: Shown, models: Models, qtbot: QtBot
) -> None:
    dialog = shown(models.source())
    with qtbot.waitSignal(models.runner.over):
        dialog.import_from(shipped_version())
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()
    assert len(models.versions.all()) == 1
    assert dialog.list.count() == 0


def test_who_may_not_change_is_told_who_may(shown: Shown, models: Models) -> None:
    delivered(models)
    reader = People(models.database).add("Dr. Reader", Role.READER, models.by)
    dialog = shown(models.source(reader))
    assert "role data or administrator" in dialog.note.text()
    buttons = (dialog.import_button, dialog.activate_button, dialog.deactivate_button)
    assert not any(button.isEnabled() for button in buttons)


def test_what_the_store_refuses_is_shown_and_nothing_has_changed(
    shown: Shown, models: Models, qtbot: QtBot
) -> None:
    delivered(models)
    reader = People(models.database).add("Dr. Reader", Role.READER, models.by)
    dialog = shown(replace(models.source(reader), may_change=True))
    with qtbot.assertNotEmitted(dialog.changed):
        QTest.mouseClick(dialog.activate_button, Qt.MouseButton.LeftButton)
    assert dialog.note.text().startswith("⚠ ")
    assert "administrator" in dialog.note.text()
    assert models.versions.active() is None


def test_a_card_opens_and_loads_nothing(shown: Shown, models: Models, tmp_path: Path) -> None:
    delivered(models)
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", "utf-8")
    dialog = shown(models.source())
    card = dialog.page.card
    dialog.page.show_paper(
        VersionPaper(f"[link](https://example.org) ![p]({secret.as_uri()}) <b>html</b>", ())
    )
    kind = QTextDocument.ResourceType.ImageResource.value
    assert card.loadResource(kind, QUrl(secret.as_uri())) is None
    assert not card.openLinks()
    assert not card.openExternalLinks()
    assert "<b>html</b>" in card.toPlainText()
