"""Labels out of a file into the study: what the file holds, how far the import is, and what came of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from annotator.domain.errors import KnuckleError
from annotator.ui.dialog_layout import dialog_column
from annotator.ui.label_choices import LabelChoices
from annotator.ui.label_result import LabelResult
from annotator.ui.label_words import done_words, foreign_words, found_words, origin_words
from annotator.ui.messages import sentences
from annotator.ui.sheet_header import set_tone
from annotator.workflow.label_import import Imported
from annotator.workflow.label_jobs import LabelOrder, LabelsFound, LabelSource

LOOK_AFTER_MS = 400
"""A path is being typed until then."""


class LabelImportDialog(QDialog):
    """study_name: where the labels go.

    look_asked(LabelSource): `show_found` or `show_refusal` follows. import_asked(LabelOrder): `show_done`,
    `show_failure` or `show_stopped` follows, and `show_progress` before. stop_asked: end the import. What is
    shown after the dialog was left is passed over.
    """

    look_asked = Signal(object)
    import_asked = Signal(object)
    stop_asked = Signal()

    def __init__(self, study_name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Import labels"))
        self._found: LabelsFound | None = None
        self._importing = self._left = False
        self.choices, self.outcome = LabelChoices(), LabelResult()
        self.note, self.bar = QLabel(), QProgressBar()
        self.import_button = QPushButton(self.tr("&Import as proposals"))
        self.stop_button = QPushButton(self.tr("S&top the import"))
        self.copy_button = QPushButton(self.tr("Cop&y the list"))
        self.close_button = QPushButton(self.tr("C&lose"))
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._look)
        self.choices.changed.connect(self._change)
        self.import_button.clicked.connect(self._import)
        self.stop_button.clicked.connect(self._stop)
        self.copy_button.clicked.connect(self.outcome.copy)
        self.close_button.clicked.connect(self.reject)
        self._arrange(study_name)
        self._change(at_once=True)
        self.choices.path.setFocus()

    def show_found(self, found: LabelsFound) -> None:
        """What a file holds; of one that nobody waits for any more it is passed over."""
        if self._left or self._importing or found.source != self.choices.source:
            return
        self._found = found
        self.choices.show_readers(found)
        self._allow()
        text = found_words(found)
        if found.divided:
            text += " " + self.tr("It has labels of several readers: import them one after another.")
        self._say(text, "muted")

    def show_progress(self, done: int, total: int, _text: str = "") -> None:
        """total 0: not known yet."""
        if not self._left and self._importing and self.stop_button.isEnabled():
            self.bar.setRange(0, total)
            self.bar.setValue(done)
            if total:
                text = self.tr("Importing: {done:,} of {total:,} images.")
                self._say(text.format(done=done, total=total), "muted")

    def show_done(self, imported: Imported) -> None:
        if not self._left:
            self.outcome.show_imported(imported)
            self.copy_button.show()
            self.resize(self.width(), max(self.height(), self.sizeHint().height(), 640))
            all_in = imported.taken and not imported.refused
            words = done_words(imported)
            self._end(words if all_in else f"⚠ {words}", "ok" if all_in else "warning")

    def show_stopped(self) -> None:
        text = self.tr(
            "The import was stopped. What had come in by then stays; the same file again brings the rest."
        )
        self._end("⚠ " + text, "warning")

    def show_refusal(self, source: LabelSource, error: KnuckleError) -> None:
        """Of a look into this source; of one that nobody waits for any more it is passed over."""
        if not self._left and not self._importing and source == self.choices.source:
            self._say("⚠ " + " ".join(sentences(error)), "danger")

    def show_failure(self, error: KnuckleError) -> None:
        """Of the import."""
        self._end("⚠ " + " ".join(sentences(error)), "danger")

    def done(self, result: int) -> None:
        self._left = True
        self._timer.stop()
        super().done(result)

    def _change(self, at_once: bool) -> None:
        """What was found is of another file."""
        self._found = None
        self.outcome.hide()
        self.copy_button.hide()
        self.choices.show_readers(None)
        self._allow()
        if self.choices.source is None:
            self._timer.stop()
            self._say(self.tr("Choose a file or a folder of labels, or type its path."), "muted")
        else:
            self._say(self.tr("Looking into the file…"), "muted")
            self._timer.start(0 if at_once else LOOK_AFTER_MS)

    def _look(self) -> None:
        source = self.choices.source
        if source is not None:
            self.look_asked.emit(source)

    def _import(self) -> None:
        found = self._found
        if found is None or self._importing:
            return
        self._importing = True
        self.bar.setRange(0, 0)
        self.stop_button.setEnabled(True)
        self._allow()
        self.stop_button.setFocus()
        self._say(self.tr("Importing {name}…").format(name=found.source.path.name), "muted")
        self.import_asked.emit(LabelOrder(found.source.path, found.form, self.choices.reader))

    def _stop(self) -> None:
        self.stop_button.setEnabled(False)
        self._say(self.tr("Stopping…"), "muted")
        self.stop_asked.emit()

    def _end(self, text: str, tone: str) -> None:
        if self._left or not self._importing:
            return
        self._importing = False
        self._allow()
        self.close_button.setFocus()
        self._say(text, tone)

    def _allow(self) -> None:
        self.import_button.setEnabled(self._found is not None and not self._importing)
        self.choices.setEnabled(not self._importing)
        self.import_button.setVisible(not self._importing)
        self.stop_button.setVisible(self._importing)
        self.bar.setVisible(self._importing)

    def _say(self, text: str, tone: str) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)

    def _arrange(self, study_name: str) -> None:
        study = QLabel(self.tr("Study {name}").format(name=study_name))
        study.setProperty("weight", "bold")
        notice = QLabel(self.tr("Research use only, not for diagnosis."))
        origin, foreign = QLabel(origin_words()), QLabel(foreign_words())
        for label in (study, origin, foreign, self.note):
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setWordWrap(label is not study)
        for label in (notice, foreign):
            set_tone(label, "muted")
        self.note.setMinimumHeight(2 * self.note.fontMetrics().lineSpacing() + 2)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.bar.setAccessibleName(self.tr("Progress of the import"))
        self.bar.setTextVisible(False)
        self.import_button.setProperty("strong", True)
        self.copy_button.hide()
        head = QHBoxLayout()
        head.addWidget(study, 1)
        head.addWidget(notice)
        row = QHBoxLayout()
        row.addWidget(self.import_button)
        row.addWidget(self.stop_button)
        row.addWidget(self.bar, 9)
        row.addStretch(1)
        row.addWidget(self.copy_button)
        row.addWidget(self.close_button)
        for button in (self.import_button, self.stop_button, self.copy_button, self.close_button):
            button.setAutoDefault(False)
        whole = dialog_column(self)
        whole.addLayout(head)
        whole.addWidget(origin)
        whole.addWidget(self.choices)
        whole.addWidget(self.note)
        whole.addWidget(self.outcome, 1)
        whole.addWidget(foreign)
        whole.addLayout(row)
        self.resize(760, 330)
