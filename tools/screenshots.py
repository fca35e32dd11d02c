"""`make screenshots`: the pictures of the README, from the running program on the sample study."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication, QDialog

from annotator.app import House, open_house
from annotator.demonstration import truth_of
from annotator.desktop import application
from annotator.domain.images import Study
from annotator.domain.people import Person, Role
from annotator.settings import Settings
from annotator.ui import theme
from annotator.ui.guide_dialog import GuideDialog
from annotator.ui.import_dialog import ImportDialog
from annotator.ui.keys_dialog import KeysDialog
from annotator.ui.main_window import MainWindow
from annotator.ui.settings_dialog import SettingsDialog
from annotator.ui.sign_in_dialog import SignInDialog
from annotator.ui.tour import Tour, Truth
from annotator.workflow import sample
from annotator.workflow.library import ImportResult, Refused

OUT = Path(__file__).resolve().parent.parent / "docs" / "images"


def main() -> None:
    app = application()
    OUT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, open_house(Path(folder) / "data") as house:
        administration = house.administration
        person = administration.enter("Dr. Aoki", Role.READER)
        administration.enter("Dr. Bauer", Role.READER)
        study, _ = sample.make_sample(
            administration.studies, administration.library, house.paths.sample, person, lambda *_: None
        )
        theme.apply(app, theme.DARK)
        _reading(house, person, study)
        _dialogs(house, app)


def _reading(house: House, person: Person, study: Study) -> None:
    window = MainWindow(house.sitting(person, study), house.jobs, Settings(), house.paths.window_state)
    window.set_studies(house.administration.studies.all())
    window.show()
    tour = Tour(window, OUT, (1680, 1000))
    ids = window.sitting.worklist.ids
    tour.open(ids[0])
    tour.read(_truth(window))
    tour.press("sign")
    tour.open(ids[4])
    for box in list(_truth(window).boxes.values())[:13]:
        tour.draw(box)
    tour.picture("drawing")
    tour.open(ids[1])
    tour.read(_truth(window))
    tour.picture("window")
    _closer(window, tour)
    window.take_settings(Settings(theme="light", joint_names="MCP", language="ja"))
    theme.apply(_app(), theme.LIGHT)
    tour.press("fit")
    tour.picture("light")
    theme.apply(_app(), theme.DARK)
    window.close()


def _closer(window: MainWindow, tour: Tour) -> None:
    """One joint large, with the loupe's neighbour: window and level by preset."""
    current = window.sitting.desk.current
    reading = window.sitting.desk.reading
    if current is not None and reading is not None:
        window.view.centre_on(reading.boxes[current], 0.35)
        tour.press("next_preset")
        tour.picture("close-up")


def _dialogs(house: House, app: QApplication) -> None:
    from annotator.ui.actions import Actions

    actions = Actions()
    people = house.administration.people.all()
    broken = Refused("films/broken.dcm", "The file ends in the middle of its pixels.")
    dialogs: dict[str, QDialog] = {
        "sign-in": SignInDialog(people, people[0].name),
        "keys": KeysDialog(actions, theme.DARK),
        "guide": GuideDialog(theme.DARK),
        "preferences": SettingsDialog(Settings()),
        "import": ImportDialog(ImportResult(22, 2, 3, (broken,))),
    }
    for name, dialog in dialogs.items():
        dialog.show()
        app.processEvents()
        dialog.grab().save(str(OUT / f"{name}.png"))
        dialog.close()


def _truth(window: MainWindow) -> Truth:
    image = window.sitting.desk.image
    if image is None:
        raise RuntimeError("no image is open")
    return truth_of(Path(image.file.path))


def _app() -> QApplication:
    return application()


if __name__ == "__main__":
    main()
