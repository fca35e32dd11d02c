"""A grey picture and some facts as a valid CR Image (DICOM PS3.3 A.2)."""

from __future__ import annotations

import os
import tempfile
import uuid
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ComputedRadiographyImageStorage, ExplicitVRLittleEndian, JPEGLosslessSV1

from annotator import __version__
from annotator.domain.errors import KnuckleError
from annotator.imaging.display import HIGH_PERCENT, LOW_PERCENT

Photometric = Literal["MONOCHROME1", "MONOCHROME2"]
Voi = Literal["window", "lut", "none"]

BITS_STORED = 10


@dataclass(frozen=True, slots=True)
class CrFacts:
    """What the file says of patient and acquisition; shown by repr only as far as it names nobody.

    uid_key: makes the image's UIDs, the same ones for the same key. study_key: images with the same
    one (and patient_id) are of one DICOM study; without it, uid_key. patient_name: in DICOM's form
    with ^ and =, in signs of character_set.
    """

    uid_key: str
    patient_id: str = field(repr=False)
    patient_name: str = field(default="", repr=False)
    issuer: str = ""
    sex: Literal["", "F", "M", "O"] = ""
    birth_date: date | None = field(default=None, repr=False)
    study_date: date | None = None
    acquisition_date: date | None = None
    study_key: str = ""
    character_set: tuple[str, ...] = ("ISO_IR 192",)
    body_part: str = "HAND"
    manufacturer: str = "Knuckle"
    model: str = ""


def write_cr(
    path: Path,
    pixels: NDArray[np.uint16],
    facts: CrFacts,
    *,
    photometric: Photometric = "MONOCHROME2",
    voi: Voi = "window",
    spacing_mm: float | None = None,
    view: str = "PA",
    laterality: Literal["R", "L", "B", ""] = "B",
    right_on_left: bool | None = None,
    jpeg_lossless: bool = False,
) -> None:
    """Write the file, whole or not at all; the same arguments give the same bytes.

    pixels: uint16 [H, W], bone bright, 0 ... 1023; raises ValueError beyond. spacing_mm: on the
    detector. right_on_left: whether the patient's right is on the left of the picture, where known.
    Raises KnuckleError where the file cannot be written.
    """
    if pixels.ndim != 2 or pixels.dtype != np.uint16 or int(pixels.max(initial=0)) >= 2**BITS_STORED:
        raise ValueError(f"no picture of {BITS_STORED} bits: {pixels.dtype} {pixels.shape}")
    stored = pixels if photometric == "MONOCHROME2" else (2**BITS_STORED - 1 - pixels).astype(np.uint16)
    ds = _empty(path, facts, jpeg_lossless)
    _say_who(ds, facts)
    _say_how(ds, facts, view, laterality, right_on_left)
    _put_picture(ds, stored, photometric, spacing_mm)
    _put_voi(ds, stored, voi)
    if jpeg_lossless:
        _compress(ds, stored)
    _save(ds, path)


def _uid(*key: str) -> UID:
    """A UID made of a key alone (PS3.5 B.2: 2.25. and a UUID as a number)."""
    return UID(f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, chr(0).join(('knuckle', *key))).int}")


