"""Radiographs from DICOM files: the public face. pydicom is imported at the first call, not before."""

from __future__ import annotations

from pathlib import Path

from annotator.imaging.radiograph import Facts, Identity, Radiograph, Spacing

__all__ = ["Facts", "Identity", "Radiograph", "Spacing", "is_dicom", "read", "read_facts"]


def read(path: Path) -> Radiograph:
    """The whole radiograph, checked. Raises KnuckleError where it cannot be used."""
    raise NotImplementedError(path)


def read_facts(path: Path) -> Facts:
    """The facts of the header, without touching pixels. Raises KnuckleError where it cannot be used."""
    raise NotImplementedError(path)


def is_dicom(path: Path) -> bool:
    """Whether the file begins like DICOM: preamble and DICM, or a plausible header without them."""
    raise NotImplementedError(path)
