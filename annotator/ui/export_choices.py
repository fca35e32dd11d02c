"""What a person chooses before an export: format, readings, findings, and what stays out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QVBoxLayout, QWidget

from annotator.domain.export_policy import DISPLACED, Policy, Whose
from annotator.domain.findings import Finding
from annotator.domain.images import Study
from annotator.ui.export_words import form_meaning, form_word
from annotator.ui.sheet_header import set_tone
from annotator.workflow.exporting import Form, Order


class ExportChoices(QWidget):
    """changed: `order` is another one. readers: names of those who may have read something."""

    changed = Signal()

    def __init__(self, study: Study, readers: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._study = study
        self._whose = [(whose, "") for whose in (Whose.SIGNED, Whose.ALL, Whose.MAJORITY)]
        self._whose += [(Whose.READER, name) for name in readers]
        self.form, self.meaning, self.readings = QComboBox(), QLabel(), QComboBox()
        self.findings = {
            Finding.ANKYLOSIS: QCheckBox(self.tr("&Ankylosis")),
            Finding.SUBLUXATION: QCheckBox(self.tr("&Subluxation")),
            Finding.DISLOCATION: QCheckBox(self.tr("&Dislocation")),
        }
        self.merged = QCheckBox(self.tr("Subluxation and dislocation as &one finding"))
        self.uncertain = QCheckBox(self.tr("&Probable findings, beside certain ones"))
        self.not_assessable = QCheckBox(self.tr("Joints that are &not assessable"))
        self.seen = QCheckBox(self.tr("Labels made after the &model was seen"))
        self.without_missing = QCheckBox(self.tr("&Leave out images whose file is missing or has changed"))
        self._fill()
        self._arrange()
        self._say_meaning()
        self.form.currentIndexChanged.connect(self._change)
        self.readings.currentIndexChanged.connect(self._change)
        for box in self._boxes():
            box.toggled.connect(self._change)

    @property
    def order(self) -> Order | None:
        """None where no finding is chosen."""
        findings = frozenset(finding for finding, box in self.findings.items() if box.isChecked())
        if not findings:
            return None
        whose, reader = self._whose[self.readings.currentIndex()]
        policy = Policy(
            self._study.id,
            whose,
            reader,
            findings,
            self.merged.isChecked() and self.merged.isEnabled(),
            self.uncertain.isChecked(),
            self.not_assessable.isChecked(),
            self.seen.isChecked(),
        )
        return Order(self._study, policy, self._form, self.without_missing.isChecked())

    @property
    def _form(self) -> Form:
        return list(Form)[self.form.currentIndex()]

    def _boxes(self) -> list[QCheckBox]:
        let = [self.uncertain, self.not_assessable, self.seen]
        return [*self.findings.values(), self.merged, *let, self.without_missing]

    def _change(self, _to: object = None) -> None:
        self._say_meaning()
        self.merged.setEnabled(all(self.findings[finding].isChecked() for finding in DISPLACED))
        self.changed.emit()

    def _say_meaning(self) -> None:
        self.meaning.setText(form_meaning(self._form))
        self.form.setAccessibleDescription(self.meaning.text())

    def _fill(self) -> None:
        self.form.addItems([form_word(form) for form in Form])
        words = {
            Whose.SIGNED: self.tr("Every signed reading"),
            Whose.ALL: self.tr("Every reading, signed or not"),
            Whose.MAJORITY: self.tr("What most signed readings say"),
        }
        for whose, reader in self._whose:
            self.readings.addItem(words.get(whose) or self.tr("Only {reader}").format(reader=reader))
        for combo in (self.form, self.readings):
            combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            combo.setMinimumContentsLength(24)
        for box in (*self.findings.values(), self.uncertain, self.seen):
            box.setChecked(True)

    def _arrange(self) -> None:
        self.meaning.setWordWrap(True)
        self.meaning.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.meaning.setMinimumHeight(2 * self.meaning.fontMetrics().lineSpacing() + 4)
        set_tone(self.meaning, "muted")
        rule = QLabel(
            self.tr(
                "Release and DICOM SR need the files: unticked, nothing is exported while one is missing."
            )
        )
        rule.setWordWrap(True)
        rule.setContentsMargins(26, 0, 0, 0)
        set_tone(rule, "muted")
        self.without_missing.setAccessibleDescription(rule.text())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(_head(self.tr("&Format"), self.form))
        column.addWidget(self.form)
        column.addWidget(self.meaning)
        column.addSpacing(6)
        column.addWidget(_head(self.tr("&Readings"), self.readings))
        column.addWidget(self.readings)
        groups: dict[str, list[QCheckBox]] = {
            self.tr("Findings"): [*self.findings.values(), self.merged],
            self.tr("Also export"): [self.uncertain, self.not_assessable, self.seen],
            self.tr("Files"): [self.without_missing],
        }
        for name, boxes in groups.items():
            column.addSpacing(6)
            column.addWidget(_head(name))
            for box in boxes:
                column.addWidget(box)
        column.addWidget(rule)
        column.addStretch(1)


def _head(text: str, of: QWidget | None = None) -> QLabel:
    head = QLabel(text)
    head.setProperty("weight", "bold")
    if of is not None:
        head.setBuddy(of)
        of.setAccessibleName(text.replace("&", ""))
    return head
