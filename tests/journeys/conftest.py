"""Data folders in which the version that comes with Knuckle is active."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.journeys.review_driver import bring_the_demo, propose, store_mixed
from tests.study_fixtures import sit_down


@pytest.fixture(scope="session")
def with_demo(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prepared data folder with the shipped version, which has looked at nothing yet."""
    data = shutil.copytree(prepared, tmp_path_factory.mktemp("with demo") / "data")
    with sit_down(data) as desk:
        bring_the_demo(desk)
    return data


@pytest.fixture(scope="session")
def looked_at(with_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same; it has looked at the first image, and twenty joints are proposed there."""
    data = shutil.copytree(with_demo, tmp_path_factory.mktemp("looked at") / "data")
    with sit_down(data) as desk:
        run = propose(desk, desk.sitting.worklist.ids[0])
        assert (len(run.proposals), run.missing) == (20, ())
    return data


@pytest.fixture
def demo_data(with_demo: Path, tmp_path: Path) -> Path:
    return shutil.copytree(with_demo, tmp_path / "data")


@pytest.fixture
def proposed_data(looked_at: Path, tmp_path: Path) -> Path:
    return shutil.copytree(looked_at, tmp_path / "data")


@pytest.fixture
def mixed_data(with_demo: Path, tmp_path: Path) -> Path:
    """Of the first image 18 joints are proposed, the surer the later, and a box without a name."""
    data = shutil.copytree(with_demo, tmp_path / "data")
    with sit_down(data) as desk:
        store_mixed(desk)
    return data
