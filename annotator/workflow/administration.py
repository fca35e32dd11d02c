"""Who signs in, which studies there are, and what is done to a study as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Image, Study
from annotator.domain.people import Person, Right, Role, demand
from annotator.store.people import People
from annotator.store.studies import Studies
from annotator.workflow import sample
from annotator.workflow.jobs import Job, JobRunner, Lane
from annotator.workflow.library import Library
from annotator.workflow.outcomes import Outcomes

_translate = QCoreApplication.translate


@dataclass(frozen=True)
class Administration:
    """What people do to studies. Everything long runs as a job in the back lane, and `outcomes` tells how it
    ended."""

    people: People
    studies: Studies
    library: Library
    jobs: JobRunner
    sample_folder: Path
    outcomes: Outcomes = field(default_factory=Outcomes)

    def enter(self, name: str, role: Role) -> Person:
        """Somebody signs in: who is known keeps the role they have.

        Without an administrator, a new person becomes one, unless all they want is to bring data:
        the command line must not take that place from the first reader.
        """
        name = name.strip()
        if not name:
            raise KnuckleError("A name is needed to sign in.", "Type yours, or choose it from the list.")
        known = self.people.find(name)
        if known:
            return known
        led = any(person.role is Role.ADMINISTRATOR for person in self.people.all())
        return self.people.add(name, role if led or role is Role.DATA else Role.ADMINISTRATOR, None)

    def give_role(self, name: str, role: Role, by: str) -> Person:
        """Give somebody another role; by: the name of an administrator."""
        whom, giver = self.people.find(name), self.people.find(by)
        if whom is None or giver is None:
            unknown = name if whom is None else by or "without a name"
            raise KnuckleError(f"Nobody here is known as {unknown}.", "See who is with: knuckle people.")
        return self.people.set_role(whom, role, giver)

    def find(self, image_id: int) -> Image | None:
        """An image, or None where it is withdrawn."""
        try:
            return self.studies.image(image_id)
        except KnuckleError:
            return None

    def create_study(self, name: str, prefix: str, by: Person) -> Study:
        demand(by, Right.STUDIES, "create studies")
        return self.studies.create(name.strip(), prefix.strip(), by)

    def import_paths(self, paths: Sequence[Path], study: Study, by: Person) -> Job:
        work, title = partial(self.library.add, paths, study, by), _translate("Administration", "Import")
        done = partial(self.outcomes.imported.emit, study)
        return self.jobs.submit(Lane.BACK, title, work, done, self.outcomes.failed.emit)

    def relocate(self, old: Path, new: Path, by: Person) -> Job:
        work, title = partial(self.library.relocate, old, new, by), _translate("Administration", "Relocate")
        told = self.outcomes
        return self.jobs.submit(Lane.BACK, title, work, told.relocated.emit, told.failed.emit)

    def sample_study(self, by: Person) -> Study:
        """The sample study, made where there is none; its images come with `make_sample`."""
        demand(by, Right.STUDIES, "create studies")
        return sample.found_or_made(self.studies, self.sample_folder, by)

    def complete_sample(self, study: Study, by: Person) -> Job | None:
        """Draw and import what a sample study still lacks; nothing for any other study."""
        if not by.may(Right.IMPORT) or sample.find(self.studies, self.sample_folder) != study:
            return None
        if sample.is_complete(self.studies, study, self.sample_folder):
            return None
        work = partial(sample.make_sample, self.studies, self.library, self.sample_folder, by)
        title, told = _translate("Administration", "Sample study"), self.outcomes
        return self.jobs.submit(Lane.BACK, title, work, lambda _made: told.sampled.emit(), told.failed.emit)

    def withdraw_image(self, image: Image, reason: str, by: Person) -> None:
        """The image is gone from every list and export; the audit keeps that it was there, and why."""
        demand(by, Right.WITHDRAW, "withdraw images")
        self.library.drop_pictures(self.studies.withdraw_image(image.id, _needed(reason), by))

    def withdraw_patient(self, image: Image, reason: str, by: Person) -> None:
        """All images of the patient of this one."""
        demand(by, Right.WITHDRAW, "withdraw patients")
        unseen = self.studies.withdraw_patient(image.study_id, image.patient_code, _needed(reason), by)
        self.library.drop_pictures(unseen)


def _needed(reason: str) -> str:
    if not reason.strip():
        raise KnuckleError("A reason is needed.", "Say in a few words why.")
    return reason.strip()
