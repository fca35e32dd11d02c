"""What belongs to the program and its window: panels, preferences, keys, the guide, full screen, leaving."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDialog

from annotator.ui.actions import Actions
from annotator.ui.drops import FileDrops
from annotator.ui.theme import THEMES, Theme

if TYPE_CHECKING:
    from annotator.ui.main_window import MainWindow


AT_THE_WORKLIST = (
    *("search", "next_state", "previous_state", "next_filter", "previous_filter"),
    *("next_order", "turn_order", "order_anew", "choose_study"),
)
"""Actions that want the worklist to be seen."""


class ProgramControls(QObject):
    """The actions that concern no image and no reading. Dialogs are loaded when they are asked for."""

    def __init__(self, window: MainWindow, actions: Actions) -> None:
        super().__init__(window)
        self._window, self._actions = window, actions
        actions.connect_all(self._slots())
        for name, dock in window.docks.items():
            show, float_ = actions.action(f"show_{name}"), actions.action(f"float_{name}")
            dock.visibilityChanged.connect(lambda _v, d=dock, a=show: a.setChecked(not d.isHidden()))
            dock.topLevelChanged.connect(float_.setChecked)
            show.setChecked(not dock.isHidden())
        for name in AT_THE_WORKLIST:
            actions.action(name).triggered.connect(lambda _=False: window.docks["worklist"].show())
        drops = FileDrops((window, *window.docks.values()), actions.action("open_files").isEnabled, self)
        drops.paths_dropped.connect(window.study.import_paths)
        actions.keys_changed.connect(self._show_keys)
        self._show_keys()

    def _slots(self) -> dict[str, Callable[..., object]]:
        window = self._window
        slots: dict[str, Callable[..., object]] = {
            "focus_worklist": lambda _=False: self._focus("worklist", window.worklist.focus_list),
            "focus_proposals": lambda _=False: self._focus("proposals", window.panel.focus_list),
            "focus_joints": lambda _=False: self._focus("joints", window.sheet.setFocus),
            "focus_radiograph": lambda _=False: window.view.setFocus(Qt.FocusReason.ShortcutFocusReason),
            "full_screen": self._full_screen,
            "preferences": lambda _=False: self._preferences(),
            "keys": lambda _=False: self._keys_dialog(),
            "guide": lambda _=False: self._guide(),
            "about": lambda _=False: self._about(),
            "retry_save": lambda _=False: self._retry(),
            "dismiss": lambda _=False: window.message_bar.hide(),
            "cancel_job": lambda _=False: self._cancel_job(),
            "image_details": lambda _=False: self._image_details(),
            "quit": lambda _=False: window.close(),
        }
        for name, dock in window.docks.items():
            slots[f"show_{name}"] = _passing(dock.setVisible)
            slots[f"float_{name}"] = _passing(dock.setFloating)
        return slots

    def _focus(self, dock: str, focus: Callable[[], object]) -> None:
        self._window.docks[dock].show()
        self._window.docks[dock].raise_()
        focus()

    def _full_screen(self, on: bool) -> None:
        if on:
            self._window.showFullScreen()
        else:
            self._window.showNormal()

    def _preferences(self) -> None:
        from annotator.ui.settings_dialog import SettingsDialog

        dialog = SettingsDialog(self._window.settings, self._window)
        dialog.changed.connect(self._window.settings_changed)
        _run(dialog)

    def _retry(self) -> None:
        if self._window.sitting.desk.retry():
            self._window.messages.info(self.tr("Every gesture is saved."))

    def _cancel_job(self) -> None:
        """The one that is shown, as its button does."""
        if self._window.job_bar.isVisible():
            self._window.job_bar.stop.click()

    def _show_keys(self) -> None:
        """What the keyboard does instead of a button stands at the button."""
        self._window.message_bar.show_keys(self._key("retry_save"), self._key("dismiss"))
        self._window.job_bar.stop.setToolTip(self._key("cancel_job"))

    def _key(self, name: str) -> str:
        return self._actions.key_text(name)

    def _keys_dialog(self) -> None:
        from annotator.ui.keys_dialog import KeysDialog

        _run(KeysDialog(self._actions, self._theme, self._window))

    def _guide(self) -> None:
        from annotator.ui.guide_dialog import GuideDialog

        _run(GuideDialog(self._theme, self._window.reading.style, parent=self._window))

    def _about(self) -> None:
        from annotator import __version__
        from annotator.ui.about_dialog import AboutDialog

        _run(AboutDialog(__version__, self._window.data_folder, self._window))

    def _image_details(self) -> None:
        from annotator.ui.image_dialog import ImageDialog

        desk = self._window.sitting.desk
        if desk.image is not None and desk.radiograph is not None:
            _run(ImageDialog(desk.image, desk.radiograph.facts, self._window))

    @property
    def _theme(self) -> Theme:
        return THEMES[self._window.settings.theme]


def _passing(switch: Callable[[bool], object]) -> Callable[[bool], object]:
    """A method of Qt's own as a slot: connected bare, it is called without whether the action is on."""

    def switched(on: bool) -> None:
        switch(on)

    return switched


def _run(dialog: QDialog) -> None:
    """Until it is closed; then it is gone."""
    dialog.exec()
    dialog.deleteLater()
