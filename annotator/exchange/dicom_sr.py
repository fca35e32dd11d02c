"""DICOM Structured Reports (TID 1500): one Comprehensive SR a reader and image, `NAME.r1.dcm`, `NAME.r2.dcm`.

- A joint is a measurement group (TID 1410): its tracking identifier is the joint (R-PIP3), its finding site
  125682004 "Finger Joint" (SCT) with laterality 24028007 / 7771000, its region a closed SCOORD POLYLINE of
  five points in pixels of the image, origin at the outer corner of the top-left pixel. SCOORD has 32-bit
  floats: an edge comes back within 0.0001 px up to 2048 px, 0.0005 px up to 8192. A joint without a box is a
  group without a region (TID 1501).
- SNOMED has no verified codes for each joint of a finger, nor for these findings on them. So the finding type
  is a joint's own code, and the words of `labels` are qualitative evaluations, all in the private scheme
  99KNUCKLE; words that are "" are left out.
- The reader is the person observer: the name, and as login name exactly as it is in Knuckle.
- The patient's identity is never in it: PatientID is the patient code, name and dates are empty. It does name
  the UIDs of image, series and study, or nobody could find what it is about: leave out what may not be found.
- The series description says what it is for.

highdicom comes with `knuckle[sr]`; without it both functions say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import ModuleType

from annotator.domain.errors import KnuckleError
from annotator.exchange.labels import LabelledImage, LabelledJoint, distinct
from annotator.exchange.names import stem
from annotator.exchange.whole import unreadable, whole_folder

MOST_BYTES = 32 * 1024 * 1024
"""Of one report; 20 joints are some 50 kB."""


@dataclass(frozen=True, slots=True)
class Source:
    """Which DICOM image the labels are of."""

    sop_class_uid: str
    sop_instance_uid: str
    study_uid: str
    series_uid: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says: one reader's labels, of the image of this UID."""

    sop_instance_uid: str
    patient_code: str
    reader: str
    joints: tuple[LabelledJoint, ...]


def write(
    out: Path,
    images: Iterable[tuple[LabelledImage, Source]],
    at: datetime,
    on_image: Callable[[int], None] | None = None,
) -> None:
    """Writes a report for each reader of each image into `out`, a folder that is empty or not there.

    at: when the labels were as they are; the same labels and time give the same bytes. on_image gets the
    number of images written; what it raises ends the writing, and nothing is left. Raises KnuckleError.
    """
    content = _content()
    sources: list[Source] = []  # of the image that `distinct` has just let through

    def labelled() -> Iterable[LabelledImage]:
        for image, source in images:
            sources[:] = [source]
            yield image

    with whole_folder(out) as folder:
        for number, image in enumerate(distinct(labelled()), 1):
            readers = dict.fromkeys(label.reader for label in image.joints)
            for index, reader in enumerate(readers, 1):
                own = tuple(label for label in image.joints if label.reader == reader)
                report = content.dataset(replace(image, joints=own), sources[0], reader, at, index)
                with (folder / f"{stem(image.file_name)}.r{index}.dcm").open("xb") as file:
                    report.save_as(file, enforce_file_format=True)
            if on_image is not None:
                on_image(number)


def read(path: Path) -> tuple[Report, ...]:
    """The report in a file, or those of all .dcm files in a folder, by file name. Raises KnuckleError."""
    if not path.is_dir():
        return (_read_file(path),)
    return tuple(_read_file(file) for file in sorted(path.glob("*.dcm")))


def _read_file(path: Path) -> Report:
    content = _content()
    try:
        if path.stat().st_size > MOST_BYTES:
            raise unreadable(path, f"it is larger than {MOST_BYTES // 2**20} MB")
        found: Report = content.report(path)
    except OSError as error:
        raise unreadable(path, error.strerror or type(error).__name__) from error
    except content.FAULTS as error:
        raise unreadable(path, error) from error
    return found


def _content() -> ModuleType:
    try:
        from annotator.exchange import sr_content
    except ModuleNotFoundError as error:
        raise KnuckleError(
            f"DICOM SR needs {error.name}, which is not installed.",
            "Install Knuckle with the extra sr: pip install 'knuckle[sr]'.",
            name=error.name or "",
        ) from error
    return sr_content
