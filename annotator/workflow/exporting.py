"""From a study and a policy to a folder in one of the formats, whole or not at all, and audited.

**Files.** A release needs the radiographs, and DICOM SR their UIDs. Where a file is missing or has changed,
nothing is exported and every such image is named: a data set that lacks what was asked for deceives whoever
trains on it. Who wants the rest all the same says so (`without_missing`), and what is left out is named in
the preview and in the release.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from importlib.metadata import version
from os import stat
from pathlib import Path
from typing import TypeVar

from annotator import __version__
from annotator.domain.errors import KnuckleError
from annotator.domain.export_policy import Policy
from annotator.domain.images import Image, Study
from annotator.domain.people import Person, Right, demand
from annotator.domain.revealing import Seen
from annotator.domain.selection import ChosenLabel, LeftOut, Reason, Selected, SelectedImage, select
from annotator.domain.words import counted
from annotator.exchange import coco, dicom_sr, release, table, voc, yolo
from annotator.exchange.dicom_source import source_of
from annotator.exchange.labels import NOTICE, LabelledImage, LabelledJoint, labelled
from annotator.exchange.release import Film
from annotator.exchange.whole import whole_folder
from annotator.store.exports import Exports
from annotator.workflow.detection import AFTER_PROPOSALS, fold_patients
from annotator.workflow.jobs import Progress, in_order
from annotator.workflow.library import Library

T = TypeVar("T")
WORKERS = 2
SOFTWARE = ("numpy", "opencv-python-headless", "imagecodecs")
"""What decodes, converts and encodes pixels, beside Knuckle itself."""


class Form(StrEnum):
    RELEASE = "release"
    COCO = "coco"
    VOC = "voc"
    YOLO = "yolo"
    CSV = "csv"
    SR = "sr"


_ADVICE = "Put the files back or relocate their folder, or leave these images out (--without-missing)."
_PARTLY_MARKED = (
    "{n} image has joints without any box; what is not marked is learned as background.",
    "{n} images have joints without any box; what is not marked is learned as background.",
)
_ONE_READER = {Form.RELEASE, Form.YOLO}
_NEEDS_FILES = {Form.RELEASE, Form.SR}
_WRITERS = {Form.COCO: coco.write, Form.VOC: voc.write, Form.YOLO: yolo.write, Form.CSV: table.write}


@dataclass(frozen=True)
class Order:
    """What is to be exported. without_missing: go on without the images whose file is missing or changed."""

    study: Study
    policy: Policy
    form: Form
    without_missing: bool = False


@dataclass(frozen=True)
class Preview:
    """What an order would give. obstacle: why it would not be done."""

    order: Order
    selected: Selected
    obstacle: KnuckleError | None = None

    @property
    def object(self) -> dict[str, object]:
        """As it is printed; what is left out comes last, since it may be long."""
        said: dict[str, object] = {"notice": NOTICE, "format": self.order.form.value}
        if self.obstacle is not None:
            said["refused"] = {"error": self.obstacle.message, "advice": self.obstacle.advice}
        if images := self.selected.partly_marked:
            said["warnings"] = [counted(images, *_PARTLY_MARKED)]
        return {**said, **_told(self.order, self.selected)}


@dataclass(frozen=True)
class Exported:
    """sha256: of the manifest of a release, else over the hashes of all files."""

    preview: Preview
    out: Path
    sha256: str

    @property
    def object(self) -> dict[str, object]:
        head, *rest = self.preview.object.items()
        return dict([head, ("out", str(self.out)), ("sha256", self.sha256), *rest])


class Exporter:
    """Exports studies; makes and changes no label."""

    def __init__(self, exports: Exports, library: Library) -> None:
        self._exports = exports
        self._library = library

    def preview(self, order: Order, by: Person) -> Preview:
        """What would be exported, and what not and why. Nothing is written, and no file opened: one that
        changed and kept its size is found when it is exported. Raises LockedError without the right."""
        demand(by, Right.EXPORT, "export a study")
        selected = select(self._exports.readings(order.study.id, by), order.policy)
        selected = _boxed(selected) if order.form is Form.RELEASE else _without_places(selected)
        obstacle = _obstacle(order, selected)
        if order.form in _NEEDS_FILES:
            missing = [one for one in selected.images if not _seems_there(one.image)]
            if missing and not order.without_missing:
                obstacle = obstacle or _missing(missing)
            selected = _without_files(selected, missing)
        return Preview(order, selected, obstacle or _nothing_left(order, selected))

    def export(self, order: Order, out: Path, by: Person, progress: Progress) -> Exported:
        """Write an order into `out`, a folder that is empty or not there, and note it in the audit.

        What progress raises ends it, and nothing is left. Raises KnuckleError where the order cannot be done,
        the folder is taken, or the disk is full.
        """
        preview = self.preview(order, by)
        if preview.obstacle is not None:
            raise preview.obstacle
        out = out.expanduser()
        with whole_folder(out) as folder:
            # under its own name, which is what a full disk is told of
            made = folder / ".made" / (out.resolve().name or "export")
            made.parent.mkdir()
            selected = self._write(preview, made, progress)
            for path in sorted(made.iterdir()):
                path.rename(folder / path.name)
            made.rmdir()
            made.parent.rmdir()
            done = Exported(replace(preview, selected=selected), out, _sha256_of(folder))
            self._exports.note(order.study.id, _audited(done), by)
        return done

    def _write(self, preview: Preview, out: Path, progress: Progress) -> Selected:
        """Write the files; what is in them in the end."""
        order, selected = preview.order, preview.selected
        total = len(selected.images)

        def on_image(done: int) -> None:
            progress(done, total, selected.images[done - 1].image.patient_code)

        progress(0, total, "")
        if order.form in _WRITERS:
            _WRITERS[order.form](out, map(_labelled, selected.images), on_image)
            return selected
        lost: list[SelectedImage] = []
        if order.form is Form.RELEASE:
            with closing(_found(preview, self._film, lost, progress)) as films:
                about = partial(_about_those, preview, lost)
                release.write(out, films, fold_patients, about)
        else:
            assert selected.changed_at is not None  # whoever said something is in the audit
            with closing(_found(preview, _sourced, lost, progress)) as sourced:
                dicom_sr.write(out, sourced, selected.changed_at.replace(tzinfo=None))
        kept = _without_files(selected, lost)
        if (left := _nothing_left(order, kept)) is not None:
            raise left
        return kept

    def _film(self, one: SelectedImage) -> Film:
        radiograph = self._library.read(one.image)
        spacing = radiograph.facts.spacing
        square = spacing is not None and abs(spacing.row_mm - spacing.column_mm) < 1e-6
        return Film(
            _labelled(one),
            release.picture(radiograph.pixels),
            spacing.column_mm if spacing is not None and square else None,
            one.right_on_left,
            one.days,
            one.ignored,
        )


def _found(
    preview: Preview,
    work: Callable[[SelectedImage], T],
    lost: list[SelectedImage],
    progress: Progress,
) -> Generator[T, None, None]:
    """What the work makes of each image. lost: grows by those whose file cannot be used. Raises KnuckleError
    for such an image unless the order goes on without."""
    images = preview.selected.images

    def tried(one: SelectedImage) -> T | KnuckleError:
        try:
            return work(one)
        except KnuckleError as error:
            return error

    with closing(in_order(WORKERS, tried, images)) as made:
        for done, (one, result) in enumerate(zip(images, made, strict=True), 1):
            if not isinstance(result, KnuckleError):
                yield result
            elif preview.order.without_missing:
                lost.append(one)
            else:
                raise KnuckleError(
                    f"{_name(one.image)} cannot be exported. {result.message}", _ADVICE, name=_name(one.image)
                ) from result
            progress(done, len(images), one.image.patient_code)


def _boxed(selected: Selected) -> Selected:
    """Without the labels that have no box, for a format in which a joint is its box."""
    images: list[SelectedImage] = []
    left_out = list(selected.left_out)
    for one in selected.images:
        where = partial(LeftOut, one.image.id, one.image.patient_code, one.image.visit)
        bare = [label for label in one.labels if label.box is None]
        left_out += [where(Reason.NO_BOX, label.joint, reader=label.reader) for label in bare]
        if len(bare) < len(one.labels):
            images.append(replace(one, labels=tuple(label for label in one.labels if label.box is not None)))
        else:
            left_out.append(where(Reason.EMPTY))
    return replace(selected, images=tuple(images), left_out=tuple(left_out))


def _without_places(selected: Selected) -> Selected:
    """For a format that has no word for a place of which nothing is said."""
    return replace(selected, images=tuple(replace(one, ignored=(), unmarked=()) for one in selected.images))


def _without_files(selected: Selected, lost: Sequence[SelectedImage]) -> Selected:
    gone = {one.image.id for one in lost}
    out = [LeftOut(one.image.id, one.image.patient_code, one.image.visit, Reason.FILE) for one in lost]
    kept = tuple(one for one in selected.images if one.image.id not in gone)
    return replace(selected, images=kept, left_out=(*selected.left_out, *out))


def _obstacle(order: Order, selected: Selected) -> KnuckleError | None:
    """Why the format cannot hold what is chosen."""
    many = [one for one in selected.images if _readers(one) > 1] if order.form in _ONE_READER else []
    if many:
        return KnuckleError(
            f"More than one reader labelled {_some([_name(one.image) for one in many], 3)}, and the format "
            f"{order.form.value} has a place for one.",
            "Choose one reader, or the majority.",
        )
    return None


def _nothing_left(order: Order, selected: Selected) -> KnuckleError | None:
    if selected.images:
        return None
    why = ", ".join(f"{reason} ({times})" for reason, times in selected.reasons.items())
    return KnuckleError(
        f"Nothing of the study {order.study.name} can be exported: {why or 'it has no images'}.",
        "Choose other readings, or have more images read.",
    )


def _missing(images: Sequence[SelectedImage]) -> KnuckleError:
    names = [_name(one.image) for one in images]
    told = counted(
        len(names),
        "The file of {n} image is missing or has changed: {names}.",
        "The files of {n} images are missing or have changed: {names}.",
        names=_some(names, 20),
    )
    return KnuckleError(told, _ADVICE)


def _readers(one: SelectedImage) -> int:
    return len({label.reader for label in one.labels})


def _name(image: Image) -> str:
    return labelled(image, (), "").file_name


def _some(names: Sequence[str], most: int) -> str:
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return ", ".join([*names[:most], *more])


def _seems_there(image: Image) -> bool:
    try:
        return stat(image.file.path).st_size == image.file.size
    except OSError:
        return False


def _labelled(one: SelectedImage) -> LabelledImage:
    return labelled(one.image, (_label(label, one.image) for label in one.labels))


def _label(label: ChosenLabel, image: Image) -> LabelledJoint:
    box = label.box and label.box.clipped(image.file.columns, image.file.rows)
    marks, knew = label.marks, label.seen
    return LabelledJoint(
        label.joint, box, marks, label.not_assessable, label.confirmed, label.reader, knew, label.unsaid
    )


def _sourced(one: SelectedImage) -> tuple[LabelledImage, dicom_sr.Source]:
    return _labelled(one), source_of(Path(one.image.file.path), one.image.file.file_sha256)


def _told(order: Order, selected: Selected) -> dict[str, object]:
    return {
        "study": order.study.name,
        "policy": selected.policy.object,
        "audit_position": selected.position,
        "counts": selected.counts.object,
        "left_out_because": selected.reasons,
        "left_out": [one.object for one in selected.left_out],
    }


def _about_those(preview: Preview, lost: list[SelectedImage]) -> dict[str, object]:
    """What a release says of itself, once it is known which images are in it."""
    order, selected = preview.order, _without_files(preview.selected, lost)
    software = {"knuckle": __version__, **{name: version(name) for name in SOFTWARE}}
    knew = sum(label.seen is Seen.YES for one in selected.images for label in one.labels)
    told = {**_told(order, selected), AFTER_PROPOSALS: knew}
    return {"source": "knuckle export", "software": software, **told}


def _audited(done: Exported) -> dict[str, object]:
    preview = done.preview
    return {
        "format": preview.order.form.value,
        "policy": preview.selected.policy.object,
        "audit_position": preview.selected.position,
        "counts": preview.selected.counts.object,
        "sha256": done.sha256,
    }


def _sha256_of(folder: Path) -> str:
    """Of the manifest, which has the hash of every other file, or else of such a list made here."""
    manifest = folder / release.MANIFEST
    if manifest.exists():
        return hashlib.sha256(manifest.read_bytes()).hexdigest()
    lines = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        lines.update(f"{digest}  {path.relative_to(folder).as_posix()}\n".encode())
    return lines.hexdigest()
