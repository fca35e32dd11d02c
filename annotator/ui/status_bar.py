"""The line at the foot of the window. Its parts keep their places, whatever they say."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStatusBar, QWidget

from annotator.domain.geometry import Point
from annotator.ui.actions import Actions
from annotator.ui.sheet_header import set_tone

SAID_FOR_MS = 6000


class StatusBar(QStatusBar):
    """Saved-at time, cursor, stored value, what undo would undo, jobs, zoom, window, and the key for keys.

    jobs: the widget that shows what is running; it stands before zoom and window.
    """

    def __init__(self, actions: Actions, jobs: QWidget | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self.setSizeGripEnabled(False)
        self.saved, self.cursor_at, self.value = QLabel(), QLabel(), QLabel()
        self.said, self.undo, self.zoom, self.window_text, self.keys = (QLabel() for _ in range(5))
        self.jobs = jobs or QWidget()
        self._passing = QTimer(self, singleShot=True, interval=SAID_FOR_MS)
        self._passing.timeout.connect(lambda: self._say(""))
        self._undo_text = ""
        self._arrange()
        actions.keys_changed.connect(self._show_keys)
        self._show_keys()
        self.set_saved(None)

    def set_saved(self, at: datetime | None) -> None:
        """at: aware; shown in the time of this desk, with the day where it was not today. None: never."""
        when = _when(at.astimezone()) if at is not None else ""
        self.saved.setText(f"✓ {self.tr('saved')} {when}" if when else self.tr("nothing to save"))
        set_tone(self.saved, "ok" if when else "muted")

    def set_unsaved(self) -> None:
        """The last gesture is not on the disk."""
        self.saved.setText(f"⚠ {self.tr('NOT saved')}")
        set_tone(self.saved, "danger")

    def set_cursor(self, at: Point | None, value: int | None) -> None:
        """at: pixels of the full image. value: as stored in the file; None outside the image."""
        self.cursor_at.setText(
            f"x {at[0]:.1f}  y {at[1]:.1f}" if at is not None and value is not None else ""
        )
        self.value.setText(self.tr("stored value {n}").format(n=value) if value is not None else "")

    def set_view(self, zoom: str, window: str) -> None:
        self.zoom.setText(zoom)
        self.window_text.setText(window)

    def set_undo(self, text: str) -> None:
        """What Undo would take back, "" where there is nothing."""
        self._undo_text = self.tr("undo: {what}").format(what=text) if text else ""
        self._show_middle()

    def say(self, text: str) -> None:
        """A word that passes; it takes the place of the undo text for a while."""
        self._say(text)
        self._passing.start()

    def _say(self, text: str) -> None:
        self.said.setText(text)
        self._show_middle()

    def _show_middle(self) -> None:
        said = bool(self.said.text())
        self.said.setVisible(said)
        self.undo.setVisible(not said)
        self.undo.setText(self._undo_text)

    def _show_keys(self) -> None:
        caps = self._actions.key_texts("keys")
        self.keys.setText(f"{caps[-1]}  {self.tr('keys')}" if caps else "")

    def _arrange(self) -> None:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(10, 1, 10, 1)
        line.setSpacing(16)
        widest = {
            self.saved: f"✓ {self.tr('saved')} 0000-00-00 00:00",
            self.cursor_at: "x 0000.0  y 0000.0",
            self.value: self.tr("stored value {n}").format(n=-32768),
        }
        for label in (self.saved, self.cursor_at, self.value):
            label.setFixedWidth(QFontMetrics(label.font()).horizontalAdvance(widest[label]) + 4)
            line.addWidget(label)
        for label in (self.said, self.undo):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            line.addWidget(label, 1)
        line.addWidget(self.jobs)
        # Its height is kept while it is hidden: the radiograph must not move when something begins to run.
        row.setMinimumHeight(self.jobs.sizeHint().height() + 2)
        for label in (self.zoom, self.window_text, self.keys):
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            line.addWidget(label)
        self.zoom.setMinimumWidth(QFontMetrics(self.zoom.font()).horizontalAdvance("zoom 1000 %"))
        sample = "window 00000 / 00000 (percentiles)"
        self.window_text.setMinimumWidth(QFontMetrics(self.window_text.font()).horizontalAdvance(sample))
        for label in (self.cursor_at, self.value, self.undo, self.zoom, self.window_text, self.keys):
            set_tone(label, "muted")
        self.addPermanentWidget(row, 1)


def _when(at: datetime) -> str:
    """at: in the time of this desk."""
    today = at.date() == datetime.now(at.tzinfo).date()
    return at.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M")
