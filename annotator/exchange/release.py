"""A release: the frozen data set that the detector trains on, in the format of `docs/release.md`.

- `images/NAME.png`: `Radiograph.pixels`, which is what the detector sees in the application, as 16-bit gray.
- A joint without a box has no place in it. A finding that is unsaid, not judged, or on a joint that is not
  confirmed or not assessable is null. Where displacements are merged, "subluxation" stands for either.
- The boxes of joints whose labels stay are "ignored": places of which nothing is said.
- `folds.json` is there where patients could be divided.
- `manifest.json` says under "about" where it comes from, and how many days after the patient's first visit
  each image was taken; there is no date and no clock time, so the same content gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import KnuckleError
from annotator.domain.findings import Certainty, Finding
from annotator.domain.geometry import Box
from annotator.exchange.labels import NOTICE, BoxedJoint, LabelledImage, LabelledJoint, distinct
from annotator.exchange.whole import whole_folder

FORMAT, VERSION = "knuckle-release", 1
ANNOTATIONS, FOLDS, MANIFEST, IMAGES = "annotations.json", "folds.json", "manifest.json", "images"
IGNORED = "ignored"
SEED = 0
_HEAD = f'"format": "{FORMAT}", "version": {VERSION}'
_FASTEST = 1
Counts = tuple[int, int, int]
Divide = Callable[[Mapping[str, Counts], int], Sequence[Sequence[str]]]
"""Images, ankylosed and displaced joints of each patient, and a seed -> the patients of each fold."""


@dataclass(frozen=True, slots=True)
class Film:
    """An image of a release. png: as `picture` makes it. spacing_mm: distance of pixels, None where it is not
    known or not the same both ways. days: since the patient's first visit, None without a date. ignored:
    boxes inside the image, of joints of which nothing is said."""

    labelled: LabelledImage
    png: bytes = field(repr=False)
    spacing_mm: float | None
    right_on_left: bool
    days: int | None
    ignored: tuple[Box, ...] = ()


def picture(pixels: NDArray[np.uint16]) -> bytes:
    """uint16 [H, W] as 16-bit gray PNG, quickly rather than small."""
    import imagecodecs

    if pixels.dtype != np.uint16 or pixels.ndim != 2:
        raise ValueError(f"no 16-bit gray picture: {pixels.dtype} {pixels.shape}")
    # Every value from the one above, then Huffman codes alone: half the time of level 1, and no larger.
    png = imagecodecs.PNG
    return bytes(
        imagecodecs.png_encode(
            np.ascontiguousarray(pixels), _FASTEST, strategy=png.STRATEGY.HUFFMAN_ONLY, filter=png.FILTER.UP
        )
    )


def write(
    out: Path,
    films: Iterable[Film],
    divide: Divide,
    about: Callable[[], Mapping[str, object]],
    on_image: Callable[[int], None] | None = None,
) -> None:
    """Writes a release into `out`, a folder that is empty or not there.

    Films are taken one by one, so that memory does not grow with their pixels. about: asked once all are
    written. on_image gets the number of images written; what it raises ends the writing, and nothing is left.
    Raises KnuckleError, also for two images of the same picture.
    """
    with whole_folder(out) as folder:
        (folder / IMAGES).mkdir()
        writing = _Writing(folder)
        with (folder / ANNOTATIONS).open("xb") as file:
            writing.images(file, films, on_image)
        folds = divide(writing.counts, SEED)
        if folds:
            writing.put(FOLDS, _folds_text(folds))
        days = {**about(), "days_since_first_visit": writing.days}
        (folder / MANIFEST).write_bytes(_manifest_text(days, writing.digests).encode())


class _Writing:
    """What is known of a release while it is written: hashes by path, counts by patient, days by path."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._first: dict[str, str] = {}
        self.digests: dict[str, str] = {}
        self.counts: dict[str, Counts] = {}
        self.days: dict[str, int | None] = {}

    def images(self, file: IO[bytes], films: Iterable[Film], on_image: Callable[[int], None] | None) -> None:
        """The pictures, and meanwhile annotations.json."""
        digest = hashlib.sha256()

        def say(text: str) -> None:
            data = text.encode()
            digest.update(data)
            file.write(data)

        by_name: list[Film] = []  # the film that `distinct` has just let through

        def labelled() -> Iterable[LabelledImage]:
            for film in films:
                by_name[:] = [film]
                yield film.labelled

        say(f'{{{_HEAD},\n "test": [],\n "images": [')
        for number, _image in enumerate(distinct(labelled()), 1):
            say(",\n" if number > 1 else "\n")
            say(self._image(by_name[0]))
            if on_image is not None:
                on_image(number)
        say("\n]}\n")
        self.digests[ANNOTATIONS] = digest.hexdigest()

    def put(self, name: str, text: str) -> None:
        data = text.encode()
        (self._folder / name).write_bytes(data)
        self.digests[name] = hashlib.sha256(data).hexdigest()

    def _image(self, film: Film) -> str:
        """Writes the picture; what annotations.json says of it."""
        image = film.labelled
        path = f"{IMAGES}/{image.file_name}"
        digest = hashlib.sha256(film.png).hexdigest()
        if (same := self._first.setdefault(digest, image.file_name)) != image.file_name:
            raise KnuckleError(
                f"{image.file_name} is the same picture as {same}.",
                "Withdraw one of the two images; a release may hold a picture once.",
                name=image.file_name,
                same=same,
            )
        with (self._folder / path).open("xb") as file:
            file.write(film.png)
        self.digests[path] = digest
        self.days[path] = film.days
        joints = [_joint(boxed, image.width, image.height) for boxed in image.boxed]
        self._count(image.patient_code, joints)
        said: dict[str, object] = {
            "file": path,
            "patient": image.patient_code,
            "visit": image.visit,
            "width": image.width,
            "height": image.height,
            "spacing_mm": film.spacing_mm,
            "right_on_left": film.right_on_left,
        }
        if film.ignored:
            said[IGNORED] = [list(map(float, box.corners)) for box in film.ignored]
        lines = ",\n".join(f"   {_json(joint)}" for joint in joints)
        return f'  {_json(said)[:-1]}, "joints": [\n{lines}\n  ]}}'

    def _count(self, patient: str, joints: Sequence[Mapping[str, object]]) -> None:
        images, ankylosed, displaced = self.counts.get(patient, (0, 0, 0))
        self.counts[patient] = (
            images + 1,
            ankylosed + sum(joint["ankylosis"] is True for joint in joints),
            displaced + sum(joint["displacement"] not in (None, "none") for joint in joints),
        )


