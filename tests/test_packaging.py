"""The wheel, installed as a reading desk in an environment elsewhere, away from the checkout."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import annotator

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "constraints.txt"
MOST_MEGABYTES = 700
THE_ENVIRONMENTS_OWN = ("pip", "pip-*", "setuptools", "setuptools-*", "pkg_resources")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]

# The desk takes half a minute to install: once, by one process.
pytestmark = pytest.mark.xdist_group("packaging")


@dataclass(frozen=True)
class Desk:
    """An installed reading desk: where its environment is, and the folder to work in."""

    environment: Path
    folder: Path

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment, far from the checkout."""
        bare = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        return call(str(self.environment / "bin" / program), *arguments, cwd=self.folder, env=bare)


def call(*command: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=600, check=False)


def pins() -> dict[str, Version]:
    lines = CONSTRAINTS.read_text("utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, version in pairs}


def size(environment: Path) -> int:
    """Bytes of all that an installation brings, without what Python puts into every environment."""
    (packages,) = environment.glob("lib/python3*/site-packages")
    own = {path for name in THE_ENVIRONMENTS_OWN for path in packages.glob(name)}
    return sum(
        path.stat().st_size
        for path in environment.rglob("*")
        if path.is_file() and not path.is_symlink() and own.isdisjoint(path.parents)
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pinned = {**os.environ, "PIP_CONSTRAINT": str(CONSTRAINTS)}
    run = call(sys.executable, "-m", "build", "--wheel", "--outdir", str(folder), cwd=ROOT, env=pinned)
    assert run.returncode == 0, run.stdout + run.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def desk(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("elsewhere")
    made = Desk(folder / "environment", folder)
    python = str(made.environment / "bin" / "python")
    make = (sys.executable, "-m", "venv", str(made.environment))
    install = (python, "-m", "pip", "install", "--quiet", "--constraint", str(CONSTRAINTS), str(wheel))
    for command in (make, install):
        run = call(*command, cwd=folder, env=dict(os.environ))
        assert run.returncode == 0, run.stdout + run.stderr
    yield made
    shutil.rmtree(made.environment)  # hundreds of megabytes, which pytest would keep for three runs


def test_versions_agree(wheel: Path) -> None:
    assert annotator.__version__ == PROJECT["version"] == wheel.name.split("-")[1]


@pytest.mark.parametrize("extra", ["desk", "train", "fast", "sr", "test"])
def test_constraints_fit_the_ranges(extra: str) -> None:
    wanted = PROJECT["dependencies"] if extra == "desk" else PROJECT["optional-dependencies"][extra]
    for requirement in map(Requirement, wanted):
        assert pins()[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_wheel_holds_what_the_program_needs(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    delivered = call("git", "ls-files", "-z", "--", "alembic", "resources", cwd=ROOT, env=dict(os.environ))
    files = delivered.stdout.split("\0")[:-1]
    assert "resources/fonts/LICENSE" in files
    assert {f"annotator/_{file}" for file in files} <= held
    assert {"annotator/cli.py", "detector/phantom/__init__.py"} <= held
    assert not {name for name in held if name.startswith(("tests/", "alembic/", "resources/", "tools/"))}


def test_desk_is_exactly_what_the_constraints_say(desk: Desk) -> None:
    listed = json.loads(desk.run("python", "-m", "pip", "list", "--format", "json").stdout)
    found = {canonicalize_name(one["name"]): Version(one["version"]) for one in listed}
    others = {
        name: version for name, version in found.items() if name not in ("pip", "setuptools", "knuckle")
    }
    assert others.items() <= pins().items()
    assert "pyside6-essentials" in others
    assert "torch" not in others


def test_desk_is_small(desk: Desk) -> None:
    assert size(desk.environment) / 1e6 < MOST_MEGABYTES


def test_desk_finds_migrations_and_resources(desk: Desk) -> None:
    report = "from annotator import paths; print(paths.migrations(), paths.resources(), sep='\\n')"
    run = desk.run("python", "-c", report)
    assert run.returncode == 0, run.stderr
    migrations, resources = map(Path, run.stdout.splitlines())
    assert migrations.is_relative_to(desk.environment)
    assert list((migrations / "versions").glob("0001_*.py"))
    assert (resources / "fonts" / "LICENSE").is_file()


def test_desk_checks_its_data(desk: Desk) -> None:
    run = desk.run("knuckle", "check", "--data", str(desk.folder / "data"), "--json")
    assert run.returncode == 0, run.stdout + run.stderr
    assert isinstance(json.loads(run.stdout), dict)
