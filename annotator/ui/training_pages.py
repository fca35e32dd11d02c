"""The pages of the training dialog: what to train, how it goes, what came of it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.training import PRESETS, ReleaseFacts, Stage, Standing, TrainingOptions, TrainingState
from annotator.domain.version_comparison import Comparison
from annotator.domain.words import counted
from annotator.ui.choosing import choose_folder
from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.number_table import NumberTable
from annotator.ui.sheet_header import set_tone
from annotator.ui.text_field import TextField
from annotator.ui.theme import Theme
from annotator.ui.training_plot import LearningCurves
from annotator.ui.training_words import (
    comparison_headings,
    comparison_rows,
    image_tip,
    image_words,
    measured_words,
    progress_words,
    stage_words,
    standing_words,
    time_left,
)
from annotator.workflow.training import ENOUGH_FOLDS, Wish

FILE_ROLE = Qt.ItemDataRole.UserRole


class WishPage(QWidget):
    """What to train. release_chosen(Path): its facts are wanted, see `show_release`. changed: it can be begun
    now, or not any more."""

    release_chosen = Signal(object)
    changed = Signal()

    def __init__(self, active_name: str, free_name: str, parent: QWidget | None = None) -> None:
        """active_name: of the version that proposes, "" where none does."""
        super().__init__(parent)
        self._release: ReleaseFacts | None = None
        self.folder, self.choose_button = QLineEdit(), QPushButton(self.tr("C&hoose…"))
        self.folder.setReadOnly(True)
        self.folder.setPlaceholderText(self.tr("Folder of a release (Export, Release)"))
        self.choose_button.setAutoDefault(False)
        self.choose_button.clicked.connect(self._choose)
        self.facts, self.note = _label("muted"), _label("muted")
        self.name = TextField()
        self.name.setText(free_name)
        self.name.textChanged.connect(lambda _text: self.changed.emit())
        self.preset, self.fold, self.epochs = QComboBox(), QSpinBox(), QSpinBox()
        words = {
            "small": self.tr("small: a quarter of the paper's width, hours on two cores"),
            "paper": self.tr("paper: as published, days without a GPU"),
        }
        for preset in PRESETS:
            self.preset.addItem(words.get(preset, preset), preset)
        self.from_active = QRadioButton(self.tr("with the weights of {name}, the &active version"))
        self.from_random = QRadioButton(self.tr("with &random weights"))
        if active_name:
            self.from_active.setText(self.from_active.text().format(name=active_name))
        else:
            self.from_active.setText(self.tr("with the weights of the &active version: none is active"))
            self.from_active.setEnabled(False)
        (self.from_active if active_name else self.from_random).setChecked(True)
        self._arrange()

    @property
    def wish(self) -> Wish | None:
        """None as long as something is missing."""
        if self._release is None or not self._release.folds or not self.name.text().strip():
            return None
        return Wish(
            Path(self._release.folder),
            str(self.preset.currentData()),
            self.from_active.isChecked(),
            self.name.text().strip(),
            self.fold.value(),
            TrainingOptions(epochs=self.epochs.value() or None),
        )

    def show_release(self, release: ReleaseFacts) -> None:
        """What is known of the folder that was chosen."""
        self._release = release
        self.folder.setText(release.folder)
        said = self.tr("{images} of {patients}, {folds}").format(
            images=counted(release.images, self.tr("{n} image"), self.tr("{n} images")),
            patients=counted(release.patients, self.tr("{n} patient"), self.tr("{n} patients")),
            folds=counted(release.folds, self.tr("{n} fold"), self.tr("{n} folds")),
        )
        if not release.folds:
            said += " " + self.tr("– divide it first: python -m detector split RELEASE")
        elif release.test:
            said += self.tr(", and test patients, on whom both versions are measured")
        self.facts.setText(said)
        set_tone(self.facts, "muted" if release.folds else "warning")
        self.fold.setMaximum(max(1, release.folds))
        self._show_note()
        self.changed.emit()

    def forget_release(self) -> None:
        """What was chosen is none."""
        self._release = None
        self.folder.clear()
        self.facts.clear()
        self.changed.emit()

    def _choose(self) -> None:
        folder = choose_folder(self, self.tr("Folder of a release"), "")
        if folder is not None:
            self.forget_release()
            self.release_chosen.emit(folder)

    def _arrange(self) -> None:
        self.fold.setRange(1, 1)
        self.fold.setPrefix(self.tr("fold "))
        self.epochs.setRange(0, 1000)
        self.epochs.setSpecialValueText(self.tr("as the preset has it"))
        for number in (self.fold, self.epochs):
            number.setMaximumWidth(220)
        starts = QButtonGroup(self)
        row, both = QHBoxLayout(), QVBoxLayout()
        row.addWidget(self.folder, 1)
        row.addWidget(self.choose_button)
        for button in (self.from_active, self.from_random):
            starts.addButton(button)
            both.addWidget(button)
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setVerticalSpacing(12)
        form.setHorizontalSpacing(16)
        form.addRow(self.tr("Release"), row)
        form.addRow("", self.facts)
        form.addRow(self.tr("&Name of the version"), self.name)
        form.addRow(self.tr("&Preset"), self.preset)
        form.addRow(self.tr("Begin"), both)
        form.addRow(self.tr("Hold &out"), self.fold)
        form.addRow(self.tr("&Epochs"), self.epochs)
        form.addRow(self.note)
        self._show_note()

    def _show_note(self) -> None:
        """What is held out for what, by the release."""
        release = self._release
        if release is not None and release.test:
            held_out = self.tr(
                "Both versions are measured on the test patients; thresholds are chosen on the fold that is "
                "held out, which is not trained on."
            )
        elif release is not None and release.folds < ENOUGH_FOLDS:
            held_out = self.tr(
                "The fold that is held out is not trained on: thresholds are chosen on it and both versions "
                "measured, since there is no other to spare."
            )
        else:
            held_out = self.tr(
                "The fold that is held out is not trained on: both versions are measured on it. Thresholds "
                "are chosen on the fold after it, which is not trained on either."
            )
        how = self.tr(
            "It runs in a process of its own, behind everything else, and goes on when this window is "
            "closed. Nothing is activated by itself."
        )
        self.note.setText(f"{held_out} {how}")


class RunPage(QWidget):
    """How a training goes."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stage, self.standing = _label("text"), _label("warning")
        self.stage.setProperty("weight", "bold")
        self.numbers, self.left = _label("muted"), _label("text")
        self.bar, self.curves = QProgressBar(), LearningCurves(theme)
        self.bar.setTextVisible(False)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        for widget in (self.stage, self.standing, self.bar, self.numbers, self.left):
            whole.addWidget(widget)
        whole.addWidget(self.curves, 1)

    def show_state(self, state: TrainingState) -> None:
        progress = state.progress
        self.stage.setText(stage_words(state.stage))
        said = standing_words(state)
        sign = "⚠ " if state.standing in (Standing.FAILED, Standing.KILLED) else ""
        self.standing.setText(sign + said)
        set_tone(self.standing, "danger" if state.standing is Standing.FAILED else "warning")
        self.standing.setVisible(bool(said))
        at_steps = state.stage in (Stage.ANKYLOSIS, Stage.SUBLUXATION)
        at_images = state.stage is Stage.COMPARING
        runs = state.standing in (Standing.RUNNING, Standing.DUE)
        # without an end that is known it moves to and fro, and not at all where nothing goes on
        done, of, _ = progress.measured if at_images else (progress.step, progress.steps, "")
        known_end = (at_steps or at_images) and of > 0
        self.bar.setMaximum(of if known_end else 0 if runs else 1)
        self.bar.setValue(done if known_end else 0)
        self.numbers.setText(
            progress_words(progress) if at_steps else measured_words(progress) if at_images else ""
        )
        known = runs and at_steps
        self.left.setText(time_left(progress.seconds_in_all) if known else "")
        self.curves.show_curves(progress.curves)


