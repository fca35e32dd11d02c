"""A desk whose study has a version of the detector, and images with runs."""

from __future__ import annotations

from dataclasses import dataclass, replace

from store_samples import Desk, film

from annotator.domain.annotations import Reading
from annotator.domain.edits import Edit
from annotator.domain.people import Person
from annotator.domain.proposals import Proposal, Run
from annotator.domain.standing import Standing
from annotator.domain.versions import ModelVersion, VersionFolder
from annotator.store.detections import Detections
from annotator.store.readings import Way
from annotator.store.versions import Versions
from tests.proposal_samples import SHA256, run_over

FOLDER = VersionFolder(
    "demo 1", SHA256, "/models/demo 1", created="2026-11-20", figures=(("accuracy", 0.93),)
)
OTHER = VersionFolder("demo 2", "cd" * 32, "/models/demo 2")


@dataclass
class Review:
    """One reader at one image of a desk: the reading in memory and how they stand to its proposals."""

    desk: Desk
    by: Person
    image_id: int
    version: ModelVersion
    reading: Reading
    standing: Standing

    @property
    def detections(self) -> Detections:
        return Detections(self.desk.database)

    def run(self, proposals: tuple[Proposal, ...] | None = None, version: ModelVersion | None = None) -> Run:
        """A new run, stored and shown to the reader."""
        ran = version or self.version
        new = run_over(self.image_id, proposals, version_id=ran.id, sha256=ran.sha256)
        stored = self.detections.add(new, self.by)
        self.look()
        return stored

    def look(self) -> Standing:
        """Load what is to be seen, and say that it is shown."""
        self.detections.reveal(self.image_id, self.by)
        self.standing = self.detections.standing(self.image_id, self.by)
        return self.standing

    def do(self, edit: Edit, way: Way = "do") -> None:
        self.reading, _ = self.desk.readings.apply(self.reading, edit, self.by, way=way)
        self.standing = self.standing.after(edit)

    def agrees(self) -> bool:
        """Whether what is stored is what is in memory."""
        stored = self.detections.standing(self.image_id, self.by)
        reading = self.desk.readings.load(self.image_id, self.by)
        return reading == self.reading and replace(stored, revealed=None) == replace(
            self.standing, revealed=None
        )


def review_on(desk: Desk, name: str = "Anna", number: int = 1, *, run: bool = True) -> Review:
    """number: of the film. run: with proposals for all twenty joints, shown."""
    image_id, by = desk.image(film(number)), desk.person(name)
    version = Versions(desk.database).register(FOLDER, desk.admin)
    reading = desk.readings.load(image_id, by)
    review = Review(desk, by, image_id, version, reading, Standing())
    if run:
        review.run()
    return review