def _joint(boxed: BoxedJoint, width: int, height: int) -> dict[str, object]:
    box, label = boxed.box.clipped(width, height), boxed.label
    assert box is not None  # a labelled image has no box beyond it
    marks = {mark.finding: mark.certainty for mark in label.marks}
    lesser = Certainty.PROBABLE if Certainty.PROBABLE in marks.values() else Certainty.CERTAIN
    return {
        "name": label.joint.name,
        "box": list(map(float, box.corners)),
        "ankylosis": Finding.ANKYLOSIS in marks if _is_said(label, Finding.ANKYLOSIS) else None,
        "displacement": _displacement(label),
        "certainty": lesser.value if marks else None,
    }


def _displacement(label: LabelledJoint) -> str | None:
    displaced = (Finding.SUBLUXATION, Finding.DISLOCATION)
    for mark in label.marks:
        if mark.finding in displaced:
            return mark.finding.value
    return "none" if any(_is_said(label, finding) for finding in displaced) else None


def _is_said(label: LabelledJoint, finding: Finding) -> bool:
    """Whether the label says that the finding is there, or that it is not."""
    if finding in [mark.finding for mark in label.marks]:
        return True
    judged = label.confirmed and label.not_assessable is None and finding in label.joint.findings
    return judged and finding not in label.unsaid


def _folds_text(folds: Sequence[Sequence[str]]) -> str:
    lines = ",\n".join(f"  {_json(list(fold))}" for fold in folds)
    return f'{{{_HEAD},\n "seed": {SEED},\n "folds": [\n{lines}\n]}}\n'


def _manifest_text(about: Mapping[str, object], digests: Mapping[str, str]) -> str:
    lines = ",\n".join(f"  {_json(path)}: {_json(digests[path])}" for path in sorted(digests))
    said = _json({"notice": NOTICE, **about})
    return f'{{{_HEAD},\n "about": {said},\n "files": {{\n{lines}\n}}}}\n'


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
