"""What is said of an import of labels in words: what a file holds, what came of each image."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from annotator.domain.versions import IMPORT
from annotator.domain.words import counted
from annotator.ui.export_words import form_word
from annotator.workflow.exporting import Form
from annotator.workflow.label_import import Imported, Rule, Taken
from annotator.workflow.label_jobs import LabelForm, LabelsFound


def _tr(text: str) -> str:
    return QCoreApplication.translate("LabelImport", text)


def rule_word(rule: Rule) -> str:
    return {
        Rule.UID: _tr("SOP instance UID"),
        Rule.PIXELS: _tr("the same pixels"),
        Rule.EXPORTED: _tr("name in exports"),
        Rule.FILE: _tr("file name"),
        Rule.VISIT: _tr("patient code and visit"),
        Rule.WRITTEN: _tr("written from this file"),
    }[rule]


@dataclass(frozen=True, slots=True)
class ResultRow:
    """image: as the file calls it. outcome: a word. about: why, or where it went."""

    image: str
    outcome: str
    about: str


def label_form_word(form: LabelForm) -> str:
    return form_word(Form(form.value))


def found_words(found: LabelsFound) -> str:
    """What the file holds, and that nothing has happened yet."""
    text = _tr("{form}. Images: {images}, in this study: {there}. Boxes: {boxes}. Nothing is imported yet.")
    said = text.format(
        form=label_form_word(found.form),
        boxes=f"{found.boxes:,}",
        images=f"{found.images:,}",
        there=f"{found.there:,}",
    )
    if found.there:
        return said
    how = _tr("An image is found by its SOP instance UID, its pixels, its name, or patient code and visit.")
    return f"{said} {how}"


def done_words(done: Imported) -> str:
    """What the window says of it, whole: what came in, and what did not."""
    if done.taken:
        text = _tr("{version} came in as proposals. Images: {images}, boxes: {boxes}.")
        boxes = sum(one.boxes for one in done.taken)
        said = [text.format(images=f"{len(done.taken):,}", boxes=f"{boxes:,}", version=done.version.name)]
    elif done.known:
        said = [_tr("These labels were imported before: nothing was added.")]
    else:
        said = [_tr("Nothing was imported.")]
    if done.refused:
        said.append(_tr("Refused: {n}.").format(n=f"{len(done.refused):,}"))
    return " ".join(said)


def result_rows(done: Imported) -> list[ResultRow]:
    """A line for each thing that came of it: first what wants a look."""
    again = _tr("It has had these labels before; nothing was added.")
    bare = _tr("The file has no box of it; what was proposed for it stays.")
    taken = sorted(done.taken, key=lambda one: not one.sides_differ)
    return [
        *(ResultRow(one.file, _tr("refused"), one.reason) for one in done.refused),
        *(ResultRow(one.name, _tr("proposed"), _taken_words(one)) for one in taken),
        *(ResultRow(name, _tr("without boxes"), bare) for name in done.without),
        *(ResultRow(name, _tr("known already"), again) for name in done.known),
    ]


def _taken_words(one: Taken) -> str:
    said = counted(
        one.boxes,
        _tr("{code}, visit {visit}: {n} box; found by {rule}."),
        _tr("{code}, visit {visit}: {n} boxes; found by {rule}."),
        code=one.image.patient_code,
        visit=one.image.visit,
        rule=rule_word(one.rule),
    )
    if one.sides_differ:
        said += " " + _tr("Right and left are not as the image says.")
    return said


def origin_words() -> str:
    """What imported labels are, and what they are not."""
    text = _tr(
        "Imported labels become proposals, never annotations. They are shown as “{origin}”, dashed, wherever"
        " the study shows proposals, and wait for each reader to accept or reject them. Nobody's reading is"
        " touched."
    )
    return text.format(origin=f"{IMPORT}{_tr('FILE')}")


def foreign_words() -> str:
    return _tr(
        "A published set of plain pictures with a mapping file is brought in from the command line:"
        " knuckle import-set (docs/foreign-sets.md)."
    )
