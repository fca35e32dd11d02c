"""Heat maps of a joint, made beside the window; the last ones are kept."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QObject, Signal

from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Finding
from annotator.domain.geometry import Box
from annotator.imaging.radiograph import Radiograph
from annotator.workflow.detection import HeatMap
from annotator.workflow.jobs import Job, JobRunner, Lane, Progress
from annotator.workflow.proposer import Proposer

KEPT = 16


@dataclass(frozen=True)
class HeatAsked:
    """By which version, of which image and box, of which finding's detector, and at which layer."""

    version_id: int
    image_id: int
    box: Box
    finding: Finding
    layer: str


class HeatMaps(QObject):
    """ready(HeatAsked, HeatMap) and failed(HeatAsked, KnuckleError) answer `ask`; a later one supersedes.
    cancelled(HeatAsked): somebody did not want to wait for it."""

    ready = Signal(object, object)
    failed = Signal(object, object)
    cancelled = Signal(object)

    def __init__(self, jobs: JobRunner, proposer: Proposer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._proposer = jobs, proposer
        self._kept: OrderedDict[HeatAsked, HeatMap] = OrderedDict()
        self._job: Job | None = None
        self.wanted: HeatAsked | None = None
        jobs.over.connect(self._over)

    def ask(self, asked: HeatAsked, radiograph: Radiograph) -> None:
        """Have the heat map made, unless it is kept."""
        on_its_way = self._job is not None and not self._job.cancelled
        if asked == self.wanted and on_its_way:
            return
        self.give_up()
        self.wanted = asked
        if asked in self._kept:
            self._arrived(asked, self._kept[asked])
            return

        def work(progress: Progress) -> HeatMap:
            model = self._proposer.model()
            if model.version.id != asked.version_id:
                raise KnuckleError(
                    f"Another version is active now: {model.version.name}.",
                    "Have it look at the image first.",
                )
            progress(0, 0, "")
            return model.explain(radiograph.pixels, asked.box, asked.finding, asked.layer)

        self._job = self._jobs.submit(
            Lane.MODEL,
            QCoreApplication.translate("Job", "Heat map"),
            work,
            lambda heat: self._arrived(asked, heat),
            lambda error: self._refused(asked, error),
        )

    def give_up(self) -> None:
        """Nothing is wanted any more."""
        if self._job is not None:
            self._job.cancel()
        self._job = self.wanted = None

    def _arrived(self, asked: HeatAsked, heat: HeatMap) -> None:
        self._job = None
        self._kept[asked] = heat
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        if asked == self.wanted:
            self.ready.emit(asked, heat)

    def _over(self, job: Job) -> None:
        asked = self.wanted
        if job is self._job and job.cancelled and asked is not None:
            self.give_up()
            self.cancelled.emit(asked)

    def _refused(self, asked: HeatAsked, error: KnuckleError) -> None:
        self._job = None
        if asked == self.wanted:
            self.wanted = None
            self.failed.emit(asked, error)
