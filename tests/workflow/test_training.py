"""Training in a process of its own: real torch, a tiny network and two drawn radiographs."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from annotator.domain.errors import KnuckleError
from annotator.domain.people import Role
from annotator.domain.training import Stage, Standing, TrainingPlan, TrainingState
from annotator.domain.versions import ModelVersion
from annotator.workflow import detection
from annotator.workflow.release_pictures import ReleasePicture
from annotator.workflow.training import Training, Trainings, Wish, arguments, planned
from annotator.workflow.training_desk import TrainingDesk
from annotator.workflow.training_folder import Phase, ProcessNote, TrainingFolder
from detector import dataset
from tests.study_fixtures import Desk, sit_down
from tests.training_samples import LONG, TINY, end, make_release, plan_for, steps_of

MS = 90_000
pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Do not change it: take a copy."""
    return make_release(tmp_path_factory.mktemp("release") / "release")


@pytest.fixture
def trainings(tmp_path: Path) -> Iterator[Trainings]:
    made = Trainings(tmp_path / "training")
    yield made
    for name in made.names():
        end(made.training(name))


def process(training: Training) -> ProcessNote:
    note = training.folder.note()
    assert note is not None
    return note


def wait(
    qtbot: QtBot, training: Training, wanted: Callable[[TrainingState], bool], *, ms: int = MS
) -> TrainingState:
    states: list[TrainingState] = []

    def there() -> bool:
        states[:] = [training.look()]
        return wanted(states[0])

    qtbot.waitUntil(there, timeout=ms)
    return states[0]


def stands(*standings: Standing) -> Callable[[TrainingState], bool]:
    return lambda state: state.standing in standings


# begun, watched, measured, compared


def test_from_a_release_to_a_version_that_proposes(tiny_data: Path, release: Path, qtbot: QtBot) -> None:
    """Everything beside the window; nothing is brought in until somebody asks for it."""
    with sit_down(tiny_data) as desk:
        training, states, refused = desk_of(desk)
        begun = Wish(release, name="second", options=TINY_LIKE_ITS_START)
        training.begin(begun)
        qtbot.waitUntil(lambda: bool(states) and states[-1].standing is Standing.FINISHED, timeout=MS)
        assert refused == []
        seen = list(dict.fromkeys(state.stage for state in states))
        assert [stage for stage in seen if stage in (Stage.ANKYLOSIS, Stage.SUBLUXATION, Stage.DONE)] == [
            Stage.ANKYLOSIS,
            Stage.SUBLUXATION,
            Stage.DONE,
        ]
        last = states[-1]
        assert [curve.finding for curve in last.progress.curves] == ["ankylosis", "subluxation"]
        assert steps_of(last) == [1, 2, 3]
        assert [len(curve.validation) for curve in last.progress.curves] == [1, 1], "at the end at least"

        compared = last.comparison
        assert compared is not None
        active = desk.house.models.versions.active()
        assert active is not None
        assert last.plan.active_name == last.plan.start_name == active.name
        assert (compared.new_name, compared.part[:6]) == ("second", "Fold 1")
        by_name = {figure.name: figure for figure in compared.figures}
        found = by_name["false boxes an image"]
        assert None not in (found.new.value, found.new.low, found.new.high)
        assert found.active is not None
        assert found.active.value is not None
        assert last.progress.measured == (1, 1, active.name)
        assert (compared.chosen_there, compared.patients) == (True, 1)
        assert compared.warnings()[-1] == "1 patient is too few to tell a difference from chance."

        pictured: list[ReleasePicture] = []
        training.pictured.connect(pictured.append)
        shown = dataset.read_release(release).images[0]
        training.picture(release, shown.file)
        qtbot.waitUntil(lambda: bool(pictured), timeout=MS)
        assert pictured[0].file == shown.file
        assert np.array_equal(pictured[0].radiograph.values, dataset.read_release(release).pixels(shown))
        training.not_pictured.connect(lambda _file, error: refused.append(error))
        training.picture(release, "images/none.png")
        qtbot.waitUntil(lambda: bool(refused), timeout=MS)
        assert refused[0].message == "images/none.png of the release release cannot be shown."

        assert [version.name for version in desk.house.models.versions.all()] == [active.name]
        brought: list[ModelVersion] = []
        training.brought.connect(brought.append)
        training.bring(last, activate=True)
        qtbot.waitUntil(lambda: bool(brought), timeout=MS)
        proposes = desk.house.models.versions.active()
        assert proposes is not None
        assert (proposes.name, proposes.sha256) == ("second", last.progress.sha256)


