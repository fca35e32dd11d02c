"""A study as files: what is chosen, what that would give, and where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QWidget,
)

from annotator.domain.errors import KnuckleError
from annotator.domain.images import Study
from annotator.domain.words import counted
from annotator.ui.choosing import choose_folder
from annotator.ui.dialog_layout import dialog_column
from annotator.ui.export_choices import ExportChoices
from annotator.ui.export_preview import ExportPreview
from annotator.ui.messages import sentences
from annotator.ui.sheet_header import set_tone
from annotator.workflow.exporting import Order, Preview

ASK_AFTER_MS = 300


class ExportDialog(QDialog):
    """readers: names of those who may have read something. folder: where choosing one begins.

    preview_asked(Order): at the beginning and a little after each change; `show_preview` or `show_failure`
    follows, at once or later. export_asked(Order, Path): the folder is new or empty; `show_done`,
    `show_failure` or `show_stopped` follows, and `show_progress` before. stop_asked: end the export. What is
    shown after the dialog was left is passed over.
    """

    preview_asked = Signal(object)
    export_asked = Signal(object, object)
    stop_asked = Signal()

    def __init__(
        self, study: Study, readers: Sequence[str], folder: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export"))
        self._study, self._folder = study, folder
        self._preview: Preview | None = None
        self._exporting = self._left = False
        self.choices, self.preview = ExportChoices(study, readers), ExportPreview()
        self.note, self.bar = QLabel(), QProgressBar()
        self.export_button = QPushButton(self.tr("&Export to a new folder…"))
        self.stop_button = QPushButton(self.tr("S&top the export"))
        self.close_button = QPushButton(self.tr("&Close"))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._ask)
        self.choices.changed.connect(self._change)
        self.export_button.clicked.connect(self._choose_folder)
        self.stop_button.clicked.connect(self.stop_asked)
        self.close_button.clicked.connect(self.reject)
        self._arrange()
        self._wait(0)
        self.choices.form.setFocus()

    def show_preview(self, preview: Preview) -> None:
        """One that nobody waits for any more is passed over."""
        if self._left or self._exporting or preview.order != self.choices.order:
            return
        self._preview = preview
        self.preview.setEnabled(True)
        self.preview.show_selected(preview.selected)
        self._allow()
        if preview.obstacle is not None:
            self._fail(preview.obstacle)
        else:
            self._say(self.tr("Nothing is written yet. The folder must be new or empty."), "muted")

    def show_progress(self, done: int, total: int, _text: str = "") -> None:
        """total 0: not known yet."""
        if not self._left and self._exporting:
            self.bar.setRange(0, total)
            self.bar.setValue(done)
            one, many = (
                self.tr("Exporting: {done:,} of {n} image."),
                self.tr("Exporting: {done:,} of {n} images."),
            )
            self._say(counted(total, one, many, done=done), "muted")

    def show_done(self, text: str) -> None:
        """text: what was exported, as it is said."""
        self._end(text, "ok")

    def show_stopped(self) -> None:
        self._end(self.tr("The export was stopped, and nothing of it is left."), "warning")

    def show_failure(self, error: KnuckleError) -> None:
        """Of the preview, or of the export where one is under way."""
        if self._left:
            return
        if self._exporting:
            self._end("⚠ " + " ".join(sentences(error)), "danger")
            return
        self._preview = None
        self.preview.setEnabled(True)
        self.preview.clear()
        self._allow()
        self._fail(error)

    def export_to(self, folder: Path) -> None:
        """Ask for the export unless something is in the folder, which is said."""
        if self._preview is None or not self.export_button.isEnabled():
            return
        if _is_taken(folder):
            self._fail(
                KnuckleError(
                    f"{folder.name} is not an empty folder.",
                    "Choose a new or an empty one.",
                    name=folder.name,
                )
            )
            return
        self._folder = str(folder.parent)
        self._exporting = True
        self.bar.setRange(0, 0)
        self._allow()
        self.stop_button.setFocus()
        self._say(self.tr("Exporting to {name}…").format(name=folder.name), "muted")
        self.export_asked.emit(self._preview.order, folder)

    def done(self, result: int) -> None:
        self._left = True
        self._timer.stop()
        super().done(result)

    def _change(self) -> None:
        if self.choices.order is None:
            self._timer.stop()
            self._preview = None
            self.preview.clear()
            self._allow()
            self._say("⚠ " + self.tr("No finding is chosen. Choose at least one."), "warning")
        else:
            self._wait(ASK_AFTER_MS)

    def _wait(self, milliseconds: int) -> None:
        """What is shown is of another order meanwhile, and grey."""
        self._preview = None
        self.preview.setEnabled(False)
        self._allow()
        self._say(self.tr("Counting what would be exported…"), "muted")
        self._timer.start(milliseconds)

    def _ask(self) -> None:
        order: Order | None = self.choices.order
        if order is not None:
            self.preview_asked.emit(order)

    def _choose_folder(self) -> None:
        folder = choose_folder(self, self.tr("New or empty folder"), self._folder)
        if folder is not None:
            self.export_to(folder)

    def _end(self, text: str, tone: str) -> None:
        if self._left or not self._exporting:
            return
        self._exporting = False
        self._allow()
        self.export_button.setFocus()
        self._say(text, tone)

    def _allow(self) -> None:
        ready = self._preview is not None and self._preview.obstacle is None
        self.export_button.setEnabled(ready and not self._exporting)
        self.choices.setEnabled(not self._exporting)
        self.export_button.setVisible(not self._exporting)
        self.stop_button.setVisible(self._exporting)
        self.bar.setVisible(self._exporting)

    def _fail(self, error: KnuckleError) -> None:
        self._say("⚠ " + " ".join(sentences(error)), "danger")

    def _say(self, text: str, tone: str) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)

    def _arrange(self) -> None:
        study = QLabel(self.tr("Study {name}").format(name=self._study.name))
        study.setTextFormat(Qt.TextFormat.PlainText)
        study.setProperty("weight", "bold")
        notice = QLabel(self.tr("Research use only, not for diagnosis."))
        set_tone(notice, "muted")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.bar.setAccessibleName(self.tr("Progress of the export"))
        self.bar.setTextVisible(False)
        self.export_button.setProperty("strong", True)
        head = QHBoxLayout()
        head.addWidget(study, 1)
        head.addWidget(notice)
        halves = QHBoxLayout()
        halves.setSpacing(20)
        halves.addWidget(_scrolled(self.choices))
        halves.addWidget(self.preview, 1)
        row = QHBoxLayout()
        row.addWidget(self.export_button)
        row.addWidget(self.stop_button)
        row.addWidget(self.bar, 9)
        row.addStretch(1)
        row.addWidget(self.close_button)
        for button in (self.export_button, self.stop_button, self.close_button):
            button.setAutoDefault(False)
        whole = dialog_column(self)
        whole.addLayout(head)
        whole.addLayout(halves, 1)
        whole.addWidget(self.note)
        whole.addLayout(row)
        self.resize(900, 650)


def _scrolled(choices: QWidget) -> QScrollArea:
    """As wide as it needs to be; higher than a small screen where letters are large."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(choices)
    area.setFixedWidth(choices.minimumSizeHint().width() + area.verticalScrollBar().sizeHint().width())
    return area


def _is_taken(folder: Path) -> bool:
    """What cannot be looked into is left to whoever writes there."""
    try:
        return folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))
    except OSError:
        return False
