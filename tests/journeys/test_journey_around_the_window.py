"""What is done beside reading: dropping files, floating docks, other preferences, other people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from annotator.desktop import Desktop
from annotator.domain.joints import JOINTS, joint_named
from annotator.domain.people import Role
from annotator.imaging import dicom
from annotator.imaging.write import CrFacts, write_cr
from annotator.settings import Settings
from annotator.ui.image_dialog import ImageDialog
from annotator.ui.people_dialog import PeopleDialog
from tests.journeys.window_driver import Reader, reader_at
from tests.study_fixtures import sit_down

NAME = "YAMADA^Taro=山田^太郎=やまだ^たろう"


def another_film(films: Path, folder: Path) -> Path:
    """A film that no study has yet, of a patient with a name, in a folder with a Japanese name."""
    pixels = np.roll(dicom.read(next(films.glob("*.dcm"))).pixels, 7, axis=1)
    path = folder / "新しい" / "film.dcm"
    path.parent.mkdir()
    write_cr(path, pixels, CrFacts(uid_key="another", patient_id="P-9", patient_name=NAME))
    return path


def drop(reader: Reader, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window = reader.window
    enter = QDragEnterEvent(QPointF(500, 400).toPoint(), copy, data, left, none)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(500, 400), copy, data, left, none))


def test_a_folder_dropped_on_the_window_is_imported_and_its_name_shown_only_when_asked(
    data: Path, films: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    film = another_film(films, tmp_path)
    with reader_at(data, qtbot) as reader:
        sitting = reader.window.sitting
        with qtbot.waitSignal(sitting.worklist.changed, timeout=20_000):
            drop(reader, film.parent)
        assert sitting.worklist.total == 5
        assert "1 radiograph imported." in reader.said.of("info")
        reader.open(sitting.worklist.ids[-1])
        assert sitting.desk.image is not None
        assert sitting.desk.radiograph is not None
        dialog = ImageDialog(sitting.desk.image, sitting.desk.radiograph.facts)
        qtbot.addWidget(dialog)
        assert "山田" in dialog.values["Name in the file"]
        assert dialog.values["Patient code"] == "K-003"
        assert "山田" not in reader.window.windowTitle()
        assert not any("山田" in text or "P-9" in text for _, text in reader.said.spoken)


@pytest.mark.parametrize("name", ["worklist", "joints"])
def test_a_dock_floats_on_a_key_and_comes_back(data: Path, qtbot: QtBot, name: str) -> None:
    key = {"worklist": "Shift+F7", "joints": "Shift+F8"}[name]
    with reader_at(data, qtbot) as reader:
        dock = reader.window.docks[name]
        reader.key(key)
        assert dock.isFloating()
        assert reader.window.actions_.action(f"float_{name}").isChecked()
        reader.key(key)
        assert not dock.isFloating()
        reader.key(key.removeprefix("Shift+"))
        assert dock.isHidden()


def test_other_preferences_apply_at_once(data: Path, qtbot: QtBot) -> None:
    with reader_at(data, qtbot) as reader:
        reader.box(reader.truth()[JOINTS[7]][0])
        reader.window.take_settings(Settings(theme="light", joint_names="MCP", keys={"ankylosis": "7"}))
        labels = [shown.label for shown in reader.window.view.box_layer.boxes]
        assert labels == ["R-MCP3 ○"]
        reader.key("7")
        assert reader.reading.of(joint_named("R-MP3")).marks
        reader.key("A")
        assert reader.reading.of(joint_named("R-MP3")).marks, "the old key means nothing any more"


def test_another_person_gets_a_window_of_their_own(data: Path, qtbot: QtBot, qapp: QApplication) -> None:
    with sit_down(data) as desk:
        desktop = Desktop(desk.house, Settings(last_reader="Dr. A"))
        first = desktop.show(desk.person, desk.study)
        qtbot.waitUntil(lambda: first.sitting.desk.image is not None)
        other = desk.house.administration.enter("Dr. B", Role.READER)
        first.close()
        second = desktop.show(other, desk.study)
        qtbot.waitUntil(lambda: second.sitting.desk.image is not None)
        assert second.sitting.person.name == "Dr. B"
        assert not second.actions_.action("open_files").isEnabled(), "a reader imports nothing"
        second.close()


def test_an_administrator_gives_roles_and_one_administrator_stays(data: Path, qtbot: QtBot) -> None:
    with sit_down(data) as desk:
        people = desk.house.administration.people
        ben = desk.house.administration.enter("Ben", Role.READER)
        dialog = PeopleDialog(people.all(), lambda whom, role: people.set_role(whom, role, desk.person))
        qtbot.addWidget(dialog)
        dialog.show()
        for person, wanted, given in (
            (ben, Role.DATA, Role.DATA),
            (desk.person, Role.READER, Role.ADMINISTRATOR),
        ):
            choice = dialog.roles[person.id]
            choice.setCurrentIndex(choice.findData(wanted))
            choice.activated.emit(choice.currentIndex())
            found = people.find(person.name)
            assert found is not None
            assert found.role is given
            assert Role(choice.currentData()) is given
        assert "No administrator would be left" in dialog.note.text()
