"""A desk with a version of the detector, and a gate that holds the detector up in front of an image."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from pytestqt.qtbot import QtBot

from annotator.app import House
from annotator.domain.errors import KnuckleError
from annotator.domain.people import Person, Role
from annotator.domain.proposals import Run
from annotator.domain.versions import ModelVersion
from annotator.store.detections import Detections
from annotator.store.versions import Versions
from annotator.workflow.jobs import JobRunner
from annotator.workflow.opening import Picture
from annotator.workflow.proposer import Proposer, Sources
from annotator.workflow.proposing import ListRun, Proposing
from tests.study_fixtures import Desk, sit_down

PATIENCE_S = 20
MS = PATIENCE_S * 1000


@dataclass
class Gate:
    """In front of every image; `let` so many through. looked: the images whose turn came, in this order."""

    looked: list[int] = field(default_factory=list)
    _arrived: SimpleQueue[int] = field(default_factory=SimpleQueue)
    _passes: SimpleQueue[bool] = field(default_factory=SimpleQueue)

    def kept(self, image_id: int) -> Picture | None:
        """As `Sources.kept`: the picture of no image is in memory."""
        self.looked.append(image_id)
        self._arrived.put(image_id)
        assert self._passes.get(timeout=PATIENCE_S)
        return None

    def arrived(self) -> int:
        """Waits for the next image in front of the gate."""
        return self._arrived.get(timeout=PATIENCE_S)

    def let(self, images: int = 1) -> None:
        for _ in range(images):
            self._passes.put(True)


@dataclass
class Told:
    """What a Proposing told, in this order."""

    proposed: list[int] = field(default_factory=list)
    refused: list[tuple[int, KnuckleError]] = field(default_factory=list)
    lists: list[ListRun] = field(default_factory=list)

    @classmethod
    def by(cls, proposing: Proposing) -> Told:
        told = cls()
        proposing.proposed.connect(told.proposed.append)
        proposing.refused.connect(lambda image_id, error: told.refused.append((image_id, error)))
        proposing.list_ended.connect(told.lists.append)
        return told


@dataclass(frozen=True)
class Bench:
    """Somebody's detector on an open house, without a window."""

    desk: Desk
    proposing: Proposing
    told: Told
    gate: Gate

    @property
    def jobs(self) -> JobRunner:
        return self.desk.house.jobs

    @property
    def ids(self) -> list[int]:
        return self.desk.sitting.worklist.ids

    def runs(self, image_id: int) -> Run | None:
        return Detections(self.desk.house.database).newest(image_id)

    @property
    def done(self) -> list[int]:
        """The images that have a run."""
        return [image_id for image_id in self.ids if self.runs(image_id) is not None]


def proposer_of(
    house: House, person: Person, kept: Callable[[int], Picture | None] = lambda _image_id: None
) -> Proposer:
    administration = house.administration
    sources = Sources(administration.studies.image, administration.library.read, kept)
    return Proposer(Versions(house.database), Detections(house.database), person, sources, threads=1)


def bring(house: House, folder: Path, person: Person) -> ModelVersion:
    """Brought in and active."""
    version = house.models.bring(folder, person)
    house.models.versions.activate(version.id, person)
    return version


def idle(qtbot: QtBot, bench: Bench) -> None:
    """Nothing is on its way any more, whoever began it."""
    proposing, ids = bench.proposing, bench.ids
    qtbot.waitUntil(
        lambda: not bench.jobs.jobs and proposing.list_run is None and not any(map(proposing.runs_on, ids)),
        timeout=MS,
    )


def idle_jobs(qtbot: QtBot, jobs: JobRunner) -> None:
    """Nothing that the window knows of is on its way."""
    qtbot.waitUntil(lambda: not jobs.jobs, timeout=MS)


@contextmanager
def bench_at(data: Path, *, gated: bool, name: str = "Dr. A", role: Role = Role.READER) -> Iterator[Bench]:
    """gated: every image waits until it is let through."""
    with sit_down(data, name, role) as desk:
        gate = Gate()
        proposer = proposer_of(desk.house, desk.person, gate.kept if gated else lambda _image_id: None)
        proposing = Proposing(desk.house.jobs, proposer)
        try:
            yield Bench(desk, proposing, Told.by(proposing), gate)
        finally:
            gate.let(20)
