"""The versions of the detector: which there are, what each says of itself, and which one proposes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QWidget,
)

from annotator.domain.errors import KnuckleError
from annotator.domain.versions import ModelVersion, VersionPaper, VersionUse
from annotator.ui.choosing import choose_folder
from annotator.ui.dialog_layout import button_row, dialog_column
from annotator.ui.japanese_keys import keep_input_method_out
from annotator.ui.messages import sentences
from annotator.ui.sheet_header import set_tone
from annotator.ui.version_page import ACTIVE_SIGN, VersionPage, created_on

Imported = Callable[[ModelVersion], None]
Refused = Callable[[KnuckleError], None]


@dataclass(frozen=True)
class ModelsSource:
    """What the dialog asks; each raises KnuckleError.

    about, import_folder: read or verify what lies in a folder, and call one of both later, on the thread of
    the window. may_change: who looks has the right to import and to activate.
    """

    versions: Callable[[], Sequence[ModelVersion]]
    uses: Callable[[], Mapping[int, VersionUse]]
    about: Callable[[ModelVersion, Callable[[VersionPaper], None], Refused], object]
    activate: Callable[[int], None]
    deactivate: Callable[[], None]
    import_folder: Callable[[Path, Imported, Refused], object]
    may_change: bool


class ModelsDialog(QDialog):
    """changed: a version was imported, activated or deactivated, while the dialog was open."""

    changed = Signal()

    def __init__(self, source: ModelsSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Versions of the detector"))
        self._source = source
        self._versions: Sequence[ModelVersion] = ()
        self._uses: Mapping[int, VersionUse] = {}
        self._importing = self._closed = False
        self.list, self.page, self.empty = QListWidget(), VersionPage(), QLabel()
        self.list.setAccessibleName(self.tr("Versions"))
        self.list.setMinimumWidth(180)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setWordWrap(True)
        keep_input_method_out(self.list)
        self.note = QLabel()
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.import_button = QPushButton(self.tr("&Import folder…"))
        self.activate_button = QPushButton(self.tr("&Activate"))
        self.deactivate_button = QPushButton(self.tr("&Deactivate"))
        self.close_button = QPushButton(self.tr("&Close"))
        self.import_button.clicked.connect(self._choose_folder)
        self.activate_button.clicked.connect(self._activate)
        self.deactivate_button.clicked.connect(self._deactivate)
        self.close_button.clicked.connect(self.reject)
        self.list.currentRowChanged.connect(self._show_chosen)
        self._arrange()
        self.resize(940, 680)
        self._say(*self._first_words())
        self._load()
        (self.list if self.list.count() else self.import_button).setFocus()

    @property
    def chosen(self) -> ModelVersion | None:
        row = self.list.currentRow()
        return self._versions[row] if 0 <= row < len(self._versions) else None

    def done(self, result: int) -> None:
        """What an import that is under way says later finds no dialog any more."""
        self._closed = True
        super().done(result)

    def _first_words(self) -> tuple[str, str]:
        if self._source.may_change:
            return self.tr("The active version is the one that proposes."), "muted"
        return (
            self.tr("Only who has the role data or administrator may import or activate a version."),
            "warning",
        )

    def _load(self, choose: int | None = None) -> None:
        """Ask for the versions anew. choose: id of the one to be chosen, else the active one is."""
        try:
            self._versions, self._uses = list(self._source.versions()), self._source.uses()
        except KnuckleError as error:
            self._fail(error)
        ids = [version.id for version in self._versions]
        active = next((version.id for version in self._versions if version.active), None)
        wanted = choose if choose in ids else active
        self.list.blockSignals(True)
        self.list.clear()
        for version in self._versions:
            self._add(version)
        self.list.setCurrentRow(ids.index(wanted) if wanted in ids else min(0, len(ids) - 1))
        self.list.blockSignals(False)
        self._show_chosen()

    def _add(self, version: ModelVersion) -> None:
        created = created_on(version.created)
        if version.active:
            active = self.tr("{sign} active").format(sign=ACTIVE_SIGN)
            item = QListWidgetItem(f"{version.name}\n{created}   {active}", self.list)
        else:
            item = QListWidgetItem(f"{version.name}\n{created}", self.list)
        item.setToolTip(version.name)

    def _show_chosen(self) -> None:
        version = self.chosen
        self._enable()
        self.stack.setCurrentIndex(0 if version is None else 1)
        if version is None:
            return
        self.page.show_version(version, self._uses.get(version.id, VersionUse()))
        self.page.show_no_paper("")
        self._source.about(
            version, partial(self._show_paper, version.id), partial(self._show_no_paper, version.id)
        )

    def _show_paper(self, version_id: int, paper: VersionPaper) -> None:
        if not self._closed and self.chosen is not None and self.chosen.id == version_id:
            self.page.show_paper(paper)

    def _show_no_paper(self, version_id: int, error: KnuckleError) -> None:
        if not self._closed and self.chosen is not None and self.chosen.id == version_id:
            self.page.show_no_paper(_warning(error))

    def _enable(self) -> None:
        version, free = self.chosen, self._source.may_change and not self._importing
        self.import_button.setEnabled(free)
        self.activate_button.setEnabled(free and version is not None and not version.active)
        self.deactivate_button.setEnabled(free and version is not None and version.active)

    def _activate(self) -> None:
        version = self.chosen
        if version is not None:
            said = self.tr("{name} proposes from now on.").format(name=version.name)
            self._change(lambda: self._source.activate(version.id), said, version.id)

    def _deactivate(self) -> None:
        version = self.chosen
        if version is not None:
            said = self.tr("No version proposes from now on. What was proposed stays.")
            self._change(self._source.deactivate, said, version.id)

    def _change(self, do: Callable[[], None], said: str, version_id: int) -> None:
        try:
            do()
        except KnuckleError as error:
            self._fail(error)
            return
        self._say(said, "ok")
        self._load(version_id)
        self.list.setFocus()
        self.changed.emit()

    def _choose_folder(self) -> None:
        folder = choose_folder(self, self.tr("Folder of the version"), "")
        if folder is not None:
            self.import_from(folder)

    def import_from(self, folder: Path) -> None:
        """Verified in the background; the dialog says how it ended."""
        self._importing = True
        self._enable()
        self._say(self.tr("The folder is being verified…"), "muted")
        try:
            self._source.import_folder(folder, self._imported, self._refused)
        except KnuckleError as error:
            self._refused(error)

    def _imported(self, version: ModelVersion) -> None:
        if self._closed:
            return
        self._importing = False
        said = self.tr("{name} is imported.").format(name=version.name)
        if not version.active:
            said += " " + self.tr("It proposes once it is activated.")
        self._say(said, "ok")
        self._load(version.id)
        self.list.setFocus()
        self.changed.emit()

    def _refused(self, error: KnuckleError) -> None:
        if self._closed:
            return
        self._importing = False
        self._enable()
        self._fail(error)

    def _fail(self, error: KnuckleError) -> None:
        self._say(_warning(error), "danger")

    def _say(self, text: str, tone: str) -> None:
        self.note.setText(text)
        set_tone(self.note, tone)

    def _arrange(self) -> None:
        self.empty.setText(
            self.tr("There is no version yet. Import the folder of one: it holds version.json and card.md.")
            if self._source.may_change
            else self.tr("There is no version yet.")
        )
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_tone(self.empty, "muted")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.page)
        halves = QSplitter()
        halves.setChildrenCollapsible(False)
        halves.setHandleWidth(12)
        halves.addWidget(self.list)
        halves.addWidget(self.stack)
        halves.setStretchFactor(1, 1)
        halves.setSizes([220, 700])
        self.activate_button.setProperty("strong", True)
        row = button_row(self.import_button, self.activate_button, self.deactivate_button, self.close_button)
        whole = dialog_column(self)
        whole.addWidget(halves, 1)
        whole.addWidget(self.note)
        whole.addLayout(row)


def _warning(error: KnuckleError) -> str:
    return "⚠ " + " ".join(sentences(error))
