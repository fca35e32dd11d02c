"""What the header of the open radiograph says, the patient's name included: shown only when asked for."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QLabel, QVBoxLayout, QWidget

from annotator.domain.images import Image
from annotator.imaging.radiograph import Facts
from annotator.ui.look_words import spacing_words
from annotator.ui.sheet_header import set_tone


class ImageDialog(QDialog):
    """Facts of the file, each as text that can be selected. Nothing of it is kept anywhere."""

    def __init__(self, image: Image, facts: Facts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Image details"))
        self.values: dict[str, str] = {}
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(18)
        self._fill_patient(image, facts)
        self._fill_picture(facts)
        self._row(self.tr("File"), image.file.path)
        note = QLabel(self.tr("Name and ID are read from the file and are kept nowhere else."))
        set_tone(note, "muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 20, 20, 16)
        whole.setSpacing(12)
        whole.addLayout(self._form)
        whole.addWidget(note)
        whole.addWidget(buttons)

    def _fill_patient(self, image: Image, facts: Facts) -> None:
        self._row(self.tr("Patient code"), image.patient_code)
        self._row(self.tr("Name in the file"), facts.identity.name)
        self._row(self.tr("ID in the file"), facts.identity.patient_id)
        self._row(self.tr("Visit"), str(image.visit))
        self._row(self.tr("Study date"), facts.study_date.isoformat() if facts.study_date else "")
        acquired = facts.acquisition_date
        self._row(self.tr("Acquisition date"), acquired.isoformat() if acquired else "")

    def _fill_picture(self, facts: Facts) -> None:
        self._row(self.tr("Size"), f"{facts.columns} × {facts.rows}, {facts.bits_stored} bit")
        self._row(self.tr("View, laterality"), ", ".join(filter(None, (facts.view, facts.laterality))))
        if facts.spacing is not None:
            rows, columns = facts.spacing.row_mm, facts.spacing.column_mm
            self._row(
                self.tr("Pixel spacing"), f"{rows:g} × {columns:g} mm, {spacing_words(facts.spacing.source)}"
            )
        windows = [f"{w.centre:g} / {w.width:g} {w.name}".strip() for w in facts.chain.windows]
        self._row(self.tr("Windows"), "; ".join(windows))
        self._row(self.tr("VOI LUTs"), str(len(facts.chain.voi_luts) or ""))
        self._row(self.tr("Photometric interpretation"), facts.photometric)
        self._row(self.tr("Transfer syntax"), facts.transfer_syntax)
        self._row(self.tr("Device"), " ".join(filter(None, (facts.manufacturer, facts.model))))

    def _row(self, title: str, value: str) -> None:
        self.values[title] = value or "–"
        label = QLabel(self.values[title])
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setMinimumWidth(320)
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        heading = QLabel(title)
        set_tone(heading, "muted")
        self._form.addRow(heading, label)
