"""What is known of one radiograph: facts of its header, and its stored values. Holds no pydicom object."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import cv2
import numpy as np
from numpy.typing import NDArray

from annotator.imaging.display import DisplayChain, export_table


@dataclass(frozen=True, slots=True)
class Spacing:
    """Distance between pixel centres in mm, down the rows and along the columns, and where it is true.

    source: "detector plane" (Imager Pixel Spacing, not corrected for magnification), "calibrated"
    (Pixel Spacing that differs from it, or says how it was calibrated) or "file" (Pixel Spacing that
    does not say what it refers to); PS3.3 10.7.1.3.
    """

    row_mm: float
    column_mm: float
    source: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the patient is. Never shown by repr, so that it cannot slip into a log."""

    patient_id: str = field(repr=False)
    issuer: str = field(repr=False)
    name: str = field(repr=False)
    study_uid: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the header of a radiograph says.

    modality: "CR", "DX" ... view: ViewPosition ("PA"). laterality: "R", "L", "B" or "". pixel_aspect:
    height of a pixel through its width, which scales the view and never coordinates.
    """

    rows: int
    columns: int
    bits_stored: int
    sop_instance_uid: str
    sop_class_uid: str
    transfer_syntax: str
    photometric: str
    modality: str
    view: str
    laterality: str
    spacing: Spacing | None
    pixel_aspect: float
    study_date: date | None
    acquisition_date: date | None
    identity: Identity
    manufacturer: str
    model: str
    chain: DisplayChain


@dataclass(frozen=True, slots=True)
class Radiograph:
    """A radiograph as it is stored.

    values: uint16 [H, W], stored value - chain.first_stored, read-only; never changed for display.
    pixels_sha256: of the values' little endian bytes with their shape (`imaging.dicom`), so it is the
    same for every lossless encoding of one picture.
    """

    facts: Facts
    values: NDArray[np.uint16]
    file_sha256: str
    pixels_sha256: str

    def stored_at(self, x: float, y: float) -> int | None:
        """The stored value at image position x, y (pixel (0, 0) covers [0, 1) x [0, 1)); None outside."""
        height, width = self.values.shape
        if not (0 <= x < width and 0 <= y < height):
            return None
        return int(self.values[int(y), int(x)]) + self.facts.chain.first_stored

    @property
    def pixels(self) -> NDArray[np.uint16]:
        """uint16 [H, W]: the one array for the detector and for exports, see `display.export_table`.

        After the Modality LUT and polarity, bone bright, no window; read-only. Made anew at each call
        unless it equals the stored values.
        """
        table = export_table(self.facts.chain)
        if np.array_equal(table, np.arange(table.size)):
            return self.values
        pixels = np.asarray(cv2.LUT(self.values, _padded(table)), dtype=np.uint16)
        pixels.flags.writeable = False
        return pixels


def _padded(table: NDArray[np.uint16]) -> NDArray[np.uint16]:
    full = np.zeros(65536, np.uint16)
    full[: table.size] = table
    return full
