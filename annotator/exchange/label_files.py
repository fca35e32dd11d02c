"""Labels out of a file or folder in any of the formats, each image with what tells which one it is."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from annotator.exchange import coco, dicom_sr, table, voc, yolo
from annotator.exchange.labels import LabelledImage, LabelledJoint
from annotator.exchange.names import stem
from annotator.exchange.whole import unreadable


class LabelForm(StrEnum):
    COCO = "coco"
    VOC = "voc"
    YOLO = "yolo"
    CSV = "csv"
    SR = "sr"


@dataclass(frozen=True, slots=True)
class ImageLabels:
    """Labels and what their file says of the image they are of: what it does not say is "" or 0.

    name: how the file calls the image (its SOP instance UID in an SR). width, height: pixels. pixels_sha256:
    as in `LabelledImage`.
    """

    name: str
    joints: tuple[LabelledJoint, ...]
    width: int = 0
    height: int = 0
    patient_code: str = ""
    visit: int = 0
    sop_instance_uid: str = ""
    pixels_sha256: str = ""

    @property
    def readers(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(label.reader for label in self.joints))

    def by(self, reader: str) -> ImageLabels:
        return replace(self, joints=tuple(label for label in self.joints if label.reader == reader))


Sizes = Mapping[str, tuple[int, int]]
"""Width and height in pixels of the images that are at hand, by their names without ending."""

_STRANGER = (1, 1)
_READERS: dict[LabelForm, Callable[[Path], tuple[LabelledImage, ...]]] = {
    LabelForm.COCO: coco.read,
    LabelForm.VOC: voc.read,
    LabelForm.CSV: table.read,
}
_FILES: dict[LabelForm, tuple[str, ...]] = {
    LabelForm.COCO: (coco.FILE,),
    LabelForm.VOC: (f"{voc.FOLDER}/*.xml", "*.xml"),
    LabelForm.YOLO: (yolo.NAMES, table.FILE, f"{yolo.FOLDER}/*.txt"),
    LabelForm.CSV: (table.FILE,),
    LabelForm.SR: ("*.dcm",),
}
_SIGNS = {
    LabelForm.COCO: coco.FILE,
    LabelForm.YOLO: yolo.NAMES,  # before CSV: its folders have a table too
    LabelForm.CSV: table.FILE,
    LabelForm.VOC: f"{voc.FOLDER}/*.xml",
    LabelForm.SR: "*.dcm",
}
_ENDINGS = {
    ".json": LabelForm.COCO,
    ".csv": LabelForm.CSV,
    ".xml": LabelForm.VOC,
    ".dcm": LabelForm.SR,
}


def read_labels(path: Path, form: LabelForm, sizes: Sizes) -> tuple[ImageLabels, ...]:
    """Of all images in a file or folder, in its order. Raises KnuckleError for what cannot be read, and for
    what holds no image.

    sizes: for a YOLO folder of another program, which does not have them.
    """
    if form is LabelForm.SR:
        found = _of_reports(path)
    else:
        images = _READERS[form](path) if form in _READERS else _of_yolo(path, sizes)
        found = tuple(map(_of_image, images))
    if not found:
        raise unreadable(path, "there are no labels in it")
    return found


def form_of(path: Path) -> LabelForm | None:
    """What a file is by its ending, and a folder by the labels in it; None where that does not tell."""
    if not os.path.isdir(path):
        return _ENDINGS.get(path.suffix.lower())
    return next((form for form, pattern in _SIGNS.items() if any(path.glob(pattern))), None)


def sha256_of(path: Path, form: LabelForm) -> str:
    """Of a file's bytes; of a folder over the names and hashes of the files that hold its labels."""
    try:
        if path.is_file():
            return _sha256(path)
        files = sorted({file for pattern in _FILES[form] for file in path.glob(pattern)})
        lines = [f"{_sha256(file)}  {file.relative_to(path).as_posix()}\n" for file in files]
    except OSError as error:
        raise unreadable(path, error.strerror or type(error).__name__) from error
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_image(image: LabelledImage) -> ImageLabels:
    return ImageLabels(
        image.file_name,
        image.joints,
        image.width,
        image.height,
        image.patient_code,
        image.visit,
        pixels_sha256=image.pixels_sha256,
    )


def _of_yolo(path: Path, sizes: Sizes) -> tuple[LabelledImage, ...]:
    """A text file whose image is not at hand is read all the same, so that it can be told by name."""
    if not path.is_dir():
        raise unreadable(path, "YOLO is a folder with data.yaml and labels")
    if (path / table.FILE).exists():
        return yolo.read(path)
    files = sorted((path / yolo.FOLDER).glob("*.txt"))
    return yolo.read(path, {f"{file.stem}.png": sizes.get(file.stem, _STRANGER) for file in files})


def _of_reports(path: Path) -> tuple[ImageLabels, ...]:
    """One for each image, with all readers' labels. Raises KnuckleError for two reports of one reader."""
    found: dict[str, ImageLabels] = {}
    for report in dicom_sr.read(path):
        uid = report.sop_instance_uid
        known = found.get(uid, ImageLabels(uid, (), patient_code=report.patient_code, sop_instance_uid=uid))
        if report.reader in known.readers:
            raise unreadable(path, f"it holds two reports of one reader on the image {uid}")
        found[uid] = replace(known, joints=(*known.joints, *report.joints))
    return tuple(found.values())


def size_key(name: str) -> str:
    """What an image is called in `Sizes`."""
    return stem(name)
