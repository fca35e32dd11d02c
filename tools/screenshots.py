"""`make screenshots`: the pictures of the README, from the running program on the sample study."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from annotator.app import House, open_house
from annotator.demonstration import truth_of
from annotator.desktop import application
from annotator.domain.images import Study
from annotator.domain.model_audit import tallies
from annotator.domain.people import Person, Role
from annotator.domain.proposals import Proposal
from annotator.settings import Settings
from annotator.ui import theme
from annotator.ui.guide_dialog import GuideDialog
from annotator.ui.import_dialog import ImportDialog
from annotator.ui.keys_dialog import KeysDialog
from annotator.ui.main_window import MainWindow
from annotator.ui.model_audit_dialog import ModelAuditDialog
from annotator.ui.models_dialog import ModelsDialog, ModelsSource
from annotator.ui.settings_dialog import SettingsDialog
from annotator.ui.sign_in_dialog import SignInDialog
from annotator.ui.tour import Tour, Truth, wait_for
from annotator.workflow import sample
from annotator.workflow.detection import paper_of
from annotator.workflow.library import ImportResult, Refused

ANSWERED_MS = 3000
"""Previews come from beside the window."""
INSTALLED = "/opt/knuckle/models/demo-1"
"""In the picture, whatever folder it is made in."""
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
        house.models.bring_shipped(person)
        theme.apply(app, theme.DARK)
        _reading(house, person, study)
        _review(house, person, study)
        _dialogs(house, app, study)


def _window(house: House, person: Person, study: Study) -> tuple[MainWindow, Tour]:
    settings = Settings(propose_ahead=False)
    window = MainWindow(house.sitting(person, study), house.jobs, settings, house.paths.window_state)
    window.set_studies(house.administration.studies.all())
    window.show()
    return window, Tour(window, OUT, (1680, 1000))


def _reading(house: House, person: Person, study: Study) -> None:
    window, tour = _window(house, person, study)
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
    _closer(window, tour)
    window.take_settings(replace(window.settings, theme="light", joint_names="MCP", language="ja"))
    theme.apply(_app(), theme.LIGHT)
    tour.press("fit")
    tour.picture("light")
    theme.apply(_app(), theme.DARK)
    window.close()


def _review(house: House, person: Person, study: Study) -> None:
    """Proposals waiting, some of them accepted, why, and where the model differs from who read first."""
    window, tour = _window(house, person, study)
    sitting = window.sitting
    ids = sitting.worklist.ids
    _proposed(window, tour, ids[2])
    tour.picture("review")
    for decision in ("ankylosis", "next_proposal", "delete_box", "nudge_far_up", "next_proposal"):
        tour.press(decision)
    tour.press("accept_rest")
    _proposed(window, tour, ids[5])
    for _ in range(15):
        tour.press("confirm")
    tour.picture("window")
    found = next(p for n in ids[6:] for p in _all_of(window, tour, n) if p.marks)
    sitting.review.choose(found)
    window.view.centre_on(found.box, 0.3)
    wait_for(sitting.heat_maps.ready, lambda: tour.press("heat_map"))
    tour.picture("heat-map")
    tour.press("heat_map")
    _proposed(window, tour, ids[4])
    tour.press("differences")
    tour.picture("differences")
    tour.press("differences")
    tour.open(ids[0])
    for name in ("export", "report"):
        tour.press(name)
        dialog = next(one for one in window.findChildren(QDialog) if one.isVisible())
        QTest.qWait(ANSWERED_MS)
        tour.picture(name, dialog)
        dialog.close()
    window.close()


def _proposed(window: MainWindow, tour: Tour, image_id: int) -> None:
    """Open an image, and have the detector look at it."""
    tour.open(image_id)
    wait_for(window.sitting.proposing.proposed, lambda: tour.press("propose"))


def _all_of(window: MainWindow, tour: Tour, image_id: int) -> tuple[Proposal, ...]:
    _proposed(window, tour, image_id)
    return window.sitting.review.undecided


def _closer(window: MainWindow, tour: Tour) -> None:
    """One joint large, with the loupe's neighbour: window and level by preset."""
    current = window.sitting.desk.current
    reading = window.sitting.desk.reading
    if current is not None and reading is not None:
        window.view.centre_on(reading.boxes[current], 0.35)
        tour.press("next_preset")
        tour.picture("close-up")


def _dialogs(house: House, app: QApplication, study: Study) -> None:
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
        "models": _models(house),
        "model-audit": _audit(house, study),
    }
    for name, dialog in dialogs.items():
        dialog.show()
        app.processEvents()
        dialog.grab().save(str(OUT / f"{name}.png"))
        dialog.close()


def _models(house: House) -> ModelsDialog:
    def elsewhere(*_: object) -> None:
        """Nothing is imported for a picture."""

    versions = house.models.versions
    source = ModelsSource(
        lambda: [replace(version, folder=INSTALLED) for version in versions.all()],
        versions.uses,
        lambda version, done, _failed: done(paper_of(version)),
        elsewhere,
        elsewhere,
        elsewhere,
        may_change=True,
    )
    return ModelsDialog(source)


def _audit(house: House, study: Study) -> ModelAuditDialog:
    names = {version.id: version.name for version in house.models.versions.all()}
    return ModelAuditDialog(study.name, tallies(house.models.cases(study.id)), names, theme.DARK)


def _truth(window: MainWindow) -> Truth:
    image = window.sitting.desk.image
    if image is None:
        raise RuntimeError("no image is open")
    return truth_of(Path(image.file.path))


def _app() -> QApplication:
    return application()


if __name__ == "__main__":
    main()
