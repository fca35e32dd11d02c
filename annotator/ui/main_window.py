"""The window: worklist left, radiograph in the middle, joint sheet right, and what binds them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QDockWidget, QGridLayout, QMainWindow, QWidget

from annotator.domain.images import Study
from annotator.settings import Settings
from annotator.ui.action_table import MENUS, Scope
from annotator.ui.actions import Actions, translated
from annotator.ui.data_controls import DataControls
from annotator.ui.edit_words import edit_words
from annotator.ui.export_controls import ExportControls
from annotator.ui.heat_controls import HeatControls
from annotator.ui.job_bar import JobBar
from annotator.ui.joint_sheet import JointSheet
from annotator.ui.label_controls import LabelControls
from annotator.ui.messages import MessageBar, Messages, NoticeLabel
from annotator.ui.model_controls import ModelControls
from annotator.ui.place import Place
from annotator.ui.program_controls import ProgramControls
from annotator.ui.proposal_controls import ProposalControls
from annotator.ui.proposal_panel import ProposalPanel
from annotator.ui.radiograph_view import RadiographView
from annotator.ui.reading_controls import ReadingControls
from annotator.ui.status_bar import StatusBar
from annotator.ui.study_controls import StudyControls
from annotator.ui.theme import THEMES
from annotator.ui.view_controls import ViewControls
from annotator.ui.worklist_panel import WorklistPanel
from annotator.workflow.jobs import JobRunner
from annotator.workflow.sitting import Sitting

REMEMBER_AFTER_MS = 1000
"""The place is written down once the reader stays somewhere: Qt waits for the disk, which takes longer than
all else of a step from joint to joint."""
FRAME = (24, 60)
"""What a window manager puts around a window, at most, in pixels."""


class MainWindow(QMainWindow):
    """One sitting: one person at one study. Another person or study gets a window of its own.

    sign_in_asked(): somebody else wants to sign in. study_asked(Study). settings_changed(Settings). closed().
    """

    sign_in_asked = Signal()
    study_asked = Signal(object)
    settings_changed = Signal(object)
    closed = Signal()

    def __init__(self, sitting: Sitting, jobs: JobRunner, settings: Settings, state: Path) -> None:
        """state: the INI file that keeps the window's geometry and where the reader was."""
        super().__init__()
        sitting.setParent(self)  # it ends with the window
        self.sitting, self.settings = sitting, settings
        self.data_folder = str(state.parent)
        self._memory = QSettings(str(state), QSettings.Format.IniFormat)
        theme = THEMES[settings.theme]
        self.messages = Messages(self)
        self.actions_ = Actions(settings.keys, self)
        self.view = RadiographView()
        self.sheet = JointSheet(self.actions_, theme)
        self.worklist = WorklistPanel(self.actions_, theme)
        self.panel = ProposalPanel(self.actions_, theme)
        self.job_bar = JobBar(jobs)
        self.status = StatusBar(self.actions_, self.job_bar)
        self.message_bar = MessageBar(self.messages)
        self._arrange()
        style = settings.name_style
        self.proposals = ProposalControls(
            sitting, self.view, self.panel, self.actions_, self.messages, style, self
        )
        self.reading = ReadingControls(
            sitting.desk, self.view, self.sheet, self.actions_, self.messages, style, self.proposals, self
        )
        self.looking = ViewControls(
            sitting, self.view, self.sheet, self.status, self.actions_, self.messages, self
        )
        self.heat = HeatControls(sitting, self.view, self.actions_, self.messages, self)
        self.looking.caption = lambda: self.heat.caption or self.reading.hidden_note
        self.heat.changed.connect(self.looking.describe)
        self.models = ModelControls(
            sitting, self.actions_, self.messages, self, lambda: THEMES[self.settings.theme]
        )
        self.study = StudyControls(sitting, self.actions_, self.messages, self, self)
        self.program = ProgramControls(self, self.actions_)
        self.data = DataControls(
            sitting, self.actions_, self.messages, self, lambda: THEMES[self.settings.theme]
        )
        self.exports = ExportControls(sitting, self.actions_, self.messages, self)
        self.labels = LabelControls(sitting, self.actions_, self.messages, self)
        self._connect()
        self._restore()

    def take_settings(self, settings: Settings) -> None:
        """Use other preferences from now on."""
        self.settings = settings
        theme = THEMES[settings.theme]
        self.actions_.set_keys(settings.keys)
        self.sheet.set_theme(theme)
        self.worklist.set_theme(theme)
        self.panel.set_theme(theme)
        self.view.set_smooth(settings.zoom_smooth)
        self.view.set_loupe_magnification(settings.loupe_zoom)
        self.reading.set_style(settings.name_style)
        self.sitting.set_propose_ahead(settings.propose_ahead)

    def place(self) -> Place:
        """Where the reader is now."""
        desk, view = self.sitting.desk, self.view
        image_id = desk.image.id if desk.image else None
        return Place(self.sitting.study.id, image_id, desk.current, view.view_state, view.look)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.actions_.press(event):
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.sitting.desk.unsaved and not self.sitting.desk.retry():
            text = self.tr("The last gesture could not be saved. Everything before it is saved.")
            if not self.messages.ask(self.tr("Leave?"), text, self.tr("Leave without it")):
                event.ignore()
                return
        self._later.stop()
        self._remember()
        self.models.give_up()
        self.data.give_up()
        self.exports.give_up()
        self.labels.give_up()
        self.sitting.leave()
        self._memory.setValue("geometry", self.saveGeometry())
        self._memory.setValue("docks", self.saveState())
        self._memory.sync()
        self.closed.emit()
        super().closeEvent(event)

    def set_studies(self, studies: Sequence[Study]) -> None:
        """The studies to choose from."""
        self.worklist.set_studies(studies, self.sitting.study.id)
        self._studies = {study.id: study for study in studies}

    def _arrange(self) -> None:
        who, study = self.sitting.person.name, self.sitting.study.name
        self.setWindowTitle(self.tr("Knuckle · {study} · {who}").format(study=study, who=who))
        self.setDockNestingEnabled(True)
        middle = QWidget()
        cell = QGridLayout(middle)
        cell.setContentsMargins(0, 0, 0, 0)
        # In one cell: a message lies over the picture and does not move it from under the pointer.
        cell.addWidget(self.view, 0, 0)
        cell.addWidget(self.message_bar, 0, 0, Qt.AlignmentFlag.AlignTop)
        self.message_bar.raise_()
        self.message_bar.covers.connect(self.view.set_covered)
        self.setCentralWidget(middle)
        left, right = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
        self.docks = {
            "worklist": self._dock("worklist", self.tr("Worklist"), self.worklist, left),
            "joints": self._dock("joints", self.tr("Joint sheet"), self.sheet, right),
            "proposals": self._dock("proposals", self.tr("Proposals"), self.panel, left),
        }
        self.resizeDocks(
            [self.docks["worklist"], self.docks["proposals"]], [470, 390], Qt.Orientation.Vertical
        )
        self.resizeDocks(
            [self.docks["worklist"], self.docks["joints"]], [290, 380], Qt.Orientation.Horizontal
        )
        self.setStatusBar(self.status)
        for plan in MENUS:
            self.actions_.fill(self.menuBar().addMenu(translated(plan.title)), plan)
        self.notice = NoticeLabel(who)
        self.menuBar().setCornerWidget(self.notice, Qt.Corner.TopRightCorner)
        self.notice.show()
        self.actions_.install(self, Scope.WINDOW)
        for widget in (self.view, self.sheet):
            self.actions_.install(widget, Scope.READING)

    def _dock(self, name: str, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(name)
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        return dock

    def _connect(self) -> None:
        sitting, desk = self.sitting, self.sitting.desk
        desk.opened.connect(self._opened)
        desk.changed.connect(lambda _edit: self._show_state())
        self._later = QTimer(self, singleShot=True, interval=REMEMBER_AFTER_MS)
        self._later.timeout.connect(self._remember)
        desk.current_changed.connect(lambda _joint: self._later.start())
        desk.saved.connect(self.status.set_saved)
        sitting.image_changed.connect(self.looking.describe)
        self.looking.turned.connect(self.reading.show_sheet)
        self.worklist.set_worklist(sitting.worklist, sitting.ordering)
        self.worklist.open_asked.connect(sitting.open)
        self.worklist.next_unread_asked.connect(self.actions_.action("next_unread").trigger)
        self.worklist.study_asked.connect(lambda study_id: self.study_asked.emit(self._studies[study_id]))
        self.study.study_made.connect(self.study_asked)
        self.messages.said.connect(self.status.say)
        self.messages.failed.connect(lambda _error: self.status.set_unsaved())
        self.message_bar.retry_asked.connect(desk.retry)
        sitting.proposing.changed.connect(self._remember_list)
        self.actions_.action("show_boxes").setChecked(True)
        slots: dict[str, Callable[..., object]] = {
            "show_boxes": self._show_boxes,
            "search": lambda _=False: self.worklist.focus_search(),
            "sign_in": lambda _=False: self.sign_in_asked.emit(),
        }
        self.actions_.connect_all(slots)

    def _show_boxes(self, on: bool) -> None:
        self.reading.set_boxes_shown(on)
        self.looking.describe()

    def _opened(self) -> None:
        """Another image lies on the desk, or none."""
        image = self.sitting.desk.image
        self.looking.show_image()
        self.reading.show_reading()
        self.worklist.set_open(image.id if image else None)
        self._show_state()

    def _show_state(self) -> None:
        self.looking.describe()
        edit = self.sitting.desk.history.next_undo
        self.status.set_undo(edit_words(edit, self.reading.style) if edit else "")

    def _remember(self) -> None:
        self.place().save(self._memory, self.sitting.person)

    def _remember_list(self) -> None:
        """That the worklist is being proposed for, so that it goes on after a restart, whatever ended it."""
        on = self.sitting.proposing.list_run is not None
        if on != self._memory.contains(self._list_key):
            if on:
                self._memory.setValue(self._list_key, True)
            else:
                self._memory.remove(self._list_key)
            self._memory.sync()

    @property
    def _list_key(self) -> str:
        return f"proposing/{self.sitting.study.id}"

    def _restore(self) -> None:
        """The window and the reader's place as they were left."""
        room = self.screen().availableGeometry()
        self.resize(min(1440, room.width() - FRAME[0]), min(900, room.height() - FRAME[1]))
        geometry, docks = self._memory.value("geometry"), self._memory.value("docks")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        if isinstance(docks, QByteArray):
            self.restoreState(docks)
        was_on = self._memory.contains(self._list_key)  # before a preference makes `_remember_list` look
        self.take_settings(replace(self.settings))
        if was_on:
            self.sitting.proposing.begin_list(self.sitting.study.id)
        place = Place.load(self._memory, self.sitting.person, self.sitting.study)
        if place is not None:
            self.looking.come_back_to(place)
            if place.image_id is not None and self.sitting.worklist.place(place.image_id) is not None:
                self.sitting.open(place.image_id, place.joint)
                return
        if not self.sitting.next_unread() and self.sitting.worklist.ids:
            self.sitting.open(self.sitting.worklist.ids[0])  # all are read: better than nothing on the desk