class ResultPage(QWidget):
    """Both versions side by side. image_chosen(str): a file of the release is to be looked at."""

    image_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.part, self.warning = _label("text"), _label("warning")
        self.table, self.images = NumberTable(self.tr("Figures of both versions")), QListWidget()
        self.heading, self.mistakes = _label("muted"), _label("text")
        self.images.setAccessibleName(self.tr("Images where the versions differ"))
        self.images.itemActivated.connect(lambda item: self.image_chosen.emit(item.data(FILE_ROLE)))
        self.images.currentItemChanged.connect(self._show_mistakes)
        self.look_button = QPushButton(self.tr("&Look at both…"))
        self.look_button.setAutoDefault(False)
        self.look_button.clicked.connect(self._look)
        for widget in (self.table, self.images):
            keep_input_method_out(widget)
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self.mistakes, 1)
        row.addWidget(self.look_button, 0, Qt.AlignmentFlag.AlignTop)
        column.addWidget(self.heading)
        column.addWidget(self.images, 1)
        column.addLayout(row)
        halves = QSplitter(Qt.Orientation.Vertical)
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(12)
        halves.addWidget(self.table)
        halves.addWidget(lower)
        halves.setSizes([360, 220])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        whole.addWidget(self.part)
        whole.addWidget(self.warning)
        whole.addWidget(halves, 1)

    def show_comparison(self, comparison: Comparison) -> None:
        measured = self.tr(
            "Measured on {part}. In brackets: 95 % intervals over patients, of the difference patient by "
            "patient; unsure: it may be chance."
        )
        self.part.setText(measured.format(part=comparison.part))
        warnings = comparison.warnings(QCoreApplication.translate)
        self.warning.setText("⚠ " + " ".join(warnings))
        self.warning.setVisible(bool(warnings))
        self.table.show_rows(comparison_headings(comparison), comparison_rows(comparison))
        self.images.clear()
        for image in comparison.images:
            item = QListWidgetItem(image_words(image), self.images)
            item.setData(FILE_ROLE, image.file)
            item.setToolTip(image_tip(image))
        count = self.images.count()
        self.heading.setText(
            counted(
                count,
                self.tr("{n} image where they differ"),
                self.tr("{n} images where they differ, the most first"),
            )
            if count
            else self.tr("Both make the same mistakes on every image.")
            if comparison.active_name
            else self.tr("No version was active to compare with.")
        )
        self.images.setVisible(bool(count))
        self.mistakes.setVisible(bool(count))
        self.look_button.setVisible(bool(count))
        self.images.setCurrentRow(0)

    def _look(self) -> None:
        item = self.images.currentItem()
        if item is not None:
            self.image_chosen.emit(item.data(FILE_ROLE))

    def _show_mistakes(self, item: QListWidgetItem | None) -> None:
        self.mistakes.setText(item.toolTip() if item is not None else "")


def _label(tone: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    set_tone(label, tone)
    return label
