"""What is said of an export in words: the formats, and why something is left out."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from annotator.domain.selection import LeftOut, Reason
from annotator.ui.joint_words import finding_word
from annotator.workflow.exporting import Form

_FORMS = {
    Form.RELEASE: (
        "Release",
        "For training: radiographs as the detector sees them, labels, folds by patient, hashes.",
    ),
    Form.COCO: ("COCO", "One JSON file with the box and the findings of every joint, without radiographs."),
    Form.VOC: ("Pascal VOC", "An XML file for every image with boxes in whole pixels, without radiographs."),
    Form.YOLO: (
        "YOLO",
        "A text file for every image, boxes relative to its size, of one reader; no radiographs.",
    ),
    Form.CSV: ("CSV", "One table with a row for every joint, for a spreadsheet or statistics."),
    Form.SR: ("DICOM SR", "A structured report (TID 1500) for every image and reader, for an archive."),
}
_REASONS = {
    Reason.UNREAD: "not read",
    Reason.UNSIGNED: "not signed",
    Reason.EXCLUDED: "excluded by the reader",
    Reason.SIDES: "readers name the hands differently",
    Reason.EMPTY: "no label is left",
    Reason.UNCONFIRMED: "not confirmed",
    Reason.NOT_ASSESSABLE: "not assessable",
    Reason.UNCERTAIN: "only probable",
    Reason.SEEN: "the model was seen before",
    Reason.DIVIDED: "readers are divided",
    Reason.NOT_CHOSEN: "finding not chosen",
    Reason.NO_BOX: "there is no box",
    Reason.FILE: "file missing or changed",
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Export", text)


def form_word(form: Form) -> str:
    return _tr(_FORMS[form][0])


def form_meaning(form: Form) -> str:
    """One sentence."""
    return _tr(_FORMS[form][1])


def left_out_because(reason: Reason) -> str:
    return _tr(_REASONS[reason])


def left_out_image(one: LeftOut) -> str:
    return _tr("{code}, visit {visit}, image {image}").format(
        code=one.patient_code, visit=one.visit, image=one.image_id
    )


def left_out_part(one: LeftOut) -> str:
    """Which part of the image, and whose reading of it."""
    if one.joint is None:
        part = _tr("whole reading") if one.reader else _tr("whole image")
    elif one.finding is None:
        part = one.joint.name
    else:
        part = f"{one.joint.name}, {finding_word(one.finding)}"
    return f"{part}, {one.reader}" if one.reader else part


def left_out_line(one: LeftOut) -> str:
    return f"{left_out_image(one)}, {left_out_part(one)}: {left_out_because(one.reason)}"
