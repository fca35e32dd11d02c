"""Which DICOM image labels are of: the UIDs in its file."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag

from annotator.exchange.dicom_sr import Source
from annotator.imaging import part10, refusals
from annotator.imaging.entries import text

_LAST_WANTED = 0x0020000E


def source_of(path: Path, file_sha256: str) -> Source:
    """From the file as it was imported. Raises KnuckleError where it is gone, has changed, or lacks a UID."""
    data, info = part10.read_bytes(path)
    if hashlib.sha256(data).hexdigest() != file_sha256:
        raise refusals.changed()
    part = part10.split(data, info.st_size)
    ds = read_dataset(part.stream(), part.implicit, part.little_endian, stop_when=_is_behind)
    names = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
    found = [text(ds, name) for name in names]
    for name, uid in zip(names, found, strict=True):
        if not uid:
            raise refusals.missing(name)
    return Source(*found)


def _is_behind(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return int(tag) > _LAST_WANTED
