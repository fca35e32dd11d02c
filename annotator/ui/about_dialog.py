"""What this program is, and what it is not for."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from annotator.ui.sheet_header import set_tone


class AboutDialog(QDialog):
    """version: of Knuckle. data_folder: where this desk keeps its data."""

    def __init__(self, version: str, data_folder: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Knuckle"))
        title = QLabel(self.tr("Knuckle {version}").format(version=version))
        title.setProperty("size", "large")
        title.setProperty("weight", "bold")
        what = QLabel(self.tr("Annotation and review of finger joints on hand radiographs."))
        notice = QLabel(self.tr("Research use only. Not for diagnosis."))
        set_tone(notice, "warning")
        terms = QLabel(self.tr("Free software under the MIT licence."))
        set_tone(terms, "muted")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(20, 20, 20, 16)
        whole.setSpacing(8)
        for widget in (title, what, notice, terms):
            whole.addWidget(widget)
        if data_folder:
            where = QLabel(self.tr("Data folder: {folder}").format(folder=data_folder))
            set_tone(where, "muted")
            whole.addWidget(where)
        whole.addSpacing(8)
        whole.addWidget(buttons)
