"""Preferences: what is chosen here applies at once, but for the number of backups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.joints import joint_named
from annotator.settings import Settings
from annotator.ui.keys_page import KeysPage
from annotator.ui.sheet_header import set_tone

EXAMPLES = tuple(map(joint_named, ("R-MP2", "L-PIP3", "R-IP1")))


class SettingsDialog(QDialog):
    """changed(Settings): after every change; `settings` is the latest."""

    changed = Signal(object)

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.setWindowTitle(self.tr("Preferences"))
        self.tabs = QTabWidget()
        self.keys = KeysPage(settings.keys)
        self.keys.changed.connect(lambda keys: self._change(keys=keys))
        self.example = QLabel()
        set_tone(self.example, "muted")
        self.choices: dict[tuple[str, str], QRadioButton] = {}
        self.tabs.addTab(self._display(), self.tr("&Display"))
        self.tabs.addTab(self.keys, self.tr("&Keys"))
        buttons = QDialogButtonBox()
        close = buttons.addButton(self.tr("Close"), QDialogButtonBox.ButtonRole.AcceptRole)
        close.setAutoDefault(False)
        buttons.accepted.connect(self.accept)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 16)
        whole.addWidget(self.tabs)
        whole.addWidget(buttons)
        self.resize(620, 560)
        self._show_example()

    def event(self, event: QEvent) -> bool:
        """Escape closes; Enter does not, since it chooses in the table of keys."""
        enter = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() in enter:
            return True
        return super().event(event)

    def _display(self) -> QWidget:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(4, 16, 4, 4)
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(12)
        tr = self.tr
        form.addRow(tr("Theme"), self._choice("theme", (("dark", tr("dark")), ("light", tr("light")))))
        form.addRow(tr("Joint names"), self._choice("joint_names", (("MP", "MP"), ("MCP", "MCP"))))
        form.addRow(tr("Fingers"), self._choice("digits", (("arabic", "1 – 5"), ("roman", "I – V"))))
        languages = (("en", tr("English")), ("ja", tr("Japanese")))
        form.addRow(tr("Language of joint names"), self._choice("language", languages))
        form.addRow("", self.example)
        form.addRow(tr("Magnified pixels"), self._smoothing())
        form.addRow(tr("Loupe magnifies"), self._loupe())
        form.addRow(tr("Detector"), self._ahead())
        form.addRow(tr("Backups kept, from the next start"), self._backups())
        return page

    def _choice(self, name: str, values: tuple[tuple[str, str], ...]) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(18)
        group = QButtonGroup(row)
        for value, text in values:
            button = QRadioButton(text)
            button.setChecked(getattr(self.settings, name) == value)
            button.clicked.connect(lambda _=False, n=name, v=value: self._change(**{n: v}))
            group.addButton(button)
            line.addWidget(button)
            self.choices[name, value] = button
        line.addStretch(1)
        return row

    def _smoothing(self) -> QCheckBox:
        self.smooth = QCheckBox(self.tr("smoothed"))
        self.smooth.setChecked(self.settings.zoom_smooth)
        self.smooth.toggled.connect(lambda on: self._change(zoom_smooth=on))
        return self.smooth

    def _ahead(self) -> QCheckBox:
        self.ahead = QCheckBox(self.tr("looks at the open image and the next ones by itself"))
        self.ahead.setChecked(self.settings.propose_ahead)
        self.ahead.toggled.connect(lambda on: self._change(propose_ahead=on))
        return self.ahead

    def _loupe(self) -> QDoubleSpinBox:
        self.loupe = QDoubleSpinBox()
        self.loupe.setRange(1.0, 16.0)
        self.loupe.setSingleStep(0.5)
        self.loupe.setDecimals(1)
        self.loupe.setSuffix(" ×")
        self.loupe.setValue(self.settings.loupe_zoom)
        self.loupe.setMaximumWidth(110)
        self.loupe.valueChanged.connect(lambda value: self._change(loupe_zoom=value))
        return self.loupe

    def _backups(self) -> QSpinBox:
        self.backups = QSpinBox()
        self.backups.setRange(1, 1000)
        self.backups.setValue(self.settings.backup_keep)
        self.backups.setMaximumWidth(110)
        self.backups.valueChanged.connect(lambda value: self._change(backup_keep=value))
        return self.backups

    def _change(self, **values: Any) -> None:
        self.settings = replace(self.settings, **values)
        self._show_example()
        self.changed.emit(self.settings)

    def _show_example(self) -> None:
        style = self.settings.name_style
        self.example.setText("     ".join(map(style.full, EXAMPLES)))
