"""Somebody at the proposals of an open image: runs are made up, everything else is real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pytestqt.qtbot import QtBot

from annotator.domain import gestures
from annotator.domain.annotations import Reading, ReadingState
from annotator.domain.decisions import Decision
from annotator.domain.errors import KnuckleError
from annotator.domain.findings import NotAssessable
from annotator.domain.joints import JOINTS, Joint
from annotator.domain.people import Person, Role
from annotator.domain.proposals import Proposal, Run
from annotator.domain.revealing import Reveal
from annotator.domain.versions import ModelVersion, VersionFolder
from annotator.store.detections import Detections
from annotator.store.versions import Versions
from annotator.workflow.deciding import Deciding
from annotator.workflow.reading import ReadingDesk
from annotator.workflow.reviewing import Review
from tests.proposal_samples import proposed, run_over
from tests.study_fixtures import Desk, sit_down

MS = 20_000
ALL = tuple(proposed(joint) for joint in JOINTS)


@dataclass(frozen=True)
class Seat:
    """A reader with an image on the desk. refused: what the desk told."""

    at: Desk
    image_id: int
    refused: list[KnuckleError]

    @property
    def desk(self) -> ReadingDesk:
        return self.at.sitting.desk

    @property
    def review(self) -> Review:
        return self.at.sitting.review

    @property
    def deciding(self) -> Deciding:
        return self.at.sitting.deciding

    @property
    def reading(self) -> Reading:
        assert self.desk.reading is not None
        return self.desk.reading

    @property
    def detections(self) -> Detections:
        return Detections(self.at.house.database)

    @property
    def decisions(self) -> dict[int, Decision]:
        """As they are stored."""
        return self.detections.decisions(self.image_id, self.at.person)

    @property
    def reveals(self) -> list[Reveal]:
        return self.detections.reveals(self.image_id, self.at.person)

    @property
    def joints(self) -> list[Joint | None]:
        """Of what waits, in its order."""
        return [proposal.joint for proposal in self.review.waiting]

    def run(self, *proposals: Proposal, by: Person | None = None, version: ModelVersion | None = None) -> Run:
        """Somebody has run the detector over the image; nobody has told this desk."""
        ran = version or Versions(self.at.house.database).active()
        assert ran is not None
        new = run_over(self.image_id, proposals or None, version_id=ran.id, sha256=ran.sha256)
        return self.detections.add(new, by or self.at.person)

    def propose(self, *proposals: Proposal, version: ModelVersion | None = None) -> Run:
        """The detector has run over the image."""
        run = self.run(*proposals, version=version)
        self.at.sitting.proposing.proposed.emit(self.image_id)
        return run

    def another_version(self) -> ModelVersion:
        versions = Versions(self.at.house.database)
        return versions.register(VersionFolder("another", "cd" * 32, "/models/another"), self.at.person)

    def choose(self, joint: Joint) -> Proposal:
        found = self.review.by_joint[joint]
        self.review.choose(found)
        return found

    def label_all(self) -> None:
        """Every joint is said not to be visible."""
        for joint in self.reading.expected:
            assert self.desk.perform(
                lambda r, j=joint: gestures.set_not_assessable(r, j, NotAssessable.NOT_VISIBLE)
            )
        assert self.reading.state is ReadingState.COMPLETE

    def agrees(self) -> bool:
        """What is shown is what would be shown if the image were opened anew."""
        stored = self.detections.standing(self.image_id, self.at.person)
        shown = self.review.standing
        return (stored.run, stored.decisions, stored.hidden, stored.earlier) == (
            shown.run,
            shown.decisions,
            shown.hidden,
            shown.earlier,
        )


@contextmanager
def seat(data: Path, qtbot: QtBot, name: str = "Dr. A", role: Role = Role.READER) -> Iterator[Seat]:
    """The first image of the study is open."""
    with sit_down(data, name, role) as desk:
        sitting = desk.sitting
        with qtbot.waitSignal(sitting.desk.opened, timeout=MS):
            sitting.open(sitting.worklist.ids[0])
        refused: list[KnuckleError] = []
        sitting.desk.refused.connect(refused.append)
        yield Seat(desk, sitting.worklist.ids[0], refused)