TINY_LIKE_ITS_START = TINY.__class__(steps=3, batch=2, checkpoint_every=1, threads=1)
"""The width is that of the version that is begun with."""


def desk_of(desk: Desk) -> tuple[TrainingDesk, list[TrainingState], list[KnuckleError]]:
    made = TrainingDesk(
        desk.house.paths.trainings, desk.house.jobs, desk.house.models.versions, desk.person, desk.sitting
    )
    states: list[TrainingState] = []
    refused: list[KnuckleError] = []
    made.changed.connect(states.append)
    made.refused.connect(refused.append)
    return made, states, refused


# paused, cancelled, killed, found again


def test_paused_cancelled_killed_and_found_again(release: Path, trainings: Trainings, qtbot: QtBot) -> None:
    begun = trainings.begin(plan_for(release, options=LONG))
    first = process(begun)
    wait(qtbot, begun, lambda state: state.progress.step >= 3)
    assert os.getpriority(os.PRIO_PROCESS, first.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    assert os.getsid(first.pid) != os.getsid(0), "neither Ctrl+C nor a closed terminal ends it"
    with pytest.raises(KnuckleError, match="is running"):
        trainings.begin(plan_for(release, "other"))
    assert trainings.names() == ["tiny"]

    begun.pause()
    wait(qtbot, begun, stands(Standing.PAUSED))
    again = Trainings(trainings.root).training("tiny")
    assert again.look().standing is Standing.PAUSED, "whoever comes later finds it"
    assert steps_of(again.look()) == steps_of(begun.look()) != []
    again.go_on()
    there = again.look().progress.step
    wait(qtbot, again, lambda state: state.progress.step > there)

    again.cancel()
    wait(qtbot, again, stands(Standing.CANCELLED))
    with pytest.raises(KnuckleError, match="is not running"):
        again.pause()
    before = begun.look().progress.step
    lines = begun.folder.log.read_bytes()
    begun.folder.log.write_bytes(lines + b'{"finding": "anky')
    again = Trainings(trainings.root).training("tiny")
    again.go_on()
    assert process(again).pid != first.pid
    state = wait(qtbot, again, lambda state: state.progress.step > before)
    assert steps_of(state)[-5:] == sorted(steps_of(state)[-5:])
    told = [
        json.loads(line)["step"] for line in again.folder.log.read_bytes()[len(lines) :].splitlines()[1:2]
    ]
    assert told[0] >= before, "it went on from the last checkpoint, and did not begin anew"

    os.kill(process(again).pid, signal.SIGKILL)
    wait(qtbot, again, stands(Standing.KILLED))
    assert again.look().standing.can_go_on


def test_paused_it_can_be_cancelled(release: Path, trainings: Trainings, qtbot: QtBot) -> None:
    begun = trainings.begin(plan_for(release, options=LONG))
    begun.pause()
    wait(qtbot, begun, stands(Standing.PAUSED))
    begun.cancel()
    wait(qtbot, begun, stands(Standing.CANCELLED))


def test_a_number_that_another_process_has_now_is_not_taken_for_it(
    release: Path, trainings: Trainings
) -> None:
    begun = trainings.begin(plan_for(release, options=LONG))
    note = process(begun)
    os.kill(note.pid, signal.SIGKILL)
    begun.folder.keep_note(ProcessNote(note.phase, os.getpid(), note.mark))
    assert begun.look().standing is Standing.KILLED


# what cannot be done, in words


def test_without_torch_it_says_what_to_install(
    release: Path, trainings: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(KnuckleError, match=r"needs torch.*knuckle\[train\]"):
        trainings.begin(plan_for(release))
    assert not trainings.root.exists()


def test_a_folder_that_cannot_be_written(release: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(KnuckleError, match="cannot be written"):
        Trainings(tmp_path / "file").begin(plan_for(release))


def test_a_full_disk_is_told_and_it_goes_on_afterwards(
    release: Path, trainings: Trainings, qtbot: QtBot
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, hard))
    try:
        begun = trainings.begin(plan_for(release, options=LONG))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    failed = wait(qtbot, begun, stands(Standing.FAILED, Standing.KILLED))
    assert failed.standing is Standing.FAILED
    assert "File too large" in failed.message
    assert "fault in the program" not in failed.message
    begun.go_on()
    wait(qtbot, begun, lambda state: state.progress.step >= 2)


@pytest.mark.parametrize("fault", ["gone", "changed", "damaged", "undivided", "no release"])
def test_a_release_that_is_not_what_it_was_is_refused(
    release: Path, trainings: Trainings, tmp_path: Path, fault: str
) -> None:
    own = shutil.copytree(release, tmp_path / "own")
    plan = plan_for(own)
    if fault == "gone":
        shutil.rmtree(own)
    elif fault == "changed":
        manifest = json.loads((own / "manifest.json").read_text())
        manifest["about"]["more"] = 1
        (own / "manifest.json").write_text(json.dumps(manifest))
    elif fault == "damaged":
        (own / "annotations.json").write_text("{}")
    elif fault == "no release":
        shutil.rmtree(own)
        own.mkdir()
    else:
        with pytest.raises(KnuckleError, match="has no fold 3"):
            planned(Wish(own, from_active=False, fold=3), None, trainings)
        return
    with pytest.raises(KnuckleError):
        trainings.begin(plan)
    assert trainings.names() == []


def test_an_image_that_was_changed_is_named(
    release: Path, trainings: Trainings, tmp_path: Path, qtbot: QtBot
) -> None:
    own = shutil.copytree(release, tmp_path / "own")
    for image in (own / "images").iterdir():
        image.write_bytes(image.read_bytes() + b"x")
    begun = trainings.begin(plan_for(own))
    failed = wait(qtbot, begun, stands(Standing.FAILED, Standing.KILLED, Standing.DUE))
    assert failed.standing is Standing.FAILED
    assert "was changed since the release was made." in failed.message
    (own / "annotations.json").unlink()
    with pytest.raises(KnuckleError):
        begun.go_on()


@pytest.mark.parametrize("phase", ["new", "active"])
def test_what_an_earlier_knuckle_was_measuring_is_measured_anew(
    release: Path, trainings: Trainings, phase: str, qtbot: QtBot
) -> None:
    begun = trainings.begin(plan_for(release, options=LONG))
    os.kill(process(begun).pid, signal.SIGKILL)
    wait(qtbot, begun, stands(Standing.KILLED))
    said = json.loads((begun.folder.path / "process.json").read_text())
    (begun.folder.path / "process.json").write_text(json.dumps({**said, "phase": phase}))
    begun.folder.version.mkdir(parents=True)
    (begun.folder.version / "version.json").write_text("{}")
    (begun.folder.path / "comparison.json").write_text('{"figures": [], "images": [], "warnings": []}')
    assert Trainings(trainings.root).training("tiny").look().standing is Standing.DUE


def test_names(release: Path, trainings: Trainings, qtbot: QtBot) -> None:
    begun = trainings.begin(plan_for(release, options=LONG))
    begun.cancel()
    wait(qtbot, begun, stands(Standing.CANCELLED))
    with pytest.raises(KnuckleError, match="There is a training tiny already"):
        trainings.begin(plan_for(release))
    for name in ("other", "../tiny", ""):
        with pytest.raises(KnuckleError, match="There is no training"):
            trainings.training(name)
    assert trainings.free_name("tiny") == "tiny-1"


def test_what_is_planned(release: Path, trainings: Trainings, tiny: Path) -> None:
    with pytest.raises(KnuckleError, match="No version is active"):
        planned(Wish(release), None, trainings)
    active = ModelVersion(1, "first", detection.sha256_of(tiny), str(tiny))
    plan = planned(Wish(release), active, trainings)
    assert (plan.start, plan.active, plan.start_name) == (str(tiny), str(tiny), "first")
    assert (plan.name, plan.part, plan.preset) == ("trained-1", "1", "small")
    assert (plan.watched, plan.chosen_there) == (0, True), "two folds are too few to keep one apart"
    random = planned(Wish(release, from_active=False), active, trainings)
    assert (random.start, random.active) == ("", str(tiny))
    assert TrainingPlan.from_json(plan.to_json()) == plan


@pytest.mark.parametrize(("fold", "watched"), [(1, 2), (3, 1)])
def test_of_three_folds_one_measures_another_chooses_and_the_rest_trains(
    trainings: Trainings, tmp_path: Path, fold: int, watched: int
) -> None:
    folder = make_release(tmp_path / "release", patients=3)
    plan = planned(Wish(folder, from_active=False, fold=fold), None, trainings)
    assert (plan.part, plan.watched, plan.chosen_there) == (str(fold), watched, False)
    words = arguments(plan, Phase.TRAIN, TrainingFolder(tmp_path))
    assert words[words.index("--fold") + 1] == str(watched)
    assert words[words.index("--keep") + 1] == str(fold)


def test_who_may_not_train_is_told(prepared: Path, release: Path, qtbot: QtBot) -> None:
    with sit_down(prepared, "Reader", Role.READER) as desk:
        training, _, refused = desk_of(desk)
        training.begin(Wish(release, from_active=False))
        qtbot.waitUntil(lambda: bool(refused), timeout=MS)
        assert "may not train" in refused[0].message
        assert training.find() == ""