def _empty(path: Path, facts: CrFacts, jpeg_lossless: bool) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = ComputedRadiographyImageStorage
    meta.MediaStorageSOPInstanceUID = _uid("image", facts.uid_key)
    meta.TransferSyntaxUID = JPEGLosslessSV1 if jpeg_lossless else ExplicitVRLittleEndian
    meta.ImplementationClassUID = _uid("implementation")
    meta.ImplementationVersionName = f"KNUCKLE {__version__}"[:16]
    ds = FileDataset(str(path), {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SpecificCharacterSet = list(facts.character_set)
    ds.SOPClassUID = meta.MediaStorageSOPClassUID
    ds.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    return ds


def _say_who(ds: Dataset, facts: CrFacts) -> None:
    """Patient and General Study modules (C.7.1.1, C.7.2.1)."""
    study = facts.study_key or facts.uid_key
    ds.PatientName = facts.patient_name
    ds.PatientID = facts.patient_id
    if facts.issuer:
        ds.IssuerOfPatientID = facts.issuer
    ds.PatientBirthDate = _da(facts.birth_date)
    ds.PatientSex = facts.sex
    ds.StudyInstanceUID = _uid("study", facts.patient_id, study)
    ds.StudyDate = _da(facts.study_date)
    ds.StudyTime = ""
    ds.ReferringPhysicianName = ""
    ds.StudyID = "1"
    ds.AccessionNumber = ""


def _say_how(ds: Dataset, facts: CrFacts, view: str, laterality: str, right_on_left: bool | None) -> None:
    """Series, equipment and image (C.7.3.1, C.8.1.1, C.7.5.1, C.7.6.1)."""
    ds.Modality = "CR"
    ds.SeriesInstanceUID = _uid("series", facts.uid_key)
    ds.SeriesNumber = "1"
    ds.BodyPartExamined = facts.body_part
    ds.ViewPosition = view
    ds.Manufacturer = facts.manufacturer
    if facts.model:
        ds.ManufacturerModelName = facts.model
    ds.InstanceNumber = "1"
    ds.ImageType = ["ORIGINAL", "PRIMARY"]
    ds.AcquisitionDate = _da(facts.acquisition_date or facts.study_date)
    ds.ContentDate = _da(facts.acquisition_date or facts.study_date)
    ds.ContentTime = ""
    if laterality:
        ds.ImageLaterality = laterality
    else:
        ds.Laterality = ""  # a hand has a side, and where it is not known that must be said
    # Fingers up and the hand hanging as in the anatomical position: down the column is headwards.
    known = {True: ["L", "H"], False: ["R", "H"]}
    ds.PatientOrientation = "" if right_on_left is None else known[right_on_left]
    ds.BurnedInAnnotation = "NO"


def _put_picture(
    ds: Dataset, stored: NDArray[np.uint16], photometric: Photometric, spacing_mm: float | None
) -> None:
    """Image Pixel and CR Image modules (C.7.6.3, C.8.1.2)."""
    ds.Rows, ds.Columns = stored.shape
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = photometric
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = 16, BITS_STORED, BITS_STORED - 1
    ds.PixelRepresentation = 0
    ds.LossyImageCompression = "00"
    ds.KVP = None
    ds.PlateID = ""
    if spacing_mm is not None:
        ds.ImagerPixelSpacing = [spacing_mm, spacing_mm]
    ds.add_new("PixelData", "OW", np.ascontiguousarray(stored, dtype="<u2").tobytes())


def _put_voi(ds: Dataset, stored: NDArray[np.uint16], voi: Voi) -> None:
    """VOI LUT module (C.11.2): a window over the picture's range, or the same as a soft curve."""
    if voi == "none":
        return
    low, high = (float(q) for q in np.percentile(stored, (LOW_PERCENT, HIGH_PERCENT)))
    width = max(1.0, round(high - low + 1.0))
    centre = round((low + high + 1.0) / 2.0, 1)
    if voi == "window":
        ds.WindowCenter, ds.WindowWidth = centre, width
        ds.WindowCenterWidthExplanation = "NORMAL"
        return
    levels = np.arange(2**BITS_STORED, dtype=np.float64)
    curve = 1.0 / (1.0 + np.exp(np.clip(-4.0 * (levels - centre) / width, -50.0, 50.0)))
    item = Dataset()
    item.add_new("LUTDescriptor", "US", [levels.size, 0, 16])
    item.LUTExplanation = "SOFT"
    item.add_new("LUTData", "OW", np.rint(curve * 65535.0).astype("<u2").tobytes())
    ds.VOILUTSequence = [item]


def _compress(ds: Dataset, stored: NDArray[np.uint16]) -> None:
    import imagecodecs

    stream = imagecodecs.jpeg8_encode(stored, lossless=True, predictor=1, bitspersample=BITS_STORED)
    ds.add_new("PixelData", "OB", encapsulate([bytes(stream)]))
    ds["PixelData"].is_undefined_length = True


def _save(ds: FileDataset, path: Path) -> None:
    """Written beside the target and put in its place when complete and on the disk."""
    try:
        number, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=".dcm")
        try:
            with os.fdopen(number, "wb") as file:
                ds.save_as(file, enforce_file_format=True)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise KnuckleError(
            f"The radiograph could not be written: {reason}.",
            "Check the free space and the rights in the folder.",
            reason=reason,
        ) from error


def _da(day: date | None) -> str:
    return day.strftime("%Y%m%d") if day else ""
