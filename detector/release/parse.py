"""The three JSON files of a release -> values. What is wrong is noted, and the rest is read."""

import re
from typing import Any

from detector.release.fields import (
    ANNOTATIONS_FIELDS,
    FOLDS_FIELDS,
    IMAGE_FIELDS,
    IMAGE_FILE,
    IMAGE_MAY_HAVE,
    JOINT_FIELDS,
    MANIFEST_FIELDS,
    Reader,
    short,
)
from detector.release.values import (
    ANNOTATIONS,
    DISPLACEABLE,
    FOLDS,
    IMAGES,
    JOINTS,
    MANIFEST,
    Certainty,
    Contents,
    Corners,
    Displacement,
    Fault,
    FaultKind,
    Folds,
    Manifest,
    ReleaseImage,
    ReleaseJoint,
)


def read_annotations(data: bytes) -> tuple[Contents | None, list[Fault]]:
    """What annotations.json says, as far as it can be used, and what is wrong with it."""
    reader = Reader(ANNOTATIONS)
    record = reader.open(data, ANNOTATIONS_FIELDS)
    if record is None:
        return None, reader.faults
    images = [_image(reader, entry, f"image {n}") for n, entry in enumerate(record["images"], 1)]
    kept = tuple(image for image in images if image is not None)
    # where upper and lower case are the same to the file system, so are these files
    reader.repeated((image.file.lower() for image in kept), "The image")
    reader.repeated(record["test"], "The test patient")
    for patient in sorted(set(record["test"]) - {image.patient for image in kept}):
        reader.note(FaultKind.PATIENT, f"The test patient {patient} has no image.")
    return Contents(kept, tuple(record["test"])), reader.faults


def _image(reader: Reader, entry: Any, number: str) -> ReleaseImage | None:
    if not reader.has(entry, IMAGE_FIELDS, number, may=IMAGE_MAY_HAVE):
        return None
    file = entry["file"]
    if IMAGE_FILE.fullmatch(file) is None:
        reader.note(FaultKind.PATH, f"The path {short(file)} is not of the form {IMAGES}/NAME.png.", number)
        return None
    size = entry["width"], entry["height"]
    joints = [_joint(reader, one, size, file, f"joint {n}") for n, one in enumerate(entry["joints"], 1)]
    kept = tuple(joint for joint in joints if joint is not None)
    reader.repeated((joint.name for joint in kept), "The joint", file)
    ignored = (
        _box(reader, box, size, file, f"ignored place {n}")
        for n, box in enumerate(entry.get("ignored", []), 1)
    )
    return ReleaseImage(
        **{**entry, "joints": kept, "ignored": tuple(box for box in ignored if box is not None)}
    )


def _box(reader: Reader, corners: list[float], size: tuple[int, int], *place: str) -> Corners | None:
    """Four numbers as a box, where they are one inside an image of this size."""
    x0, y0, x1, y1 = corners
    if not (x0 < x1 and y0 < y1):
        reader.note(FaultKind.BOX, f"The box {corners} has no area.", *place)
        return None
    if not (x0 >= 0 and y0 >= 0 and x1 <= size[0] and y1 <= size[1]):
        words = f"The box {corners} is not inside the {size[0]} x {size[1]} pixels of the image."
        reader.note(FaultKind.BOX, words, *place)
        return None
    return float(x0), float(y0), float(x1), float(y1)


def _joint(reader: Reader, entry: Any, size: tuple[int, int], *place: str) -> ReleaseJoint | None:
    file, number = place
    if not reader.has(entry, JOINT_FIELDS, file, number):
        return None
    before = len(reader.faults)
    name, place = entry["name"], (file, short(entry["name"]).strip("'"))
    if name not in JOINTS:
        reader.note(FaultKind.JOINT, "It is none of the 20 joints, R-IP1 to L-MP5.", *place)
    elif entry["displacement"] is not None and name not in DISPLACEABLE:
        reader.note(FaultKind.FINDING, "Displacement is not judged on a thumb IP: it must be null.", *place)
    box = _box(reader, entry["box"], size, *place)
    present = entry["ankylosis"] or entry["displacement"] not in (None, Displacement.NONE)
    if entry["certainty"] is not None and not present:
        reader.note(FaultKind.VALUE, '"certainty" is for a finding that is present, and none is.', *place)
    if box is None or len(reader.faults) > before:
        return None
    displacement, certainty = entry["displacement"], entry["certainty"]
    return ReleaseJoint(
        name,
        box,
        entry["ankylosis"],
        None if displacement is None else Displacement(displacement),
        None if certainty is None else Certainty(certainty),
    )


def read_folds(data: bytes, contents: Contents | None) -> tuple[Folds | None, list[Fault]]:
    """What folds.json says, and what is wrong with it, for these images where they are known."""
    reader = Reader(FOLDS)
    record = reader.open(data, FOLDS_FIELDS)
    if record is None:
        return None, reader.faults
    folds = Folds(record["seed"], tuple(tuple(fold) for fold in record["folds"]))
    if contents is not None:
        _folds_fit(reader, folds, contents)
    return folds, reader.faults


def _folds_fit(reader: Reader, folds: Folds, contents: Contents) -> None:
    parts: dict[str, list[str]] = {patient: ["the test set"] for patient in contents.test}
    for number, fold in enumerate(folds.patients, 1):
        for patient in fold:
            parts.setdefault(patient, []).append(f"fold {number}")
    for patient, names in parts.items():
        if len(names) > 1:
            reader.note(FaultKind.LEAK, f"The patient {patient} is in {' and '.join(names)}.")
    for patient in sorted(parts.keys() - {image.patient for image in contents.images} - set(contents.test)):
        reader.note(FaultKind.PATIENT, f"The patient {patient} has no image.")
    for image in contents.images:
        if image.patient not in parts:
            reader.note(FaultKind.NO_FOLD, f"Its patient {image.patient} is in no fold.", image.file)


def read_manifest(data: bytes) -> tuple[Manifest | None, list[Fault]]:
    """What manifest.json says, as far as it can be used, and what is wrong with it."""
    reader = Reader(MANIFEST)
    record = reader.open(data, MANIFEST_FIELDS)
    if record is None:
        return None, reader.faults
    files = {}
    for path, digest in record["files"].items():
        if path not in (ANNOTATIONS, FOLDS) and IMAGE_FILE.fullmatch(path) is None:
            reader.note(FaultKind.PATH, f"The path {short(path)} is none of a release.")
        elif not isinstance(digest, str) or re.fullmatch("[0-9a-f]{64}", digest) is None:
            reader.note(FaultKind.VALUE, f"It must be a SHA-256, not {short(digest)}.", path)
        else:
            files[path] = digest
    return Manifest(record["about"], files), reader.faults
