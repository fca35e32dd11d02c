"""Data folders in which a version of the detector is active, and a JobRunner with somebody who listens."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from annotator.workflow.jobs import JobRunner
from tests.detector.version_samples import make_version
from tests.study_fixtures import sit_down
from tests.workflow.job_driver import Told
from tests.workflow.model_driver import Bench, bench_at, bring
from tests.workflow.review_driver import Seat, seat


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A version that finds something on every picture, soon. Do not change it: take `own_version`."""
    folder = tmp_path_factory.mktemp("versions") / "tiny"
    make_version(folder, default_scan="whole")
    return folder


@pytest.fixture(scope="session")
def with_tiny(prepared: Path, tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prepared data folder; the version `tiny` is active."""
    data = shutil.copytree(prepared, tmp_path_factory.mktemp("with tiny") / "data")
    with sit_down(data) as desk:
        bring(desk.house, tiny, desk.person)
    return data


@pytest.fixture
def tiny_data(with_tiny: Path, tmp_path: Path) -> Path:
    return shutil.copytree(with_tiny, tmp_path / "data")


@pytest.fixture
def gated(tiny_data: Path, qapp: object) -> Iterator[Bench]:
    with bench_at(tiny_data, gated=True) as bench:
        yield bench


@pytest.fixture
def bench(tiny_data: Path, qapp: object) -> Iterator[Bench]:
    with bench_at(tiny_data, gated=False) as bench:
        yield bench


@pytest.fixture
def at_image(tiny_data: Path, qtbot: QtBot) -> Iterator[Seat]:
    """Dr. A, with the first image open; nothing is proposed yet."""
    with seat(tiny_data, qtbot) as made:
        yield made


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.shutdown()


@pytest.fixture
def told(runner: JobRunner) -> Told:
    return Told(runner)
