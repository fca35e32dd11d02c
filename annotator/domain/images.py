"""Studies, patients' images and where a reading of them stands, as the worklist shows them."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from annotator.domain.annotations import ImageFacts, ReadingState
from annotator.domain.findings import Finding


@dataclass(frozen=True, slots=True)
class Study:
    """A research project. prefix: the letter or letters of its patient codes."""

    id: int
    name: str
    prefix: str


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """What is kept of a radiograph file: where it is, what it is, and nothing that names the patient.

    patient_key: a keyed hash of the patient's identity. path: absolute. size: bytes.
    """

    path: str
    size: int
    file_sha256: str
    pixels_sha256: str
    patient_key: str
    sop_instance_uid: str
    rows: int
    columns: int
    bits_stored: int
    view: str
    study_date: date | None
    acquisition_date: date | None
    facts: ImageFacts
    modified_ns: int = 0


@dataclass(frozen=True, slots=True)
class Image:
    """One radiograph of a study. visit: 1 for the patient's first study date, counting up.

    facts: what the file says (or a reader has settled) of hands and sides, the start of a new reading.
    """

    id: int
    study_id: int
    patient_code: str
    visit: int
    file: ImportedFile


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One line of the worklist: an image and the state of one reader's reading of it.

    thumbnail: the name, without ending, of its small picture (the hash of its pixels).
    """

    image_id: int
    patient_code: str
    visit: int
    study_date: date | None
    state: ReadingState
    done: int
    expected: int
    findings: frozenset[Finding]
    excluded: bool
    thumbnail: str = ""


class SortBy(StrEnum):
    PATIENT = "patient"
    DATE = "date"
    STATE = "state"
    PROGRESS = "progress"


@dataclass(frozen=True, slots=True)
class WorklistQuery:
    """Which images of a study to list for a reader, and in which order."""

    study_id: int
    reader_id: int
    state: ReadingState | None = None
    finding: Finding | None = None
    text: str = ""
    sort: SortBy = SortBy.PATIENT
    descending: bool = False
