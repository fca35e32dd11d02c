"""Opening an image: verified pixels and the reader's reading together, and the next ones ahead of time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from annotator.domain.annotations import ImageFacts, Reading
from annotator.domain.errors import KnuckleError
from annotator.domain.images import Image
from annotator.imaging.display import export_table
from annotator.imaging.hands import SMALL, HandSeen, see_hands
from annotator.imaging.radiograph import Radiograph
from annotator.imaging.resample import Pyramid
from annotator.workflow.jobs import Job, JobRunner, Lane, Progress
from annotator.workflow.naming import Sheet

KEPT = 5
"""Radiographs kept in memory: the open one, and two on either side. 7 MB each, twice that to show."""


@dataclass(frozen=True)
class Picture:
    """An image of the study with its pixels, ready to be shown.

    seen: where its hands seem to lie, on one strip and on two.
    """

    image: Image
    radiograph: Radiograph
    pyramid: Pyramid
    seen: tuple[tuple[HandSeen | None, ...], tuple[HandSeen | None, ...]]

    @classmethod
    def of(cls, image: Image, radiograph: Radiograph) -> Picture:
        pyramid = Pyramid(radiograph.values)
        scale = max(1.0, pyramid.width / SMALL)
        size = max(1, round(pyramid.width / scale)), max(1, round(pyramid.height / scale))
        small = pyramid.render((0.0, 0.0, float(pyramid.width), float(pyramid.height)), *size)
        bright = export_table(radiograph.facts.chain)[small]
        return cls(image, radiograph, pyramid, (see_hands(bright, 1, scale), see_hands(bright, 2, scale)))

    def sheet(self, facts: ImageFacts) -> Sheet:
        """The image as the hand template needs it."""
        height, width = self.radiograph.values.shape
        return Sheet(width, height, facts, self.seen[len(facts.hands.sides) - 1])


@dataclass(frozen=True)
class OpenImage:
    """All that lies on the reading desk."""

    picture: Picture
    reading: Reading

    @property
    def image(self) -> Image:
        return self.picture.image


class Opener(QObject):
    """Loads pictures in the front lane and hands them out whole.

    opened(OpenImage) and failed(int image, KnuckleError) answer `open`; a later `open` supersedes it.
    """

    opened = Signal(object)
    failed = Signal(int, object)

    def __init__(
        self,
        jobs: JobRunner,
        find: Callable[[int], Image],
        load: Callable[[int], Reading],
        read: Callable[[Image], Radiograph],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._find = find
        self._load = load
        self._read = read
        self._kept: OrderedDict[int, Picture] = OrderedDict()
        self._wanted: int | None = None
        self._running: dict[int, Job] = {}

    def open(self, image_id: int) -> None:
        """Show this image as soon as it is there; what was wanted before is wanted no more."""
        self._wanted = image_id
        self._cancel_all_but(image_id)
        picture = self._kept.get(image_id)
        if picture is not None and unchanged(picture.image):
            self._deliver(image_id)
        else:
            self._kept.pop(image_id, None)
            self._fetch(image_id)

    def stay(self) -> None:
        """What was wanted is wanted no more; it may arrive, but is not shown."""
        self._wanted = None

    def prefetch(self, image_ids: Sequence[int]) -> None:
        """Have these ready, in this order; failures wait until somebody opens the image."""
        for image_id in image_ids:
            if image_id not in self._kept:
                self._fetch(image_id)

    def kept(self, image_id: int) -> Picture | None:
        """The picture of an image that is in memory. May be asked in any thread."""
        return self._kept.get(image_id)

    def ready(self, image_id: int) -> bool:
        """The image is in memory: opening it reads no file."""
        return image_id in self._kept

    def forget(self, image_id: int) -> None:
        """The image is read from its file the next time."""
        self._kept.pop(image_id, None)

    def renewed(self, picture: Picture) -> Picture | None:
        """The picture with what the study says of its image now, None where it is withdrawn.

        Size and time of change stay those of the file that was read.
        """
        try:
            found = self._find(picture.image.id)
        except KnuckleError:
            return None
        read = picture.image.file
        file = replace(found.file, size=read.size, modified_ns=read.modified_ns)
        return replace(picture, image=replace(found, file=file))

    def renew(self) -> None:
        """The study has changed: what is kept says so, and what is withdrawn is forgotten."""
        for image_id, picture in list(self._kept.items()):
            renewed = self.renewed(picture)
            if renewed is None:
                self.forget(image_id)
            else:
                self._kept[image_id] = renewed

    def close(self) -> None:
        """Nothing is delivered any more, and nothing is kept."""
        self._wanted = None
        for job in self._running.values():
            job.cancel()
        self._running.clear()
        self._kept.clear()

    def _fetch(self, image_id: int) -> None:
        running = self._running.get(image_id)
        if running is not None and not running.cancelled:
            return

        def work(progress: Progress) -> Picture:
            image = _as_it_lies(self._find(image_id))
            radiograph = self._read(image)
            progress(0, 0, "")
            return Picture.of(image, radiograph)

        self._running[image_id] = self._jobs.submit(
            Lane.FRONT,
            self.tr("Opening image"),
            work,
            lambda picture: self._arrived(image_id, picture),
            lambda error: self._refused(image_id, error),
        )

    def _arrived(self, image_id: int, picture: Picture) -> None:
        self._running.pop(image_id, None)
        self._kept[image_id] = picture
        self._kept.move_to_end(image_id)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        if image_id == self._wanted:
            self._deliver(image_id)

    def _refused(self, image_id: int, error: KnuckleError) -> None:
        self._running.pop(image_id, None)
        if image_id == self._wanted:
            self._wanted = None
            self.failed.emit(image_id, error)

    def _deliver(self, image_id: int) -> None:
        self._wanted = None
        self._kept.move_to_end(image_id)
        try:
            opened = OpenImage(self._kept[image_id], self._load(image_id))
        except KnuckleError as error:
            self.failed.emit(image_id, error)
            return
        self.opened.emit(opened)

    def _cancel_all_but(self, image_id: int) -> None:
        for other in [other for other in self._running if other != image_id]:
            self._running.pop(other).cancel()


def _as_it_lies(image: Image) -> Image:
    """The image with its file's present size and time of change, which a copy has not kept; it is for
    `read` to find out whether it still is the same file."""
    try:
        found = Path(image.file.path).stat()
    except OSError:
        return image
    return replace(image, file=replace(image.file, size=found.st_size, modified_ns=found.st_mtime_ns))


def unchanged(image: Image) -> bool:
    """The file is the one that was read, by size and time of change; in doubt it is read again."""
    try:
        found = Path(image.file.path).stat()
    except OSError:
        return False
    return (found.st_size, found.st_mtime_ns) == (image.file.size, image.file.modified_ns)
