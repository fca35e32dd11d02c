"""One run of the active version over one image, from its file to the stored run; with a window or without."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from annotator.domain.errors import KnuckleError, ModelError
from annotator.domain.images import Image
from annotator.domain.people import Person
from annotator.domain.proposals import Run
from annotator.domain.versions import ModelVersion
from annotator.imaging.radiograph import Radiograph
from annotator.store.detections import Detections
from annotator.store.versions import Versions
from annotator.workflow.detection import Model
from annotator.workflow.jobs import Progress
from annotator.workflow.opening import Picture


@dataclass(frozen=True)
class Sources:
    """Where images come from. kept: an image's picture, where it is in memory. read: the radiograph, from its
    file, as it was imported; find and read raise KnuckleError where there is none."""

    find: Callable[[int], Image]
    read: Callable[[Image], Radiograph]
    kept: Callable[[int], Picture | None] = lambda _image_id: None


class Proposer:
    """Keeps the active version in memory between images. For one thread at a time."""

    def __init__(
        self,
        versions: Versions,
        detections: Detections,
        person: Person,
        sources: Sources,
        threads: int | None = None,
    ) -> None:
        """person: who has it run. threads: how many cores the detector may use, None means all."""
        self.versions, self.detections, self.person = versions, detections, person
        self._sources, self._threads = sources, threads
        self._model: Model | None = None

    def model(self) -> Model:
        """The active version, ready to run. Raises ModelError where none is active, or its folder does not
        hold what was imported."""
        version = self.versions.active()
        if version is None:
            self._model = None
            raise ModelError("No version of the detector is active.", "Activate one (Proposals, Models).")
        if self._model is None or not _same(self._model.version, version):
            self._model = None
            try:
                self._model = Model(version, self._threads)
            except KnuckleError as error:
                raise ModelError(error.message, error.advice) from error
        return self._model

    def find(self, image_id: int) -> Image | None:
        """The image, None where it is withdrawn."""
        try:
            return self._sources.find(image_id)
        except KnuckleError:
            return None

    def unproposed(self, study_id: int) -> list[int]:
        """The images of a study that the active version has not run over; raises as `model`."""
        model = self.model()
        return self.detections.unproposed(study_id, model.version, model.scan)

    def propose(self, image_id: int, progress: Progress, *, again: bool) -> Run | None:
        """Look at an image and store what is seen. again: also where this version has looked at it before;
        else that is left as it is, and None returned.

        Raises ModelError where no version can be used, KnuckleError where the file cannot be, or the image is
        withdrawn, SaveError where the run cannot be stored, and what `progress` raises.
        """
        model = self.model()
        if not again and self.detections.has_run(image_id, model.version, model.scan):
            return None
        image = self._sources.find(image_id)
        picture = self._sources.kept(image_id) or Picture.of(image, self._sources.read(image))
        title = QCoreApplication.translate("Job", "Proposing")
        progress(0, 0, title)
        run = model.propose(
            image_id,
            picture.radiograph.pixels,
            picture.sheet(image.file.facts),
            lambda share: progress(0, 0, f"{title} {share:.0%}"),
        )
        progress(0, 0, title)
        return self.detections.add(run, self.person)


def _same(one: ModelVersion, other: ModelVersion) -> bool:
    return (one.id, one.sha256, one.folder) == (other.id, other.sha256, other.folder)
