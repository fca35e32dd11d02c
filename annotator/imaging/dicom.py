"""Radiographs from DICOM files: the public face. pydicom is imported at the first call, not before."""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import KnuckleError
from annotator.imaging import part10, refusals
from annotator.imaging.radiograph import Facts, Identity, Radiograph, Spacing

__all__ = ["Facts", "Identity", "Radiograph", "Spacing", "is_dicom", "read", "sha256_of_values"]


def read(path: Path, file_sha256: str | None = None) -> Radiograph:
    """The whole radiograph, checked. Raises KnuckleError where it cannot be used.

    file_sha256: what the file must hash to, where it was imported before: a changed file is refused
    before any of it is parsed. Give it whenever it is known, since only files that went through
    `guard.GuardedReader` are safe to decode in the program's own process.
    """
    data, info = part10.read_bytes(path)
    digest = hashlib.sha256(data).hexdigest()
    if file_sha256 is not None and digest != file_sha256:
        raise refusals.changed()
    return _decoded(data, info.st_size, digest)


def decoded(data: bytes, size: int) -> Radiograph:
    """The radiograph in a file's bytes; size: of the file. Raises KnuckleError."""
    return _decoded(data, size, hashlib.sha256(data).hexdigest())


def _decoded(data: bytes, size: int, file_sha256: str) -> Radiograph:
    from annotator.imaging.frame import values_of
    from annotator.imaging.header import parse

    with warnings.catch_warnings():  # pydicom warns of odd spellings; what matters is checked by us
        warnings.simplefilter("ignore")
        part = part10.split(data, size)
        header = parse(part)
        try:
            values = values_of(part, header)
        except MemoryError as error:
            raise refusals.no_memory() from error
    return Radiograph(header.facts, values, file_sha256, sha256_of_values(values))


def is_dicom(path: Path) -> bool:
    """Whether the file begins like DICOM: preamble and DICM, or a plausible header without them.

    True as well for what cannot be opened, so that reading it tells the reason.
    """
    try:
        return part10.begins_like_dicom(part10.read_bytes(path, 256)[0])
    except KnuckleError:
        return True


def sha256_of_values(values: NDArray[np.uint16]) -> str:
    """Of the shape and the values' little endian bytes, whatever the encoding in the file was."""
    height, width = values.shape
    digest = hashlib.sha256(f"{height}x{width}:".encode())
    digest.update(np.ascontiguousarray(values, dtype="<u2").data)
    return digest.hexdigest()
